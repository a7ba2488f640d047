"""Print how many checks have a remedy that is executed, validated, or not runnable: `python -m tests.remedies`."""

import sys

from tests.remedies.counted import NOT_RUNNABLE, all_checks, executed, validated

if __name__ == "__main__":
    known = all_checks()
    counts = {"executed": executed() & known, "validated": validated() & known, "not runnable": NOT_RUNNABLE.keys()}
    for what, names in counts.items():
        sys.stdout.write(f"{len(names)} {what}\n")
