"""The widget as it is deployed, over the rows that the deployed monitor has written."""

from pathlib import Path

import pytest

from tests.e2e.conftest import TABLE, Built, Cloud, Start
from tests.runtime.sandbox import Response, sandbox

pytestmark = pytest.mark.slow

CALLED = {"widgetContext": {"theme": "dark", "width": 588, "height": 369, "params": {}}}


def drawn(folder: Path, built: Built, cloud: Cloud, event: object) -> Response:
    folder.mkdir()
    ours = {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "READINESS_TABLE": TABLE,
        "READINESS_CHECKLIST": "monitor/checklist.toml",
        "READINESS_INTERVAL": "5",
    }
    with sandbox(folder, built.widget, (built.layer,), "widget/app.handler", **ours) as running:
        return running.invoke(event, deadline_ms=15_000)


def test_what_the_monitor_remembers_is_drawn(start: Start, built: Built, cloud: Cloud, tmp_path: Path) -> None:
    start().invoke({"trigger": "schedule"})
    response = drawn(tmp_path / "widget", built, cloud, CALLED)
    assert response.error is None, response.logs
    assert "1.4 PITR" in response.payload
    assert 'class="rdns rdns-dark"' in response.payload
    assert "as of less than a minute ago" in response.payload


def test_before_the_first_run_it_says_so(built: Built, cloud: Cloud, tmp_path: Path) -> None:
    response = drawn(tmp_path / "widget", built, cloud, CALLED)
    assert response.error is None, response.logs
    assert "has not completed a run" in response.payload


def test_it_says_what_it_is(built: Built, cloud: Cloud, tmp_path: Path) -> None:
    assert drawn(tmp_path / "widget", built, cloud, {"describe": True}).payload.startswith("## Readiness")
