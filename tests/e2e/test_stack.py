"""The whole stack as `sam deploy` makes it, in a local AWS: from the schedule's function to the queue that listens."""

import json
import os
import subprocess
from dataclasses import dataclass
from typing import Any

import botocore.session
import pytest

from tests.conftest import NOWHERE
from tests.e2e.conftest import REGION, ROOT, SAM, TABLE, Built

pytestmark = pytest.mark.slow

STACK = "readiness-test"


@dataclass(frozen=True)
class Deployed:
    """The address of the AWS that the stack runs in, and what the stack put out."""

    address: str
    outputs: dict[str, str]

    def client(self, service: str) -> Any:
        return client(self.address, service)


def client(address: str, service: str) -> Any:
    session = botocore.session.Session()
    session.set_credentials(NOWHERE["AWS_ACCESS_KEY_ID"], NOWHERE["AWS_SECRET_ACCESS_KEY"])
    return session.create_client(service, REGION, endpoint_url=address)


@pytest.fixture(scope="module")
def deployed(built: Built, ministack: str) -> Deployed:
    """Deployed with its defaults, beside a table that meets nothing."""
    client(ministack, "dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
    )
    template = str(built.function.parent / "template.yaml")
    command = [str(SAM), "deploy", "--template", template, "--stack-name", STACK, "--resolve-s3"]
    command += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--parameter-overrides"]
    done = subprocess.run(
        [*command, f"TableName={TABLE}"],
        cwd=ROOT,
        env={**os.environ, **NOWHERE, "AWS_ENDPOINT_URL": ministack, "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (stack,) = client(ministack, "cloudformation").describe_stacks(StackName=STACK)["Stacks"]
    return Deployed(ministack, {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]})


def test_a_deployed_monitor_judges_remembers_and_tells(deployed: Deployed) -> None:
    sqs = deployed.client("sqs")
    queue = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    deployed.client("sns").subscribe(TopicArn=deployed.outputs["TopicArn"], Protocol="sqs", Endpoint=arn)

    answer = deployed.client("lambda").invoke(
        FunctionName=deployed.outputs["MonitorFunction"], Payload=json.dumps({"trigger": "manual"})
    )
    said = json.loads(answer["Payload"].read())

    assert "FunctionError" not in answer, said
    assert (said["tables"][0]["status"], said["tables"][0]["recorded"]) == ("FAIL", True)
    (message,) = sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=5)["Messages"]
    assert "monitoring started" in json.loads(message["Body"])["Subject"]
    keys = [item["PK"]["S"] for item in deployed.client("dynamodb").scan(TableName=TABLE)["Items"]]
    assert keys
    assert all(key.startswith("READINESS#") for key in keys)


def test_the_schedule_runs_the_function_at_the_interval(deployed: Deployed) -> None:
    scheduler = deployed.client("scheduler")
    (listed,) = scheduler.list_schedules()["Schedules"]
    schedule = scheduler.get_schedule(Name=listed["Name"])
    assert schedule["State"] == "ENABLED"
    assert schedule["ScheduleExpression"] == "rate(5 minutes)"
    assert json.loads(schedule["Target"]["Input"])["trigger"] == "schedule"


def test_the_dashboard_draws_the_checklist(deployed: Deployed) -> None:
    deployed.client("lambda").invoke(
        FunctionName=deployed.outputs["MonitorFunction"], Payload=json.dumps({"trigger": "manual"})
    )
    name = deployed.outputs["DashboardName"]
    assert name == f"{STACK}-{REGION}"
    widget, *_ = json.loads(deployed.client("cloudwatch").get_dashboard(DashboardName=name)["DashboardBody"])["widgets"]
    answer = deployed.client("lambda").invoke(FunctionName=widget["properties"]["endpoint"], Payload="{}")
    html = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, html
    assert "1.4 PITR" in html
