"""The SNS topics of the alarms on a table, and their subscriptions."""

from readiness.alarms import remedies
from readiness.alarms.route import PAGES, Route, doubtful, unknown
from readiness.aws.arn import name_of, service_of
from readiness.facts.cloudwatch.alarm_indexes import DynamodbAlarms
from readiness.facts.dynamodb.table import Table
from readiness.facts.sns.deliveries import readable
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import TopicAttributes
from readiness.model import Gone, Unavailable


def pending(arn: str, attributes: TopicAttributes | Unavailable) -> Route:
    """Return doubtful for a topic with pending subscriptions."""
    if isinstance(attributes, Unavailable):
        return unknown(attributes)
    waiting = readable(lambda: attributes.pending)
    if isinstance(waiting, Unavailable):
        return unknown(waiting)
    if waiting:
        why = f"subscriptions of SNS topic {name_of(arn)} that are not confirmed: {waiting}"
        return doubtful(why, remedies.confirm(arn))
    return PAGES


def kept(subscription: Subscription, filtering: Filtering | Unavailable | Gone | None) -> Route:
    """Return doubtful for a subscription without a dead-letter queue (RedrivePolicy)."""
    if isinstance(filtering, Unavailable):
        return unknown(filtering)
    if isinstance(filtering, Filtering) and not filtering.redriven:
        topic = name_of(subscription.arn.rpartition(":")[0])
        why = f"the {subscription.protocol} subscription of SNS topic {topic} has no dead-letter queue"
        return doubtful(why, remedies.redrive(subscription.arn))
    return PAGES


def topics_of(alarms: DynamodbAlarms, table: Table) -> list[str]:
    """Return the ARNs of the SNS topics in the actions of alarms on the table."""
    return sorted(
        {action for alarm in alarms.about(table.name) for action in alarm.actions if service_of(action) == "sns"}
    )
