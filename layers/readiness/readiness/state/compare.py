"""Compare one scan with the stored memory: the new memory of each check, and the events. Pure."""

from collections.abc import Mapping

import msgspec

from readiness.engine.collect import needed
from readiness.engine.evaluate import CheckFindings
from readiness.engine.rule import Check
from readiness.facts.dynamodb.table import is_of_deletion
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.model import Mentioned, Omission, OutOfTime
from readiness.scan import Scan
from readiness.state.announce import announced_at
from readiness.state.drift import (
    CheckResult,
    CheckState,
    DecisionContext,
    Ending,
    Event,
    ResourceResult,
    adopt,
    decide_all,
    put_off,
)
from readiness.state.overlay import Overlay
from readiness.state.past import handed_over
from readiness.state.store import Remembered


class Transitions(msgspec.Struct, frozen=True):
    """The changes of one scan to the memory. `memories` and `observations` are keyed by check id.

    `retired` are the ids of checks that are remembered and that no rule defines any more.
    """

    observations: Mapping[str, CheckResult]
    memories: Mapping[str, CheckState]
    events: tuple[Event, ...]
    retired: tuple[str, ...]


def compare(overlay: Overlay, scan: Scan) -> Transitions:
    """Return the changes of the scan, compared with the memory that `overlay` holds of this table."""
    remembered = overlay.remembered or Remembered()
    checks = {each.check.id: each for each in scan.evaluation.asked}
    adopted, retired = adopt(overlay.memories, {name: each.check.formerly for name, each in checks.items()})
    observations = {name: observed(each, remembered=name in adopted) for name, each in checks.items()}
    settings = overlay.settings.only(scan.table.name)
    digests = settings.wanted(scan.table.name).digest, settings.on_call.digest
    contexts = {name: _context(overlay, scan, each, digests) for name, each in checks.items()}
    scans = {name: (observations[name], contexts[name]) for name in checks}
    memories, events = decide_all(adopted, scans, scan.at)
    if not (scan.described or remembered.seen or scan.answered):
        memories, events = put_off(adopted, memories, events)
    return Transitions(observations, {name: memories[name] for name in checks}, _by_check(events, checks), retired)


def observed(asked: CheckFindings, *, remembered: bool) -> CheckResult:
    """Return the findings of one check as a result to compare with its memory.

    `remembered=False`: the check has no memory. Its incidents are left out, because they can belong to another table.
    """
    unread = [finding.unavailable for finding in asked.findings if finding.unavailable and not finding.is_pending]
    late = all(isinstance(why, OutOfTime) for why in unread) and (asked.complete or asked.late)
    return CheckResult(
        late=late and bool(unread or not asked.complete),
        read={
            finding.resource: ResourceResult(
                finding.status, finding.watched, finding.message, finding.omission is Omission.NOT_RECORDED
            )
            for finding in asked.findings
            if not finding.unavailable
        },
        unread={
            finding.resource: (finding.unavailable.reason, finding.unavailable.permission)
            for finding in asked.findings
            if finding.unavailable and not finding.is_pending
        },
        complete=asked.complete,
        pending=frozenset(finding.resource for finding in asked.findings if finding.is_pending),
        awaited=asked.awaited,
        incidents=tuple(each.incident for each in asked.findings if each.incident and remembered),
        carry=handed_over(asked),
    )


def ruleset_digest(check: Check, of_table: str, of_on_call: str) -> str:
    """Return the check's version and the digests of the settings that it reads: those of the table and of on-call.

    If the value differs from the stored one, the check is rejudged.
    """
    judging = {name: need for name, need in check.needs.items() if not issubclass(need.kind, Mentioned)}
    needs = needed([msgspec.structs.replace(check, needs=judging)])
    wanted = of_table if Checklist in needs else ""
    on_call = f":{of_on_call}" if OnCallRoutes in needs else ""
    return f"{check.version}:{wanted}{on_call}"


def _by_check(events: tuple[Event, ...], checks: Mapping[str, CheckFindings]) -> tuple[Event, ...]:
    """Return the events in the order of the checklist."""
    return tuple(event for name in checks for event in events if event.check == name)


def _context(overlay: Overlay, scan: Scan, asked: CheckFindings, digests: tuple[str, str]) -> DecisionContext:
    """Return the context of the decision about one check.

    A failure that is caused by the deletion of the table needs no confirmation: one message reports all of them.
    """
    check, table = asked.check, scan.table.name
    remembered, waivers = overlay.remembered or Remembered(), overlay.waivers(asked.check.id)
    deleting = any(is_of_deletion(each.message, table) for each in asked.findings)
    return DecisionContext(
        check=check.id,
        severity=check.severity,
        judge=ruleset_digest(check, *digests),
        confirm=0 if deleting else check.confirm,
        waived=lambda resource: any(waiver.resource in (None, resource) for waiver in waivers),
        waived_wholly=any(waiver.resource is None for waiver in waivers),
        waivers=tuple(
            Ending(each.by, announced_at(remembered, each) or each.at, each.until, each.reason, each.resource)
            for each in remembered.waivers
            if each.check == check.id
        ),
        acknowledged=max((ack.at for ack in remembered.acks if ack.check == check.id), default=None),
        counted=overlay.counted,
        paused=overlay.paused,
    )
