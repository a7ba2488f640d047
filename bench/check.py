"""`readiness check` over the floor: a script that imports boto3 and makes one call, from process start to exit."""

import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figure import Figure, row
from bench.measure import Cost, cost
from bench.served import served

HERE = Path(__file__).parent
LIMITS = {"wall": 1.5, "cpu": 1.5, "memory": 1.2}
UNITS = {"wall": "s", "cpu": "s", "memory": "MB"}
JUDGED = frozenset({0, 1, 3})
"""Exit codes of a check that read the account."""


def figures(runs: int) -> Iterator[Figure]:
    """Run both in turn, after one run of each that compiles modules and fills the server."""
    readiness = [str(Path(sys.executable).with_name("readiness")), "check", "--table", "babesclub-commerce"]
    floor = [sys.executable, str(HERE / "floor.py")]
    with served(5) as account:
        env = account.environment
        turns = [(cost(readiness, env, JUDGED), cost(floor, env)) for _ in range(runs + 1)][1:]
    for name, limit in LIMITS.items():
        values, floors = ([_of(turn[side], name) for turn in turns] for side in (0, 1))
        yield Figure("check over the floor", name, UNITS[name], values, floors, limit)


def _of(measured: Cost, name: str) -> float:
    return float(getattr(measured, name))


if __name__ == "__main__":
    row(figures)
