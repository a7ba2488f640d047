"""Dollars a month as `readiness cost` computes them, from counts that are measured now."""

from collections.abc import Iterator

from bench.figure import Figure, row
from readiness.cli.cost import assumed
from readiness.cli.cost.counts import between
from readiness.cli.cost.month import Usage, billed, config, together
from readiness.rules import RULES
from tests.run.billed import measured

ROW = "cost of a month"
MOST, CHEAPER, MORE = 6.50, 2.25, 1.00


def figures(_runs: int) -> Iterator[Figure]:
    """Compute the month of an account whose items pass, without a customer key and without a pager."""
    found = measured()

    def month(functions: int = 5, interval: int = 5, *, changes_only: bool = False) -> float:
        counts = between(found, functions)
        usage = Usage(
            counts=counts,
            interval=interval,
            items=len(RULES),
            seconds=assumed(functions),
            costs_pass=True,
            changes_only=changes_only,
        )
        return together(billed(usage))

    yield Figure(ROW, "5 functions, every 5 minutes", "$", [month()], limit=MOST)
    yield Figure(ROW, "5 functions, every 15 minutes", "$", [month(interval=15)])
    yield Figure(ROW, "20 functions, every 5 minutes", "$", [month(20)], limit=MOST + MORE)
    yield Figure(ROW, "5 functions, items on changes", "$", [month(changes_only=True)], limit=CHEAPER)
    yield Figure(ROW, "AWS Config, the same items hourly", "$", [config(len(RULES)).dollars])


if __name__ == "__main__":
    row(figures)
