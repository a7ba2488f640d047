"""The deployed function as a state machine: hypothesis chooses what happens between any two calls.

The account, its services and the oracle are in `world` and `services`; attacks on the rows are those of tests/model.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace

from readiness import run
from readiness.alerts.bus import EventBus
from readiness.engine.evaluate import CheckFindings
from readiness.run import TableRun
from readiness.state import compare
from readiness.state.compare import observed
from readiness.state.drift import CheckResult
from readiness.state.store import Remembered, Store
from readiness.state.store.housekeeping import UNORDERED
from readiness.state.store.rows import SCHEMA
from readiness.state.store.wire import encode_item
from tests.fuzz.services import FAILURES, SERVICES
from tests.fuzz.values import ATTRIBUTES, WHOLE_TEXTS
from tests.fuzz.world import FORMER, NEWEST, RELEASES, TRIED, Deployed, ForgedWorld, World, is_replacement
from tests.model.whole import LONG, ON, SHORT, SILENCES, BrokenError

MOST_AT_ONCE = 3
MOST_BACK = 5
CHANGES = ("switch", "switch", "repeat", "narrow", "unprotect", "try_to_switch", "switch_elsewhere")
PEOPLES = ("OWNER", "ACK", "CANARY", "ATTESTATION", "MANIFEST", "SIGNOFF", "NOTHING")
"""Kinds of rows that silence nothing."""

RUNS = st.integers(0, MOST_AT_ONCE - 1)
LASTS = st.sampled_from([LONG, LONG, SHORT])
SEEN = st.sampled_from([None, 0, 60, 300, 1_200])
"""Seconds until a run that nothing comes between; None: whatever comes next comes first."""
A_MONTH_AND_MORE = 40 * 86_400


class Program(RuleBasedStateMachine):
    """The program in its account, without anybody who touches its rows."""

    kind: type[World] = World

    @initialize(random=st.randoms(use_true_random=False), monitored=st.sampled_from([True, True, False]))
    def begin(self, random: Random, *, monitored: bool) -> None:
        """Most tables are monitored already."""
        self.world = self.kind()
        self.world.random = random
        self.back = 0
        if monitored:
            self.world.run_undisturbed()

    # Runs

    @precondition(lambda self: len(self.world.alive) < MOST_AT_ONCE)
    @rule(lasts=LASTS)
    def invoke(self, lasts: timedelta) -> None:
        self.world.start(lasts)

    @precondition(lambda self: len(self.world.alive) < MOST_AT_ONCE and self.world.cloud.bodies)
    @rule(picks=st.lists(st.integers(0, 20), min_size=1, max_size=3), lasts=LASTS)
    def deliver_events(self, picks: list[int], lasts: timedelta) -> None:
        """In any order, and again."""
        self.world.deliver(picks, lasts)

    @precondition(lambda self: self.world.alive)
    @rule(which=RUNS, calls=st.integers(1, 60))
    def go_on(self, which: int, calls: int) -> None:
        """One of the runs goes on by some calls; others wait."""
        run = self.alive(which)
        for _ in range(calls):
            if not run.over:
                run.step()
        self.world._ended(run)  # noqa: SLF001  the promises of a history

    @precondition(lambda self: self.world.alive)
    @rule(which=RUNS)
    def kill(self, which: int) -> None:
        TRIED["kills"] += 1
        self.world._kill(self.alive(which))  # noqa: SLF001

    @precondition(lambda self: self.world.alive)
    @rule(which=RUNS)
    def lose_a_call_or_its_answer(self, which: int) -> None:
        TRIED["lost calls or answers"] += 1
        self.world._lose(self.alive(which))  # noqa: SLF001

    # The account

    @rule(change=st.sampled_from(CHANGES), seen=SEEN)
    def change_the_account(self, change: str, seen: int | None) -> None:
        getattr(self.world.cloud, change)()
        self.see(seen)

    @precondition(lambda self: self.world.cloud.exists and self.world.cloud.rows)
    @rule(seen=SEEN)
    def delete_the_table(self, seen: int | None) -> None:
        self.world.cloud.delete_the_table()
        self.see(seen)

    @precondition(lambda self: not self.world.cloud.exists)
    @rule(former=st.booleans(), seen=SEEN)
    def restore_under_the_same_name(self, seen: int | None, *, former: bool) -> None:
        TRIED["restores"] += 1
        self.world.restore(former=former)
        self.see(seen)

    @rule()
    def save_the_rows(self) -> None:
        """The time to which a table is restored."""
        self.world.cloud.save()

    @rule(seconds=st.sampled_from([1, 4, 30, 120, 3_600, A_MONTH_AND_MORE]))
    def let_time_pass(self, seconds: int) -> None:
        self.world._pass(seconds)  # noqa: SLF001

    @precondition(lambda self: self.back < MOST_BACK)
    @rule(minutes=st.integers(1, 60))
    def set_the_clock_back(self, minutes: int) -> None:
        self.back += 1
        TRIED["clocks set back"] += 1
        self.world.cloud.now -= timedelta(minutes=minutes)

    @rule(key=st.sampled_from(sorted(SILENCES)))
    def write_a_pause_or_a_waiver(self, key: str) -> None:
        """It is written, changed, withdrawn or put back."""
        if self.world.cloud.exists:
            self.world._write(key)  # noqa: SLF001

    # Services and releases

    @rule(service=st.sampled_from(sorted(SERVICES)), how=st.sampled_from(sorted(FAILURES)), seen=SEEN)
    def break_a_service(self, service: str, how: str, seen: int | None) -> None:
        TRIED["outages"] += 1
        self.world.fail(service, how)
        self.see(seen)

    @precondition(lambda self: self.world.cloud.away)
    @rule(seen=SEEN)
    def mend_all_services(self, seen: int | None) -> None:
        self.world.cloud.away.clear()
        self.see(seen)

    @rule(late=st.booleans())
    def hold_back_events_of_the_pager(self, *, late: bool) -> None:
        """They arrive later, the last one first."""
        TRIED["late events"] += len(self.world.cloud.flying)
        self.world.cloud.late = late

    @rule(release=st.sampled_from(RELEASES), at_once=st.booleans(), seen=SEEN)
    def deploy(self, release: tuple[str, int], seen: int | None, *, at_once: bool) -> None:
        """A later or an earlier release, of the same form of rows or of another."""
        TRIED["deployments"] += 1
        self.world.deploy(release, at_once=at_once)
        self.see(seen)

    @precondition(lambda self: self.kind is World and "STATE#CHECKS" in self.world.cloud.rows)
    @rule(seen=SEEN)
    def upgrade_from_a_release_that_did_not_sign(self, seen: int | None) -> None:
        self.world.downgrade()
        self.see(seen)

    @invariant()
    def nothing_is_wrong(self) -> None:
        """Audit what was committed and published by this step."""
        TRIED["steps"] += 1
        if hasattr(self, "world"):
            self.world.audit()

    def see(self, seconds: int | None) -> None:
        """A run at that time, unless it comes too late for others."""
        if seconds is not None and len(self.world.alive) < MOST_AT_ONCE:
            self.world._pass(seconds)  # noqa: SLF001
            self.world.run_undisturbed()

    def alive(self, which: int) -> Deployed:
        run = self.world.alive[which % len(self.world.alive)]
        assert isinstance(run, Deployed)
        return run

    def teardown(self) -> None:
        """Quiet runs of the newest release, after which the promises must hold."""
        if hasattr(self, "world"):
            self.world.finish()


class Attacked(Program):
    """The same while somebody writes the rows of the monitor, deletes its key, and has SSM deny it."""

    kind = ForgedWorld
    world: ForgedWorld

    @precondition(lambda self: self.world.cloud.rows)
    @rule(attack=st.sampled_from(["_change", "_add_message", "_lease", "_key", "_deny"]))
    def attack(self, attack: str) -> None:
        TRIED["attacks"] += 1
        getattr(self.world, attack)()

    @precondition(lambda self: any(value.endswith("signed") for value in self.world.cloud.parameters.values()))
    @rule(attack=st.sampled_from(["_strip", "_replace"]))
    def attack_a_signed_row(self, attack: str) -> None:
        TRIED["attacks"] += 1
        getattr(self.world, attack)()

    @precondition(lambda self: self.world.cloud.rows)
    @rule(kind=st.sampled_from(PEOPLES), row=st.dictionaries(WHOLE_TEXTS, ATTRIBUTES, max_size=2), at=ATTRIBUTES)
    def write_an_annotation(self, kind: str, row: dict[str, Any], at: dict[str, Any]) -> None:
        """It is not signed: people write it."""
        key = f"STATE#{kind}#pitr-enabled"
        values = encode_item({"tableId": "T1", "schema": SCHEMA, "by": "eve"})
        place = {"PK": {"S": "READINESS#"}, "SK": {"S": key}}
        self.world.cloud.rows[key] = {**row, **values, "at": at, "until": at, **place}


HISTORIES = settings(max_examples=max(6, settings().max_examples // 8), stateful_step_count=40)
MANY = settings(
    max_examples=300, stateful_step_count=40, derandomize=True, deadline=None, database=None, phases=[Phase.generate]
)


@pytest.mark.parametrize("machine", [Program, Attacked])
def test_no_history_breaks_a_promise(machine: type[Program], record_property: Callable[[str, object], None]) -> None:
    TRIED.clear()
    run_state_machine_as_test(machine, settings=HISTORIES)
    for what, number in TRIED.items():
        record_property(f"machine {what}", number)


def unread(world: World) -> None:
    """PITR is disabled, then its status cannot be read."""
    world.run_undisturbed()
    world.cloud.switch()
    world.run_undisturbed()
    world.fail("backups", "denies")
    world.run_undisturbed()


def unwritable(world: World) -> None:
    """The table cannot be written."""
    world.run_undisturbed()
    world.fail("rows", "denies")
    world.run_undisturbed()


def rolled_back(world: World) -> None:
    """The release is rolled back to one that reads an older form of rows, and PITR is disabled."""
    world.release = NEWEST
    world.run_undisturbed()
    world.deploy(FORMER, at_once=True)
    world.cloud.switch()
    world._pass(1_200)  # noqa: SLF001
    world.run_undisturbed()


def overlapping(world: World) -> None:
    """Two runs deliver at the same time."""
    world.run_undisturbed()
    world.cloud.switch()
    for _ in range(2):
        world.start(LONG)
    first, second = (each for each in world.alive if isinstance(each, Deployed))
    while first.at != "publish":
        first.step()
    while not second.over:
        second.step()
    world.finish()


def restored_unread(world: World) -> None:
    """The table is restored without the monitor's rows, and cannot be described at first."""
    world.run_undisturbed()
    world.cloud.unprotect()
    world.run_undisturbed()
    world.cloud.delete_the_table()
    world.fail("table", "throttles")
    world.restore(former=True)
    world.run_undisturbed()
    world.finish()


def restored_unregistered(world: World) -> None:
    """The table is restored without the monitor's rows, while SSM cannot return the TableId of the former one."""
    world.run_undisturbed()
    world.cloud.delete_the_table()
    world.fail("parameters", "throttles")
    world.restore(former=True)
    world.run_undisturbed()
    world.finish()


def upgraded_unseen(world: World) -> None:
    """A first run that could describe nothing, then a release that did not sign, then the next one."""
    world.fail("table", "answers HTTP 500")
    world.cloud.switch()
    world.run_undisturbed()
    world.downgrade()
    world.finish()


def paused_before_the_upgrade(world: World) -> None:
    """A pause is recorded between the last run of a release that did not sign and the first of the next one."""
    world.run_undisturbed()
    world.downgrade()
    world._write("STATE#PAUSE")  # noqa: SLF001
    world.cloud.switch()
    world.run_undisturbed()
    world.finish()


def restored_after_a_rollback(world: World) -> None:
    """A report after a rollback is about one table, and not about the one that a restore puts in its place."""
    rolled_back(world)
    world.cloud.delete_the_table()
    world.restore(former=False)
    world.run_undisturbed()
    world.finish()


def replayed_events(world: World) -> None:
    """Change events arrive twice, the later one first, beside calls that changed nothing."""
    world.run_undisturbed()
    for change in ("switch", "try_to_switch", "switch_elsewhere", "switch"):
        getattr(world.cloud, change)()
        world._pass(1)  # noqa: SLF001
    for picks in ([3], [0, 1], [3, 2, 0], [1]):
        world.deliver(picks, LONG)
        world._complete(world.alive[-1])  # noqa: SLF001
    world.finish()


def without_the_bus(world: World) -> None:
    """The event bus does not answer while PITR is disabled."""
    world.run_undisturbed()
    world.fail("bus", "does not answer")
    world.cloud.switch()
    world.run_undisturbed()
    assert world.heard[ON] == "FAIL"
    world.finish()


def restored_without_rows_unread(world: World) -> None:
    """The table is restored from a time before the first run, and cannot be described at first."""
    world.cloud.switch()
    world.run_undisturbed()
    world.cloud.delete_the_table()
    world.restore(former=True)
    world.fail("table", "answers HTTP 500")
    world.run_undisturbed()
    assert world.heard[ON] == "FAIL"
    world.finish()


def run_release(world: World, release: tuple[str, int]) -> None:
    """Deploy a release, and let it run undisturbed after 20 minutes."""
    world.deploy(release, at_once=True)
    world._pass(1_200)  # noqa: SLF001
    world.run_undisturbed()


def rolled_back_with_another_key(world: World) -> None:
    """A release is rolled back twice; in between, one that did not sign left its rows, and no key."""
    rolled_back(world)
    world.downgrade()
    run_release(world, NEWEST)
    run_release(world, FORMER)
    assert [each["trouble"]["what"] for each in world.direct] == 2 * ["NEWER_RELEASE"]
    world.finish()


def rolled_back_twice(world: World) -> None:
    """A release is rolled back twice within a month, and the same fails."""
    rolled_back(world)
    for release in (NEWEST, FORMER):
        run_release(world, release)
    assert [each["trouble"]["what"] for each in world.direct] == ["NEWER_RELEASE"]
    world.finish()


def rolled_back_a_month_later(world: World) -> None:
    """A release is rolled back again when the report of the first rollback has expired."""
    rolled_back(world)
    world.deploy(NEWEST, at_once=True)
    world._pass(A_MONTH_AND_MORE)  # noqa: SLF001
    for _ in UNORDERED:
        world._pass(86_400)  # noqa: SLF001
        world.run_undisturbed()
    run_release(world, FORMER)
    assert [each["trouble"]["what"] for each in world.direct] == 2 * ["NEWER_RELEASE"]
    world.finish()


def rolled_back_unrecorded(world: World) -> None:
    """A report after a rollback is published, but the row that it was cannot be written."""
    world.release = NEWEST
    world.run_undisturbed()
    world.deploy(FORMER, at_once=True)
    world.cloud.switch()
    world.start(LONG)
    (run,) = (each for each in world.alive if isinstance(each, Deployed))
    while run.at != "publish answered":
        run.step()
    world.fail("rows", "denies")
    world._complete(run)  # noqa: SLF001
    world.cloud.away.clear()
    world._pass(1_200)  # noqa: SLF001
    world.run_undisturbed()
    world.finish()


def rolled_back_while_the_clock_is_ahead(world: World) -> None:
    """SNS refuses the report after a rollback, and then the clock is set back by more than any lease lasts."""
    world.fail("topic", "throttles")
    rolled_back(world)
    world.cloud.away.clear()
    world._pass(60)  # noqa: SLF001
    world.run_undisturbed()
    assert world.direct == []
    world.cloud.now -= timedelta(minutes=53)
    world.run_undisturbed()
    assert [each["trouble"]["what"] for each in world.direct] == ["NEWER_RELEASE"]
    world.finish()


def rolled_back_and_restored_unread(world: World) -> None:
    """After a rollback the table is restored, and cannot be described in every second run."""
    rolled_back(world)
    world.cloud.delete_the_table()
    world.restore(former=False)
    world.run_undisturbed()
    world.fail("table", "throttles")
    world._pass(1_200)  # noqa: SLF001
    world.run_undisturbed()
    world.finish()


FOUND = (
    without_the_bus,
    restored_unread,
    restored_unregistered,
    upgraded_unseen,
    paused_before_the_upgrade,
    restored_after_a_rollback,
    replayed_events,
    restored_without_rows_unread,
    rolled_back_with_another_key,
    rolled_back_twice,
    rolled_back_a_month_later,
    rolled_back_unrecorded,
    rolled_back_while_the_clock_is_ahead,
    rolled_back_and_restored_unread,
)


@pytest.mark.parametrize("scene", FOUND)
def test_a_history_that_was_found_once_breaks_no_promise(scene: Callable[[World], None]) -> None:
    scene(World())


def test_a_rollback_is_reported_again_if_the_key_was_deleted() -> None:
    world = ForgedWorld()
    rolled_back(world)
    world._key()  # noqa: SLF001
    for release in (NEWEST, FORMER):
        run_release(world, release)
    assert [each["trouble"]["what"] for each in world.direct] == 2 * ["NEWER_RELEASE"]
    world.finish()


def test_a_recovery_whose_message_was_replaced_is_told_by_the_message_in_its_place() -> None:
    world = ForgedWorld()
    world.run_undisturbed()
    world.cloud.switch()
    world.run_undisturbed()
    world.fail("topic", "throttles")
    world.cloud.switch()
    world._pass(60)  # noqa: SLF001
    world.run_undisturbed()
    (waiting,) = world._waiting()  # noqa: SLF001
    world._touch(waiting, "changes")  # noqa: SLF001
    world.cloud.rows[waiting] = {**world.cloud.rows[waiting], "message": {"S": "FORGED"}}
    world.finish()
    assert any(map(is_replacement, world.sent()))


def forgets(asked: CheckFindings, *, remembered: bool) -> CheckResult:
    """A resource that cannot be read is taken to be gone."""
    return replace(observed(asked, remembered=remembered), unread={}, complete=True)


def nothing(*_given: object) -> None:
    """In place of a step."""


def other(*_given: object) -> dict[str, tuple[str, ...]]:
    """In place of digests."""
    return {ON: (uuid4().hex,)}


BREAKS: Sequence[Any] = (
    pytest.param(unread, (compare, "observed"), forgets, "is unknown, and became", id="unknown becomes a verdict"),
    pytest.param(unwritable, (run, "publish_fallback"), nothing, "nobody was told", id="no fallback alert"),
    pytest.param(rolled_back, (TableRun, "report_rollback"), nothing, "nobody was told", id="no rollback alert"),
    pytest.param(rolled_back_twice, (run, "digests_of"), other, "twice after a rollback", id="rollback told again"),
    pytest.param(rolled_back, (Remembered, "is_newer"), False, "overwritten a newer one", id="newer rows overwritten"),
    pytest.param(replayed_events, (EventBus, "put"), lambda *_: 0, "did not reach the bus", id="no events"),
    pytest.param(overlapping, (Store, "claim"), lambda *_given: True, "published twice", id="sent without a lease"),
)


@pytest.mark.parametrize(("scene", "step", "broken", "promise"), BREAKS)
def test_the_oracle_notices_a_broken_step(
    monkeypatch: pytest.MonkeyPatch, scene: Callable[[World], None], step: tuple[Any, str], broken: Any, promise: str
) -> None:
    scene(World())
    monkeypatch.setattr(*step, broken)
    with pytest.raises(BrokenError, match=promise):
        scene(World())


def believed(_store: object, _signed: object, **_more: object) -> Callable[[str, object], bool]:
    return lambda _key, _item: True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("machine", "where", "name", "broken"),
    [
        pytest.param(Program, Store, "claim", lambda *_given: True, id="messages are sent without a lease"),
        pytest.param(Attacked, Store, "_trusted", believed, id="rows are believed without a signature"),
        pytest.param(Attacked, TableRun, "replace_damaged", lambda *_given: False, id="damaged messages stay"),
    ],
)
def test_a_broken_program_is_caught(
    monkeypatch: pytest.MonkeyPatch, machine: type[Program], where: Any, name: str, broken: Any
) -> None:
    monkeypatch.setattr(where, name, broken)
    with pytest.raises(BrokenError):
        run_state_machine_as_test(machine, settings=MANY)
