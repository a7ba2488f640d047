"""The alarms on functions that are throttled, and on the concurrency that an account has for all of them. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from readiness.alarms.series import Series, series
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm, watchers
from readiness.model import Fact

LAMBDA, FUNCTION = "AWS/Lambda", "FunctionName"
OF_ACCOUNT = tuple(series(LAMBDA, metric) for metric in ("ConcurrentExecutions", "ClaimedAccountConcurrency"))
"""How much of its concurrency the account uses: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html."""


class FunctionAlarms(Fact):
    """By the name of a function, those on a series of it; those of the `account`, and those that query Lambda's.

    Of `opaque` nobody can tell.
    """

    of: Mapping[str, tuple[Alarm, ...]]
    account: tuple[Alarm, ...]
    opaque: tuple[Alarm, ...] = ()

    def watching(self, one: Series) -> list[Alarm]:
        """Those that watch the series, by its exact dimensions."""
        near = self.of.get(dict(one.dimensions).get(FUNCTION, ""), ())
        return watchers(dict.fromkeys((*near, *self.account)), one)


def throttles_of(function: str) -> tuple[Series, Series]:
    """How often a function was throttled, alone and among all of the account."""
    return series(LAMBDA, "Throttles", FunctionName=function), series(LAMBDA, "Throttles")


@fact()
def function_alarms(alarms: Each[Alarm]) -> FunctionAlarms:
    """Once for all functions: each of them going through all alarms would take the product of both."""
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
