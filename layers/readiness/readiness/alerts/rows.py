"""The rows of one change in the text of an alert: a label and its value."""

from collections.abc import Iterable
from textwrap import fill

from readiness.alerts.alert import AlertEntry
from readiness.alerts.phrase import statuses, summary
from readiness.alerts.words import counted, instant, value, watched
from readiness.aws.arn import is_table, short
from readiness.aws.time import lasted
from readiness.changes.actor import Actor
from readiness.model import Reason, Status
from readiness.printable import clip, line
from readiness.state.drift import Difference, EventKind, Known
from readiness.state.drift.event import UNSETTLED

WIDTH = 80
MARGIN = 12
RESOURCES = 8
LONGEST = 600
INCIDENTS = 5

NOTES = {
    UNSETTLED: "flapping: this is its third message within 24 hours. A recovery is reported only after it has lasted; "
    "a failure is reported at once."
}


def row(name: str, text: str) -> str:
    """Return a label and its text, wrapped without breaking names or commands."""
    return fill(
        line(clip(text, LONGEST)),
        WIDTH,
        initial_indent=f"  {name}".ljust(MARGIN),
        subsequent_indent=" " * MARGIN,
        break_long_words=False,
        break_on_hyphens=False,
    )


def rows(name: str, texts: Iterable[str], more: int, things: str = "more") -> list[str]:
    """Return the texts under one label, and how many `more` there are."""
    found = [row("" if number else name, text) for number, text in enumerate(texts)]
    return [*found, row("", f"... and {more} {things}")] if more > 0 else found


def differences(entry: AlertEntry) -> list[str]:
    """Return the rows of what changed, one per resource; the table is not named.

    The finding is repeated only if the first line of the change has other words.
    """
    if len(entry.differences) == 1:
        only = entry.differences[0]
        resource = [] if is_table(only.resource) else [row("resource", only.resource)]
        found = [row("now", entry.message)] if entry.message and entry.message not in summary(entry) else []
        return [*resource, row("change", _change(only, entry)), *found]
    shown = (listed(each, entry) for each in entry.differences[:RESOURCES])
    return rows("changes", shown, len(entry.differences) - RESOURCES)


def listed(difference: Difference, entry: AlertEntry) -> str:
    """Return the line of one of several resources."""
    found = entry.messages.get(difference.resource, "")
    return f"{short(difference.resource)}: {_change(difference, entry)}" + (f", {found}" if found else "")


def _change(difference: Difference, entry: AlertEntry) -> str:
    """Return the statuses before and after, and the watched values that differ."""
    was, now = map(_status, statuses(difference), (difference.before, difference.after))
    if entry.is_gone(difference):
        return f"{was} -> deleted or no longer used"
    moved = _watched_changes(difference)
    if was == now:
        return moved or f"still {now}"
    before = was if difference.before or is_table(difference.resource) else f"{was} or new"
    return f"{before} -> {now}" + (f" ({moved})" if moved else "")


def _status(status: Status, known: Known | None) -> str:
    return f"{status}, not recorded" if known and known.unrecorded else status


def _watched_changes(difference: Difference) -> str:
    """Return the watched values that differ; if only one side has values, those of the new side."""
    if difference.after is None:
        return ""
    if difference.before is None:
        return watched(difference.after.watched)
    was, now = difference.before.watched, difference.after.watched
    return ", ".join(
        f"{key} {value(was.get(key))} -> {value(now[key]) if key in now else 'removed'}"
        for key in sorted({*was, *now})
        if was.get(key) != now.get(key)
    )


def times(entry: AlertEntry, zone: str) -> list[str]:
    """Return since when the status is as it is; of a recovery, how long the check failed."""
    if entry.event.kind is EventKind.RECOVERED:
        failed = [each.before.since for each in entry.differences if each.before and each.before.status is Status.FAIL]
        if failed:
            since = min(failed)
            over = max([each.after.since for each in entry.differences if each.after], default=entry.event.at)
            return [row("failed", f"for {lasted(over - since)}, since {instant(since, zone)}")]
    starts = [each.after.since for each in entry.differences if each.after]
    return [row("since", instant(min(starts), zone))] if starts else [row("detected", instant(entry.event.at, zone))]


def incidents(entry: AlertEntry) -> list[str]:
    """Return the ended incidents: the one of this event, and those that no alert has reported."""
    event = entry.event
    over = ([event.incident] if event.incident else []) + list(event.missed)
    more = max(0, len(over) - INCIDENTS) + event.more_missed
    texts = (f"{each.before} -> {each.after}" for each in over[:INCIDENTS])
    return rows("incident", texts, more, "more incidents that have ended")


def notes(entry: AlertEntry) -> list[str]:
    """Return notes on the report itself: changes during a pause, and flapping."""
    event = entry.event
    changes = [row("paused", f"{counted(event.changes, 'change')} during the pause")] if event.changes else []
    return changes + ([row("note", NOTES.get(event.note, event.note))] if event.note else [])


def actor(known: Actor | None, unknown: str = "") -> list[str]:
    """Return the actor of the change, with source address, tool and call, or the reason why it is not known."""
    if known is None:
        return [row("by", unknown or "not looked up; see the CloudTrail event history")]
    texts = (("by", known.who), ("from", known.where), ("tool", known.tool), ("call", _called(known)))
    return [row(name, text) for name, text in texts if text]


def ending(entry: AlertEntry, zone: str) -> list[str]:
    """Return the waiver that ends soon, and what happens then."""
    waiver = entry.event.ending
    if waiver is None:
        return []
    return [
        row("waiver", f"by {waiver.by}, ends {instant(waiver.until, zone)}: {waiver.reason}"),
        row("impact", "the failure is reported when the waiver ends; fix it, or extend with `readiness waive`"),
    ]


def acknowledgement(entry: AlertEntry, zone: str) -> list[str]:
    """Return the acknowledgement of the failure."""
    if entry.acknowledgement is None:
        return []
    note = f": {entry.acknowledgement.note}" if entry.acknowledgement.note else ""
    return [row("ack", f"by {entry.acknowledgement.by}, {instant(entry.acknowledgement.at, zone)}{note}")]


def earlier(known: Actor | None) -> list[str]:
    """Return the actor of the earlier change, which was reported without one."""
    if known is None:
        return []
    return [row("earlier", f"the change reported before was made by {known.who}: {_called(known)}")]


def _called(known: Actor) -> str:
    """Return the call and its time in UTC, as CloudTrail has them."""
    return " at ".join(filter(None, (known.call, known.at.replace("T", " ").replace("Z", " UTC"))))


def unread(entry: AlertEntry) -> list[str]:
    """Return what could not be read, and the permission that is missing."""
    shown = sorted(entry.unread.items())[:RESOURCES]
    texts = (f"{short(resource)}: {because(*reason)}" for resource, reason in shown)
    found = rows("unknown", texts, len(entry.unread) - RESOURCES)
    if entry.event.kind is not EventKind.OBSCURED:
        return found
    denied = {permission for reason, permission in entry.unread.values() if reason is Reason.ACCESS_DENIED}
    return [
        *found,
        *(row("fix", f"allow {each} in the policy of the monitor's role") for each in sorted(denied - {None}, key=str)),
        row("impact", "the last known status is kept; changes are not detected until it can be read"),
    ]


def because(reason: Reason, permission: str | None) -> str:
    """Return why something could not be read, such as `ACCESS_DENIED on kms:DescribeKey`."""
    return f"{reason} on {permission}" if permission else str(reason)
