"""The Lambda functions and SQS queues that receive cost alerts, and their permissions."""

from collections.abc import Callable
from typing import TypeVar

from readiness.aws.arn import account_of, service_of
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.billing.alarms import BillingAlarms
from readiness.facts.billing.cost_listeners import CostTopicListeners
from readiness.facts.sns.receivers import (
    CALLED,
    Receiver,
    Reception,
    receiver_function,
    receiver_key,
    receiver_policy,
    receiver_queue,
    reception,
)
from readiness.model import Fact, Gone, Unavailable

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
