"""One account, judged as it is and again with each answer altered; what must hold each time."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

import pytest
from moto import mock_aws
from msgspec.structs import replace

from readiness import scan
from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.collect import Defect, Past, collect, needed
from readiness.engine.evaluate import evaluate
from readiness.engine.fact import Source
from readiness.engine.rule import Check, Rule
from readiness.engine.snapshot import ROOT, Place, Snapshot
from readiness.facts.dynamodb.table import Table
from readiness.model import Finding, Reason, Status
from tests.answers.account import RULES, furnish, idle, mute
from tests.answers.alterations import Alteration, alterations
from tests.answers.replay import Key, Rerun, Tape, attributed, standing_on
from tests.run.world import World

Findings = Mapping[tuple[str, str], Finding]


@dataclass
class Defects:
    """What no fact and no check should raise."""

    found: list[str] = field(default_factory=list)

    def __call__(self, who: str, error: Exception) -> None:
        self.found.append(f"{who} raised {type(error).__name__}: {error}")


@dataclass
class Declared:
    """Which members were read in this run, by the meaning of their absence."""

    needed: set[str] = field(default_factory=set)
    default: set[str] = field(default_factory=set)


@dataclass
class Judged:
    """The account as it is. `wrong` says what an altered answer made of it that it must not."""

    tape: Tape
    checks: list[Check]
    past: Past
    world: World
    counts: Counter[str] = field(default_factory=Counter)

    @cached_property
    def snapshot(self) -> Snapshot:
        defects = Defects()
        snapshot = collect(self.checks, self.past, defect=defects)
        assert not defects.found, defects.found
        attributed(self.tape, snapshot)
        return snapshot

    @cached_property
    def findings(self) -> Findings:
        defects = Defects()
        found = self.evaluated(self.checks, self.snapshot, defects)
        assert not defects.found, defects.found
        return found

    @cached_property
    def graph(self) -> dict[type, set[type]]:
        return needed(self.checks)

    @property
    def facts(self) -> set[type]:
        """Those that asked for something."""
        _ = self.findings
        return {fact for asked in self.tape.asked.values() for fact in asked}

    def altered(self, known: AbstractSet[type] = frozenset()) -> Iterator[tuple[Key, Alteration]]:
        """Every answer that a fact asked for, in every way in which it can be wrong."""
        _ = self.findings
        for key in sorted(self.tape.asked):
            yield from ((key, each) for each in self.alterations(key, known))

    def alterations(self, key: Key, known: AbstractSet[type]) -> Iterator[Alteration]:
        """Of one answer. Where another account has shown what its facts make of it, new values alone."""
        status, answer = self.tape.answers[key]
        made = alterations(self.tape.models[key], answer) if status < 300 else ()
        again = self.tape.asked[key] <= known
        yield from (each for each in made if not again or each.kind == "new value")

    def wrong(self, key: Key, alteration: Alteration) -> list[str]:
        """What the altered answer leads to that it must not; nothing where all is as declared."""
        anew = standing_on(self.graph, self.tape.asked[key])
        checks = [check for check in self.checks if {need.kind for need in check.needs.values()} & anew]
        defects = Defects()
        with self.tape.altered(key, alteration.answer, alteration.status), _declarations() as declared:
            snapshot = Rerun(self.checks, self.past, self.snapshot, anew, defects).run()
            found = self.evaluated(checks, snapshot, defects)
        self.counts[alteration.kind] += 1
        if defects.found:
            return defects.found
        match alteration.kind:
            case "left out":
                return list(self._undeclared(alteration, found, declared))
            case "new value":
                return list(self._reassured(found))
            case _:
                return []

    def _reassured(self, found: Findings) -> Iterator[str]:
        """A value of which nobody knows what it means makes nothing good that was not."""
        for address, finding in found.items():
            before = self.findings.get(address)
            if finding.status is Status.PASS and before is not None and before.status is not Status.PASS:
                yield f"{address} was {before.status}, is PASS: {finding.message}"

    def _undeclared(self, alteration: Alteration, found: Findings, declared: Declared) -> Iterator[str]:
        """Without a member, what needs it is UNKNOWN for that reason, and all else is as it was."""
        self.counts["needed" if alteration.member in declared.needed else "default"] += bool(
            alteration.member in declared.needed | declared.default
        )
        for address, finding in found.items():
            before = self.findings.get(address)
            if before is None or (before.status, before.message) == (finding.status, finding.message):
                continue
            if finding.status is Status.UNKNOWN:
                if finding.unavailable and finding.unavailable.reason is not Reason.INCOMPLETE_ANSWER:
                    yield f"{address} is UNKNOWN because of {finding.unavailable}"
            elif alteration.member not in declared.default and before.status is not finding.status:
                yield f"{address} was {before.status}, is {finding.status}: {finding.message}"

    def evaluated(self, checks: list[Check], snapshot: Snapshot, defects: Defect) -> Findings:
        wanted = set(map(id, checks))
        rules = [replace(rule, checks=[check for check in rule.checks if id(check) in wanted]) for rule in RULES]
        names = partial(scan.remedy_values, self.world.settings)
        judged = evaluate(rules, snapshot, Table, names, defects)
        findings = [finding for each in judged for asked in each.asked for finding in asked.findings]
        return {(f"{each.rule}/{each.check}", each.resource): each for each in findings}


@contextmanager
def account(
    furnished: Callable[[World], None] = furnish, rules: tuple[Rule, ...] = RULES, tape: Callable[[], Tape] = Tape
) -> Iterator[Judged]:
    """Furnish an account, run the monitor over it once, and keep all that it was told on the tape."""
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        idle(patch)
        world = World()
        world.subscribe()
        furnished(world)
        mute(patch)
        world.run(rules)
        taped, taken = tape(), []

        def listening(checks: Any, past: Past, *rest: Any) -> Snapshot:
            taken.append((list(checks), replace(past, kept=_nothing)))
            return collect(*taken[-1], *rest)

        patch.setattr(scan, "collect", listening)
        taped.record(world.account)
        world.run(rules)
        checks, past = taken[0]
        given = {**past.given, Aws: {ROOT: taped.player(world.account.aws)}}
        yield Judged(taped, checks, replace(past, given=given), world)


def _nothing(_source: Source, _place: Place, _revision: str) -> None:
    """No answer of an earlier run is used again."""


@contextmanager
def _declarations() -> Iterator[Declared]:
    """What the facts declare of the members that they read, while they read them."""
    declared = Declared()
    need, get = Answer.need, Answer.get

    def needing(answer: Answer, name: str, kind: Any) -> Any:
        declared.needed.add(name)
        return need(answer, name, kind)

    def getting(answer: Answer, name: str, kind: Any, default: Any = None) -> Any:
        declared.default.add(name)
        return get(answer, name, kind, default)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Answer, "need", needing)
        patch.setattr(Answer, "get", getting)
        yield declared
