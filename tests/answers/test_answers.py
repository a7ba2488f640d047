"""Whatever an answer of AWS lacks, only what needs it is unknown, and nothing raises."""

import logging
import random
from collections import Counter
from typing import get_args

import pytest

from readiness.collect import needed
from readiness.fact import source_of
from readiness.facts.billing_alarms import BillingAlarms
from readiness.model import Given
from tests.answers.account import ACCOUNTS, RULES
from tests.answers.alterations import Kind
from tests.answers.judged import account

SAMPLE = 120
"""Of each account, as many as take a few seconds; `python -m tests.answers` makes them all."""

NOT_RECORDED = {
    BillingAlarms: "asks only where the table is in another Region than the bill, with what reads the alarms here"
}
"""The facts that make calls of which none is recorded, and why."""


def test_an_altered_answer_changes_only_what_it_declares(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    wrong: list[str] = []
    facts: set[type] = set()
    made = Counter[str]()
    for furnished in ACCOUNTS:
        with account(furnished) as judged:
            altered = list(judged.altered(facts))
            for key, alteration in random.Random(1).sample(altered, SAMPLE):  # noqa: S311  a sample, no secret
                found = judged.wrong(key, alteration)
                wrong += [f"{key[1]} {alteration.kind} {alteration.where}: {each}" for each in found]
            facts |= judged.facts
            made.update(alteration.kind for _, alteration in altered)
    assert wrong == []
    assert made.keys() == set(get_args(Kind))
    assert _calling() - facts == NOT_RECORDED.keys()


def _calling() -> set[type]:
    """The facts that make calls of AWS."""
    identities = needed([check for rule in RULES for check in rule.checks])
    return {each for each in identities if not issubclass(each, Given) and source_of(each).actions}
