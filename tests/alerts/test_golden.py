"""The whole messages a person reads, to be looked at in `golden/`. READINESS_GOLDEN=write writes them anew."""

import os
import re
from pathlib import Path

import pytest

from readiness.alerts import compose as alert
from readiness.model import Message
from tests.alerts.samples import GOLDEN, NOW, PLACE, RULES

COMMAND = re.compile(r"(aws|readiness|run) \S")
SEVERAL = {"three_changes", "people", "waiver_ends_beside", "paused_beside"}
FOLDER = Path(__file__).parent / "golden"


def messages() -> dict[str, Message]:
    """By the name of their file."""
    composed = {name: alert.compose(news) for name, news in GOLDEN.items()}
    found = {name: message for name, message in composed.items() if message is not None}
    return found | {"test": alert.test_message(PLACE, NOW, RULES, ())}


def page(message: Message) -> str:
    """A message as a mail program shows it."""
    return f"Subject: {message.subject}\n\n{message.bodies['default']}"


@pytest.mark.parametrize("name", [*GOLDEN, "test"])
def test_message_reads_as_it_was_approved(name: str) -> None:
    file, read = FOLDER / f"{name}.txt", page(messages()[name])
    if os.environ.get("READINESS_GOLDEN") == "write":
        file.write_text(read)
    assert read == file.read_text()


def test_no_approved_message_is_left_over() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == {*GOLDEN, "test"}


@pytest.mark.parametrize("name", [*GOLDEN, "test"])
def test_only_what_is_copied_is_wide(name: str) -> None:
    wide = [line for line in messages()[name].bodies["default"].splitlines() if len(line) > 100]
    assert [line for line in wide if "https://" not in line and not COMMAND.search(line)] == []


@pytest.mark.parametrize("name", [*GOLDEN, "test"])
def test_a_message_is_short(name: str) -> None:
    lines = messages()[name].bodies["default"].splitlines()
    assert len(lines) <= (40 if name in SEVERAL else 30)
