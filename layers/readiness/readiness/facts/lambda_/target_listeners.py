"""Delivery of failed events by the SNS topics that receive them."""

from collections.abc import Iterator
from itertools import islice

from readiness.alarms import remedies
from readiness.alarms.route import PAGES, Route, best, chain, doubtful
from readiness.alarms.services import SNS
from readiness.aws.answer import Answer
from readiness.aws.arn import account_of, name_of, service_of
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.billing.cost_receivers import CostReceiver, cost_reception
from readiness.facts.lambda_.failure_routes import FailureTarget
from readiness.facts.sns.receivers import CALLED
from readiness.facts.sns.subscriptions import LISTING, confirmed, read_filtering
from readiness.model import Fact

ENOUGH = 10


class TargetListeners(Fact):
    """The best route of a topic's confirmed subscriptions; None without any."""

    heard: Route | None


@fact(
    LISTING,
    "sns:GetSubscriptionAttributes",
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "sqs:GetQueueUrl",
    "sqs:GetQueueAttributes",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
)
def target_listeners(aws: Aws, target: FailureTarget) -> TargetListeners | None:
    """Return None if the target is not a topic. Subscriptions are read until one works."""
    if service_of(target.arn) != "sns":
        return None
    found: list[Route] = []
    for each in islice(confirmed(aws, target.arn), ENOUGH):
        found.append(chain(_links(aws, target.arn, each)))
        if found[-1] == PAGES:
            break
    return TargetListeners(best(found) if found else None)


def _links(aws: Aws, topic: str, answer: Answer) -> Iterator[Route]:
    """Yield the links of a subscription; its filter policy is not evaluated: Lambda sets attributes of its own."""
    arn, endpoint = answer.need("SubscriptionArn", str), answer.get("Endpoint", str, "")
    if answer.need("Protocol", str) in CALLED and account_of(endpoint) == aws.account:
        yield cost_reception(aws, CostReceiver(endpoint)).reception.route(SNS, topic)
    if read_filtering(aws, arn).scope:
        every = f"every subscription of SNS topic {name_of(topic)} has a filter policy, which may drop failed events"
        yield doubtful(every, remedies.unfilter(arn))
