"""Alarms that are created or changed, with the members that PutMetricAlarm and PutCompositeAlarm take."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from readiness.aws.arn import region_of
from readiness.aws.client import Aws
from readiness.cli.fix.effects import ABSENT, Effect, Values, client_in
from readiness.model import Call, EditAlarm
from readiness.printable import printable

KINDS = {"MetricAlarms": "PutMetricAlarm", "CompositeAlarms": "PutCompositeAlarm"}
ACTIONS = ("AlarmActions", "OKActions")

NO_TOPIC = (
    "no topic of on-call is known, and an alarm without one notifies nobody: name it with --topic ARN, or set"
    " on_call.topic_arn in the checklist"
)


class Topics(Struct, frozen=True):
    """The topic of `--topic`, which a new alarm gets instead of that of the others, and the one that is known."""

    given: str
    known: str = ""

    @property
    def any(self) -> str:
        """The topic that is given, or the one that is known; empty if there is none."""
        return self.given or self.known


class Lacking(Exception):
    """A person has to give or to do something before the change, as its text says."""


class NoTopic(Lacking):
    """An alarm needs a topic, and none is known."""

    def __init__(self) -> None:
        """Say how to name one."""
        super().__init__(NO_TOPIC)


CONDITIONS = frozenset(
    {
        "ComparisonOperator",
        "DatapointsToAlarm",
        "Dimensions",
        "EvaluateLowSampleCountPercentile",
        "EvaluationPeriods",
        "ExtendedStatistic",
        "MetricName",
        "Metrics",
        "Namespace",
        "Period",
        "Statistic",
        "Threshold",
        "ThresholdMetricId",
        "TreatMissingData",
        "Unit",
    }
)
"""The members of a metric alarm that name its metrics and its condition."""


def with_topic(call: Call, topics: Topics) -> Call:
    """Return the call with the topic of on-call in its actions. NoTopic: none is known."""
    asked = [each for name in ACTIONS for each in call.parameters.get(name, ())]
    if (not topics.given and "" not in asked) or not asked:
        return call
    if not topics.any:
        raise NoTopic
    actions = {name: [topics.any] for name in ACTIONS if name in call.parameters}
    return Call(call.service, call.operation, {**call.parameters, **actions}, call.region)


def new(aws: Aws, call: Call, topics: Topics) -> Call:
    """Return the call that creates an alarm, with its topic. Lacking: none is known, or the name is in use."""
    put = with_topic(call, topics)
    if put.operation in KINDS.values():
        before, after = _put(aws, put)
        if before != after and before.get("AlarmName") != ABSENT:
            name = printable(put.parameters["AlarmName"])
            raise Lacking(f"another alarm has the name {name}, and would be replaced: give it another name first")
    return put


def edited(aws: Aws, arn: str, steps: Iterable[EditAlarm], topic: str) -> Call:
    """Return the call that puts the alarm again with these changes. NoTopic: it needs one, and none is known."""
    kind, now = _described(aws, region_of(arn), arn.partition(":alarm:")[2])
    parameters = now
    for step in steps:
        kept = {name: value for name, value in parameters.items() if not (step.conditions and name in CONDITIONS)}
        chosen = step.topic or topic
        if step.actions and not chosen:
            raise NoTopic
        actions = {name: sorted({*kept.get(name, ()), chosen}) for name in step.actions}
        parameters = {**kept, **step.members, **actions}
    return Call("cloudwatch", KINDS[kind], _taken(aws, KINDS[kind], parameters), region_of(arn))


def _taken(aws: Aws, operation: str, members: Values) -> dict[str, Any]:
    """Return the members that the operation takes, without those that are empty."""
    names = client_in(aws, "cloudwatch").meta.service_model.operation_model(operation).input_shape.members
    return {name: value for name, value in members.items() if name in names and value not in ([], "")}


def _described(aws: Aws, region: str, name: str) -> tuple[str, Mapping[str, Any]]:
    """Return the kind of an alarm and its members; an empty one if it does not exist."""
    kinds = ["MetricAlarm", "CompositeAlarm"]
    answer = client_in(aws, "cloudwatch", region).describe_alarms(AlarmNames=[name], AlarmTypes=kinds)
    found = [(kind, each) for kind in KINDS for each in answer.get(kind, [])]
    return found[0] if found else ("MetricAlarms", {})


def _put(aws: Aws, call: Call) -> tuple[Values, Values]:
    _, now = _described(aws, call.region, call.parameters["AlarmName"])
    after = {name: value for name, value in call.parameters.items() if now.get(name) != value}
    if not now:
        return {"AlarmName": ABSENT}, after
    lost = dict.fromkeys(_taken(aws, call.operation, now).keys() - call.parameters.keys())
    return {name: now.get(name) for name in (*after, *sorted(lost))}, {**after, **lost}


def _enabled(aws: Aws, call: Call) -> tuple[Values, Values]:
    names = call.parameters["AlarmNames"]
    described = {name: _described(aws, call.region, name)[1] for name in names}
    before = {f"ActionsEnabled of {name}": described[name].get("ActionsEnabled") for name in names}
    return before, dict.fromkeys(before, True)


PUT = Effect(_put, "cloudwatch:DescribeAlarms")
EFFECTS = {
    "PutMetricAlarm": PUT,
    "PutCompositeAlarm": PUT,
    "EnableAlarmActions": Effect(_enabled, "cloudwatch:DescribeAlarms"),
}
