"""The runs that the monitor recorded in its table."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import mean, median
from typing import Any, TypeVar

from msgspec import Struct, ValidationError, convert

from readiness.cli.arguments import INTERVALS
from readiness.model import Status
from readiness.state.people import Instant
from readiness.state.store import Rows

Row = Mapping[str, Any]
T = TypeVar("T")

MOST_RUNS = 1000
"""The newest runs that are read: one page of a Query."""

WITHIN = timedelta(days=30)

SCHEDULE = "schedule"

OF_LAMBDA = (SCHEDULE, "change", "manual")
"""The triggers of runs of the function. The others are those of the command line, which Lambda is not billed for."""

FUNCTION = re.compile(r"arn:[^:]+:lambda:[^:]+:\d{12}:function:([A-Za-z0-9_-]+)")

COSTS = "cost-monitored"


class RunRow(Struct, frozen=True):
    """The members that are read of the record of a run."""

    at: Instant
    trigger: str
    seconds: float
    calls: int
    statuses: dict[str, str]


class DriftRow(Struct, frozen=True):
    """The members that are read of the record of a change."""

    at: Instant
    silent: bool = False


class RuleRow(Struct, frozen=True):
    """The members that are read of the state of an item."""

    findings: list[dict[str, Any]]

    @property
    def functions(self) -> set[str]:
        """The names of the functions that the findings are about."""
        resources = (str(finding.get("resource")) for finding in self.findings)
        return {found[1] for each in resources if (found := FUNCTION.match(each))}


class Recorded(Struct, frozen=True, kw_only=True):
    """The newest runs of the function: their number, the days from the first to the last, and their means.

    `other_runs` are those of 30 days at the same rate, `changes` and `messages` those of the last 30 days. `interval`
    is None if the scheduled runs do not tell it. `calls` are those of one run.
    """

    runs: int
    days: float
    interval: int | None
    other_runs: float
    seconds: float
    calls: float
    items: int
    functions: int
    costs_pass: bool
    changes: int
    messages: int


def recorded(rows: Rows, at: datetime) -> Recorded | None:
    """Return what the table has recorded; None if it has fewer than two runs. StoreUnavailable."""
    newest = _read(rows.query("RUN#", MOST_RUNS, newest=True), RunRow)
    runs = [run for run in newest if run.trigger in OF_LAMBDA]
    if len(runs) < 2:  # noqa: PLR2004  one run has no interval
        return None
    days = (runs[0].at - runs[-1].at) / timedelta(days=1)
    others = sum(run.trigger != SCHEDULE for run in runs)
    drifts = [each for each in _read(rows.query("DRIFT#", MOST_RUNS, newest=True), DriftRow) if at - each.at <= WITHIN]
    rules = _read(rows.query("RULE#"), RuleRow)
    return Recorded(
        runs=len(runs),
        days=days,
        interval=_interval([run.at for run in runs if run.trigger == SCHEDULE]),
        other_runs=others * WITHIN.days / max(days, 1),
        seconds=mean(run.seconds for run in runs),
        calls=mean(run.calls for run in runs),
        items=len(runs[0].statuses),
        functions=len({name for rule in rules for name in rule.functions}),
        costs_pass=runs[0].statuses.get(COSTS) == Status.PASS,
        changes=len(drifts),
        messages=len({each.at for each in drifts if not each.silent}),
    )


def _read(rows: Iterable[Row], kind: type[T]) -> list[T]:
    """Return the rows of that form. Whoever can write to the table can write others."""
    found = []
    for row in rows:
        with suppress(ValidationError):
            found.append(convert(row, kind))
    return found


def _interval(times: Sequence[datetime]) -> int | None:
    """Return the allowed interval that is nearest to the usual time between two scheduled runs, newest first."""
    gaps = [(later - earlier) / timedelta(minutes=1) for later, earlier in pairwise(times)]
    return min(INTERVALS, key=lambda allowed: abs(allowed - median(gaps))) if gaps else None
