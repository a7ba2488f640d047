"""One look at one check: all that a decision about it is made from."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from readiness.model import Severity
from readiness.state.drift.calm import FlapDamping
from readiness.state.drift.event import Difference, Ending, Event, EventKind, differs, kind_of
from readiness.state.drift.memory import CheckState, Visibility
from readiness.state.drift.observation import CheckResult, known_after


class DecisionContext(Struct, frozen=True):
    """What a decision needs besides memory and observation.

    `judge` is the check's version and the digest of the settings that judge it. `confirm=2`: a failure and its end
    must be read twice; 0: nothing must. `waivers` are all on record, those that ended too; `waived` says of one
    resource that one is in force, `waived_wholly` of the check, its blindness included. `remind_after` zero: never.
    """

    check: str
    severity: Severity
    judge: str
    confirm: int = 1
    waived: Callable[[str], bool] = lambda _resource: False
    waived_wholly: bool = False
    waivers: tuple[Ending, ...] = ()
    acknowledged: datetime | None = None
    paused: bool = False
    remind_after: timedelta = timedelta(hours=24)
    gate: FlapDamping = field(default_factory=FlapDamping)


class Transition(Struct, frozen=True, dict=True):
    """`was` is what was remembered before this look, `known` the same with what this look read.

    `dict=True` is for the cached properties: each step of a decision asks for them again.
    """

    was: CheckState
    observation: CheckResult
    context: DecisionContext
    now: datetime

    @cached_property
    def known(self) -> CheckState:
        """Nothing is told in it yet, and nothing is dropped from it yet."""
        return known_after(self.was, self.observation, self.now)

    @cached_property
    def readable(self) -> frozenset[str]:
        """The resources that this look may speak of: those that it read, or that a complete listing omits."""
        return frozenset(self.observation.read) | self.observation.missing(self.was.resources)

    @property
    def counted(self) -> bool:
        """Not so shortly after another look that both are one."""
        return self.was.looked_at is None or self.now - self.was.looked_at >= self.context.gate.apart

    @property
    def resumed(self) -> bool:
        """The first look after a pause."""
        return self.was.paused and not self.context.paused

    @property
    def dark(self) -> Visibility:
        """How blind this look was."""
        return self.observation.dark

    @cached_property
    def anew(self) -> frozenset[str]:
        """The resources that were judged in another way when they were last read."""
        if self.was.judge == self.context.judge:
            return self.readable & self.was.unjudged
        return self.readable if self.dark is not Visibility.WHOLLY else frozenset()

    @cached_property
    def moved(self) -> tuple[Difference, ...]:
        """What is known now and was not before this look, without what is only judged anew."""
        before = {name: self.was.known.get(name) for name in self.readable - self.anew}
        after = self.known.known
        return tuple(
            Difference(name, before[name], after.get(name))
            for name in sorted(before)
            if differs(before[name], after.get(name), gone=self._left(name))
        )

    def waived(self, resource: str) -> bool:
        """Whether somebody accepted what is found on that resource."""
        return self.context.waived_wholly or self.context.waived(resource)

    def difference(self, memory: CheckState, resource: str) -> Difference:
        """What people think of a resource, and how it is."""
        return Difference(resource, memory.told.get(resource), memory.known.get(resource))

    def kind(self, memory: CheckState, resource: str) -> EventKind | None:
        """What the difference between these is called."""
        told, known = memory.told.get(resource), memory.known.get(resource)
        return kind_of(told, known, gone=resource in memory.gone)

    def event(self, kind: EventKind, differences: Iterable[Difference] = (), **more: Any) -> Event:
        """An event of this look."""
        context = self.context
        return Event(context.check, kind, context.severity, self.now, tuple(differences), **more)

    def silently(self, moves: Iterable[Difference]) -> tuple[Event, ...]:
        """Records of moves that nobody is told of, one of each kind."""
        kinds: dict[EventKind, list[Difference]] = {}
        for move in moves:
            gone = move.after is None and move.resource in self.known.gone
            kinds.setdefault(kind_of(move.before, move.after, gone=gone) or EventKind.CHANGED, []).append(move)
        return tuple(self.event(kind, kinds[kind], silent=True) for kind in EventKind if kind in kinds)

    def _left(self, resource: str) -> bool:
        return resource in self.known.gone and resource not in self.was.gone
