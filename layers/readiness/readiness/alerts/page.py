"""The text of an alert about one change: what changed, by whom, what it means, and what to type."""

from collections.abc import Iterator
from datetime import timedelta

from readiness.alerts.alert import Alert, AlertContext, AlertEntry, fails
from readiness.alerts.note import author
from readiness.alerts.phrase import GOOD, summary
from readiness.alerts.rows import (
    LABEL,
    Parts,
    by,
    changes,
    closing,
    command,
    event_of,
    fixing,
    links,
    moment,
    now,
    own,
    row,
    rows,
    sentence,
    states,
)
from readiness.alerts.words import clock, counted, since
from readiness.aws.arn import is_table
from readiness.aws.time import lasted, minute
from readiness.changes.actor import Actor
from readiness.changes.attribution import DONE_BY_SOMEBODY
from readiness.model import Severity, Status
from readiness.printable import printable
from readiness.state.drift import Event, EventKind
from readiness.state.drift.event import UNSETTLED

RESOLVED = 12
"""Columns of the labels of a recovery, such as `Failed for`."""

INCIDENTS = 5
WAIVED_FOR = timedelta(days=7)
LOOK_UP = "not known: see the event history of CloudTrail"

REMINDED = frozenset({Severity.CRITICAL, Severity.HIGH})
"""Severities of which people are reminded, so that an acknowledgement has an effect."""

NOTES = {
    UNSETTLED: "flapping: this is its third message within 24 hours. A recovery is reported only after it has lasted; "
    "a failure is reported at once."
}

REMEDIABLE = {
    EventKind.REGRESSED,
    EventKind.WAIVER_ENDED,
    EventKind.WORSENED,
    EventKind.CHANGED,
    EventKind.RESUMED,
    EventKind.STILL,
    EventKind.REJUDGED,
    EventKind.WAIVER_ENDS,
}


UNCHANGED = {EventKind.STILL, EventKind.WAIVER_ENDS, EventKind.WAIVER_ENDED}
"""The kinds of events of a failure that has not changed."""


def is_remediable(event: Event) -> bool:
    """Return True if the text has the command that corrects it."""
    return event.kind in REMEDIABLE and (fails(event) or event.kind is EventKind.WORSENED)


def page(alert: Alert, entry: AlertEntry) -> Parts:
    """Return the text of an alert about one change."""
    place = alert.place
    if entry.event.kind in GOOD and entry.event.kind is not EventKind.VISIBLE:
        blocks = [list(_recovery(entry))]
    else:
        blocks = [list(_state(entry)), list(_to_do(entry, place))]
    called = moment(entry.actor) if entry.event.kind in DONE_BY_SOMEBODY else None
    items = [f"item {entry.item} ({entry.event.check})"]
    head = [_headed(entry, summary(entry), place.table), _second(entry, place)]
    return Parts(head, blocks, [_reference(entry, place), closing(place, items, alert.at, called)])


def _headed(entry: AlertEntry, words: str, table: str) -> str:
    """Return the first line: what happened, with the name of the table."""
    first = entry.differences[0].resource if entry.differences else None
    if words.startswith("the table ") and table not in words:
        return sentence(f"The table {table} {words.removeprefix('the table ')}")
    if table in words:
        return sentence(words)
    plain = "," not in words and ":" not in words and (first is None or is_table(first))
    return sentence(f"{words} on {table}" if plain else f"{words} (table {table})")


def _second(entry: AlertEntry, place: AlertContext) -> str:
    """Return the second line: who made the change and when, or since when the check fails."""
    event, zone = entry.event, place.time_zone
    match event.kind:
        case EventKind.WAIVER_ENDS if event.ending:
            until, reason = since(event.ending.until, zone), printable(event.ending.reason)
            return sentence(f"waived by {author(event.ending.by)} until {until}: {reason}")
        case EventKind.RESUMED:
            paused = f", {counted(event.changes, 'change')} during the pause" if event.changes else ""
            return sentence(f"the pause of alerts has ended{paused}")
        case EventKind.STILL | EventKind.WAIVER_ENDED if entry.since:
            return sentence(f"failing since {since(entry.since, zone)}{_unacknowledged(entry)}")
        case kind if kind in DONE_BY_SOMEBODY:
            return sentence(_done_by(entry, zone))
        case _:
            return sentence(f"detected at {clock(event.at, zone)}")


def _done_by(entry: AlertEntry, zone: str) -> str:
    """Return who made the change and when; if that is not known, when it was detected and why it is not known."""
    if entry.actor:
        return by(entry.actor, zone)
    return f"detected at {clock(entry.event.at, zone)}; by whom is {entry.unattributed or LOOK_UP}"


def _unacknowledged(entry: AlertEntry) -> str:
    return "" if entry.acknowledgement or entry.event.kind is not EventKind.STILL else ", acknowledged by nobody"


def _state(entry: AlertEntry) -> Iterator[str]:
    """Yield what was, what is, and what it means."""
    event = entry.event
    if event.incident:
        yield row("Was", event.incident.before)
        yield row("Now", event.incident.after)
    elif event.kind in UNCHANGED:
        yield from _unchanged(entry)
    elif event.kind is EventKind.VISIBLE:
        yield row("Now", f"{entry.question} It can be read again.")
    else:
        yield from states(entry)
    yield from _impact(entry)
    yield from _notes(entry)


def _unchanged(entry: AlertEntry) -> list[str]:
    """Return what is, of a failure that has not changed."""
    if len(entry.differences) > 1:
        return changes(entry)
    return [
        *(row("Resource", printable(each.resource)) for each in entry.differences if not is_table(each.resource)),
        *(row("Now", now(each, entry)) for each in entry.differences),
    ]


def _impact(entry: AlertEntry) -> list[str]:
    if entry.event.kind is EventKind.VISIBLE:
        return []
    if entry.event.kind is EventKind.WAIVER_ENDS:
        return [row("Impact", "the failure is reported when the waiver ends")]
    return rows("Impact", [each for each in (entry.impact or entry.why, *entry.remains) if each])


def _notes(entry: AlertEntry, indent: int = LABEL) -> list[str]:
    """Return the notes on the report itself: flapping, incidents that have ended, and a late actor."""
    event = entry.event
    found = [row("Note", NOTES.get(event.note, event.note), indent)] if event.note else []
    return found + _missed(entry, indent) + _earlier(entry.earlier, indent)


def _missed(entry: AlertEntry, indent: int) -> list[str]:
    """Return the ended incidents that no alert has reported."""
    over = entry.event.missed
    more = max(0, len(over) - INCIDENTS) + entry.event.more_missed
    texts = [f"{each.before} -> {each.after}" for each in over[:INCIDENTS]]
    return rows("Also", [*texts, *([f"... and {more} more incidents that have ended"] if more else [])], indent)


def _earlier(known: Actor | None, indent: int) -> list[str]:
    """Return the actor of the earlier change, which was reported without one."""
    return [row("Before", f"the change reported before was made {by(known, 'UTC')}", indent)] if known else []


def _to_do(entry: AlertEntry, place: AlertContext) -> Iterator[str]:
    """Yield the commands: the remediation, and how the alert is acknowledged or the failure accepted."""
    event = entry.event
    if not is_remediable(event):
        return
    failing = fails(event)
    fix = fixing(entry, place)
    yield from command("Fix", fix)
    if not fix.startswith("readiness "):
        yield f"{'or':<{LABEL}}{own('fix', event.check, place)}   shows the plan; --apply makes it"
    if entry.after:
        yield from command("Then", entry.after)
    if failing and entry.acknowledgement:
        note = f": {printable(entry.acknowledgement.note)}" if entry.acknowledgement.note else ""
        yield row("Ack", f"by {author(entry.acknowledgement.by)} at {minute(entry.acknowledgement.at)}{note}")
    elif failing and event.severity in REMINDED and event.kind is not EventKind.WAIVER_ENDS:
        yield f"{'Ack':<{LABEL}}{own('ack', event.check, place)}   you work on it: no reminders"
    if failing:
        until = f"{event.at + WAIVED_FOR:%Y-%m-%d}"
        yield f"{'Meant?':<{LABEL}}{own('waive', event.check, place, '--until', until, '--reason TEXT')}"


def _recovery(entry: AlertEntry) -> Iterator[str]:
    """Yield how long it failed, what is now, and what remains."""
    failed = [each.before.since for each in entry.differences if each.before and each.before.status is Status.FAIL]
    if failed:
        begin = min(failed)
        end = max([each.after.since for each in entry.differences if each.after], default=entry.event.at)
        span = f"{begin:%H:%M} to {end:%H:%M} UTC" if end - begin < timedelta(hours=20) else f"since {minute(begin)}"
        yield row("Failed for", f"{lasted(end - begin)} ({span})", RESOLVED)
    if len(entry.differences) > 1:
        yield from changes(entry, RESOLVED)
    elif failed and entry.message not in summary(entry):
        yield from (row("Now", now(each, entry), RESOLVED) for each in entry.differences)
    yield from rows("Remaining", entry.remains, RESOLVED)
    yield from _notes(entry, RESOLVED)


def _reference(entry: AlertEntry, place: AlertContext) -> list[str]:
    """Return the owner, the addresses and the event."""
    owner = printable(entry.owner) if entry.owner else "none (readiness own)"
    event = event_of(entry.actor) if entry.event.kind in DONE_BY_SOMEBODY else []
    return [row("Owner", owner), *links(place), *event]
