"""Datapoints of CloudWatch metrics, by day or in shorter periods."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from readiness.alarms.series import Series
from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.aws.time import utc
from readiness.facts.recorded.now import Now
from readiness.model import Reason, Unavailable, Unreadable

PERMISSION = "cloudwatch:GetMetricData"
DAY = 86_400
AT_ONCE = 500
READ = frozenset({"Complete", "PartialData"})
UNANSWERED = Unavailable(Reason.INCOMPLETE_ANSWER, PERMISSION, "MetricDataResults[].Id")


class Datapoints(Struct, frozen=True):
    """The values of each series, and the reason for each series that could not be read."""

    of: Mapping[Series, list[float]]
    unread: Mapping[Series, Unavailable]

    @property
    def why(self) -> Unavailable | None:
        """The first reason why a series could not be read; None where all could."""
        return next(iter(self.unread.values()), None)


def datapoints(aws: Aws, asked: Sequence[Series], now: Now, looked_back: timedelta, period: int = DAY) -> Datapoints:
    """Read each series by its statistic, in periods of `period` seconds; one request for up to 500 series."""
    values: dict[Series, list[float]] = {}
    unread: dict[Series, Unavailable] = dict.fromkeys(asked, UNANSWERED)
    for one, result in _results(aws, asked, now.at - looked_back, now.at, period):
        try:
            values.setdefault(one, []).extend(_values(result))
            if unread.get(one) is UNANSWERED:
                del unread[one]
        except Unreadable as why:
            unread[one] = why.first
    return Datapoints({one: found for one, found in values.items() if one not in unread}, unread)


def over_time(
    aws: Aws, asked: Sequence[Series], start: datetime, end: datetime, period: int
) -> Mapping[Series, Mapping[datetime, float]]:
    """Return the values of each series by the start of the period. Raises Unreadable where a series was not read."""
    values: dict[Series, dict[datetime, float]] = {one: {} for one in asked}
    for one, result in _results(aws, asked, start, end, period):
        found, moments = _values(result), result.need("Timestamps", list)
        if len(found) != len(moments) or not all(isinstance(moment, datetime) for moment in moments):
            raise Unreadable({}, result.incomplete("Timestamps"))
        values[one] |= zip(map(utc, moments), found, strict=True)
    return values


def _values(result: Answer) -> list[float]:
    """Return the values. Raises Unreadable for a StatusCode such as InternalError."""
    status = result.need("StatusCode", str)
    if status not in READ:
        raise Unreadable({}, Unavailable(Reason.SERVER_ERROR, PERMISSION, status))
    values = result.need("Values", list)
    if not all(isinstance(value, (int, float)) for value in values):
        raise Unreadable({}, result.incomplete("Values"))
    return values


def _results(
    aws: Aws, asked: Sequence[Series], start: datetime, end: datetime, period: int
) -> Iterator[tuple[Series, Answer]]:
    """Yield the results of every page: the values of one series may spread over several pages."""
    pages = aws.client("cloudwatch").get_paginator("get_metric_data")
    for first in range(0, len(asked), AT_ONCE):
        batch = asked[first : first + AT_ONCE]
        by_id = {f"q{number}": one for number, one in enumerate(batch)}
        answered = pages.paginate(
            MetricDataQueries=[
                {
                    "Id": name,
                    "MetricStat": {
                        "Metric": {
                            "Namespace": one.namespace,
                            "MetricName": one.metric,
                            "Dimensions": [{"Name": name, "Value": value} for name, value in one.dimensions],
                        },
                        "Period": period,
                        "Stat": one.statistic,
                    },
                }
                for name, one in by_id.items()
            ],
            StartTime=start,
            EndTime=end,
        )
        for result in listed(answered, "MetricDataResults", PERMISSION):
            name = result.need("Id", str)
            if name not in by_id:
                raise Unreadable({}, result.incomplete("Id"))
            yield by_id[name], result
