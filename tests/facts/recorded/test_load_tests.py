"""The load test that counts, and what CloudWatch and Contributor Insights measured of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs
from msgspec.structs import replace

from readiness.facts.dynamodb.staging import THE_TABLE, Insights, Staging, staging, staging_insights
from readiness.facts.dynamodb.table import Table, table_description
from readiness.facts.recorded.attestations import Attestations, Attested
from readiness.facts.recorded.attested import written
from readiness.facts.recorded.load_tests import (
    HottestKeys,
    LatestLoad,
    LoadMeasured,
    MeasurableLoad,
    hottest_keys,
    latest_load,
    load_measured,
    measurable_load,
)
from readiness.facts.recorded.now import Now
from readiness.model import Reason, Unreadable
from tests.aws import drills
from tests.aws.account import TABLE, Account, make_table
from tests.aws.completed import complete
from tests.aws.drills import STAGING
from tests.rules.facts import AT, NOW, ago, checklist, description

complete()

INDEX = "by-mail"


def attested(end: datetime, **other: Any) -> Attested:
    return Attested("load-tested", "jane", AT, ago(days=-180), written(drills.tested(end, **other)))


def latest(table: Table, *words: Attested, now: Now = NOW) -> LatestLoad | None:
    return latest_load(table, Attestations(words), checklist(), now)


def test_the_newest_test_counts(table: Table) -> None:
    found = latest(table, attested(ago(days=3)), attested(ago(days=2), expected_reads=7), attested(ago(days=9)))
    assert found == LatestLoad(ago(days=2, minutes=5), ago(days=2), STAGING, 7, 50, "jane")


@pytest.mark.parametrize(
    "word",
    [
        attested(ago(minutes=14)),
        attested(ago(days=-1)),
        attested(ago(days=1), staging_table="orders"),
        replace(attested(ago(days=1)), until=AT),
        replace(attested(ago(days=1)), rule="restore-drilled"),
        replace(attested(ago(days=1)), evidence="it went well"),
    ],
    ids=["one that has just ended", "one to come", "another table", "what has expired", "another rule", "prose"],
)
def test_what_is_no_test_that_counts(table: Table, word: Attested) -> None:
    assert latest(table, word) is None
    assert latest(table, word, attested(ago(days=5))) is not None


def test_a_test_counts_a_quarter_of_an_hour_after_its_end(table: Table) -> None:
    assert latest(table, attested(ago(minutes=15))) is not None


def test_minutes_can_be_read_for_fifteen_days(table: Table) -> None:
    started = latest(table, attested(ago(days=15) + timedelta(minutes=5, seconds=1)))
    assert [each.test for each in measurable_load(table, started, NOW)] == [started]
    assert not list(measurable_load(table, latest(table, attested(ago(days=15) + timedelta(minutes=5))), NOW))
    assert not list(measurable_load(table, None, NOW))


def test_what_is_kept_of_one_test_is_of_no_other(table: Table) -> None:
    keys = {
        key
        for end in (ago(days=1), ago(days=2))
        for key in measurable_load(table, latest(table, attested(end)), NOW).answers()
    }
    assert len(keys) == 2


END = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)


@pytest.fixture
def load(table: Table) -> MeasurableLoad:
    now = Now(END + timedelta(hours=1))
    word = replace(attested(END), at=now.at, until=now.at + timedelta(days=90))
    test = latest(table, word, now=now)
    assert test is not None
    return MeasurableLoad(test)


@pytest.fixture
def staged(account: Account) -> Account:
    """A staging table with an index."""
    dynamodb = account.client("dynamodb")
    make_table(dynamodb, STAGING)
    dynamodb.update_table(
        TableName=STAGING,
        AttributeDefinitions=[{"AttributeName": "mail", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": INDEX,
                    "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    return account


def measured(account: Account, load: MeasurableLoad) -> LoadMeasured:
    return load_measured(account.aws, load, description(indexes=(INDEX,)))


def test_the_highest_minute_counts(account: Account, load: MeasurableLoad) -> None:
    drills.count(account.client, END - timedelta(minutes=4), "ConsumedReadCapacityUnits", 600)
    drills.count(account.client, END - timedelta(minutes=3), "ConsumedReadCapacityUnits", 6_000)
    drills.count(account.client, END - timedelta(minutes=3), "ConsumedWriteCapacityUnits", 1_200)
    drills.count(account.client, END - timedelta(minutes=9), "ConsumedWriteCapacityUnits", 90_000)
    found = measured(account, load)
    assert (found.reads, found.writes) == (100, 20)
    assert (found.throttled, found.errors, found.latency) == ({}, 0, None)


def test_reads_of_the_table_and_its_indexes_are_added_up_minute_by_minute(
    account: Account, load: MeasurableLoad
) -> None:
    named = {"GlobalSecondaryIndexName": INDEX}
    drills.count(account.client, END - timedelta(minutes=4), "ConsumedReadCapacityUnits", 600)
    drills.count(account.client, END - timedelta(minutes=3), "ConsumedReadCapacityUnits", 300)
    drills.count(account.client, END - timedelta(minutes=3), "ConsumedReadCapacityUnits", 420, **named)
    drills.count(account.client, END - timedelta(minutes=3), "ConsumedWriteCapacityUnits", 60)
    drills.count(account.client, END - timedelta(minutes=3), "ConsumedWriteCapacityUnits", 60, **named)
    found = measured(account, load)
    assert (found.reads, found.writes) == (12, 1)


def test_everything_that_was_throttled_is_named(account: Account, load: MeasurableLoad) -> None:
    at = END - timedelta(minutes=2)
    drills.count(account.client, at, "WriteThrottleEvents", 3)
    drills.count(account.client, at, "WriteKeyRangeThroughputThrottleEvents", 3)
    drills.count(account.client, at, "ReadThrottleEvents", 2, GlobalSecondaryIndexName=INDEX)
    drills.count(account.client, at, "ThrottledRequests", 1, Operation="PutItem")
    drills.count(account.client, at, "SystemErrors", 4, Operation="Query")
    found = measured(account, load)
    assert found.throttled == {
        "WriteThrottleEvents": 3,
        "WriteKeyRangeThroughputThrottleEvents": 3,
        "ReadThrottleEvents of by-mail": 2,
        "ThrottledRequests of PutItem": 1,
    }
    assert found.errors == 4


def test_one_call_asks_for_all(account: Account, load: MeasurableLoad) -> None:
    measured(account, load)
    assert account.calls == ["cloudwatch:GetMetricData"]


def test_a_series_that_could_not_be_read_is_no_zero(account: Account, load: MeasurableLoad) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDataResult.html: StatusCode."""
    result = {"Id": "q3", "StatusCode": "InternalError", "Timestamps": [], "Values": []}
    account.answer("cloudwatch", "GetMetricData", {"MetricDataResults": [result]})
    with pytest.raises(Unreadable) as unread:
        measured(account, load)
    assert unread.value.first.reason is Reason.SERVER_ERROR


def test_the_values_of_one_series_may_be_spread_over_pages(account: Account, load: MeasurableLoad) -> None:
    pages: tuple[tuple[str, Any, float, dict[str, str]], ...] = (
        ("PartialData", END - timedelta(minutes=3), 60.0, {"NextToken": "1"}),
        ("Complete", END - timedelta(minutes=2), 120.0, {}),
    )
    following = iter(pages)

    def spread(answer: dict[str, Any]) -> None:
        code, at, value, more = next(following)
        others = [each for each in answer["MetricDataResults"] if each["Id"] != "q0"]
        first = {"Id": "q0", "StatusCode": code, "Timestamps": [at], "Values": [value]}
        answer.update({"MetricDataResults": [first, *others], **more})

    account.alter("cloudwatch", "GetMetricData", spread)
    assert measured(account, load).reads == 2


def test_the_staging_table(staged: Account, table: Table) -> None:
    found = staging(staged.aws, table, checklist())
    assert found is not None
    assert found.name == STAGING
    assert found.description.keys == ("PK, SK", "by-mail: mail")
    assert found.description.indexes == (INDEX,)


def test_there_may_be_no_staging_table(account: Account, table: Table) -> None:
    assert staging(account.aws, table, checklist()) is None


def test_what_a_table_can_take_and_how_it_is_stored(furnished: Account, table: Table) -> None:
    assert table_description(furnished.aws, table).table_class == "STANDARD"
    other = {
        "TableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
        "WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 4_000, "Status": "ACTIVE"},
    }
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(other))
    found = table_description(furnished.aws, table)
    assert (found.table_class, found.warm_reads, found.warm_writes) == ("STANDARD_INFREQUENT_ACCESS", 12_000, 4_000)


@pytest.fixture
def known(staged: Account, table: Table) -> Staging:
    found = staging(staged.aws, table, checklist())
    assert found is not None
    return found


def insights_of(account: Account, known: Staging) -> tuple[Insights, ...]:
    found = staging_insights(account.aws, known)
    assert found is not None
    return found.of


def test_insights_of_the_table_and_of_each_index(staged: Account, known: Staging) -> None:
    drills.watch_keys(staged.client, ContributorInsightsMode="THROTTLED_KEYS")
    drills.watch_keys(staged.client, INDEX)
    first, second = insights_of(staged, known)
    assert first == Insights(THE_TABLE, "ENABLED", "")
    assert second.place == "the index by-mail"
    assert second.rule == f"DynamoDBContributorInsights-PKC-{STAGING}-by-mail-1576629651520"


def test_insights_that_were_never_on(staged: Account, known: Staging) -> None:
    assert {(each.status, each.rule) for each in insights_of(staged, known)} == {("DISABLED", "")}


def hottest(account: Account, known: Staging, load: MeasurableLoad) -> HottestKeys:
    return hottest_keys(account.aws, load, staging_insights(account.aws, known))


def test_the_hottest_keys_of_the_window(staged: Account, known: Staging, load: MeasurableLoad) -> None:
    drills.watch_keys(staged.client)
    drills.watch_keys(staged.client, INDEX)
    drills.press(END - timedelta(minutes=4), 100)
    drills.press(END - timedelta(minutes=3), 900)
    drills.press(END + timedelta(minutes=1), 90_000)
    drills.press(END - timedelta(minutes=3), 50, INDEX)
    assert hottest(staged, known, load) == HottestKeys({THE_TABLE: 900, "the index by-mail": 50})


def test_what_insights_that_were_off_did_not_record(staged: Account, known: Staging, load: MeasurableLoad) -> None:
    drills.press(END - timedelta(minutes=3), 900)
    assert hottest(staged, known, load) == HottestKeys({})
    drills.watch_keys(staged.client)
    assert hottest(staged, known, load) == HottestKeys({})


def test_without_a_staging_table_there_is_nothing_to_report(account: Account, load: MeasurableLoad) -> None:
    assert hottest_keys(account.aws, load, None) == HottestKeys({})


def test_what_was_measured_can_be_kept() -> None:
    for fact in (LoadMeasured(1.5, 2, {"ReadThrottleEvents": 3}, 0, None), HottestKeys({THE_TABLE: 9})):
        assert msgspec.convert(msgspec.to_builtins(fact), type(fact)) == fact


def test_the_staging_table_is_the_one_that_the_checklist_names(staged: Account, table: Table) -> None:
    other = checklist(drills=structs.replace(checklist().drills, staging_table="load-{table}"))
    make_table(staged.client("dynamodb"), f"load-{TABLE}")
    found = staging(staged.aws, table, other)
    assert found is not None
    assert found.name == f"load-{TABLE}"
