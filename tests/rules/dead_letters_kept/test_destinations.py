import pytest

from readiness.alarms.route import PAGES, doubtful, silent, unknown
from readiness.facts.iam.grants import Grants
from readiness.facts.lambda_.failure_targets import Destination, TargetListeners
from readiness.model import Gone, Reason, Status, Unavailable, Unreadable
from readiness.rules.dead_letters_kept import destination, subscribed
from tests.aws.account import ACCOUNT, REGION
from tests.rules.dead_letters import TOPIC, allow, roles, target, target_topic
from tests.rules.dead_letters_kept.builders import SHOP, sends
from tests.rules.functions import ROLE

BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/failures"


BUCKET = "arn:aws:s3:::failures"


def test_a_topic_keeps_nothing_without_subscribers_or_where_it_is_gone() -> None:
    assert subscribed(target(TOPIC), target_topic(), TargetListeners(PAGES)).status is Status.PASS
    assert subscribed(target(TOPIC), target_topic(), TargetListeners(None)).status is Status.PASS
    assert subscribed(target(TOPIC), target_topic(subscribers=0), TargetListeners(None)).status is Status.FAIL
    assert subscribed(target(TOPIC), Gone("the topic failures does not exist"), None).status is Status.FAIL


def test_a_subscriber_that_the_topic_can_not_deliver_to_keeps_nothing() -> None:
    refused = silent("the resource policy of SQS queue pages does not allow SNS")
    assert subscribed(target(TOPIC), target_topic(), TargetListeners(refused)).status is Status.FAIL
    filtered = doubtful("every subscription of the topic failures has a filter, which may drop failed events")
    assert subscribed(target(TOPIC), target_topic(), TargetListeners(filtered)).status is Status.WARN


def test_subscribers_that_could_not_be_read_are_not_guessed() -> None:
    denied = Unavailable(Reason.ACCESS_DENIED, "sns:ListSubscriptionsByTopic")
    with pytest.raises(Unreadable):
        subscribed(target(TOPIC), target_topic(), denied)
    with pytest.raises(Unreadable):
        subscribed(target(TOPIC), target_topic(), TargetListeners(unknown(denied)))


KEPT_BY = "is no storage: what it does not process is lost"


@pytest.mark.parametrize(
    ("arn", "found", "status", "message"),
    [
        pytest.param(
            SHOP,
            Gone("the function shop does not exist"),
            Status.FAIL,
            "the function shop does not exist: failed events are lost",
            id="a function that does not exist",
        ),
        pytest.param(
            BUCKET,
            Gone("the bucket failures does not exist"),
            Status.FAIL,
            "the bucket failures does not exist: failed events are lost",
            id="a bucket that was deleted",
        ),
        pytest.param(
            SHOP,
            Destination("lambda", "the function shop"),
            Status.WARN,
            f"the function shop {KEPT_BY}",
            id="a function",
        ),
        pytest.param(
            BUS, Destination("events", "the event bus x"), Status.WARN, f"the event bus x {KEPT_BY}", id="an event bus"
        ),
        pytest.param(
            BUCKET,
            Destination("s3", "the bucket failures"),
            Status.PASS,
            "the bucket failures exists and keeps failed events",
            id="a bucket, which keeps them for good",
        ),
    ],
)
def test_a_destination_that_is_no_queue_and_no_topic(
    arn: str, found: Destination | Gone, status: Status, message: str
) -> None:
    verdict = destination(target(arn), found)
    assert (verdict.status, verdict.message) == (status, message)


@pytest.mark.parametrize(
    ("arn", "kind", "action"),
    [(SHOP, "lambda", "lambda:InvokeFunction"), (BUS, "events", "events:PutEvents")],
    ids=["a function", "an event bus"],
)
def test_a_function_or_a_bus_lets_the_role_in_by_either_policy(arn: str, kind: str, action: str) -> None:
    closed, there = Destination(kind, "it"), target(arn)
    assert sends(there, None, None, roles(), closed).status is Status.FAIL
    assert sends(there, None, None, roles(allow(action, on=arn)), closed).status is Status.PASS
    admitting = Destination(kind, "it", Grants(admitted=(ROLE,)))
    assert sends(there, None, None, roles(), admitting).status is Status.PASS
    assert sends(there, None, None, roles(), Gone("it does not exist")).status is Status.NOT_APPLICABLE
