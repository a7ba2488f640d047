"""The SNS topics in the actions of alarms, their access policies and their KMS keys."""

from readiness.alarms.encryption import USES, Key
from readiness.alarms.services import CLOUDWATCH, EVENTS
from readiness.aws.answer import Answer, Partial, deferred
from readiness.aws.arn import name_of, region_of
from readiness.aws.calling import shared
from readiness.aws.client import Aws, existing
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.change_events import KEY, TOPIC
from readiness.facts.cloudwatch.alarm_indexes import FollowedAlarms
from readiness.facts.cloudwatch.alarm_rules import AlarmRuleTargets
from readiness.facts.iam.policy_text import granted, read_key
from readiness.iam.service_access import Grant, ServiceCall
from readiness.model import Fact

OF_SNS = "alias/aws/sns"
PERMISSION = "sns:GetTopicAttributes"

Grants = tuple[Grant, ...]


class Topic(Fact):
    """A topic of this account and Region in the actions of an alarm or a rule. Its key is its ARN."""

    arn: str
    name: str


@fact()
def topics(aws: Aws, followed: FollowedAlarms, targets: Each[AlarmRuleTargets]) -> Each[Topic]:
    """List each topic once, existing or not."""
    prefix = f"arn:{aws.partition}:sns:{aws.region}:{aws.account}:"
    ruled, unread = targets.readable()
    named = {action for alarm in followed.alarms for action in (*alarm.actions, *alarm.ok_actions)}
    named |= {target.arn for each in ruled for target in each.of}
    arns = {arn for arn in named if arn.startswith(prefix)}
    return Each({arn: Topic(arn, arn.removeprefix(prefix)) for arn in arns}, followed.unread or unread)


class TopicAttributes(Partial):
    """Attributes of a topic; `publish` and `relay` are its policy's grants to CloudWatch and EventBridge."""

    publish: Grants
    pending: int
    key: str | None
    relay: Grants


@fact(PERMISSION, events=TOPIC)
def topic_attributes(aws: Aws, topic: Topic) -> TopicAttributes:
    """Read the attributes. Gone for a deleted topic, which alarms still name."""
    answer = read_topic(aws, topic.arn)

    def said(service: str) -> Grants:
        call = ServiceCall(service, "sns:Publish", topic.arn, aws.account)
        return granted(answer.need("Policy", str), call, PERMISSION)

    return TopicAttributes(
        publish=deferred(lambda: said(CLOUDWATCH)),
        pending=deferred(lambda: answer.number("SubscriptionsPending")),
        key=deferred(lambda: answer.get("KmsMasterKeyId", str) or None),
        relay=deferred(lambda: said(EVENTS)),
    )


class TopicKey(Key, Fact):
    """The KMS key of a topic, with the grants of its policy to CloudWatch and, as `relay`, to EventBridge."""

    generate: Grants
    decrypt: Grants
    relay: tuple[Grants, ...] = ()


@fact("kms:DescribeKey", "kms:GetKeyPolicy", events=KEY)
def topic_key(aws: Aws, topic: Topic, attributes: TopicAttributes) -> TopicKey | None:
    """Return None for a topic without encryption, or with alias/aws/sns, whose policy is fixed."""
    if attributes.key is None or attributes.key.endswith(OF_SNS):
        return None
    key = read_key(aws, attributes.key, topic.arn)

    def said(service: str) -> tuple[Grants, ...]:
        calls = (ServiceCall(service, use, key.arn, aws.account) for use in USES)
        return tuple(granted(key.policy, call, "kms:GetKeyPolicy") for call in calls)

    generate, decrypt = said(CLOUDWATCH)
    return TopicKey(key.arn, key.manager, key.state, generate, decrypt, said(EVENTS))


def read_topic(aws: Aws, arn: str) -> Answer:
    """Return the attributes of a topic, read in its own Region. Raises Gone where it does not exist."""
    with existing(f"SNS topic {name_of(arn)}"):
        client = aws.client("sns", region_of(arn))
        answered = shared((PERMISSION, arn), lambda: client.get_topic_attributes(TopicArn=arn))
    return Answer(answered, PERMISSION).part("Attributes")
