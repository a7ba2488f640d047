"""The built function from process start to its first answer, over a handler that imports boto3 and makes one call.

Both run under AWS's own runtime client. The table has the rows of former runs.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.artifact import environment, layer
from bench.figure import Figure, row
from bench.served import served

ROW = "cold start of the function"


def figures(runs: int) -> Iterator[Figure]:
    """Start both in turn, after a start of each that fills the table and the server."""
    layer()
    times: tuple[list[float], list[float]] = ([], [])
    memory: tuple[list[float], list[float]] = ([], [])
    warm = []
    with tempfile.TemporaryDirectory() as folder, served(5) as account:
        for turn in range(runs + 1):
            for side in (0, 1):
                with environment(Path(folder) / f"{turn}-{side}", account, floor=side == 1) as started:
                    first = started.first()
                    second = started.invoke()
                    if turn:
                        times[side].append(first)
                        memory[side].append(started.memory)
                        warm += [second] if side == 0 else []
    yield Figure(ROW, "first answer", "s", *times, 1.5)
    yield Figure(ROW, "memory", "MB", *memory, 1.2)
    yield Figure(ROW, "a warm run", "s", warm)


if __name__ == "__main__":
    row(figures)
