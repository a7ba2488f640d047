"""Of all alarms of an account, those that a check may ask about: no other is followed to whom it reaches. Pure."""

from readiness.alarms.dynamodb import NAMESPACE as DYNAMODB
from readiness.alarms.dynamodb import table_of
from readiness.alarms.series import Query, Series
from readiness.checklist import Settings
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.model import Fact, Unavailable

ALWAYS = frozenset({"AWS/Billing", "AWS/SQS"})
LAMBDA, THROTTLING = "AWS/Lambda", frozenset({"ClaimedAccountConcurrency", "ConcurrentExecutions", "Throttles"})


class FollowedAlarms(Fact):
    """Those on the tables of the checklist, their failed writes, queues and costs, and on functions that are throttled.

    All composite ones are among them, and all of which nobody can tell what they watch.

    `unread` is why there may be more.
    """

    alarms: tuple[Alarm, ...]
    unread: Unavailable | None


@fact()
def followed_alarms(alarms: Each[Alarm], settings: Settings) -> FollowedAlarms:
    """An alarm of which can't be told what it watches may be the one that a check asks about."""
    tables = {table.name for table in settings.tables}
    failures = {(table.write_failures.namespace, table.write_failures.metric) for table in settings.tables}

    def asked_about(one: Series | Query) -> bool:
        if one.namespace == DYNAMODB:
            return isinstance(one, Query) or table_of(one) in {"", *tables}
        if one.namespace == LAMBDA:
            return one.metric in THROTTLING
        return one.namespace in ALWAYS or (one.namespace, one.metric) in failures

    def followed(alarm: Alarm) -> bool:
        watched: tuple[Series | Query, ...] = (*alarm.watches, *alarm.insights)
        return alarm.kind == "composite" or bool(alarm.opaque) or any(map(asked_about, watched))

    known, unread = alarms.readable()
    return FollowedAlarms(tuple(filter(followed, known)), unread)
