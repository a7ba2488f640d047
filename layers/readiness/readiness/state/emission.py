"""The items whose status a run emits as a metric: all, or those with `item_metrics = "changes"` that need it. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from readiness.checklist import ItemMetrics
from readiness.metrics import LEVELS
from readiness.model import Status
from readiness.state.store import EmittedItems, Remembered

AFTER_CHANGE = timedelta(minutes=15) // timedelta(minutes=1)
"""The minutes for which each run emits a status that has changed. The two runs that follow them emit it, too.

The period of an alarm in which the status changed can hold the former status, too; a later period holds only the new
one. Schedules can be longer than these minutes, and a run can end before it emits what it has recorded.
"""

DAILY = timedelta(hours=23) // timedelta(minutes=1)
"""The minutes after which an unchanged status is emitted again: each 24 hours have a datapoint, if no run is late."""


def emission(
    mode: ItemMetrics, statuses: Mapping[str, Status], remembered: Remembered, at: datetime
) -> tuple[Mapping[str, Status], EmittedItems]:
    """Return the statuses to emit by rule id, and what the next run needs to know of them."""
    if mode == "every_run":
        return statuses, EmittedItems()
    now, before = int(at.timestamp()) // 60, remembered.emitted
    minutes, changed, due = {}, {}, {}
    for rule, status in statuses.items():
        last, since = before.minutes.get(rule), before.changed.get(rule)
        if last is None or before.values.get(rule, 0) != LEVELS[status]:
            since = now
        if last is not None and since is None and 0 <= now - last < DAILY:
            minutes[rule] = last
            continue
        due[rule], minutes[rule] = status, now
        if since is not None and (last is None or last - since < AFTER_CHANGE):
            changed[rule] = min(since, now)
    values = {rule: LEVELS[status] for rule, status in statuses.items() if LEVELS[status]}
    return due, EmittedItems(minutes, values, changed)
