"""What CloudWatch counted, day by day or in shorter periods."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from readiness.alarming.series import Series
from readiness.aws import Aws
from readiness.facts.now import Now

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
    for start in range(0, len(asked), AT_ONCE):
        batch = asked[start : start + AT_ONCE]
        queries = [_query(number, one, period) for number, one in enumerate(batch)]
        for result in _results(aws, queries, now, looked_back):
            one = batch[int(result["Id"].removeprefix("q"))]
            values.setdefault(one, []).extend(result["Values"])
            if result["StatusCode"] not in READ:
                unread.add(one)
    return {one: found for one, found in values.items() if one not in unread}


def _results(
    aws: Aws, queries: Sequence["MetricDataQueryTypeDef"], now: Now, looked_back: timedelta
) -> Iterator["MetricDataResultTypeDef"]:
    """Those of every page: the values of one query may be spread over several."""
    pages = aws.client("cloudwatch").get_paginator("get_metric_data")
    for page in pages.paginate(MetricDataQueries=queries, StartTime=now.at - looked_back, EndTime=now.at):
        yield from page["MetricDataResults"]


def _query(number: int, one: Series, period: int) -> "MetricDataQueryTypeDef":
    asked: MetricTypeDef = {
        "Namespace": one.namespace,
        "MetricName": one.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
    }
    stat: MetricStatTypeDef = {"Metric": asked, "Period": period, "Stat": one.statistic}
    return {"Id": f"q{number}", "MetricStat": stat}
