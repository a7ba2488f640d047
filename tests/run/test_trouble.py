"""The table itself is the trouble: it is gone, another, or can't be written."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from readiness.model import Status
from readiness.state.people import Owner, Waiver
from readiness.state.store import words
from tests.aws.account import ACCOUNT, TABLE, good_table
from tests.run.world import World

REGION = "us-east-1"
PARAMETER = f"/readiness/{ACCOUNT}/{REGION}/{TABLE}/table-id"


def test_a_deleted_table_fails_every_check_and_pages_with_the_worst_severity(world: World) -> None:
    world.run()
    world.heard()
    world.delete_table()
    outcome = world.run()
    assert outcome.unrecorded is not None
    statuses = {finding.status for asked in outcome.scan.evaluation.asked for finding in asked.findings}
    assert statuses == {Status.FAIL}
    (message,) = world.heard()
    assert message["subject"] == f"[CRITICAL] {TABLE}: this table was deleted"
    assert set(message["trouble"]) >= {"what", "table_id_before"}


def test_what_can_not_be_recorded_is_said_once_in_an_execution_environment(world: World) -> None:
    world.run()
    world.delete_table()
    world.run()
    world.heard()
    world.run()
    assert world.heard() == []


def test_what_can_not_be_recorded_is_not_said_while_the_alarm_says_it(world: World) -> None:
    cloudwatch = world.account.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="persist",
        Namespace="Readiness",
        MetricName="PersistFailed",
        Statistic="Maximum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
    )
    cloudwatch.set_alarm_state(AlarmName="persist", StateValue="ALARM", StateReason="test")
    world.run()
    world.heard()
    world.delete_table()
    assert world.run(alarm="persist").unrecorded is not None
    assert world.heard() == []


def test_a_name_that_no_table_ever_had_is_said_to_be_just_that(world: World) -> None:
    world.delete_table()
    outcome = world.run()
    assert outcome.unrecorded is not None
    (message,) = world.heard()
    assert "check the name" in message["trouble"]["detail"]


def test_throttled_writes_are_left_to_the_alarm(world: World) -> None:
    world.run()
    world.heard()
    world.account.refuse("dynamodb", "Query", "ProvisionedThroughputExceededException")
    assert world.run().unrecorded is not None
    assert world.heard() == []


@pytest.mark.parametrize("operation", ["Query", "TransactWriteItems"])
def test_a_denied_store_is_said_directly_and_names_the_permission(world: World, operation: str) -> None:
    world.run()
    world.heard()
    world.account.refuse("dynamodb", operation, "AccessDeniedException")
    assert world.run().unrecorded is not None
    (message,) = world.heard()
    assert "dynamodb:" in message["trouble"]["detail"]
    assert message["severity"] == "HIGH"


def test_a_table_whose_key_is_out_of_reach_is_said_to_be_unusable_and_by_what(world: World) -> None:
    world.run()
    world.heard()
    world.account.alter(
        "dynamodb",
        "DescribeTable",
        lambda answer: answer["Table"].update(TableStatus="INACCESSIBLE_ENCRYPTION_CREDENTIALS"),
    )
    for operation in ("Query", "TransactWriteItems"):
        world.account.refuse("dynamodb", operation, "AccessDeniedException")
    assert world.run().unrecorded is not None
    (message,) = world.heard()
    assert message["subject"] == f"[CRITICAL] {TABLE}: this table cannot be read or written"
    assert message["trouble"]["detail"].startswith("the KMS key is inaccessible")
    assert "dynamodb:" in message["trouble"]["detail"]
    assert message["severity"] == "CRITICAL"


def test_a_replaced_table_is_an_incident_and_never_a_cheerful_first_run(world: World) -> None:
    former = world.run().table_id
    world.heard()
    world.delete_table()
    good_table(world.account)
    outcome = world.run()
    (message,) = world.heard()
    assert message["subject"] == f"[CRITICAL] {TABLE}: this table was replaced by another table of the same name"
    assert message["trouble"]["table_id_before"] == former
    kept = world.account.client("ssm").get_parameter(Name=PARAMETER)["Parameter"]["Value"]
    assert kept == f"{outcome.table_id} signed"
    assert outcome.table_id != former
    world.run()
    assert world.heard() == []


def test_of_a_replaced_table_waivers_are_void_and_owners_stay(world: World) -> None:
    former = world.run().table_id
    assert former is not None
    said: dict[str, Any] = {"by": "maria", "at": datetime.now(UTC), "table_id": former}
    rows = world.store.rows
    words.say(rows, Owner(rule="pitr-enabled", owner="platform", **said))
    words.say(rows, Waiver(check="pitr-enabled/on", reason="moving", until=world.now + timedelta(days=9), **said))
    items = world.rows()
    world.delete_table()
    good_table(world.account)
    for item in items:  # a restore brings our rows back
        world.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    world.heard()
    world.recovery(on=False)
    outcome = world.run()
    (message,) = world.heard()
    assert message["trouble"]["what"] == "TABLE_REPLACED"
    assert outcome.plan is not None
    (record,) = [record for record in outcome.plan.change.rules if record.rule == "pitr-enabled"]
    assert record.owner == "platform"
    assert record.waivers == []


def test_memory_that_was_deleted_is_said_to_be(world: World) -> None:
    world.run()
    world.heard()
    for item in world.rows():
        world.account.client("dynamodb").delete_item(TableName=TABLE, Key={"PK": item["PK"], "SK": item["SK"]})
    world.run()
    (message,) = world.heard()
    assert message["trouble"]["what"] == "MEMORY_DELETED"
    assert message["severity"] == "HIGH"


def test_messages_about_a_former_table_are_not_sent(deaf: World) -> None:
    deaf.run()
    items = deaf.rows()
    deaf.delete_table()
    good_table(deaf.account)
    for item in items:
        deaf.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    deaf.subscribe()
    deaf.run()
    assert [message["kind"] for message in deaf.heard()] == ["INCIDENT"]
