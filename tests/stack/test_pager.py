"""The part of the template that brings incidents to a pager."""

import json
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from readiness.alerts.mirror import AGAIN
from readiness.alerts.pager_client import DETAIL_TYPE, SOURCE
from tests.test_template import ROOT, Resources, resources

__all__ = ["resources"]

DEAD = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
OF_THE_BUS = ("PagerBus", "PagerRule", "PagerDestination", "PagerConnection", "PagerRole")


@pytest.fixture(scope="module")
def template() -> Any:
    return yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("rule", "pager", "parameter"),
    [("PagerHasSecret", "events-v2", "PagerSecretArn"), ("PagerHasTopic", "cloudwatch", "PagerTopicArn")],
)
def test_a_stack_with_a_pager_that_nothing_reaches_is_not_deployed(
    template: Any, rule: str, pager: str, parameter: str
) -> None:
    found = template["Rules"][rule]
    assert found["RuleCondition"] == {"Fn::Equals": [{"Ref": "Pager"}, pager]}
    (assertion,) = found["Assertions"]
    assert assertion["Assert"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": parameter}, ""]}]}
    assert parameter in assertion["AssertDescription"]
    assert template["Parameters"]["Pager"]["AllowedValues"] == ["none", "events-v2", "cloudwatch"]


def test_without_a_pager_nothing_of_it_is_made(resources: Resources) -> None:
    assert {resources[name]["Condition"] for name in OF_THE_BUS} == {"HasPagerSecret"}
    assert resources["PagerPolicy"]["Condition"] == "HasPager"


def test_the_rule_sends_what_the_monitor_puts_on_the_bus_and_keeps_what_did_not_arrive(resources: Resources) -> None:
    rule = resources["PagerRule"]["Properties"]
    assert rule["EventPattern"] == {
        "account": [{"Ref": "AWS::AccountId"}],
        "source": [SOURCE],
        "detail-type": [DETAIL_TYPE],
    }
    assert (rule["EventBusName"], rule["State"]) == ({"Ref": "PagerBus"}, "ENABLED")
    (target,) = rule["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["PagerDestination", "Arn"]}
    assert target["DeadLetterConfig"] == {"Arn": DEAD}
    allowed = resources["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    ((condition, statement, _),) = [each["Fn::If"] for each in allowed if "Fn::If" in each]
    assert condition == "HasPagerSecret"
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["PagerRule", "Arn"]}}}


def test_no_event_arrives_after_the_monitor_has_sent_it_once_more(resources: Resources) -> None:
    (target,) = resources["PagerRule"]["Properties"]["Targets"]
    assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] < AGAIN.total_seconds()


def test_the_key_stays_in_secrets_manager(resources: Resources) -> None:
    secret = {"Fn::Sub": "{{resolve:secretsmanager:${PagerSecretArn}}}"}
    parameters = resources["PagerConnection"]["Properties"]["AuthParameters"]
    assert parameters["ApiKeyAuthParameters"]["ApiKeyValue"] == secret
    (body,) = parameters["InvocationHttpParameters"]["BodyParameters"]
    assert body == {"Key": "routing_key", "Value": secret, "IsValueSecret": True}
    assert "PagerSecretArn" not in json.dumps(resources["Monitor"])


def test_the_monitor_may_send_to_the_pager_and_nothing_else(resources: Resources) -> None:
    policy = resources["PagerPolicy"]["Properties"]
    assert policy["Roles"] == [{"Ref": "MonitorRole"}]
    allowed = {
        condition: (statement["Action"], statement["Resource"])
        for condition, statement, _ in (each["Fn::If"] for each in policy["PolicyDocument"]["Statement"])
    }
    assert allowed == {
        "HasPagerSecret": ("events:PutEvents", {"Fn::GetAtt": ["PagerBus", "Arn"]}),
        "HasPagerTopic": ("sns:Publish", {"Ref": "PagerTopicArn"}),
    }
    (page,) = resources["PagerRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert (page["Action"], page["Resource"]) == (
        "events:InvokeApiDestination",
        {"Fn::GetAtt": ["PagerDestination", "Arn"]},
    )
    variables = resources["Monitor"]["Properties"]["Environment"]["Variables"]
    assert variables["READINESS_PAGER_TOPIC_ARN"] == {"Ref": "PagerTopicArn"}
    assert variables["READINESS_PAGER_BUS_ARN"]["Fn::If"][1] == {"Fn::GetAtt": ["PagerBus", "Arn"]}
