"""What people attested, as a rule is given it: of this very table, and of no other of its name."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.collect import collect
from readiness.engine.rule import Rule, Severity, passed
from readiness.engine.snapshot import ROOT
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.attestations import Attestations, Attested, OnRecord, attestations
from readiness.facts.recorded.attested import LoadTest, written
from readiness.model import Gone, Reason, Unavailable, Verdict
from readiness.state.past import Memory, past_of
from readiness.state.people import Attestation
from readiness.state.store import Remembered, StoreUnavailable
from readiness.state.table_id import UNKNOWN
from tests.aws.account import ARN, TABLE, Account, good_table
from tests.rules.facts import NOW, description

AT = NOW.at
FORMER = "99999999-ffff-4fff-8fff-999999999999"
LOAD = LoadTest(window_start=AT, window_end=AT, staging_table="s", expected_reads=1, expected_writes=2, tool="k6")


def attested(rule: str = "load-tested", days: int = 0, evidence: str = "seen") -> Attested:
    return Attested(rule, "ada", AT + timedelta(days=days), AT + timedelta(days=90), evidence)


def test_the_newest_of_a_rule_comes_first() -> None:
    given = Attestations((attested(days=1), attested(days=3), attested("restore-drilled", days=9), attested(days=2)))
    assert [word.at.day - AT.day for word in given.of("load-tested")] == [3, 2, 1]
    assert given.of("pitr-enabled") == []


def test_of_a_table_that_was_replaced_nothing_holds() -> None:
    on_record = OnRecord({FORMER: (attested(),), description().table_id: (attested(days=1),)})
    assert attestations(on_record, description()) == Attestations((attested(days=1),))
    assert attestations(on_record, replace(description(), table_id="another")) == Attestations(())


def test_what_was_attested_while_nobody_knew_which_table_it_is_is_of_this_one() -> None:
    on_record = OnRecord({UNKNOWN: (attested(),), FORMER: (attested(days=1),)})
    assert attestations(on_record, description()) == Attestations((attested(),))


@pytest.mark.parametrize(
    ("rule", "evidence", "record"),
    [("load-tested", written(LOAD), LOAD), ("load-tested", "we did", None), ("restore-drilled", written(LOAD), None)],
    ids=["a record", "prose", "a record of another rule"],
)
def test_a_record_is_read_where_there_is_one(rule: str, evidence: str, record: LoadTest | None) -> None:
    assert attested(rule, evidence=evidence).record() == record


rule = Rule("5.2", "Asked", Severity.LOW, "https://docs.aws.amazon.com/")


@rule.check()
def asked(table: Table, attestations: Attestations) -> Verdict:
    """What was attested."""
    return passed(f"{table.name}: {len(attestations.words)}")


def answered(account: Account, memory: Memory) -> object:
    past = past_of(account.aws, Settings(), {TABLE: memory}, rule.checks, AT)
    given: dict[type, Any] = {Aws: {ROOT: account.aws}, Settings: {ROOT: Settings()}, **past.given}
    snapshot = collect(rule.checks, replace(past, given=given))
    return snapshot.answers[Attestations][frozenset({(Table, ARN)})]


def test_a_look_is_given_what_the_memory_holds_of_the_table_that_it_finds(account: Account) -> None:
    good_table(account)
    table_id = account.client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableId"]
    said = Attestation(
        by="ada", at=AT, table_id=table_id, rule="load-tested", evidence="seen", until=AT + timedelta(days=90)
    )
    former = replace(said, table_id=FORMER)
    assert answered(account, Remembered(table_id=FORMER, attestations=(former, said))) == Attestations((attested(),))


@pytest.mark.parametrize("why", [Unavailable(Reason.ACCESS_DENIED, "dynamodb:Query"), Gone("Query")], ids=str)
def test_where_the_memory_can_not_be_read_it_is_not_said_that_nobody_attested(
    account: Account, why: Unavailable | Gone
) -> None:
    good_table(account)
    assert answered(account, StoreUnavailable(why)) == why
