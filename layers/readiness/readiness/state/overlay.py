"""Annotations and memory of one table, as they apply to one scan."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property

from msgspec import Struct

from readiness.checklist import Settings
from readiness.model import Status, worst
from readiness.state.announce import name_of
from readiness.state.drift import CheckState, FlapDamping
from readiness.state.people import Acknowledgement, Attestation, Signoff, Waiver, Word
from readiness.state.store import STATE, Remembered, sort_key_of
from readiness.state.table_id import is_known

SELDOMEST = timedelta(hours=1)
"""The longest interval at which the monitor can be deployed."""


def known(memory: CheckState) -> Status:
    """Return the worst known status of a check's resources. Resources that are not kept pass."""
    return worst([Status.NOT_APPLICABLE, *(each.status for each in memory.known.values())])


def since(memory: CheckState) -> datetime | None:
    """Return the time when the worst known status was first read; None if no resource is kept."""
    status = known(memory)
    return min((each.since for each in memory.known.values() if each.status is status), default=None)


class Overlay(Struct, frozen=True, dict=True):
    """Annotations and memory of one table at one instant. `remembered` is None if the store could not be read.

    Then no annotation and no memory applies. `unannounced` are the names of annotations that take effect in the next
    run, which announces them; a report shows them.
    """

    remembered: Remembered | None
    settings: Settings
    at: datetime
    unannounced: frozenset[str] = frozenset()

    @property
    def readable(self) -> bool:
        """Return True if the store could be read. Otherwise no checklist is complete."""
        return self.remembered is not None

    @property
    def illegible(self) -> tuple[str, ...]:
        """Return the sort keys of the rows under STATE that could not be decoded."""
        return self.remembered.illegible if self.remembered else ()

    @property
    def later(self) -> tuple[str, ...]:
        """Return the sort keys of the rows under STATE in the form of a later release, which are not read."""
        if self.remembered is None:
            return ()
        return (*([STATE] if self.remembered.is_newer else []), *self.remembered.later)

    @property
    def signoff(self) -> Signoff | None:
        """Return the last sign-off, void or not."""
        if self.remembered is None:
            return None
        void = (word for word in self.remembered.void if isinstance(word, Signoff))
        return self.remembered.signoff or next(void, None)

    @property
    def void(self) -> tuple[Word, ...]:
        """Return the annotations of another table of the same name."""
        return self.remembered.void if self.remembered else ()

    @property
    def judged_at(self) -> datetime | None:
        """Return the time of the last commit."""
        return self.remembered.verified_at if self.remembered else None

    @property
    def interval(self) -> timedelta:
        """Return the schedule interval of the deployed monitor; the longest possible one if none is recorded."""
        minutes = self.remembered.interval if self.remembered else None
        return timedelta(minutes=minutes) if minutes else SELDOMEST

    @property
    def counted(self) -> bool:
        """Return True if this scan is not too shortly after the last counted one."""
        return FlapDamping().counts(self._counted_before, self.at)

    @property
    def counted_at(self) -> datetime:
        """Return the time of the last scan that counts, this one included; not in the future if a clock ran ahead."""
        before = self._counted_before
        return self.at if before is None or self.counted else min(before, self.at)

    @property
    def _counted_before(self) -> datetime | None:
        return self.remembered.counted_at if self.remembered else None

    @property
    def paused(self) -> bool:
        """Return True if alerts are paused. While a damaged memory is reported, they are not."""
        remembered = self.remembered or Remembered()
        return bool(remembered.pause and remembered.pause.until > self.at and not remembered.damaged)

    def judges(self, table_id: str | None) -> bool:
        """Return True if the memory is of the table with that TableId."""
        return self.remembered is not None and is_known(table_id) and self.remembered.table_id == table_id

    def recorded(self, rule: str) -> bool:
        """Return True if a run has recorded the item."""
        return self.remembered is not None and rule in self.remembered.signs

    def owner(self, rule: str) -> str | None:
        """Return the owner that was recorded; if there is none, the owner in the checklist file."""
        if self.remembered is None:
            return None
        recorded = [owner.owner for owner in self.remembered.owners if owner.rule == rule]
        return recorded[-1] if recorded else self.settings.owner(rule)

    def waivers(self, check: str) -> list[Waiver]:
        """Return the waivers that are in force for the check."""
        waivers = self.remembered.waivers if self.remembered else ()
        return [waiver for waiver in waivers if waiver.check == check and waiver.until > self.at]

    def waiver(self, check: str, resource: str) -> Waiver | None:
        """Return the waiver in force that covers a resource of the check."""
        return next((each for each in self.waivers(check) if each.resource in (None, resource)), None)

    def is_announced(self, waiver: Waiver) -> bool:
        """Return False if the waiver takes effect in the next run."""
        return name_of(sort_key_of(waiver)) not in self.unannounced

    def ended(self, check: str, resource: str) -> Waiver | None:
        """Return the last expired waiver that covered a resource of the check, unless another is in force."""
        waivers = self.remembered.waivers if self.remembered else ()
        ended = [each for each in waivers if each.check == check and each.resource in (None, resource)]
        return max(ended, key=lambda waiver: waiver.until, default=None) if not self.waiver(check, resource) else None

    def attestations(self, rule: str) -> list[Attestation]:
        """Return the attestations of an item, the newest first, expired ones included."""
        words = self.remembered.attestations if self.remembered else ()
        return sorted((word for word in words if word.rule == rule), key=lambda word: word.at, reverse=True)

    def acknowledgement(self, check: str, since: datetime) -> Acknowledgement | None:
        """Return the acknowledgement of the failure that began at `since`. Earlier ones are about another failure."""
        acks = self.remembered.acks if self.remembered else ()
        return next((ack for ack in acks if ack.check == check and ack.at >= since), None)

    @cached_property
    def memories(self) -> Mapping[str, CheckState]:
        """Return the memory of each check, by id. It is decoded once, because a report reads it for each finding."""
        return self.remembered.states if self.remembered else {}

    def since(self, rule: str, status: Status) -> datetime | None:
        """Return the time since when the item is known to have the status; None if another status is known."""
        mine = [memory for name, memory in self.memories.items() if name.partition("/")[0] == rule]
        if not mine or worst(map(known, mine)) is not status:
            return None
        return min((at for memory in mine if known(memory) is status and (at := since(memory))), default=None)
