"""Abilities of the monitor that need a permission besides those to read facts."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from readiness.state.store import Parameters
from tests.aws.account import ACCOUNT, REGION, TABLE, good_table
from tests.changes.function import Function
from tests.changes.trail import recovery
from tests.run.world import World

Grant = tuple[str, str]
"""A statement of the role by its Sid, and an action of it."""

ITEM_OPERATIONS = ("DeleteItem", "GetItem", "PutItem", "Query", "TransactWriteItems", "UpdateItem")
MEMBERS = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Delete": "dynamodb:DeleteItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}
"""Members of a transaction, and the IAM actions that authorize them: a transaction has no action of its own.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
"""


@dataclass(frozen=True)
class Ability:
    """An ability, and a function that returns True if the monitor has it in an account."""

    what: str
    shown: Callable[[World], bool]


def deny(world: World, action: str) -> None:
    """Refuse every call that the action authorizes."""
    service, _, operation = action.partition(":")
    if service != "dynamodb":
        world.account.refuse(service, operation, "AccessDeniedException")
        return

    def before(model: Any, params: dict[str, Any], **_event: object) -> tuple[AWSResponse, dict[str, Any]] | None:
        if action not in authorizing(model.name, params["body"]):
            return None
        error = {"Error": {"Code": "AccessDeniedException", "Message": "denied"}}
        return AWSResponse("", 400, HTTPHeaders(), None), {"ResponseMetadata": {"HTTPStatusCode": 400}} | error

    for name in ITEM_OPERATIONS:
        world.account.client("dynamodb").meta.events.register(f"before-call.dynamodb.{name}", before)


def authorizing(operation: str, body: bytes) -> set[str]:
    """The IAM actions that a call on items needs."""
    if operation != "TransactWriteItems":
        return {f"dynamodb:{operation}"}
    return {action for member, action in MEMBERS.items() if f'"{member}":'.encode() in body}


def _remembers(world: World) -> bool:
    return world.run().unrecorded is None


def _records(world: World) -> bool:
    return world.run().committed


def _tells(world: World) -> bool:
    world.run()
    return bool(world.heard())


def _tells_once(world: World) -> bool:
    world.run()
    world.heard()
    return not world.rows("OUTBOX#")


def _knows_the_table_again(world: World) -> bool:
    world.run()
    name = Parameters(world.account.client("ssm"), ACCOUNT, REGION, TABLE).table_id_name
    parameters = world.account.client("ssm").get_parameters(Names=[name])["Parameters"]
    return bool(parameters)


def _tells_of_a_replaced_table(world: World) -> bool:
    world.run()
    world.heard()
    world.delete_table()
    good_table(world.account)
    world.run()
    return any("was replaced" in message["subject"] for message in world.heard())


def _discards_what_a_restore_brought_back(world: World) -> bool:
    refused = [True]
    world.account.refuse_while(refused, "sns", "Publish", "AuthorizationErrorException")
    world.run()
    items = world.rows("OUTBOX#")
    world.delete_table()
    good_table(world.account)
    world.run()
    for item in items:
        world.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    refused.clear()
    world.run()
    keys = {item["SK"]["S"] for item in items}
    assert keys, "a message waited"
    return not keys & {item["SK"]["S"] for item in world.rows("OUTBOX#")}


def _sees_who_is_subscribed(world: World) -> bool:
    sns = world.account.client("sns")
    for each in sns.list_subscriptions_by_topic(TopicArn=world.topic)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    return world.run().pending == 1


def _asks_for_a_second_run(world: World) -> bool:
    function = Function(world)
    world.run()
    try:
        function.tell(recovery(on=False, **function.stamp()))
    except world.account.client("sqs").exceptions.ClientError:
        return False
    return bool(function.put_off())


CALLED: Mapping[Grant, Ability] = {
    ("OwnRows", "dynamodb:Query"): Ability("read what it remembers", _remembers),
    ("OwnRows", "dynamodb:PutItem"): Ability("record a run", _records),
    ("OwnRows", "dynamodb:UpdateItem"): Ability("claim a message, and send it", _tells),
    ("OwnRows", "dynamodb:DeleteItem"): Ability("remove a message that was sent", _tells_once),
    ("OwnRows", "dynamodb:ConditionCheckItem"): Ability(
        "discard messages that a restore brought back", _discards_what_a_restore_brought_back
    ),
    ("OwnParameters", "ssm:GetParameter"): Ability(
        "verify its rows, and tell a replaced table", _tells_of_a_replaced_table
    ),
    ("OwnParameters", "ssm:PutParameter"): Ability(
        "make the signing key, and keep the id of the table outside it", _knows_the_table_again
    ),
    ("Notify", "sns:Publish"): Ability("send alerts", _tells),
    ("Notify", "sns:GetTopicAttributes"): Ability("keep alerts until somebody is subscribed", _sees_who_is_subscribed),
    ("Changes", "sqs:SendMessage"): Ability("run again once a change shows", _asks_for_a_second_run),
}
"""By the calls of the code: each is tried with and without the permission."""

BY_SERVICES: Mapping[Grant, str] = {
    ("Failures", "sqs:SendMessage"): "Lambda keeps the event of a failed run in the dead-letter queue",
    ("Changes", "sqs:DeleteMessage"): "Lambda takes change events from the queue",
    ("Changes", "sqs:ReceiveMessage"): "Lambda takes change events from the queue",
    ("Log", "logs:CreateLogStream"): "Lambda writes logs and metrics",
    ("Log", "logs:PutLogEvents"): "Lambda writes logs and metrics",
    ("TopicKey", "kms:Decrypt"): "SNS encrypts alerts on the stack's topic",
    ("TopicKey", "kms:GenerateDataKey*"): "SNS encrypts alerts on the stack's topic",
    ("ExistingTopicKey", "kms:Decrypt"): "SNS encrypts alerts on an existing topic",
    ("ExistingTopicKey", "kms:GenerateDataKey*"): "SNS encrypts alerts on an existing topic",
    ("TableKey", "kms:Decrypt"): "DynamoDB decrypts the rows of a table with a customer managed key",
    ("Traces", "xray:PutTelemetryRecords"): "Lambda sends traces to X-Ray",
    ("Traces", "xray:PutTraceSegments"): "Lambda sends traces to X-Ray",
}
"""By what AWS services do with the role's permissions, which no emulator checks.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
https://docs.aws.amazon.com/lambda/latest/dg/services-xray.html
"""


def named() -> Iterator[tuple[str, str, str]]:
    """Each of these permissions with what the monitor cannot do without it."""
    for (sid, action), ability in sorted(CALLED.items()):
        yield action, sid, f"cannot {ability.what}"
    for (sid, action), what in sorted(BY_SERVICES.items()):
        yield action, sid, f"not: {what}"
