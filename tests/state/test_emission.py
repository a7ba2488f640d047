"""The status of an item that is emitted on changes only: alarms on it are in the state that all statuses give.

Histories of runs are replayed through the periods of an alarm: runs that are late or lost, that end before they emit
what they have recorded, that are made at a terminal and emit nothing, or whose clock is wrong.
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from readiness import metrics
from readiness.model import Status
from readiness.state import emission as emitting
from readiness.state.emission import emission
from readiness.state.store import EmittedItems, Remembered
from tests.run.replay import datapoints, evaluated

ITEM = "pitr-enabled"
START = datetime(2026, 11, 24, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
PERIOD, WINDOW = timedelta(minutes=5), timedelta(minutes=15)

ALARM: dict[str, Any] = {
    "MetricName": "ItemStatus",
    "Dimensions": [{"Name": "table"}, {"Name": "rule"}],
    "Statistic": "Maximum",
    "EvaluationPeriods": 1,
    "ComparisonOperator": "GreaterThanThreshold",
    "Threshold": 2,
    "TreatMissingData": "ignore",
}
"""The alarm of docs/alerts.md."""

Document = dict[str, Any]


@dataclass(frozen=True)
class Run:
    """A run that recorded a status. `at` is what its clock says, `emitted` when it emits; None: it emits nothing."""

    at: datetime
    status: Status
    emitted: datetime | None
    deployed: bool = True


def history(seed: int, interval: timedelta, days: int = 3) -> Iterator[Run]:
    """Runs of a schedule and of change events, in the order in which they record."""
    chance = random.Random(seed)  # noqa: S311  a history that can be repeated
    changes = sorted(START + chance.random() * days * DAY for _ in range(chance.randrange(8)))
    changes += [each + chance.random() * chance.choice([4, 20]) * MINUTE for each in changes if chance.random() < 0.7]
    changes.sort()
    due = [START + number * interval + chance.random() * MINUTE for number in range(int(days * DAY / interval))]
    for _ in range(chance.randrange(3)):
        lost = START + chance.random() * days * DAY
        due = [each for each in due if not lost < each < lost + chance.random() * 90 * MINUTE]
    due += [each + chance.random() * MINUTE for each in changes if chance.random() < 0.8]
    status, emits = Status.PASS, True
    for at in sorted(due):
        while changes and changes[0] <= at:
            changes.pop(0)
            others = [each for each in metrics.LEVELS if each is not status]
            status = Status.FAIL if Status.FAIL in others and chance.random() < 0.7 else chance.choice(others)
        emits = not emits or chance.random() > 0.02
        clock = at + (chance.choice([-1, 1]) * 2 * DAY if chance.random() < 0.002 else timedelta())
        deployed = chance.random() > 0.02
        yield Run(clock, status, at + chance.random() * MINUTE if emits and deployed else None, deployed)


@dataclass
class Emitting:
    """The documents of runs, as `readiness.metrics` prints them."""

    mode: Any
    capsys: pytest.CaptureFixture[str]
    remembered: Remembered = field(default_factory=Remembered)
    documents: list[Document] = field(default_factory=list)

    def record(self, run: Run) -> None:
        shown, kept = emission(self.mode, {ITEM: run.status}, self.remembered, run.at)
        if run.deployed:
            self.remembered = Remembered(emitted=kept)
        if run.emitted is None:
            return
        metrics.emit(metrics.Emitted("table", shown, {}))
        for line in self.capsys.readouterr().out.splitlines():
            document = json.loads(line)
            document["_aws"]["Timestamp"] = 1000 * run.emitted.timestamp()
            self.documents.append(document)


def differing(runs: list[Run], capsys: pytest.CaptureFixture[str]) -> list[datetime]:
    """The ends of periods in which the alarm is not in the state that a status in every run gives.

    Left out are those for which a change is promised to take: 15 minutes, two runs that emit, and the period.
    """
    all_of_them, changes = Emitting("every_run", capsys), Emitting("changes", capsys)
    for run in runs:
        all_of_them.record(run)
        changes.record(run)
    expected, found = states(all_of_them.documents), states(changes.documents)
    assert len(expected) == len(found)
    first = min(each["_aws"]["Timestamp"] for each in all_of_them.documents) / 1000
    settled = list(unsettled(runs))
    ends = [datetime.fromtimestamp((first // 300 + number) * 300, UTC) for number in range(1, len(found) + 1)]
    return [
        end
        for end, one, other in zip(ends, expected, found, strict=True)
        if one != other and not any(begin <= end <= over for begin, over in settled)
    ]


def states(documents: list[Document]) -> list[str]:
    points, state, found = list(datapoints(ALARM, documents)), "INSUFFICIENT_DATA", []
    for end in range(1, len(points) + 1):
        state = evaluated(ALARM, points[:end], state)
        found.append(state)
    return found


def unsettled(runs: list[Run]) -> Iterator[tuple[datetime, datetime]]:
    """From the first run that sees a change to the period after the second that emits it 15 minutes later."""
    emitting_runs = [(each.status, each.emitted) for each in runs if each.emitted]
    before = None
    for status, at in emitting_runs:
        if status is not before:
            later = [each for _, each in emitting_runs if each >= at + WINDOW][:2]
            yield at - PERIOD, (later[-1] if len(later) == 2 else START + 365 * DAY) + PERIOD
        before = status


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("interval", [5, 15, 60])
def test_an_alarm_is_in_the_state_that_a_status_in_every_run_gives(
    seed: int, interval: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert differing(list(history(seed, interval * MINUTE)), capsys) == []


FLAPPED = [
    Run(START, Status.PASS, START),
    *(Run(at, Status.PASS, at) for at in (START + number * PERIOD for number in range(1, 12))),
    Run(START + 61 * MINUTE, Status.FAIL, START + 61 * MINUTE),
    Run(START + 63 * MINUTE, Status.PASS, START + 63 * MINUTE),
    *(Run(at, Status.PASS, at) for at in (START + number * PERIOD for number in range(13, 100))),
]
"""A failure and its recovery in one period, whose maximum is the failure."""


def test_a_status_that_is_emitted_on_its_change_alone_leaves_the_alarm_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert differing(FLAPPED, capsys) == []
    monkeypatch.setattr(emitting, "AFTER_CHANGE", -(10**9))
    assert len(differing(FLAPPED, capsys)) > 60


def test_a_shortcut_is_seen_in_the_histories_too(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(emitting, "AFTER_CHANGE", -(10**9))
    assert any(differing(list(history(seed, PERIOD)), capsys) for seed in range(6))


def emitted(statuses: dict[datetime, Status], **before: Any) -> list[datetime]:
    """The runs that emit the status."""
    remembered, found = Remembered(**before), []
    for at, status in statuses.items():
        shown, kept = emission("changes", {ITEM: status}, remembered, at)
        remembered = Remembered(emitted=kept)
        found += [at] if shown else []
    return found


def every(interval: timedelta, *, lasts: timedelta, begin: datetime = START) -> list[datetime]:
    return [begin + number * interval for number in range(int(lasts / interval))]


@pytest.mark.parametrize("interval", [5, 15, 60])
def test_an_unchanged_status_has_a_datapoint_in_each_day_and_costs_an_hour_of_it(interval: int) -> None:
    runs = every(interval * MINUTE, lasts=30 * DAY)
    found = emitted(dict.fromkeys(runs, Status.PASS))
    assert max(later - earlier for earlier, later in pairwise([*found, runs[-1]])) <= DAY
    assert len({at.replace(minute=0) for at in found}) <= 35


def test_a_change_is_emitted_for_15_minutes_and_by_the_two_runs_that_follow() -> None:
    runs = every(PERIOD, lasts=DAY / 2)
    change = runs[50]
    found = emitted({at: Status.FAIL if at >= change else Status.PASS for at in runs})
    assert [at - change for at in found if at >= change] == [number * PERIOD for number in range(5)]


def test_a_clock_that_was_wrong_silences_nothing() -> None:
    for wrong in (START - 9 * DAY, START + 9 * DAY):
        runs = [*every(PERIOD, lasts=DAY / 4), wrong, *every(PERIOD, lasts=DAY / 4, begin=START + DAY / 4)]
        found = emitted(dict.fromkeys(runs, Status.WARN))
        assert any(at >= START + DAY / 4 for at in found)
        changed = {at: Status.FAIL if at == runs[-1] else Status.WARN for at in runs}
        assert emitted(changed)[-1] == runs[-1]


def test_of_several_items_only_those_that_changed_are_emitted() -> None:
    good = dict.fromkeys(("a", "b"), Status.PASS)
    last = int(START.timestamp()) // 60 - 60
    remembered = Remembered(emitted=EmittedItems({"a": last, "b": last, "gone": last}, {"gone": 3}))
    shown, kept = emission("changes", good | {"b": Status.UNKNOWN, "new": Status.PASS}, remembered, START)
    assert shown == {"b": Status.UNKNOWN, "new": Status.PASS}
    assert kept == EmittedItems(
        {"a": last, "b": last + 60, "new": last + 60}, {"b": 2}, {"b": last + 60, "new": last + 60}
    )


def test_in_every_run_all_are_emitted_and_nothing_is_remembered() -> None:
    statuses = {ITEM: Status.PASS}
    assert emission("every_run", statuses, Remembered(emitted=EmittedItems({ITEM: 1})), START) == (
        statuses,
        EmittedItems(),
    )
