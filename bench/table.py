"""Figures as text, as Markdown and as members of JSON."""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

from bench.figure import Figure


def summary(figure: Figure) -> dict[str, Any]:
    """Return what follows from the values of a figure."""
    return {"figure": figure.figure, "spread": figure.spread, "inside": figure.inside}


def text(figures: Iterable[Figure]) -> str:
    """Return the table for a terminal."""
    lines = []
    for row, group in groupby(figures, lambda figure: figure.row):
        lines.append(row)
        lines += (
            f"  {'  '.join(cell.ljust(width) for cell, width in zip(each, WIDTHS, strict=True))}"
            for each in map(_cells, group)
        )
    return "\n".join(line.rstrip() for line in lines)


def markdown(figures: Iterable[Figure]) -> str:
    """Return the table for a page."""
    return "\n".join(_markdown(list(figures)))


def write(page: Path, name: str, content: str) -> None:
    """Replace what is between the two marks of that name on a page."""
    marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    page.write_text(
        marked.sub(lambda at: f"{at[1]}{content}\n{at[2]}", page.read_text(encoding="utf-8")), encoding="utf-8"
    )


MANY, SMALL = 100, 0.1
"""From where on a number has no decimals, and below which it has four."""

WIDTHS = (50, 14, 14, 10, 18, 8, 6)


def _markdown(figures: list[Figure]) -> Iterator[str]:
    yield "| row | figure | median | floor | ratio | least to greatest | limit | |"
    yield "|---|---|---|---|---|---|---|---|"
    for row, group in groupby(figures, lambda figure: figure.row):
        for number, each in enumerate(group):
            name, *cells, verdict = _cells(each)
            yield f"| {row if not number else ''} | {name} | {' | '.join(cells)} | {verdict} |"


def _cells(figure: Figure) -> tuple[str, ...]:
    low, high = figure.spread
    floor = _number(median(figure.floor), figure.unit) if figure.floor else ""
    ratio = f"{figure.figure:.2f}" if figure.floor else ""
    unit = "" if figure.floor else figure.unit
    spread = f"{_number(low)} to {_number(high)}" if low != high else ""
    limit = "" if figure.limit is None else _number(figure.limit, unit)
    verdict = {True: "inside", False: "above", None: ""}[figure.inside]
    return figure.name, _number(median(figure.values), figure.unit), floor, ratio, spread, limit, verdict


def _number(value: float, unit: str = "") -> str:
    """Return a number with three digits or two decimals, and its unit."""
    if unit == "$":
        return f"${value:.2f}"
    whole = value >= MANY or value == int(value)
    digits = 0 if whole else 2 if value >= SMALL else 4
    return f"{value:,.{digits}f} {unit}".strip()
