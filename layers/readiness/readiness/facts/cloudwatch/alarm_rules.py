"""The EventBridge rules on alarm state changes, and the known members of the messages that an alarm sends.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html: the notification is JSON, and
has no attributes.
"""

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from readiness.alarms.event_pattern import CHANGE, SOURCE, about_alarms, set_off
from readiness.alarms.filter_policy import ABSENT, DisplayName, OneOf, Partly, Sure
from readiness.aws.answer import Answer, listed
from readiness.aws.arn import account_of, region_of
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.model import Fact, Unreadable

PERMISSION = "events:ListRules"


class AlarmRule(Fact):
    """An enabled rule of the default event bus that matches alarm state changes. Its key is its ARN."""

    arn: str
    name: str
    pattern: str

    def set_off(self, name: str, arn: str) -> Sure:
        """Return True if the rule matches when this alarm enters ALARM."""
        return set_off(json.loads(self.pattern), name, arn)


@fact(
    PERMISSION,
    resources={PERMISSION: ANY_RESOURCE},
    events=("events:PutRule", "events:DisableRule", "events:DeleteRule"),
)
def alarm_rules(aws: Aws, on_call: OnCallRoutes) -> Each[AlarmRule] | None:
    """Return None unless `on_call.event_bridge` is set in the checklist. A scheduled rule has no pattern."""
    if not on_call.event_bridge:
        return None
    pages = aws.client("events").get_paginator("list_rules").paginate()
    found = (each for each in listed(pages, "Rules", PERMISSION) if _may_be_one(each))
    return each_of(found, lambda each: each.need("Arn", str), _rule)


def _may_be_one(answer: Answer) -> bool:
    """True for a rule that is not disabled and whose pattern may match alarm state changes."""
    pattern = answer.get("EventPattern", str)
    if pattern is None or not (answer.get("State", str) or "ENABLED").startswith("ENABLED"):
        return False
    try:
        return about_alarms(_parsed(answer))
    except Unreadable:
        return True


def _rule(answer: Answer) -> AlarmRule:
    """Return the rule. Raises Unreadable where State or EventPattern is missing."""
    answer.need("State", str)
    _parsed(answer)
    return AlarmRule(answer.need("Arn", str), answer.need("Name", str), answer.need("EventPattern", str))


def _parsed(answer: Answer) -> Mapping[str, Any]:
    document = answer.document("EventPattern")
    return document.members if document else {}


class Target(Struct, frozen=True):
    """A target of a rule: its ARN, and the ARN of the role. `changed`: it has an input other than the event."""

    arn: str
    role: str | None = None
    changed: bool = False


class AlarmRuleTargets(Fact):
    """A rule and its targets."""

    rule: AlarmRule
    of: tuple[Target, ...]


@fact("events:ListTargetsByRule", events=("events:RemoveTargets",))
def alarm_rule_targets(aws: Aws, rule: AlarmRule) -> AlarmRuleTargets:
    """Read the targets. Gone where the rule was deleted since it was listed."""
    pages = aws.client("events").get_paginator("list_targets_by_rule").paginate(Rule=rule.name)
    return AlarmRuleTargets(rule, tuple(map(_target, listed(pages, "Targets", "events:ListTargetsByRule"))))


def _target(answer: Answer) -> Target:
    changed = any(map(answer.has, ("Input", "InputPath", "InputTransformer")))
    return Target(answer.need("Arn", str), answer.get("RoleArn", str), changed)


BEFORE = OneOf(("INSUFFICIENT_DATA", "OK"))
"""The states from which an alarm enters ALARM."""

REGION = DisplayName()


def of_alarm(alarm: Alarm) -> Mapping[str, Any]:
    """Return the notification that CloudWatch publishes."""
    return Partly(
        AlarmName=alarm.name,
        AlarmArn=alarm.arn,
        AWSAccountId=account_of(alarm.arn),
        NewStateValue="ALARM",
        OldStateValue=BEFORE,
        Region=REGION,
        AlarmActions=list(alarm.actions),
        OKActions=list(alarm.ok_actions),
        Trigger=_trigger(alarm),
    )


def of_event(alarm: Alarm) -> Mapping[str, Any]:
    """Return the event that an EventBridge rule sends to a target without an input of its own."""
    state = Partly(value="ALARM")
    return Partly(
        {
            "source": SOURCE,
            "detail-type": CHANGE,
            "account": account_of(alarm.arn),
            "region": region_of(alarm.arn),
            "resources": [alarm.arn],
            "detail": Partly(alarmName=alarm.name, state=state),
        }
    )


def _trigger(alarm: Alarm) -> Any:
    """Return Trigger: it names the metric of an alarm on one; a composite alarm has none."""
    if alarm.kind == "composite":
        return ABSENT
    if not alarm.single:
        return Partly(MetricName=ABSENT, Namespace=ABSENT, Dimensions=ABSENT)
    known = ({"MetricName": each.metric, "Namespace": each.namespace} for each in alarm.watches[:1])
    return Partly(next(known, {}))
