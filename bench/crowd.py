"""An account with many resources: `python -m bench.crowd FUNCTIONS IN_SCOPE ALARMS GROUPS`.

Each function has a role of its own; log groups and most alarms are of others. Prints its endpoint once it is furnished,
and ends when its input does.
"""

import json
import logging
import sys
from collections.abc import Sequence
from typing import Any

import boto3
from moto import mock_aws
from moto.awslambda.responses import LambdaResponse
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from moto.iam.responses import IamResponse
from moto.logs.models import logs_backends
from moto.server import ThreadedMotoServer

from tests.aws import shop
from tests.aws.account import ACCOUNT, REGION, TABLE, make_table
from tests.aws.completed import complete

SERVICES = ("cloudwatch", "dynamodb", "iam", "lambda", "logs", "sns", "sqs")
FUNCTIONS_A_PAGE = 50
ALARMS_A_PAGE = 100
TOPICS = 100
"""The topics of other teams, which alarms are sent to."""

STATEMENTS = 10
"""Of the policy of a role that has nothing to do with the table."""


def main(functions: int, in_scope: int, alarms: int, groups: int) -> None:
    """Furnish it without a server in between, which would take most of the time."""
    complete()
    LambdaResponse.list_functions = _page_of_functions  # type: ignore[assignment,method-assign]
    CloudWatchResponse.describe_alarms = _page_of_alarms  # type: ignore[assignment,method-assign]
    IamResponse.get_account_authorization_details = _page_of_details  # type: ignore[assignment,method-assign]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with mock_aws():
        furnish(functions, in_scope)
        put_alarms(alarms)
        for number in range(groups):
            logs_backends[ACCOUNT][REGION].create_log_group(f"/aws/lambda/service-{number}", {})
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        _, port = server.get_host_and_port()
        print(f"http://127.0.0.1:{port}", flush=True)
        sys.stdin.read()
        server.stop()


def furnish(functions: int, in_scope: int) -> None:
    """Every function has a role of its own; those in scope work on the table, the others elsewhere."""
    session: Any = boto3.Session()
    clients = {service: session.client(service) for service in SERVICES}
    client = clients.__getitem__
    make_table(client("dynamodb"))
    topic = client("sns").create_topic(Name="on-call")["TopicArn"]
    shop.furnish(client, topic)
    queue = client("sqs").get_queue_url(QueueName="babesclub-dead-letters")["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    for number in range(len(shop.FUNCTIONS), in_scope):
        name = f"babesclub-cart-{number}"
        shop.function(client, name, shop.runtime_role(client, name, arn), dead_letters=arn)
        shop.log_group(client, name)
    for number in range(in_scope, functions):
        name = f"service-{number}"
        shop.function(client, name, _elsewhere(client, name), Environment={"Variables": {"NAME": name}})


def put_alarms(number: int) -> None:
    """Put alarms into moto itself: its API would take most of the time. One in fifty is on the table."""
    backend: CloudWatchBackend = cloudwatch_backends[ACCOUNT][REGION]
    sns: Any = boto3.client("sns")
    topics = [sns.create_topic(Name=f"team-{each}")["TopicArn"] for each in range(min(TOPICS, number // 10))]
    for each in range(number - len(backend.alarms)):
        table = TABLE if each % 50 == 0 else f"neighbour-{each}"
        _put_alarm(backend, f"alarm-{each}", table, topics[each % len(topics)])


def _put_alarm(backend: CloudWatchBackend, name: str, table: str, topic: str) -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        (
            "datapoints_to_alarm", "extended_statistic", "ok_actions", "insufficient_data_actions", "unit",
            "treat_missing_data", "evaluate_low_sample_count_percentile", "threshold_metric_id", "rule",
            "metric_data_queries", "description",
        )
    )  # fmt: skip
    backend.put_metric_alarm(
        name=name,
        namespace="AWS/DynamoDB",
        metric_name="ReadThrottleEvents",
        dimensions=[{"Name": "TableName", "Value": table}],
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        period=60,
        threshold=0,
        statistic="Sum",
        alarm_actions=[topic],
        actions_enabled=True,
        tags=[],
        **nothing,
    )


def _page_of_alarms(response: Any) -> ActionResult:
    """As AWS does, which gives 100 at the most: moto gives all at once.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
    """
    start = int(response._get_param("NextToken", 0))  # noqa: SLF001  moto has no other way to it
    page, following = _page(list(response.cloudwatch_backend.describe_alarms()), start, ALARMS_A_PAGE)
    more = {"NextToken": following} if following else {}
    return ActionResult({"MetricAlarms": page, "CompositeAlarms": [], **more})


def _elsewhere(client: shop.Client, name: str) -> str:
    """A role with as many statements as real ones have, about other tables, queues and buckets."""
    statements = [
        shop.allow(
            ["dynamodb:GetItem", "dynamodb:Query", "sqs:SendMessage", "s3:Get*"],
            f"arn:aws:dynamodb:us-east-1:123456789012:table/{name}-{number}",
            f"arn:aws:s3:::{name}-{number}/*",
            Condition={"StringEquals": {"aws:SourceVpce": f"vpce-{number:017}"}},
        )
        for number in range(STATEMENTS)
    ]
    return shop.role(client, f"{name}-role", *statements)


def _page_of_functions(response: Any) -> str:
    """As AWS does, which returns "a maximum of 50 items in each response": moto gives all at once.

    https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
    """
    marker = int(response.querystring.get("Marker", ["0"])[0])
    found = response.backend.list_functions(None)
    page, following = _page(found, marker, FUNCTIONS_A_PAGE)
    answer = {"Functions": [function.get_configuration() for function in page]}
    return json.dumps({**answer, "NextMarker": following} if following else answer)


def _page_of_details(response: Any) -> ActionResult:
    """As AWS does, where roles and policies share a page: moto gives all at once.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
    """
    details = response.backend.get_account_authorization_details(response._get_param("Filter", []))  # noqa: SLF001  moto has no other way to it
    marker, size = int(response._get_param("Marker", 0)), int(response._get_param("MaxItems", 100))  # noqa: SLF001  likewise
    page, following = _page(list(details["roles"]), marker, size)
    more = {"IsTruncated": True, "Marker": following} if following else {"IsTruncated": False}
    return ActionResult({"RoleDetailList": page, **more})


def _page(elements: Sequence[Any], start: int, size: int) -> tuple[Sequence[Any], str]:
    """Some of them, and where the next page begins; empty where there is none."""
    end = start + size
    return elements[start:end], str(end) if end < len(elements) else ""


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
