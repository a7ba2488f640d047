"""The topics that hear of costs, wherever they are: whether one that is told says it to anybody."""

from collections.abc import Mapping
from dataclasses import dataclass

from readiness.alarming.encryption import usable
from readiness.alarming.grant import SERVICE as CLOUDWATCH
from readiness.alarming.grant import Grant, admits, grants
from readiness.alarming.route import PAGES, Route, chain, doubtful, silent, unknown
from readiness.arn import account_of, name_of, region_of, service_of
from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.anomalies import AnomalySubscriptions
from readiness.facts.billing_alarms import BillingAlarms
from readiness.facts.budgets import Notices
from readiness.facts.owned_keys import read_key
from readiness.facts.subscriptions import UNCONFIRMED
from readiness.facts.topics import OF_SNS, read_topic
from readiness.model import Gone, Unavailable

BUDGETS = "budgets.amazonaws.com"
ANOMALIES = "costalerts.amazonaws.com"
SPEAKERS = {ANOMALIES: "Cost Anomaly Detection", BUDGETS: "AWS Budgets", CLOUDWATCH: "CloudWatch"}
"""Who tells a topic of costs, by the service that its policy has to let publish.

https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
"""

Said = Mapping[str, tuple[Grant, ...]]
"""What a policy says of each of these services."""


@dataclass(frozen=True)
class CostTopic:
    """A topic of this account, of whatever Region, that somebody tells of costs. Its key is its ARN."""

    arn: str
    name: str


@fact()
def cost_topics(
    aws: Aws,
    notices: Each[Notices],
    subscriptions: AnomalySubscriptions | Unavailable,
    billing: BillingAlarms | Unavailable,
) -> Each[CostTopic]:
    """Those that are named by what could be read. Of alarms, those that are not followed with all others."""
    known, unread = notices.readable()
    arns = {topic for each in known for notice in each.of for topic in notice.topics}
    if isinstance(subscriptions, Unavailable):
        unread = unread or subscriptions
    else:
        arns |= {topic for each in subscriptions.of for topic in each.topics}
    if isinstance(billing, Unavailable):
        unread = unread or billing
    elif billing.far:
        arns |= {action for alarm in billing.of for action in alarm.actions if service_of(action) == "sns"}
    own = [arn for arn in arns if account_of(arn) == aws.account]
    return Each({arn: CostTopic(arn, name_of(arn)) for arn in own}, unread)


@dataclass(frozen=True)
class CostTopicAttributes:
    """What GetTopicAttributes says of one: whom its policy lets publish, and the key as it is written there."""

    publish: Said
    key: str | None


@fact("sns:GetTopicAttributes")
def cost_topic_attributes(aws: Aws, topic: CostTopic) -> CostTopicAttributes:
    """Gone where it was deleted: a budget goes on naming it."""
    answer = read_topic(aws, topic.arn)
    return CostTopicAttributes(
        _said(answer["Policy"], "sns:Publish", topic.arn, aws.account), answer.get("KmsMasterKeyId") or None
    )


@dataclass(frozen=True)
class CostTopicKey:
    """The customer key that encrypts a topic, and whom its policy lets use it. `state` is AWS's KeyState."""

    manager: str
    state: str
    uses: tuple[Said, ...] = ()


@fact("kms:DescribeKey", "kms:GetKeyPolicy")
def cost_topic_key(aws: Aws, topic: CostTopic, attributes: CostTopicAttributes) -> CostTopicKey | None:
    """None: the topic is not encrypted, or AWS manages the key for SNS, which says all."""
    if attributes.key is None or attributes.key.endswith(OF_SNS):
        return None
    key, policy = read_key(aws, attributes.key, topic.arn)
    uses = (_said(policy, action, key["Arn"], aws.account) for action in ("kms:GenerateDataKey", "kms:Decrypt"))
    return CostTopicKey(key["KeyManager"], key["KeyState"], tuple(uses))


@dataclass(frozen=True)
class CostTopicListeners:
    """Whether a topic has a subscription that was confirmed."""

    any: bool


@fact("sns:ListSubscriptionsByTopic")
def cost_topic_listeners(aws: Aws, topic: CostTopic) -> CostTopicListeners:
    """One that was confirmed is enough: no further page is asked for."""
    client = aws.client("sns", region_of(topic.arn))
    pages = client.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic.arn)
    listed = (each["SubscriptionArn"] for page in pages for each in page.get("Subscriptions", []))
    return CostTopicListeners(any(arn not in UNCONFIRMED for arn in listed))


@dataclass(frozen=True)
class CostDelivery:
    """What becomes of a message about costs at a topic.

    `heard` is whether anybody would hear it if it is let in; `publish`, and `uses` of the key, say whom they let in.
    """

    topic: str
    heard: Route
    publish: Said
    uses: tuple[Said, ...] = ()

    def route(self, service: str, source: str) -> Route:
        """Whether it reaches anybody where that service says it on behalf of a budget, a subscription or an alarm."""
        policies = [(self.publish, "policy"), *((said, "key") for said in self.uses)]
        return chain([self.heard, *(self._admitted(*each, service, source) for each in policies)])

    def _admitted(self, said: Said, what: str, service: str, source: str) -> Route:
        whose, who = f"the {what} of the topic {self.topic}", SPEAKERS[service]
        match admits(said.get(service, ()), source):
            case "yes":
                return PAGES
            case "maybe":
                return doubtful(f"{whose} lets {who} publish under conditions that can't be judged here")
            case "no":
                return silent(f"{whose} does not let {who} publish")


@fact()
def cost_delivery(
    topic: CostTopic,
    attributes: CostTopicAttributes | Gone,
    key: CostTopicKey | Gone | Unavailable | None,
    listeners: CostTopicListeners | Gone | Unavailable,
) -> CostDelivery:
    """One that could not be read breaks no link, and hides none that is broken for sure."""
    if isinstance(attributes, Gone):
        return CostDelivery(topic.name, silent(f"the topic {topic.name} does not exist"), {})
    heard = chain([_listened(topic, listeners), usable(topic.name, attributes.key, key)])
    uses = key.uses if isinstance(key, CostTopicKey) else ()
    return CostDelivery(topic.name, heard, attributes.publish, uses)


def _listened(topic: CostTopic, listeners: CostTopicListeners | Gone | Unavailable) -> Route:
    if isinstance(listeners, Unavailable):
        return unknown(listeners)
    if isinstance(listeners, Gone) or not listeners.any:
        return silent(f"the topic {topic.name} has no confirmed subscription")
    return PAGES


def _said(policy: str, action: str, resource: str, account: str) -> Said:
    return {service: tuple(grants(policy, action, resource, account, service)) for service in sorted(SPEAKERS)}
