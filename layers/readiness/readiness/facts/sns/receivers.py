"""The Lambda functions and SQS queues that receive notifications: their existence, state, policy and key.

https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
"""

from collections.abc import Iterator, Mapping
from functools import partial

from readiness.alarms import remedies
from readiness.alarms.encryption import USES, Key
from readiness.alarms.route import PAGES, Route, admitted, chain, doubtful, silent, unknown
from readiness.alarms.services import ALARMS, EVENTS, SNS
from readiness.alarms.services import CALLED as CALLED_SO
from readiness.aws.answer import Answer
from readiness.aws.arn import LATEST, account_of, name_of, qualifier_of, region_of, service_of, unqualified
from readiness.aws.calling import shared
from readiness.aws.client import Aws, existing
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.change_events import FUNCTION_POLICY, KEY, QUEUE
from readiness.facts.cloudwatch.alarm_indexes import FollowedAlarms
from readiness.facts.cloudwatch.alarm_rules import AlarmRuleTargets
from readiness.facts.iam.policy_text import granted, read_key
from readiness.facts.lambda_.policies import policy_of
from readiness.facts.sns.subscriptions import Subscription
from readiness.facts.sqs.queues import queue_attributes
from readiness.iam.service_access import Grant, ServiceCall
from readiness.model import Fact, Gone, Unavailable

CALLERS = (ALARMS, EVENTS, SNS)
"""The service principals that invoke functions and send to queues."""

OF_SQS = "alias/aws/sqs"

CALLED = frozenset({"lambda", "sqs"})

UNABLE = frozenset({"ActiveNonInvocable", "Deactivated", "Deactivating", "Deleting", "Failed"})
"""https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html, and botocore's model of Lambda."""

Said = Mapping[str, tuple[Grant, ...]]
"""The grants of a policy to each of these services."""


class Receiver(Fact):
    """A function, possibly with a qualifier, or a queue of this account. Its key is its ARN."""

    arn: str

    @property
    def service(self) -> str:
        """`lambda` or `sqs`."""
        return service_of(self.arn)

    @property
    def name(self) -> str:
        """The name in messages, such as `SQS queue pages` or `Lambda function page:live`."""
        kind = "SQS queue" if self.service == "sqs" else "Lambda function"
        return f"{kind} {self.arn.partition(':function:')[2] or name_of(self.arn)}"


@fact()
def receivers(
    aws: Aws, followed: FollowedAlarms, subscriptions: Each[Subscription], targets: Each[AlarmRuleTargets]
) -> Each[Receiver]:
    """List the receivers of alarms, topics and rules. Those of other accounts are not read."""
    confirmed, unlisted = subscriptions.readable()
    ruled, unruled = targets.readable()
    called = [
        *(action for alarm in followed.alarms for action in alarm.actions),
        *(each.endpoint for each in confirmed if each.endpoint),
        *(target.arn for each in ruled for target in each.of),
    ]
    own = {arn for arn in called if service_of(arn) in CALLED and account_of(arn) == aws.account}
    return Each({arn: Receiver(arn) for arn in own}, followed.unread or unlisted or unruled)


class ReceiverFunction(Fact):
    """The State of a function, as GetFunctionConfiguration returns it."""

    state: str


@fact("lambda:GetFunctionConfiguration")
def receiver_function(aws: Aws, receiver: Receiver) -> ReceiverFunction | None:
    """Return None for a queue. Raises Gone where the function, version or alias does not exist."""
    if receiver.service != "lambda":
        return None
    with existing(receiver.name):
        client = aws.client("lambda", region_of(receiver.arn))
        read = partial(client.get_function_configuration, FunctionName=receiver.arn)
        answer = shared(("lambda:GetFunctionConfiguration", receiver.arn), read)
    return ReceiverFunction(Answer(answer, "lambda:GetFunctionConfiguration").need("State", str))


class ReceiverPolicy(Fact):
    """The grants to invoke a function by the qualifier of the receiver."""

    invoke: Said


@fact("lambda:GetPolicy", events=FUNCTION_POLICY)
def receiver_policy(aws: Aws, receiver: Receiver) -> ReceiverPolicy | None:
    """Return None for a queue. Without a policy there are no grants."""
    if receiver.service != "lambda":
        return None
    client = aws.client("lambda", region_of(receiver.arn))
    function, qualifier = unqualified(receiver.arn), qualifier_of(receiver.arn)
    try:
        policy = policy_of(client, function, qualifier)
    except client.exceptions.ResourceNotFoundException:
        policy = ""
    resource = function if qualifier == LATEST else receiver.arn
    return ReceiverPolicy(_said(policy, "lambda:InvokeFunction", resource, receiver, "lambda:GetPolicy"))


class ReceiverQueue(Fact):
    """The grants to send to a queue. `key` is KmsMasterKeyId as written there, None without one."""

    send: Said
    key: str | None


@fact("sqs:GetQueueUrl", "sqs:GetQueueAttributes", events=QUEUE)
def receiver_queue(aws: Aws, receiver: Receiver) -> ReceiverQueue | None:
    """Return None for a function. Raises Gone where the queue does not exist. Without a policy only the owner sends."""
    if receiver.service != "sqs":
        return None
    with existing(receiver.name):
        _, attributes = queue_attributes(aws, receiver.arn)
    policy = attributes.get("Policy", str, "")
    return ReceiverQueue(
        send=_said(policy, "sqs:SendMessage", receiver.arn, receiver, "sqs:GetQueueAttributes"),
        key=attributes.get("KmsMasterKeyId", str) or None,
    )


class ReceiverKey(Key, Fact):
    """The KMS key of a queue, and the grants to each KMS action that a sender needs."""

    uses: tuple[Said, ...]


@fact("kms:DescribeKey", "kms:GetKeyPolicy", events=KEY)
def receiver_key(aws: Aws, receiver: Receiver, queue: ReceiverQueue) -> ReceiverKey | None:
    """Return None for a queue without a KMS key. alias/aws/sqs is not read: its policy is fixed."""
    if queue.key is None:
        return None
    if queue.key.endswith(OF_SQS):
        return ReceiverKey(queue.key, "AWS", "Enabled", ())
    key = read_key(aws, queue.key, receiver.arn)
    uses = tuple(_said(key.policy, action, key.arn, receiver, "kms:GetKeyPolicy") for action in USES)
    return ReceiverKey(key.arn, key.manager, key.state, uses)


class Reception(Fact):
    """A receiver with its policies and its key. `there` is the route past its existence and state."""

    receiver: Receiver
    there: Route
    policies: tuple[Said, ...] = ()
    unread: tuple[Unavailable, ...] = ()
    key: ReceiverKey | None = None

    def route(self, service: str, source: str) -> Route:
        """Return the route by a service on behalf of an alarm, topic or rule, an ARN."""
        return chain([self.there, *self._admitted(service, source), *map(unknown, self.unread)])

    def _admitted(self, service: str, source: str) -> Iterator[Route]:
        whose, who = f"of {self.receiver.name}", CALLED_SO[service]
        for said in self.policies:
            remedy = remedies.let_into(self.receiver.arn, service, source)
            yield admitted(said.get(service, ()), source, f"the resource policy {whose}", who, remedy)
        if self.key:
            remedy = remedies.let_use(self.key.arn, service, account_of(self.receiver.arn))
            for said in self.key.uses:
                yield admitted(said.get(service, ()), source, f"the key policy {whose}", who, remedy)


@fact()
def reception(
    receiver: Receiver,
    function: ReceiverFunction | Gone | Unavailable | None,
    policy: ReceiverPolicy | Unavailable | None,
    queue: ReceiverQueue | Gone | Unavailable | None,
    key: ReceiverKey | Gone | Unavailable | None,
) -> Reception:
    """Combine the links: an unread one breaks none, and hides none that is broken for certain."""
    unread = tuple(each for each in (function, policy, queue, key) if isinstance(each, Unavailable))
    said = [policy.invoke] if isinstance(policy, ReceiverPolicy) else []
    said += [queue.send] if isinstance(queue, ReceiverQueue) else []
    return Reception(
        receiver,
        chain(_there(receiver, function, queue, key)),
        tuple(said),
        unread,
        key if isinstance(key, ReceiverKey) and key.manager != "AWS" else None,
    )


def received(receptions: Each[Reception], arn: str, service: str, source: str) -> Route:
    """Return the route past a receiver; PAGES for one of another account, which is not read."""
    match receptions.answers().get(arn):
        case Reception() as found:
            return found.route(service, source)
        case Unavailable() as why:
            return unknown(why)
        case _:
            return PAGES


def _there(
    receiver: Receiver,
    function: ReceiverFunction | Gone | Unavailable | None,
    queue: ReceiverQueue | Gone | Unavailable | None,
    key: ReceiverKey | Gone | Unavailable | None,
) -> Iterator[Route]:
    if isinstance(function, Gone) or isinstance(queue, Gone):
        yield silent(f"{receiver.name} does not exist", remedies.make_again(receiver.arn))
    if isinstance(function, ReceiverFunction):
        yield _able(receiver, function.state)
    if isinstance(key, Gone):
        yield silent(f"KMS key of {receiver.name} does not exist", remedies.encrypt(receiver.arn, SNS))
    if isinstance(key, ReceiverKey) and key.manager == "AWS":
        yield silent(
            f"{receiver.name} is encrypted with an AWS managed key, which no other AWS service can use",
            remedies.encrypt(receiver.arn, SNS),
        )
    elif isinstance(key, ReceiverKey) and key.state != "Enabled":
        yield silent(f"KMS key of {receiver.name} is {key.state}", remedies.revive(key.arn, key.state))


def _able(receiver: Receiver, state: str) -> Route:
    """Return doubtful for an inactive or pending function: the first invocation fails, and may not be retried."""
    remedy = remedies.show_function(receiver.arn)
    if state in UNABLE:
        return silent(f"{receiver.name} cannot be invoked: its state is {state}", remedy)
    return PAGES if state == "Active" else doubtful(f"{receiver.name} is {state}, expected Active", remedy)


def _said(policy: str, action: str, resource: str, receiver: Receiver, permission: str) -> Said:
    account = account_of(receiver.arn)
    calls = {service: ServiceCall(service, action, resource, account) for service in CALLERS}
    return {service: granted(policy, call, permission) for service, call in calls.items()}
