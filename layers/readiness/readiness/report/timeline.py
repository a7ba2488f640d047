"""The last 90 days of each item of a table, from its recorded runs and changes. Pure.

A run is recorded for 30 days and a change for 400: older days show recorded changes only. Changes alone never show
PASS, because a check that fails since before them has no record.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any

import msgspec
from msgspec import Struct

from readiness.alerts.words import counted
from readiness.aws.time import FIRST, utc
from readiness.model import Status, worst
from readiness.report.content import ReportSubject
from readiness.report.history import HistoryEntry, HistorySubject, table_history
from readiness.state.drift import EventKind
from readiness.state.people import Instant
from readiness.state.store.change import RUNS_LIVE
from readiness.state.table_id import UNKNOWN, another

DAYS = 90

RUN, DRIFT = "RUN#", "DRIFT#"
"""The beginnings of the sort keys of the items that a timeline is made from."""

Row = Mapping[str, Any]

BEGUN = {EventKind.REGRESSED: Status.FAIL, EventKind.WAIVER_ENDED: Status.FAIL, EventKind.WORSENED: Status.WARN}
"""The status after a change whose resources were too many to record."""

WHOLE = ""
"""Stands in place of those resources."""


class Basis(StrEnum):
    """The records that the status of a day comes from, or the reason why it has none.

    NOT_EVALUATED: the runs of the day did not include the item. NO_RUN: no run is recorded. NO_RECORD: no change is
    recorded, and records of runs of that day have expired.
    """

    RUNS = "RUNS"
    CHANGES = "CHANGES"
    NOT_EVALUATED = "NOT_EVALUATED"
    NO_RUN = "NO_RUN"
    NO_RECORD = "NO_RECORD"


class Day(Struct, frozen=True):
    """One day of one item, in UTC. `status` is the worst that is recorded; None if none is. `text` explains it.

    `runs` are the runs that included the item, `runs_with_status` those of them with that status.
    """

    date: date
    basis: Basis
    status: Status | None
    text: str
    runs: int = 0
    runs_with_status: int = 0

    @property
    def shown(self) -> str:
        """The status, or the reason why there is none."""
        return self.status or self.basis


class ItemTimeline(Struct, frozen=True):
    """The days of one item, the oldest first, and the changes recorded on them, the newest first."""

    days: tuple[Day, ...]
    changes: tuple[HistoryEntry, ...]

    @property
    def periods(self) -> list[list[Day]]:
        """The days in series that show the same, the oldest series first."""
        return [list(days) for _, days in groupby(self.days, key=lambda day: day.shown)]


class Timeline(Struct, frozen=True):
    """The timelines of a table's items, by rule id. `why` is the reason if its records could not be read.

    `runs` and `changes` are the numbers of records of these days. `unreadable` are the sort keys of items that are not
    in the format of Readiness or lie in the future, `void` the number of those of a former table of this name.
    """

    items: Mapping[str, ItemTimeline] = {}
    runs: int = 0
    changes: int = 0
    unreadable: tuple[str, ...] = ()
    void: int = 0
    why: str = ""


class _Run(Struct, frozen=True, rename="camel"):
    at: Instant
    statuses: Mapping[str, Status]
    table_id: str | None = None


class _DayRuns:
    """The runs of one day: their number, and the statuses of each item."""

    def __init__(self) -> None:
        self.number = 0
        self.statuses: dict[str, Counter[Status]] = defaultdict(Counter)
        self.last: dict[str, Status] = {}

    def add(self, statuses: Mapping[str, Status]) -> None:
        self.number += 1
        self.last |= statuses
        for rule, status in statuses.items():
            self.statuses[rule][status] += 1


class _Records:
    """The rows of a table: its runs by day, its changes, and those that are not shown."""

    def __init__(self, table_id: str, last: date) -> None:
        self._table_id = table_id
        self._last = last
        self.runs: dict[date, _DayRuns] = defaultdict(_DayRuns)
        self.drifts: dict[str, Row] = {}
        self.unreadable: list[str] = []
        self.void = 0

    def add(self, sort_key: str, row: Row) -> None:
        if sort_key.startswith(DRIFT):
            if str(row.get("at"))[:10] > str(self._last):
                self.unreadable.append(sort_key)
            else:
                self.drifts[sort_key] = row
            return
        try:
            run = msgspec.convert(row, _Run)
        except msgspec.ValidationError:
            self.unreadable.append(sort_key)
            return
        day = utc(run.at).date()
        if another(run.table_id, self._table_id):
            self.void += 1
        elif day > self._last:
            self.unreadable.append(sort_key)
        else:
            self.runs[day].add(run.statuses)


class _States:
    """What the changes so far say of one item: the statuses of its resources other than PASS, with their times."""

    def __init__(self) -> None:
        self._of: dict[str, dict[str, tuple[Status, datetime]]] = defaultdict(dict)

    def apply(self, change: HistoryEntry) -> None:
        check = self._of[change.about]
        if change.kind == EventKind.OBSCURED:
            check[EventKind.OBSCURED] = (Status.UNKNOWN, change.at)
        elif change.kind == EventKind.VISIBLE:
            check.pop(EventKind.OBSCURED, None)
        elif _cut(change.details["after"]):
            check.clear()
            if change.kind in BEGUN:
                check[WHOLE] = (BEGUN[EventKind(change.kind)], change.at)
        for resource, status in _statuses(change.details["after"]):
            check.pop(resource, None)
            if _is_bad(status):
                check[resource] = (status, change.at)

    @property
    def worst(self) -> tuple[Status, datetime] | None:
        """The worst status and since when it is recorded; None if none is."""
        every = [state for check in self._of.values() for state in check.values()]
        return max(every, key=lambda state: (state[0].rank, -state[1].timestamp()), default=None)


def timeline(subject: ReportSubject, rules: Iterable[str], rows: Iterable[tuple[str, Row]]) -> Timeline:
    """Return the timelines until the day of the report. `rows` are items by sort key, those of runs in their order."""
    last = utc(subject.observed_at).date()
    window = [last - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    table_id = subject.table_id or UNKNOWN
    records = _Records(table_id, last)
    for sort_key, row in rows:
        records.add(sort_key, row)
    place = HistorySubject(subject.table, table_id, subject.account, subject.region)
    told = table_history(place, records.drifts, FIRST)
    changes = [each for each in reversed(told.entries) if not each.void]
    days = _Days(window, records.runs, utc(subject.observed_at - RUNS_LIVE).date())
    return Timeline(
        items={rule: days.of(rule, [each for each in changes if _is_of(each, rule)]) for rule in rules},
        runs=sum(records.runs[day].number for day in window if day in records.runs),
        changes=sum(window[0] <= utc(each.at).date() for each in changes),
        unreadable=(*records.unreadable, *told.illegible),
        void=records.void + sum(each.void for each in told.entries),
    )


class _Days(Struct, frozen=True):
    """The days of a timeline, and their runs. Records of runs until the day `expired` have expired, if only in part."""

    window: Sequence[date]
    runs: Mapping[date, _DayRuns]
    expired: date

    def of(self, rule: str, changes: Sequence[HistoryEntry]) -> ItemTimeline:
        """Return the timeline of one item. `changes` are all of it, the oldest first."""
        states = _States()
        by_day: dict[date, list[HistoryEntry]] = defaultdict(list)
        for change in changes:
            if (day := utc(change.at).date()) < self.window[0]:
                states.apply(change)
            else:
                by_day[day].append(change)
        days = tuple(self._day(day, rule, by_day.get(day, []), states) for day in self.window)
        shown = [each for each in reversed(changes) if utc(each.at).date() >= self.window[0]]
        return ItemTimeline(days, tuple(shown))

    def _day(self, day: date, rule: str, changes: Sequence[HistoryEntry], states: _States) -> Day:
        """Return one day, and apply its changes to the states."""
        before = states.worst
        for change in changes:
            states.apply(change)
        runs = self.runs.get(day)
        if runs and rule in runs.statuses:
            return _evaluated(day, runs, rule, changes)
        carried = before if day <= self.expired else None
        if changes:
            why = "runs did not include this item" if runs else "no run is recorded"
            bad = [each for change in changes for each in _moved(change, "before", "after") if _is_bad(each)]
            bad += [carried[0]] if carried else []
            status = worst(bad) if bad else None
            return Day(day, Basis.CHANGES, status, f"{counted(len(changes), 'change')} recorded; {why}")
        if runs:
            return Day(day, Basis.NOT_EVALUATED, None, f"not evaluated in {counted(runs.number, 'run')}")
        if carried:
            since = f"{carried[0]} since {utc(carried[1]).date()} in recorded changes"
            return Day(day, Basis.CHANGES, carried[0], f"{since}; records of runs have expired")
        if day <= self.expired:
            return Day(day, Basis.NO_RECORD, None, "no change recorded; records of runs have expired")
        return Day(day, Basis.NO_RUN, None, "no run recorded")


def _evaluated(day: date, runs: _DayRuns, rule: str, changes: Sequence[HistoryEntry]) -> Day:
    """Return a day on which runs included the item. A change can be worse: it was over before the next run."""
    found = worst(runs.statuses[rule])
    # The runs say whether a check that could not be read makes the item UNKNOWN.
    read = (each for change in changes for each in _moved(change, "after") if each in {Status.FAIL, Status.WARN})
    changed = worst([found, *read])
    texts = [_in_runs(runs, rule, found)]
    if changed is not found:
        texts.insert(0, f"{changed} in a recorded change")
    if changes:
        texts.append(f"{counted(len(changes), 'change')} recorded")
    statuses = runs.statuses[rule]
    return Day(day, Basis.RUNS, changed, "; ".join(texts), statuses.total(), statuses[changed])


def _in_runs(runs: _DayRuns, rule: str, found: Status) -> str:
    """Return the statuses of the day's runs, such as `FAIL in 3 of 288 runs, PASS in the last`."""
    statuses = runs.statuses[rule]
    number = statuses.total()
    if len(statuses) == 1:
        return f"{found} in {'all ' if number > 1 else ''}{counted(number, 'run')}"
    return f"{found} in {statuses[found]} of {number} runs, {runs.last[rule]} in the last"


def _is_bad(status: Status) -> bool:
    return status.rank > Status.PASS.rank


def _is_of(change: HistoryEntry, rule: str) -> bool:
    return change.about == rule or change.about.startswith(f"{rule}/")


def _moved(change: HistoryEntry, *sides: str) -> Iterator[Status]:
    """Yield the statuses of the sides `before` and `after` of a change."""
    for side in sides:
        yield from (status for _, status in _statuses(change.details[side]))
    if change.kind == EventKind.OBSCURED:
        yield Status.UNKNOWN
    elif change.kind in BEGUN and _cut(change.details["after"]):
        yield BEGUN[EventKind(change.kind)]


def _statuses(side: Any) -> Iterator[tuple[str, Status]]:
    """Yield the status of each resource of one side of a change; PASS for one without a state."""
    for resource, state in side.items() if isinstance(side, Mapping) else ():
        status = Status.PASS if state is None else state.get("status") if isinstance(state, Mapping) else None
        if isinstance(status, str) and status in set(Status):
            yield resource, Status(status)


def _cut(side: Any) -> bool:
    """Return True if the resources of the change were too many to record."""
    return isinstance(side, Mapping) and "tooLargeToKeep" in side
