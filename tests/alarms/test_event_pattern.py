"""Patterns as rules of EventBridge have them.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from typing import Any

import pytest

from readiness.alarms.event_pattern import about_alarms, set_off

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:carts throttled"
ALL = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}


@pytest.mark.parametrize(
    ("pattern", "sure"),
    [
        pytest.param(ALL, "yes", id="all changes of all alarms"),
        pytest.param({"source": ["aws.health", "aws.cloudwatch"]}, "yes", id="one of several sources"),
        pytest.param({"source": ["aws.health"]}, "no", id="another source"),
        pytest.param({"resources": [ARN]}, "yes", id="this alarm by its ARN"),
        pytest.param({"resources": [{"prefix": "arn:aws:cloudwatch:us-east-1:"}]}, "yes", id="by how its ARN begins"),
        pytest.param({"detail": {"alarmName": ["carts throttled"]}}, "yes", id="this alarm by its name"),
        pytest.param({"detail": {"alarmName": ["quotes"]}}, "no", id="another alarm"),
        pytest.param({"detail": {"alarmName": [{"suffix": "throttled"}]}}, "yes", id="by how its name ends"),
        pytest.param({"detail": {"alarmName": [{"wildcard": "carts*"}]}}, "yes", id="by a wildcard"),
        pytest.param({"detail": {"alarmName": [{"wildcard": "quotes*"}]}}, "no", id="by a wildcard for others"),
        pytest.param({"detail": {"alarmName": [{"equals-ignore-case": "CARTS THROTTLED"}]}}, "yes", id="in any case"),
        pytest.param({"detail": {"state": {"value": ["ALARM"]}}}, "yes", id="on the way to ALARM"),
        pytest.param({"detail": {"state": {"value": ["OK"]}}}, "no", id="on the way back"),
        pytest.param({"detail": {"state": {"reason": ["x"]}}}, "maybe", id="what nobody knows beforehand"),
        pytest.param({"detail": {"state": {"value": ["OK"], "reason": ["x"]}}}, "no", id="that, and the wrong state"),
        pytest.param({"detail": {"alarmName": [{"anything-but": ["x"]}]}}, "yes", id="any alarm but others"),
        pytest.param({"detail": {"state": {"value": [{"anything-but": "OK"}]}}}, "yes", id="any state but OK"),
        pytest.param(
            {"detail": {"alarmName": [{"anything-but": {"prefix": "carts"}}]}}, "no", id="any but such alarms"
        ),
        pytest.param(
            {"detail": {"alarmName": [{"anything-but": {"new": "x"}}]}}, "maybe", id="any but nobody knows what"
        ),
        pytest.param({"detail": {"alarmName": [{"new": ["x"]}]}}, "maybe", id="an operator that is not read"),
        pytest.param({"$or": [ALL]}, "maybe", id="alternatives"),
        pytest.param({"account": ["999999999999"]}, "no", id="another account"),
        pytest.param({"region": [{"exists": True}]}, "yes", id="whatever the Region"),
        pytest.param({"region": [{"exists": False}]}, "no", id="without a Region"),
    ],
)
def test_what_an_alarm_sets_off(pattern: dict[str, Any], sure: str) -> None:
    assert set_off(pattern, "carts throttled", ARN) == sure


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        pytest.param(ALL, True, id="changes of alarms"),
        pytest.param({"source": [{"prefix": "aws."}]}, True, id="all that AWS says"),
        pytest.param({"detail-type": ["EC2 Instance State-change Notification"]}, False, id="changes of others"),
        pytest.param({"source": ["shop"]}, False, id="what the shop says"),
    ],
)
def test_which_patterns_are_about_alarms(pattern: dict[str, Any], *, expected: bool) -> None:
    assert about_alarms(pattern) is expected
