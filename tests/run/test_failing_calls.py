"""Whichever call of a run fails, a recorded alert is delivered, and a change is told."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from readiness.model import Reason, Unavailable
from tests.aws.account import TABLE
from tests.run.world import World

OWN = (
    ("dynamodb", "Query"),
    ("dynamodb", "TransactWriteItems"),
    ("dynamodb", "UpdateItem"),
    ("dynamodb", "DeleteItem"),
    ("sns", "Publish"),
    ("sns", "GetTopicAttributes"),
)

# Published, and then it could not be known, or not be written down: at least once is what remains.
TELLS_TWICE = {("sns", "Publish"), ("dynamodb", "DeleteItem")}


def fail_once(world: World, service: str, operation: str, which: int, *, answered: bool) -> None:
    """Let the call of that number fail: not sent, or carried out and its answer lost."""
    numbers = count()
    meta = world.account.client(service).meta
    name = f"{meta.service_model.service_id.hyphenize()}.{operation}"

    def before(**_event: object) -> None:
        if next(numbers) == which:
            raise ConnectTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")

    def after(**_event: object) -> None:
        if next(numbers) == which:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.us-east-1.amazonaws.com")

    if answered:
        meta.events.register(f"after-call.{name}", after)
    else:
        meta.events.register(f"before-call.{name}", before)


@pytest.mark.parametrize("answered", [False, True], ids=["not sent", "answer lost"])
@pytest.mark.parametrize(
    "which",
    [
        pytest.param(0, id="first"),
        pytest.param(1, id="second", marks=pytest.mark.slow),
        pytest.param(2, id="third", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize(("service", "operation"), OWN, ids=[operation for _, operation in OWN])
def test_one_call_that_fails_loses_nothing(
    world: World, service: str, operation: str, which: int, *, answered: bool
) -> None:
    world.run()
    world.heard()
    world.recovery(on=False)
    fail_once(world, service, operation, which, answered=answered)
    for _ in range(4):  # a lease of a run that died ends before the fourth
        world.run()
    told = [message["id"] for message in world.heard() if message["kind"] == "REGRESSED"]
    assert len(set(told)) == 1
    assert len(told) == 1 or (service, operation) in TELLS_TWICE
    assert world.rows("OUTBOX#") == []


def test_a_commit_that_is_never_answered_is_no_run_that_another_overtook(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.run()
    world.heard()
    world.recovery(on=False)
    world.account.fail("dynamodb", "TransactWriteItems", ConnectTimeoutError(endpoint_url="https://aws.example"))
    outcome = world.run()
    assert outcome.unrecorded
    assert outcome.unrecorded.why == Unavailable(Reason.TIMEOUT, "dynamodb:PutItem", "ConnectTimeoutError")
    assert [message["kind"] for message in world.heard()] == ["INCIDENT"]
    assert [line.getMessage() for line in caplog.records] == ["the run could not be recorded"]


@pytest.mark.parametrize("which", [1, 2], ids=["of runs", "of drifts"])
def test_tidying_that_fails_is_no_failure_to_record(world: World, which: int) -> None:
    world.account.client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expiresAt"}
    )
    fail_once(world, "dynamodb", "Query", which, answered=False)
    outcome = world.run()
    assert (outcome.committed, outcome.unrecorded) == (True, None)
    assert [message["kind"] for message in world.heard()] == ["WATCHING"]


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        *OWN,
        ("ssm", "GetParameter"),
        ("ssm", "PutParameter"),
        ("cloudtrail", "LookupEvents"),
        ("cloudwatch", "DescribeAlarms"),
    ],
    ids=lambda name: name,
)
def test_an_answer_without_members_ends_no_run_and_loses_nothing(world: World, service: str, operation: str) -> None:
    empty = [True]

    def without_members(answer: dict[str, Any]) -> None:
        if empty:
            answer.clear()

    world.account.alter(service, operation, without_members)
    world.recovery(on=False)
    world.run(alarm="persist")
    empty.clear()
    world.run(alarm="persist")
    told = [message for message in world.heard() if message["kind"] == "WATCHING"]
    assert len(told) == 1
    assert told[0]["severity"] == "CRITICAL"
    assert world.rows("OUTBOX#") == []


def test_a_message_that_was_sent_and_could_not_be_deleted_is_not_called_waiting(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.run()
    world.heard()
    world.recovery(on=False)
    denied = [True]
    world.account.refuse_while(denied, "dynamodb", "DeleteItem", "AccessDeniedException")
    outcome = world.run()
    assert outcome.plan is not None
    assert outcome.plan.change.message is not None
    message = outcome.plan.change.message.id
    assert [each["id"] for each in world.heard()] == [message]
    assert (outcome.pending, outcome.delivery.result(message)) == (1, "sent, not deleted")
    said = "a message was sent and not deleted, a later run sends it again"
    assert [vars(each)["alert"] for each in caplog.records if each.getMessage() == said] == [message]

    denied.clear()
    world.now += timedelta(hours=1)
    assert world.run().pending == 0


def test_a_topic_that_does_not_say_who_listens_is_told_all_the_same(deaf: World) -> None:
    deaf.account.alter("sns", "GetTopicAttributes", dict.clear)
    assert (deaf.run().pending, deaf.rows("OUTBOX#")) == (0, [])
