"""How calls and time of a look at the alarms grow with their number, where every call takes 50 ms.

Beside the calls stands the least number that AWS's page size allows, if all else stays as it is where there are few.
One alarm in fifty is on the table; the others are on its neighbours, and go to a hundred topics.
"""

import time
from math import ceil
from typing import Any

from moto import mock_aws
from moto.cloudwatch.models import CloudWatchBackend, cloudwatch_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult

from readiness.rules.alarms_wired import rule
from tests.aws import shop
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.run.world import World

SIZES = (100, 1000, 5000)
CALL = 0.05
PAGE = 100
TOPICS = 100
SERVICES = ("cloudwatch", "dynamodb", "iam", "sns", "sqs")
CHAIN = ("the memory", "a topic", "its subscriptions", "one of them", "the commit", "the outbox", "its subscribers")
"""What has to follow one another besides the pages."""


def main() -> None:
    """A line for each size."""
    CloudWatchResponse.describe_alarms = _page_of_alarms  # type: ignore[method-assign]
    print(f"{'':21}{'':9}{'calls in':>9}{'moto and':>9}")
    print(f"{'alarms':>7}{'calls':>7}{'least':>7}{'seconds':>9}{'a row':>9}{'ours':>9}{'findings':>10}{'UNKNOWN':>9}")
    few = 0
    for size in SIZES:
        with mock_aws():
            world = _crowded(size)
            at_once, calls, _ = _looked(world)
            few = few or calls - ceil(size / PAGE)
            for service in SERVICES:
                world.account.client(service).meta.events.register("before-call", _slow)
            seconds, _, findings = _looked(world)
        unknown = sum(finding.unavailable is not None for finding in findings)
        pages = ceil(size / PAGE)
        print(
            f"{size:>7}{calls:>7}{few + pages:>7}{seconds:>9.2f}{CALL * (pages + len(CHAIN)):>9.2f}{at_once:>9.2f}"
            f"{len(findings):>10}{unknown:>9}",
            flush=True,
        )


def _looked(world: World) -> tuple[float, int, list[Any]]:
    world.account.calls.clear()
    started = time.perf_counter()
    outcome = world.run([rule])
    spent = time.perf_counter() - started
    return spent, len(world.account.calls), [each for asked in outcome.scan.evaluation.asked for each in asked.findings]


def _crowded(size: int) -> World:
    """So many alarms, put into moto itself: its API would take most of the time."""
    world = World()
    world.subscribe()
    shop.table_alarms(world.account.client, world.topic)
    backend: CloudWatchBackend = cloudwatch_backends[ACCOUNT][REGION]
    sns = world.account.client("sns")
    topics = [sns.create_topic(Name=f"team-{number}")["TopicArn"] for number in range(min(TOPICS, size // 10))]
    for number in range(size - len(backend.alarms)):
        table = TABLE if number % 50 == 0 else f"neighbour-{number}"
        topic = world.topic if number % 50 == 0 else topics[number % len(topics)]
        _put(backend, f"alarm-{number}", table, topic)
    return world


def _put(backend: CloudWatchBackend, name: str, table: str, topic: str) -> None:
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
    found = list(response.cloudwatch_backend.describe_alarms())
    page, end = found[start : start + PAGE], start + PAGE
    more = {"NextToken": str(end)} if end < len(found) else {}
    return ActionResult({"MetricAlarms": page, "CompositeAlarms": [], **more})


def _slow(**_event: object) -> None:
    time.sleep(CALL)


if __name__ == "__main__":
    main()
