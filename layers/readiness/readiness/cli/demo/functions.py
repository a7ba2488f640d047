"""The functions behind the good table, as functions are found: one in order, and others made in a hurry."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3 import Session

STAGING = {"Variables": {"COMMERCE_TABLE": "babesclub-staging"}}
HURRIED = {"babesclub-quote": STAGING, "babesclub-session": None}
WIDE = "just-for-now"


def furnish(session: "Session", shop: Any, topic: str) -> None:
    """Make them with `shop`, which is how the tests make what every rule wants; alarms go to the topic."""
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
    """Put all of that in order: what is left over goes, and failed events wait somewhere."""
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
    """Somebody could not find out which permission was missing."""
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}'
    session.client("iam").put_role_policy(RoleName=f"{function}-role", PolicyName=WIDE, PolicyDocument=policy)
