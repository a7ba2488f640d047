"""Whichever call of a run fails, and however, only what needs it is unknown, and it says which call and why."""

import random
from collections.abc import Iterator

from readiness import scan
from readiness.aws.client import Aws
from readiness.engine.snapshot import ROOT
from readiness.report.permissions import OWN_OPERATIONS, operations
from tests.answers.account import ACCOUNTS, RULES
from tests.faults import own
from tests.faults.exceptions import OTHERWISE
from tests.faults.matrix import Cell, Matrix, logged, matrix

CELLS, SCANS, OWN_CELLS = 60, 2, 8
"""The number of cells of each account, of those by a whole scan, and of the run's own calls.

`python -m tests.faults` tries all.
"""


def test_a_call_that_fails_is_unknown_only_where_it_is_needed() -> None:
    wrong: list[str] = []
    called: set[tuple[str, str]] = set()
    chance = random.Random(1)  # noqa: S311  a sample, no secret
    for furnished in ACCOUNTS:
        with matrix(furnished) as cells:
            for cell in chance.sample(list(cells.cells()), CELLS):
                wrong += [f"{cell.name}: {each}" for each in cells.wrong(cell)]
            for cell in chance.sample([*failing(cells)], SCANS):
                wrong += [f"{cell.name}: {each}" for each in scanned(cells, cell)]
            called |= {key[:2] for key in cells.tape.asked}
    assert wrong == []
    own_calls = {(service, each) for service, names in OWN_OPERATIONS.items() for each in names}
    declared = {(service, each) for service, names in operations().items() for each in names}
    assert declared - own_calls - called == {("sts", "AssumeRole")}, "an operation that no cell lets fail"


def failing(cells: Matrix) -> Iterator[Cell]:
    """The cells whose calls fail, and for which there is no exception."""
    yield from (
        cell for cell in cells.cells() if cell.fault.reasons and (cell.key[1], cell.fault.name) not in OTHERWISE
    )


def scanned(cells: Matrix, cell: Cell) -> list[str]:
    """By a whole scan, in which all facts are read anew: the findings that need none of the call are as before."""
    needing = {check.id for check in cells.needing(cell)}
    past, world, defects = cells.judged.past, cells.judged.world, scan.Defects()
    with logged() as lines, cells.tape.failing(cell.fault, cell.hits):
        (found,) = scan.scan(RULES, past.given[Aws][ROOT], world.settings, past, world.now, defects=defects)
    now = {
        (f"{each.rule}/{each.check}", each.resource): each
        for asked in found.evaluation.asked
        for each in asked.findings
    }
    return [
        *(f"{who} raised" for who in defects.names),
        *(
            f"{address} is {now.get(address)}"
            for address, each in cells.before.items()
            if address[0] not in needing and now.get(address) != each
        ),
        *([] if len(lines) == 1 else [f"the log has {[line.getMessage() for line in lines]}"]),
    ]


def test_a_call_of_the_run_itself_that_fails_loses_no_message_and_is_logged() -> None:
    chance = random.Random(1)  # noqa: S311  a sample, no secret
    cells = chance.sample(list(own.own_cells()), OWN_CELLS)
    assert [f"{cell.name}: {each}" for cell in cells for each in own.wrong(cell)] == []
