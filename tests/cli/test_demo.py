"""`readiness demo --event`: what one event leads to on the embedded account."""

from pathlib import Path

import pytest

from tests.cli.test_process import shell

EVENTS = Path(__file__).parents[2] / "events"


def test_an_event_is_answered_and_what_it_wrote_is_shown() -> None:
    ended = shell("demo", "--event", str(EVENTS / "change-time-to-live.json"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert '{"batchItemFailures": []}' in ended.stdout
    assert '"kind": {"S": "CALL"}' in ended.stdout


@pytest.mark.parametrize("text", [None, "no JSON"], ids=["a file that is not there", "a file without an event"])
def test_what_is_no_event_is_refused_in_a_line(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "event.json"
    if text is not None:
        file.write_text(text)
    ended = shell("demo", "--event", str(file))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"readiness: {file}: ")
