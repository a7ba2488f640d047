"""The report as a person reads it, to be looked at in `golden/`. READINESS_GOLDEN=write writes it anew."""

import os
import re
from io import StringIO
from pathlib import Path

import pytest

from readiness.report import as_text
from tests.report.samples import REPORTS

FOLDER = Path(__file__).parent / "golden"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("name", REPORTS)
def test_golden_report_reads_as_it_was_approved(name: str) -> None:
    file, read = FOLDER / f"{name}.txt", as_text.render(REPORTS[name]) + "\n"
    if os.environ.get("READINESS_GOLDEN") == "write":
        file.write_text(read)
    assert read == file.read_text()


def test_no_golden_report_is_left_over() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == set(REPORTS)


@pytest.mark.parametrize("name", REPORTS)
def test_colours_change_no_letter(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = StringIO()
    as_text.show(REPORTS[name], terminal)
    coloured = terminal.getvalue()
    assert "\x1b[" in coloured
    plain = [line.rstrip() for line in ESCAPE.sub("", coloured).splitlines()]
    assert plain == as_text.render(REPORTS[name]).splitlines()


@pytest.mark.parametrize("name", REPORTS)
def test_a_command_is_a_line_by_itself_however_long(name: str) -> None:
    mending = {
        finding.remediation
        for table in REPORTS[name].tables
        for rule in table.rules
        for finding in rule.findings
        if finding.remediation
    }
    assert mending <= {line.strip() for line in as_text.render(REPORTS[name]).splitlines()}


def test_a_good_table_is_a_line_an_item() -> None:
    read = as_text.render(REPORTS["good"])
    assert "it is on" not in read
    assert len(read.splitlines()) == 2 + 4 + 1 + 2
