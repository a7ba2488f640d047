"""Whole processes, measured by the operating system."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one process took: seconds from its start to its exit, seconds of CPU, peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def cost(
    command: Sequence[str], env: Mapping[str, str], expect: frozenset[int] = frozenset({0}), cwd: str | None = None
) -> Cost:
    """Run the command to its end. RuntimeError: it did not end as expected.

    The peak memory of a process counts from the size of the one that starts it, so this module imports little.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, env=env, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    _, state, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    code = os.waitstatus_to_exitcode(state)
    if code not in expect:
        msg = f"{command[0]} ended with {code}: {said}"
        raise RuntimeError(msg)
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
