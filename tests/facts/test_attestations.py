"""What people attested, as the rules are given it."""

from datetime import timedelta

import pytest

from readiness.checklist import Settings
from readiness.facts.attestations import Attestations, Attested, OnRecord, attestations
from readiness.facts.table import Table
from readiness.model import Gone, Reason, Unavailable
from readiness.monitor import Memory, past_of
from readiness.people import Attestation
from readiness.store import Remembered, StoreUnavailable
from tests.aws.account import ARN, TABLE, Account
from tests.rules.facts import AT, ago, description

FORMER = "99999999-ffff-4fff-8fff-999999999999"


def attested(rule: str = "load-tested", days: int = 0) -> Attested:
    return Attested(rule, "jane", ago(days=days), AT + timedelta(days=90), "seen")


def test_the_newest_of_a_rule_comes_first() -> None:
    given = Attestations((attested(days=2), attested(days=1), attested("restore-drilled"), attested(days=3)))
    assert given.of("load-tested") == [attested(days=1), attested(days=2), attested(days=3)]
    assert given.of("pitr-enabled") == []


def test_of_a_table_that_was_replaced_nothing_holds() -> None:
    on_record = OnRecord({FORMER: (attested(),), description().table_id: (attested(days=1),)})
    assert attestations(on_record, description()) == Attestations((attested(days=1),))
    assert attestations(on_record, description(table_id="another")) == Attestations(())


def given(account: Account, memory: Memory) -> object:
    past = past_of(account.aws, Settings(), {TABLE: memory}, (), AT)
    return past.given[OnRecord][frozenset({(Table, ARN)})]


def test_a_run_is_given_what_its_memory_holds_of_each_table_of_the_name(account: Account) -> None:
    words = tuple(
        Attestation(by="jane", at=AT, table_id=name, rule="load-tested", evidence="seen", until=AT + timedelta(days=90))
        for name in (FORMER, "this")
    )
    assert given(account, Remembered(attestations=words)) == OnRecord({FORMER: (attested(),), "this": (attested(),)})


@pytest.mark.parametrize("why", [Unavailable(Reason.ACCESS_DENIED, "dynamodb:Query"), Gone("Query")], ids=str)
def test_where_the_memory_can_not_be_read_nobody_knows(account: Account, why: Unavailable | Gone) -> None:
    assert given(account, StoreUnavailable(why)) == why
