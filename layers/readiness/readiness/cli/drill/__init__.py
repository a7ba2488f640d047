"""`readiness alarms --drill NAME`: test that an alarm reaches on-call, by setting it to ALARM."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.cli.drill.plan import planned
from readiness.cli.drill.watch import Acted, Counted, DrillObservation, DrillWatch, delivered
from readiness.cli.exits import Exit, Failed
from readiness.cli.failures import called, stored
from readiness.cli.records import CommandTable
from readiness.cli.terminal import agreed, progress, say
from readiness.engine.evaluate import explained
from readiness.facts.recorded.attestations import ATTESTED, HOLDS, Drill
from readiness.model import Unavailable
from readiness.printable import line, printable, quoted
from readiness.state.people import Attestation
from readiness.state.store import store_of, words

REASON = "readiness drill: this is a test of the alarm, no action needed"
"""The notification, the alarm history and CloudTrail contain it."""

ENDS = {True: Exit.OK, False: Exit.FAILS, None: Exit.UNKNOWN}


def run(aws: Aws, settings: Settings, name: str, wait: int, *, yes: bool, dry_run: bool) -> Exit:
    """Set the alarm to ALARM, show the deliveries within `wait` seconds, and record them for each table.

    Exit 1: an action failed, or nothing was delivered. 3: that could not be read. 4: it could not be recorded.
    """
    plan = planned(aws, name)
    tables: dict[str, str] = {}
    for table in settings.tables:
        with stored(table.name):
            tables[table.name] = CommandTable(aws, settings.only(table.name), yes, dry_run).table_id
    action = (
        f"set the alarm {name} of account {aws.account}, {aws.region}, to ALARM and record it for {', '.join(tables)}"
    )
    if not agreed(f"{action}: {plan.description}", yes=yes, dry_run=dry_run, kept="no alarm was changed"):
        return Exit.OK
    at = _set_off(aws, name)
    say("\n".join(_begun(aws, name, at)))
    with progress(f"watching for up to {wait} seconds"):
        results = DrillWatch(aws, plan, at, wait).watch()
    say("\n".join(_lines(results, wait)))
    drill = Drill(name, plan.alarm.arn, at, aws.who, delivered(results))
    problems = list(_unrecorded(aws, settings, tables, drill, evidence(drill, results)))
    if problems:
        raise Failed(Exit.CANNOT_START, "\n".join(problems))
    return ENDS[drill.delivered]


def evidence(drill: Drill, results: tuple[DrillObservation, ...]) -> str:
    """Return the evidence of the attestation as JSON: the drill, and the result of each action."""
    actions = [
        {
            "action": each.action.arn,
            "action_state": each.acted.state if isinstance(each.acted, Acted) else None,
            "error": each.acted.error if isinstance(each.acted, Acted) else None,
            "delivered": each.counted.delivered if isinstance(each.counted, Counted) else None,
            "failed": each.counted.failed if isinstance(each.counted, Counted) else None,
            "unread": sorted(
                why.permission for why in (each.acted, each.counted) if isinstance(why, Unavailable) and why.permission
            ),
        }
        for each in results
    ]
    record: dict[str, Any] = {**msgspec.to_builtins(drill), "actions": actions}
    return msgspec.json.encode(record).decode()


def _set_off(aws: Aws, name: str) -> datetime:
    """Return the time by CloudWatch's clock, since the local clock may be wrong by minutes."""
    with called(name, "cloudwatch:SetAlarmState"):
        answer = aws.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason=REASON)
    return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"]).astimezone(UTC)


def _begun(aws: Aws, name: str, at: datetime) -> Iterator[str]:
    """Yield the text that is shown before the wait, so that who interrupts it can restore the alarm."""
    yield f"{printable(name)} was set to ALARM at {at:%Y-%m-%d %H:%M:%S} UTC"
    yield (
        "CloudWatch evaluates the alarm again. A composite alarm, or an alarm without data, such as on throttling, may"
        " stay in ALARM, and then does not notify on a real event. To reset it:"
    )
    yield (
        f"  aws cloudwatch set-alarm-state --alarm-name {quoted(name)} --region {aws.region} --state-value OK"
        " --state-reason 'the drill is over'"
    )


def _lines(results: tuple[DrillObservation, ...], wait: int) -> Iterator[str]:
    for each in results:
        yield f"  {line(f'{each.action.description}: {_acted(each)}{_counted(each)}')}"
    yield {
        True: "delivered: confirm with on-call that it arrived",
        False: f"not delivered within {wait} seconds; SNS metrics are delayed by a minute or more",
        None: "the delivery could not be read",
    }[delivered(results)]


def _acted(result: DrillObservation) -> str:
    match result.acted:
        case Acted("Succeeded"):
            return "action succeeded"
        case Acted(_, error):
            return f"action failed ({error})"
        case None:
            return "no action in the alarm history"
        case why:
            return f"the alarm history {explained(why)}"


def _counted(result: DrillObservation) -> str:
    match result.counted:
        case None:
            return ""
        case Counted(arrived, lost):
            return f"; SNS metrics since then: {arrived} delivered, {lost} failed (per subscription and message)"
        case why:
            return f"; SNS deliveries: {explained(why)}"


def _unrecorded(aws: Aws, settings: Settings, ids: Mapping[str, str], drill: Drill, text: str) -> Iterator[str]:
    """Record it for each table; why it could not be for some."""
    until = drill.at + HOLDS
    for table in settings.tables:
        attestation = Attestation(
            by=drill.by, at=drill.at, table_id=ids[table.name], rule=ATTESTED, evidence=text, until=until
        )
        try:
            with stored(table.name):
                words.say(store_of(aws, table, writer="cli").rows, attestation)
        except Failed as failed:
            yield f"not recorded: {failed}"
        else:
            say(f"recorded for {table.name} until {until:%Y-%m-%d}")
