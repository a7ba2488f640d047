"""The topics that hear of costs, wherever they are: whether one that is told says it to anybody."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from readiness.alarms import remedies
from readiness.alarms.encryption import USES, usable
from readiness.alarms.grant import Grant, admits
from readiness.alarms.route import PAGES, Route, best, chain, doubtful, silent, unknown
from readiness.alarms.services import CLOUDWATCH, SNS
from readiness.aws.answer import Partial, deferred
from readiness.aws.arn import account_of, name_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.billing.cost_listeners import CostTopic, CostTopicListeners
from readiness.facts.billing.cost_receivers import CostReception, of_receptions
from readiness.facts.iam.owned_keys import read_key
from readiness.facts.sns.admitted import granted
from readiness.facts.sns.deliveries import readable
from readiness.facts.sns.on_call import RECORDED
from readiness.facts.sns.receivers import CALLED as RECEIVING
from readiness.facts.sns.receivers import Reception, received
from readiness.facts.sns.subscriptions import ATTRIBUTES, Filtering
from readiness.facts.sns.topics import OF_SNS, PERMISSION, read_topic
from readiness.model import Fact, Gone, Unavailable

BUDGETS = "budgets.amazonaws.com"
ANOMALIES = "costalerts.amazonaws.com"
SPEAKERS = {ANOMALIES: "Cost Anomaly Detection", BUDGETS: "AWS Budgets", CLOUDWATCH: "CloudWatch"}
"""Who tells a topic of costs, by the service that its policy has to let publish.

https://docs.aws.amazon.com/cost-management/latest/userguide/ad-SNS.html
"""

Said = Mapping[str, tuple[Grant, ...]]
"""What a policy says of each of these services."""


class CostTopicAttributes(Partial):
    """What GetTopicAttributes says of one: whom its policy lets publish, and the key as it is written there."""

    publish: Said
    key: str | None


@fact("sns:GetTopicAttributes")
def cost_topic_attributes(aws: Aws, topic: CostTopic) -> CostTopicAttributes:
    """Gone where it was deleted: a budget goes on naming it."""
    answer = read_topic(aws, topic.arn)
    return CostTopicAttributes(
        publish=deferred(lambda: _said(answer.need("Policy", str), "sns:Publish", topic.arn, aws.account, PERMISSION)),
        key=deferred(lambda: answer.get("KmsMasterKeyId", str) or None),
    )


class CostTopicKey(Fact):
    """The customer key that encrypts a topic, and whom its policy lets use it. `state` is AWS's KeyState."""

    arn: str
    manager: str
    state: str
    uses: tuple[Said, ...] = ()


@fact("kms:DescribeKey", "kms:GetKeyPolicy")
def cost_topic_key(aws: Aws, topic: CostTopic, attributes: CostTopicAttributes) -> CostTopicKey | None:
    """None: the topic is not encrypted, or AWS manages the key for SNS, which says all."""
    if attributes.key is None or attributes.key.endswith(OF_SNS):
        return None
    key = read_key(aws, attributes.key, topic.arn)
    uses = (_said(key.policy, action, key.arn, aws.account, "kms:GetKeyPolicy") for action in USES)
    return CostTopicKey(key.arn, key.manager, key.state, tuple(uses))


class CostHearing(Struct, frozen=True):
    """Whether what is said to a topic gets through one subscription, if its `filter` lets it through."""

    route: Route
    filter: Filtering


class CostDelivery(Fact):
    """What becomes of a message about costs at a topic, by its ARN.

    `heard` is whether anything is heard there, and `hearings` are those who may. `publish`, and `uses` of the customer
    `key`, say whom they let in; `unread` is what could not be read of that.
    """

    topic: str
    heard: Route
    publish: Said
    uses: tuple[Said, ...] = ()
    hearings: tuple[CostHearing, ...] = ()
    key: str = ""
    unread: Unavailable | None = None

    def route(self, service: str, source: str) -> Route:
        """Whether it reaches anybody where that service says it on behalf of a budget, a subscription or an alarm."""
        ways = [chain([hearing.route, *self._filtered(hearing, service)]) for hearing in self.hearings]
        heard = best(ways) if ways else PAGES
        return chain([self.heard, heard, *self._admitted(service, source), *map(unknown, filter(None, [self.unread]))])

    def _filtered(self, hearing: CostHearing, service: str) -> Iterator[Route]:
        """What attributes it has, or whether it is JSON, is documented of CloudWatch's messages alone."""
        every = f"every subscription of the topic {name_of(self.topic)} filters by"
        remedy = remedies.unfilter(hearing.filter.subscription)
        if hearing.filter.scope == ATTRIBUTES and service == CLOUDWATCH:
            yield silent(f"{every} message attributes, which alarms don't carry", remedy)
        elif hearing.filter.scope == ATTRIBUTES:
            yield doubtful(f"{every} message attributes", remedy)
        elif hearing.filter.scope:
            yield doubtful(f"{every} what the message says", remedy)

    def _admitted(self, service: str, source: str) -> Iterator[Route]:
        said = [] if self.unread else [(self.publish, "policy", remedies.let_publish(self.topic, service, source))]
        used = remedies.let_use(self.key, service, account_of(self.topic))
        for grants, what, remedy in [*said, *((each, "key", used) for each in self.uses)]:
            whose, who = f"the {what} of the topic {name_of(self.topic)}", SPEAKERS[service]
            match admits(grants.get(service, ()), source):
                case "maybe":
                    yield doubtful(f"{whose} lets {who} publish under conditions that can't be judged here", remedy)
                case "no":
                    yield silent(f"{whose} does not let {who} publish", remedy)
                case "yes":
                    pass


@fact()
def cost_delivery(
    topic: CostTopic,
    attributes: CostTopicAttributes | Gone,
    key: CostTopicKey | Gone | Unavailable | None,
    listeners: CostTopicListeners | Gone | Unavailable,
    receptions: Each[CostReception],
) -> CostDelivery:
    """One that could not be read breaks no link, and hides none that is broken for sure."""
    if isinstance(attributes, Gone):
        gone = silent(f"the topic {topic.name} does not exist", remedies.make_topic(topic.arn))
        return CostDelivery(topic.arn, gone, {})
    publish = readable(lambda: attributes.publish)
    return CostDelivery(
        topic=topic.arn,
        heard=chain([_listened(topic, listeners), _encrypted(topic, attributes, key)]),
        publish={} if isinstance(publish, Unavailable) else publish,
        uses=key.uses if isinstance(key, CostTopicKey) else (),
        hearings=tuple(_hearings(topic, listeners, of_receptions(receptions))),
        key=key.arn if isinstance(key, CostTopicKey) else "",
        unread=publish if isinstance(publish, Unavailable) else None,
    )


def _encrypted(
    topic: CostTopic, attributes: CostTopicAttributes, key: CostTopicKey | Gone | Unavailable | None
) -> Route:
    name = readable(lambda: attributes.key)
    return unknown(name) if isinstance(name, Unavailable) else usable(topic.arn, name, key, BUDGETS)


def _listened(topic: CostTopic, listeners: CostTopicListeners | Gone | Unavailable) -> Route:
    if isinstance(listeners, Unavailable):
        return unknown(listeners)
    if isinstance(listeners, Gone) or not listeners.of:
        why = f"the topic {topic.name} has no confirmed subscription"
        return silent(why, remedies.confirm(topic.arn))
    return PAGES


def _hearings(
    topic: CostTopic, listeners: CostTopicListeners | Gone | Unavailable, receptions: Each[Reception]
) -> Iterator[CostHearing]:
    for each in listeners.of if isinstance(listeners, CostTopicListeners) else ():
        if each.protocol in RECEIVING and each.endpoint:
            yield CostHearing(received(receptions, each.endpoint, SNS, topic.arn), each.filter)
        elif each.protocol in RECORDED:
            why = f"the topic {topic.name} is recorded by a Firehose stream alone, which tells nobody"
            yield CostHearing(doubtful(why, remedies.subscribe(topic.arn)), each.filter)
        else:
            yield CostHearing(PAGES, each.filter)


def _said(policy: str, action: str, resource: str, account: str, permission: str) -> Said:
    return {who: granted(policy, action, resource, account, who, permission) for who in sorted(SPEAKERS)}
