from datetime import UTC, datetime, timedelta

import pytest

from readiness.facts.dynamodb.consumption import Maxima, Peaks, maxima, peaks
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.now import Now
from readiness.model import Unreadable
from tests.aws.account import TABLE, Account, Json
from tests.rules.facts import description

MAXIMA = Maxima(40, None)


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, None),
        ({"max_reads": 40}, MAXIMA),
        ({"max_writes": 7}, Maxima(None, 7)),
        ({"max_reads": 40, "billing_mode": "PROVISIONED"}, None),
    ],
    ids=["none is set", "of reads", "of writes", "of capacity that is provisioned"],
)
def test_maxima(facts: Json, found: Maxima | None) -> None:
    assert maxima(description(**facts)) == found


def test_the_highest_minute_counts_by_the_second(furnished: Account, table: Table) -> None:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    put = furnished.client("cloudwatch").put_metric_data
    for minutes, units in ((3, 120), (5, 600), (7, 60)):
        datum = {
            "MetricName": "ConsumedReadCapacityUnits",
            "Dimensions": [{"Name": "TableName", "Value": TABLE}],
            "Timestamp": now - timedelta(minutes=minutes),
            "Value": units,
        }
        put(Namespace="AWS/DynamoDB", MetricData=[datum])
    assert peaks(furnished.aws, table, Now(now)) == Peaks(10, 0)


def test_one_series_that_can_not_be_read_leaves_no_peak(furnished: Account, table: Table) -> None:
    read = {"Id": "q0", "StatusCode": "Complete", "Timestamps": [], "Values": []}
    unread = {"Id": "q1", "StatusCode": "InternalError", "Timestamps": [], "Values": []}
    furnished.answer("cloudwatch", "GetMetricData", {"MetricDataResults": [read, unread]})
    with pytest.raises(Unreadable):
        peaks(furnished.aws, table, Now(datetime.now(UTC)))
