"""The inputs and results of a run. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from readiness.alerts.bus import EventBus
from readiness.alerts.deliver import DeliveryResult
from readiness.alerts.topic import AlertTopic
from readiness.changes.call import ApiCall
from readiness.changes.records import CALL
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.model import Status, Unavailable
from readiness.scan import Scan
from readiness.state.store import Change, DriftRecord, Remembered, StoreUnavailable

MOST_LOGGED = 20
"""The maximum number of changes in the log line of a run."""


class Trigger(msgspec.Struct, frozen=True):
    """The trigger of a run. `kind` is `schedule`, `manual`, `change` or `cli`.

    `run_id` identifies the invocation, also as the owner of leases. `calls` are the API calls of change events. `again`
    are calls that changed nothing in the facts of an earlier run.
    """

    kind: str
    run_id: str
    calls: Sequence[ApiCall] = ()
    again: Sequence[ApiCall] = ()


class Deployment(msgspec.Struct, frozen=True):
    """The settings of the stack. `release` orders releases. Nothing is delivered if `topic` is None.

    `bus` is the event bus that changes are put on, if any.

    `persist_alarm` is the name of the alarm on PersistFailed, `dashboard` a link, `interval` the minutes
    between scheduled runs, `route` the route of change events. `interval` is None outside the stack. `kms_key` is the
    customer managed key that encrypts a new signing key, if any. `pagers` holds the ARN of the event bus or topic of
    each pager of the stack; None outside the stack, where no pager is called.
    """

    release: str
    topic: AlertTopic | None = None
    bus: EventBus | None = None
    persist_alarm: str = ""
    dashboard: str = ""
    interval: int | None = None
    route: ChangeRoute = ChangeRoute()
    kms_key: str = ""
    pagers: Mapping[str, str] | None = None


class Plan(msgspec.Struct, frozen=True):
    """The changes to write and the message to send. `unexplained` are calls of the trigger without a known effect.

    `shown` are the statuses of items that are emitted as metrics, by rule id. `overdue` is the number of resources that
    no run has read for more than two hours.
    """

    change: Change
    unexplained: tuple[ApiCall, ...] = ()
    shown: Mapping[str, Status] = msgspec.field(default_factory=dict)
    overdue: int = 0

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
    """The result of a run on one table. `plan` is None if nothing is planned; `unrecorded` is the error, if any.

    `trouble` is what was published without the table, because nothing could be recorded.
    `filtered` is the number of items whose CRITICAL alerts no subscription of the topic receives, `pager_differs` that
    of incidents that could not be sent to the pager.
    `committed` is False if other runs always committed first, or the results could not be recorded.
    """

    scan: Scan
    state: Remembered | None = None
    plan: Plan | None = None
    committed: bool = False
    delivery: DeliveryResult = msgspec.field(default_factory=DeliveryResult)
    no_subscribers: bool = False
    filtered: int = 0
    pager_differs: int = 0
    unrecorded: StoreUnavailable | None = None
    trouble: str = ""

    @property
    def table_id(self) -> str | None:
        """The TableId of the scan, else that of the stored state."""
        return self.scan.table_id or (self.state.table_id if self.state else None)

    @property
    def pending(self) -> int:
        """Number of messages that still wait in the outbox."""
        return self.delivery.pending

    @property
    def superseded(self) -> bool:
        """True where the run planned nothing because a newer release wrote the stored state."""
        return self.plan is None and self.unrecorded is None

    @property
    def refused(self) -> int:
        """Number of rows that this run did not believe, and of times that it replaced messages."""
        return (len(self.state.refused) + self.state.damaged if self.state else 0) + self.delivery.replaced

    @property
    def key_unreadable(self) -> bool:
        """True where nothing can be recorded because SSM does not return the signing key, or what is registered."""
        why = self.unrecorded.why if self.unrecorded else None
        return isinstance(why, Unavailable) and str(why.permission).startswith("ssm:")

    @property
    def recorded(self) -> Plan | None:
        """The plan if it was committed."""
        return self.plan if self.committed else None

    @property
    def unknown_checks(self) -> tuple[int, int]:
        """Number of checks with UNKNOWN for all of their resources, and of all checks with resources.

        What AWS's rate left no time for is not counted.
        """
        found = [asked.findings for asked in self.scan.evaluation.asked if asked.findings]
        unknown = sum(all(finding.unavailable and not finding.is_pending for finding in each) for each in found)
        return unknown, len(found)


def problems(outcome: Outcome, rule_errors: int) -> dict[str, int]:
    """Return the problems of the monitor itself: a count by reason, 0 if the run does not have that problem.

    Each count is of this run only: the alarm on `Unwell` waits for three intervals. A run that cannot use the table has
    the reason `notCommitted`, so that it does not end an alarm about a problem that it did not look for.
    """
    unknown, checks = outcome.unknown_checks
    return {
        "messagesWaiting": outcome.pending,
        "noSubscribers": int(outcome.no_subscribers),
        "criticalFiltered": outcome.filtered,
        "pagerDiffers": outcome.pager_differs,
        "ruleErrors": rule_errors,
        "notCommitted": int(not outcome.committed and not outcome.superseded),
        "newerRelease": int(outcome.superseded),
        "rowsRefused": outcome.refused,
        "keyUnreadable": int(outcome.key_unreadable),
        "eventsRefused": outcome.delivery.events_refused,
        "pendingTooLong": outcome.recorded.overdue if outcome.recorded else 0,
        "mostChecksUnknown": unknown if 2 * unknown > checks else 0,
    }


def measured(outcome: Outcome, calls: int, seconds: float) -> dict[str, Any]:
    """Return the figures of a run: the EMF document of the table and the log line of the run have them as fields.

    `score` is the percentage of items that are PASS or NOT_APPLICABLE, None where nothing was committed.
    `judgedPercent` is that of checks that could be evaluated for at least one resource.
    """
    plan = outcome.recorded
    statuses = list(plan.statuses.values()) if plan else []
    unknown, checks = outcome.unknown_checks
    return {
        "statuses": dict(Counter(statuses)),
        "score": _percent(sum(each.rank <= Status.PASS.rank for each in statuses), len(statuses)),
        "judgedPercent": _percent(checks - unknown, checks),
        "drifts": plan.transitions if plan else 0,
        "calls": calls,
        "seconds": round(seconds, 3),
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def summary(
    trigger: Trigger, outcome: Outcome, figures: Mapping[str, Any], unwell: Mapping[str, int]
) -> dict[str, Any]:
    """Return the fields of the log line of one run on one table, from what `measured` and `problems` return."""
    plan = outcome.recorded
    message = plan.change.message if plan else None
    return {
        "trigger": trigger.kind,
        "run_id": trigger.run_id,
        "table": outcome.scan.table.name,
        "recorded": outcome.committed,
        **figures,
        "transitions": [f"{each.check} {each.kind}" for each in plan.changed[:MOST_LOGGED]] if plan else [],
        "alert": message.id if message else None,
        "delivery": outcome.delivery.result(message.id) if message else None,
        "pending": outcome.pending,
        "unwell": {reason: count for reason, count in unwell.items() if count},
    }
