"""The functions that use the good table: one that meets the checklist, and others that do not."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3 import Session

STAGING = {"Variables": {"COMMERCE_TABLE": "babesclub-staging"}}
HURRIED = {"babesclub-quote": STAGING, "babesclub-session": None}
WIDE = "just-for-now"


def furnish(session: "Session", shop: Any, topic: str) -> None:
    """Create the functions with `shop`, the tests' helper for compliant resources. Alarms notify the topic."""
    client = session.client
    shop.furnish(client, topic)
    allow_everything(session, "babesclub-cart")
    lost = shop.dead_letters(client, "babesclub-checkout-dead-letters")
    session.client("lambda").update_function_configuration(
        FunctionName="babesclub-checkout", DeadLetterConfig={"TargetArn": lost}
    )
    queue = session.client("sqs").get_queue_url(QueueName=lost.rpartition(":")[2])["QueueUrl"]
    session.client("sqs").delete_queue(QueueUrl=queue)
    for name, environment in HURRIED.items():
        role = shop.runtime_role(client, name, lost)
        shop.log_group(client, name)
        shop.function(client, name, role, **({"Environment": environment} if environment else {}))


def mend(session: "Session", shop: Any) -> None:
    """Correct the functions: remove what is not needed, and add a dead-letter queue."""
    for name in shop.FUNCTIONS:
        with suppress(session.client("iam").exceptions.NoSuchEntityException):
            session.client("iam").delete_role_policy(RoleName=f"{name}-role", PolicyName=WIDE)
    sqs = session.client("sqs")
    kept = sqs.get_queue_url(QueueName="babesclub-dead-letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=kept, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    session.client("lambda").update_function_configuration(
        FunctionName="babesclub-checkout", DeadLetterConfig={"TargetArn": arn}
    )
    for name in HURRIED:
        session.client("lambda").delete_function(FunctionName=name)
        session.client("iam").delete_role_policy(RoleName=f"{name}-role", PolicyName="runtime")
        session.client("iam").delete_role(RoleName=f"{name}-role")


def allow_everything(session: "Session", function: str) -> None:
    """Allow the function's role all DynamoDB actions."""
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}'
    session.client("iam").put_role_policy(RoleName=f"{function}-role", PolicyName=WIDE, PolicyDocument=policy)
