"""The growth of the calls, time and memory of one scan with the resources of the account.

The added calls are divided by what was added, and the CPU by the number of resources. AWS allows 15 calls of Lambda's
control plane a second; moto refuses nobody, so the time that this rate would take is computed.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from bench.figure import Figure, row
from bench.served import CREDENTIALS, ROOT, process

DEADLINE = 300.0
"""Seconds: enough for the calls of the largest account."""

MEMORY = 512
"""MB, as the function has."""

LINEAR = 1.0
"""CPU for an element among many over that among some: below 1 if it is linear, about 10 if it were the square."""

LAMBDA_RATE = 15
"""Calls of Lambda's control plane a second that AWS allows an account, which is not adjustable.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
"""


@dataclass(frozen=True)
class Kind:
    """A kind of resource: the arguments of bench.crowd for each size, and the calls that a resource may add."""

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
    """The figures that bench.look prints."""

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
        few, some, many = kind.sizes
        added = (looks[-1].calls.total() - looks[0].calls.total()) / (many - few)
        cpu = [1000 * look.cpu / size for look, size in zip(looks, kind.sizes, strict=True)]
        lambda_calls = sum(count for call, count in looks[-1].calls.items() if call.startswith("lambda:"))
        name = f"growth: {kind.name}"
        yield Figure(name, f"calls for each {kind.element} from {few} to {many:,}", "", [added], limit=kind.calls)
        yield Figure(name, f"CPU for each of {many:,}, over each of {some:,}", "ms", [cpu[2]], [cpu[1]], LINEAR)
        yield Figure(name, f"memory with {many:,}", "MB", [looks[-1].memory], limit=MEMORY)
        yield Figure(name, f"calls with {many:,}", "", [looks[-1].calls.total()])
        yield Figure(name, f"CPU with {many:,}", "s", [looks[-1].cpu])
        if kind is KINDS[0]:
            yield Figure(name, f"AWS's rate for Lambda with {many:,}", "s", [lambda_calls / LAMBDA_RATE])


def _look(account: tuple[int, ...]) -> Look:
    with process("bench.crowd", *account) as endpoint:
        env = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}
        command = [sys.executable, "-m", "bench.look", str(DEADLINE)]
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=-1, check=True)
    seen = json.loads(done.stdout)
    return Look(**{**seen, "calls": Counter(seen["calls"])})


if __name__ == "__main__":
    row(figures)
