"""What a run starts with, and what comes out of it. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from readiness.alerts import AlertTopic
from readiness.alerts.deliver import DeliveryResult
from readiness.changes.call import ApiCall
from readiness.changes.records import CALL
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.model import Status
from readiness.scan import Scan
from readiness.state.store import Change, DriftRecord, Remembered, StoreUnavailable

MOST_LOGGED = 20
"""Changes that the log line of a run lists."""


class Trigger(msgspec.Struct, frozen=True):
    """What started the run. `kind` is `schedule`, `manual`, `change` or `cli`.

    `run_id` names the invocation, and holds its leases. `calls` are the API calls that change events tell of, `again`
    those of them that changed nothing that an earlier run could see.
    """

    kind: str
    run_id: str
    calls: Sequence[ApiCall] = ()
    again: Sequence[ApiCall] = ()


class Deployment(msgspec.Struct, frozen=True):
    """The settings of the stack. `release` orders releases. Where `topic` is None nothing is delivered.

    `persist_alarm` is the name of the alarm on PersistFailed, `dashboard` a link, `interval` the minutes of the
    schedule, `route` the way of change events. `interval` is None where the stack does not run this.
    """

    release: str
    topic: AlertTopic | None = None
    persist_alarm: str = ""
    dashboard: str = ""
    interval: int | None = None
    route: ChangeRoute = ChangeRoute()


class Plan(msgspec.Struct, frozen=True):
    """What to write and to send. `unexplained` are the calls of the trigger that explain nothing that changed."""

    change: Change
    unexplained: tuple[ApiCall, ...] = ()

    @property
    def transitions(self) -> int:
        """Number of changes, silent ones included."""
        return len(self.changed)

    @property
    def changed(self) -> Sequence[DriftRecord]:
        """The records of changes, without those of calls that changed nothing."""
        return [each for each in self.change.drifts if each.kind != CALL]

    @property
    def statuses(self) -> Mapping[str, Status]:
        """The status of each item, by rule id."""
        return self.change.run.statuses


class Outcome(msgspec.Struct, frozen=True):
    """How a run ended on one table. `plan` is None where it could not be made, as `unrecorded` then says.

    `committed` is False where other runs were always faster: theirs is newer.
    """

    scan: Scan
    state: Remembered | None = None
    plan: Plan | None = None
    committed: bool = False
    delivery: DeliveryResult = msgspec.field(default_factory=DeliveryResult)
    no_subscribers: bool = False
    unrecorded: StoreUnavailable | None = None

    @property
    def table_id(self) -> str | None:
        """The TableId that was read, else the one in memory."""
        return self.scan.table_id or (self.state.table_id if self.state else None)

    @property
    def pending(self) -> int:
        """Number of messages that still wait in the outbox."""
        return self.delivery.pending


def summary(trigger: Trigger, outcome: Outcome, calls: int, seconds: float) -> dict[str, Any]:
    """Return the fields of the log line of one run on one table."""
    plan = outcome.plan if outcome.committed else None
    message = plan.change.message if plan else None
    return {
        "trigger": trigger.kind,
        "run_id": trigger.run_id,
        "table": outcome.scan.table.name,
        "recorded": outcome.committed,
        "statuses": dict(Counter(plan.statuses.values())) if plan else {},
        "calls": calls,
        "seconds": round(seconds, 3),
        "transitions": [f"{each.check} {each.kind}" for each in plan.changed[:MOST_LOGGED]] if plan else [],
        "alert": message.id if message else None,
        "delivery": outcome.delivery.result(message.id) if message else None,
        "pending": outcome.pending,
    }
