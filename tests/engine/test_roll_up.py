"""An item is as bad as the worst that its checks found."""

import pytest

from readiness.engine.evaluate import evaluate, roll_up
from readiness.engine.rule import not_applicable, passed, warned
from readiness.model import Finding, Severity, Status, Verdict
from tests.engine.shops import Account, Drawer, Shop, denied, look, rule_of, unexpected

PASS, WARN, UNKNOWN, FAIL, NOT_APPLICABLE = Status.PASS, Status.WARN, Status.UNKNOWN, Status.FAIL, Status.NOT_APPLICABLE


def warns(_shop: Shop) -> Verdict:
    return warned("it is fragile")


def opened(drawer: Drawer) -> Verdict:
    return passed(f"{drawer.coins}")


def spared(_shop: Shop) -> Verdict:
    return not_applicable("there is no need")


@pytest.mark.parametrize(
    ("required", "advisory", "status"),
    [
        pytest.param([PASS, WARN, UNKNOWN, FAIL], [], FAIL, id="a failure is worse than not knowing"),
        pytest.param([PASS, WARN, UNKNOWN], [], UNKNOWN, id="not knowing is worse than a warning"),
        pytest.param([PASS, WARN, NOT_APPLICABLE], [], WARN, id="a warning is worse than a pass"),
        pytest.param([NOT_APPLICABLE, PASS], [], PASS, id="what applies outweighs what does not"),
        pytest.param([NOT_APPLICABLE], [], NOT_APPLICABLE, id="nothing applies"),
        pytest.param([PASS], [UNKNOWN], PASS, id="what an advisory check could not read counts for nothing"),
        pytest.param([PASS], [UNKNOWN, FAIL], FAIL, id="an advisory check fails the item"),
        pytest.param([PASS], [WARN], WARN, id="an advisory check warns"),
        pytest.param([UNKNOWN], [PASS], UNKNOWN, id="an advisory pass does not help"),
    ],
)
def test_the_worst_finding_is_the_items_status(required: list[Status], advisory: list[Status], status: Status) -> None:
    [needed] = rule_of(warns).checks
    [advised] = rule_of(opened, required=False).checks
    assert roll_up([(needed, map(finding, required)), (advised, map(finding, advisory))]) is status


def finding(status: Status) -> Finding:
    return Finding("rule", "check", "resource", status, "", Severity.LOW)


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        pytest.param([], NOT_APPLICABLE, id="no check"),
        pytest.param([([], True)], NOT_APPLICABLE, id="nothing to ask about"),
        pytest.param([([UNKNOWN], False)], UNKNOWN, id="advisory, and unread"),
        pytest.param([([], True), ([UNKNOWN], False)], UNKNOWN, id="nothing to ask about, and an advisory unread"),
    ],
)
def test_where_nothing_counts_the_status_is_defined(asked: list[tuple[list[Status], bool]], status: Status) -> None:
    given = ((rule_of(warns, required=needed).checks[0], map(finding, found)) for found, needed in asked)
    assert roll_up(given) is status


def test_an_item_is_judged_by_its_own_checks_alone() -> None:
    first, second = rule_of(spared), rule_of(warns)
    first.check(required=False)(opened)
    snapshot = look(first, Account(answers={"tills of north": ("t",), "drawer of t": denied()}))
    [judgement] = evaluate([first, second], snapshot, Shop, lambda _shop: {}, unexpected)
    assert (judgement.status(first), judgement.status(second)) == (NOT_APPLICABLE, WARN)
