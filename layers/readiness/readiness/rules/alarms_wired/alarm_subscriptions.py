"""The topics of the alarms on a table, and who listens to them."""

from readiness.alarms import remedies
from readiness.alarms.route import PAGES, Route, doubtful, unknown
from readiness.aws.arn import name_of, service_of
from readiness.facts.cloudwatch.dynamodb_alarms import DynamodbAlarms
from readiness.facts.dynamodb.table import Table
from readiness.facts.sns.deliveries import readable
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes
from readiness.model import Gone, Unavailable


def pending(arn: str, attributes: TopicAttributes | Unavailable) -> Route:
    """Whether all who were asked to listen to a topic do."""
    if isinstance(attributes, Unavailable):
        return unknown(attributes)
    waiting = readable(lambda: attributes.pending)
    if isinstance(waiting, Unavailable):
        return unknown(waiting)
    if waiting:
        return doubtful(
            f"{waiting} of those who were asked to listen to {name_of(arn)} have not confirmed it",
            remedies.confirm(arn),
        )
    return PAGES


def kept(subscription: Subscription, filtering: Filtering | Unavailable | Gone | None) -> Route:
    """Whether what can't be delivered to a subscription waits somewhere."""
    if isinstance(filtering, Unavailable):
        return unknown(filtering)
    if isinstance(filtering, Filtering) and not filtering.redriven:
        topic = name_of(subscription.arn.rpartition(":")[0])
        why = f"what {topic} can't deliver by {subscription.protocol} is dropped"
        return doubtful(why, remedies.redrive(subscription.arn))
    return PAGES


def topics_of(alarms: DynamodbAlarms, table: Table) -> list[str]:
    """Those that the alarms on the table name."""
    return sorted(
        {action for alarm in alarms.about(table.name) for action in alarm.actions if service_of(action) == "sns"}
    )
