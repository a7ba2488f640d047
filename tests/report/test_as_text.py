"""The report as a person reads it, to be looked at in `golden/`. READINESS_GOLDEN=write writes it anew."""

import io
import os
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from readiness.model import Status
from readiness.report import as_text
from readiness.report.as_text import View
from readiness.report.content import Report, TableReport
from tests.report.samples import BAD, GOOD, NOW, REPORTS, finding

FOLDER = Path(__file__).parent / "golden"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")

VIEWS = {"": View(), "-verbose": View(verbose=True)}
SHOWN = [(name, ending) for name in REPORTS for ending in VIEWS]
HOSTILE = "x\x1b[31m\n\u202eevil [bold]red[/bold] "


class Terminal(io.StringIO):
    """A terminal that can show any character."""

    encoding = "utf-8"


def read(report: Report, view: View) -> list[str]:
    return as_text.render(report, view).splitlines()


def with_findings(*found: object) -> Report:
    """A report whose first item has these findings."""
    rule = replace(BAD.rules[0], findings=found)
    return Report((replace(BAD, rules=(rule, *BAD.rules[1:])),))


@pytest.mark.parametrize(("name", "ending"), SHOWN)
def test_golden_report_reads_as_it_was_approved(name: str, ending: str) -> None:
    file, text = FOLDER / f"{name}{ending}.txt", as_text.render(REPORTS[name], VIEWS[ending]) + "\n"
    if os.environ.get("READINESS_GOLDEN") == "write":
        file.write_text(text)
    assert text == file.read_text()


def test_no_golden_report_is_left_over() -> None:
    assert {file.stem for file in FOLDER.glob("*.txt")} == {f"{name}{ending}" for name, ending in SHOWN}


@pytest.mark.parametrize(("name", "ending"), SHOWN)
def test_a_terminal_shows_the_same_with_colours_and_symbols(
    name: str, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal = Terminal()
    as_text.show(REPORTS[name], terminal, VIEWS[ending])
    coloured = terminal.getvalue()
    assert "\x1b[" in coloured
    plain = [line.rstrip() for line in ESCAPE.sub("", coloured).splitlines()]
    symbols = dict(zip(as_text.UNICODE.values(), as_text.ASCII.values(), strict=True))
    shown = [
        re.sub(r"^( *)(\S)(?= )", lambda found: found[1] + symbols.get(found[2], found[2]), line) for line in plain
    ]
    assert shown == read(REPORTS[name], VIEWS[ending])


def test_a_terminal_without_these_symbols_gets_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    as_text.show(REPORTS["bad"], terminal)
    terminal.seek(0)
    assert [line.rstrip() for line in terminal] == read(REPORTS["bad"], View())


@pytest.mark.parametrize("name", REPORTS)
def test_no_line_is_longer_than_eighty_columns(name: str) -> None:
    assert [line for line in read(REPORTS[name], View()) if len(line) > 80] == []


def test_of_the_long_form_only_commands_are_longer() -> None:
    long = [line for name in REPORTS for line in read(REPORTS[name], View(verbose=True)) if len(line) > 80]
    assert [line for line in long if not line.startswith(" " * 16)] == []


def test_a_good_table_is_a_line_an_item() -> None:
    lines = read(REPORTS["good"], View())
    assert sum(line.startswith("+ ") for line in lines) == len(GOOD.rules)


@pytest.mark.parametrize(
    ("order", "items"), [("worst", ["1.4", "1.1", "1.3", "1.2"]), ("checklist", ["1.1", "1.2", "1.3", "1.4"])]
)
def test_the_worst_is_at_the_top_unless_the_checklist_s_order_is_asked_for(order: str, items: list[str]) -> None:
    lines = read(REPORTS["bad"], View(order=order))  # type: ignore[arg-type]
    assert [line.split()[1] for line in lines if line[:1] in set("x?-~!+.") and line[1:2] == " "] == items


def test_ten_findings_of_a_check_are_one_line_with_a_count_and_three_names() -> None:
    found = [
        replace(finding("group", Status.FAIL, "the log group does not exist"), resource=f"/aws/lambda/f{number}")
        for number in range(10)
    ]
    lines = read(with_findings(*found), View())
    [at] = [number for number, line in enumerate(lines) if line.startswith("x 1.1")]
    assert lines[at].endswith(" HIGH")
    text = " ".join(line[31:].strip() for line in lines[at : at + 3])
    assert "the log group does not exist" in text
    assert "/aws/lambda/f0, /aws/lambda/f1, /aws/lambda/f2, ...)" in text
    assert "(10:" in text
    assert sum("/aws/lambda/f9" in line for line in read(with_findings(*found), View(verbose=True))) == 1


def test_what_is_not_shown_is_counted() -> None:
    found = [finding(f"check{number}", Status.FAIL, f"message {number}") for number in range(5)]
    lines = read(with_findings(*found, finding("warns", Status.WARN, "so so")), View())
    assert "and 2 more, 1 warning" in map(str.strip, lines)


def test_one_remedy_is_shown_once_for_each_cause() -> None:
    found = [finding(f"check{number}", Status.FAIL, "no", fix="aws iam fix-the-role") for number in range(3)]
    lines = [line.strip() for line in read(with_findings(*found), View(verbose=True)) if "Remedy" in line]
    assert lines.count("Remedy    aws iam fix-the-role") == 1
    assert lines.count("Remedy    as for billing-on-demand/check0") == 2


def test_a_finding_that_rests_on_an_earlier_response_says_when_it_was_read() -> None:
    found = finding("on", Status.PASS, "it is on")
    old = read(with_findings(replace(found, as_of=NOW)), View(verbose=True))
    assert "    As of     2026-11-24 03:00 UTC" in old
    assert [line for line in old if "As of" not in line] == read(with_findings(found), View(verbose=True))


def test_missing_alarms_have_one_command() -> None:
    alarms = [finding(name, Status.FAIL, "no alarm", fix=f"aws {name}") for name in ("throttling", "user-errors")]
    rule = replace(BAD.rules[0], id="alarms-wired", item="3.1", findings=tuple(alarms))
    report = Report((replace(BAD, rules=(rule,)),))
    assert any(
        "readiness alarms --write alarms.yaml  a template of the 2 alarms missing" in line
        for line in read(report, View())
    )
    long = "\n".join(read(report, View(verbose=True)))
    assert "aws throttling" not in long
    assert long.count("Remedy    readiness alarms --write alarms.yaml") == 1


@pytest.mark.parametrize("view", VIEWS.values(), ids=["short", "verbose"])
def test_what_others_chose_breaks_no_line_and_no_colour(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    hostile = replace(
        finding("on", Status.FAIL, HOSTILE + "fails"), resource=HOSTILE * 20, evidence={HOSTILE: HOSTILE * 20}
    )
    table: TableReport = with_findings(hostile).tables[0]
    rule = replace(table.rules[0], owner=HOSTILE)
    report = Report((replace(table, table=HOSTILE, checklist=HOSTILE, rules=(rule, *table.rules[1:])),))
    terminal = Terminal()
    as_text.show(report, terminal, view)
    shown = terminal.getvalue()
    assert "\x1b[31mm" not in ESCAPE.sub("", shown)
    assert "\u202e" not in shown
    assert "[bold]red[/bold]" in ESCAPE.sub("", shown)
    assert not [line for line in ESCAPE.sub("", shown).splitlines() if line.startswith("evil")]
    assert all(line.isprintable() for line in read(report, view))


def test_the_next_commands_select_the_same_table() -> None:
    lines = read(REPORTS["bad"], View(table="orders of mine", config="a.toml"))
    [fix] = [line for line in lines if "readiness fix" in line]
    assert "readiness fix 1.4 --table 'orders of mine' --config a.toml" in fix
    several = read(REPORTS["several"], View())
    assert any("readiness check -v --table babesclub-commerce" in line for line in several)
