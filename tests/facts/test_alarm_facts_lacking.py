"""What is read of alarms' ways where answers of AWS lack members: only what needs a member is unknown."""

from typing import Any

import pytest

from readiness.facts.cloudwatch.alarm_actions import MuteRule, failed_actions, mute, mute_rules
from readiness.facts.cloudwatch.alarm_rules import AlarmRule, alarm_rule_targets, alarm_rules
from readiness.facts.iam.policy_text import read_key
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.model import Unreadable
from tests.aws.account import ACCOUNT, REGION, Account
from tests.rules.alarms import TOPIC
from tests.rules.facts import NOW

RULE = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/page"
CHANGES = '{"source": ["aws.cloudwatch"]}'
WHOLE = {"Arn": RULE, "Name": "page", "State": "ENABLED", "EventPattern": CHANGES}


def without(member: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name != member}


def test_a_history_without_the_list_is_unknown(account: Account) -> None:
    account.answer("cloudwatch", "DescribeAlarmHistory", {})
    with pytest.raises(Unreadable):
        failed_actions(account.aws, NOW)


def test_mute_rules_without_the_list_may_be_there(account: Account) -> None:
    account.answer("cloudwatch", "ListAlarmMuteRules", {})
    assert mute_rules(account.aws).unlisted


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"Rule": {}},
        {"Rule": {"Schedule": {}}},
        {"Rule": {"Schedule": {"Duration": "a while"}}, "MuteTargets": {"AlarmNames": []}},
    ],
)
def test_a_mute_rule_that_lacks_something_is_unknown(account: Account, answer: dict[str, Any]) -> None:
    account.answer("cloudwatch", "GetAlarmMuteRule", answer)
    with pytest.raises(Unreadable):
        mute(account.aws, MuteRule("deploying"))


@pytest.mark.parametrize(
    ("answer", "known"),
    [
        pytest.param({}, None, id="no list"),
        pytest.param({"Rules": []}, [], id="an empty list"),
        pytest.param({"Rules": [WHOLE]}, ["page"], id="a rule"),
        pytest.param({"Rules": [without("EventPattern")]}, [], id="a rule on a schedule"),
        pytest.param({"Rules": [without("State")]}, None, id="one that may be off"),
        pytest.param({"Rules": [without("Arn")]}, None, id="one without its ARN"),
        pytest.param({"Rules": [{**WHOLE, "EventPattern": "no JSON"}]}, None, id="one whose pattern is none"),
        pytest.param({"Rules": [{**WHOLE, "EventPattern": "[]"}]}, None, id="one whose pattern is a list"),
        pytest.param({"Rules": [{**WHOLE, "State": "DISABLED"}]}, [], id="one that is off"),
        pytest.param(
            {"Rules": [{**WHOLE, "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}]}, ["page"], id="one for all"
        ),
    ],
)
def test_rules_of_eventbridge(account: Account, answer: dict[str, Any], known: list[str] | None) -> None:
    account.answer("events", "ListRules", answer)
    found = alarm_rules(account.aws, OnCallRoutes(event_bridge=True))
    assert found is not None
    rules, unread = found.readable()
    assert [each.name for each in rules] == (known or [])
    assert (unread is not None) is (known is None)


@pytest.mark.parametrize("answer", [{}, {"Targets": [{"Id": "1"}]}])
def test_targets_that_lack_something_are_unknown(account: Account, answer: dict[str, Any]) -> None:
    account.answer("events", "ListTargetsByRule", answer)
    with pytest.raises(Unreadable):
        alarm_rule_targets(account.aws, AlarmRule(RULE, "page", CHANGES))


@pytest.mark.parametrize("member", ["Arn", "KeyManager", "KeyState"])
def test_a_key_that_lacks_something_is_unknown(account: Account, member: str) -> None:
    key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]
    account.alter("kms", "DescribeKey", lambda answer: answer["KeyMetadata"].pop(member))
    with pytest.raises(Unreadable):
        read_key(account.aws, key, TOPIC)


OWNER = f"arn:aws-us-gov:sqs:{REGION}:210987654321:orders"
THERE = f"arn:aws-us-gov:kms:{REGION}:210987654321"


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        pytest.param("alias/orders", f"{THERE}:alias/orders", id="an alias"),
        pytest.param("1234", f"{THERE}:key/1234", id="an id"),
        pytest.param(f"arn:aws:kms:{REGION}:1:key/2", f"arn:aws:kms:{REGION}:1:key/2", id="an ARN"),
    ],
)
def test_a_key_without_an_arn_is_read_in_the_account_of_its_owner(account: Account, key: str, asked: str) -> None:
    calls: list[str] = []
    account.caller.prepare(
        "kms", "provide-client-params.{}.DescribeKey", lambda params, **_event: calls.append(params["KeyId"])
    )
    account.answer(
        "kms",
        "DescribeKey",
        {"KeyMetadata": {"Arn": asked, "KeyId": "1234", "KeyManager": "AWS", "KeyState": "Enabled"}},
    )
    read_key(account.aws, key, OWNER)
    assert calls == [asked]
