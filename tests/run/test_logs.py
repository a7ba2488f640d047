"""The log lines of a run: one that sums it up, and one for each failure that ends nothing."""

import logging
import time
from typing import Any

import pytest

from readiness.alerts.topic import AlertTopic
from readiness.run import Deployment, Run, Trigger, emit
from tests.aws.account import TABLE
from tests.run.world import TABLE_RULES, World

FIELDS = (
    "trigger",
    "run_id",
    "table",
    "recorded",
    "statuses",
    "calls",
    "seconds",
    "transitions",
    "alert",
    "delivery",
    "pending",
    "unwell",
)


@pytest.fixture
def logs(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "readiness")
    return caplog


def fields(record: logging.LogRecord) -> dict[str, Any]:
    return vars(record)


def ran(world: World) -> None:
    """A run as the function makes it."""
    run = Run(
        rules=TABLE_RULES,
        aws=world.account.aws,
        settings=world.settings,
        trigger=Trigger("schedule", "request-1"),
        deployment=Deployment("", AlertTopic(world.account.client("sns"), world.topic)),
        clock=lambda: world.now,
    )
    for outcome in run.run():
        emit(run, outcome)


def warnings(logs: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in logs.records if record.levelno == logging.WARNING]


def test_one_line_sums_a_run_up(world: World, logs: pytest.LogCaptureFixture) -> None:
    world.run()
    version = world.store.read().version
    world.recovery(on=False)
    logs.clear()
    began = time.monotonic()
    ran(world)
    took = time.monotonic() - began
    (record,) = logs.records
    assert record.levelno == logging.INFO
    line = {name: fields(record)[name] for name in FIELDS}
    assert (line["trigger"], line["run_id"], line["table"]) == ("schedule", "request-1", TABLE)
    assert line["recorded"] is True
    assert line["statuses"] == {"FAIL": 1, "PASS": 3}
    assert "pitr-enabled/on REGRESSED" in line["transitions"]
    assert line["alert"] == f"{world.table_id}/{version + 1}"
    assert (line["delivery"], line["pending"], line["unwell"]) == ("sent", 0, {})
    assert line["calls"] > 0
    assert 0 < line["seconds"] <= took + 0.01


def test_an_unchanged_run_logs_that_it_has_no_alert(world: World, logs: pytest.LogCaptureFixture) -> None:
    world.run()
    logs.clear()
    ran(world)
    (record,) = logs.records
    line = {name: fields(record)[name] for name in FIELDS}
    assert (line["transitions"], line["alert"], line["delivery"], line["pending"]) == ([], None, None, 0)


def test_a_refused_message_is_logged_with_what_aws_said(world: World, logs: pytest.LogCaptureFixture) -> None:
    world.account.refuse("sns", "Publish", "ThrottledException")
    ran(world)
    (warning,) = warnings(logs)
    assert warning.getMessage() == "SNS refused a message"
    said = {name: fields(warning)[name] for name in ("error", "operation", "request_id")}
    assert (said["error"], said["operation"]) == ("ThrottledException", "Publish")
    (line,) = [record for record in logs.records if record.getMessage() == "run"]
    assert (fields(line)["delivery"], fields(line)["pending"]) == ("refused", 1)
    assert fields(line)["unwell"] == {"messagesWaiting": 1}


def test_a_table_that_can_not_be_written_is_logged_with_what_aws_said(
    world: World, logs: pytest.LogCaptureFixture
) -> None:
    world.account.refuse("dynamodb", "TransactWriteItems", "AccessDeniedException")
    ran(world)
    (warning,) = warnings(logs)
    assert (fields(warning)["error"], fields(warning)["operation"]) == ("AccessDeniedException", "TransactWriteItems")
    (line,) = [record for record in logs.records if record.getMessage() == "run"]
    assert (fields(line)["recorded"], fields(line)["statuses"]) == (False, {})


@pytest.mark.parametrize(
    ("service", "operation"),
    [
        pytest.param("ssm", "GetParameter", id="the former TableId"),
        pytest.param("ssm", "PutParameter", id="the new TableId"),
        pytest.param("sns", "GetTopicAttributes", id="who is subscribed"),
    ],
)
def test_a_call_that_fails_and_ends_nothing_is_logged(
    world: World, logs: pytest.LogCaptureFixture, service: str, operation: str
) -> None:
    world.account.refuse(service, operation, "AccessDeniedException")
    ran(world)
    refused = [record for record in warnings(logs) if fields(record)["operation"] == operation]
    assert {fields(record)["error"] for record in refused} == {"AccessDeniedException"}


def test_cloudtrail_that_can_not_be_asked_is_logged(world: World, logs: pytest.LogCaptureFixture) -> None:
    world.run()
    world.recovery(on=False)
    world.account.refuse("cloudtrail", "LookupEvents", "AccessDeniedException")
    ran(world)
    (warning,) = warnings(logs)
    assert (fields(warning)["error"], fields(warning)["operation"]) == ("AccessDeniedException", "LookupEvents")
