"""Which answers of earlier runs are reused: by the age that their fact declares, and by what checks made of them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.engine.fact import Keeps, fact, source_of
from readiness.engine.rule import Judge, passed
from readiness.engine.snapshot import ROOT, Place
from readiness.facts.dynamodb.table import Table
from readiness.model import Fact, Status, Verdict
from readiness.state.drift import CheckState, Known
from readiness.state.kept import KeptAnswers
from readiness.state.store import EndingCall, KeptFact, KeptFactsEnded
from tests.aws.account import ARN
from tests.engine.shops import rule_of

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
HOME: Place = frozenset({(Table, ARN)})
OTHER: Place = frozenset({(Table, f"{ARN}-2")})
RULE = "test-kept"

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(days=7)


class Lamp(Fact):
    name: str


@fact("lambda:ListLamps")
def lamps(table: Table) -> Each[Lamp]:
    return Each({table.arn: Lamp(table.name)})


class Watts(Fact):
    watts: int


@fact(
    "lambda:MeasureLamp",
    keeps=Keeps(DAY, otherwise=timedelta()),
    events=("lambda:UpdateLamp20150331v2", "iam:PutLampPolicy"),
)
def measured(lamp: Lamp) -> Watts:
    raise NotImplementedError(lamp)


class Bill(Fact):
    dollars: int


class Tariff(Fact):
    cents: int


BILLING = Keeps(WEEK, otherwise=DAY, while_passing=(RULE,), settled=lambda answer: answer != Tariff(0))


@fact("ce:GetBill", keeps=BILLING)
def bill() -> Bill:
    raise NotImplementedError


@fact("ce:GetTariff", keeps=BILLING)
def tariff() -> Tariff:
    raise NotImplementedError


class Total(Fact):
    watts: int


@fact()
def total(watts: Each[Watts]) -> Total:
    raise NotImplementedError(watts)


def bright(watts: Watts) -> Verdict:
    return passed(f"{watts}")


def paid(_table: Table, bill: Bill, tariff: Tariff) -> Verdict:
    return passed(f"{bill} {tariff}")


def shared(_lamp: Lamp, total: Total) -> Verdict:
    return passed(f"{total}")


def lamp(name: str) -> str:
    return f"arn:aws:lambda:us-east-1:123456789012:function:{name}"


def at(name: str) -> Place:
    return frozenset({(Table, ARN), (Lamp, lamp(name))})


def said(status: Status, since: datetime = NOW - DAY) -> Known:
    return Known(status, {}, since)


def state(*, told: Status | None = None, since: datetime = NOW - DAY, **known: Status) -> CheckState:
    """A check that knows a status of each lamp, and has told the same unless it says otherwise."""
    mine = {lamp(name): said(status, since) for name, status in known.items()}
    return CheckState(known=mine, told={name: said(told) if told else each for name, each in mine.items()})


def answers(
    *checks: Judge, facts: dict[tuple[str, str], timedelta], states: dict[Place, dict[str, CheckState]], **answer: Any
) -> KeptAnswers:
    """The answers of earlier runs of these types and places, of that age."""
    kept = [
        KeptFact(type=kind, place=place, at=NOW - age, table_id="", answer=answer.get(kind, {"watts": 7}))
        for (kind, place), age in facts.items()
    ]
    return KeptAnswers(kept, NOW, states, [check for judge in checks for check in rule_of(judge).checks])


def reused(state: CheckState | None, name: str = "hall", age: timedelta = HOUR, check: Judge = bright) -> bool:
    """True if the watts of a lamp are reused, which were read that long ago, with that memory of the check."""
    states = {f"{RULE}/{check.__name__}": state} if state else {}
    kept = answers(check, facts={("Watts", lamp(name)): age}, states={HOME: states})
    found = kept.find(source_of(Watts), at(name))
    assert found is None or (found.answer, found.at) == (Watts(7), NOW - age)
    return found is not None


@pytest.mark.parametrize("status", [Status.PASS, Status.NOT_APPLICABLE])
def test_while_the_verdict_passes_the_answer_is_reused_up_to_its_age(status: Status) -> None:
    assert reused(state(hall=status))
    assert reused(state(hall=status), age=DAY - MINUTE)
    assert not reused(state(hall=status), age=DAY)


@pytest.mark.parametrize(
    "last",
    [
        pytest.param(state(hall=Status.FAIL), id="it fails"),
        pytest.param(state(hall=Status.WARN), id="it warns"),
        pytest.param(CheckState(blind=True), id="something could not be read"),
        pytest.param(CheckState(unjudged=frozenset({lamp("hall")})), id="it was not judged yet"),
        pytest.param(None, id="the check is new"),
    ],
)
def test_while_the_verdict_that_rests_on_it_does_not_pass_it_is_read_again(last: CheckState | None) -> None:
    assert not reused(last)


def test_the_verdict_about_another_element_does_not_matter() -> None:
    assert reused(state(hall=Status.PASS, cellar=Status.FAIL))
    assert not reused(state(hall=Status.PASS, cellar=Status.FAIL), "cellar")


def test_a_version_is_part_of_its_element() -> None:
    assert not reused(CheckState(known={f"{lamp('hall')}:7": said(Status.FAIL)}))
    assert reused(CheckState(known={f"{lamp('hallway')}:7": said(Status.FAIL)}))


def test_a_verdict_that_rests_on_all_elements_counts_for_each() -> None:
    assert not reused(state(hall=Status.PASS, cellar=Status.FAIL), check=shared)


def test_a_status_is_not_confirmed_by_the_answer_that_caused_it() -> None:
    """50 seconds after it was first read, and not earlier, an answer is a second reading."""
    changed = state(hall=Status.PASS, told=Status.WARN, since=NOW - HOUR)
    assert not reused(changed, age=HOUR)
    assert not reused(changed, age=HOUR - timedelta(seconds=49))
    assert reused(changed, age=HOUR - timedelta(seconds=50))
    assert reused(changed, "cellar", age=HOUR), "it says nothing about another lamp"


def test_what_is_gone_is_confirmed_by_another_reading_too() -> None:
    gone = CheckState(gone={lamp("hall"): NOW - HOUR}, told={lamp("hall"): said(Status.WARN)})
    assert not reused(gone, age=HOUR)
    assert reused(gone, age=HOUR - MINUTE)


def billed(
    age: timedelta,
    *,
    last: dict[str, CheckState] | None = None,
    other: dict[str, CheckState] | None = None,
    cents: int = 20,
    kept: tuple[str, ...] = ("Bill", "Tariff"),
) -> bool:
    """True if the bill is reused. The rule passed in both tables unless something else is said."""
    passing = {f"{RULE}/paid": CheckState()}
    found = answers(
        paid,
        facts={(kind, ""): age for kind in kept},
        states={HOME: passing if last is None else last, OTHER: passing if other is None else other},
        Bill={"dollars": 6},
        Tariff={"cents": cents},
    )
    return found.find(source_of(Bill), ROOT) is not None


def test_a_long_age_applies_while_a_rule_passes_and_all_of_its_answers_are_settled() -> None:
    assert billed(WEEK - MINUTE)
    assert not billed(WEEK)


FAILING = {f"{RULE}/paid": CheckState(), f"{RULE}/other": state(hall=Status.WARN)}


@pytest.mark.parametrize(
    "otherwise",
    [
        pytest.param({"last": FAILING}, id="another check of the rule warns"),
        pytest.param({"other": FAILING}, id="it warns of another table"),
        pytest.param({"last": {}}, id="the rule was never judged"),
        pytest.param({"cents": 0}, id="another answer is about to change"),
        pytest.param({"kept": ("Bill",)}, id="another answer was never read"),
    ],
)
def test_else_a_shorter_age_applies(otherwise: dict[str, Any]) -> None:
    assert not billed(DAY, **otherwise)
    assert billed(DAY - MINUTE, **otherwise)


def test_of_two_tables_the_newest_answer_is_reused() -> None:
    kept = [
        KeptFact(type="Bill", place="", at=NOW - age, table_id="", answer={"dollars": age.days})
        for age in (2 * DAY, DAY, 3 * DAY)
    ]
    found = KeptAnswers(kept, NOW).find(source_of(Bill), ROOT)
    assert found is not None
    assert found.answer == Bill(1)


def test_an_answer_that_no_longer_fits_its_type_is_read_again() -> None:
    kept = KeptFact(type="Bill", place="", at=NOW - HOUR, table_id="", answer={"euros": 6})
    assert KeptAnswers([kept], NOW).find(source_of(Bill), ROOT) is None


@pytest.mark.parametrize(
    ("call", "ended"),
    [
        pytest.param(EndingCall("lambda:UpdateLamp", "lambda", ("hall",)), ["hall"], id="it names the element"),
        pytest.param(EndingCall("lambda:UpdateLamp", "lambda"), ["cellar", "hall"], id="it names none"),
        pytest.param(EndingCall("iam:PutLampPolicy", "iam", ("role",)), ["cellar", "hall"], id="of another service"),
        pytest.param(EndingCall("lambda:DeleteLamp", "lambda", ("hall",)), [], id="it does not change the answer"),
        pytest.param(None, ["cellar", "hall"], id="the row of the event cannot be read"),
    ],
)
def test_a_change_event_ends_the_answers_about_what_it_names(call: EndingCall | None, ended: list[str]) -> None:
    """Lambda's event names end in a version, which the declaration has and the call has not."""
    row = KeptFactsEnded("STATE#FACT#!run", (call,) if call else None)
    kept = answers(bright, facts={("Watts", lamp(name)): HOUR for name in ("cellar", "hall")}, states={})
    kept = replace(kept, ended=[row])
    assert [name for name in ("cellar", "hall") if not kept.find(source_of(Watts), at(name))] == ended
