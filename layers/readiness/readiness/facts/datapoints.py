"""What CloudWatch counted, day by day."""

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


def datapoints(aws: Aws, asked: Sequence[Series], now: Now, looked_back: timedelta) -> Mapping[Series, list[float]]:
    """The daily values of each series, by its statistic. One that CloudWatch could not read is not among them."""
    values: dict[Series, list[float]] = {}
    unread: set[Series] = set()
    for start in range(0, len(asked), AT_ONCE):
        batch = asked[start : start + AT_ONCE]
        for result in _results(aws, batch, now, looked_back):
            one = batch[int(result["Id"].removeprefix("q"))]
            values.setdefault(one, []).extend(result["Values"])
            if result["StatusCode"] not in READ:
                unread.add(one)
    return {one: found for one, found in values.items() if one not in unread}


def _results(
    aws: Aws, batch: Sequence[Series], now: Now, looked_back: timedelta
) -> Iterator["MetricDataResultTypeDef"]:
    """Those of every page: the values of one query may be spread over several."""
    queries = [_query(number, one) for number, one in enumerate(batch)]
    pages = aws.client("cloudwatch").get_paginator("get_metric_data")
    for page in pages.paginate(MetricDataQueries=queries, StartTime=now.at - looked_back, EndTime=now.at):
        yield from page["MetricDataResults"]


def _query(number: int, one: Series) -> "MetricDataQueryTypeDef":
    asked: MetricTypeDef = {
        "Namespace": one.namespace,
        "MetricName": one.metric,
        "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
    }
    stat: MetricStatTypeDef = {"Metric": asked, "Period": DAY, "Stat": one.statistic}
    return {"Id": f"q{number}", "MetricStat": stat}
