"""The alarms by the table, function, queue or charges that they watch, each indexed once: there may be thousands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from readiness.alarms.dynamodb import NAMESPACE, TABLE, table_of
from readiness.alarms.series import Query, Series, series
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm, read_alarms, watchers
from readiness.model import Fact, Unavailable

LAMBDA, FUNCTION = "AWS/Lambda", "FunctionName"
SQS, QUEUE = "AWS/SQS", "QueueName"
OF_ACCOUNT = tuple(series(LAMBDA, metric) for metric in ("ConcurrentExecutions", "ClaimedAccountConcurrency"))
"""The concurrency that the account uses: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-concurrency.html."""

Index = Mapping[str, tuple[Alarm, ...]]
"""The alarms that watch a series of a resource, by its name; under the empty name those on a series without one."""


def _by(dimension: str, namespace: str, alarms: Iterable[Alarm]) -> Index:
    found: defaultdict[str, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        watched = (dict(one.dimensions) for one in alarm.watches if one.namespace == namespace)
        for name in sorted({dimensions.get(dimension, "") for dimensions in watched}):
            found[name].append(alarm)
    return {name: tuple(watching) for name, watching in found.items()}


def _opaque(alarms: Iterable[Alarm]) -> tuple[Alarm, ...]:
    return tuple(alarm for alarm in alarms if alarm.opaque)


class DynamodbAlarms(Fact):
    """The alarms that watch a series of a table, by table name.

    `account` alarms watch a series without a table, `querying` alarms use Metrics Insights, and the metrics of `opaque`
    alarms are not known. Alarms that scale capacity are left out.
    """

    of: Index
    account: tuple[Alarm, ...]
    querying: tuple[Alarm, ...]
    opaque: tuple[Alarm, ...]

    def watching(self, one: Series) -> list[Alarm]:
        """Return the alarms that watch the series, by its exact dimensions."""
        near = self.of.get(table_of(one), ()) if table_of(one) else self.account
        return watchers(dict.fromkeys((*near, *self.querying)), one)

    def about(self, table: str) -> list[Alarm]:
        """Return the alarms on any series of the table, and those on the account as a whole."""
        querying = (alarm for alarm in self.querying if any(_admits(query, table) for query in alarm.insights))
        return list(dict.fromkeys((*self.of.get(table, ()), *self.account, *querying)))


@fact()
def dynamodb_alarms(alarms: Each[Alarm]) -> DynamodbAlarms:
    """Return the index of the alarms on DynamoDB."""
    known = [alarm for alarm in alarms if not alarm.scales]
    found = _by(TABLE, NAMESPACE, known)
    return DynamodbAlarms(
        of={table: watching for table, watching in found.items() if table},
        account=found.get("", ()),
        querying=tuple(alarm for alarm in known if any(query.namespace == NAMESPACE for query in alarm.insights)),
        opaque=_opaque(known),
    )


def _admits(query: Query, table: str) -> bool:
    """True if the query may match series of the table."""
    named = query.schema is None or TABLE in query.schema
    return named and all(label.admits(table) for label in query.labels if label.key == TABLE)


class FunctionAlarms(Fact):
    """The alarms on a function, by its name; `account`: on the account or by query; `opaque`: metrics not known."""

    of: Index
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
    """Return the index of the alarms on Lambda throttles and on the concurrency of the account."""
    known = list(alarms)
    found = _by(FUNCTION, LAMBDA, known)
    whole = {alarm.arn for alarm in found.get("", ())}
    account = (
        alarm for alarm in known if alarm.arn in whole or any(query.namespace == LAMBDA for query in alarm.insights)
    )
    return FunctionAlarms({name: own for name, own in found.items() if name}, tuple(account), _opaque(known))


class QueueAlarms(Fact):
    """The alarms on a queue, by its name; `querying`: by Metrics Insights; `opaque`: metrics not known."""

    of: Index
    querying: tuple[Alarm, ...]
    unread: Unavailable | None
    opaque: tuple[Alarm, ...] = ()

    def watching(self, one: Series) -> list[Alarm]:
        """Return the alarms that watch the series of a queue, by its exact dimensions."""
        name = dict(one.dimensions)[QUEUE]
        return watchers((*self.of.get(name, ()), *self.querying), one)


@fact()
def queue_alarms(alarms: Each[Alarm]) -> QueueAlarms:
    """Return the index of the alarms on queues."""
    known, unread = alarms.readable()
    return QueueAlarms(
        of={name: own for name, own in _by(QUEUE, SQS, known).items() if name},
        querying=tuple(alarm for alarm in known if alarm.insights),
        unread=unread,
        opaque=_opaque(known),
    )


ALWAYS = frozenset({"AWS/Billing", SQS})
THROTTLING = frozenset({"ClaimedAccountConcurrency", "ConcurrentExecutions", "Throttles"})


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
        if one.namespace == NAMESPACE:
            return isinstance(one, Query) or table_of(one) in {"", *tables}
        if one.namespace == LAMBDA:
            return one.metric in THROTTLING
        return one.namespace in ALWAYS or (one.namespace, one.metric) in failures

    def followed(alarm: Alarm) -> bool:
        watched: tuple[Series | Query, ...] = (*alarm.watches, *alarm.insights)
        return alarm.kind == "composite" or bool(alarm.opaque) or any(map(asked_about, watched))

    known, unread = alarms.readable()
    return FollowedAlarms(tuple(filter(followed, known)), unread)


HOME = "us-east-1"
METRIC = "AWS/Billing", "EstimatedCharges"
BILL = series(*METRIC, Currency="USD", ServiceName="AmazonDynamoDB")
WHOLE = series(*METRIC, Currency="USD")
"""The charges of all services together."""


class BillingAlarms(Fact):
    """Alarms on the charges of DynamoDB (`of`) and on all (`whole`); `far`: in another Region than the table."""

    of: tuple[Alarm, ...]
    far: bool
    whole: tuple[Alarm, ...] = ()


@fact("cloudwatch:DescribeAlarms")
def billing_alarms(aws: Aws, alarms: Each[Alarm]) -> BillingAlarms:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html."""
    far = aws.region != HOME
    if far and aws.partition != "aws":
        return BillingAlarms((), far)
    found = [alarm for alarm in (read_alarms(aws, HOME) if far else alarms) if not alarm.heeds_too_little]
    own = watchers(found, BILL)
    return BillingAlarms(tuple(own), far, tuple(alarm for alarm in watchers(found, WHOLE) if alarm not in own))
