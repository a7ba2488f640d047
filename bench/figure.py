"""Figures of a row: what was measured several times, what it is compared with, and its limit."""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

RUNS = 5


@dataclass(frozen=True)
class Figure:
    """One line of the table. With `floor`, the figure is the ratio of the medians, else the median.

    `values` and `floor` have one element for each of the interleaved runs.
    """

    row: str
    name: str
    unit: str
    values: Sequence[float]
    floor: Sequence[float] = ()
    limit: float | None = None

    @property
    def figure(self) -> float:
        """The figure that the limit is about."""
        return median(self.values) / median(self.floor) if self.floor else median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The least and the greatest figure of a single run."""
        pairs = zip(self.values, self.floor, strict=True) if self.floor else ((value, 1.0) for value in self.values)
        figures = [value / floor for value, floor in pairs]
        return min(figures), max(figures)

    @property
    def inside(self) -> bool | None:
        """True if the figure is within its limit; None if it has none."""
        return None if self.limit is None else self.figure <= self.limit


def printed(figures: Iterable[Figure]) -> None:
    """Print the figures as JSON, as `python -m bench` reads them."""
    print(json.dumps([asdict(figure) for figure in figures]))


def read(text: str) -> list[Figure]:
    """Return the figures that a row has printed."""
    found: list[dict[str, Any]] = json.loads(text)
    return [Figure(**each) for each in found]


def row(measure: Callable[[int], Iterable[Figure]]) -> None:
    """Measure as often as the command line says, and print the figures."""
    printed(measure(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS))
