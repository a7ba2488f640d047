import shlex
from typing import Any

from readiness.alarms.dynamodb import OPERATIONS
from readiness.alarms.route import Route
from readiness.checklist import AlarmSettings
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import function_alarms
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.consumption import Consumption
from readiness.facts.dynamodb.operations import OperationsAllowed, OperationsInUse
from readiness.facts.dynamodb.tags import QueriedTags
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.model import Reason, Unavailable, Verdict
from readiness.rules.alarms_wired import (
    concurrency,
    function_throttles,
    index_throttling,
    read_spikes,
    rule,
    throttling,
    user_errors,
    vector_indexes,
)
from tests.rules.alarms import described, routes
from tests.rules.facts import checklist, description
from tests.rules.functions import THE_TABLE, table_function
from tests.rules.remedied import remedied
from tests.rules.table_alarms import INDEX, USED, consumption, indexed

DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:ListMetrics", "AccessDenied")


READ, WRITE = "ReadThrottleEvents", "WriteThrottleEvents"


ANY_OPERATION = OperationsAllowed(frozenset(OPERATIONS))


NO_TAGS = QueriedTags({})


def throttles(
    *alarms: Alarm,
    used: OperationsInUse | Unavailable = USED,
    allowed: OperationsAllowed | Unavailable = ANY_OPERATION,
    tags: QueriedTags | Unavailable = NO_TAGS,
    settings: AlarmSettings | None = None,
    index: bool = False,
    leading: Route | None = None,
) -> Verdict:
    """`leading` is where the first alarm leads; all others page."""
    wanted = checklist(alarms=settings or AlarmSettings())
    led = {alarms[0].name: leading} if leading else {}
    known = indexed(*alarms), routes(*alarms, **led), used, allowed, tags, wanted
    return index_throttling(THE_TABLE, INDEX, *known) if index else throttling(THE_TABLE, *known)


def errors(*alarms: Alarm, settings: AlarmSettings | None = None) -> Verdict:
    wanted = checklist(alarms=settings or AlarmSettings())
    return user_errors(indexed(*alarms), routes(*alarms), wanted)


def spikes(
    *alarms: Alarm,
    usual: Consumption | Unavailable | None = None,
    settings: AlarmSettings | None = None,
    **other: Any,
) -> Verdict:
    wanted = checklist(alarms=settings or AlarmSettings())
    known = indexed(*alarms), routes(*alarms), usual or consumption(), NO_TAGS, wanted
    return read_spikes(THE_TABLE, description(**other), *known)


FUNCTIONS: Each[TableFunction] = Each({each.arn: each for each in (table_function(), table_function(name="cart"))})


def of_functions(*alarms: Alarm, **other: Route) -> Verdict:
    known = function_alarms(Each({each.arn: each for each in alarms}))
    return function_throttles(FUNCTIONS, known, routes(*alarms, **other), checklist())


def of_account(*alarms: Alarm, **other: Route) -> Verdict:
    known = function_alarms(Each({each.arn: each for each in alarms}))
    return concurrency(FUNCTIONS, known, routes(*alarms, **other), checklist())


def vectors(*alarms: Alarm, indexes: tuple[str, ...] = ("by-look",)) -> Verdict:
    known = indexed(*alarms), routes(*alarms), NO_TAGS, checklist()
    return vector_indexes(THE_TABLE, description(vector_indexes=indexes), *known)


def made_by(check: str, verdict: Verdict) -> Alarm:
    """The alarm that the remedy of a check makes, as DescribeAlarms would answer."""
    [asked] = [each for each in rule.checks if each.name == check]
    words = shlex.split(remedied(asked, verdict))
    return described(words[words.index("put-metric-alarm") + 1 :])
