"""The text of an alert about items that can no longer be read."""

from collections.abc import Iterator, Mapping, Sequence

from readiness.alerts.alert import Alert, AlertEntry
from readiness.alerts.phrase import unreadable
from readiness.alerts.rows import Parts, because, closing, links, row, rows, sentence
from readiness.alerts.several import numbered
from readiness.alerts.words import clock, counted
from readiness.aws.arn import short
from readiness.model import Reason, worst
from readiness.state.drift import FlapDamping

RESOURCES = 4
COLUMN = 40


def unread(alert: Alert, entries: Sequence[AlertEntry]) -> Parts:
    """Return the text: the items, the reasons, and what is missing."""
    items: dict[str, list[AlertEntry]] = {}
    for entry in sorted(entries, key=lambda each: each.item):
        items.setdefault(f"{entry.item} {entry.title}", []).append(entry)
    reasons: dict[tuple[Reason, str | None], list[str]] = {}
    for entry in entries:
        for resource, reason in sorted(entry.unread.items()):
            reasons.setdefault(reason, []).append(resource)
    place = alert.place
    impact = row("Impact", "the last known status is kept; changes are not detected until it can be read")
    return Parts(
        [
            sentence(f"{unreadable(entries)} on {place.table}"),
            sentence(f"in {FlapDamping().blind_looks} runs in a row, detected at {clock(alert.at, place.time_zone)}"),
        ],
        [[*(_item(name, each) for name, each in items.items()), *_reasons(reasons)], [impact, *_fix(reasons)]],
        [links(place), closing(place, numbered(entries), alert.at)],
    )


def _item(name: str, entries: Sequence[AlertEntry]) -> str:
    """Return the line of an item: how many of its checks, and the last known status."""
    known = [entry.last for entry in entries if entry.last]
    checks = f"{name} ({counted(len(entries), 'check')})"
    return f"{checks:<{COLUMN}}last known status: {worst(known)}" if known else checks


def _reasons(reasons: Mapping[tuple[Reason, str | None], Sequence[str]]) -> Iterator[str]:
    """Yield each reason with the resources that it concerns."""
    for reason, resources in reasons.items():
        names = list(dict.fromkeys(short(each) for each in resources))
        more = f" and {len(names) - RESOURCES} more" if len(names) > RESOURCES else ""
        yield sentence(f"{because(*reason)}: {', '.join(names[:RESOURCES])}{more}")


def _fix(reasons: Mapping[tuple[Reason, str | None], Sequence[str]]) -> list[str]:
    """Return the permissions that are missing."""
    denied = sorted({permission for reason, permission in reasons if reason is Reason.ACCESS_DENIED and permission})
    return rows("Fix", [f"allow {each} in the policy of the monitor's role (readiness policy)" for each in denied])
