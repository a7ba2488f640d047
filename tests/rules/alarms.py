"""Alarms that reach somebody, for tests that change what they are about."""

import json
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from readiness.alarms.formula import Formula
from readiness.alarms.route import PAGES, Route, doubtful, silent, unknown
from readiness.alarms.series import Series, series
from readiness.aws.answer import Answer
from readiness.facts.cloudwatch.alarms import Alarm, metric_alarm
from readiness.facts.sns.paging import Routes, most_named
from readiness.model import Reason, Unavailable
from tests.rules.facts import ago

PREFIX = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
TOPIC = "arn:aws:sns:us-east-1:123456789012:on-call"

FAILURES = "BabesClub/Commerce"
DOUBTFUL = doubtful("it is muted")
SILENT = silent("its actions are switched off")
UNKNOWN = unknown(Unavailable(Reason.ACCESS_DENIED, "sns:GetTopicAttributes", "AuthorizationError"))


def alarm(name: str, *watches: Series, **other: Any) -> Alarm:
    """A metric alarm that is OK: on the one metric or query, or on their sum with all gaps filled."""
    good = Alarm(
        name=name,
        arn=PREFIX + name,
        kind="metric",
        actions_enabled=True,
        actions=(TOPIC,),
        state="OK",
        state_since=ago(days=2),
        watches=watches,
        threshold=0,
        operator="GreaterThanThreshold",
        periods=1,
        datapoints=1,
        period_seconds=60,
    )
    found = replace(good, **other)
    return found if found.opaque or "formula" in other else replace(found, formula=formula(found))


def formula(of: Alarm, expression: str = "") -> Formula | None:
    """What such an alarm compares; the ids of its metrics and queries are m1, m2 and so on."""
    keys = [f"m{number + 1}" for number in range(len(of.watches) + len(of.insights))]
    if not keys:
        return None
    plain = Formula(
        "m1",
        tuple(zip(keys, of.watches, strict=False)),
        tuple(zip(keys[len(of.watches) :], of.insights, strict=True)),
        periods=tuple((key, of.period_seconds or 60) for key in keys),
    )
    if len(keys) == 1 and not expression:
        return plain
    added = expression or " + ".join(f"FILL({key}, 0)" for key in keys)
    return replace(plain, result="e1", expressions=(("e1", added),))


def math(name: str, expression: str, *watches: Series, **other: Any) -> Alarm:
    """An alarm on metric math over these, whose ids are m1, m2 and so on."""
    plain = alarm(name, *watches, **{"plain": False, "filled": "FILL" in expression, "periods": 5, **other})
    return replace(plain, formula=formula(plain, expression))


def described(options: Sequence[str]) -> Alarm:
    """What DescribeAlarms says of an alarm that `aws cloudwatch put-metric-alarm` made with these options."""
    given = dict(zip(options[::2], options[1::2], strict=False))
    metrics = {"Metrics": json.loads(given["--metrics"])} if "--metrics" in given else {}
    plain = {
        "MetricName": given.get("--metric-name"),
        "Namespace": given.get("--namespace"),
        "Statistic": given.get("--statistic"),
        "Period": int(given["--period"]) if "--period" in given else None,
        "Dimensions": json.loads(given.get("--dimensions", "[]")),
        "ThresholdMetricId": given.get("--threshold-metric-id"),
        "DatapointsToAlarm": int(given["--datapoints-to-alarm"]) if "--datapoints-to-alarm" in given else None,
    }
    answer = {
        "AlarmName": given["--alarm-name"],
        "AlarmArn": PREFIX + given["--alarm-name"],
        "ActionsEnabled": True,
        "AlarmActions": [TOPIC],
        "StateValue": "OK",
        "StateUpdatedTimestamp": ago(days=2),
        "EvaluationPeriods": int(given["--evaluation-periods"]),
        "ComparisonOperator": given["--comparison-operator"],
        "Threshold": _number(given["--threshold"]) if "--threshold" in given else None,
        **metrics,
        **plain,
    }
    return metric_alarm(Answer(answer, "cloudwatch:DescribeAlarms"), "123456789012")


def _number(written: str) -> float:
    """Where a person works it out, of a limit of 1,000."""
    return 800 if written.startswith("${") else float(written)


UNREAD = Unavailable(Reason.NOT_HERE, None, "it is an alarm on logs, and may watch it")


def opaque(name: str, kind: Any = "log", **other: Any) -> Alarm:
    """An alarm of which nobody can tell what it watches."""
    return alarm(name, **{"kind": kind, "opaque": UNREAD, **other})


def failures_alarm(domain: str, **other: Any) -> Alarm:
    """An alarm on the failed writes of one domain."""
    return alarm(f"{domain}-write-failures", series(FAILURES, "WriteFailure", "Sum", Domain=domain), **other)


def queue_alarm(queue: str, **other: Any) -> Alarm:
    """An alarm on what waits in a queue."""
    waiting = series("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", QueueName=queue)
    return alarm(f"{queue}-not-empty", waiting, **other)


def routes(*alarms: Alarm, **other: Route) -> Routes:
    """Every one of these pages, but for those that are named with another route."""
    of = {each.arn: other.get(each.name, PAGES) for each in alarms}
    return Routes(of, most_named(alarm for alarm in alarms if of[alarm.arn].status == "pages"))


def routed(route: Route, *alarms: Alarm) -> Routes:
    """Every one of these has that route."""
    return Routes({each.arn: route for each in alarms})
