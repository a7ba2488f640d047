"""Whether a load test is on record, what was measured of it, and whether it still says something of the table."""

import json
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.engine.rule import Status
from readiness.facts.dynamodb.staging import THE_TABLE, Insights, StagingInsights
from readiness.facts.recorded.attestations import Attested
from readiness.facts.recorded.load_tests import HottestKeys, LatestLoad, LoadMeasured
from readiness.model import Omission, Reason, Unavailable, Unreadable
from readiness.rules.load_tested import (
    PARTITION,
    KeysMeasured,
    KeysSince,
    PeakMeasured,
    ThrottlesMeasured,
    hot_keys,
    insights,
    keyed_alike,
    parity,
    peak,
    recorded,
    rule,
    throttled,
    unchanged,
)
from tests.rules.drills import COLD, INSIGHTS, LOAD, MEASURED, STAGING, TEST, attestations, attested, staging
from tests.rules.facts import AT, NOW, ago, checklist, description
from tests.rules.functions import THE_TABLE as TABLE

DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:GetMetricData", "AccessDenied")
OTHER = "babesclub-commerce-staging 2026-01-01T00:00:00Z/2026-01-01T01:00:00Z"
INDEX = "the index by-mail"


def said(**other: Any) -> Attested:
    return attested(TEST, "load-tested", **other)


def one(fact: Any) -> Each[Any]:
    return Each({"test": fact})


GONE_BY: Each[Any] = Each({})


@pytest.mark.parametrize(
    ("load", "status"),
    [
        pytest.param(LOAD, Status.PASS, id="one of two days ago"),
        pytest.param(replace(LOAD, end=ago(days=180)), Status.PASS, id="one of 180 days ago to the minute"),
        pytest.param(replace(LOAD, end=ago(days=180, seconds=1)), Status.FAIL, id="one that is older"),
    ],
)
def test_recorded(load: LatestLoad, status: Status) -> None:
    verdict = recorded(TABLE, attestations(said()), load, checklist(), NOW)
    assert verdict.status is status
    assert verdict.evidence["StagingTableName"] == STAGING


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param((), "no load test of", id="nothing"),
        pytest.param((said(until=AT),), "expired at 2026-11-24 03:00 UTC", id="what has expired"),
        pytest.param((replace(said(), evidence="all well"),), "is not a record", id="prose"),
        pytest.param(
            (attested(replace(TEST, staging_table="orders"), "load-tested"),),
            "is for orders, expected babesclub-commerce-staging",
            id="another table",
        ),
        pytest.param(
            (attested(replace(TEST, window_end=AT), "load-tested"),),
            "ended less than 15 minutes ago",
            id="one that has just ended",
        ),
    ],
)
def test_where_no_test_counts_it_is_said_why(words: tuple[Attested, ...], why: str) -> None:
    verdict = recorded(TABLE, attestations(*words), None, checklist(), NOW)
    assert verdict.status is Status.FAIL
    assert why in verdict.message
    assert verdict.omission is (None if words else Omission.NOT_RECORDED)
    assert bool(verdict.remedy) is not bool(words)


def test_what_does_not_count_is_mended_by_another_test_and_a_word_of_it() -> None:
    assert rule.checks[0].id == "load-tested/recorded"
    assert "readiness attest load-tested" in rule.checks[0].fix


@pytest.mark.parametrize(
    ("measured", "status", "metric"),
    [
        pytest.param(MEASURED, Status.PASS, None, id="more than is expected"),
        pytest.param(replace(MEASURED, reads=1_000, writes=400), Status.PASS, None, id="as much"),
        pytest.param(replace(MEASURED, reads=999.9), Status.FAIL, "ConsumedReadCapacityUnits", id="too few reads"),
        pytest.param(replace(MEASURED, writes=399.9), Status.FAIL, "ConsumedWriteCapacityUnits", id="too few writes"),
        pytest.param(replace(MEASURED, reads=0, writes=0), Status.FAIL, "ConsumedReadCapacityUnits", id="no load"),
    ],
)
def test_peak(measured: LoadMeasured, status: Status, metric: str | None) -> None:
    verdict = peak(LOAD, one(measured), None)
    assert verdict.status is status
    assert metric is None or verdict.evidence["MetricName"] == metric


def test_the_window_of_a_remedy_is_that_of_the_test() -> None:
    verdict = peak(LOAD, one(replace(MEASURED, reads=0)), None)
    window = (verdict.evidence["StartTime"], verdict.evidence["EndTime"])
    assert window == ("2026-11-22T02:00:00Z", "2026-11-22T03:00:00Z")


def test_what_was_measured_once_is_remembered() -> None:
    carry = peak(LOAD, one(MEASURED), None).carry
    assert isinstance(carry, PeakMeasured)
    later = peak(LOAD, GONE_BY, carry)
    assert (later.status, later.carry) == (Status.PASS, carry)
    assert peak(LOAD, one(DENIED), carry).status is Status.PASS


def test_what_is_measured_now_goes_before_what_was() -> None:
    carry = PeakMeasured(LOAD.key, 1, 1, 0, None)
    assert peak(LOAD, one(MEASURED), carry).status is Status.PASS


@pytest.mark.parametrize(
    ("measured", "before", "why"),
    [
        pytest.param(GONE_BY, None, Reason.STALE, id="attested too late"),
        pytest.param(GONE_BY, PeakMeasured(OTHER, 9_999, 9_999, 0, 1), Reason.STALE, id="another was measured"),
        pytest.param(one(DENIED), None, Reason.ACCESS_DENIED, id="denied"),
    ],
)
def test_what_was_never_measured_is_unknown(measured: Each[Any], before: PeakMeasured | None, why: Reason) -> None:
    with pytest.raises(Unreadable) as unread:
        peak(LOAD, measured, before)
    assert unread.value.first.reason is why


def test_throttled() -> None:
    assert throttled(LOAD, one(MEASURED), None).status is Status.PASS
    sums = {"ThrottledRequests of PutItem": 2.0, "WriteThrottleEvents of by-mail": 7.0}
    verdict = throttled(LOAD, one(replace(MEASURED, throttled=sums)), None)
    assert verdict.status is Status.FAIL
    assert verdict.message == (
        "throttling during the test: WriteThrottleEvents of by-mail 7, ThrottledRequests of PutItem 2"
    )
    assert (verdict.evidence["MetricName"], json.loads(verdict.evidence["Dimensions"])) == (
        "WriteThrottleEvents",
        [{"Name": "TableName", "Value": STAGING}, {"Name": "GlobalSecondaryIndexName", "Value": "by-mail"}],
    )
    assert throttled(LOAD, GONE_BY, ThrottlesMeasured(LOAD.key, sums)).status is Status.FAIL
    with pytest.raises(Unreadable):
        throttled(LOAD, GONE_BY, ThrottlesMeasured(OTHER, {}))


def test_an_operation_that_was_throttled_is_shown_by_its_own_series() -> None:
    verdict = throttled(LOAD, one(replace(MEASURED, throttled={"ThrottledRequests of PutItem": 1})), None)
    assert {"Name": "Operation", "Value": "PutItem"} in json.loads(verdict.evidence["Dimensions"])


@pytest.mark.parametrize(
    ("units", "status"),
    [
        pytest.param({THE_TABLE: 0}, Status.PASS, id="none"),
        pytest.param({THE_TABLE: PARTITION / 2}, Status.PASS, id="half of a partition"),
        pytest.param({THE_TABLE: PARTITION / 2 + 1}, Status.WARN, id="more than half"),
        pytest.param({THE_TABLE: PARTITION - 1}, Status.WARN, id="nearly all"),
        pytest.param({THE_TABLE: PARTITION}, Status.FAIL, id="all"),
        pytest.param({THE_TABLE: 1, INDEX: PARTITION}, Status.FAIL, id="all, of an index"),
        pytest.param({}, Status.WARN, id="nothing was recorded"),
        pytest.param({INDEX: 1}, Status.WARN, id="nothing was recorded of the table"),
    ],
)
def test_hot_keys(units: dict[str, float], status: Status) -> None:
    assert hot_keys(LOAD, one(HottestKeys(units)), None).status is status


def test_a_key_that_was_hot_stays_so_when_the_insights_are_switched_off() -> None:
    before = KeysMeasured(LOAD.key, {THE_TABLE: 150_000, INDEX: 1})
    verdict = hot_keys(LOAD, one(HottestKeys({INDEX: 2})), before)
    assert verdict.carry == KeysMeasured(LOAD.key, {THE_TABLE: 150_000, INDEX: 2})
    assert verdict.status is Status.WARN
    assert hot_keys(LOAD, GONE_BY, before).status is Status.WARN


def test_of_another_test_nothing_is_remembered() -> None:
    before = KeysMeasured(OTHER, {THE_TABLE: PARTITION})
    assert hot_keys(LOAD, one(COLD), before).carry == KeysMeasured(LOAD.key, {THE_TABLE: 18_000})
    with pytest.raises(Unreadable):
        hot_keys(LOAD, GONE_BY, before)


NEW_KEYS = ("PK, SK", "by-mail: mail")


@pytest.mark.parametrize(
    ("keys", "before", "status", "since"),
    [
        pytest.param(("PK, SK",), None, Status.PASS, None, id="a first look"),
        pytest.param(("PK, SK",), KeysSince(("PK, SK",), None), Status.PASS, None, id="as ever"),
        pytest.param(NEW_KEYS, KeysSince(("PK, SK",), None), Status.FAIL, AT, id="an index that is new"),
        pytest.param(NEW_KEYS, KeysSince(NEW_KEYS, ago(days=1)), Status.FAIL, ago(days=1), id="one since yesterday"),
        pytest.param(NEW_KEYS, KeysSince(NEW_KEYS, ago(days=9)), Status.PASS, ago(days=9), id="one since before it"),
        pytest.param(("PK, SK",), KeysSince(NEW_KEYS, ago(days=9)), Status.FAIL, AT, id="one that is deleted"),
    ],
)
def test_unchanged(keys: tuple[str, ...], before: KeysSince | None, status: Status, since: Any) -> None:
    verdict = unchanged(LOAD, description(keys=keys), NOW, before)
    assert verdict.status is status
    assert verdict.carry == KeysSince(keys, since)


def test_changes_are_kept_track_of_before_there_is_a_test() -> None:
    verdict = unchanged(None, description(keys=NEW_KEYS), NOW, KeysSince(("PK, SK",), None))
    assert (verdict.status, verdict.carry) == (Status.NOT_APPLICABLE, KeysSince(NEW_KEYS, AT))


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param(Insights(INDEX, "ENABLED", "PKC"), Status.PASS, id="on everywhere"),
        pytest.param(Insights(INDEX, "DISABLED", ""), Status.WARN, id="off for an index"),
        pytest.param(Insights(INDEX, "ENABLING", "PKC"), Status.WARN, id="not on yet"),
        pytest.param(Insights(INDEX, "FAILED", ""), Status.WARN, id="too many rules"),
        pytest.param(Insights(INDEX, "ENABLED", ""), Status.WARN, id="throttled keys alone"),
    ],
)
def test_insights(other: Insights, status: Status) -> None:
    verdict = insights(staging(), StagingInsights((*INSIGHTS.of, other)))
    assert verdict.status is status
    assert status is Status.PASS or INDEX in verdict.message


def test_keyed_alike() -> None:
    assert keyed_alike(TABLE, description(), staging()).status is Status.PASS
    assert keyed_alike(TABLE, description(keys=NEW_KEYS), staging()).status is Status.WARN
    assert keyed_alike(TABLE, description(), staging(keys=("SK, PK",))).status is Status.WARN


@pytest.mark.parametrize(
    ("own", "other", "update"),
    [
        pytest.param(
            {},
            {"table_class": "STANDARD_INFREQUENT_ACCESS"},
            {"TableName": STAGING, "TableClass": "STANDARD"},
            id="another class",
        ),
        pytest.param(
            {"max_reads": 500},
            {},
            {"TableName": STAGING, "OnDemandThroughput": {"MaxReadRequestUnits": 500, "MaxWriteRequestUnits": -1}},
            id="another maximum",
        ),
        pytest.param(
            {"warm_reads": 24_000},
            {},
            {"TableName": STAGING, "WarmThroughput": {"ReadUnitsPerSecond": 24_000, "WriteUnitsPerSecond": 4_000}},
            id="a staging table that is colder is warmed",
        ),
        pytest.param(
            {},
            {"warm_writes": 8_000},
            {
                "TableName": "babesclub-commerce",
                "WarmThroughput": {"ReadUnitsPerSecond": 12_000, "WriteUnitsPerSecond": 8_000},
            },
            id="where it is warmer the table is",
        ),
        pytest.param(
            {},
            {"billing_mode": "PROVISIONED"},
            {"TableName": STAGING, "BillingMode": "PAY_PER_REQUEST"},
            id="a staging table whose capacity is provisioned",
        ),
        pytest.param(
            {"billing_mode": "PROVISIONED"},
            {"table_class": "STANDARD_INFREQUENT_ACCESS"},
            {"TableName": "babesclub-commerce", "BillingMode": "PAY_PER_REQUEST"},
            id="a table whose capacity is provisioned",
        ),
    ],
)
def test_parity(own: dict[str, Any], other: dict[str, Any], update: dict[str, Any]) -> None:
    verdict = parity(TABLE, description(**own), staging(**other))
    assert verdict.status is Status.WARN
    assert json.loads(verdict.evidence["UpdateTable"]) == update


def test_parity_is_of_what_is_set_and_not_of_what_grows_by_itself() -> None:
    assert parity(TABLE, description(), staging()).status is Status.PASS
    assert parity(TABLE, description(warm_reads=99_000), staging()).watched == {"Different": []}
    assert parity(TABLE, description(max_reads=9), staging()).watched == {"Different": ["MaxReadRequestUnits"]}


def test_what_was_attested_later_counts() -> None:
    expired = said(at=ago(days=9), until=ago(days=1))
    renewed = recorded(TABLE, attestations(expired, said()), LOAD, checklist(), NOW)
    assert renewed.status is Status.PASS
