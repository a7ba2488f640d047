"""Not applicable is not resolved: what another check of the rule fails on is held."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from readiness.model import Severity, Status
from readiness.state.drift import CheckResult, CheckState, DecisionContext, Event, EventKind, ResourceResult, decide_all
from tests.state.drift.looks import ABSENT, FAIL, MISSING, PASS, START, UNREAD, WARN, Said

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/shop"
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:cart"
ON, FRESH, OTHER = "pitr-enabled/on", "pitr-enabled/fresh", "ttl-enabled/on"


class Checks:
    """Several checks through time, on one resource each."""

    def __init__(self, **resources: str) -> None:
        self.resources = {name: resources.get(name, TABLE) for name in ("on", "fresh", "other")}
        self.contexts = {
            name: DecisionContext(check, Severity.HIGH, "1")
            for name, check in (("on", ON), ("fresh", FRESH), ("other", OTHER))
        }
        self.memories: dict[str, CheckState] = {}
        self.now = START
        self.look(on=PASS, fresh=PASS, other=PASS)

    def look(self, after: timedelta = timedelta(minutes=5), **said: Said) -> tuple[Event, ...]:
        """The events of a look at these checks."""
        self.now += after
        looks = {}
        for name, each in said.items():
            resource = self.resources[name]
            seen = each if isinstance(each, ResourceResult) else ResourceResult(each)  # type: ignore[arg-type]
            unread = {resource: ("ACCESS_DENIED", None)} if seen.status is UNREAD else {}
            result = CheckResult({} if unread else {resource: seen}, unread)  # type: ignore[arg-type]
            looks[self.contexts[name].check] = result, self.contexts[name]
        self.memories, events = decide_all(self.memories, looks, self.now)
        return events

    def told(self, after: timedelta = timedelta(minutes=5), **said: Said) -> list[tuple[str, EventKind]]:
        """The checks and kinds that a look tells aloud."""
        return [(event.check, event.kind) for event in self.look(after, **said) if not event.silent]


@pytest.fixture
def stale() -> Checks:
    """PITR is enabled and not fresh, and people know it."""
    checks = Checks()
    assert checks.told(on=PASS, fresh=FAIL) == [(FRESH, EventKind.REGRESSED)]
    return checks


def test_what_is_not_applicable_because_the_rule_fails_elsewhere_is_not_told_as_resolved(stale: Checks) -> None:
    assert stale.told(on=FAIL, fresh=ABSENT) == [(ON, EventKind.REGRESSED)]
    assert stale.told(on=FAIL, fresh=ABSENT) == []
    assert stale.memories[FRESH].told[TABLE].status is FAIL
    assert stale.memories[FRESH].waiting == {}


def test_it_is_not_reminded_of(stale: Checks) -> None:
    stale.look(on=FAIL, fresh=ABSENT)
    assert stale.told(timedelta(hours=30), on=FAIL, fresh=ABSENT) == [(ON, EventKind.STILL)]


def test_afterwards_people_hear_that_it_recovered(stale: Checks) -> None:
    stale.look(on=FAIL, fresh=ABSENT)
    assert stale.told(on=PASS, fresh=PASS) == [(ON, EventKind.RECOVERED), (FRESH, EventKind.RECOVERED)]


def test_afterwards_people_hear_that_it_is_no_longer_applicable(stale: Checks) -> None:
    stale.look(on=FAIL, fresh=ABSENT)
    assert (FRESH, EventKind.RECOVERED) in stale.told(on=PASS, fresh=ABSENT)


def test_afterwards_people_hear_nothing_if_it_fails_as_before(stale: Checks) -> None:
    stale.look(on=FAIL, fresh=ABSENT)
    assert stale.told(on=PASS, fresh=FAIL) == [(ON, EventKind.RECOVERED)]


def test_it_stays_held_while_the_other_check_cannot_be_read(stale: Checks) -> None:
    stale.look(on=FAIL, fresh=ABSENT)
    assert stale.told(on=UNREAD, fresh=ABSENT) == []


def test_the_other_check_need_not_have_been_told(stale: Checks) -> None:
    stale.contexts["on"] = replace(stale.contexts["on"], confirm=2)
    assert stale.told(on=FAIL, fresh=ABSENT) == []
    assert stale.told(on=FAIL, fresh=ABSENT) == [(ON, EventKind.REGRESSED)]


@pytest.mark.parametrize("beside", [PASS, WARN, ABSENT, MISSING])
def test_only_a_failure_of_the_other_check_holds_it(stale: Checks, beside: Said) -> None:
    assert (FRESH, EventKind.RECOVERED) in stale.told(on=beside, fresh=ABSENT)


def test_a_waived_failure_of_the_other_check_does_not_hold_it(stale: Checks) -> None:
    stale.contexts["on"] = replace(stale.contexts["on"], waived=lambda _: True)
    assert stale.told(on=FAIL, fresh=ABSENT) == [(FRESH, EventKind.RECOVERED)]


def test_a_check_of_another_rule_does_not_hold_it(stale: Checks) -> None:
    told = stale.told(on=PASS, fresh=ABSENT, other=FAIL)
    assert told == [(FRESH, EventKind.RECOVERED), (OTHER, EventKind.REGRESSED)]


@pytest.mark.parametrize(
    ("failing", "absent", "held"),
    [
        pytest.param(TABLE, f"{TABLE}/index/gsi1", True, id="an index of the table"),
        pytest.param(TABLE, FUNCTION, True, id="a function that uses the table"),
        pytest.param(FUNCTION, f"{FUNCTION}:7", True, id="a version of the function"),
        pytest.param(FUNCTION, f"{FUNCTION}-two", False, id="another function"),
        pytest.param(FUNCTION, TABLE, False, id="the parent of what fails"),
        pytest.param(f"{TABLE}-staging", TABLE, False, id="another table"),
    ],
)
def test_a_failure_of_the_parent_holds_it_and_one_of_another_resource_does_not(
    failing: str, absent: str, *, held: bool
) -> None:
    checks = Checks(on=failing, fresh=absent)
    checks.look(on=PASS, fresh=FAIL)
    told = checks.told(on=FAIL, fresh=ABSENT)
    assert ((FRESH, EventKind.RECOVERED) not in told) is held


def test_a_recovery_that_calm_holds_and_the_failure_after_it_are_recorded(stale: Checks) -> None:
    for status in (PASS, FAIL):
        stale.look(on=PASS, fresh=status)
    held = stale.look(on=PASS, fresh=PASS)
    again = stale.look(on=PASS, fresh=FAIL)
    assert [(event.kind, event.silent) for event in (*held, *again)] == [
        (EventKind.RECOVERED, True),
        (EventKind.REGRESSED, True),
    ]


def test_what_is_told_is_not_recorded_a_second_time() -> None:
    checks = Checks()
    assert [event.silent for event in checks.look(on=FAIL, fresh=PASS)] == [False]
    assert Status.FAIL is checks.memories[ON].told[TABLE].status


def test_a_warning_that_is_not_applicable_because_the_rule_fails_elsewhere_is_not_told_as_resolved() -> None:
    checks = Checks()
    checks.look(on=PASS, fresh=WARN)
    assert checks.told(on=PASS, fresh=WARN) == [(FRESH, EventKind.WORSENED)]
    assert checks.told(on=FAIL, fresh=ABSENT) == [(ON, EventKind.REGRESSED)]
    assert checks.told(on=FAIL, fresh=ABSENT) == []
    assert checks.told(on=FAIL, fresh=ABSENT) == []
    assert checks.told(on=PASS, fresh=PASS) == [(ON, EventKind.RECOVERED)]
    assert checks.told(on=PASS, fresh=PASS) == [(FRESH, EventKind.EASED)]
