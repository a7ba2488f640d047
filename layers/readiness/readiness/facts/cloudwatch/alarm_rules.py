"""The rules of EventBridge that a change of an alarm's state sets off."""

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from readiness.alarms.event_pattern import Sure, about_alarms, set_off
from readiness.aws.answer import Answer, listed
from readiness.aws.client import Aws
from readiness.engine.each import Each, each_of
from readiness.engine.fact import fact
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.model import Fact, Unreadable

PERMISSION = "events:ListRules"


class AlarmRule(Fact):
    """An enabled rule of the default bus that matches changes of alarms' states. Its key is its ARN."""

    arn: str
    name: str
    pattern: str

    def set_off(self, name: str, arn: str) -> Sure:
        """Whether it is, when the alarm of that name and ARN goes to ALARM."""
        return set_off(_pattern(self.pattern), name, arn)


@fact(PERMISSION)
def alarm_rules(aws: Aws, on_call: OnCallRoutes) -> Each[AlarmRule] | None:
    """None: the checklist does not say that on call is reached this way. A rule on a schedule has no pattern."""
    if not on_call.event_bridge:
        return None
    pages = aws.client("events").get_paginator("list_rules").paginate()
    found = (each for each in listed(pages, "Rules", PERMISSION) if _may_be_one(each))
    return each_of(found, lambda each: each.need("Arn", str), _rule)


def _may_be_one(answer: Answer) -> bool:
    """Enabled, as far as it says so, and not about other events."""
    pattern = answer.get("EventPattern", str)
    if pattern is None or not (answer.get("State", str) or "ENABLED").startswith("ENABLED"):
        return False
    try:
        return about_alarms(_parsed(answer))
    except Unreadable:
        return True


def _rule(answer: Answer) -> AlarmRule:
    """Unreadable: whether it is enabled, or what it matches, is not said."""
    answer.need("State", str)
    _parsed(answer)
    return AlarmRule(answer.need("Arn", str), answer.need("Name", str), answer.need("EventPattern", str))


def _parsed(answer: Answer) -> Mapping[str, Any]:
    answer.document("EventPattern")
    return _pattern(answer.need("EventPattern", str))


def _pattern(text: str) -> Mapping[str, Any]:
    pattern: Mapping[str, Any] = json.loads(text)
    return pattern


class Target(Struct, frozen=True):
    """What a rule calls, by its ARN, and as which role. `changed`: it is told something else than the event."""

    arn: str
    role: str | None = None
    changed: bool = False


class AlarmRuleTargets(Fact):
    """A rule, and what it calls: one without any target tells nobody."""

    rule: AlarmRule
    of: tuple[Target, ...]


@fact("events:ListTargetsByRule")
def alarm_rule_targets(aws: Aws, rule: AlarmRule) -> AlarmRuleTargets:
    """Gone where it was deleted since it was listed."""
    pages = aws.client("events").get_paginator("list_targets_by_rule").paginate(Rule=rule.name)
    return AlarmRuleTargets(rule, tuple(map(_target, listed(pages, "Targets", "events:ListTargetsByRule"))))


def _target(answer: Answer) -> Target:
    changed = any(map(answer.has, ("Input", "InputPath", "InputTransformer")))
    return Target(answer.need("Arn", str), answer.get("RoleArn", str), changed)
