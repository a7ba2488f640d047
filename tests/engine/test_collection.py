"""Each fact is fetched once per place, kept answers not at all, and what fails is a reason in its own place."""

import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readiness.aws.answer import Lacking, Partial, lacking
from readiness.engine.collect import AT_ONCE, Past, collect, needed
from readiness.engine.each import Each
from readiness.engine.evaluate import evaluate
from readiness.engine.fact import Keeps, Source, fact
from readiness.engine.rule import Judge, passed
from readiness.engine.snapshot import ROOT, Answer, Fetched, Kept, Place, Snapshot
from readiness.model import Fact, Given, Gone, Reason, Unavailable, Unreadable, Verdict
from readiness.state.kept import KeptAnswers
from readiness.state.store import KeptFact
from tests.engine.shops import rule_of, unexpected

FOREVER = float("inf")
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)


class Sea(Given, Fact):
    """What the calls do, by name: they are called. `log` is what was done, in that order."""

    calls: dict[str, Callable[[], Any]]
    log: list[str]

    def call(self, name: str) -> Any:
        self.log.append(name)
        return self.calls.get(name, lambda: 1)()


class Island(Fact):
    name: str


@fact("sea:ListIslands")
def islands(sea: Sea) -> Each[Island]:
    sea.call("islands")
    return Each({name: Island(name) for name in "abc"})


class Height(Partial):
    metres: int


@fact("sea:Measure", keeps=timedelta(days=1))
def height(sea: Sea, island: Island) -> Height:
    return Height(sea.call(f"height of {island.name}"))


class Chart(Fact):
    """What AWS would call a revision."""

    revision: str | None


@fact("sea:Chart")
def chart(sea: Sea, island: Island) -> Chart:
    return Chart(sea.call(f"chart of {island.name}"))


class Depth(Fact):
    metres: int


@fact("sea:Sound", keeps=Keeps(timedelta(days=1), revision="chart.revision"))
def depth(sea: Sea, island: Island, chart: Chart) -> Depth:  # noqa: ARG001  the chart has its revision
    return Depth(sea.call(f"depth of {island.name}"))


class Highest(Fact):
    metres: int


@fact()
def highest(sea: Sea, heights: Each[Height]) -> Highest:
    sea.call("highest")
    return Highest(max(height.metres for height in heights))


class Breeze(Fact):
    force: int


@fact("sea:Breeze")
def breeze(sea: Sea) -> Breeze:
    return Breeze(sea.call("breeze"))


class Guess(Fact):
    force: int | None


@fact()
def guess(sea: Sea, breeze: Breeze | Unavailable) -> Guess:
    sea.call("guess")
    return Guess(None if isinstance(breeze, Unavailable) else breeze.force)


def sail(highest: Highest, guess: Guess) -> Verdict:
    return passed(f"{highest} {guess}")


def dive(depths: Each[Depth]) -> Verdict:
    return passed(f"{[depth.metres for depth in depths]}")


def collected(
    calls: dict[str, Callable[[], Any]],
    *,
    check: Judge = sail,
    kept: Callable[[Source, Place, str], Kept | None] = lambda _source, _place, _revision: None,
    deadline: float = FOREVER,
) -> tuple[Snapshot, list[str], list[tuple[str, str]]]:
    """The snapshot, the calls in their order, and what was reported as a defect."""
    log: list[str] = []
    told: list[tuple[str, str]] = []
    past = Past({Sea: {ROOT: Sea(calls, log)}}, kept=kept)
    snapshot = collect(
        rule_of(check).checks, past, deadline, lambda who, error: told.append((who.rpartition(".")[2], str(error)))
    )
    return snapshot, log, told


def failing(error: Exception) -> Callable[[], Any]:
    def fail() -> Any:
        raise error

    return fail


def at_root(snapshot: Snapshot, identity: type) -> Answer:
    return snapshot.answers[identity][ROOT]


def on(island: str) -> frozenset[tuple[type, str]]:
    return frozenset({(Island, island)})


def test_each_fact_is_fetched_once_per_place() -> None:
    snapshot, log, told = collected({"height of b": lambda: 7})
    assert sorted(log) == ["breeze", "guess", "height of a", "height of b", "height of c", "highest", "islands"]
    assert at_root(snapshot, Highest) == Highest(7)
    assert snapshot.answers[Height] == {on("a"): Height(1), on("b"): Height(7), on("c"): Height(1)}
    assert told == []


def test_only_what_is_needed_is_fetched() -> None:
    def waits(breeze: Breeze) -> Verdict:
        return passed(f"{breeze}")

    _, log, _ = collected({}, check=waits)
    assert log == ["breeze"]


def test_a_kept_answer_is_reused_while_it_is_young_and_fetched_again_when_it_is_old_or_of_the_future() -> None:
    now = AT
    ages = {"a": timedelta(hours=23), "b": timedelta(hours=24), "c": timedelta(seconds=-1)}
    remembered = [
        KeptFact(type="Height", place=island, at=now - age, table_id="", answer={"metres": 5})
        for island, age in ages.items()
    ]
    snapshot, log, _ = collected({"height of b": lambda: 4}, kept=KeptAnswers(remembered, now).find)
    assert {call for call in log if call.startswith("height")} == {"height of b", "height of c"}
    assert at_root(snapshot, Highest) == Highest(5)
    assert snapshot.fresh == {(Height, on("b")): Fetched(Height(4)), (Height, on("c")): Fetched(Height(1))}


def test_a_finding_says_how_old_the_oldest_answer_is_that_it_rests_on() -> None:
    """A fact that is made of kept answers is as old as the oldest of them, and one that was read now has no age."""
    ages = {"a": timedelta(hours=1), "b": timedelta(hours=2)}

    def kept(source: Source, place: Place, _revision: str) -> Kept | None:
        age = ages.get(next((key for _, key in place), ""))
        return Kept(Height(7), AT - age) if source.identity is Height and age else None

    snapshot, _, _ = collected({}, kept=kept)
    assert snapshot.as_of == {
        Height: {on("a"): AT - ages["a"], on("b"): AT - ages["b"]},
        Highest: {ROOT: AT - ages["b"]},
    }

    def tall(height: Height) -> Verdict:
        return passed(f"{height.metres} m")

    def windy(_island: Island, guess: Guess) -> Verdict:
        return passed(f"{guess}")

    for check, expected in ((tall, [AT - ages["a"], AT - ages["b"], None]), (windy, [None] * 3)):
        rule = rule_of(check)
        past = Past({Sea: {ROOT: Sea({}, [])}}, kept=kept)
        (found,) = evaluate([rule], collect(rule.checks, past), Sea, lambda _sea: {}, unexpected)
        assert [finding.as_of for finding in found.asked[0].findings] == expected


def depths(depth: int, revision: Any = "2", remembered: str = "2") -> tuple[Snapshot, bool]:
    """The depth that is kept of a revision is 7. The snapshot, and whether it was measured again."""
    fact = KeptFact(type="Depth", place="a", at=AT, table_id="", answer={"metres": 7}, revision=remembered)
    calls = {"chart of a": lambda: revision, "depth of a": lambda: depth}
    snapshot, log, _ = collected(calls, check=dive, kept=KeptAnswers([fact], AT + timedelta(hours=1)).find)
    return snapshot, "depth of a" in log


def test_an_answer_of_a_revision_is_reused_until_the_revision_changes() -> None:
    snapshot, measured = depths(9)
    assert (measured, snapshot.as_of) == (False, {}), "its revision was read by this run"
    snapshot, measured = depths(9, revision="3")
    assert measured
    assert snapshot.fresh[Depth, on("a")] == Fetched(Depth(9), "3")


@pytest.mark.parametrize(
    ("revision", "remembered"),
    [
        pytest.param("", "", id="neither is known"),
        pytest.param("2", "", id="it was not known"),
        pytest.param(None, "2", id="it is not known now"),
        pytest.param(Lacking(Unavailable(Reason.INCOMPLETE_ANSWER, "sea:Chart")), "2", id="the answer lacks it"),
    ],
)
def test_an_answer_whose_revision_is_not_known_is_not_reused(revision: Any, remembered: str) -> None:
    assert depths(9, revision, remembered)[1]


class Unknown(Fact):
    """Its source is refused."""


def test_a_revision_is_a_member_of_one_fact() -> None:
    for path in ("chart", "chart.colour", "charts.revision", "height.metres"):
        with pytest.raises(TypeError, match=path):

            @fact("sea:Sound", keeps=Keeps(timedelta(days=1), revision=path))
            def sound(chart: Chart, charts: Each[Chart], height: Height | None) -> Unknown:
                raise NotImplementedError


def test_an_answer_that_declares_no_time_to_keep_is_never_reused() -> None:
    snapshot, _, _ = collected({"breeze": lambda: 2}, kept=lambda _source, _place, _revision: Kept(Height(8), AT))
    assert at_root(snapshot, Highest) == Highest(8)
    assert at_root(snapshot, Breeze) == Breeze(2)


def test_what_was_fetched_and_may_be_kept_is_fresh() -> None:
    snapshot, _, _ = collected({"height of a": failing(Gone("sunk")), "height of b": failing(KeyError("x"))})
    assert snapshot.fresh == {(Height, on("c")): Fetched(Height(1))}, (
        "neither gone nor unread, nor what declares no time to keep"
    )


def test_an_answer_that_lacks_a_member_is_not_kept_for_later_runs() -> None:
    absent = Lacking(Unavailable(Reason.INCOMPLETE_ANSWER, "sea:Measure"))
    snapshot, _, _ = collected({"height of a": lambda: absent, "height of b": lambda: absent})
    assert lacking(snapshot.answers[Height][on("a")]) == {"metres": absent.why}
    assert set(snapshot.fresh) == {(Height, on("c"))}


def test_pure_facts_are_answered_inline() -> None:
    threads: dict[str, threading.Thread] = {}

    def at(name: str) -> Callable[[], int]:
        def call() -> int:
            threads[name] = threading.current_thread()
            return 1

        return call

    collected({name: at(name) for name in ("breeze", "highest", "guess")})
    assert threads["highest"] is threads["guess"] is threading.current_thread()
    assert threads["breeze"] is not threading.current_thread()


def test_the_longest_chain_of_calls_starts_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AT_ONCE, "sea", 1)
    _, log, _ = collected({})
    assert log[0] == "islands", "heights wait for the islands, and nobody's call for the breeze"


def test_after_the_deadline_what_is_missing_is_unread_and_pure_facts_still_follow() -> None:
    release = threading.Event()
    try:
        started = time.monotonic()
        snapshot, log, _ = collected({"height of b": lambda: release.wait(60)}, deadline=started + 1)
        assert time.monotonic() - started < 30, "a call that hangs holds nobody"
    finally:
        release.set()
    late = Unavailable(Reason.TIMEOUT, "sea:Measure")
    assert snapshot.answers[Height] == {on("a"): Height(1), on("b"): late, on("c"): Height(1)}
    assert at_root(snapshot, Highest) == late
    assert at_root(snapshot, Guess) == Guess(1)
    assert "highest" in log
    assert set(snapshot.fresh) == {(Height, on("a")), (Height, on("c"))}


def test_a_call_that_hangs_does_not_hold_the_process() -> None:
    script = (
        "import time; from readiness.engine.collect import Calls;"
        "calls = Calls(); calls.submit('sea', 0, 'breeze', lambda: time.sleep(600));"
        "print(calls.next(time.monotonic() + 0.1), calls.give_up()); calls.close()"
    )
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True, timeout=60)
    assert run.stdout == "None ['breeze']\n"


def test_after_the_deadline_no_call_is_begun() -> None:
    snapshot, log, _ = collected({}, deadline=time.monotonic() - 1)
    assert at_root(snapshot, Breeze) == Unavailable(Reason.TIMEOUT, "sea:Breeze")
    assert at_root(snapshot, Guess) == Guess(None)
    assert "guess" in log


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_arrival_leaves_no_trace(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311  no secret depends on it

    def slow(answer: int) -> Callable[[], int]:
        seconds = chance.uniform(0, 0.02)

        def call() -> int:
            time.sleep(seconds)
            return answer

        return call

    answers = {"height of a": 3, "height of b": 5, "height of c": 4, "breeze": 2}
    snapshot, _, told = collected({name: slow(answer) for name, answer in answers.items()}, check=climb)
    judgements = evaluate([rule_of(climb)], snapshot, Island, lambda _island: {}, unexpected)
    findings = [each for judgement in judgements for asked in judgement.asked for each in asked.findings]
    assert [each.message for each in findings] == ["a: 3, breeze 2", "b: 5, breeze 2", "c: 4, breeze 2"]
    assert [each.metres for each in snapshot.each(Height, ROOT)] == [3, 5, 4]
    assert told == []


def climb(island: Island, height: Height, breeze: Breeze) -> Verdict:
    return passed(f"{island.name}: {height.metres}, breeze {breeze.force}")


def test_a_calling_fact_that_does_not_understand_its_answer_is_malformed_and_reported() -> None:
    snapshot, _, told = collected({"height of b": failing(KeyError("Metres"))})
    unread = Unavailable(Reason.MALFORMED, "sea:Measure", "KeyError")
    assert snapshot.answers[Height] == {on("a"): Height(1), on("b"): unread, on("c"): Height(1)}
    assert at_root(snapshot, Highest) == unread
    assert at_root(snapshot, Guess) == Guess(1)
    assert told == [("Height", "'Metres'")]


def test_a_pure_fact_with_a_bug_is_a_defect_and_reported() -> None:
    snapshot, _, told = collected({"highest": failing(ZeroDivisionError("bug"))})
    assert at_root(snapshot, Highest) == Unavailable(Reason.DEFECT, None, "ZeroDivisionError")
    assert at_root(snapshot, Guess) == Guess(1)
    assert told == [("Highest", "bug")]


def test_what_is_unreadable_inside_a_fact_is_its_reason() -> None:
    first = Unavailable(Reason.THROTTLED, "sea:Measure")
    second = Unavailable(Reason.STALE, "sea:Measure")
    snapshot, _, told = collected({"breeze": failing(Unreadable({"z": second, "a": first}))})
    assert at_root(snapshot, Breeze) == first
    assert told == []


def test_a_fact_whose_resource_is_gone_is_gone() -> None:
    gone = Gone("the sea is dry")
    snapshot, _, told = collected({"breeze": failing(gone)})
    assert at_root(snapshot, Breeze) is gone
    assert at_root(snapshot, Guess) is gone
    assert told == []


def test_threads_end_with_the_collection_that_started_them() -> None:
    before = set(threading.enumerate())
    for _ in range(20):
        collected({})
    for thread in set(threading.enumerate()) - before:
        thread.join(5)
    assert set(threading.enumerate()) <= before


def test_the_plan_names_what_comes_before_each_type() -> None:
    plan = needed(rule_of(sail).checks)
    assert plan[Highest] == {Sea, Height}
    assert plan[Height] == {Sea, Island}
    assert plan[Sea] == set()
