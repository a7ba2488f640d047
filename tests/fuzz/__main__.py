"""`python -m tests.fuzz`: the state machines with more histories than the tests take, always the same.

Arguments: the number of histories of each, and the names of the machines.
"""

import logging
import sys

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fuzz.test_machine import Attacked, Program
from tests.fuzz.world import TRIED

EXAMPLES = "430"
MACHINES = {"Program": Program, "Attacked": Attacked}


def main(histories: str = EXAMPLES, *names: str) -> int:
    """Print how much was tried, or the history that breaks a promise."""
    logging.disable(logging.CRITICAL)
    many = settings(
        max_examples=int(histories),
        stateful_step_count=40,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for name in names or MACHINES:
        TRIED.clear()
        run_state_machine_as_test(MACHINES[name], settings=many)
        said = ", ".join(f"{number:,} {what}" for what, number in TRIED.items())
        print(f"{name}: {said}", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
