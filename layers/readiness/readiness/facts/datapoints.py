"""What CloudWatch counted, day by day or in shorter periods."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from readiness.alarming.series import Series
from readiness.aws import Aws
from readiness.facts.instant import utc
from readiness.facts.now import Now
from readiness.model import Reason, Unavailable, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import (
        MetricDataQueryTypeDef,
        MetricDataResultTypeDef,
        MetricStatTypeDef,
        MetricTypeDef,
    )

DAY = 86_400
AT_ONCE = 500
READ = frozenset({"Complete", "PartialData"})


def datapoints(
    aws: Aws, asked: Sequence[Series], now: Now, looked_back: timedelta, period: int = DAY
) -> Mapping[Series, list[float]]:
    """The values of each series, by its statistic, over so many seconds each; those of every 500 by one request.

    One that CloudWatch could not read is not among them.
    """
    values: dict[Series, list[float]] = {}
    unread: set[Series] = set()
    for one, result in _results(aws, asked, now.at - looked_back, now.at, period):
        values.setdefault(one, []).extend(result["Values"])
        if result["StatusCode"] not in READ:
            unread.add(one)
    return {one: found for one, found in values.items() if one not in unread}


def over_time(
    aws: Aws, asked: Sequence[Series], start: datetime, end: datetime, period: int
) -> Mapping[Series, Mapping[datetime, float]]:
    """The values of each series by when its periods began. Unreadable: CloudWatch could not read one of them."""
    values: dict[Series, dict[datetime, float]] = {one: {} for one in asked}
    for one, result in _results(aws, asked, start, end, period):
        if result["StatusCode"] not in READ:
            why = Unavailable(Reason.SERVER_ERROR, "cloudwatch:GetMetricData", result["StatusCode"])
            raise Unreadable({one.metric: why})
        values[one] |= zip(map(utc, result["Timestamps"]), result["Values"], strict=True)
    return values


def _results(
    aws: Aws, asked: Sequence[Series], start: datetime, end: datetime, period: int
) -> Iterator[tuple[Series, "MetricDataResultTypeDef"]]:
    """Those of every page: the values of one series may be spread over several."""
    pages = aws.client("cloudwatch").get_paginator("get_metric_data")
    for first in range(0, len(asked), AT_ONCE):
        batch = asked[first : first + AT_ONCE]
        queries = [_query(number, one, period) for number, one in enumerate(batch)]
        for page in pages.paginate(MetricDataQueries=queries, StartTime=start, EndTime=end):
            for result in page["MetricDataResults"]:
                yield batch[int(result["Id"].removeprefix("q"))], result


def _query(number: int, one: Series, period: int) -> "MetricDataQueryTypeDef":
    asked: MetricTypeDef = {
        "Namespace": one.namespace,
        "MetricName": one.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
    }
    stat: MetricStatTypeDef = {"Metric": asked, "Period": period, "Stat": one.statistic}
    return {"Id": f"q{number}", "MetricStat": stat}
