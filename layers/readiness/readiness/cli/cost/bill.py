"""The bill of a month as text."""

from collections.abc import Iterator

from msgspec.structs import replace

from readiness.alerts.words import counted
from readiness.cli.cost import prices
from readiness.cli.cost.month import Line, Usage, apart, billed, config, together

NAME, QUANTITY, DOLLARS = 58, 12, 9
"""Widths of the columns."""


def text(table: str, usage: Usage) -> Iterator[str]:
    """Yield the lines: what is billed, the sum, what is not in it, and AWS Config for the same items."""
    lines = billed(usage)
    yield f"{table}: {counted(usage.counts.functions, 'function')}, a run every {counted(usage.interval, 'minute')}"
    yield f"List prices of us-east-1 in dollars a month, without free tiers, {prices.AS_OF}"
    yield ""
    yield f"{'':{NAME}}{'a month':>{QUANTITY}}{'dollars':>{DOLLARS}}"
    yield from map(_row, sorted(lines, key=lambda line: -line.dollars))
    yield f"{'together':{NAME + QUANTITY}}{together(lines):>{DOLLARS}.2f}"
    other = replace(usage, changes_only=not usage.changes_only)
    setting = 'item_metrics = "changes"' if other.changes_only else 'item_metrics = "every_run"'
    yield f"{f'with {setting}':{NAME + QUANTITY}}{together(billed(other)):>{DOLLARS}.2f}"
    yield ""
    yield "Not in the sum"
    yield from map(_row, apart(usage))
    yield ""
    yield _row(config(usage.items), f"AWS Config, {usage.items} periodic rules every hour, and its recording")


def _row(line: Line, name: str = "") -> str:
    quantity = f"{line.quantity:,.0f}" if line.price else "free"
    return f"{name or line.name:{NAME}}{quantity:>{QUANTITY}}{line.dollars:>{DOLLARS}.2f}"
