"""What people said and what is remembered, laid over what a look found."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import Struct

from readiness.checklist import Settings
from readiness.model import Status, worst
from readiness.state.drift import Memory
from readiness.state.people import Acknowledgement, Attestation, Signoff, Waiver, Word
from readiness.state.store import Remembered
from readiness.state.table_id import is_known

SELDOMEST = timedelta(hours=1)
"""The longest interval at which the monitor can be deployed."""


def known(memory: Memory) -> Status:
    """The worst that is known of a check's resources; what is not kept of them passes."""
    return worst([Status.NOT_APPLICABLE, *(each.status for each in memory.known.values())])


def since(memory: Memory) -> datetime | None:
    """Since when it is known to stand so badly; None where nothing is kept, or nothing is bad."""
    return min((each.since for each in memory.known.values() if each.status is known(memory)), default=None)


class Overlay(Struct, frozen=True):
    """For one table at one instant. `remembered` is None where the store could not be read."""

    remembered: Remembered | None
    settings: Settings
    at: datetime

    @property
    def readable(self) -> bool:
        """Whether it is known what people said: where it is not, nothing is complete."""
        return self.remembered is not None

    @property
    def illegible(self) -> tuple[str, ...]:
        """Sort keys of what somebody said that is not as it was written: what it says is not known."""
        return self.remembered.illegible if self.remembered else ()

    @property
    def signoff(self) -> Signoff | None:
        """The last one, void or not."""
        if self.remembered is None:
            return None
        void = (word for word in self.remembered.void if isinstance(word, Signoff))
        return self.remembered.signoff or next(void, None)

    @property
    def void(self) -> tuple[Word, ...]:
        """What was said of another table of this name."""
        return self.remembered.void if self.remembered else ()

    @property
    def judged_at(self) -> datetime | None:
        """When a run last recorded what it saw."""
        return self.remembered.verified_at if self.remembered else None

    @property
    def interval(self) -> timedelta:
        """How often the deployed monitor looks; as seldom as it can, where none has said so."""
        minutes = self.remembered.interval if self.remembered else None
        return timedelta(minutes=minutes) if minutes else SELDOMEST

    def judges(self, table_id: str | None) -> bool:
        """Whether what is recorded is about the table of that TableId."""
        return self.remembered is not None and is_known(table_id) and self.remembered.table_id == table_id

    def recorded(self, rule: str) -> bool:
        """Whether a run has recorded the item."""
        return self.remembered is not None and rule in self.remembered.signs

    def owner(self, rule: str) -> str | None:
        """Who was recorded wins over who stands in the file. None: nobody, or it could not be read."""
        if self.remembered is None:
            return None
        recorded = [owner.owner for owner in self.remembered.owners if owner.rule == rule]
        return recorded[-1] if recorded else self.settings.owner(rule)

    def waivers(self, check: str) -> list[Waiver]:
        """Those that are in force for the check."""
        waivers = self.remembered.waivers if self.remembered else ()
        return [waiver for waiver in waivers if waiver.check == check and waiver.until > self.at]

    def waiver(self, check: str, resource: str) -> Waiver | None:
        """The one that covers a resource of the check."""
        return next((each for each in self.waivers(check) if each.resource in (None, resource)), None)

    def ended(self, check: str, resource: str) -> Waiver | None:
        """The waiver that covered a resource of the check, and does no more."""
        waivers = self.remembered.waivers if self.remembered else ()
        ended = [each for each in waivers if each.check == check and each.resource in (None, resource)]
        return max(ended, key=lambda waiver: waiver.until, default=None) if not self.waiver(check, resource) else None

    def attestations(self, rule: str) -> list[Attestation]:
        """What was attested of an item, the newest first, whether it holds still or not."""
        words = self.remembered.attestations if self.remembered else ()
        return sorted((word for word in words if word.rule == rule), key=lambda word: word.at, reverse=True)

    def acknowledgement(self, check: str, since: datetime) -> Acknowledgement | None:
        """Who is on a failure of the check that began then: who said so before does not know of it."""
        acks = self.remembered.acks if self.remembered else ()
        return next((ack for ack in acks if ack.check == check and ack.at >= since), None)

    def memories(self) -> Mapping[str, Memory]:
        """By check."""
        checks = self.remembered.checks if self.remembered else {}
        return {name: Memory.from_item(item) for name, item in checks.items()}

    def since(self, rule: str, status: Status) -> datetime | None:
        """Since when the item is known to have the status; None where it is known to have another, or not at all."""
        mine = [memory for name, memory in self.memories().items() if name.partition("/")[0] == rule]
        if not mine or worst(map(known, mine)) is not status:
            return None
        return min((at for memory in mine if known(memory) is status and (at := since(memory))), default=None)
