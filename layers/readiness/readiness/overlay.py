"""What people said and what is remembered, laid over what a look found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from readiness.checklist import Settings
from readiness.drift import Memory
from readiness.model import Status, worst
from readiness.people import Acknowledgement, Waiver
from readiness.store import Remembered


def known(memory: Memory) -> Status:
    """The worst that is known of a check's resources; what is not kept of them passes."""
    return worst([Status.NOT_APPLICABLE, *(each.status for each in memory.known.values())])


def since(memory: Memory) -> datetime | None:
    """Since when it is known to stand so badly; None where nothing is kept, or nothing is bad."""
    return min((each.since for each in memory.known.values() if each.status is known(memory)), default=None)


@dataclass(frozen=True)
class Overlay:
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
