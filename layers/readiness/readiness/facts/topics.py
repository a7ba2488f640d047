"""The SNS topics that alarms name, who may publish to them, and the keys that encrypt them."""

from collections.abc import Mapping
from dataclasses import dataclass

from readiness.alarming.grant import Grant, grants
from readiness.arn import name_of, region_of
from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.followed_alarms import FollowedAlarms
from readiness.facts.owned_keys import read_key
from readiness.model import Gone

OF_SNS = "alias/aws/sns"


@dataclass(frozen=True)
class Topic:
    """A topic of this account and Region that an alarm names. Its key is its ARN."""

    arn: str
    name: str


@fact()
def topics(aws: Aws, followed: FollowedAlarms) -> Each[Topic]:
    """Each of them once, whether it exists or not."""
    prefix = f"arn:{aws.partition}:sns:{aws.region}:{aws.account}:"
    arns = {action for alarm in followed.alarms for action in alarm.actions if action.startswith(prefix)}
    return Each({arn: Topic(arn, arn.removeprefix(prefix)) for arn in arns}, followed.unread)


@dataclass(frozen=True)
class TopicAttributes:
    """What GetTopicAttributes says of one.

    `publish` is what its policy says of CloudWatch's publishing. `pending` is how many subscriptions nobody has
    confirmed yet. `key` is the KMS key as it is written there, an ID, an alias or an ARN; None without encryption.
    """

    publish: tuple[Grant, ...]
    pending: int
    key: str | None


@fact("sns:GetTopicAttributes")
def topic_attributes(aws: Aws, topic: Topic) -> TopicAttributes:
    """Gone where it was deleted: an alarm goes on naming it."""
    answer = read_topic(aws, topic.arn)
    return TopicAttributes(
        publish=tuple(grants(answer["Policy"], "sns:Publish", topic.arn, aws.account)),
        pending=int(answer["SubscriptionsPending"]),
        key=answer.get("KmsMasterKeyId") or None,
    )


@dataclass(frozen=True)
class TopicKey:
    """The key that encrypts a topic. `manager` is AWS or CUSTOMER, `state` is AWS's KeyState.

    `generate` and `decrypt` are what its policy says of CloudWatch's doing so; no other policy can let a service.
    """

    arn: str
    manager: str
    state: str
    generate: tuple[Grant, ...]
    decrypt: tuple[Grant, ...]


@fact("kms:DescribeKey", "kms:GetKeyPolicy")
def topic_key(aws: Aws, topic: Topic, attributes: TopicAttributes) -> TopicKey | None:
    """None: the topic is not encrypted, or AWS manages the key for SNS, which says all."""
    if attributes.key is None or attributes.key.endswith(OF_SNS):
        return None
    key, policy = read_key(aws, attributes.key, topic.arn)
    return TopicKey(
        arn=key["Arn"],
        manager=key["KeyManager"],
        state=key["KeyState"],
        generate=tuple(grants(policy, "kms:GenerateDataKey", key["Arn"], aws.account)),
        decrypt=tuple(grants(policy, "kms:Decrypt", key["Arn"], aws.account)),
    )


def read_topic(aws: Aws, arn: str) -> Mapping[str, str]:
    """The attributes of a topic, in its own Region. Gone: there is none of that ARN."""
    client = aws.client("sns", region_of(arn))
    try:
        return client.get_topic_attributes(TopicArn=arn)["Attributes"]
    except client.exceptions.NotFoundException:
        msg = f"the topic {name_of(arn)} does not exist"
        raise Gone(msg) from None
