"""`readiness demo`: the whole story, or what one event leads to, on the embedded account."""

import re
from pathlib import Path

import pytest

from tests.cli.test_process import shell

EVENTS = Path(__file__).parents[2] / "events"


@pytest.mark.slow
def test_the_demo_walks_a_table_from_not_complete_to_signed_off() -> None:
    ran = shell("demo")
    assert ran.returncode == 0, ran.stderr
    _, *gates = ran.stdout.split("$ readiness check --require-complete")
    before, after = (re.search(r"^ +(?:FAIL|WARN) +\d+ PASS.*; (.*complete)$", gate, re.MULTILINE) for gate in gates)
    assert before is not None
    assert after is not None
    assert (before[1], after[1]) == ("not complete", "complete")
    assert "readiness: babesclub-commerce: not complete: 5.1: FAIL, no owner" in ran.stderr
    assert "babesclub-commerce: signed off until" in gates[1]
    assert "Traceback" not in ran.stdout + ran.stderr


def test_an_event_is_answered_and_what_it_wrote_is_shown() -> None:
    ended = shell("demo", "--event", str(EVENTS / "change-time-to-live.json"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert '{"batchItemFailures": []}' in ended.stdout
    assert '"kind": {"S": "CALL"}' in ended.stdout
    assert '{"level"' not in ended.stdout, "the log of a run is no part of the story"


@pytest.mark.parametrize("text", [None, "no JSON"], ids=["a file that is not there", "a file without an event"])
def test_what_is_no_event_is_refused_in_a_line(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "event.json"
    if text is not None:
        file.write_text(text)
    ended = shell("demo", "--event", str(file))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"readiness: {file}: ")


@pytest.mark.slow
def test_what_the_function_takes_for_no_event_is_refused_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text("[]")
    ended = shell("demo", "--event", str(file))
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"readiness: {file}: ")
