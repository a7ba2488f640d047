"""The subject of an alert, and the first line of each change in its body."""

from collections.abc import Sequence
from datetime import timedelta

from readiness.alerts.alert import Alert, AlertEntry, TroubleKind
from readiness.alerts.note import note_text
from readiness.alerts.words import ascii_line, counted
from readiness.aws.arn import is_table, short
from readiness.model import Severity, Status
from readiness.printable import clip
from readiness.state.drift import Difference, EventKind, Visibility

LIMIT = 99
SHORTEST_NAME = 16

TROUBLES = {
    TroubleKind.REPLACED: "this table was replaced by another table of the same name",
    TroubleKind.DELETED: "this table was deleted",
    TroubleKind.FORGOTTEN: "the monitor's items in this table were deleted",
    TroubleKind.UNRECORDED: "the monitor cannot record its results",
    TroubleKind.UNUSABLE: "this table cannot be read or written",
    TroubleKind.DAMAGED: "the monitor's items in this table were changed by others",
    TroubleKind.FORGED: "alerts that waited in this table were changed by others",
    TroubleKind.NEWER: "the monitor was rolled back to an older release",
}

GOOD = {EventKind.RECOVERED, EventKind.VISIBLE, EventKind.EASED}
"""The kinds of changes for the better."""

GROUPED = {EventKind.RESUMED, EventKind.REJUDGED, EventKind.OBSCURED}
"""The kinds of changes that have one headline together."""

HOURS_UP_TO = timedelta(hours=72)
"""Durations up to this one are shown in hours, longer ones in days."""


def subject(label: str, table: str, words: str, more: str = "") -> str:
    """Return `[LABEL] table: words, more` in at most 99 ASCII characters. The name is cut first, then the words."""
    name, words, more = ascii_line(table), ascii_line(words), ascii_line(more)
    room = LIMIT - len(f"[{label}] : {more}")
    name = _middle(name, max(SHORTEST_NAME, room - len(words)))
    return f"[{label}] {name}: {clip(words, room - len(name))}{more}"


def label(alert: Alert) -> str:
    """Return the word in brackets: the worst severity of what fails now and did not, or UNKNOWN, RESOLVED or NOTE.

    A first alert reports no change, so it is a NOTE; its attribute `severity` is that of the worst failure.
    """
    if alert.trouble:
        return alert.trouble.kind.severity
    if alert.first is not None:
        return "NOTE"
    bad = tuple(entry for entry in alert.reported if entry.pages)
    kind = alert.reported[0].event.kind if alert.reported else None
    if kind is EventKind.OBSCURED:
        return "UNKNOWN"
    if bad:
        return worst(bad)
    return "RESOLVED" if kind in GOOD else "NOTE"


def worst(entries: Sequence[AlertEntry]) -> Severity:
    """Return the worst severity of these changes; LOW if there are none."""
    return max((each.event.severity for each in entries), key=lambda severity: severity.rank, default=Severity.LOW)


def headline(alert: Alert) -> tuple[str, str]:
    """Return the words of the subject, and how many other changes the alert contains."""
    if alert.trouble:
        return TROUBLES[alert.trouble.kind], ""
    if alert.first is not None:
        return monitoring_started(alert), ""
    if not alert.reported and alert.notes:
        others = len(alert.notes) - 1
        return note_text(alert.notes[0]), f", and {others} more" if others else ""
    if not alert.reported:
        return f"{counted(len(alert.retired), 'check')} no longer evaluated", ""
    same = [entry for entry in alert.independent if entry.event.kind is alert.reported[0].event.kind]
    grouped = same[0].event.kind in GROUPED
    others = len(alert.independent) + len(alert.notes) - (len(same) if grouped else 1)
    return _counts(same) if grouped else summary(same[0]), f", and {others} more" if others else ""


def unreadable(entries: Sequence[AlertEntry]) -> str:
    """Return what can no longer be read: an item by its name, several by their number."""
    wholly = any(entry.event.dark is not None and entry.event.dark[1] is Visibility.PARTLY for entry in entries)
    items = {entry.item: f"{entry.item} {entry.title}" for entry in entries}
    named = next(iter(items.values())) if len(items) == 1 else f"{len(items)} items"
    return f"{named} can no longer be read{' wholly' if wholly else ''}"


def monitoring_started(alert: Alert) -> str:
    """Return the words of a table's first alert: how many items do not pass, and why."""
    items = alert.first or {}
    failing, unknown, total = items.get(Status.FAIL, 0), items.get(Status.UNKNOWN, 0), sum(items.values())
    bad = failing + unknown
    if not bad:
        return f"monitoring started, all {total} items pass"
    details = apart(failing - alert.unrecorded, alert.unrecorded, unknown)
    verb = "does" if bad == 1 else "do"
    return f"monitoring started, {bad} of {total} items {verb} not pass: {details}"


def standing(alert: Alert) -> str:
    """Return the items of a table's first alert, counted by status."""
    items = alert.first or {}
    return ", ".join(f"{items[status]} {status}" for status in Status if items.get(status))


def apart(failing: int, unrecorded: int, unknown: int = 0) -> str:
    """Return the counts of what fails, of what fails only because it is not recorded, and of what is UNKNOWN."""
    others = {"not recorded": unrecorded, "unknown": unknown}
    return ", ".join([f"{failing} fail", *(f"{number} {word}" for word, number in others.items() if number)])


def summary(entry: AlertEntry) -> str:
    """Return one change in a few words."""
    found = named(entry, entry.message) if entry.message else _deleted(entry)
    item = f"{entry.item} {entry.title}"
    match entry.event.kind:
        case EventKind.REGRESSED | EventKind.WORSENED | EventKind.RECOVERED | EventKind.EASED | EventKind.CHANGED if (
            _subject_applies(entry) and not _not_applicable(entry)
        ):
            found = named(entry, entry.subject)
        case EventKind.WAIVER_ENDED:
            found = f"waiver ended: {found}"
        case EventKind.WAIVER_ENDS if entry.event.ending:
            found = f"waiver ends on {entry.event.ending.until:%Y-%m-%d}: {found}"
        case EventKind.OBSCURED:
            found = unreadable([entry])
        case EventKind.RECOVERED if _not_applicable(entry):
            found = f"{entry.event.check} is no longer applicable: {found}"
        case EventKind.VISIBLE:
            found = f"{item} can be read again"
        case EventKind.STILL:
            found = _still(found, _duration(entry))
        case EventKind.INCIDENT if entry.event.incident:
            found = f"{entry.event.incident.before}, then {entry.event.incident.after}"
        case _:
            pass
    return found


def _not_applicable(entry: AlertEntry) -> bool:
    return bool(entry.differences) and statuses(entry.differences[0])[1] is Status.NOT_APPLICABLE


def _still(found: str, span: str) -> str:
    """Return `PITR still disabled after 24 h` for `PITR is disabled`; a text without one verb comes after the span."""
    verbs = [verb for verb in (" is ", " are ") if verb in found]
    if len(verbs) != 1 or found.count(verbs[0]) != 1 or "," in found or ":" in found:
        return f"still failing after {span}: {found}"
    return f"{found.replace(verbs[0], ' still ')} after {span}"


def _subject_applies(entry: AlertEntry) -> bool:
    """Return True if the finding's subject, which describes a change, is true of this change.

    A resource that is new has changed nothing, and what passed before and after was not made to pass.
    """
    first = entry.differences[0] if entry.differences else None
    if not entry.subject or first is None or (first.before is None and not is_table(first.resource)):
        return False
    before, after = statuses(first)
    return before is not after or (entry.event.kind is EventKind.CHANGED and after is not Status.PASS)


def _duration(entry: AlertEntry) -> str:
    """Return how long it has been failing, such as `24 h` or `5 days`."""
    span = entry.event.at - (entry.since or entry.event.at)
    return f"{span // timedelta(hours=1)} h" if span <= HOURS_UP_TO else f"{span.days} days"


def statuses(difference: Difference) -> tuple[Status, Status]:
    """Return the statuses before and after; a status that is not stored is PASS."""
    was, now = difference.before, difference.after
    return was.status if was else Status.PASS, now.status if now else Status.PASS


def named(entry: AlertEntry, text: str) -> str:
    """Prefix the text with the resource's name, unless that is the table or the text contains it."""
    resource = entry.differences[0].resource if entry.differences else None
    if resource is None or is_table(resource) or short(resource) in text:
        return text
    return f"{short(resource)}: {text}"


def _deleted(entry: AlertEntry) -> str:
    gone = next((each.resource for each in entry.differences if entry.is_gone(each)), None)
    return f"{short(gone)} was deleted or is no longer used" if gone else f"{entry.item} {entry.title}"


def _middle(name: str, limit: int) -> str:
    """Cut out the middle of a name that is longer than the limit."""
    if len(name) <= limit:
        return name
    head = (limit - 3) // 2
    return f"{name[:head]}...{name[len(name) - (limit - 3 - head) :]}"


def _counts(entries: Sequence[AlertEntry]) -> str:
    """Return one headline for all entries of a kind in `GROUPED`."""
    if entries[0].event.kind is EventKind.OBSCURED:
        return unreadable(entries)
    differences = [each for entry in entries for each in entry.event.differences]
    after = [each.after for each in differences if each.after]
    failing = apart(sum(each.fails for each in after), sum(each.unrecorded for each in after))
    if entries[0].event.kind is EventKind.RESUMED:
        return f"monitoring resumed after a pause: {counted(len(differences), 'change')}, {failing}"
    if not differences:
        return f"{counted(len(entries), 'new check')} evaluated, {failing}"
    return f"{counted(len(differences), 'result')} re-evaluated, {failing}"
