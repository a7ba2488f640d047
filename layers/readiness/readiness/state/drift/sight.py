"""One scan of one check: the input of the decision about it."""

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from readiness.aws.arn import is_within
from readiness.model import Severity, Status
from readiness.state.drift.calm import FlapDamping
from readiness.state.drift.event import Difference, Ending, Event, EventKind, differs, kind_of
from readiness.state.drift.memory import MOST, CheckState, Visibility
from readiness.state.drift.observation import BELOW, OTHERS, CheckResult, known_after


class DecisionContext(Struct, frozen=True):
    """The input of a decision besides memory and observation.

    `judge` is the check's version and the digest of the settings that it uses. `confirm=2`: a failure and its end must
    be read twice; 0: no event needs a second reading. `waivers` are all on record, expired ones too. `waived` returns
    True if a waiver covers the resource. `waived_wholly`: one covers the whole check, its blindness included.
    `counted`: this scan is not too shortly after the last counted one. `remind_after=timedelta()` disables reminders.
    `fails_beside` returns True if another check of the rule, not waived, is known to fail on the resource or a parent.
    `most` is the number of resources that are kept by name.
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
    counted: bool = True
    remind_after: timedelta = timedelta(hours=24)
    fails_beside: Callable[[str], bool] = lambda _resource: False
    gate: FlapDamping = field(default_factory=FlapDamping)
    most: int = MOST


class Transition(Struct, frozen=True, dict=True):
    """`was` is the memory before this scan, `known` the same memory with the results of this scan.

    `dict=True` is for the cached properties: each step of a decision reads them again.
    """

    was: CheckState
    observation: CheckResult
    context: DecisionContext
    now: datetime

    @cached_property
    def known(self) -> CheckState:
        """Return the memory with the results of this scan. `told` is unchanged, and nothing is pruned."""
        return known_after(self.was, self.observation, self.now, self.most)

    @cached_property
    def readable(self) -> frozenset[str]:
        """Return the resources that this scan can report on: those it read, or that a complete listing omits."""
        return frozenset(self.observation.read) | self.observation.missing(self.was.resources)

    @property
    def most(self) -> int:
        """Return the number of resources that are kept by name."""
        return min(self.was.most, self.context.most)

    @property
    def resumed(self) -> bool:
        """Return True in the first scan after a pause."""
        return self.was.paused and not self.context.paused

    @property
    def dark(self) -> Visibility:
        """Return the visibility of the check's resources in this scan."""
        return self.observation.dark

    @cached_property
    def anew(self) -> frozenset[str]:
        """Return the resources that were last read under another `judge`, or are read for the first time.

        OTHERS in `unjudged` stands for further pending resources, whose names are not kept.
        """
        if self.was.judge == self.context.judge:
            return self.readable & self.was.unjudged | self.awaited(self.readable)
        return self.readable if self.dark is not Visibility.WHOLLY else frozenset()

    def awaited(self, resources: AbstractSet[str]) -> frozenset[str]:
        """Return those of the resources that the memory does not keep, and that are or may be below a pending one."""
        names = self.was.unjudged
        parents = [name.removesuffix(BELOW) for name in names if name.endswith(BELOW)]
        if not parents and OTHERS not in names:
            return frozenset()
        unknown = resources - self.was.resources
        return frozenset(name for name in unknown if OTHERS in names or any(is_within(name, each) for each in parents))

    @cached_property
    def moved(self) -> tuple[Difference, ...]:
        """Return the differences in known state before and after this scan, without rejudged resources."""
        before = {name: self.was.known.get(name) for name in self.readable - self.anew}
        after = self.known.known
        return tuple(
            Difference(name, before[name], after.get(name))
            for name in sorted(before)
            if differs(before[name], after.get(name), gone=self._left(name))
        )

    def waived(self, resource: str) -> bool:
        """Return True if a waiver covers the resource."""
        return self.context.waived_wholly or self.context.waived(resource)

    def held(self, memory: CheckState, resource: str) -> bool:
        """Return True if a failure or warning was told that is not applicable now only because something else fails.

        PITR that is disabled makes the check of its freshness not applicable, and resolves nothing.
        """
        told, known = memory.told.get(resource), memory.known.get(resource)
        failed = told is not None and told.status in {Status.FAIL, Status.WARN}
        absent = known is not None and known.status is Status.NOT_APPLICABLE
        return failed and absent and self.context.fails_beside(resource)

    def difference(self, memory: CheckState, resource: str) -> Difference:
        """Return the told and the known state of a resource."""
        return Difference(resource, memory.told.get(resource), memory.known.get(resource))

    def kind(self, memory: CheckState, resource: str) -> EventKind | None:
        """Return the kind of event for the difference between told and known."""
        told, known = memory.told.get(resource), memory.known.get(resource)
        return kind_of(told, known, gone=resource in memory.gone)

    def event(self, kind: EventKind, differences: Iterable[Difference] = (), **more: Any) -> Event:
        """Return an event of this scan."""
        context = self.context
        return Event(context.check, kind, context.severity, self.now, tuple(differences), **more)

    def silently(self, moves: Iterable[Difference]) -> tuple[Event, ...]:
        """Return silent events of these changes, one for each kind."""
        kinds: dict[EventKind, list[Difference]] = {}
        for move in moves:
            gone = move.after is None and move.resource in self.known.gone
            kinds.setdefault(kind_of(move.before, move.after, gone=gone) or EventKind.CHANGED, []).append(move)
        return tuple(self.event(kind, kinds[kind], silent=True) for kind in EventKind if kind in kinds)

    def _left(self, resource: str) -> bool:
        return resource in self.known.gone and resource not in self.was.gone
