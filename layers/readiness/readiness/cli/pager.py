"""The pager in commands: what should be open and what was sent, a test incident, and the end of all incidents."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from msgspec.structs import replace

from readiness.alerts.alert import AlertContext
from readiness.alerts.entries import context_of
from readiness.alerts.pager import ALARMS, EVENTS, PAGERS, TEST, Incident, incidents, paged_checks, trial
from readiness.alerts.pager_client import pager_of
from readiness.aws.client import Aws
from readiness.aws.time import minute
from readiness.checklist import Settings
from readiness.cli.exits import Exit, Failed
from readiness.cli.failures import stored
from readiness.cli.start import ChosenSettings
from readiness.cli.terminal import say
from readiness.facts.dynamodb.table import tables
from readiness.printable import printable
from readiness.report.foot import DEFAULTS
from readiness.rules import ASKED
from readiness.state.announce import announced_before
from readiness.state.overlay import Overlay
from readiness.state.store import Mirror, MirrorEntry, Remembered, store_of

PAUSE = 10.0
"""Seconds between the events that open and close a test incident. EventBridge does not keep their order."""

TARGETS = {
    EVENTS: re.compile(r"arn:[^:]+:events:[a-z0-9-]+:\d{12}:event-bus/[\w./-]+", re.ASCII),
    ALARMS: re.compile(r"arn:[^:]+:sns:[a-z0-9-]+:\d{12}:[\w.-]+", re.ASCII),
}
"""The ARNs that pagers have. Whoever can write to the table can write anything else into the row."""

SINCE = 24
"""Columns of the state of an incident in a list."""


def show(aws: Aws, selected: ChosenSettings) -> Exit:
    """Print, for each table, which incidents should be open, and what was sent to the pager and when."""
    for table in selected.settings.tables:
        with stored(table.name):
            state = store_of(aws, table, writer="cli").read()
        say("\n".join(shown(state, with_pager(selected, state).only(table.name), datetime.now(UTC))))
    return Exit.OK


def with_pager(selected: ChosenSettings, state: Remembered) -> Settings:
    """Return the settings with the pager of the checklist file; without a file, the one that a run has recorded."""
    settings, source = selected
    if source != DEFAULTS:
        return settings
    recorded = next(iter(targets(state)), settings.on_call.pager)
    return replace(settings, on_call=replace(settings.on_call, pager=recorded))


def shown(state: Remembered, settings: Settings, now: datetime) -> Iterator[str]:
    """Yield the lines about one table. The row is shown as recorded: its signature is verified by the monitor only."""
    overlay = Overlay(announced_before(state, now, settings.limits), settings, now)
    wanted = incidents(overlay, paged_checks(ASKED), {})
    chosen = settings.on_call.pager
    name = settings.tables[0].name
    if chosen == "none":
        yield f"{name}: no pager (on_call.pager in the checklist); {len(wanted)} incidents would be open"
    for pager in PAGERS:
        if pager == chosen or pager in state.mirrors:
            struck = "" if pager == chosen else ", no longer in the checklist"
            yield f"{name}: pager {pager}{struck}"
            yield from _mirrored({} if struck else wanted, state.mirrors.get(pager))


def _mirrored(wanted: Mapping[str, Incident], mirror: Mirror | None) -> Iterator[str]:
    if mirror is None:
        yield "  no run has sent anything: the next run of the monitor sends all incidents"
    sent = mirror or Mirror()
    for key in sorted({*wanted, *sent.keys}):
        should = "should be open" if key in wanted else "should be closed"
        yield f"  {should:<{SINCE - 6}}{printable(key)}: {_sent(sent.keys.get(key), mirror)}"
    if not (wanted or sent.keys):
        yield "  no incident should be open"
    if sent.swept_at:
        yield f"  all incidents were last sent at {minute(sent.swept_at)}, to {printable(sent.target)}"


def _sent(entry: MirrorEntry | None, mirror: Mirror | None) -> str:
    if entry is None:
        return "closed" if mirror is not None else "not sent"
    state = "open" if entry.open else "closed"
    if entry.sent_at is None:
        return f"{state} was not accepted, the next run sends it"
    again = ", is sent once more after 10 minutes" if entry.unsure else ""
    return f"{state} was sent at {minute(entry.sent_at)}{again}"


def targets(state: Remembered) -> dict[str, str]:
    """Return the event bus or topic of each pager that a run has recorded, without what is no ARN of one."""
    recorded = {name: row.target for name, row in state.mirrors.items() if name in TARGETS and row}
    return {name: target for name, target in recorded.items() if TARGETS[name].fullmatch(target)}


def send_test(aws: Aws, settings: Settings, place: AlertContext, wait: Callable[[float], None] = time.sleep) -> None:
    """Open and close a test incident at the pager of the checklist. Failed: no run has recorded it, or it refuses."""
    chosen = settings.on_call.pager
    with stored(place.table):
        target = targets(store_of(aws, settings.tables[0], writer="cli").read()).get(chosen)
    if target is None:
        raise Failed(Exit.FAILS, f"no run has recorded where pager {chosen} is: deploy the stack with it, and wait")
    pager = pager_of(aws, chosen, target, place, _now)
    for incident in (trial(place, _now()), None):
        if not pager.send({TEST: incident}):
            raise Failed(Exit.CANNOT_START, f"pager {chosen}: the event was not accepted: {target}")
        if incident:
            wait(PAUSE)
    say(f"a test incident was opened and closed at pager {chosen}: confirm there that it arrived")


def resolve_all(aws: Aws, settings: Settings, state: Remembered) -> None:
    """Close all incidents at the pagers that runs have recorded. What could not be closed is printed."""
    if not state.mirrors:
        return
    table = settings.tables[0].name
    [described] = tables(aws, settings)
    place = context_of(described, settings, dashboard="", table_id="")
    recorded = targets(state)
    for name in (each for each in PAGERS if each in state.mirrors):
        row = state.mirrors[name] or Mirror()
        keys = {*paged_checks(ASKED), *row.keys}
        events: dict[str, Incident | None] = dict.fromkeys(keys)
        accepted = pager_of(aws, name, recorded[name], place, _now).send(events) if name in recorded else frozenset()
        if left := sorted(({*row.open} or keys) - accepted):
            say(f"{table}: pager {name} did not accept that incidents are closed: close them there ({len(left)})")
        else:
            say(f"{table}: all incidents at pager {name} were closed")


def _now() -> datetime:
    return datetime.now(UTC)
