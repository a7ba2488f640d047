import json
from typing import Any

import pytest

from readiness.facts.iam.grants import Grants
from readiness.facts.sqs.queues import read_queue
from readiness.model import Gone, Unreadable
from tests.aws.account import ACCOUNT, REGION, Account
from tests.aws.dead_letters import open_to
from tests.rules.dead_letters import DEAD, POLLED, queue
from tests.rules.functions import ROLE

ROOT = f"arn:aws:iam::{ACCOUNT}:root"


def make(account: Account, arn: str, **attributes: str) -> str:
    """Its URL."""
    answer = account.client("sqs").create_queue(QueueName=arn.rpartition(":")[2], Attributes=attributes)
    url: str = answer["QueueUrl"]
    return url


def test_what_aws_sets_by_default(account: Account) -> None:
    url = make(account, DEAD)
    assert read_queue(account.aws, DEAD) == queue(url=url, retention_seconds=345_600, visibility_seconds=30)


def test_where_it_puts_what_nobody_could_process(account: Account) -> None:
    make(account, DEAD)
    make(account, POLLED, RedrivePolicy=json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": "3"}))
    found = read_queue(account.aws, POLLED)
    assert (found.redrives_to, found.max_receives) == (DEAD, 3)


def test_whom_it_takes_dead_letters_from(account: Account) -> None:
    make(account, DEAD)
    open_to(account, {"redrivePermission": "byQueue", "sourceQueueArns": [POLLED]})
    found = read_queue(account.aws, DEAD)
    assert found.admits(POLLED)
    assert not found.admits(DEAD)


def test_from_nobody(account: Account) -> None:
    make(account, DEAD)
    open_to(account, {"redrivePermission": "denyAll"})
    assert not read_queue(account.aws, DEAD).admits(POLLED)


def test_a_key_and_a_policy_of_which_only_the_senders_are_kept(account: Account) -> None:
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "SQS:*", "Resource": DEAD},
        {"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "sqs:SendMessage", "Resource": DEAD, "Sid": "secret"},
        {"Effect": "Allow", "Principal": "*", "Action": "sqs:ReceiveMessage", "Resource": DEAD},
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sqs:*",
            "Resource": DEAD,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    make(account, DEAD, KmsMasterKeyId="alias/ours", Policy=json.dumps({"Statement": statements}))
    found = read_queue(account.aws, DEAD)
    assert found.key == "alias/ours"
    assert found.senders == Grants(admitted=(ROLE, ROOT)), "a Deny under a condition refuses nobody for sure"


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"RedrivePolicy": "{"}, id="a redrive policy that is no JSON"),
        pytest.param({"RedrivePolicy": "[]"}, id="a redrive policy that is no object"),
        pytest.param({"RedrivePolicy": '{"maxReceiveCount": 3}'}, id="a redrive policy without a target"),
        pytest.param({"RedriveAllowPolicy": '{"sourceQueueArns": "x"}'}, id="sources that are no list"),
        pytest.param({"Policy": '{"Statement": {}}'}, id="a policy that is none"),
        pytest.param({"VisibilityTimeout": None}, id="no visibility timeout"),
        pytest.param({"MessageRetentionPeriod": "long"}, id="a retention that is no number"),
    ],
)
def test_what_can_not_be_used_is_unreadable(account: Account, told: dict[str, Any]) -> None:
    make(account, DEAD)
    account.alter("sqs", "GetQueueAttributes", lambda answer: answer["Attributes"].update(told))
    with pytest.raises(Unreadable):
        read_queue(account.aws, DEAD)


@pytest.mark.parametrize("count", [3, "3"])
def test_how_often_a_message_is_received_is_written_as_number_or_text(account: Account, count: object) -> None:
    redrive = json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": count})
    make(account, POLLED)
    account.alter("sqs", "GetQueueAttributes", lambda answer: answer["Attributes"].update(RedrivePolicy=redrive))
    assert read_queue(account.aws, POLLED).max_receives == 3


def test_a_queue_that_does_not_exist_is_gone(account: Account) -> None:
    with pytest.raises(Gone, match="SQS queue checkout-dead-letters does not exist"):
        read_queue(account.aws, DEAD)


@pytest.mark.parametrize("operation", ["GetQueueUrl", "GetQueueAttributes"])
def test_one_that_vanishes_between_two_calls_is_gone_too(account: Account, operation: str) -> None:
    make(account, DEAD)
    account.refuse("sqs", operation, "QueueDoesNotExist")
    with pytest.raises(Gone):
        read_queue(account.aws, DEAD)


def test_a_queue_of_another_account_may_only_be_closed_to_us(account: Account) -> None:
    with pytest.raises(Unreadable):
        read_queue(account.aws, f"arn:aws:sqs:{REGION}:999999999999:failures")


def test_a_queue_is_asked_for_in_its_own_region(account: Account) -> None:
    elsewhere = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:failures"
    account.aws.client("sqs", "eu-west-1").create_queue(QueueName="failures")
    assert "eu-west-1" in read_queue(account.aws, elsewhere).url


@pytest.mark.parametrize("empty", [{"RedrivePolicy": ""}, {"Policy": ""}], ids=["redrive policy", "policy"])
def test_what_was_emptied_counts_as_absent(account: Account, empty: dict[str, Any]) -> None:
    make(account, DEAD)
    account.alter("sqs", "GetQueueAttributes", lambda answer: answer["Attributes"].update(empty))
    found = read_queue(account.aws, DEAD)
    assert (found.redrives_to, found.senders) == (None, Grants())
