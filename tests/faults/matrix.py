"""Every recorded call times every class of faults, and what must hold of the findings, the reason and the log."""

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from readiness import scan
from readiness.engine.fact import source_of
from readiness.engine.rule import Check
from readiness.model import Finding, Status
from readiness.report.permissions import OPERATIONS_OF, SERVICE_OF
from tests.answers.alterations import alterations
from tests.answers.judged import Findings, Judged, account
from tests.answers.replay import Key, Rerun, standing_on
from tests.faults.exceptions import NOT_SAID, OTHERWISE, RESTATED
from tests.faults.faults import FAULTS, Fault
from tests.faults.player import FaultyTape, without_waiting
from tests.run.world import World

DENIED = FAULTS[0]


class Log(logging.Handler):
    """The lines of the run's log."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record)


@contextmanager
def logged() -> Iterator[list[logging.LogRecord]]:
    """The warnings and errors that the package logs inside."""
    logger, log = logging.getLogger("readiness"), Log()
    propagates, logger.propagate = logger.propagate, False
    logger.addHandler(log)
    try:
        yield log.lines
    finally:
        logger.removeHandler(log)
        logger.propagate = propagates


@dataclass(frozen=True)
class Cell:
    """A call, or all calls of its operation, and a fault."""

    key: Key
    fault: Fault
    everywhere: bool = False

    @property
    def name(self) -> str:
        return f"{self.key[0]} {self.key[1]}{' everywhere' if self.everywhere else ''}, {self.fault.name}"

    def hits(self, key: Key) -> bool:
        return key == self.key or (self.everywhere and key[:2] == self.key[:2])


@dataclass
class Matrix:
    """One account, and what each cell does to its findings."""

    judged: Judged
    tape: FaultyTape
    counts: Counter[str] = field(default_factory=Counter)
    used: set[object] = field(default_factory=set)

    @cached_property
    def before(self) -> Findings:
        return self.judged.findings

    def cells(self) -> Iterator[Cell]:
        """Each call with each fault that can be of it, and each operation of several calls."""
        _ = self.before
        keys = sorted(self.tape.asked)
        calls = Counter(key[:2] for key in keys)
        for key in keys:
            yield from (Cell(key, each) for each in FAULTS if each.fits(self.tape.models[key]))
        for key in {key[:2]: key for key in keys if calls[key[:2]] > 1}.values():
            yield from (Cell(key, each, everywhere=True) for each in FAULTS if each.reasons and each.send)

    def asking(self, cell: Cell) -> set[type]:
        """The facts that make the call."""
        return {fact for key, facts in self.tape.asked.items() if cell.hits(key) for fact in facts}

    def needing(self, cell: Cell) -> list[Check]:
        """The checks that need the call, by a fact that makes it or by one that is made of such a fact."""
        anew = standing_on(self.judged.graph, self.asking(cell))
        return [check for check in self.judged.checks if {need.kind for need in check.needs.values()} & anew]

    def wrong(self, cell: Cell) -> Iterator[str]:
        """Yield the deviations of a cell from the expected findings and log lines."""
        defects = scan.Defects()
        with logged() as lines, self.tape.failing(cell.fault, cell.hits):
            checks, found = self._found(cell, defects)
        self.counts[cell.fault.name] += 1
        self.counts["findings"] += len(found)
        if (cell.key[1], cell.fault.name) in OTHERWISE:
            self.used.add((cell.key[1], cell.fault.name))
            return
        yield from (f"{who} raised" for who in defects.names)
        if not self.tape.hits:
            yield "was not called"
        ids = {check.id for check in checks}
        before = {address: each for address, each in self.before.items() if address[0] in ids}
        yield from self._unlike(cell, before, found)
        yield from self._unlogged(cell, lines)

    def _found(self, cell: Cell, defects: scan.Defects) -> tuple[list[Check], Findings]:
        """Collect anew what the call is made for, and all that stands on it; return the checks that need it."""
        judged = self.judged
        anew = standing_on(judged.graph, self.asking(cell))
        checks = self.needing(cell)
        snapshot = Rerun(judged.checks, judged.past, judged.snapshot, anew, defects).run()
        found = judged.evaluated(checks, snapshot, defects)
        scan.log_failures(snapshot, defects)
        return checks, found

    def _unlike(self, cell: Cell, before: Findings, found: Findings) -> Iterator[str]:
        changed = {address for address in before.keys() | found.keys() if before.get(address) != found.get(address)}
        if cell.fault.gone:
            yield from self._of_gone(cell, before, found)
        elif not cell.fault.reasons:
            yield from (f"{address} changed: {found.get(address)}" for address in sorted(changed))
        else:
            yield from self._of_failure(cell, before, found, changed)

    def _of_failure(
        self, cell: Cell, before: Findings, found: Findings, changed: set[tuple[str, str]]
    ) -> Iterator[str]:
        """Each finding is UNKNOWN for the reason and with the permission, or as without the fault."""
        unread = {address: each for address, each in found.items() if each.status is Status.UNKNOWN}
        for address in sorted(changed):
            finding = found.get(address)
            if finding is None:
                if not any(check == address[0] for check, _ in unread):
                    yield f"{address} is not found any more"
            elif finding.unavailable is None:
                if differs := self._differing(address[0], before.get(address), finding):
                    yield f"{address} differs in {differs}: was {_said(before.get(address))}, is {_said(finding)}"
            elif finding.unavailable.reason not in cell.fault.reasons:
                yield f"{address} is UNKNOWN because of {finding.unavailable}"
            elif finding.unavailable.permission != self.permission(cell):
                yield f"{address} names {finding.unavailable.permission}, not {self.permission(cell)}"
        self.counts["proven by other answers"] += not unread
        if cell.fault is DENIED and not cell.everywhere:
            yield from self._unproven(cell, {address: each for address, each in found.items() if address not in unread})

    def _differing(self, check: str, before: Finding | None, now: Finding) -> list[str]:
        """Return the attributes of the finding that people are told, or whose change is drift."""
        names = ("status", "message", "watched")
        differing = [name for name in names if getattr(before, name, None) != getattr(now, name)]
        if differing == ["message"] and check in RESTATED:
            self.used.add(check)
            return []
        return differing

    def _unproven(self, cell: Cell, proven: Findings) -> Iterator[str]:
        """A finding that stands without the answer stands whichever of its lists are empty."""
        status, answer = self.tape.answers[cell.key]
        made = alterations(self.tape.models[cell.key], answer) if status < 300 else ()
        for each in (each for each in made if each.kind == "empty"):
            with self.tape.altered(cell.key, each.answer):
                found = self._found(cell, scan.Defects())[1]
            for address, finding in proven.items():
                now = found.get(address)
                if now is not None and now.status is not finding.status:
                    yield f"{address} is {_said(finding)}, and {_said(now)} with no {each.where}"

    def _of_gone(self, cell: Cell, before: Findings, found: Findings) -> Iterator[str]:
        """A deleted resource is an answer: it makes nothing UNKNOWN, and a finding names it."""
        for address, finding in found.items():
            if finding.unavailable and before.get(address) != finding:
                yield f"{address} is UNKNOWN because of {finding.unavailable}"
            elif "it does not exist" in finding.message and cell.key[1] not in NOT_SAID:
                yield f"{address} says {finding.message!r}"
            elif "it does not exist" in finding.message:
                self.used.add(cell.key[1])

    def _unlogged(self, cell: Cell, lines: list[logging.LogRecord]) -> Iterator[str]:
        told = [(line.levelname, vars(line).get("error"), vars(line).get("operation")) for line in lines]
        if not cell.fault.reasons:
            if told:
                yield f"the log has {told}"
        elif len(told) != 1 or told[0][0] != "WARNING" or told[0][1] not in cell.fault.reasons:
            yield f"the log has {told}"
        elif told[0][2] != self.permission(cell):
            yield f"the log names {told[0][2]}, not {self.permission(cell)}"

    def permission(self, cell: Cell) -> str | None:
        """The IAM action of the call, as the facts that make it declare it."""
        service, operation = cell.key[:2]
        declared = {
            action
            for fact in self.asking(cell)
            for action in source_of(fact).actions
            for prefix, _, name in [action.partition(":")]
            if SERVICE_OF.get(prefix, prefix) == service and operation in OPERATIONS_OF.get(action, (name,))
        }
        assert len(declared) == 1, f"{cell.name}: {declared}"
        return declared.pop()


def _said(finding: Finding | None) -> str:
    return f"{finding.status} {finding.message!r}" if finding else "nothing"


@contextmanager
def matrix(furnished: Callable[[World], None]) -> Iterator[Matrix]:
    """Furnish an account, record it, and let calls fail."""
    with without_waiting(), account(furnished, tape=FaultyTape) as judged:
        assert isinstance(judged.tape, FaultyTape)
        yield Matrix(judged, judged.tape)
