"""The rows of one change: a word in the margin, and what there is to say of it beside it."""

from textwrap import fill

from readiness.alerts.news import Told
from readiness.alerts.phrase import said
from readiness.alerts.words import clip, counted, instant, line, value, watched
from readiness.aws.arn import is_table, short
from readiness.aws.time import lasted
from readiness.changes.actor import Actor
from readiness.model import Reason, Status
from readiness.state.drift import Difference, Kind, Known
from readiness.state.drift.event import UNSETTLED

WIDTH = 80
MARGIN = 12
RESOURCES = 8
LONGEST = 600
INCIDENTS = 5

NOTES = {
    UNSETTLED: "unsettled: its third message within a day. From now on good news of it waits until it has held for a "
    "while; bad news does not."
}


def row(name: str, text: str) -> str:
    """A word in the margin, and its text beside it; nothing in it is broken that a person would copy."""
    return fill(
        line(clip(text, LONGEST)),
        WIDTH,
        initial_indent=f"  {name}".ljust(MARGIN),
        subsequent_indent=" " * MARGIN,
        break_long_words=False,
        break_on_hyphens=False,
    )


def differences(told: Told) -> list[str]:
    """What moved, resource by resource; the table itself needs no naming."""
    if len(told.differences) == 1:
        only = told.differences[0]
        resource = [] if is_table(only.resource) else [row("resource", only.resource)]
        return [*resource, row("change", _change(only, told))]
    rows = [row("" if number else "changes", listed(each, told)) for number, each in enumerate(shown(told))]
    more = len(told.differences) - len(rows)
    return rows + ([row("", f"... and {more} more")] if more > 0 else [])


def shown(told: Told) -> tuple[Difference, ...]:
    """The resources there is room for."""
    return told.differences[:RESOURCES]


def listed(difference: Difference, told: Told) -> str:
    """One of several resources."""
    found = told.messages.get(difference.resource, "")
    return f"{short(difference.resource)}: {_change(difference, told)}" + (f", {found}" if found else "")


def _change(difference: Difference, told: Told) -> str:
    """Before and after: the statuses, and the watched values that differ."""
    was, now = map(_stood, said(difference), (difference.before, difference.after))
    if told.is_gone(difference):
        return f"{was} -> gone"
    moved = _moved(difference)
    if was == now:
        return moved or f"still {now}"
    before = was if difference.before or is_table(difference.resource) else f"{was} or new"
    return f"{before} -> {now}" + (f" ({moved})" if moved else "")


def _stood(status: Status, known: Known | None) -> str:
    return f"{status}, not recorded" if known and known.unrecorded else status


def _moved(difference: Difference) -> str:
    """The watched values that differ; on one side alone they are no move."""
    if difference.after is None:
        return ""
    if difference.before is None:
        return watched(difference.after.watched)
    was, now = difference.before.watched, difference.after.watched
    return ", ".join(
        f"{key} {value(was.get(key))} -> {value(now.get(key))}"
        for key in sorted({*was, *now})
        if was.get(key) != now.get(key)
    )


def times(told: Told, zone: str) -> list[str]:
    """Since when it is as it is; of what is over, how long it was."""
    if told.event.kind is Kind.RECOVERED:
        failed = [each.before.since for each in told.differences if each.before and each.before.status is Status.FAIL]
        if failed:
            since = min(failed)
            over = max([each.after.since for each in told.differences if each.after], default=told.event.at)
            return [row("failed", f"for {lasted(over - since)}, since {instant(since, zone)}")]
    starts = [each.after.since for each in told.differences if each.after]
    return [row("since", instant(min(starts), zone))] if starts else [row("seen", instant(told.event.at, zone))]


def incidents(told: Told) -> list[str]:
    """What is over already: that which happened now, and those that nobody was told of at the time."""
    event = told.event
    over = ([event.incident] if event.incident else []) + list(event.missed)
    kept = over[:INCIDENTS]
    rows = [row("" if number else "besides", f"{each.before} -> {each.after}") for number, each in enumerate(kept)]
    more = len(over) - len(kept) + event.more_missed
    return rows + ([row("", f"... and {more} more that are over")] if more > 0 else [])


def notes(told: Told) -> list[str]:
    """What else there is to know of how it was told."""
    event = told.event
    changes = [row("paused", f"{counted(event.changes, 'change')} came and went meanwhile")] if event.changes else []
    return changes + ([row("note", NOTES.get(event.note, event.note))] if event.note else [])


def actor(known: Actor | None, nobody: str = "") -> list[str]:
    """Who, from where, with what, by which call; or why that is not said."""
    if known is None:
        return [row("who", nobody or "not looked up: CloudTrail's event history has it")]
    rows = (("who", known.who), ("from", known.where), ("with", known.tool), ("call", _called(known)))
    return [row(name, text) for name, text in rows if text]


def ending(told: Told, zone: str) -> list[str]:
    """The waiver that ends soon, and what happens then."""
    waiver = told.event.ending
    if waiver is None:
        return []
    return [
        row("waiver", f"by {waiver.by}, ends {instant(waiver.until, zone)}: {waiver.reason}"),
        row("meaning", "mend it, or record another with `readiness waive`; else it is told as a failure then"),
    ]


def taken(told: Told, zone: str) -> list[str]:
    """Who is on it already."""
    if told.taken is None:
        return []
    note = f": {told.taken.note}" if told.taken.note else ""
    return [row("taken", f"by {told.taken.by}, {instant(told.taken.at, zone)}{note}")]


def earlier(known: Actor | None) -> list[str]:
    """Who made the change that was told before without a name."""
    if known is None:
        return []
    return [row("earlier", f"what was told before was done by {known.who}: {_called(known)}")]


def _called(known: Actor) -> str:
    """The call and its instant, which CloudTrail has in UTC."""
    return " at ".join(filter(None, (known.call, known.at.replace("T", " ").replace("Z", " UTC"))))


def unread(told: Told) -> list[str]:
    """What can't be seen, and the permission that would show it."""
    rows = [
        row("" if number else "unread", f"{short(resource)}: {because(*reason)}")
        for number, (resource, reason) in enumerate(sorted(told.unread.items())[:RESOURCES])
    ]
    more = len(told.unread) - len(rows)
    rows += [row("", f"... and {more} more")] if more > 0 else []
    if told.event.kind is Kind.OBSCURED:
        denied = {permission for reason, permission in told.unread.values() if reason is Reason.ACCESS_DENIED}
        rows += [
            row("do", f"allow {permission} to the monitor's role") for permission in sorted(denied - {None}, key=str)
        ]
        rows.append(row("meaning", "what it last said still stands, but nobody would notice a change now"))
    return rows


def because(reason: Reason, permission: str | None) -> str:
    """Why something could not be read, such as `ACCESS_DENIED for kms:DescribeKey`."""
    return f"{reason} for {permission}" if permission else str(reason)
