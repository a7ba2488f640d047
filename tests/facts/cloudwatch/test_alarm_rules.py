import json

import pytest

from readiness.facts.cloudwatch.alarm_rules import Target, alarm_rule_targets, alarm_rules
from readiness.facts.sns.on_call import OnCallRoutes
from tests.aws.account import Account

WANTED = OnCallRoutes(event_bridge=True)
CHANGES = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}


@pytest.fixture
def ruled(account: Account) -> Account:
    events = account.client("events")
    events.put_rule(Name="page", EventPattern=json.dumps(CHANGES))
    events.put_rule(Name="off", EventPattern=json.dumps(CHANGES), State="DISABLED")
    events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    events.put_targets(Rule="page", Targets=[{"Id": "1", "Arn": "arn:aws:sns:us-east-1:123456789012:on-call"}])
    account.calls.clear()
    return account


def test_the_rules_that_a_change_of_an_alarm_sets_off(ruled: Account) -> None:
    found = alarm_rules(ruled.aws, WANTED)
    assert found is not None
    [rule] = found
    assert rule.name == "page"
    assert alarm_rule_targets(ruled.aws, rule).of == (Target("arn:aws:sns:us-east-1:123456789012:on-call"),)


def test_nobody_asks_where_nobody_is_reached_that_way(ruled: Account) -> None:
    assert alarm_rules(ruled.aws, OnCallRoutes()) is None
    assert ruled.calls == []
