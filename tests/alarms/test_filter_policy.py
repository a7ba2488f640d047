"""Which messages a filter of SNS lets through, as far as it is known what they say."""

from typing import Any

import pytest

from readiness.alarms.filter_policy import Partly, lets_through
from readiness.facts.cloudwatch.alarm_rules import of_alarm, of_event
from tests.aws.account import ACCOUNT
from tests.rules.alarms import PREFIX, TOPIC, failures_alarm

CARTS = failures_alarm("cart")
MESSAGE = of_alarm(CARTS)
MATH = of_alarm(failures_alarm("cart", single=False))
COMPOSITE = of_alarm(failures_alarm("cart", kind="composite", watches=()))


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param({"AlarmName": [{"prefix": "billing-"}]}, "no", id="the beginning of another name"),
        pytest.param({"AlarmName": [{"prefix": "cart-"}]}, "yes", id="the beginning of its name"),
        pytest.param({"AlarmName": [{"suffix": "-failures"}]}, "yes", id="the end of its name"),
        pytest.param({"AlarmName": [{"equals-ignore-case": "CART-write-failures"}]}, "yes", id="its name in capitals"),
        pytest.param({"AlarmName": [{"wildcard": "cart-*"}]}, "maybe", id="an operator of which SNS says nothing"),
        pytest.param({"AlarmName": [{"prefix": 7}]}, "maybe", id="an operand that is none"),
        pytest.param({"AlarmName": ["x", "cart-write-failures"]}, "yes", id="one of several values"),
        pytest.param({"AlarmArn": [CARTS.arn]}, "yes", id="its ARN"),
        pytest.param({"AlarmArn": [{"prefix": PREFIX}]}, "yes", id="the alarms of the account"),
        pytest.param({"AWSAccountId": ["999988887777"]}, "no", id="another account"),
        pytest.param({"AWSAccountId": [int(ACCOUNT)]}, "no", id="a number, and the message has text"),
        pytest.param({"AWSAccountId": [{"numeric": ["=", int(ACCOUNT)]}]}, "no", id="a range, and it is text"),
        pytest.param({"NewStateValue": ["ALARM"], "AWSAccountId": [ACCOUNT]}, "yes", id="state and account"),
        pytest.param({"NewStateValue": ["ALARM"], "AWSAccountId": ["1"]}, "no", id="the state of another account"),
        pytest.param({"NewStateValue": ["OK"]}, "no", id="another state"),
        pytest.param({"NewStateValue": ["OK", "ALARM"]}, "yes", id="either state"),
        pytest.param({"NewStateValue": [{"anything-but": ["OK"]}]}, "yes", id="any state but OK"),
        pytest.param({"NewStateValue": [{"anything-but": "ALARM"}]}, "no", id="any state but ALARM"),
        pytest.param({"NewStateValue": [{"anything-but": {"prefix": "ALA"}}]}, "no", id="any that begins otherwise"),
        pytest.param({"NewStateValue": [{"anything-but": {"suffix": "x"}}]}, "yes", id="any that ends otherwise"),
        pytest.param({"NewStateValue": [{"anything-but": {"regex": "x"}}]}, "maybe", id="anything but what is unknown"),
        pytest.param({"NewStateValue": [{"exists": True}]}, "yes", id="that there is a state"),
        pytest.param({"NewStateValue": [{"exists": False}]}, "no", id="that there is none"),
        pytest.param({"NewStateValue": [{"exists": "yes"}]}, "maybe", id="what is no answer to whether it is there"),
        pytest.param({"NewStateValue": "ALARM"}, "maybe", id="a value that is in no list"),
        pytest.param({"OldStateValue": ["OK", "INSUFFICIENT_DATA"]}, "yes", id="each state that it may come from"),
        pytest.param({"OldStateValue": ["OK"]}, "maybe", id="one of the states that it may come from"),
        pytest.param({"OldStateValue": ["ALARM"]}, "no", id="a state that it can not come from"),
        pytest.param({"Region": ["us-east-1"]}, "no", id="the code of a Region, where its name stands"),
        pytest.param({"Region": [{"prefix": "us-"}]}, "no", id="the beginning of a code"),
        pytest.param({"Region": [{"suffix": "-1"}]}, "no", id="the end of a code"),
        pytest.param({"Region": [{"equals-ignore-case": "US-EAST-1"}]}, "no", id="a code in capitals"),
        pytest.param({"Region": [{"anything-but": ["eu-west-1"]}]}, "yes", id="any but a code"),
        pytest.param({"Region": [{"anything-but": {"prefix": "E"}}]}, "maybe", id="any but what begins as names do"),
        pytest.param({"Region": [{"anything-but": ["EU (Ireland)"]}]}, "maybe", id="any but a name"),
        pytest.param({"Region": ["US East (N. Virginia)"]}, "maybe", id="the name of a Region"),
        pytest.param({"Region": [{"prefix": "US"}]}, "maybe", id="the beginning of a name"),
        pytest.param({"Region": [{"exists": True}]}, "yes", id="that there is a Region"),
        pytest.param({"Region": [{"cidr": "10.0.0.0/8"}]}, "no", id="an address, where a name stands"),
        pytest.param({"Region": [{"prefix": "US", "suffix": ")"}]}, "maybe", id="two operators at once"),
        pytest.param({"AlarmName": [{"cidr": "10.0.0.0/8"}]}, "no", id="an address, where it is none"),
        pytest.param({"AlarmName": [{"cidr": "nowhere"}]}, "maybe", id="a network that is none"),
        pytest.param({"AlarmActions": [TOPIC]}, "yes", id="one of its actions"),
        pytest.param({"OKActions": [TOPIC]}, "no", id="an action that it has not"),
        pytest.param({"AlarmActions": [{"anything-but": TOPIC}]}, "no", id="no action but others"),
        pytest.param({"Severity": ["HIGH"]}, "maybe", id="what the message may have or not"),
        pytest.param({"Trigger": {"MetricName": ["WriteFailure"]}}, "yes", id="its metric"),
        pytest.param({"Trigger": {"MetricName": ["UserErrors"]}}, "no", id="another metric"),
        pytest.param({"Trigger": {"Namespace": [{"prefix": "AWS/"}]}}, "no", id="another namespace"),
        pytest.param({"Trigger": {"Period": [60]}}, "maybe", id="its period"),
        pytest.param({"AlarmName": {"x": ["y"]}}, "maybe", id="an object, where there is text"),
        pytest.param({"$or": [{"NewStateValue": ["OK"]}, {"AWSAccountId": [ACCOUNT]}]}, "yes", id="one of two"),
        pytest.param({"$or": [{"NewStateValue": ["OK"]}, {"AWSAccountId": ["1"]}]}, "no", id="neither of two"),
        pytest.param({"$or": [{"NewStateValue": ["OK"]}]}, "maybe", id="one alone is a property of that name"),
        pytest.param({"$or": ["OK", "ALARM"]}, "maybe", id="and so are texts"),
        pytest.param({"$or": [{}, {"NewStateValue": ["OK"]}]}, "maybe", id="and so is one that is empty"),
        pytest.param(
            {"$or": [{"prefix": "a"}, {"NewStateValue": ["OK"]}]}, "maybe", id="and so is one with an operator"
        ),
    ],
)
def test_a_filter_on_what_an_alarm_says(policy: dict[str, Any], expected: str) -> None:
    assert lets_through(policy, MESSAGE) == expected


@pytest.mark.parametrize(
    ("message", "policy", "expected"),
    [
        pytest.param(MATH, {"Trigger": {"MetricName": ["WriteFailure"]}}, "no", id="math has several metrics"),
        pytest.param(MATH, {"Trigger": {"MetricName": [{"exists": False}]}}, "yes", id="and so it has not the one"),
        pytest.param(MATH, {"Trigger": {"Metrics": [{"exists": True}]}}, "maybe", id="what else it says"),
        pytest.param(COMPOSITE, {"Trigger": {"MetricName": ["x"]}}, "no", id="a composite alarm has no metric"),
        pytest.param(COMPOSITE, {"Trigger": {"MetricName": [{"exists": False}]}}, "maybe", id="below what it has not"),
        pytest.param(Partly(), {"NewStateValue": ["OK"]}, "maybe", id="a message of which nothing is known"),
    ],
)
def test_a_filter_on_what_another_alarm_says(message: Any, policy: dict[str, Any], expected: str) -> None:
    assert lets_through(policy, message) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ({"detail": {"state": {"value": ["ALARM"]}}}, "yes"),
        ({"detail": {"alarmName": [{"prefix": "cart-"}]}, "region": ["us-east-1"]}, "yes"),
        ({"NewStateValue": ["ALARM"]}, "maybe"),
        ({"detail": {"state": {"value": ["OK"]}}}, "no"),
    ],
)
def test_a_filter_on_what_eventbridge_hands_on(policy: dict[str, Any], expected: str) -> None:
    assert lets_through(policy, of_event(CARTS)) == expected


@pytest.mark.parametrize(
    ("wanted", "value", "expected"),
    [
        ([{"numeric": [">", 5, "<=", 10]}], 10, "yes"),
        ([{"numeric": [">", 10]}], 10, "no"),
        ([{"numeric": [">"]}], 10, "maybe"),
        ([{"numeric": ["about", 10]}], 10, "maybe"),
        ([{"numeric": ["=", 1]}], True, "no"),
        ([True], 1, "no"),
        ([None], None, "yes"),
        ([{"cidr": "10.0.0.0/24"}], "10.0.0.7", "yes"),
        ([{"cidr": "10.0.0.0/24"}], "10.0.1.7", "no"),
        ([{"anything-but": {"prefix": ["a", "b"]}}], "c", "yes"),
        ([{"anything-but": {"prefix": ["a", "b"]}}], "bc", "no"),
        (["a"], [], "no"),
        ([{"anything-but": "a"}], ["a", "b"], "maybe"),
    ],
)
def test_operators(wanted: list[Any], value: Any, expected: str) -> None:
    assert lets_through({"it": wanted}, {"it": value}) == expected
