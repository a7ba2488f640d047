"""A check runs once per place on its axes, and what it says of each is a finding."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from readiness.engine.collect import Past, collect
from readiness.engine.each import Each
from readiness.engine.evaluate import evaluate
from readiness.engine.rule import failed, passed, warned
from readiness.engine.snapshot import ROOT
from readiness.facts.recorded.now import Now
from readiness.model import Finding, Incident, Reason, Severity, Status, Unavailable, Verdict
from tests.engine.shops import (
    Account,
    Bicycle,
    Courier,
    Drawer,
    Shop,
    Sign,
    Till,
    ask,
    judge,
    look,
    only,
    rule_of,
    statuses,
    unexpected,
)

BOTH = ("north", "south")


def filled(drawer: Drawer) -> Verdict:
    return passed("there is change") if drawer.coins else failed("there is no change")


def test_a_check_is_asked_about_every_element_by_itself() -> None:
    [asked] = ask(filled, Account(answers={"drawer of till-2": 0}))
    assert statuses(asked) == {"till-1": Status.PASS, "till-2": Status.FAIL}
    assert (asked.complete, asked.awaited, asked.late) == (True, False, False)


def test_a_finding_is_a_verdict_with_its_address() -> None:
    def well_lit(_shop: Shop) -> Verdict:
        return passed("it is lit", evidence={"Lamps": 3}, watched={"lamps": 3})

    assert only(ask(well_lit, Account(), severity=Severity.LOW)) == Finding(
        rule="test-evaluation",
        check="well-lit",
        resource="north",
        status=Status.PASS,
        message="it is lit",
        severity=Severity.LOW,
        evidence={"Lamps": 3},
        watched={"lamps": 3},
    )


def test_names_of_others_begin_no_line_in_a_text_and_are_cut() -> None:
    name, long = "up\n[RESOLVED] all is well\u202e", "x " * 100

    def named(_shop: Shop) -> Verdict:
        incident = Incident("key", name, "down")
        return failed(f"alarm {name} and {long}", evidence={"Alarms": [name, long]}, incident=incident, subject=name)

    finding = only(ask(named, Account()))
    assert finding.message == f"alarm up [RESOLVED] all is well and {long[:117].rstrip()}..."
    assert finding.subject == "up [RESOLVED] all is well"
    assert finding.incident == Incident("key", "up [RESOLVED] all is well", "down")
    assert finding.evidence == {"Alarms": [name, long]}


def test_what_stands_on_two_axes_is_asked_about_every_pair() -> None:
    def welcome(till: Till, courier: Courier) -> Verdict:
        return passed(f"{courier.name} may use {till.name}")

    [asked] = ask(welcome, Account())
    assert [finding.resource for finding in asked.findings] == [
        "ann till-1",
        "ann till-2",
        "bob till-1",
        "bob till-2",
    ]


def test_each_home_is_judged_by_what_lies_below_it() -> None:
    account = Account(BOTH, {"tills of north": ("n-1",), "tills of south": ("s-1", "s-2"), "drawer of s-1": 0})
    north, south = ask(filled, account)
    assert statuses(north) == {"n-1": Status.PASS}
    assert statuses(south) == {"s-1": Status.FAIL, "s-2": Status.PASS}


def manned(couriers: Each[Courier]) -> Verdict:
    return passed(f"{len(couriers)} couriers")


def test_a_check_stands_on_what_it_needs_no_value_of() -> None:
    """It is asked once for each, and not at all where that is absent."""
    here, there = ask(manned, Account(BOTH), on=Shop)
    assert [statuses(here), statuses(there)] == [{"north": Status.PASS}, {"south": Status.PASS}]
    assert statuses(ask(manned, Account(), on=Till)[0]) == {"till-1": Status.PASS, "till-2": Status.PASS}
    closed = Account(answers={"sign of north": None})
    assert statuses(ask(manned, closed, on=Sign)[0]) == {"north": Status.NOT_APPLICABLE}


def test_all_below_where_the_asker_stands_are_shown_together() -> None:
    def rich(_shop: Shop, drawers: Each[Drawer], bicycles: Each[Bicycle]) -> Verdict:
        return passed(f"{sum(drawer.coins for drawer in drawers)} coins, {len(bicycles)} bicycles")

    account = Account(BOTH, {"tills of north": ("n-1",), "tills of south": ("s-1", "s-2"), "drawer of s-1": 5})
    assert [asked.findings[0].message for asked in ask(rich, account)] == [
        "10 coins, 2 bicycles",
        "15 coins, 2 bicycles",
    ]


def test_what_homes_share_is_fetched_once() -> None:
    def reached(_shop: Shop, bicycle: Bicycle) -> Verdict:
        return passed(f"{bicycle.gears} gears")

    def cycled(_shop: Shop, bicycles: Each[Bicycle]) -> Verdict:
        return passed(f"{len(bicycles)}")

    account = Account(BOTH)
    rule = rule_of(reached, cycled)
    judgements = judge(rule, look(rule, account))
    assert Counter(account.calls) == Counter(
        ["couriers", "bicycle of ann", "bicycle of bob", "sign of north", "sign of south"]
    )
    assert [len(asked.findings) for judgement in judgements for asked in judgement.asked] == [2, 1, 2, 1]


def test_any_axis_can_be_the_home() -> None:
    def geared(bicycle: Bicycle) -> Verdict:
        return passed("it has gears") if bicycle.gears else failed("it has none")

    closed = Unavailable(Reason.THROTTLED, "couriers:List")
    account = Account(answers={"couriers": Each({"ann": Courier("ann")}, closed)})
    rule = rule_of(geared)
    judgements = list(evaluate([rule], look(rule, account), Courier, lambda _courier: {}, unexpected))
    assert [dict(judgement.home)[Courier] for judgement in judgements] == ["ann"]


def test_an_axis_below_another_can_be_the_home() -> None:
    rule = rule_of(filled)
    account = Account(BOTH, {"tills of north": ("n-1",), "tills of south": ("s-1", "s-2"), "drawer of s-1": 0})
    judgements = list(evaluate([rule], look(rule, account), Till, lambda till: {"till": till.name}, unexpected))
    assert [statuses(judgement.asked[0]) for judgement in judgements] == [
        {"n-1": Status.PASS},
        {"s-1": Status.FAIL},
        {"s-2": Status.PASS},
    ]


def test_the_time_is_that_of_the_snapshot() -> None:
    def early(_shop: Shop, now: Now) -> Verdict:
        return passed(now.at.isoformat())

    rule = rule_of(early)
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    snapshot = collect(rule.checks, Past({Account: {ROOT: Account()}, Now: {ROOT: Now(at)}}))
    assert only([judge(rule, snapshot)[0].asked[0]]).message == "2026-11-24T03:00:00+00:00"


@pytest.mark.parametrize("judged", [failed, warned])
def test_a_remedy_holds_its_values_quoted_for_a_shell(judged: Callable[..., Verdict]) -> None:
    def sealed(_shop: Shop, sign: Sign) -> Verdict:
        return judged("it is not sealed", evidence={"Text": sign.text})

    account = Account(("o'neil & sons",), {"sign of o'neil & sons": Sign("50 % off; rm -rf /")})
    finding = only(ask(sealed, account, fix="seal --shop {shop} --text {Text}"))
    assert finding.remediation == """seal --shop 'o'"'"'neil & sons' --text '50 % off; rm -rf /'"""


def test_what_is_well_needs_no_remedy() -> None:
    assert not only(ask(filled, Account(answers={"tills of north": ("till-1",)}), fix="fill {shop}")).remediation


def test_several_verdicts_name_their_resources() -> None:
    def named(_shop: Shop, tills: Each[Till]) -> Iterator[Verdict]:
        for till in tills:
            yield passed("it has a name", resource=till.name)

    [asked] = ask(named, Account())
    assert statuses(asked) == {"till-1": Status.PASS, "till-2": Status.PASS}
    assert asked.complete
