"""Each row of the threat model names its tests, and they exist."""

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = TESTS.parent / "docs" / "security.md"
COLUMNS = ["action", "who can", "what tells", "how soon", "tested by"]
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
SIGNING = "<!-- signing -->"


def threats() -> list[dict[str, str]]:
    """The rows of all tables with these columns."""
    found: list[dict[str, str]] = []
    header: list[str] = []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells == COLUMNS:
            header = cells
        elif header and cells and not set(cells[0]) <= {"-"}:
            found.append(dict(zip(header, cells, strict=True)))
        elif not cells:
            header = []
    return found


def test_the_threat_model_has_rows() -> None:
    assert len(threats()) >= 45


@pytest.mark.parametrize("threat", threats(), ids=lambda threat: threat["action"])
def test_each_row_names_tests_that_exist(threat: dict[str, str]) -> None:
    named = NAMED.findall(threat["tested by"])
    assert named or threat["tested by"] == SIGNING or threat["tested by"].startswith("none: ")
    for file, name in named:
        assert f"\ndef {name}(" in (TESTS / file).read_text(encoding="utf-8"), f"{file}::{name}"


@pytest.mark.parametrize("threat", threats(), ids=lambda threat: threat["action"])
def test_each_row_says_who_can_and_what_tells(threat: dict[str, str]) -> None:
    assert threat["who can"]
    assert threat["what tells"]
    assert threat["how soon"] or threat["what tells"].startswith("nothing")
