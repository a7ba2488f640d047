"""The function as it is deployed, from its first start to its worst day."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.aws import costs, shop
from tests.aws.rows import text_of
from tests.cli.world import tables
from tests.e2e.conftest import ROOT, TABLE, Cloud, Start
from tests.runtime.sandbox import Response

pytestmark = pytest.mark.slow

SCHEDULED = json.loads((ROOT / "events" / "schedule.json").read_text())


def sample(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((ROOT / "events" / name).read_text())
    return event


def table_of(response: Response) -> dict[str, Any]:
    assert response.error is None, response.logs
    (table,) = response.payload["tables"]
    assert isinstance(table, dict)
    return table


def metrics_of(response: Response) -> dict[str, float]:
    """What the run emitted for the table, by name, from the lines in CloudWatch's embedded metric format."""
    documents = [json.loads(line) for line in response.logs.splitlines() if '"_aws"' in line]
    found: dict[str, float] = {}
    for document in documents:
        for directive in document["_aws"]["CloudWatchMetrics"]:
            assert directive["Namespace"] == "Readiness"
            if ["table"] in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    value = document[metric["Name"]]
                    found[metric["Name"]] = value[0] if isinstance(value, list) else value
    return found


def reasons_of(response: Response) -> str:
    """The problems of the monitor, from the field that CloudWatch Logs Insights reads."""
    documents = [json.loads(line) for line in response.logs.splitlines() if '"_aws"' in line]
    return " ".join(document["reasons"] for document in documents if "reasons" in document)


def test_a_cold_run_judges_the_table_and_remembers_it(start: Start, cloud: Cloud) -> None:
    response = start().invoke(SCHEDULED)
    table = table_of(response)
    assert table["table"] == TABLE
    assert table["status"] == "FAIL"
    assert table["recorded"] is True
    (state,) = [row for row in cloud.items() if row["SK"]["S"] == "STATE"]
    assert state["intervalMinutes"]["N"] == "15"
    assert metrics_of(response)["RunCompleted"] == 1
    assert metrics_of(response)["PersistFailed"] == 0


def test_the_functions_behind_the_table_are_judged(start: Start, cloud: Cloud) -> None:
    cloud.client("sns").subscribe(TopicArn=cloud.topic, Protocol="sms", Endpoint="+15550100")
    shop.furnish(cloud.client, cloud.topic)
    costs.furnish(cloud.client, cloud.topic)
    admin = shop.role(cloud.client, "admin", shop.allow(["*"], "*"))
    shop.function(cloud.client, "babesclub-report", admin, Environment={"Variables": {"SECRET": "hunter2"}})
    response = start().invoke(SCHEDULED)
    assert table_of(response)["recorded"] is True
    status = {row["SK"]["S"]: row["status"]["S"] for row in cloud.items() if row["SK"]["S"].startswith("RULE#")}
    assert status["RULE#env-vars-set"] == "FAIL"
    assert status["RULE#iam-least-privilege"] == "FAIL"
    assert status["RULE#dead-letters-kept"] == "PASS"
    assert status["RULE#cost-monitored"] == "PASS"
    assert metrics_of(response)["Unwell"] == 0, reasons_of(response)
    assert "hunter2" not in response.logs + text_of(cloud.items())


def test_an_alert_links_to_the_dashboard_of_the_stack(start: Start, cloud: Cloud) -> None:
    sqs = cloud.client("sqs")
    queue = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    cloud.client("sns").subscribe(TopicArn=cloud.topic, Protocol="sqs", Endpoint=arn)
    start(READINESS_DASHBOARD="readiness-prod-us-east-1").invoke(SCHEDULED)
    (message,) = sqs.receive_message(QueueUrl=queue)["Messages"]
    link = json.loads(json.loads(message["Body"])["Message"])["dashboard"]
    assert link.endswith("/cloudwatch/home?region=us-east-1#dashboards/dashboard/readiness-prod-us-east-1")


def test_a_warm_run_that_finds_nothing_new_has_no_events(start: Start) -> None:
    running = start()
    first = table_of(running.invoke(SCHEDULED))
    second = table_of(running.invoke(SCHEDULED))
    assert second["drifts"] == 0
    assert second["status"] == first["status"]


SAMPLES = sorted(path.name for path in (ROOT / "events").glob("*.json"))


@pytest.mark.parametrize("name", [name for name in SAMPLES if not name.startswith("change-")])
def test_every_sample_event_runs(start: Start, name: str) -> None:
    assert table_of(start().invoke(sample(name)))["recorded"] is True


def test_every_sample_of_a_change_is_answered(start: Start) -> None:
    running = start()
    for name in [name for name in SAMPLES if name.startswith("change-")]:
        response = running.invoke(sample(name))
        assert (response.error, response.payload) == (None, {"batchItemFailures": []}), name


def test_a_change_is_looked_at_at_once_and_again_a_minute_later(start: Start, cloud: Cloud) -> None:
    queue = cloud.client("sqs").create_queue(QueueName="changes")["QueueUrl"]
    running = start(READINESS_CHANGES_URL=queue)
    running.invoke(SCHEDULED)
    response = running.invoke(sample("change-recovery.json"))
    assert response.payload == {"batchItemFailures": []}
    assert metrics_of(response)["RunCompleted"] == 1
    attributes = cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert attributes["ApproximateNumberOfMessagesDelayed"] == "1"


def test_a_change_of_another_table_is_no_run(start: Start, cloud: Cloud) -> None:
    other = json.loads(json.dumps(sample("change-recovery.json")).replace(TABLE, "orders"))
    response = start().invoke(other)
    assert response.payload == {"batchItemFailures": []}
    assert (metrics_of(response), cloud.rows()) == ({}, 0)


@pytest.mark.parametrize(
    ("event", "named"),
    [([], "list"), ("now", "str"), ({"trigger": "lunch"}, "lunch")],
    ids=["a list is no event", "nor is a text", "and a trigger that we do not know is named"],
)
def test_what_is_no_event_is_refused_by_name(start: Start, event: object, named: str, cloud: Cloud) -> None:
    before = cloud.rows()
    response = start().invoke(event)
    assert response.error is not None
    assert named in response.error["errorMessage"]
    assert cloud.rows() == before


def test_a_broken_checklist_is_refused_with_file_key_found_and_expected(start: Start, tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text('[[tables]]\nname = "babesclub-commerce"\npitr = { window_days = 99 }\n')
    response = start(READINESS_CHECKLIST=str(broken)).invoke(SCHEDULED)
    assert response.error is not None
    for part in ("broken.toml", "window_days", "99", "35"):
        assert part in response.error["errorMessage"]


def test_a_missing_table_is_a_failure_that_is_told_and_not_recorded(start: Start) -> None:
    response = start(READINESS_TABLE="babesclub-comerce").invoke(SCHEDULED)
    assert response.error is not None
    assert metrics_of(response)["PersistFailed"] == 1


def test_a_run_short_of_time_still_answers_and_says_that_it_read_nothing(start: Start, tmp_path: Path) -> None:
    """Without a decision on backups one item would fail, for which nothing has to be read."""
    decided = tmp_path / "decided.toml"
    decided.write_text(tables(TABLE))
    response = start(READINESS_CHECKLIST=str(decided)).invoke(SCHEDULED, deadline_ms=19_000)
    table = table_of(response)
    assert table["recorded"] is True
    assert table["status"] == "UNKNOWN"
    assert "mostChecksUnknown" in reasons_of(response)
    assert metrics_of(response)["RunCompleted"] == 1
