"""The alarms on a table as CloudFormation resources.

DynamoDB publishes most of these metrics only when there is something to count. CloudWatch then keeps the state of an
alarm, so that it would stay in ALARM and not notify again. FILL gives every period a value, and evaluating two of
several periods prevents that late data counts as zero.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
"""

from readiness.alarms.dynamodb import USER_ERRORS, series_of
from readiness.alarms.series import Series
from readiness.cli.stack.naming import Json, fitting
from readiness.rules.alarms_wired import HOW_AT_ONCE, HOW_OFTEN, HOW_UNUSUAL
from readiness.rules.shared.new_alarm import at_first, banded, filled

LONGEST = 255


def throttling(table: str, index: str = "") -> Json:
    """Return an alarm on throttled reads and writes of the table, or of one index, which has its own metrics."""
    of = f"the index {index} of {table}" if index else table
    return _alarm(
        fitting(f"{table}/{index}" if index else table, "-throttling", LONGEST),
        f"Reads or writes of {of} are throttled: requests are delayed or fail.",
        filled(*(series_of(f"{way}ThrottleEvents", table, index) for way in ("Read", "Write")), period=60),
        HOW_AT_ONCE,
    )


def user_errors() -> Json:
    """Return an alarm on UserErrors. The metric has no dimensions: it counts the whole account and Region."""
    return _alarm(
        "dynamodb-user-errors",
        "DynamoDB rejects many requests of this account and Region (HTTP 400). The metric counts all tables.",
        filled(USER_ERRORS, period=300),
        HOW_OFTEN,
    )


def spike(table: str, kind: str) -> Json:
    """Return an anomaly alarm on consumed capacity. `kind` is Read or Write."""
    return _alarm(
        fitting(table, f"-{kind.lower()}-spike", LONGEST),
        f"{kind}s of {table} are far above the expected range. Possible causes: a loop, a scan, an attack, or growth.",
        banded(series_of(f"Consumed{kind}CapacityUnits", table)),
        HOW_UNUSUAL,
    )


def write_failure(one: Series) -> Json:
    """Return an alarm on failed writes, which the application or a metric filter counts in this metric."""
    of = " ".join(value for _, value in one.dimensions)
    name = fitting(f"{one.namespace} {one.metric} {of}", "", LONGEST)
    return _notifying(name, f"Writes of {of} failed: the metric {one.metric} counts them.", at_first(one, "Sum"))


def _alarm(name: str, description: str, metrics: list[Json], condition: Json) -> Json:
    return _notifying(name, description, {"Metrics": metrics, **condition})


def _notifying(name: str, description: str, watched: Json) -> Json:
    topic = [{"Ref": "OnCallTopicArn"}]
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": name,
            "AlarmDescription": description,
            **watched,
            "AlarmActions": topic,
            "OKActions": topic,
        },
    }
