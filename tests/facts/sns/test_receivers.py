"""The functions and queues that alarms, topics and rules call."""

import json
from typing import Any

import pytest

from readiness.alarms.route import PAGES
from readiness.alarms.services import ALARMS, EVENTS, SNS
from readiness.engine.each import Each
from readiness.facts.billing.cost_topics import (
    CostListener,
    CostReceiver,
    CostTopicListeners,
    cost_receivers,
    cost_reception,
    of_receptions,
)
from readiness.facts.cloudwatch.alarm_indexes import BillingAlarms, FollowedAlarms
from readiness.facts.cloudwatch.alarm_rules import AlarmRule, AlarmRuleTargets, Target
from readiness.facts.sns.receivers import (
    Receiver,
    ReceiverFunction,
    ReceiverPolicy,
    Reception,
    received,
    receiver_function,
    receiver_key,
    receiver_policy,
    receiver_queue,
    receivers,
    reception,
)
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import ACCOUNT, REGION, Account
from tests.aws.functions import function
from tests.rules.alarms import PREFIX, TOPIC, failures_alarm

PAGES_QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:pages"
PAGER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pager"
CARTS = PREFIX + "carts"
DENIED = Unavailable(Reason.ACCESS_DENIED, "lambda:GetPolicy")
SENDING: dict[str, Any] = {
    "Effect": "Allow",
    "Principal": {"Service": SNS},
    "Action": "sqs:SendMessage",
    "Resource": PAGES_QUEUE,
    "Condition": {"ArnEquals": {"aws:SourceArn": TOPIC}},
}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def gone(look: Any) -> Any:
    try:
        return look()
    except Gone as found:
        return found


def looked_at(account: Account, arn: str) -> Reception:
    receiver, aws = Receiver(arn), account.aws
    called = gone(lambda: receiver_function(aws, receiver))
    queue = gone(lambda: receiver_queue(aws, receiver))
    key = gone(lambda: receiver_key(aws, receiver, queue)) if queue and not isinstance(queue, Gone) else None
    return reception(receiver, called, receiver_policy(aws, receiver), queue, key)


def allow(account: Account, service: str, source: str, **other: str) -> None:
    account.client("lambda").add_permission(
        FunctionName="pager",
        StatementId="one",
        Action="lambda:InvokeFunction",
        Principal=service,
        SourceArn=source,
        **other,
    )


@pytest.fixture
def called(account: Account) -> Account:
    """A function and a queue that let nobody in."""
    function(account, "pager")
    account.client("sqs").create_queue(QueueName="pages")
    return account


def test_each_of_them_once_whoever_calls_it(account: Account) -> None:
    other = f"arn:aws:sqs:{REGION}:999999999999:theirs"
    found = receivers(
        account.aws,
        FollowedAlarms((failures_alarm("cart", actions=(PAGER, TOPIC)),), None),
        Each({"s1": Subscription("s1", "sqs", PAGES_QUEUE), "s2": Subscription("s2", "sqs", other)}),
        Each({"r": AlarmRuleTargets(AlarmRule("r", "r", "{}"), (Target(PAGER), Target(f"{PAGER}:live")))}),
    )
    assert [each.arn for each in found] == [PAGER, f"{PAGER}:live", PAGES_QUEUE]


def test_what_could_not_be_read_may_call_more(account: Account) -> None:
    for unread in range(3):
        whys = [DENIED if at == unread else None for at in range(3)]
        found = receivers(account.aws, FollowedAlarms((), whys[0]), Each({}, whys[1]), Each({}, whys[2]))
        assert found.unlisted == DENIED


@pytest.mark.parametrize(("arn", "name"), [(PAGES_QUEUE, "SQS queue pages"), (PAGER, "Lambda function pager")])
def test_what_does_not_exist_hears_nothing(account: Account, arn: str, name: str) -> None:
    route = looked_at(account, arn).route(SNS, TOPIC)
    assert (route.status, route.why) == ("silent", f"{name} does not exist")


@pytest.mark.parametrize(
    ("arn", "why"),
    [
        (PAGES_QUEUE, "the resource policy of SQS queue pages does not allow SNS"),
        (PAGER, "the resource policy of Lambda function pager does not allow SNS"),
    ],
)
def test_what_has_no_policy_lets_nobody_in(called: Account, arn: str, why: str) -> None:
    route = looked_at(called, arn).route(SNS, TOPIC)
    assert (route.status, route.why) == ("silent", why)


def test_a_queue_that_lets_the_topic_in_and_no_other(called: Account) -> None:
    url = called.client("sqs").get_queue_url(QueueName="pages")["QueueUrl"]
    called.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(SENDING)})
    assert looked_at(called, PAGES_QUEUE).route(SNS, TOPIC) == PAGES
    assert looked_at(called, PAGES_QUEUE).route(SNS, TOPIC + "-2").status == "silent"
    assert looked_at(called, PAGES_QUEUE).route(EVENTS, TOPIC).status == "silent"


@pytest.mark.parametrize(
    ("service", "source", "status"),
    [
        pytest.param("apigateway.amazonaws.com", CARTS, "silent", id="one that lets in API Gateway alone"),
        pytest.param(ALARMS, PREFIX + "other", "silent", id="one that lets in another alarm"),
        pytest.param(ALARMS, CARTS, "pages", id="one that lets in this alarm"),
    ],
)
def test_a_function_that_an_alarm_calls(called: Account, service: str, source: str, status: str) -> None:
    allow(called, service, source)
    assert looked_at(called, PAGER).route(ALARMS, CARTS).status == status


def test_a_function_that_lets_in_the_alarms_of_the_account(called: Account) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": ALARMS},
        "Action": "lambda:InvokeFunction",
        "Resource": PAGER,
        "Condition": {"StringEquals": {"AWS:SourceAccount": ACCOUNT}},
    }
    called.answer("lambda", "GetPolicy", {"Policy": policy(statement)})
    assert looked_at(called, PAGER).route(ALARMS, CARTS) == PAGES


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("Active", "pages"),
        ("Failed", "silent"),
        ("Deleting", "silent"),
        ("Pending", "doubtful"),
        ("Inactive", "doubtful"),
        ("Dreaming", "doubtful"),
    ],
)
def test_a_function_that_can_not_be_invoked(state: str, status: str) -> None:
    found = reception(Receiver(PAGER), ReceiverFunction(state), ReceiverPolicy({}), None, None)
    assert found.there.status == status


def test_a_function_whose_state_is_not_said_may_be_well(called: Account) -> None:
    called.answer("lambda", "GetFunctionConfiguration", {"FunctionName": "pager"})
    with pytest.raises(Unreadable):
        receiver_function(called.aws, Receiver(PAGER))


def test_a_policy_that_could_not_be_read_hides_nothing_that_is_broken_for_sure() -> None:
    assert reception(Receiver(PAGER), ReceiverFunction("Active"), DENIED, None, None).route(SNS, TOPIC).unavailable
    assert reception(Receiver(PAGER), Gone("pager"), DENIED, None, None).route(SNS, TOPIC).status == "silent"


@pytest.mark.parametrize(
    ("service", "status"),
    [
        pytest.param("sns.amazonaws.com", "pages", id="a key that lets SNS use it"),
        pytest.param("sqs.amazonaws.com", "silent", id="a key that does not let SNS use it"),
    ],
)
def test_a_queue_under_a_customer_key(called: Account, service: str, status: str) -> None:
    use = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "kms:*", "Resource": "*"}
    key = called.client("kms").create_key(Policy=policy(use))["KeyMetadata"]["Arn"]
    url = called.client("sqs").get_queue_url(QueueName="pages")["QueueUrl"]
    called.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": policy(SENDING), "KmsMasterKeyId": key}
    )
    found = looked_at(called, PAGES_QUEUE).route(SNS, TOPIC)
    assert (found.status, "key" in found.why) == (status, status == "silent")


def test_a_key_that_is_switched_off_takes_nothing_in(called: Account) -> None:
    use = {"Effect": "Allow", "Principal": {"Service": SNS}, "Action": "kms:*", "Resource": "*"}
    key = called.client("kms").create_key(Policy=policy(use))["KeyMetadata"]["KeyId"]
    called.client("kms").disable_key(KeyId=key)
    url = called.client("sqs").get_queue_url(QueueName="pages")["QueueUrl"]
    called.client("sqs").set_queue_attributes(
        QueueUrl=url, Attributes={"Policy": policy(SENDING), "KmsMasterKeyId": key}
    )
    assert looked_at(called, PAGES_QUEUE).route(SNS, TOPIC).why == "KMS key of SQS queue pages is Disabled"


def test_what_another_account_owns_had_to_agree() -> None:
    assert received(Each({}), PAGES_QUEUE, SNS, TOPIC) == PAGES
    assert received(Each({PAGES_QUEUE: DENIED}), PAGES_QUEUE, SNS, TOPIC).unavailable == DENIED


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"Statement": 7}', '{"Statement": [{"Effect": "Maybe"}]}'])
def test_a_policy_that_is_none_is_not_guessed(called: Account, text: str) -> None:
    called.answer("lambda", "GetPolicy", {"Policy": text})
    with pytest.raises(Unreadable):
        receiver_policy(called.aws, Receiver(PAGER))


def test_who_is_told_of_costs_has_to_let_the_topic_in_too(called: Account) -> None:
    listener = CostListener("sqs", PAGES_QUEUE, Filtering("s1"))
    bills = BillingAlarms((failures_alarm("bill", actions=(PAGER,)),), far=True)
    found = cost_receivers(called.aws, Each({TOPIC: CostTopicListeners((listener,))}), bills)
    assert [each.arn for each in found] == [PAGER, PAGES_QUEUE]
    receptions = of_receptions(Each({each.arn: cost_reception(called.aws, each) for each in found}))
    assert received(receptions, PAGES_QUEUE, SNS, TOPIC).status == "silent"
    assert received(receptions, PAGER, ALARMS, CARTS).status == "silent"
    gone_one = cost_reception(called.aws, CostReceiver(PAGES_QUEUE + "-2")).reception.there
    assert gone_one.why == "SQS queue pages-2 does not exist"
