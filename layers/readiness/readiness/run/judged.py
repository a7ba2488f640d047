"""One check after a look: what it found, as the memory takes it, and what became of the memory."""

from dataclasses import dataclass

from readiness.checklist import Settings
from readiness.engine.collect import needed
from readiness.engine.evaluate import Asked
from readiness.engine.rule import Check
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.model import Omission, Status, worst
from readiness.state.drift import Event, Memory, Observation, Seen
from readiness.state.overlay import known
from readiness.state.past import handed_over


@dataclass(frozen=True)
class Judged:
    """One check after a look: what it found, what is remembered of it now, and what happened."""

    asked: Asked
    observation: Observation
    memory: Memory
    events: tuple[Event, ...]

    @property
    def check(self) -> Check:
        """The check."""
        return self.asked.check

    @property
    def blind(self) -> bool:
        """This look did not see all of it."""
        return bool(self.observation.unread) or not self.observation.complete

    @property
    def known(self) -> Status:
        """The worst that is known of its resources; those that pass plainly are read, but not kept."""
        return worst([known(self.memory), *(seen.status for seen in self.observation.read.values())])


def observed(asked: Asked, *, remembered: bool) -> Observation:
    """What the findings of one look say to the memory.

    Where nothing is remembered, what was carried over is of another table, and an incident about it happened to that.
    """
    unread = [finding for finding in asked.findings if finding.unavailable]
    return Observation(
        read={
            finding.resource: Seen(
                finding.status, finding.watched, finding.message, finding.omission is Omission.NOT_RECORDED
            )
            for finding in asked.findings
            if not finding.unavailable
        },
        unread={
            finding.resource: (finding.unavailable.reason, finding.unavailable.permission)
            for finding in unread
            if finding.unavailable
        },
        complete=asked.complete,
        incidents=tuple(each.incident for each in asked.findings if each.incident and remembered),
        carry=handed_over(asked),
    )


def judge(check: Check, settings: Settings) -> str:
    """What judges: the check's version and, where it asks for what is wanted, or who is on call, the digest of that."""
    needs = needed([check])
    wanted = settings.wanted(settings.tables[0].name).digest if Checklist in needs else ""
    on_call = f":{settings.on_call.digest}" if OnCallRoutes in needs else ""
    return f"{check.version}:{wanted}{on_call}"
