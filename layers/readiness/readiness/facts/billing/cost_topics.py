"""The SNS topics that receive cost alerts, in any Region: their subscriptions, receivers and delivery."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TypeVar

from msgspec import Struct

from readiness.alarms import remedies
from readiness.alarms.encryption import USES, Key, usable
from readiness.alarms.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.alarms.services import ANOMALIES, BUDGETS, CLOUDWATCH, SNS
from readiness.aws.answer import Answer, Partial, deferred
from readiness.aws.arn import account_of, name_of, service_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.billing.anomalies import AnomalySubscriptions
from readiness.facts.billing.budgets import Notices
from readiness.facts.change_events import FILTER, SUBSCRIPTIONS, TOPIC
from readiness.facts.cloudwatch.alarm_indexes import BillingAlarms
from readiness.facts.iam.policy_text import granted, read_key
from readiness.facts.sns.deliveries import PublishAccess, SubscriptionRoute, publishing, readable
from readiness.facts.sns.on_call import RECORDED
from readiness.facts.sns.receivers import (
    CALLED,
    Receiver,
    Reception,
    received,
    receiver_function,
    receiver_key,
    receiver_policy,
    receiver_queue,
    reception,
)
from readiness.facts.sns.receivers import CALLED as RECEIVING
from readiness.facts.sns.subscriptions import ATTRIBUTES, LISTING, Filtering, confirmed, read_filtering
from readiness.facts.sns.topics import OF_SNS, PERMISSION, read_topic
from readiness.iam.service_access import Grant, ServiceCall
from readiness.model import Fact, Gone, Unavailable

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


T = TypeVar("T")


class CostReceiver(Fact):
    """A function, qualified or not, or a queue of this account, in any Region. Its key is its ARN."""

    arn: str


@fact()
def cost_receivers(
    aws: Aws, listeners: Each[CostTopicListeners], billing: BillingAlarms | Unavailable
) -> Each[CostReceiver]:
    """Return the receivers that topics and the alarms on estimated charges in another Region invoke."""
    known, unread = listeners.readable()
    called = [each.endpoint for found in known for each in found.of if each.endpoint]
    if isinstance(billing, Unavailable):
        unread = unread or billing
    elif billing.far:
        called += [action for alarm in (*billing.of, *billing.whole) for action in alarm.actions]
    own = {arn for arn in called if service_of(arn) in CALLED and account_of(arn) == aws.account}
    return Each({arn: CostReceiver(arn) for arn in own}, unread)


class CostReception(Fact):
    """The existence and the permissions of a receiver."""

    reception: Reception


@fact(
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "sqs:GetQueueUrl",
    "sqs:GetQueueAttributes",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
)
def cost_reception(aws: Aws, receiver: CostReceiver) -> CostReception:
    """Read a receiver. One fact makes all calls, because there are few receivers."""
    called = Receiver(receiver.arn)
    function = _or_gone(lambda: receiver_function(aws, called))
    queue = _or_gone(lambda: receiver_queue(aws, called))
    policy = None if isinstance(function, Gone) else receiver_policy(aws, called)
    key = None if queue is None or isinstance(queue, Gone) else _or_gone(lambda: receiver_key(aws, called, queue))
    return CostReception(reception(called, function, policy, queue, key))


def of_receptions(found: Each[CostReception]) -> Each[Reception]:
    """Return the receptions under the same keys."""
    answers = {
        arn: each.reception if isinstance(each, CostReception) else each for arn, each in found.answers().items()
    }
    return Each(answers, found.unlisted)


def _or_gone(look: Callable[[], T]) -> T | Gone:
    try:
        return look()
    except Gone as gone:
        return gone


PUBLISHERS = (BUDGETS, CLOUDWATCH, ANOMALIES)
"""Publishers of cost alerts, by the service principal that the topic's policy must allow.

https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
"""

Said = Mapping[str, tuple[Grant, ...]]
"""The grants of a policy for each of these services."""


class CostTopicAttributes(Partial):
    """Attributes of a topic: the services that its policy allows to publish, and its KMS key as written there."""

    publish: Said
    key: str | None


@fact("sns:GetTopicAttributes", events=TOPIC)
def cost_topic_attributes(aws: Aws, topic: CostTopic) -> CostTopicAttributes:
    """Raise Gone where the topic was deleted, which a budget may still name."""
    answer = read_topic(aws, topic.arn)
    return CostTopicAttributes(
        publish=deferred(lambda: _said(answer.need("Policy", str), "sns:Publish", topic.arn, aws.account, PERMISSION)),
        key=deferred(lambda: answer.get("KmsMasterKeyId", str) or None),
    )


class CostTopicKey(Key, Fact):
    """The customer managed key of a topic, and the services that its policy allows to use it."""

    uses: tuple[Said, ...] = ()


@fact("kms:DescribeKey", "kms:GetKeyPolicy")
def cost_topic_key(aws: Aws, topic: CostTopic, attributes: CostTopicAttributes) -> CostTopicKey | None:
    """Return None if the topic is not encrypted, or its key is the AWS managed key for SNS."""
    if attributes.key is None or attributes.key.endswith(OF_SNS):
        return None
    key = read_key(aws, attributes.key, topic.arn)
    uses = (_said(key.policy, action, key.arn, aws.account, "kms:GetKeyPolicy") for action in USES)
    return CostTopicKey(key.arn, key.manager, key.state, tuple(uses))


class CostDelivery(Fact):
    """The delivery of cost alerts by a topic, by its ARN.

    `heard` is the route common to all subscriptions, `hearings` are the routes of each. `publish` and `uses` are the
    services that the policies of the topic and of its `key` allow; `unread` is the part that could not be read.
    """

    topic: str
    heard: Route
    publish: Said
    uses: tuple[Said, ...] = ()
    hearings: tuple[SubscriptionRoute, ...] = ()
    key: str = ""
    unread: Unavailable | None = None

    def route(self, service: str, source: str) -> Route:
        """Return the route of a message that a service publishes for a budget, a subscription or an alarm."""
        ways = [chain([hearing.route, *self._filtered(hearing, service)]) for hearing in self.hearings]
        heard = best(ways) if ways else PAGES
        uses = tuple(use.get(service, ()) for use in self.uses)
        access = PublishAccess(self.publish.get(service, ()), uses, self.unread)
        return chain([self.heard, heard, *publishing(self.topic, self.key, access, service, source)])

    def _filtered(self, hearing: SubscriptionRoute, service: str) -> Iterator[Route]:
        """Yield links broken by filter policies. Only CloudWatch documents the attributes and form of its messages."""
        every = f"every subscription of SNS topic {name_of(self.topic)} filters by"
        remedy = remedies.unfilter(hearing.filter.subscription)
        if hearing.filter.scope == ATTRIBUTES and service == CLOUDWATCH:
            yield silent(f"{every} message attributes, which alarms do not set", remedy)
        elif hearing.filter.scope == ATTRIBUTES:
            yield doubtful(f"{every} message attributes", remedy)
        elif hearing.filter.scope:
            yield doubtful(f"{every} message body", remedy)


@fact()
def cost_delivery(
    topic: CostTopic,
    attributes: CostTopicAttributes | Gone,
    key: CostTopicKey | Gone | Unavailable | None,
    listeners: CostTopicListeners | Gone | Unavailable,
    receptions: Each[CostReception],
) -> CostDelivery:
    """Combine the links: an unread one breaks none, and hides none that is broken for certain."""
    if isinstance(attributes, Gone):
        gone = silent(f"SNS topic {topic.name} does not exist", remedies.make_topic(topic.arn))
        return CostDelivery(topic.arn, gone, {})
    publish = readable(lambda: attributes.publish)
    return CostDelivery(
        topic=topic.arn,
        heard=chain([_listened(topic, listeners), usable(topic.arn, readable(lambda: attributes.key), key, BUDGETS)]),
        publish={} if isinstance(publish, Unavailable) else publish,
        uses=key.uses if isinstance(key, CostTopicKey) else (),
        hearings=tuple(_hearings(topic, listeners, of_receptions(receptions))),
        key=key.arn if isinstance(key, CostTopicKey) else "",
        unread=publish if isinstance(publish, Unavailable) else None,
    )


def _listened(topic: CostTopic, listeners: CostTopicListeners | Gone | Unavailable) -> Route:
    if isinstance(listeners, Unavailable):
        return unknown(listeners)
    if isinstance(listeners, Gone) or not listeners.of:
        why = f"SNS topic {topic.name} has no confirmed subscription"
        return silent(why, remedies.confirm(topic.arn))
    return PAGES


def _hearings(
    topic: CostTopic, listeners: CostTopicListeners | Gone | Unavailable, receptions: Each[Reception]
) -> Iterator[SubscriptionRoute]:
    for each in listeners.of if isinstance(listeners, CostTopicListeners) else ():
        if each.protocol in RECEIVING and each.endpoint:
            yield SubscriptionRoute(received(receptions, each.endpoint, SNS, topic.arn), each.filter)
        elif each.protocol in RECORDED:
            why = f"SNS topic {topic.name} delivers only to a Firehose stream, which notifies no person"
            yield SubscriptionRoute(doubtful(why, remedies.subscribe(topic.arn)), each.filter)
        else:
            yield SubscriptionRoute(PAGES, each.filter)


def _said(policy: str, action: str, resource: str, account: str, permission: str) -> Said:
    calls = {who: ServiceCall(who, action, resource, account) for who in PUBLISHERS}
    return {who: granted(policy, call, permission) for who, call in calls.items()}
