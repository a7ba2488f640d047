"""Whole processes side by side: started in turn, measured by the operating system, compared by their medians."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds from its start to its exit, seconds of CPU, peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def cost(command: Sequence[str], env: Mapping[str, str], expect: frozenset[int] = frozenset({0})) -> Cost:
    """Run the command to its end. RuntimeError: it did not end as expected."""
    started = time.perf_counter()
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    _, state, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(state)
    if code not in expect:
        msg = f"{command[0]} ended with {code}: {process.stderr.read().decode() if process.stderr else ''}"
        raise RuntimeError(msg)
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def compare(one: list[Cost], other: list[Cost], names: tuple[str, str]) -> str:
    """A table of medians and their ratios, a line a figure."""
    rows = [f"{'':10}{names[0]:>14}{names[1]:>14}{'ratio':>8}"]
    for figure, unit in (("wall", "s"), ("cpu", "s"), ("memory", "MB")):
        left, right = (median(getattr(cost, figure) for cost in costs) for costs in (one, other))
        rows.append(f"{figure:10}{left:>12.3f} {unit:<2}{right:>11.3f} {unit:<2}{left / right:>7.2f}")
    return "\n".join(rows)
