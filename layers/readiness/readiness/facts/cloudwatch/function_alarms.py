"""The alarms on Lambda throttles and on the concurrency of the account. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from readiness.alarms.series import Series, series
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm, watchers
from readiness.model import Fact

LAMBDA, FUNCTION = "AWS/Lambda", "FunctionName"
OF_ACCOUNT = tuple(series(LAMBDA, metric) for metric in ("ConcurrentExecutions", "ClaimedAccountConcurrency"))
"""The concurrency that the account uses: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html."""


class FunctionAlarms(Fact):
    """The alarms on a series of a function, by function name; `account` alarms are on series of the account or query.

    The metrics of `opaque` alarms are not known.
    """

    of: Mapping[str, tuple[Alarm, ...]]
    account: tuple[Alarm, ...]
    opaque: tuple[Alarm, ...] = ()

    def watching(self, one: Series) -> list[Alarm]:
        """Return the alarms that watch the series, by its exact dimensions."""
        near = self.of.get(dict(one.dimensions).get(FUNCTION, ""), ())
        return watchers(dict.fromkeys((*near, *self.account)), one)


def throttles_of(function: str) -> tuple[Series, Series]:
    """Return the Throttles series of a function, and of the account."""
    return series(LAMBDA, "Throttles", FunctionName=function), series(LAMBDA, "Throttles")


@fact()
def function_alarms(alarms: Each[Alarm]) -> FunctionAlarms:
    """Index all alarms once for all functions, so that the work is not the product of both."""
    of: defaultdict[str, list[Alarm]] = defaultdict(list)
    account: list[Alarm] = []
    opaque: list[Alarm] = []
    for alarm in alarms:
        if alarm.opaque:
            opaque.append(alarm)
        named = {dict(one.dimensions).get(FUNCTION, "") for one in alarm.watches if one.namespace == LAMBDA}
        for name in sorted(named - {""}):
            of[name].append(alarm)
        if "" in named or any(query.namespace == LAMBDA for query in alarm.insights):
            account.append(alarm)
    return FunctionAlarms({name: tuple(found) for name, found in of.items()}, tuple(account), tuple(opaque))
