"""`python -m tests.model`: the wider bounds, and more random looks than the tests take; some minutes."""

import sys

from tests.model.forged import Forged
from tests.model.machine import Machine
from tests.model.mirror import SCENES, mirrored
from tests.model.scenes import TRIED, WIDE
from tests.model.walk import walk
from tests.model.whole import History, histories

HISTORIES = 2_400
MIRRORED = 5_000


def main() -> int:
    """Print how much was tried and what broke; 1 if something did."""
    total, broken = 0, 0
    for scene in (*TRIED, *WIDE):
        explored = Machine().explore(scene)
        total += explored.states
        broken += bool(explored.broken)
        print(f"{explored.states:>10,}  {scene.name}  {explored.broken}", flush=True)  # noqa: T201
    print(f"{total:>10,}  states of runs in all")  # noqa: T201
    for confirm in (1, 2):
        looks, promise = walk(HISTORIES, confirm=confirm)
        broken += bool(promise)
        print(f"{looks:>10,}  random looks, confirm={confirm}  {promise}", flush=True)  # noqa: T201
    for kind, what in ((History, "whole runs"), (Forged, "whole runs while the rows are attacked")):
        runs, promise, _ = histories(HISTORIES, kind=kind)
        broken += bool(promise)
        print(f"{runs:>10,}  {what}  {promise}", flush=True)  # noqa: T201
    for name, mirrors in SCENES.items():
        runs, promise, _ = mirrored(MIRRORED, mirrors)
        broken += bool(promise)
        print(f"{runs:>10,}  runs with a pager: {name}  {promise}", flush=True)  # noqa: T201
    return int(broken > 0)


if __name__ == "__main__":
    sys.exit(main())
