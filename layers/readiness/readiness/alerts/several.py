"""The text of an alert about several changes: two or three lines for each, the worst first."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import accumulate, chain

from readiness.alerts.alert import Alert, AlertContext, AlertEntry
from readiness.alerts.page import LOOK_UP, is_remediable
from readiness.alerts.phrase import GOOD, summary
from readiness.alerts.rows import WIDTH, Parts, closing, fixing, links, moment, own, row, sentence, whom
from readiness.aws.time import minute
from readiness.changes.attribution import DONE_BY_SOMEBODY
from readiness.printable import quoted
from readiness.state.drift import EventKind

LINES = 26
"""Lines for the changes themselves: the text has 40 at most."""

INDENT = 12
OWNERS = 3


def several(alert: Alert, entries: Sequence[AlertEntry]) -> Parts:
    """Return the text of an alert about several changes."""
    return Parts(_opening(alert, entries), [listed(alert, entries)], reference(alert, entries))


def listed(alert: Alert, entries: Sequence[AlertEntry]) -> list[str]:
    """Return the lines of each change: what it is, what to type, and how many more there are."""
    who = _authors(entries)
    rows = [list(_change(number, each, alert.place, who)) for number, each in enumerate(entries, 1)]
    ends = accumulate(sum(1 + each.count("\n") for each in change) for change in rows)
    kept = [change for change, end in zip(rows, ends, strict=True) if end <= LINES]
    more = len(rows) - len(kept)
    rest = [row("", f"... and {more} more: readiness check --table {quoted(alert.place.table)}", INDENT)]
    return [*chain.from_iterable(kept), *(rest if more else [])]


def _opening(alert: Alert, entries: Sequence[AlertEntry]) -> list[str]:
    """Return the first lines: how many changes, when, and by whom if one author is known."""
    place = alert.place
    if all(entry.event.kind is EventKind.STILL for entry in entries):
        since = min(each.since or each.event.at for each in entries)
        return [f"{len(entries)} checks of {place.table} still fail", f"the first since {minute(since)}"]
    times = [moment(each.actor) or each.event.at for each in entries]
    who = _authors(entries)
    by_one = [sentence(who[0])] if len(who) == 1 else []
    return [sentence(f"{len(entries)} changes on {place.table} {_span(min(times), max(times))}"), *by_one]


def _span(first: datetime, last: datetime) -> str:
    """Return when the changes were made, to the minute."""
    if last - first > timedelta(hours=12):
        return f"between {minute(first)} and {minute(last)}"
    if minute(first) == minute(last):
        return f"at {first:%H:%M} UTC"
    return f"between {first:%H:%M} and {last:%H:%M} UTC"


def reference(alert: Alert, entries: Sequence[AlertEntry]) -> list[list[str]]:
    """Return the last blocks: owners, addresses, account, items and time."""
    return [[*_owners(entries), *links(alert.place)], closing(alert.place, numbered(entries), alert.at)]


def numbered(entries: Sequence[AlertEntry]) -> list[str]:
    """Return the items of the checklist, such as `items 1.3` and `1.4`, to be joined with commas."""
    first, *others = sorted({entry.item for entry in entries}) or [""]
    return [f"item{'s' if others else ''} {first}", *others] if first else []


def entry_label(entry: AlertEntry) -> str:
    """Return the label of one change: its severity, or UNKNOWN, RESOLVED or NOTE."""
    words = {EventKind.OBSCURED: "UNKNOWN", EventKind.WAIVER_ENDS: "NOTE"}
    return "RESOLVED" if entry.event.kind in GOOD else words.get(entry.event.kind, str(entry.event.severity))


def titled(entry: AlertEntry, text: str) -> str:
    """Return the text with the item's number and title before it, unless it begins with them."""
    if text.startswith(f"{entry.item} "):
        return text
    return f"{entry.item} {text}" if text.startswith(entry.title) else f"{entry.item} {entry.title}: {text}"


def _change(number: int, entry: AlertEntry, place: AlertContext, who: Sequence[str]) -> Iterator[str]:
    """Yield the change, its author unless `who` has one for all, and the command that corrects it."""
    more = len(entry.differences) - 1
    text = titled(entry, summary(entry)) + (f", and {more} more" if more > 0 else "")
    yield row(f"{number} {entry_label(entry)}", text, INDENT)
    if entry.event.kind in DONE_BY_SOMEBODY and not (entry.actor and len(who) == 1):
        yield row("", _author(entry), INDENT)
    if is_remediable(entry.event):
        fix = f"{'':<{INDENT}}fix: {fixing(entry, place)}"
        yield fix if len(fix) <= WIDTH else f"{'':<{INDENT}}fix: {own('fix', entry.event.check, place)}"


def _authors(entries: Sequence[AlertEntry]) -> list[str]:
    """Return the different authors of the changes that are known, without the time of each call."""
    done = [each for each in entries if each.actor and each.event.kind in DONE_BY_SOMEBODY]
    return list(dict.fromkeys(_author(each) for each in done))


def _author(entry: AlertEntry) -> str:
    if entry.actor:
        return whom(entry.actor)
    return f"by: {(entry.unattributed or LOOK_UP).partition(':')[0]}"


def _owners(entries: Sequence[AlertEntry]) -> list[str]:
    """Return the owners, each with the items; nothing if no item has an owner."""
    owned: dict[str, dict[str, None]] = {}
    for entry in entries:
        if entry.owner:
            owned.setdefault(entry.owner, {})[entry.item] = None
    texts = [f"{owner} ({', '.join(items)})" for owner, items in list(owned.items())[:OWNERS]]
    return [row("Owner", ", ".join(texts))] if texts else []
