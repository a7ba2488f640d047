"""What could not be read is never judged: it is UNKNOWN, beside whatever is certain."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.engine.rule import Judge, failed, passed
from readiness.model import Fact, Gone, Reason, Status, Unavailable, Verdict
from tests.engine.shops import (
    DENIED,
    Account,
    Bicycle,
    Courier,
    Drawer,
    Shop,
    Sign,
    Till,
    ask,
    denied,
    judge,
    look,
    only,
    rule_of,
    statuses,
)

UNLISTED = Unavailable(Reason.THROTTLED, "shops:ListTills", "SlowDown")


def filled(drawer: Drawer) -> Verdict:
    return passed("there is change") if drawer.coins else failed("there is no change")


def honest(_shop: Shop, drawers: Each[Drawer]) -> Verdict:
    return failed("one is empty") if any(not drawer.coins for drawer in drawers) else passed("there is change")


def told_apart(_shop: Shop, tills: Each[Till], drawers: Each[Drawer]) -> Iterator[Verdict]:
    for till in tills:
        judged = passed if drawers[till.name].coins else failed
        yield judged("its drawer was opened", resource=till.name)


def emptied(_shop: Shop, drawers: Each[Drawer]) -> Iterator[Verdict]:
    for number, drawer in enumerate(drawers, start=1):
        if not drawer.coins:
            yield failed("it is empty", resource=f"till-{number}")


def test_one_denied_element_is_one_unknown() -> None:
    [asked] = ask(filled, Account(answers={"drawer of till-1": denied()}))
    assert statuses(asked) == {"till-1": Status.UNKNOWN, "till-2": Status.PASS}
    assert asked.complete
    unknown = asked.findings[0]
    assert unknown.unavailable == DENIED
    assert unknown.message == "could not be read: access was denied (shops:OpenDrawer): AccessDenied"


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        pytest.param({"drawer of till-1": 0, "drawer of till-2": denied()}, Status.FAIL, id="one is bad for certain"),
        pytest.param({"drawer of till-2": denied()}, Status.UNKNOWN, id="the unread one decides"),
        pytest.param({"tills of north": Each({"t": Till("t")}, UNLISTED)}, Status.UNKNOWN, id="there may be more"),
        pytest.param({"tills of north": denied()}, Status.UNKNOWN, id="none are listed"),
        pytest.param({"tills of north": Gone("no tills")}, Status.PASS, id="there are none for certain"),
        pytest.param({}, Status.PASS, id="all were read"),
    ],
)
def test_a_verdict_about_all_stands_where_it_is_certain(answers: dict[str, Any], status: Status) -> None:
    assert only(ask(honest, Account(answers=answers))).status is status


def test_what_a_check_said_before_it_met_something_unread_stands() -> None:
    [asked] = ask(emptied, Account(answers={"drawer of till-1": 0, "drawer of till-2": denied()}))
    assert statuses(asked) == {"till-1": Status.FAIL, "till-2": Status.UNKNOWN}
    assert not asked.complete, "it was stopped, and might have had more to say"


def test_a_certain_fail_stays_one_though_more_about_it_was_unread() -> None:
    def doubted(_shop: Shop, drawers: Each[Drawer]) -> Iterator[Verdict]:
        yield failed("it is broken", resource="till-1")
        yield passed("it is not", resource="till-2")
        yield passed(f"{len(drawers)} drawers")

    both = {"drawer of till-1": denied(), "drawer of till-2": denied()}
    assert statuses(ask(doubted, Account(answers=both))[0]) == {"till-1": Status.FAIL, "till-2": Status.UNKNOWN}


def test_an_incomplete_listing_is_the_unknown_of_who_stands_above_it() -> None:
    [asked] = ask(told_apart, Account(answers={"tills of north": Each({"till-1": Till("till-1")}, UNLISTED)}))
    assert statuses(asked) == {"till-1": Status.PASS, "north": Status.UNKNOWN}
    assert not asked.complete


@pytest.mark.parametrize(
    ("answer", "elements", "why"),
    [
        pytest.param(Each({"till-1": Till("till-1")}, UNLISTED), {"till-1": Status.PASS}, UNLISTED, id="in part"),
        pytest.param(
            denied(), {}, Unavailable(Reason.ACCESS_DENIED, "shops:ListTills", "AccessDenied"), id="not at all"
        ),
    ],
)
def test_an_axis_that_was_not_listed_wholly_is_one_unknown_at_its_parent(
    answer: Any, elements: dict[str, Status], why: Unavailable
) -> None:
    rule = rule_of(filled, named)
    [judgement] = judge(rule, look(rule, Account(answers={"tills of north": answer})))
    for asked in judgement.asked:
        assert statuses(asked) == {**elements, "north": Status.UNKNOWN}
        assert asked.findings[-1].unavailable == why
        assert not asked.complete


def named(till: Till) -> Verdict:
    return passed(till.name)


class Parcel(Fact):
    """What a courier carries, in a bag."""

    weight: int


@fact("couriers:ListParcels")
def parcels(account: Account, courier: Courier) -> Each[Parcel] | None:
    bag = account.call(f"bag of {courier.name}", (1,))
    return None if bag is None else Each({f"{courier.name}'s {weight}": Parcel(weight) for weight in bag})


@pytest.mark.parametrize(
    ("bag", "about_ann"),
    [
        pytest.param((2, 3), {"ann's 2": Status.PASS, "ann's 3": Status.PASS}, id="two parcels"),
        pytest.param((), {}, id="an empty bag"),
        pytest.param(None, {}, id="no bag"),
        pytest.param(denied(), {"ann": Status.UNKNOWN}, id="a bag that may not be looked into"),
        pytest.param(Gone("the bag was lost"), {"ann": Status.FAIL}, id="a bag that is gone"),
    ],
)
def test_an_axis_below_another_is_listed_element_by_element(bag: Any, about_ann: dict[str, Status]) -> None:
    def light(_shop: Shop, parcel: Parcel) -> Verdict:
        return passed(f"{parcel.weight}")

    [asked] = ask(light, Account(answers={"bag of ann": bag}))
    assert statuses(asked) == {**about_ann, "bob's 1": Status.PASS}
    assert asked.complete is not isinstance(bag, ClientError)


def test_an_element_that_was_listed_but_not_read_is_unknown_by_itself() -> None:
    account = Account(answers={"tills of north": Each({"till-1": Till("till-1"), "till-2": UNLISTED})})
    [asked] = ask(filled, account)
    assert statuses(asked) == {"till-1": Status.PASS, "till-2": Status.UNKNOWN}
    assert asked.findings[1].unavailable == UNLISTED


GONE, ABSENT, UNREAD = "bicycle of ann", "sign of north", "drawer of till-1"


@pytest.mark.parametrize(
    ("answers", "status"),
    [
        pytest.param({GONE: Gone("stolen"), ABSENT: None, UNREAD: denied()}, Status.FAIL, id="gone before all"),
        pytest.param({GONE: Gone("stolen"), UNREAD: denied()}, Status.FAIL, id="gone before unread"),
        pytest.param({ABSENT: None, UNREAD: denied()}, Status.NOT_APPLICABLE, id="absent before unread"),
        pytest.param({UNREAD: denied()}, Status.UNKNOWN, id="unread"),
        pytest.param({}, Status.PASS, id="asked"),
    ],
)
def test_gone_comes_before_absent_and_absent_before_unread(answers: dict[str, Any], status: Status) -> None:
    def ready(sign: Sign, drawer: Drawer, bicycle: Bicycle) -> Verdict:
        return passed(f"{sign}, {drawer}, {bicycle}")

    finding = only(ask(ready, Account(answers={"couriers": ("ann",), "tills of north": ("till-1",), **answers})))
    assert finding.status is status


def test_who_asks_to_be_told_is_told() -> None:
    def told(_shop: Shop, sign: Sign | None, drawer: Drawer | Unavailable, bicycle: Bicycle | Gone) -> Verdict:
        return passed(f"{sign} {drawer == DENIED} {bicycle}")

    answers = {"couriers": ("ann",), "tills of north": ("t",), GONE: Gone("stolen"), ABSENT: None}
    finding = only(ask(told, Account(answers={**answers, "drawer of t": denied()})))
    assert (finding.status, finding.message) == (Status.PASS, "None True stolen")


def test_who_asked_to_be_told_of_something_else_is_not_asked() -> None:
    def told(_shop: Shop, bicycle: Bicycle | Unavailable | None) -> Verdict:
        return passed(f"{bicycle}")

    assert only(ask(told, Account(answers={"couriers": ("ann",), GONE: Gone("stolen")}))).status is Status.FAIL


def test_a_fact_that_another_needs_hands_its_failure_on() -> None:
    finding = only(ask(heavy, Account(answers={"couriers": ("ann",), GONE: denied()})))
    assert (finding.status, finding.resource) == (Status.UNKNOWN, "ann")


def heavy(_shop: Shop, courier: Courier, bicycle: Bicycle) -> Verdict:
    return passed(f"{courier.name} {bicycle.gears}")


def test_gone_and_absent_elements_are_not_counted_and_not_iterated() -> None:
    def counted(_shop: Shop, drawers: Each[Drawer]) -> Verdict:
        return passed(f"{len(drawers)} {[drawer.coins for drawer in drawers]} {'till-1' in drawers}")

    answers = {
        "tills of north": ("till-1", "till-2", "till-3"),
        "drawer of till-1": Gone("moved"),
        "drawer of till-2": None,
    }
    assert only(ask(counted, Account(answers=answers))).message == "1 [10] False"


@pytest.mark.parametrize("check", [filled, honest, emptied, told_apart], ids=lambda check: check.__name__)
@pytest.mark.parametrize(
    "answers",
    [{}, {"tills of north": ()}, {"tills of north": denied()}, {"drawer of till-1": denied()}],
    ids=["all is there", "nothing is listed", "listing is denied", "one is denied"],
)
def test_an_element_that_its_witness_did_not_find_fails_every_check_once(answers: dict[str, Any], check: Judge) -> None:
    gone = {"sign of north": Gone("the shop north does not exist")}
    [asked] = ask(check, Account(answers={**answers, **gone}))
    assert statuses(asked) == {"north": Status.FAIL}
    assert asked.findings[0].message == "the shop north does not exist"
    assert asked.complete


def test_an_element_that_is_there_does_not_suffer_from_one_that_is_gone() -> None:
    gone, there = ask(honest, Account(("north", "south"), {"sign of north": Gone("it does not exist")}))
    assert statuses(gone) == {"north": Status.FAIL}
    assert statuses(there) == {"south": Status.PASS}


def test_a_witness_that_could_not_be_read_says_nothing_about_others() -> None:
    assert only(ask(honest, Account(answers={"sign of north": denied()}))).status is Status.PASS


def test_below_something_that_is_gone_the_listing_is_whole() -> None:
    [asked] = ask(filled, Account(answers={"tills of north": Gone("the back room is gone")}))
    assert statuses(asked) == {"north": Status.FAIL}
    assert asked.complete


def test_an_empty_axis_has_no_findings_and_that_is_no_pass() -> None:
    rule = rule_of(filled)
    [judgement] = judge(rule, look(rule, Account(answers={"tills of north": ()})))
    assert judgement.asked[0].findings == ()
    assert judgement.status(rule) is Status.NOT_APPLICABLE
