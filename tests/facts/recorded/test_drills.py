"""Drills, as a run is given them from what people attested."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from readiness.facts.recorded.attestations import ATTESTED, HOLDS, Attestations, Attested, Drill, drilled, drills

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
DRILL = Drill("throttling", "arn:aws:cloudwatch:us-east-1:123456789012:alarm:throttling", AT, "ada", delivered=True)


def evidence(drill: Drill, **other: object) -> str:
    return msgspec.json.encode({**msgspec.to_builtins(drill), **other}).decode()


def attested(evidence: str, *, at: datetime = AT, rule: str = ATTESTED) -> Attested:
    return Attested(rule, "ada", at, at + HOLDS, evidence)


def given(*said: Attested) -> tuple[Drill, ...]:
    return drills(Attestations(said)).made


def test_what_a_drill_is_attested_with_is_the_drill() -> None:
    assert drilled(evidence(DRILL, actions=[{"action": "arn"}])) == DRILL


@pytest.mark.parametrize("delivered", ["true", "false", "null"])
def test_it_was_delivered_or_not_or_nobody_saw(delivered: str) -> None:
    read = drilled(evidence(DRILL).replace('"delivered":true', f'"delivered":{delivered}'))
    assert read
    assert read.delivered is {"true": True, "false": False, "null": None}[delivered]


@pytest.mark.parametrize(
    "text", ["", "we rang on call by hand", "[]", '{"alarm": "throttling"}', evidence(DRILL).replace("true", '"yes"')]
)
def test_other_evidence_is_no_drill(text: str) -> None:
    assert drilled(text) is None


def test_drills_are_those_that_were_attested_the_last_one_last() -> None:
    first = Drill(DRILL.alarm, DRILL.alarm_arn, AT - timedelta(days=200), "bob", delivered=False)
    assert given(
        attested(evidence(DRILL)),
        attested(evidence(first), at=first.at),
        attested("we rang on call by hand"),
        attested(evidence(DRILL), rule="load-tested"),
    ) == (first, DRILL)


def test_where_nothing_was_attested_there_are_none() -> None:
    assert given() == ()
