"""`readiness check` over a script that imports boto3 and makes one call, from process start to exit, interleaved.

Both talk to the same local endpoint. Run it with `make bench`.
"""

import os
import subprocess
import sys
from pathlib import Path

from measure import compare, cost

RUNS = 15
HERE = Path(__file__).parent
ACCOUNT = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench", "AWS_DEFAULT_REGION": "us-east-1"}


def main() -> None:
    """Print medians and ratios; the limits are those of the design: 2 in wall and CPU, 1.5 in memory.

    This process stays small, because the peak memory of a process that it starts counts from its own size on.
    """
    # What is installed is compiled; without this its own modules would be, in every run.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | ACCOUNT
    with subprocess.Popen(
        [sys.executable, str(HERE / "account.py")], env=env, stdin=-1, stdout=-1, stderr=subprocess.DEVNULL, text=True
    ) as account:
        env["AWS_ENDPOINT_URL"] = account.stdout.readline().strip()
        try:
            _compare(env)
        finally:
            account.communicate()


def _compare(env: dict[str, str]) -> None:
    readiness = [str(Path(sys.executable).with_name("readiness")), "check", "--table", "babesclub-commerce"]
    floor = [sys.executable, str(HERE / "floor.py")]
    checks, floors = [], []
    for turn in range(RUNS + 1):
        measured = cost(readiness, env, expect=frozenset({0, 1, 3})), cost(floor, env)
        if turn:
            checks.append(measured[0])
            floors.append(measured[1])
    print(f"readiness check over the floor, medians of {RUNS} interleaved runs after a warm-up")
    print(compare(checks, floors, ("check", "floor")))


if __name__ == "__main__":
    main()
