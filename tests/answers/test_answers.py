"""Whatever an answer of AWS lacks, only what needs it is unknown, and nothing raises."""

import logging
import random

import pytest

from readiness.engine.collect import needed
from readiness.engine.fact import source_of
from readiness.facts.cloudwatch.alarm_indexes import BillingAlarms
from readiness.model import Given
from tests.answers.account import ACCOUNTS, RULES
from tests.answers.judged import account

ANSWERS, WAYS = 8, 2
"""The number of answers of each account, and of alterations of each; `python -m tests.answers` makes them all."""

NOT_RECORDED = {
    BillingAlarms: "asks only where the table is in another Region than the bill, with what reads the alarms here"
}
"""The facts that make calls of which none is recorded, and why."""


def test_an_altered_answer_changes_only_what_it_declares(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    wrong: list[str] = []
    facts: set[type] = set()
    for furnished in ACCOUNTS:
        with account(furnished) as judged:
            known, facts = facts, facts | judged.facts
            chance = random.Random(1)  # noqa: S311  a sample, no secret
            for key in chance.sample(sorted(judged.tape.asked), ANSWERS):
                made = list(judged.alterations(key, known))
                for alteration in chance.sample(made, min(WAYS, len(made))):
                    found = judged.wrong(key, alteration)
                    wrong += [f"{key[1]} {alteration.kind} {alteration.where}: {each}" for each in found]
    assert wrong == []
    assert _calling() - facts == NOT_RECORDED.keys()


def _calling() -> set[type]:
    """The facts that make calls of AWS."""
    identities = needed([check for rule in RULES for check in rule.checks])
    return {each for each in identities if not issubclass(each, Given) and source_of(each).actions}
