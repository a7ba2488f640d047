"""The functions behind the table, as they should be: what every rule about them wants, made by AWS's own calls."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from tests.aws.account import ACCOUNT, ARN, REGION, TABLE

Client = Callable[[str], Any]
Json = dict[str, Any]

FUNCTIONS = ("babesclub-cart", "babesclub-checkout")
DOMAINS = ("quote", "session", "coupon")
ITEM_ACTIONS = ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem")
FORTNIGHT = "1209600"


def furnish(client: Client, topic: str) -> None:
    """Two functions that events start, each with a role of its own; `topic` is where all alarms go.

    Failed events wait in a queue, failed writes are counted, and alarms tell of both, and of the table itself.
    """
    queue = dead_letters(client)
    for name in FUNCTIONS:
        role = runtime_role(client, name, queue)
        log_group(client, name)
        function(client, name, role, dead_letters=queue)
        client("lambda").add_permission(
            FunctionName=name, StatementId="events", Action="lambda:InvokeFunction", Principal="events.amazonaws.com"
        )
    for domain in DOMAINS:
        for name in FUNCTIONS:
            count_failures(client, name, domain)
        alarm(client, topic, "BabesClub/Commerce", "WriteFailure", {"Domain": domain})
    alarm(client, topic, "AWS/SQS", "ApproximateNumberOfMessagesVisible", {"QueueName": queue.rpartition(":")[2]})
    alarm(client, topic, "AWS/Lambda", "Throttles", {})
    alarm(client, topic, "AWS/Lambda", "ConcurrentExecutions", {}, threshold=800)
    table_alarms(client, topic)


def workers(client: Client, functions: int) -> list[str]:
    """More functions of the same kind, until there are so many; their names."""
    url = client("sqs").get_queue_url(QueueName="babesclub-dead-letters")["QueueUrl"]
    queue = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    names = [f"babesclub-worker-{number}" for number in range(len(FUNCTIONS), functions)]
    for name in names:
        function(client, name, runtime_role(client, name, queue), dead_letters=queue)
        log_group(client, name)
        for domain in DOMAINS:
            count_failures(client, name, domain)
    return names


def dead_letters(client: Client, name: str = "babesclub-dead-letters", **attributes: str) -> str:
    """A queue that keeps for a fortnight what is put into it; its ARN."""
    wanted = {"MessageRetentionPeriod": FORTNIGHT, **attributes}
    url = client("sqs").create_queue(QueueName=name, Attributes=wanted)["QueueUrl"]
    arn: str = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return arn


def role(client: Client, name: str, *statements: Json) -> str:
    """A role that Lambda may assume, with one inline policy; its ARN."""
    iam = client("iam")
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(document(TRUSTS_LAMBDA)))["Role"][
        "Arn"
    ]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="runtime", PolicyDocument=json.dumps(document(*statements)))
    return arn


def runtime_role(client: Client, function: str, queue: str) -> str:
    """The least that a function needs that works on items of the table."""
    return role(client, f"{function}-role", *runtime(function, queue))


def runtime(function: str, queue: str = f"arn:aws:sqs:{REGION}:{ACCOUNT}:babesclub-dead-letters") -> list[Json]:
    """What its role is allowed."""
    group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{function}:*"
    return [
        allow([f"dynamodb:{action}" for action in ITEM_ACTIONS], ARN, f"{ARN}/index/*"),
        allow(["logs:CreateLogStream", "logs:PutLogEvents"], group),
        allow(["sqs:SendMessage"], queue),
        allow(["kms:Decrypt"], f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*", Condition=THROUGH_DYNAMODB),
        *NO_MONITOR_ROWS,
    ]


THROUGH_DYNAMODB: Json = {"StringEquals": {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}}


def allow(actions: list[str], *resources: str, **other: Any) -> Json:
    """A statement that allows it."""
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources), **other}


def document(*statements: Json) -> Json:
    """A policy of those statements."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def deny(actions: list[str], *resources: str, **other: Any) -> Json:
    """A statement that denies it."""
    return allow(actions, *resources, **{"Effect": "Deny", **other})


NO_MONITOR_ROWS = (
    deny(
        [f"dynamodb:{name}" for name in ("BatchWriteItem", "DeleteItem", "PartiQL*", "PutItem", "UpdateItem")],
        ARN,
        Condition={"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["READINESS#*"]}},
    ),
)
"""The items of the monitor are not the functions' to write."""


TRUSTS_LAMBDA: Json = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}


def function(client: Client, name: str, role: str, dead_letters: str = "", **other: Any) -> str:
    """A function that knows the table by its environment; its ARN."""
    settings: Json = {
        "Environment": {"Variables": {"COMMERCE_TABLE": TABLE}},
        "LoggingConfig": {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "LogGroup": f"/aws/lambda/{name}"},
    }
    if dead_letters:
        settings["DeadLetterConfig"] = {"TargetArn": dead_letters}
    code = {"ZipFile": _code()}
    made = client("lambda").create_function(
        FunctionName=name, Role=role, Code=code, Runtime="python3.13", Handler="app.handler", **{**settings, **other}
    )
    arn: str = made["FunctionArn"]
    return arn


def log_group(client: Client, function: str, days: int = 90) -> None:
    """Where the function writes, kept for so many days."""
    name = f"/aws/lambda/{function}"
    client("logs").create_log_group(logGroupName=name)
    client("logs").put_retention_policy(logGroupName=name, retentionInDays=days)


def count_failures(client: Client, function: str, domain: str) -> None:
    """Count what the function logs of failed writes in that domain."""
    transformation = {
        "metricName": "WriteFailure",
        "metricNamespace": "BabesClub/Commerce",
        "metricValue": "1",
        "dimensions": {"Domain": "$.domain"},
    }
    client("logs").put_metric_filter(
        logGroupName=f"/aws/lambda/{function}",
        filterName=f"{domain}-write-failure",
        filterPattern=f'{{ $.event = "write_failure" && $.domain = "{domain}" }}',
        metricTransformations=[transformation],
    )


LEVELS = frozenset({"ApproximateNumberOfMessagesVisible", "ConcurrentExecutions"})
"""Metrics that say how much there is, and do not count."""


def put_alarm(client: Client, name: str, **other: Any) -> None:
    """An alarm on the first of the requests that DynamoDB rejects in a minute, or on what else is said."""
    usual = {
        "Namespace": "AWS/DynamoDB",
        "MetricName": "UserErrors",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    client("cloudwatch").put_metric_alarm(**{**usual, "AlarmName": name, **other})


def alarm(  # noqa: PLR0917  the last is seldom another
    client: Client, topic: str, namespace: str, metric: str, dimensions: dict[str, str], threshold: float = 0
) -> None:
    """Tell the topic of the first one, or of what is above the threshold."""
    put_alarm(
        client,
        " ".join([metric, *dimensions.values()]),
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        Statistic="Maximum" if metric in LEVELS else "Sum",
        Threshold=threshold,
        TreatMissingData="notBreaching",
        AlarmActions=[topic],
    )


def table_alarms(client: Client, topic: str, table: str = TABLE) -> None:
    """Tell the topic of throttling, of wrong requests, and of unusually much that is read or written."""
    throttled = [_stat(f"m{at}", f"{way}ThrottleEvents", 60, table) for at, way in enumerate(("Read", "Write"))]
    put = client("cloudwatch").put_metric_alarm
    above: Json = {"ComparisonOperator": "GreaterThanThreshold", "DatapointsToAlarm": 2, "AlarmActions": [topic]}
    put(
        AlarmName=f"{table} throttled",
        Metrics=[*throttled, {"Id": "sum", "Expression": "FILL(m0, 0) + FILL(m1, 0)", "ReturnData": True}],
        Threshold=0,
        EvaluationPeriods=5,
        **above,
    )
    put(
        AlarmName="DynamoDB UserErrors",
        Metrics=[_stat("m0", "UserErrors", 300), {"Id": "sum", "Expression": "FILL(m0, 0)", "ReturnData": True}],
        Threshold=50,
        EvaluationPeriods=3,
        **above,
    )
    for way in ("Read", "Write"):
        band = {"Id": "band", "Expression": "ANOMALY_DETECTION_BAND(m0, 4)", "ReturnData": True}
        put(
            AlarmName=f"{table} unusual {way}",
            Metrics=[{**_stat("m0", f"Consumed{way}CapacityUnits", 300, table), "ReturnData": True}, band],
            ThresholdMetricId="band",
            EvaluationPeriods=3,
            **{**above, "ComparisonOperator": "GreaterThanUpperThreshold"},
        )


def _stat(key: str, metric: str, period: int, table: str = "") -> Json:
    dimensions = [{"Name": "TableName", "Value": table}] if table else []
    named = {"Namespace": "AWS/DynamoDB", "MetricName": metric, "Dimensions": dimensions}
    return {"Id": key, "MetricStat": {"Metric": named, "Period": period, "Stat": "Sum"}, "ReturnData": False}


def _code() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as content:
        content.writestr("app.py", "def handler(event, context): return None\n")
    return archive.getvalue()
