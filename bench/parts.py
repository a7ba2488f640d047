"""The CPU of the parts of `readiness check`: processes that do a part of it, each with what the one before does."""

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.check import JUDGED
from bench.figure import Figure, row
from bench.measure import cost
from bench.served import served

ROW = "parts of a check"

CHECK = [str(Path(sys.executable).with_name("readiness")), "check", "--table", "babesclub-commerce"]

PARTS = {
    "Python alone": "pass",
    "and botocore": "import botocore.session",
    "and all rules and facts": "import botocore.session, readiness.cli.check, readiness.rules",
}
"""Python code by the name of the part."""


def figures(runs: int) -> Iterator[Figure]:
    """Run all parts in turn, after one run of each that compiles modules."""
    commands = {name: [sys.executable, "-c", code] for name, code in PARTS.items()}
    commands["and clients, calls, evaluation and report"] = CHECK
    spent: dict[str, list[float]] = {name: [] for name in commands}
    with served(5) as account:
        for turn in range(runs + 1):
            for name, command in commands.items():
                cpu = cost(command, account.environment, JUDGED).cpu
                spent[name] += [cpu * 1000] if turn else []
    for name, values in spent.items():
        yield Figure(ROW, name, "ms CPU", values)


if __name__ == "__main__":
    row(figures)
