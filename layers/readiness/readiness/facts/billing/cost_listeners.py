"""The subscriptions of SNS topics that receive cost alerts, in any Region."""

from itertools import islice

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.arn import account_of, name_of, service_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.billing.alarms import BillingAlarms
from readiness.facts.billing.anomalies import AnomalySubscriptions
from readiness.facts.billing.budgets import Notices
from readiness.facts.change_events import FILTER, SUBSCRIPTIONS
from readiness.facts.sns.subscriptions import LISTING, Filtering, confirmed, read_filtering
from readiness.model import Fact, Unavailable

ENOUGH = 10
ARN = "arn:"


class CostTopic(Fact):
    """A topic of this account, in any Region, that receives cost alerts. Its key is its ARN."""

    arn: str
    name: str


@fact()
def cost_topics(
    aws: Aws,
    notices: Each[Notices],
    subscriptions: AnomalySubscriptions | Unavailable,
    billing: BillingAlarms | Unavailable,
) -> Each[CostTopic]:
    """Return the topics that readable budgets, subscriptions and alarms in another Region name."""
    known, unread = notices.readable()
    arns = {topic for each in known for notice in each.of for topic in notice.topics}
    if isinstance(subscriptions, Unavailable):
        unread = unread or subscriptions
    else:
        arns |= {topic for each in subscriptions.of for topic in each.topics}
    if isinstance(billing, Unavailable):
        unread = unread or billing
    elif billing.far:
        actions = (action for alarm in (*billing.of, *billing.whole) for action in alarm.actions)
        arns |= {action for action in actions if service_of(action) == "sns"}
    own = [arn for arn in arns if account_of(arn) == aws.account]
    return Each({arn: CostTopic(arn, name_of(arn)) for arn in own}, unread)


class CostListener(Struct, frozen=True):
    """A confirmed subscription. Only an ARN is kept of its `endpoint`; `filter` is its filter policy."""

    protocol: str
    endpoint: str | None
    filter: Filtering


class CostTopicListeners(Fact):
    """The confirmed subscriptions of a topic, at most the first ten."""

    of: tuple[CostListener, ...]


@fact(LISTING, "sns:GetSubscriptionAttributes", events=(*SUBSCRIPTIONS, *FILTER))
def cost_topic_listeners(aws: Aws, topic: CostTopic) -> CostTopicListeners:
    """Read the first ten confirmed subscriptions: one that works is enough."""
    found = islice(confirmed(aws, topic.arn), ENOUGH)
    return CostTopicListeners(tuple(_listener(aws, each) for each in found))


def _listener(aws: Aws, answer: Answer) -> CostListener:
    """Return the subscription; without a protocol, an ARN endpoint names the service."""
    endpoint = answer.get("Endpoint", str, "")
    return CostListener(
        answer.get("Protocol", str) or service_of(endpoint),
        endpoint if endpoint.startswith(ARN) else None,
        read_filtering(aws, answer.need("SubscriptionArn", str)),
    )
