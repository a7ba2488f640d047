import pytest

from readiness.facts.iam.grants import Grants
from readiness.facts.lambda_.failure_targets import key_of_target, target_topic
from readiness.model import Gone
from tests.aws.account import ACCOUNT, REGION, Account
from tests.aws.completed import complete
from tests.rules.dead_letters import DEAD, TOPIC, target
from tests.rules.dead_letters import target_queue as a_queue

complete()


def test_a_queue_is_no_topic(account: Account) -> None:
    assert target_topic(account.aws, target()) is None
    assert account.calls == []


def test_the_topic_that_is_the_target(account: Account) -> None:
    account.client("sns").create_topic(Name="failures", Attributes={"KmsMasterKeyId": "alias/aws/sns"})
    found = target_topic(account.aws, target(TOPIC))
    assert found
    assert (found.subscribers, found.key) == (0, "alias/aws/sns")
    account.client("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=DEAD)
    again = target_topic(account.aws, target(TOPIC))
    assert again
    assert again.subscribers == 1


def test_a_topic_that_does_not_exist_is_gone(account: Account) -> None:
    with pytest.raises(Gone, match="SNS topic failures does not exist"):
        target_topic(account.aws, target(TOPIC))


@pytest.mark.parametrize("managed", [None, "alias/aws/sqs", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/sqs"])
def test_no_customer_key(account: Account, managed: str | None) -> None:
    assert key_of_target(account.aws, target(), a_queue(key=managed), None) is None
    assert account.calls == []


@pytest.mark.parametrize("spelling", ["id", "arn", "alias"])
def test_a_customer_key_however_it_is_named(account: Account, spelling: str) -> None:
    client = account.client("kms")
    made = client.create_key()["KeyMetadata"]
    client.create_alias(AliasName="alias/ours", TargetKeyId=made["KeyId"])
    name = {"id": made["KeyId"], "arn": made["Arn"], "alias": "alias/ours"}[spelling]
    found = key_of_target(account.aws, target(), a_queue(key=name), None)
    assert found
    assert (found.arn, found.state) == (made["Arn"], "Enabled")
    assert found.users == Grants(admitted=(f"arn:aws:iam::{ACCOUNT}:root",))


def test_a_key_that_does_not_exist_is_gone(account: Account) -> None:
    missing = "1234abcd-12ab-34cd-56ef-1234567890ab"
    with pytest.raises(Gone, match=missing):
        key_of_target(account.aws, target(), a_queue(key=missing), None)


def test_what_does_not_exist_has_no_key(account: Account) -> None:
    assert key_of_target(account.aws, target(), Gone("no such queue"), None) is None
    assert key_of_target(account.aws, target(TOPIC), None, Gone("no such topic")) is None


def test_of_a_key_that_aws_manages_no_policy_is_asked_for(account: Account) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    account.alter("kms", "DescribeKey", lambda answer: answer["KeyMetadata"].update(KeyManager="AWS"))
    account.calls.clear()
    assert key_of_target(account.aws, target(), a_queue(key=key), None) is None
    assert account.calls == ["kms:DescribeKey"]
