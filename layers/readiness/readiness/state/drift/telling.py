"""The choice of the differences between known and told that this scan tells. Each resource is independent."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property

from msgspec import Struct

from readiness.model import Severity, Status
from readiness.state.drift.event import Event, EventKind
from readiness.state.drift.memory import BLINDNESS, CheckState, Visibility
from readiness.state.drift.sight import Transition

AT_ONCE = frozenset({EventKind.REGRESSED, EventKind.WAIVER_ENDED})


class NotifyDecision(Struct, frozen=True, dict=True):
    """`memory` is the memory with the results of this scan.

    `dict=True` is for the cached properties: each kind of event reads them again.
    """

    sight: Transition
    memory: CheckState

    @cached_property
    def pending(self) -> Mapping[str, EventKind]:
        """Return the kind of event to tell of each resource, now or later."""
        memory = self.memory
        kinds = {name: self._kind(name) for name in memory.resources | memory.waived}
        return {name: kind for name, kind in kinds.items() if kind}

    @cached_property
    def now(self) -> Mapping[str, EventKind]:
        """Return the kind of event that this scan tells of each resource."""
        return {name: kind for name, kind in self.pending.items() if self._agreed(name, kind) and self._open(kind)}

    @cached_property
    def after_pause(self) -> tuple[str, ...]:
        """Return the resources to tell of after a pause, calm or not."""
        return tuple(sorted(name for name, kind in self.pending.items() if self._agreed(name, kind)))

    @property
    def dark(self) -> Visibility:
        """Return the visibility to tell; the one that was told if a change can't be told in this scan."""
        memory, context = self.memory, self.sight.context
        if context.waived_wholly or not context.counted or self.sight.observation.late:
            return memory.dark
        if self.sight.dark is Visibility.NONE:
            return Visibility.NONE
        looks = {Visibility.WHOLLY: memory.wholly, Visibility.PARTLY: memory.partly}
        return next(
            (dark for dark, count in looks.items() if count >= context.gate.blind_looks and dark > memory.dark),
            memory.dark,
        )

    @property
    def dark_now(self) -> Visibility:
        """Return the same, if flap damping lets this scan tell it; otherwise the one that was told."""
        kind = EventKind.VISIBLE if self.dark is Visibility.NONE else EventKind.OBSCURED
        return self.dark if self._open(kind) else self.memory.dark

    def differences(self) -> Iterator[Event]:
        """Yield one event for each kind."""
        sight, memory = self.sight, self.memory
        for kind in EventKind:
            names = sorted(name for name, each in self.now.items() if each is kind)
            if names:
                yield sight.event(kind, (sight.difference(memory, name) for name in names))

    def blindness(self) -> Iterator[Event]:
        """Yield an event if the visibility to tell has changed."""
        dark = self.dark_now
        if dark is not self.memory.dark:
            kind = EventKind.OBSCURED if dark else EventKind.VISIBLE
            yield self.sight.event(kind, dark=(self.memory.dark, dark))

    def waiting(self) -> Mapping[str, datetime]:
        """Return since when each pending difference has not been told.

        The end of a waiver alone is no difference.
        """
        differing = (name for name in self.pending if self.sight.kind(self.memory, name))
        keys = [*differing, *([BLINDNESS] if self._light_untold else [])]
        return {key: self.memory.waiting.get(key, self.sight.now) for key in keys}

    @property
    def held(self) -> bool:
        """Return True while the check's events are gathered: all except CRITICAL failures wait."""
        return self.sight.context.gate.gathering(self.memory, self.sight.now)

    @cached_property
    def _calm(self) -> bool:
        good = [name for name, kind in self.pending.items() if kind.good and self._agreed(name, kind)]
        if self._light_untold:
            good.append(BLINDNESS)
        return self.sight.context.gate.calm(self.memory, good, self.sight.now)

    @property
    def _light_untold(self) -> bool:
        """Return True if blindness was told, everything is readable again, and the check is not waived."""
        whole = self.sight.context.waived_wholly
        return self.memory.dark is not Visibility.NONE and self.sight.dark is Visibility.NONE and not whole

    def _kind(self, resource: str) -> EventKind | None:
        """Return the kind of event to tell. Under a waiver, only the recovery of a told failure is told."""
        if self.sight.held(self.memory, resource):
            return None
        kind = self.sight.kind(self.memory, resource)
        if self.sight.waived(resource):
            return kind if kind is EventKind.RECOVERED else None
        known = self.memory.known.get(resource)
        if resource in self.memory.waived and known and known.status is Status.FAIL:
            return EventKind.WAIVER_ENDED
        return kind

    def _agreed(self, resource: str, kind: EventKind) -> bool:
        """Return True if this scan can report on the resource and, if needed, a second reading has confirmed it."""
        if resource not in self.sight.readable:
            return False
        context = self.sight.context
        twice = kind in {EventKind.WORSENED, EventKind.EASED}
        if context.confirm > 1:
            twice = twice or kind in {EventKind.REGRESSED, EventKind.WAIVER_ENDED, EventKind.RECOVERED}
        if not twice or context.confirm == 0:
            return True
        known = self.memory.known.get(resource)
        since = known.since if known else self.memory.gone[resource]
        return self.sight.now - since >= context.gate.apart

    def _open(self, kind: EventKind) -> bool:
        """Return True if flap damping lets this scan tell that kind of event."""
        if kind is EventKind.REGRESSED and self.sight.context.severity is Severity.CRITICAL:
            return True
        counts = self.sight.context.counted or kind in AT_ONCE
        return counts and not self.held and (self._calm or not kind.good)
