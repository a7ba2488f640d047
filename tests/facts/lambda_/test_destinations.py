import json

import pytest
from botocore.exceptions import ClientError

from readiness.facts.iam.grants import Grants
from readiness.facts.lambda_.failure_targets import Destination, destination
from readiness.model import Gone, Unreadable
from tests.aws.account import ACCOUNT, REGION, Account
from tests.aws.dead_letters import by_qualifier
from tests.aws.functions import arn_of, function
from tests.rules.dead_letters import DEAD, TOPIC, target
from tests.rules.functions import ROLE

by_qualifier()

BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/failures"
BUCKET = "arn:aws:s3:::failures"
ADMITTING = {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "events:PutEvents", "Resource": BUS}


@pytest.mark.parametrize("arn", [DEAD, TOPIC, "kafka://failures"])
def test_queues_and_topics_are_looked_at_elsewhere(account: Account, arn: str) -> None:
    assert destination(account.aws, target(arn)) is None
    assert account.calls == []


def test_a_function_and_whom_its_own_policy_lets_in(account: Account) -> None:
    function(account, "failures")
    account.client("lambda").add_permission(
        FunctionName="failures", StatementId="x", Action="lambda:InvokeFunction", Principal=ROLE
    )
    found = destination(account.aws, target(arn_of("failures")))
    assert found == Destination("lambda", "the function failures", Grants(admitted=(ROLE,)))


def test_an_event_bus_and_whom_its_own_policy_lets_in(account: Account) -> None:
    account.client("events").create_event_bus(Name="failures")
    assert destination(account.aws, target(BUS)) == Destination("events", "the event bus failures")
    policy = json.dumps({"Statement": [ADMITTING]})
    account.alter("events", "DescribeEventBus", lambda answer: answer.update(Policy=policy))
    assert destination(account.aws, target(BUS)) == Destination(
        "events", "the event bus failures", Grants(admitted=(ROLE,))
    )


def test_a_policy_that_is_none_is_unreadable(account: Account) -> None:
    account.client("events").create_event_bus(Name="failures")
    account.alter("events", "DescribeEventBus", lambda answer: answer.update(Policy="x"))
    with pytest.raises(Unreadable):
        destination(account.aws, target(BUS))


def test_a_bucket_whose_own_policy_is_not_looked_at(account: Account) -> None:
    account.client("s3").create_bucket(Bucket="failures")
    found = destination(account.aws, target(BUCKET))
    assert found == Destination("s3", "the bucket failures")
    assert not found.whole


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        (arn_of("failures"), "the function failures does not exist"),
        (f"{arn_of('failures')}:live", "the function failures:live does not exist"),
        (BUS, "the event bus failures does not exist"),
        (BUCKET, "the bucket failures does not exist"),
    ],
)
def test_what_does_not_exist_is_gone(account: Account, arn: str, message: str) -> None:
    with pytest.raises(Gone, match=f"^{message}$"):
        destination(account.aws, target(arn))


@pytest.mark.parametrize(
    ("arn", "service", "operation"),
    [
        (arn_of("failures"), "lambda", "GetFunctionConfiguration"),
        (BUS, "events", "DescribeEventBus"),
        (BUCKET, "s3", "GetBucketLocation"),
    ],
)
def test_what_is_refused_is_not_said_to_be_missing(account: Account, arn: str, service: str, operation: str) -> None:
    """A bucket of that name that somebody else has made since is refused too."""
    account.refuse(service, operation, "AccessDenied", 403)
    with pytest.raises(ClientError, match="AccessDenied"):
        destination(account.aws, target(arn))
