"""The functions behind the good table, as functions are found: one in order, and others made in a hurry."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from boto3 import Session

STAGING = {"Variables": {"COMMERCE_TABLE": "babesclub-staging"}}


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
    for name, environment in (("babesclub-quote", STAGING), ("babesclub-session", None)):
        role = shop.runtime_role(client, name, lost)
        shop.log_group(client, name)
        shop.function(client, name, role, **({"Environment": environment} if environment else {}))


def allow_everything(session: "Session", function: str) -> None:
    """Somebody could not find out which permission was missing."""
    policy = '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}}'
    session.client("iam").put_role_policy(RoleName=f"{function}-role", PolicyName="just-for-now", PolicyDocument=policy)
