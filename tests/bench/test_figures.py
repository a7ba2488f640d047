"""The verdicts of the benchmarks on a figure."""

from pathlib import Path

import pytest

from bench import table
from bench.figure import Figure, printed, read

RATIO = Figure("check", "wall", "s", [3.0, 1.0, 2.0], [1.0, 1.0, 2.0], 1.5)


def test_a_ratio_is_that_of_the_medians_and_its_spread_that_of_the_single_runs() -> None:
    assert (RATIO.figure, RATIO.spread, RATIO.inside) == (2.0, (1.0, 3.0), False)


@pytest.mark.parametrize(("limit", "inside"), [(2.0, True), (1.99, False), (None, None)])
def test_a_figure_at_its_limit_is_inside(limit: float | None, inside: bool | None) -> None:  # noqa: FBT001  a row of the table
    assert Figure("size", "layer", "MB", [2.0], limit=limit).inside is inside


def test_the_table_shows_what_was_measured_and_the_limit() -> None:
    assert table.text([RATIO]).split() == ["check", "wall", "2", "s", "1", "s", "2.00", "1", "to", "3", "1.50", "above"]
    assert "| check | wall | 2 s | 1 s | 2.00 | 1 to 3 | 1.50 | above |" in table.markdown([RATIO])


def test_the_page_gets_the_table_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- bench -->\nold\n<!-- end of bench -->\nafter\n")
    table.write(page, "bench", "new")
    assert page.read_text() == "before\n<!-- bench -->\nnew\n<!-- end of bench -->\nafter\n"


def test_what_a_row_prints_is_read_back(capsys: pytest.CaptureFixture[str]) -> None:
    printed([RATIO])
    assert read(capsys.readouterr().out) == [RATIO]
