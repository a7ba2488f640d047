"""The rules of EventBridge that a change of an alarm's state sets off."""

import json
from dataclasses import dataclass

from readiness.alarming.event_pattern import Sure, about_alarms, set_off
from readiness.aws import Aws
from readiness.each import Each
from readiness.fact import fact
from readiness.facts.on_call import OnCallRoutes


@dataclass(frozen=True)
class AlarmRule:
    """An enabled rule of the default bus that matches changes of alarms' states. Its key is its ARN."""

    arn: str
    name: str
    pattern: str

    def set_off(self, name: str, arn: str) -> Sure:
        """Whether it is, when the alarm of that name and ARN goes to ALARM."""
        return set_off(json.loads(self.pattern), name, arn)


@fact("events:ListRules")
def alarm_rules(aws: Aws, on_call: OnCallRoutes) -> Each[AlarmRule] | None:
    """None: the checklist does not say that on call is reached this way."""
    if not on_call.event_bridge:
        return None
    rules = [rule for page in aws.client("events").get_paginator("list_rules").paginate() for rule in page["Rules"]]
    enabled = [rule for rule in rules if rule.get("State", "").startswith("ENABLED") and "EventPattern" in rule]
    return Each(
        {
            rule["Arn"]: AlarmRule(rule["Arn"], rule["Name"], rule["EventPattern"])
            for rule in enabled
            if about_alarms(json.loads(rule["EventPattern"]))
        }
    )


@dataclass(frozen=True)
class AlarmRuleTargets:
    """A rule, and how many targets it calls: one without any tells nobody."""

    rule: AlarmRule
    count: int


@fact("events:ListTargetsByRule")
def alarm_rule_targets(aws: Aws, rule: AlarmRule) -> AlarmRuleTargets:
    """Gone where it was deleted since it was listed."""
    pages = aws.client("events").get_paginator("list_targets_by_rule").paginate(Rule=rule.name)
    return AlarmRuleTargets(rule, sum(len(page["Targets"]) for page in pages))
