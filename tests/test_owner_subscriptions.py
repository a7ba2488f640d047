"""The parameters Owner1 to Owner5 of the stack, which subscribe email addresses to the alerts of one owner each."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from tests.test_template import transformed

TEMPLATE: dict[str, Any] = yaml_parse((Path(__file__).parents[1] / "template.yaml").read_text(encoding="utf-8"))
RESOURCES = transformed()
TOPIC = "arn:aws:sns:us-east-1:123456789012:existing"
MOST = 5


def subscribed(*pairs: str, existing: str = "") -> list[Any]:
    """Topic, protocol, address and filter policy of each subscription that CloudFormation makes."""
    values = {name: each["Default"] for name, each in TEMPLATE["Parameters"].items()}
    values |= {f"Owner{number}": pair for number, pair in enumerate(pairs, 1)} | {"ExistingTopicArn": existing}
    made = [each for name, each in RESOURCES.items() if name.startswith("OwnerSubscription")]
    assert {each["Type"] for each in made} == {"AWS::SNS::Subscription"}
    made = [each["Properties"] for each in made if holds(each["Condition"], values)]
    names = ("TopicArn", "Protocol", "Endpoint", "FilterPolicy")
    return [tuple(processed(each[name], values) for name in names) for each in made]


def processed(node: Any, values: Mapping[str, Any]) -> Any:
    """The value of a node in which CloudFormation has evaluated its functions."""
    if isinstance(node, list):
        return [processed(each, values) for each in node]
    if not isinstance(node, dict):
        return node
    found = {key: processed(each, values) for key, each in node.items()}
    (name, given), *others = found.items()
    return FUNCTIONS[name](given, values) if not others and name in FUNCTIONS else found


def holds(condition: str, values: Mapping[str, Any]) -> bool:
    return bool(processed(TEMPLATE["Conditions"][condition], values))


FUNCTIONS: Mapping[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "Ref": lambda given, values: values.get(given, given),
    "Fn::Equals": lambda given, _values: given[0] == given[1],
    "Fn::Not": lambda given, _values: not given[0],
    "Fn::If": lambda given, values: given[1] if holds(given[0], values) else given[2],
    "Fn::Split": lambda given, _values: given[1].split(given[0]),
    "Fn::Select": lambda given, _values: given[1][int(given[0])],
}
"""Those that this part of the template uses, as the Template Reference of CloudFormation describes them."""


def test_without_a_value_no_owner_is_subscribed() -> None:
    assert subscribed() == []


@pytest.mark.parametrize(("existing", "topic"), [("", "OnCallTopic"), (TOPIC, TOPIC)])
def test_each_address_gets_the_alerts_of_its_owner(existing: str, topic: str) -> None:
    pairs = ("data-platform@example.com=dp@example.com", "", "Web, mobile team=web+oncall@example.com")
    assert subscribed(*pairs, existing=existing) == [
        (topic, "email", "dp@example.com", {"owners": ["data-platform@example.com"]}),
        (topic, "email", "web+oncall@example.com", {"owners": ["Web, mobile team"]}),
    ]


def test_five_owners_can_be_subscribed() -> None:
    assert subscribed(*(f"owner{number}=o{number}@example.com" for number in range(MOST))) == [
        ("OnCallTopic", "email", f"o{number}@example.com", {"owners": [f"owner{number}"]}) for number in range(MOST)
    ]


@pytest.mark.parametrize(
    ("pair", "valid"),
    [
        ("", True),
        ("team=team@example.com", True),
        ("team@example.com", False),
        ("team=", False),
        ("=team@example.com", False),
        ("team=a@example.com=b", False),
        ("team=https://example.com/hook", False),
    ],
)
def test_cloudformation_refuses_what_is_no_owner_and_address(pair: str, *, valid: bool) -> None:
    patterns = {TEMPLATE["Parameters"][f"Owner{number}"]["AllowedPattern"] for number in range(1, MOST + 1)}
    assert {bool(re.fullmatch(pattern, pair)) for pattern in patterns} == {valid}
