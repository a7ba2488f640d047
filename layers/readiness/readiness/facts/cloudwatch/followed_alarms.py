"""The alarms whose routes a check may need; the routes of others are not read. Pure."""

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
    """The alarms on tables, failed writes, queues, costs and Lambda throttles; composite and opaque alarms too."""

    alarms: tuple[Alarm, ...]
    unread: Unavailable | None


@fact()
def followed_alarms(alarms: Each[Alarm], settings: Settings) -> FollowedAlarms:
    """Select the alarms; an opaque one may be the one that a check needs."""
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
