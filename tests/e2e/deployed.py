"""The stack as `sam deploy` makes it in ministack, and what is done to it from outside."""

import base64
import json
import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import botocore.session

from tests.conftest import NOWHERE
from tests.e2e.conftest import REGION, ROOT, SAM, TABLE

STACK = "readiness-test"
THEIRS = [
    {"PK": {"S": "CART#1"}, "SK": {"S": "STATE"}, "total": {"N": "5"}},
    {"PK": {"S": "ORDER#7"}, "SK": {"S": "LINE#1"}, "sku": {"S": "onesie"}},
]
"""The items of the application."""


@dataclass(frozen=True)
class Deployed:
    """The address of the AWS that the stack runs in, and the outputs of the stack."""

    address: str
    outputs: dict[str, str]

    def client(self, service: str) -> Any:
        return client(self.address, service)

    def listen(self, name: str) -> str:
        """Subscribe a new queue to the alerts. Its URL."""
        sqs = self.client("sqs")
        queue: str = sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.client("sns").subscribe(TopicArn=self.outputs["TopicArn"], Protocol="sqs", Endpoint=arn)
        return queue

    def received(self, queue: str, seconds: int = 0) -> dict[str, Any] | None:
        """The next alert in the queue, as SNS wraps it; None if there is none within that time."""
        sqs, end = self.client("sqs"), time.monotonic() + seconds
        while True:
            wait = max(0, min(20, round(end - time.monotonic())))
            for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=wait).get("Messages", ()):
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                envelope: dict[str, Any] = json.loads(message["Body"])
                return envelope
            if time.monotonic() >= end:
                return None

    def run(self) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Run the monitor once. What it answers for the table, and the EMF documents that it prints."""
        answer = self.client("lambda").invoke(
            FunctionName=self.outputs["MonitorFunction"], LogType="Tail", Payload=json.dumps({"trigger": "manual"})
        )
        said = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        (table,) = said["tables"]
        lines = base64.b64decode(answer["LogResult"]).decode(errors="replace").splitlines()
        return table, [json.loads(line) for line in lines if line.startswith("{") and '"_aws"' in line]

    def set_recovery(self, *, enabled: bool) -> None:
        """Turn PITR of the table on or off."""
        self.client("dynamodb").update_continuous_backups(
            TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": enabled}
        )

    def set_expiry(self, *, enabled: bool) -> None:
        """Turn TTL of the table on or off."""
        self.client("dynamodb").update_time_to_live(
            TableName=TABLE, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": "expiresAt"}
        )

    def items(self) -> dict[tuple[str, str], dict[str, Any]]:
        """All items of the table by key."""
        pages = self.client("dynamodb").get_paginator("scan").paginate(TableName=TABLE)
        return {(item["PK"]["S"], item["SK"]["S"]): item for page in pages for item in page["Items"]}

    def rows(self) -> dict[str, dict[str, Any]]:
        """The items of the monitor by sort key."""
        return {sort_key: item for (key, sort_key), item in self.items().items() if key.startswith("READINESS#")}

    def theirs(self) -> list[dict[str, Any]]:
        """The items of the application."""
        return [item for (key, _), item in sorted(self.items().items()) if not key.startswith("READINESS#")]

    def parameter(self, name: str) -> dict[str, Any] | None:
        """A parameter of SSM, decrypted; None if it does not exist."""
        ssm = self.client("ssm")
        try:
            found: dict[str, Any] = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        except ssm.exceptions.ParameterNotFound:
            return None
        return found

    def stack(self) -> dict[str, Any] | None:
        """The stack as CloudFormation describes it; None if there is none of its name that is not deleted."""
        pages = self.client("cloudformation").get_paginator("describe_stacks").paginate()
        found = [stack for page in pages for stack in page["Stacks"] if stack["StackName"] == STACK]
        return next((stack for stack in found if stack["StackStatus"] != "DELETE_COMPLETE"), None)


def problems(documents: list[dict[str, Any]]) -> str:
    """The problems of the monitor that its metrics tell of; empty if `Unwell` is 0."""
    (unwell,) = [document for document in documents if "Unwell" in document]
    return "" if unwell["Unwell"] in (0, [0]) else str(unwell["reasons"])


def client(address: str, service: str) -> Any:
    session = botocore.session.Session()
    session.set_credentials(NOWHERE["AWS_ACCESS_KEY_ID"], NOWHERE["AWS_SECRET_ACCESS_KEY"])
    return session.create_client(service, REGION, endpoint_url=address)


def create_table(address: str) -> None:
    """The table with the items of the application, PITR and TTL."""
    dynamodb = client(address, "dynamodb")
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}, {"AttributeName": "SK", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
    )
    for item in THEIRS:
        dynamodb.put_item(TableName=TABLE, Item=item)
    table = Deployed(address, {})
    table.set_recovery(enabled=True)
    table.set_expiry(enabled=True)


def deploy(address: str, built: Path, **parameters: str) -> Deployed:
    """`sam deploy` of a built template; a stack that is there is updated in place."""
    command = [str(SAM), "deploy", "--template", str(built / "template.yaml"), "--stack-name", STACK, "--resolve-s3"]
    command += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--parameter-overrides"]
    done = subprocess.run(
        [*command, f"TableName={TABLE}", *(f"{name}={value}" for name, value in parameters.items())],
        cwd=ROOT,
        env={**os.environ, **NOWHERE, "AWS_ENDPOINT_URL": address, "SAM_CLI_TELEMETRY": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    deployed = Deployed(address, {})
    stack = deployed.stack()
    assert stack is not None
    deployed.outputs.update({each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]})
    return deployed
