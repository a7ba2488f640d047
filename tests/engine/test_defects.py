"""A check with a bug is UNKNOWN, is reported, and silences nobody."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from readiness.engine.rule import failed, passed
from readiness.model import Finding, Reason, Status, Verdict
from tests.engine.shops import Account, Drawer, Shop, judge, look, rule_of


def well(shop: Shop) -> Verdict:
    return passed(shop.name)


def divides(drawer: Drawer) -> Verdict:
    return passed(f"{100 // drawer.coins}")


def stumbles(shop: Shop) -> Iterator[Verdict]:
    yield failed("a certain failure", resource="door")
    yield passed(str(len(shop.name) // 0))


def repeats(_shop: Shop) -> Iterator[Verdict]:
    yield passed("it is locked", resource="door")
    yield passed("it is closed", resource="window")
    yield failed("it is open", resource="door")


def mends(_shop: Shop) -> Verdict:
    return failed("its remedy names what nobody offers")


def judged(*checks: Callable[..., Any], **options: Any) -> tuple[list[Finding], list[tuple[str, str]]]:
    """The findings of one shop whose first till is empty, and what was reported."""
    told: list[tuple[str, str]] = []
    rule = rule_of(*checks, **options)
    snapshot = look(rule, Account(answers={"drawer of till-1": 0}))
    [judgement] = judge(rule, snapshot, lambda who, error: told.append((who, type(error).__name__)))
    return [finding for asked in judgement.asked for finding in asked.findings], told


def test_a_bug_is_unknown_where_it_struck_and_others_still_speak() -> None:
    findings, told = judged(divides, well)
    assert [(each.resource, each.status) for each in findings] == [
        ("till-1", Status.UNKNOWN),
        ("till-2", Status.PASS),
        ("north", Status.PASS),
    ]
    assert findings[0].message == "could not be read: a defect of Readiness: the check failed with ZeroDivisionError"
    assert told == [("test-defects/divides", "ZeroDivisionError")]


def test_what_it_said_before_the_bug_stands() -> None:
    findings, told = judged(stumbles)
    assert [(each.resource, each.status) for each in findings] == [("door", Status.FAIL), ("north", Status.UNKNOWN)]
    assert told == [("test-defects/stumbles", "ZeroDivisionError")]


def test_two_verdicts_about_one_resource_are_a_bug() -> None:
    findings, told = judged(repeats)
    assert [(each.resource, each.status) for each in findings] == [("door", Status.UNKNOWN), ("window", Status.PASS)]
    assert told == [("test-defects/repeats", "ValueError")]


def test_two_verdicts_about_one_resource_from_two_places_are_a_bug() -> None:
    def forgets(_drawer: Drawer) -> Verdict:
        return passed("every till says so", resource="north")

    findings, told = judged(forgets)
    assert [(each.resource, each.status) for each in findings] == [("north", Status.UNKNOWN)]
    assert told == [("test-defects/forgets", "ValueError")]


@pytest.mark.parametrize("fix", ["mend {nothing}", "mend {"])
def test_a_remedy_that_can_not_be_filled_is_a_bug(fix: str) -> None:
    findings, told = judged(mends, fix=fix)
    assert [each.unavailable.reason for each in findings if each.unavailable] == [Reason.DEFECT]
    assert [who for who, _ in told] == ["test-defects/mends"]
