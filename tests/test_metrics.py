"""What is printed is what CloudWatch will read: the rules of the embedded metric format, and our promise to alarms."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from readiness import metrics
from readiness.metrics import DIMENSIONS, Emitted, completed, emit
from readiness.model import Status

ITEMS = {
    "billing-on-demand": Status.PASS,
    "encryption-kms": Status.NOT_APPLICABLE,
    "ttl-enabled": Status.WARN,
    "pitr-enabled": Status.FAIL,
    "alarms-wired": Status.UNKNOWN,
}
PROBLEMS = {"messagesWaiting": 3, "noSubscribers": 1, "ruleErrors": 0}
FIELDS = {"score": 40.0, "judgedPercent": 80.0, "drifts": 2, "calls": 17, "seconds": 1.25, "statuses": {"FAIL": 1}}
RUN = Emitted("babesclub-commerce", ITEMS, PROBLEMS, FIELDS)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_DEV"):
        monkeypatch.delenv(name, raising=False)


def printed(capsys: pytest.CaptureFixture[str], run: Emitted = RUN) -> list[dict[str, Any]]:
    """The documents of one whole run, heartbeat included."""
    emit(run)
    completed(run.table)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def series(documents: list[dict[str, Any]]) -> dict[tuple[str, frozenset[str]], list[float]]:
    """Values by metric name and set of dimension names."""
    found: dict[tuple[str, frozenset[str]], list[float]] = {}
    for document in documents:
        for directive in document["_aws"]["CloudWatchMetrics"]:
            for dimensions in directive["Dimensions"]:
                for metric in directive["Metrics"]:
                    key = metric["Name"], frozenset(dimensions)
                    found.setdefault(key, []).extend(values(document[metric["Name"]]))
    return found


def values(said: float | list[float]) -> list[float]:
    """A target member is a number, or an array of numbers."""
    return said if isinstance(said, list) else [said]


def table_value(documents: list[dict[str, Any]], name: str) -> float:
    """The one value of a metric of the table."""
    (only,) = series(documents)[name, metrics.TABLE_DIMENSIONS]
    return only


def test_each_line_keeps_to_the_embedded_metric_format(capsys: pytest.CaptureFixture[str]) -> None:
    emit(RUN)
    completed(RUN.table)
    for line in capsys.readouterr().out.splitlines():
        assert len(line.encode()) <= 256 * 1024
        document = json.loads(line)
        now = datetime.now(UTC).timestamp() * 1000
        assert abs(document["_aws"]["Timestamp"] - now) < 60_000, "milliseconds since the epoch"
        for directive in document["_aws"]["CloudWatchMetrics"]:
            follows_the_rules_of_a_directive(document, directive)


def follows_the_rules_of_a_directive(document: Mapping[str, Any], directive: Mapping[str, Any]) -> None:
    """Targets are members of the root, and nothing exceeds the limits of the specification."""
    assert directive["Namespace"] == "Readiness"
    assert 0 < len(directive["Metrics"]) <= 100
    for dimensions in directive["Dimensions"]:
        assert 0 < len(dimensions) <= 30
        assert all(isinstance(document[name], str) and 0 < len(document[name]) <= 1024 for name in dimensions)
    for metric in directive["Metrics"]:
        assert len(values(document[metric["Name"]])) <= 100
        assert all(isinstance(value, int | float) for value in values(document[metric["Name"]]))
        assert metric["Unit"] in {"Count", "Percent", "Seconds", "None"}


def test_each_metric_has_just_the_dimensions_that_alarms_look_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(series(printed(capsys))) == set(DIMENSIONS.items())


@pytest.mark.parametrize("variable", ["POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"])
def test_the_environment_adds_no_dimension_and_moves_no_namespace(
    variable: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, "payments")
    documents = printed(capsys)
    assert set(series(documents)) == set(DIMENSIONS.items())
    assert "payments" not in json.dumps(documents)


def test_lambda_reads_each_line_as_of_level_info(capsys: pytest.CaptureFixture[str]) -> None:
    assert {document["level"] for document in printed(capsys)} == {"INFO"}


def test_the_heartbeat_is_the_last_document_and_has_it_alone(capsys: pytest.CaptureFixture[str]) -> None:
    *others, last = printed(capsys)
    assert series([last]) == {("RunCompleted", metrics.TABLE_DIMENSIONS): [1]}
    assert not any("RunCompleted" in document for document in others)


def test_each_item_shows_its_status_as_a_level(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {document["rule"]: values(document["ItemStatus"]) for document in printed(capsys) if "rule" in document}
    assert shown == {
        "billing-on-demand": [0],
        "encryption-kms": [0],
        "ttl-enabled": [1],
        "pitr-enabled": [3],
        "alarms-wired": [2],
    }


def table_document(documents: list[dict[str, Any]]) -> dict[str, Any]:
    """The document of the table but the heartbeat's."""
    (only,) = [document for document in documents if "Unwell" in document]
    return only


def test_the_problems_of_the_monitor_are_counted_by_reason_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    documents = printed(capsys)
    assert table_value(documents, "Unwell") == 2
    document = table_document(documents)
    assert {name: document[name] for name in PROBLEMS} == PROBLEMS
    assert document["reasons"] == "messagesWaiting 3, noSubscribers 1"


def test_a_run_without_problem_is_0_and_names_no_reason(capsys: pytest.CaptureFixture[str]) -> None:
    documents = printed(capsys, Emitted("t", ITEMS, dict.fromkeys(PROBLEMS, 0)))
    assert table_value(documents, "Unwell") == 0
    assert "reasons" not in table_document(documents)


def test_reasons_and_figures_are_fields_and_cost_no_metric(capsys: pytest.CaptureFixture[str]) -> None:
    documents = printed(capsys)
    document = table_document(documents)
    assert {name: document[name] for name in FIELDS} == FIELDS
    fields = {*FIELDS, *PROBLEMS, "reasons"}
    for each in documents:
        for directive in each["_aws"]["CloudWatchMetrics"]:
            named = {metric["Name"] for metric in directive["Metrics"]}.union(*directive["Dimensions"])
            assert not named & fields


@pytest.mark.parametrize("failed", [False, True], ids=["recorded", "not recorded"])
def test_every_run_says_whether_it_could_be_recorded(capsys: pytest.CaptureFixture[str], *, failed: bool) -> None:
    """The state of the alarm on it is a memory: only a 0 says that the problem is over."""
    documents = printed(capsys, Emitted("t", None if failed else ITEMS, PROBLEMS, persist_failed=failed))
    assert table_value(documents, "PersistFailed") == failed


def test_a_run_that_recorded_nothing_says_nothing_of_the_items(capsys: pytest.CaptureFixture[str]) -> None:
    documents = printed(capsys, Emitted("t", None, PROBLEMS, persist_failed=True))
    assert {name for name, _ in series(documents)} == set(DIMENSIONS) - {"ItemStatus"}


def test_two_tables_of_one_run_do_not_mix(capsys: pytest.CaptureFixture[str]) -> None:
    documents = printed(capsys) + printed(capsys, Emitted("other", ITEMS, {"ruleErrors": 1}))
    for document in documents[len(ITEMS) + 2 :]:
        assert document["table"] == "other"
    assert set(series(documents)) == set(DIMENSIONS.items())
    assert "messagesWaiting" not in documents[-2]
