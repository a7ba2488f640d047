"""Invocations of a table's functions, from CloudWatch."""

from collections.abc import Mapping
from datetime import timedelta

from readiness.alarms.series import series
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.datapoints import datapoints
from readiness.facts.dynamodb.table import Table
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Unavailable

LOOKED_BACK = timedelta(days=7)


class Invocations(Fact):
    """Invocations of each function in the last 7 days, by name, over all versions.

    A function whose metric could not be read is absent, and `unread` is why.
    """

    of: Mapping[str, int]
    unread: Unavailable | None = None


@fact("cloudwatch:GetMetricData", on=Table)
def invocations(
    aws: Aws,
    functions: Each[TableFunction],
    now: Now,
) -> Invocations:
    """Read the invocations. CloudWatch has no data for a function that was not invoked."""
    names = sorted(function.name for function in functions.readable()[0])
    asked = [series("AWS/Lambda", "Invocations", "Sum", FunctionName=name) for name in names]
    found = datapoints(aws, asked, now, LOOKED_BACK)
    counts = {name: int(sum(found.of[one])) for name, one in zip(names, asked, strict=True) if one in found.of}
    return Invocations(counts, found.why)
