from collections.abc import Sequence

import pytest

from readiness.alarms.dynamodb import NAMESPACE
from readiness.alarms.series import series
from readiness.checklist import AlarmSettings
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.consumption import READS, WRITES, Consumption
from readiness.model import Status, Unavailable, Unreadable
from readiness.rules.alarms_wired import index_spikes, read_spikes, write_spikes
from tests.aws.account import TABLE
from tests.rules import table_alarms as given
from tests.rules.alarms import alarm, math, opaque, routes
from tests.rules.alarms_wired.builders import DENIED, NO_TAGS, spikes
from tests.rules.facts import NOW, checklist, description
from tests.rules.functions import THE_TABLE
from tests.rules.table_alarms import INDEX, band, consumption, indexed, query, static


@pytest.mark.parametrize(
    ("found", "status", "why"),
    [
        pytest.param(band(READS), Status.PASS, "", id="a band of what is to be expected"),
        pytest.param(
            band(READS, operator="LessThanLowerOrGreaterThanUpperThreshold"), Status.PASS, "", id="a band, both ways"
        ),
        pytest.param(
            band(READS, operator="LessThanLowerThreshold"),
            Status.FAIL,
            "only low values",
            id="a band, downwards alone",
        ),
        pytest.param(band(READS, state="INSUFFICIENT_DATA"), Status.PASS, "", id="a band that is still trained"),
        pytest.param(static(READS, 1.2), Status.PASS, "", id="a threshold of 1.2 times what is usual"),
        pytest.param(static(READS, 20), Status.PASS, "", id="of 20 times"),
        pytest.param(static(READS, 1.1), Status.WARN, "too low: 1.1 times", id="of 1.1 times"),
        pytest.param(static(READS, 21), Status.WARN, "too high: 21 times", id="of 21 times"),
        pytest.param(static(READS, 5, period_seconds=60), Status.PASS, "", id="over a minute"),
        pytest.param(static(READS, 5, period_seconds=3600), Status.WARN, "only after 1 hour", id="over an hour"),
        pytest.param(static(READS, 5, "Average"), Status.FAIL, "is Average", id="an average, of single requests"),
        pytest.param(static(READS, 5, "Maximum"), Status.FAIL, "is Maximum", id="a maximum, of single requests"),
        pytest.param(static(READS, 5, "Minimum"), Status.FAIL, "is Minimum", id="a minimum, of single requests"),
        pytest.param(static(READS, 5, operator="LessThanThreshold"), Status.FAIL, "only low values", id="too little"),
        pytest.param(
            math("a", "m1 / 60", given.summed(READS), threshold=500), Status.PASS, "", id="math, whose scale is its own"
        ),
        pytest.param(math("a", "RATE(m1)", given.summed(READS), threshold=9), Status.PASS, "", id="a rate of change"),
        pytest.param(
            math("a", "RATE(m1)", given.summed(READS), operator="LessThanThreshold"),
            Status.FAIL,
            "only low values",
            id="a drop",
        ),
        pytest.param(
            math("a", "m1 / m2", given.summed(READS), given.summed(READS), threshold=3),
            Status.PASS,
            "",
            id="compared with a longer period of itself",
        ),
        pytest.param(
            math("a", "MIN([m1, m2])", given.summed(READS), given.summed(WRITES), threshold=9),
            Status.FAIL,
            "stays OK while only ConsumedReadCapacityUnits",
            id="reads and writes at once",
        ),
        pytest.param(
            math("a", "TIME_SERIES(m1)", given.summed(READS)), Status.WARN, "TIME_SERIES", id="math that can't be told"
        ),
        pytest.param(
            static(READS, 0, operator="GreaterThanOrEqualToThreshold"), Status.FAIL, "always in ALARM", id="0"
        ),
        pytest.param(static(READS, 5, datapoints=12), Status.WARN, "only after 1 hour", id="an hour of 12 of 12"),
        pytest.param(static(READS, 5, units=("Bytes",)), Status.FAIL, "published in Count", id="a wrong unit"),
        pytest.param(band(READS, datapoints=288), Status.FAIL, "only after 1 day", id="a band for a day"),
        pytest.param(static(WRITES, 5), Status.FAIL, "no alarm watches", id="the writes"),
        pytest.param(query(READS, "TableName", threshold=5000, period_seconds=300), Status.PASS, "", id="a query"),
        pytest.param(
            query(READS, "TableName", function="AVG", threshold=5000),
            Status.FAIL,
            "is Average",
            id="a query, averaged",
        ),
        pytest.param(
            alarm("old", series(NAMESPACE, "ProvisionedReadCapacityUnits", "Sum", TableName=TABLE)),
            Status.FAIL,
            "no alarm watches",
            id="what is provisioned",
        ),
    ],
)
def test_unusually_much_that_is_read(found: Alarm, status: Status, why: str) -> None:
    verdict = spikes(found)
    assert verdict.status is status
    assert why in verdict.message


def test_no_alarm_on_what_is_read_or_written() -> None:
    none = indexed(), routes(), consumption(), NO_TAGS, checklist()
    for check, way in ((read_spikes, "Read"), (write_spikes, "Write")):
        verdict = check(THE_TABLE, description(), *none)
        assert verdict.status is Status.FAIL
        expected = f"no alarm on unusual {way.lower()}s reaches on-call: no alarm watches Consumed{way}CapacityUnits"
        assert verdict.message == expected


def test_a_threshold_that_can_not_be_reached() -> None:
    high = static(READS, 15)  # 15,000 units in five minutes, 50 a second
    assert spikes(high, max_reads=100).status is Status.PASS
    verdict = spikes(high, max_reads=50)
    assert verdict.status is Status.FAIL
    assert "at most 50 units a second can be consumed" in verdict.message


def test_a_threshold_above_the_quota_that_aws_may_have_raised() -> None:
    verdict = spikes(static(READS, 15_000), usual=consumption(1_000_000))
    assert verdict.status is Status.WARN
    assert "quota" in verdict.message


@pytest.mark.parametrize("usual", [None, 0.0], ids=["no datapoint", "zeros"])
def test_a_threshold_that_nothing_can_be_compared_with(usual: float | None) -> None:
    assert spikes(static(READS, 5), usual=consumption(usual)).status is Status.WARN
    assert spikes(band(READS), usual=consumption(usual)).status is Status.PASS


@pytest.mark.parametrize(
    "usual", [DENIED, Consumption(NOW.at, {})], ids=["denied", "CloudWatch could not read this one"]
)
def test_what_is_usual_is_needed_for_thresholds_alone(usual: Consumption | Unavailable) -> None:
    with pytest.raises(Unreadable):
        spikes(static(READS, 5), usual=usual)
    assert spikes(band(READS), usual=usual).status is Status.PASS
    assert spikes(static(READS, 5), band(READS), usual=usual).status is Status.PASS
    assert spikes(static(READS, 5, "Average"), usual=usual).status is Status.FAIL


def test_unusually_much_by_promql() -> None:
    promql = opaque("shop", "promql")
    assert spikes(promql, settings=AlarmSettings(vouched={"shop": "reads"})).status is Status.PASS
    assert spikes(promql, settings=AlarmSettings(vouched={"shop": "writes"})).status is Status.FAIL


@pytest.mark.parametrize(
    ("alarms", "status"),
    [
        pytest.param([band(READS, INDEX.name), band(WRITES, INDEX.name)], Status.PASS, id="its reads and writes"),
        pytest.param([band(READS, INDEX.name)], Status.WARN, id="its reads alone"),
        pytest.param([band(READS), band(WRITES)], Status.WARN, id="those of the table"),
    ],
)
def test_unusually_much_of_an_index(alarms: Sequence[Alarm], status: Status) -> None:
    known = indexed(*alarms), routes(*alarms), consumption(), NO_TAGS, checklist()
    assert index_spikes(THE_TABLE, INDEX, *known).status is status
