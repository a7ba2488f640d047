"""The text of an alert about several changes: two or three lines for each, the worst first."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import accumulate, chain

from readiness.alerts.alert import Alert, AlertContext, AlertEntry, fails
from readiness.alerts.page import LOOK_UP, REMEDIABLE
from readiness.alerts.phrase import GOOD, summary
from readiness.alerts.rows import WIDTH, Parts, by, closing, fixing, links, moment, own, row, sentence
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
    who = _authors(entries, alert.place.time_zone)
    rows = [list(_change(number, each, alert.place, named=len(who) > 1)) for number, each in enumerate(entries, 1)]
    ends = accumulate(sum(1 + each.count("\n") for each in change) for change in rows)
    kept = [change for change, end in zip(rows, ends, strict=True) if end <= LINES]
    more = len(rows) - len(kept)
    rest = [row("", f"... and {more} more: readiness check --table {quoted(alert.place.table)}", INDENT)]
    return [*chain.from_iterable(kept), *(rest if more else [])]


def _opening(alert: Alert, entries: Sequence[AlertEntry]) -> list[str]:
    """Return the first lines: how many changes, when, and by whom if one made all of them."""
    place = alert.place
    times = [moment(each.actor) or _since(each) for each in entries]
    first, last = min(times), max(times)
    at = f"at {minute(first)}" if minute(first) == minute(last) else f"between {first:%H:%M} and {minute(last)}"
    who = _authors(entries, place.time_zone)
    return [sentence(f"{len(entries)} changes on {place.table} {at}"), *([sentence(who[0])] if len(who) == 1 else [])]


def reference(alert: Alert, entries: Sequence[AlertEntry]) -> list[list[str]]:
    """Return the last blocks: owners, addresses, account, items and time."""
    return [[*_owners(entries), *links(alert.place)], closing(alert.place, numbered(entries), alert.at)]


def numbered(entries: Sequence[AlertEntry]) -> list[str]:
    """Return the items of the checklist, such as `items 1.3` and `1.4`, to be joined with commas."""
    first, *others = sorted({entry.item for entry in entries}) or [""]
    return [f"item{'s' if others else ''} {first}", *others] if first else []


def label(entry: AlertEntry) -> str:
    """Return the label of one change: its severity, or UNKNOWN, RESOLVED or NOTE."""
    words = {EventKind.OBSCURED: "UNKNOWN", EventKind.WAIVER_ENDS: "NOTE"}
    return "RESOLVED" if entry.event.kind in GOOD else words.get(entry.event.kind, str(entry.event.severity))


def titled(entry: AlertEntry, text: str) -> str:
    """Return the text with the item's number and title before it, unless it begins with them."""
    if text.startswith(f"{entry.item} "):
        return text
    return f"{entry.item} {text}" if text.startswith(entry.title) else f"{entry.item} {entry.title}: {text}"


def _change(number: int, entry: AlertEntry, place: AlertContext, *, named: bool) -> Iterator[str]:
    """Yield the change, its author if the changes have several, and the command that corrects it."""
    more = len(entry.differences) - 1
    text = titled(entry, summary(entry)) + (f", and {more} more" if more > 0 else "")
    yield row(f"{number} {label(entry)}", text, INDENT)
    if named and entry.event.kind in DONE_BY_SOMEBODY:
        yield row("", _author(entry, place.time_zone), INDENT)
    bad = fails(entry.event) or entry.event.kind is EventKind.WORSENED
    if entry.event.kind in REMEDIABLE and bad:
        fix = f"{'':<{INDENT}}fix: {fixing(entry, place)}"
        yield fix if len(fix) <= WIDTH else f"{'':<{INDENT}}fix: {own('fix', entry.event.check, place)}"


def _authors(entries: Sequence[AlertEntry], zone: str) -> list[str]:
    """Return the different authors of the changes, without the time of each."""
    done = [each for each in entries if each.event.kind in DONE_BY_SOMEBODY]
    return list(dict.fromkeys(_author(each, zone) for each in done))


def _author(entry: AlertEntry, zone: str) -> str:
    if entry.actor:
        return by(entry.actor, zone).partition(" at ")[0]
    return f"by whom is {entry.unattributed or LOOK_UP}"


def _since(entry: AlertEntry) -> datetime:
    return min([each.after.since for each in entry.differences if each.after], default=entry.event.at)


def _owners(entries: Sequence[AlertEntry]) -> list[str]:
    """Return the owners, each with the items; nothing if no item has an owner."""
    owned: dict[str, dict[str, None]] = {}
    for entry in entries:
        if entry.owner:
            owned.setdefault(entry.owner, {})[entry.item] = None
    texts = [f"{owner} ({', '.join(items)})" for owner, items in list(owned.items())[:OWNERS]]
    return [row("Owner", ", ".join(texts))] if texts else []
