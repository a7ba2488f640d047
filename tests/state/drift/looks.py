"""A check under observation: look after look, with the words of a test."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from readiness.model import Incident, Reason, Severity, Status
from readiness.state.drift import CheckResult, CheckState, DecisionContext, Event, EventKind, ResourceResult, decide

START = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
DENIED = (Reason.ACCESS_DENIED, "dynamodb:DescribeContinuousBackups")

PASS, WARN, FAIL, ABSENT = Status.PASS, Status.WARN, Status.FAIL, Status.NOT_APPLICABLE
UNREAD = Status.UNKNOWN

MISSING = ResourceResult(FAIL, unrecorded=True)
"""What nobody has recorded yet."""

Said = Status | tuple[Status, Mapping[str, Any]] | ResourceResult


class Watch:
    """One check through time. It starts judged, with nothing wrong, and remembers what its looks said."""

    def __init__(self, severity: Severity = Severity.HIGH, *, judged: bool = True, **context: Any) -> None:
        self.context = DecisionContext("pitr-enabled/on", severity, "1", **context)
        self.memory: CheckState | None = None
        self.counted_at: datetime | None = None
        self.now = START
        if judged:
            self.look(table=PASS)
            self.memory = replace(self.remembered, loud=None)

    @property
    def remembered(self) -> CheckState:
        assert self.memory is not None
        return self.memory

    def within(self, **context: Any) -> "Watch":
        """From now on in another context."""
        self.context = replace(self.context, **context)
        return self

    def look(
        self,
        after: timedelta = timedelta(minutes=5),
        *,
        complete: bool = True,
        late: bool = False,
        incidents: tuple[Incident, ...] = (),
        carry: Mapping[str, Any] | None = None,
        many: Mapping[str, Said] | None = None,
        **resources: Said,
    ) -> tuple[Event, ...]:
        """The events of a look that long after the last; `many` are more resources."""
        self.now += after
        seen = {
            name: said
            if isinstance(said, ResourceResult)
            else ResourceResult(*(said if isinstance(said, tuple) else (said,)))
            for name, said in {**resources, **(many or {})}.items()
        }
        observation = CheckResult(
            {name: each for name, each in seen.items() if each.status is not UNREAD},
            {name: DENIED for name, each in seen.items() if each.status is UNREAD},
            complete,
            incidents,
            carry or {},
            late=late,
        )
        counted = self.context.gate.counts(self.counted_at, self.now)
        self.counted_at = self.now if counted else min(self.counted_at or self.now, self.now)
        self.memory, events = decide(self.memory, observation, replace(self.context, counted=counted), self.now)
        return events

    def told(self, *args: Any, **kwargs: Any) -> list[EventKind]:
        """The kinds that a look tells aloud."""
        return [event.kind for event in self.look(*args, **kwargs) if not event.silent]

    def recorded(self, *args: Any, **kwargs: Any) -> list[EventKind]:
        """The kinds that a look records silently."""
        return [event.kind for event in self.look(*args, **kwargs) if event.silent]


def differences(events: tuple[Event, ...], kind: EventKind) -> list[str]:
    """The resources that an event of that kind names aloud."""
    return [each.resource for event in events if event.kind is kind and not event.silent for each in event.differences]
