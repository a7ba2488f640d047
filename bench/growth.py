"""How calls, time and memory of one scan grow with the resources of the account.

Between two sizes, the added calls and seconds of CPU are divided by what was added: functions in scope, or pages of
lists. AWS allows 15 calls of Lambda's control plane a second; moto refuses nobody, so the time that AWS's rate would
take is computed.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from bench.figure import Figure, row
from bench.served import CREDENTIALS, ROOT, process

DEADLINE = 300.0
"""Seconds: enough for the calls of the largest account."""

MEMORY = 512
"""MB, as the function has."""

EVEN = 1.5
"""How much more CPU an element may take among many than among few. Growth by the square would be ten times as much."""

LAMBDA_RATE = 15
"""Calls of Lambda's control plane a second that AWS allows an account, which is not adjustable.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
"""


@dataclass(frozen=True)
class Kind:
    """What grows: the arguments of bench.crowd for each size, and how many calls an element may add."""

    name: str
    sizes: tuple[int, ...]
    account: tuple[str, ...]
    element: str
    calls: float

    def of(self, size: int) -> tuple[int, ...]:
        """Return the arguments for a size."""
        return tuple(size if each == "n" else int(each) for each in self.account)


KINDS = (
    Kind("functions of the table", (10, 100, 1000), ("n", "n", "0", "0"), "function", 7),
    # 50 functions or 100 roles or 100 alarms are on a page. Some alarms add the calls of a topic.
    Kind("other functions and roles", (10, 100, 1000), ("n", "5", "0", "0"), "function", 0.03),
    Kind("alarms", (100, 1000, 5000), ("5", "5", "n", "0"), "alarm", 0.011),
    Kind("log groups", (100, 1000, 10_000), ("5", "5", "0", "n"), "log group", 0),
)


@dataclass(frozen=True)
class Look:
    """What bench.look printed."""

    calls: Counter[str]
    seconds: float
    cpu: float
    memory: float
    findings: int
    unknown: int


def figures(_runs: int) -> Iterator[Figure]:
    """Scan an account of each size once."""
    for kind in KINDS:
        looks = [_look(kind.of(size)) for size in kind.sizes]
        name, last = f"growth: {kind.name}", looks[-1]
        many = f"{kind.sizes[-1]:,}"
        steps = list(pairwise(zip(kind.sizes, looks, strict=True)))
        calls = [(b.calls.total() - a.calls.total()) / (more - few) for (few, a), (more, b) in steps]
        cpu = [max(b.cpu - a.cpu, 0.001) / (more - few) for (few, a), (more, b) in steps]
        yield Figure(name, f"calls for each added {kind.element}", "", [max(calls)], limit=kind.calls)
        yield Figure(name, f"CPU for each of {many}, over fewer", "ms", [cpu[-1] * 1e3], [cpu[0] * 1e3], EVEN)
        yield Figure(name, f"memory with {many}", "MB", [last.memory], limit=MEMORY)
        yield Figure(name, f"calls with {many}", "", [last.calls.total()])
        yield Figure(name, f"CPU with {many}", "s", [last.cpu])
        lambda_calls = sum(count for call, count in last.calls.items() if call.startswith("lambda:"))
        yield Figure(name, f"Lambda's rate with {many}", "s", [lambda_calls / LAMBDA_RATE])


def _look(account: tuple[int, ...]) -> Look:
    with process("bench.crowd", *account) as endpoint:
        env = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}
        command = [sys.executable, "-m", "bench.look", str(DEADLINE)]
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=-1, check=True)
    seen = json.loads(done.stdout)
    return Look(**{**seen, "calls": Counter(seen["calls"])})


if __name__ == "__main__":
    row(figures)
