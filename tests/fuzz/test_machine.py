"""Whole runs as a state machine: hypothesis chooses what happens between any two calls, and shrinks what fails.

The account, the runs and the promises are those of the random histories in tests/model.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from readiness.alerts import fallback
from readiness.run import TableRun
from readiness.state import identity
from readiness.state.store import Store, parameter
from readiness.state.store.rows import SCHEMA
from readiness.state.store.wire import encode_item
from tests.fuzz.values import ATTRIBUTES, WHOLE_TEXTS
from tests.model.forged import Forged
from tests.model.whole import FORMER, LONG, SHORT, BrokenError, History, Invocation

MOST_AT_ONCE = 3
MOST_BACK = 5
PEOPLES = ("OWNER", "ACK", "CANARY", "ATTESTATION", "MANIFEST", "SIGNOFF", "NOTHING")
"""Kinds of rows that silence nothing."""
RELEASES = ("", "0.1.0", "0.2.0")


class Program(RuleBasedStateMachine):
    """The program in its account, without anybody who touches its rows."""

    kind: type[History] = History

    @initialize(random=st.randoms(use_true_random=False))
    def begin(self, random: Random) -> None:
        fallback._published.clear()  # noqa: SLF001  each history is an execution environment of its own
        identity._written.clear()  # noqa: SLF001  likewise
        parameter._keys.clear()  # noqa: SLF001  likewise
        self.history = self.kind(0)
        self.history.random = random
        self.release, self.back = "", 0

    @precondition(lambda self: len(self.history.alive) < MOST_AT_ONCE)
    @rule(lasts=st.sampled_from([LONG, LONG, SHORT]))
    def invoke(self, lasts: timedelta) -> None:
        self.history.runs += 1
        started = Invocation(self.history.cloud, f"run-{self.history.runs}", lasts, self.release)
        self.history.alive.append(started)

    @precondition(lambda self: self.history.alive)
    @rule(which=st.integers(0, MOST_AT_ONCE - 1), calls=st.integers(1, 60))
    def go_on(self, which: int, calls: int) -> None:
        """One of the runs goes on by some calls; others wait."""
        run = self.alive(which)
        for _ in range(calls):
            if not run.over:
                run.step()
        self.history._ended(run)  # noqa: SLF001  the promises of a history

    @precondition(lambda self: self.history.alive)
    @rule(which=st.integers(0, MOST_AT_ONCE - 1))
    def kill(self, which: int) -> None:
        self.history._kill(self.alive(which))  # noqa: SLF001

    @precondition(lambda self: self.history.alive)
    @rule(which=st.integers(0, MOST_AT_ONCE - 1))
    def lose_a_call_or_its_answer(self, which: int) -> None:
        self.history._lose(self.alive(which))  # noqa: SLF001

    @rule()
    def change_the_account(self) -> None:
        self.history.cloud.flip()

    @rule()
    def break_or_mend_sns(self) -> None:
        self.history.cloud.refusing = not self.history.cloud.refusing

    @rule(seconds=st.sampled_from([1, 4, 30, 120]))
    def let_time_pass(self, seconds: int) -> None:
        self.history._pass(seconds)  # noqa: SLF001

    @precondition(lambda self: self.back < MOST_BACK)
    @rule(minutes=st.integers(1, 60))
    def set_the_clock_back(self, minutes: int) -> None:
        self.back += 1
        self.history.cloud.now -= timedelta(minutes=minutes)

    @rule(release=st.sampled_from(RELEASES))
    def deploy(self, release: str) -> None:
        """A later or an earlier release."""
        self.release = release

    @precondition(lambda self: self.history.cloud.table_id == FORMER and self.history.cloud.rows)
    @rule()
    def restore_under_the_same_name(self) -> None:
        self.history.cloud.table_id = "T2"

    def alive(self, which: int) -> Invocation:
        return self.history.alive[which % len(self.history.alive)]

    def teardown(self) -> None:
        """Quiet runs of the newest release, after which the promises must hold."""
        if hasattr(self, "history"):
            self.history.live(0)


class Attacked(Program):
    """The same while somebody writes the rows of the monitor, deletes its key, and has SSM deny it."""

    kind = Forged
    history: Forged

    @precondition(lambda self: self.history.cloud.rows)
    @rule(attack=st.sampled_from(["_change", "_add_message", "_lease", "_key", "_deny"]))
    def attack(self, attack: str) -> None:
        getattr(self.history, attack)()

    @precondition(lambda self: any(value.endswith("signed") for value in self.history.cloud.parameters.values()))
    @rule(attack=st.sampled_from(["_strip", "_replace"]))
    def attack_a_signed_row(self, attack: str) -> None:
        getattr(self.history, attack)()

    @precondition(lambda self: self.history.cloud.rows)
    @rule(kind=st.sampled_from(PEOPLES), row=st.dictionaries(WHOLE_TEXTS, ATTRIBUTES, max_size=2), at=ATTRIBUTES)
    def write_an_annotation(self, kind: str, row: dict[str, Any], at: dict[str, Any]) -> None:
        """It is not signed: people write it."""
        key = f"STATE#{kind}#pitr-enabled"
        values = encode_item({"tableId": "T1", "schema": SCHEMA, "by": "eve"})
        place = {"PK": {"S": "READINESS#"}, "SK": {"S": key}}
        self.history.cloud.rows[key] = {**row, **values, "at": at, "until": at, **place}


HISTORIES = settings(max_examples=max(6, settings().max_examples // 4), stateful_step_count=40)

TestProgram = Program.TestCase
TestProgram.settings = HISTORIES
TestAttacked = Attacked.TestCase
TestAttacked.settings = HISTORIES


MANY = settings(
    max_examples=300, stateful_step_count=40, derandomize=True, deadline=None, database=None, phases=[Phase.generate]
)


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
