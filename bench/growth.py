"""How calls, time and memory of one look grow with the functions and roles of the account.

Beside the calls stands the least number that AWS's page sizes and what is in scope allow, if all else stays as it is
where there are few. Moto answers as fast as this machine lets it, and refuses nobody: beside its seconds stand those
that the rate would take at which AWS answers Lambda's calls.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"}

SIZES = ((10, 5), (100, 5), (1000, 5), (1000, 100), (1000, 1000))
"""Functions, each with a role of its own, and how many of them belong to the table."""

DEADLINE = 120.0
"""Seconds: enough, so that the calls of the largest can be counted."""

SHORT = 3.0
"""Seconds: so little that the calls of the largest can't end, as they would not at AWS's rates within a minute."""

PAGES = {"lambda:ListFunctions": 50, "iam:GetAccountAuthorizationDetails": 100}
"""How many functions or roles are on a page: AWS puts no more functions there, and is asked for no more roles."""

BATCHES = {"monitoring:GetMetricData": (500, 125)}
"""How many functions in scope a call is about, which is about 500 series: one or, for failed events, four of each."""

EACH = (
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "lambda:ListAliases",
    "lambda:ListFunctionEventInvokeConfigs",
    "lambda:ListFunctionUrlConfigs",
    "lambda:ListVersionsByFunction",
    "logs:DescribeLogGroups",
)
"""What is asked of each function in scope, which runs `$LATEST` alone, or of its log group, which no other shares."""

RATES = {"lambda:GetPolicy": 15, "lambda": 15}
"""Calls a second that AWS allows an account, of that operation and of all others of Lambda together; not adjustable.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html#api-requests
"""


@dataclass(frozen=True)
class Look:
    """What look.py printed."""

    calls: Counter[str]
    seconds: float
    cpu: float
    memory: float
    findings: int
    unknown: int


def main() -> None:
    """A line for each size, and one for the largest with hardly any time."""
    print(f"{'':9}{'in':>7}{'':7}{'':7}{'moto':>9}{'AWS':>9}{'CPU':>7}{'':7}{'':10}")
    print(
        f"{'functions':>9}{'scope':>7}{'calls':>7}{'least':>7}{'seconds':>9}{'seconds':>9}{'seconds':>8}{'MB':>6}"
        f"{'findings':>10}{'UNKNOWN':>9}"
    )
    few: Counter[str] = Counter()
    for functions, in_scope in SIZES:
        with _crowd(functions, in_scope) as endpoint:
            look = _look(endpoint, DEADLINE)
            few = few or look.calls
            _tell(functions, in_scope, look, _least(few, functions, in_scope))
            if in_scope == functions:
                _hurry(endpoint)


def _tell(functions: int, in_scope: int, look: Look, least: int) -> None:
    print(
        f"{functions:>9}{in_scope:>7}{look.calls.total():>7}{least:>7}{look.seconds:>9.1f}{_paced(look.calls):>9.1f}"
        f"{look.cpu:>8.1f}{look.memory:>6.0f}{look.findings:>10}{look.unknown:>9}",
        flush=True,
    )


def _hurry(endpoint: str) -> None:
    """What does not arrive in time is UNKNOWN, and the look ends nevertheless."""
    look = _look(endpoint, SHORT)
    print(
        f"the last, in a hurry: all calls end after {SHORT:.0f} s, the look after {look.seconds:.1f} s,"
        f" {look.unknown} of {look.findings} findings are UNKNOWN"
    )


def _least(few: Counter[str], functions: int, in_scope: int) -> int:
    """The pages of the account, the batches and calls about what is in scope, and all others as where there are few."""
    others = sum(count for name, count in few.items() if name not in {*PAGES, *BATCHES, *EACH})
    pages = sum(ceil(functions / size) for size in PAGES.values())
    batches = sum(1 + sum(ceil(in_scope / size) for size in sizes) for sizes in BATCHES.values())
    return others + pages + batches + len(EACH) * in_scope


def _paced(calls: Counter[str]) -> float:
    """Seconds, if AWS's rates were all that takes time."""
    spent: Counter[str] = Counter()
    for name, count in calls.items():
        spent[name if name in RATES else name.partition(":")[0]] += count
    return max(spent[name] / rate for name, rate in RATES.items())


@contextmanager
def _crowd(functions: int, in_scope: int) -> Iterator[str]:
    """Its endpoint, as long as it is there."""
    command = [sys.executable, str(HERE / "crowd.py"), str(functions), str(in_scope)]
    env = {**os.environ, **CREDENTIALS}
    with subprocess.Popen(command, env=env, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True) as account:
        try:
            yield account.stdout.readline().strip() if account.stdout else ""
        finally:
            account.communicate()


def _look(endpoint: str, deadline: float) -> Look:
    env = {**os.environ, **CREDENTIALS, "AWS_ENDPOINT_URL": endpoint}
    command = [sys.executable, str(HERE / "look.py"), str(deadline)]
    done = subprocess.run(command, env=env, stdout=-1, check=True)
    seen: dict[str, Any] = json.loads(done.stdout)
    return Look(**{**seen, "calls": Counter(seen["calls"])})


if __name__ == "__main__":
    main()
