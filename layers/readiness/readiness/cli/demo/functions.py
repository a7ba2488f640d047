"""The functions that use the good table: one that meets the checklist, and others that do not."""

from contextlib import suppress
from typing import TYPE_CHECKING

from readiness.cli.demo.account import helper

if TYPE_CHECKING:
    from boto3 import Session

STAGING = {"Variables": {"COMMERCE_TABLE": "babesclub-staging"}}
FAILING = {"babesclub-quote": STAGING, "babesclub-session": None}
WIDE = "just-for-now"


def furnish(session: "Session", topic: str) -> None:
    """Create the functions, and alarms that notify the topic."""
    shop, client = helper("shop"), session.client
    shop.furnish(client, topic)
    allow_everything(session, "babesclub-cart")
    deleted = shop.dead_letters(client, "babesclub-checkout-dead-letters")
    _send_failures(session, deleted)
    queue = client("sqs").get_queue_url(QueueName=deleted.rpartition(":")[2])["QueueUrl"]
    client("sqs").delete_queue(QueueUrl=queue)
    for name, environment in FAILING.items():
        role = shop.runtime_role(client, name, deleted)
        shop.log_group(client, name)
        shop.function(client, name, role, **({"Environment": environment} if environment else {}))


def correct(session: "Session") -> None:
    """Correct the functions: remove what is not needed, and add a dead-letter queue."""
    shop, iam = helper("shop"), session.client("iam")
    for name in shop.FUNCTIONS:
        with suppress(iam.exceptions.NoSuchEntityException):
            iam.delete_role_policy(RoleName=f"{name}-role", PolicyName=WIDE)
    _send_failures(session, shop.dead_letters(session.client))
    for name in FAILING:
        session.client("lambda").delete_function(FunctionName=name)
        iam.delete_role_policy(RoleName=f"{name}-role", PolicyName="runtime")
        iam.delete_role(RoleName=f"{name}-role")


def allow_everything(session: "Session", function: str) -> None:
    """Allow the function's role all DynamoDB actions."""
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}'
    session.client("iam").put_role_policy(RoleName=f"{function}-role", PolicyName=WIDE, PolicyDocument=policy)


def _send_failures(session: "Session", queue: str) -> None:
    session.client("lambda").update_function_configuration(
        FunctionName="babesclub-checkout", DeadLetterConfig={"TargetArn": queue}
    )
