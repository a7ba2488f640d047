"""The alarms on a table, as CloudFormation writes them.

DynamoDB publishes most of these metrics only while there is something to count, and alarms on them ignore that data is
missing: one that went off would stay in ALARM, and be silent the next time. FILL gives a value to every period, and two
of several, not one of one, keep late data from being taken for none.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from typing import Any

from readiness.alarms.dynamodb import USER_ERRORS, series_of
from readiness.cli.stack.naming import fitting
from readiness.rules.shared.new_alarm import BAND, banded, filled

Json = dict[str, Any]

LONGEST = 255


def throttling(table: str, index: str = "") -> Json:
    """Any throttled read or write. Those of an index are not among the table's."""
    of = f"the index {index} of {table}" if index else table
    return _alarm(
        fitting(f"{table}/{index}" if index else table, "-throttling", LONGEST),
        f"Reads or writes of {of} are throttled: customers wait or see errors.",
        filled(*(series_of(f"{way}ThrottleEvents", table, index) for way in ("Read", "Write")), period=60),
        {"Threshold": 0, "EvaluationPeriods": 5, "DatapointsToAlarm": 2},
    )


def user_errors() -> Json:
    """The metric has no dimensions: it counts the whole account and Region."""
    return _alarm(
        "dynamodb-user-errors",
        "DynamoDB refuses many requests of this account and Region as wrong (HTTP 400), whatever table they are about.",
        filled(USER_ERRORS, period=300),
        {"Threshold": 50, "EvaluationPeriods": 3, "DatapointsToAlarm": 2},
    )


def spike(table: str, what: str) -> Json:
    """`what` is Read or Write. Their consumption is far above what is usual at that hour of the week."""
    return _alarm(
        fitting(table, f"-{what.lower()}-spike", LONGEST),
        f"{what}s of {table} are far above what is usual: a loop, a scan, an attack, or a success.",
        banded(series_of(f"Consumed{what}CapacityUnits", table)),
        {"ThresholdMetricId": BAND, "EvaluationPeriods": 3, "DatapointsToAlarm": 2},
        "GreaterThanUpperThreshold",
    )


def _alarm(
    name: str, description: str, metrics: list[Json], goes_off: Json, operator: str = "GreaterThanThreshold"
) -> Json:
    topic = [{"Ref": "OnCallTopicArn"}]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "AlarmDescription": description,
            "Metrics": metrics,
            "ComparisonOperator": operator,
            **goes_off,
            "AlarmActions": topic,
            "OKActions": topic,
        },
    }
