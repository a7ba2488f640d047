"""`readiness demo`: the whole story, or what one event leads to, on the embedded account."""

import re
from pathlib import Path

import pytest

from tests.cli.test_process import shell

EVENTS = Path(__file__).parents[2] / "events"


@pytest.mark.slow
def test_the_demo_shows_a_table_made_ready_and_a_page_that_is_resolved_in_120_lines() -> None:
    ran = shell("demo")
    assert (ran.returncode, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert len(lines) <= 120
    assert [line for line in lines if len(line) > 100 and "https://" not in line] == []
    told = (
        "PITR is disabled",
        "Not complete:",
        "PASS  pitr-enabled/on: PITR is enabled",
        "$ readiness check --require-complete",
        "Complete.",
        "Subject: [CRITICAL] babesclub-commerce: PITR was disabled",
        "by maria@example.com",
        "$ readiness fix 1.4 --apply --yes",
        "Subject: [RESOLVED] babesclub-commerce: PITR is enabled again",
    )
    rest = ran.stdout
    for text in told:
        assert text in rest, text
        rest = rest.partition(text)[2]
    assert "Traceback" not in ran.stdout
    assert "Subject" not in rest, "two messages are sent"


@pytest.mark.slow
def test_the_verbose_demo_walks_a_table_from_not_complete_to_signed_off() -> None:
    ran = shell("demo", "--verbose")
    assert (ran.returncode, ran.stderr) == (0, "")
    _, *gates = ran.stdout.split("$ readiness check --require-complete")
    assert len(gates) == 2
    before, after = (re.search(r"^\d+ .*?(Not complete|Complete)", gate, re.MULTILINE | re.DOTALL) for gate in gates)
    assert before is not None
    assert after is not None
    assert (before[1], after[1]) == ("Not complete", "Complete")
    assert "babesclub-commerce: signed off until" in gates[1]
    assert "Traceback" not in ran.stdout


def test_the_change_of_an_event_is_made_and_its_message_comes_before_what_the_function_prints() -> None:
    ended = shell("demo", "--event", str(EVENTS / "change-time-to-live.json"))
    assert (ended.returncode, ended.stderr) == (0, "")
    change, message, item, metric = (
        ended.stdout.index(text)
        for text in ("UpdateTimeToLive: made", "[HIGH] babesclub-commerce: ", "READINESS#", '{"batchItemFailures": []}')
    )
    assert change < message < item < metric
    assert ended.stdout.index('"_aws"') > metric
    assert "No message was sent" not in ended.stdout
    assert '{"level"' not in ended.stdout, "the log of a run is no part of the story"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("change-role", "babesclub-checkout-role"),
        ("change-key", "key"),
        ("change-alarm-by-cloudwatch", "throttling"),
    ],
)
def test_each_sample_event_of_a_change_tells_somebody(event: str, said: str) -> None:
    ended = shell("demo", "--event", str(EVENTS / f"{event}.json"))
    assert (ended.returncode, ended.stderr) == (0, "")
    message = ended.stdout.partition("== Items written")[0]
    assert said in message
    assert "The queue received the same as JSON" in message


@pytest.mark.slow
@pytest.mark.parametrize(
    ("event", "said"),
    [
        ("change-schedule", "the embedded account refuses it (Rule readiness-TableChanges does not exist"),
        ("change-topic", "No message was sent: the topic has no subscription."),
    ],
)
def test_a_sample_event_that_changes_nothing_says_why(event: str, said: str) -> None:
    ended = shell("demo", "--event", str(EVENTS / f"{event}.json"))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert said in ended.stdout


@pytest.mark.parametrize("text", [None, "no JSON"], ids=["a file that is not there", "a file without an event"])
def test_what_is_no_event_is_refused_in_a_line(tmp_path: Path, text: str | None) -> None:
    file = tmp_path / "event.json"
    if text is not None:
        file.write_text(text)
    ended = shell("demo", "--event", str(file))
    assert (ended.returncode, ended.stdout) == (2, "")
    expected = "cannot be read: No such file or directory" if text is None else "line 1: not JSON: Expecting value"
    assert ended.stderr in {f"readiness: {file}: {expected}\n", f"readiness: {file}, {expected}\n"}


@pytest.mark.slow
def test_what_the_function_takes_for_no_event_is_refused_in_a_line(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text("[]")
    ended = shell("demo", "--event", str(file))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"readiness: {file}: ")
