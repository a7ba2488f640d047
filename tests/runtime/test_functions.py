"""Both functions of the checkout, under AWS's runtime client. What `sam build` makes of them is for tests/e2e."""

import json
import sysconfig
from pathlib import Path

from tests.e2e.conftest import ROOT, TABLE, cloud_at
from tests.runtime.sandbox import sandbox

LAYERS = (ROOT / "layers" / "readiness", Path(sysconfig.get_path("platlib")))


def test_a_run_judges_the_table_remembers_it_and_the_widget_draws_it(tmp_path: Path) -> None:
    with cloud_at() as cloud:
        ours = {"AWS_ENDPOINT_URL": cloud.endpoint, "READINESS_TABLE": TABLE, "READINESS_TOPIC_ARN": cloud.topic}
        folder = tmp_path / "monitor"
        folder.mkdir()
        monitor = sandbox(folder, ROOT / "functions/monitor", LAYERS, READINESS_CHECKLIST="checklist.toml", **ours)
        with monitor as running:
            response = running.invoke(json.loads((ROOT / "events/schedule.json").read_text()))
            changed = running.invoke(json.loads((ROOT / "events/change-recovery.json").read_text()))
        assert response.error is None, response.logs
        (table,) = response.payload["tables"]
        assert (table["table"], table["status"], table["recorded"]) == (TABLE, "FAIL", True)
        assert (changed.error, changed.payload) == (None, {"batchItemFailures": []})
        assert [row["SK"]["S"] for row in cloud.items()].count("STATE") == 1
        folder = tmp_path / "widget"
        folder.mkdir()
        ours["READINESS_CHECKLIST"] = str(ROOT / "functions/monitor/checklist.toml")
        with sandbox(folder, ROOT / "functions/widget", LAYERS, READINESS_INTERVAL="5", **ours) as drawing:
            drawn = drawing.invoke({"widgetContext": {"theme": "dark", "width": 588, "height": 369, "params": {}}})
    assert drawn.error is None, drawn.logs
    assert "1.4 PITR" in drawn.payload
