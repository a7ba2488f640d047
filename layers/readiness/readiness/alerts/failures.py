"""Alerts that list failures apart from the alerts of commits: in place of damaged ones, and after a rollback. Pure."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readiness.alerts.alert import Alert
from readiness.alerts.entries import entry_of, owners_of
from readiness.aws.time import minute
from readiness.model import Omission, Status
from readiness.rules.shared.few import few
from readiness.scan import Scan
from readiness.state.drift import Difference, Event, EventKind, Known
from readiness.state.overlay import Overlay
from readiness.state.store import Remembered

MOST_NAMED = 10
"""The number of damaged rows, or of waivers, that an alert names."""

MOST = 50
"""The number of failures of a check that have a digest each."""


def failing_alert(overlay: Overlay, scan: Scan, told: Mapping[str, Sequence[Difference]], **more: Any) -> Alert:
    """Return an alert that lists failures, by check id, apart from the order of the runs' alerts.

    Its version is the number of milliseconds since the epoch, which no run commits.
    """
    entries = (
        entry_of(overlay, asked, Event(check.id, EventKind.STILL, check.severity, overlay.at, tuple(told[check.id])))
        for asked in scan.evaluation.asked
        if told.get((check := asked.check).id)
    )
    rules = [rule for rule in scan.evaluation.rules if not rule.own]
    items, owners = tuple(rule.id for rule in rules), owners_of(overlay, rules)
    version = int(overlay.at.timestamp() * 1000)
    return Alert(version=version, at=overlay.at, rules=items, owners=owners, entries=tuple(entries), **more)


def in_force(overlay: Overlay) -> Iterator[str]:
    """Yield the pause and the waivers that are in force."""
    remembered = overlay.remembered or Remembered()
    if remembered.pause and overlay.paused:
        yield f"alerts are paused until {minute(remembered.pause.until)}"
    waived = sorted({each.check for each in remembered.waivers if each.until > overlay.at})
    if waived:
        yield f"waived: {few(waived, MOST_NAMED)}"


def digests_of(table_id: str, failures: Mapping[str, Sequence[Difference]]) -> dict[str, tuple[str, ...]]:
    """Return a digest for each failure of the table with that TableId, by check id, and one for very many of a check.

    The TableId is part of it, because a restore can copy what was reported of the former table.
    """
    names = {check: sorted(each.resource for each in differences) for check, differences in failures.items()}
    shown = {check: each if len(each) <= MOST else ["\n".join(each)] for check, each in names.items()}
    return {check: tuple(_digest(table_id, check, name) for name in each) for check, each in shown.items()}


def still_failing(
    found: Mapping[str, Sequence[str]], reported: Mapping[str, Sequence[str]], scan: Scan
) -> dict[str, tuple[str, ...]]:
    """Return the failures that were found, and those reported before of checks that the scan could not read wholly."""
    unread = {
        asked.check.id
        for asked in scan.evaluation.asked
        if not asked.complete or any(each.unavailable for each in asked.findings)
    }
    kept = {check: each for check, each in reported.items() if check in unread}
    return {check: tuple(sorted({*found.get(check, ()), *kept.get(check, ())})) for check in found.keys() | kept.keys()}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def failures_told(overlay: Overlay) -> dict[str, list[Difference]]:
    """Return the failures that were told, by check id, as the memory has them."""
    failing = {
        check: [Difference(name, each, each) for name, each in sorted(memory.told.items()) if each.fails]
        for check, memory in overlay.memories.items()
    }
    return {check: each for check, each in failing.items() if each}


def failures_found(overlay: Overlay, scan: Scan) -> dict[str, list[Difference]]:
    """Return the failures that the scan found and no waiver covers, by check id."""
    found: dict[str, list[Difference]] = {}
    for asked in scan.evaluation.asked:
        for each in asked.findings:
            if each.status is Status.FAIL and not overlay.waiver(asked.check.id, each.resource):
                unrecorded = each.omission is Omission.NOT_RECORDED
                known = Known(each.status, each.watched, scan.at, unrecorded)
                found.setdefault(asked.check.id, []).append(Difference(each.resource, known, known))
    return found
