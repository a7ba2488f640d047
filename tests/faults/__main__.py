"""Let every call of a run fail in every way, and print how many cells there were and what went wrong.

`python -m tests.faults`; an argument narrows it to the operations whose names begin with it.
"""

import logging
import sys
import time
from collections import Counter

from tests.answers.account import ACCOUNTS
from tests.faults import own
from tests.faults.exceptions import NOT_SAID, OTHERWISE, RESTATED
from tests.faults.faults import FAULTS
from tests.faults.matrix import matrix


def main() -> int:
    """Print the counts of the matrix and each wrong cell; return 1 if there is one."""
    logging.getLogger("readiness").addHandler(logging.NullHandler())
    start, wrong, counts = time.monotonic(), list[str](), Counter[str]()
    prefix, used = sys.argv[1] if len(sys.argv) > 1 else "", set[object]()
    facts: set[type] = set()
    for furnished in ACCOUNTS:
        with matrix(furnished) as cells:
            for cell in cells.cells():
                if cell.key[1].startswith(prefix):
                    wrong += [f"{cell.name}: {each}" for each in cells.wrong(cell)]
            counts += cells.counts + Counter(calls=len(cells.tape.asked))
            used |= cells.used
            facts |= cells.judged.facts
    made = sum(counts[fault.name] for fault in FAULTS)
    for own_cell in own.own_cells():
        if own_cell.operation.startswith(prefix):
            wrong += [f"{own_cell.name}: {each}" for each in own.wrong(own_cell)]
            counts["own"] += 1
    unused = [] if prefix else sorted(map(str, {*OTHERWISE, *RESTATED, *NOT_SAID} - used))
    wrong += [f"no cell needs the exception {each}" for each in unused]
    of_classes = ", ".join(f"{counts[fault.name]} {fault.name}" for fault in FAULTS)
    lines = [
        *wrong,
        f"{len(facts)} facts, {counts['calls']} calls: {made} cells: {of_classes}",
        f"{counts['findings']} findings compared; in {counts['proven by other answers']} cells other answers prove all",
        f"{counts['own']} cells of calls that a run makes for itself",
        f"{made + counts['own']} cells, {len(used)} declared exceptions, {len(wrong)} wrong",
        f"{time.process_time():.0f} s of CPU, {time.monotonic() - start:.0f} s",
    ]
    sys.stdout.write("\n".join([*lines, ""]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
