"""Alter every answer in every way, and print how many there were and what went wrong: `python -m tests.answers`.

An argument narrows it to the operations whose names begin with it.
"""

import logging
import sys
import time
from collections import Counter
from typing import get_args

from tests.answers.account import ACCOUNTS
from tests.answers.alterations import Kind
from tests.answers.judged import account


def main() -> int:
    """How many alterations led to something that they must not."""
    logging.disable(logging.CRITICAL)
    start, wrong, counts = time.monotonic(), Counter[str](), Counter[str]()
    facts: set[type] = set()
    prefix = sys.argv[1] if len(sys.argv) > 1 else ""
    for furnished in ACCOUNTS:
        with account(furnished) as judged:
            for key, alteration in judged.altered(facts):
                if not key[1].startswith(prefix):
                    continue
                for each in judged.wrong(key, alteration):
                    line = f"{key[1]} {alteration.kind} {alteration.where or alteration.member}: {each}"
                    wrong[line] += 1
            facts |= judged.facts
            counts += judged.counts + Counter(answers=len(judged.tape.asked))
    made = ", ".join(f"{counts[kind]} {kind}" for kind in get_args(Kind))
    said = [*sorted(wrong), f"{len(facts)} facts, {counts['answers']} answers: {made}"]
    said.append(f"of the members left out, {counts['needed']} are needed and {counts['default']} have a default")
    said.append(f"{wrong.total()} of them led to what they must not, {time.monotonic() - start:.0f} s")
    sys.stdout.write("\n".join([*said, ""]))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
