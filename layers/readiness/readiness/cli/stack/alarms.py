"""The alarms on a table, as CloudFormation writes them.

DynamoDB publishes most of these metrics only while there is something to count, and alarms on them ignore that data is
missing: one that went off would stay in ALARM, and be silent the next time. FILL gives a value to every period, and two
of several, not one of one, keep late data from being taken for none.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from typing import Any

from readiness.cli.stack.naming import fitting

Json = dict[str, Any]

LONGEST = 255
BAND = 4
"""Standard deviations around what is expected."""


def throttling(table: str, index: str | None = None) -> Json:
    """Any throttled read or write. Those of an index are not among the table's."""
    dimensions = {"TableName": table} | ({"GlobalSecondaryIndexName": index} if index else {})
    of = f"the index {index} of {table}" if index else table
    return _alarm(
        fitting(f"{table}/{index}" if index else table, "-throttling", LONGEST),
        f"Reads or writes of {of} are throttled: customers wait or see errors.",
        [
            {"Id": "e1", "Label": "throttled", "Expression": "FILL(m1,0)+FILL(m2,0)", "ReturnData": True},
            _sum("m1", "ReadThrottleEvents", 60, dimensions),
            _sum("m2", "WriteThrottleEvents", 60, dimensions),
        ],
        {"Threshold": 0, "EvaluationPeriods": 5, "DatapointsToAlarm": 2},
    )


def user_errors() -> Json:
    """The metric has no dimensions: it counts the whole account and Region."""
    return _alarm(
        "dynamodb-user-errors",
        "DynamoDB refuses many requests of this account and Region as wrong (HTTP 400), whatever table they are about.",
        [
            {"Id": "e1", "Label": "refused", "Expression": "FILL(m1,0)", "ReturnData": True},
            _sum("m1", "UserErrors", 300, {}),
        ],
        {"Threshold": 50, "EvaluationPeriods": 3, "DatapointsToAlarm": 2},
    )


def spike(table: str, what: str) -> Json:
    """`what` is Read or Write. Their consumption is far above what is usual at that hour of the week."""
    return _alarm(
        fitting(table, f"-{what.lower()}-spike", LONGEST),
        f"{what}s of {table} are far above what is usual: a loop, a scan, an attack, or a success.",
        [
            _sum("m1", f"Consumed{what}CapacityUnits", 300, {"TableName": table}, returned=True),
            {"Id": "ad1", "Label": "usual", "Expression": f"ANOMALY_DETECTION_BAND(m1, {BAND})", "ReturnData": True},
        ],
        {"ThresholdMetricId": "ad1", "EvaluationPeriods": 3, "DatapointsToAlarm": 2},
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


def _sum(query: str, metric: str, period: int, dimensions: dict[str, str], *, returned: bool = False) -> Json:
    """Consumption by average, minimum or maximum would be that of single requests."""
    asked: Json = {"Namespace": "AWS/DynamoDB", "MetricName": metric}
    if dimensions:
        asked["Dimensions"] = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    return {"Id": query, "MetricStat": {"Metric": asked, "Period": period, "Stat": "Sum"}, "ReturnData": returned}
