"""Event patterns of EventBridge rules, matched with the event of an alarm that enters ALARM.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

import fnmatch
from collections.abc import Callable, Mapping
from typing import Any

from readiness.alarms.filter_policy import Sure, anything_but, every, some
from readiness.aws.arn import account_of, region_of

SOURCE = "aws.cloudwatch"
CHANGE = "CloudWatch Alarm State Change"

Operator = Callable[[Any, str], bool]

OPERATORS: Mapping[str, Operator] = {
    "equals-ignore-case": lambda wanted, value: isinstance(wanted, str) and wanted.lower() == value.lower(),
    "exists": lambda wanted, _value: wanted is True,
    "prefix": lambda wanted, value: isinstance(wanted, str) and value.startswith(wanted),
    "suffix": lambda wanted, value: isinstance(wanted, str) and value.endswith(wanted),
    "wildcard": lambda wanted, value: (
        isinstance(wanted, str) and fnmatch.fnmatchcase(value, wanted.replace("[", "[[]"))
    ),
}
"""The operators that are evaluated on strings; others give "maybe"."""


def set_off(pattern: Mapping[str, Any], name: str, arn: str) -> Sure:
    """Return if the pattern matches when this alarm enters ALARM."""
    event: Mapping[str, Any] = {
        "source": SOURCE,
        "detail-type": CHANGE,
        "account": account_of(arn),
        "region": region_of(arn),
        "resources": arn,
        "detail": {"alarmName": name, "state": {"value": "ALARM"}},
    }
    return _all(pattern, event)


def about_alarms(pattern: Mapping[str, Any]) -> bool:
    """True if the pattern may match a state change of any alarm."""
    event = {"source": SOURCE, "detail-type": CHANGE}
    return _all({key: pattern.get(key, [{"exists": True}]) for key in event}, event) != "no"


def _all(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> Sure:
    """Return if every key matches; "maybe" for keys with unknown values."""
    return every(_one(wanted, event.get(key)) for key, wanted in pattern.items())


def _one(wanted: Any, value: Any) -> Sure:
    if isinstance(wanted, dict) and isinstance(value, dict):
        return _all(wanted, value)
    if not isinstance(wanted, list) or not isinstance(value, str):
        return "maybe"
    return some(_alternative(each, value) for each in wanted)


def _alternative(wanted: Any, value: str) -> Sure:
    if isinstance(wanted, str):
        return "yes" if wanted == value else "no"
    if isinstance(wanted, dict) and len(wanted) == 1:
        [(operator, operand)] = wanted.items()
        if operator in OPERATORS:
            return "yes" if OPERATORS[operator](operand, value) else "no"
        if operator == "anything-but" and (other := anything_but(operand, value)) is not None:
            return "yes" if other else "no"
    return "maybe"
