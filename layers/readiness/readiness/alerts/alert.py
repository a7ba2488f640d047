"""The contents of an alert as plain data. The run fills it in; nothing here makes calls, and no value is secret."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct, field

from readiness.changes.actor import Actor
from readiness.facts.dynamodb.table import is_of_deletion
from readiness.model import Reason, Severity, Status
from readiness.state.announce import Note
from readiness.state.drift import Difference, Event, EventKind
from readiness.state.people import Acknowledgement

KEPT = "pitr-enabled/kept"
"""The check that fails while the table is being deleted; other checks then fail for the same reason."""


PAGING = {
    EventKind.REGRESSED,
    EventKind.WAIVER_ENDED,
    EventKind.WORSENED,
    EventKind.INCIDENT,
    EventKind.STILL,
}


class AlertContext(Struct, frozen=True):
    """The table of an alert, and the links for its readers. `time_zone` is a name of the IANA database.

    `chat`: Amazon Q delivers alerts to Slack or Teams.
    """

    table: str
    table_id: str
    account: str
    region: str
    partition: str = "aws"
    time_zone: str = "UTC"
    runbook: str = ""
    dashboard: str = ""
    chat: bool = False


class AlertEntry(Struct, frozen=True):
    """One event and its texts.

    `question` is the check's docstring, `why` the first paragraph of its rule's page, and `remedy` a command that can
    be pasted. `impact` is what the failure means; `remains` are sentences of the worst finding about what cannot be
    undone, `was` is its former state, empty if only the memory knows it, and `after` is a command to run after the
    remediation. `last` is the last known status. `messages` and `subjects` are the findings' own, by resource. `unread`
    maps each resource that could not be read to the reason and the IAM permission. `unattributed` is the reason why
    there is no `actor`; `earlier` is the actor of the change before this one, if no alert has named them yet.
    """

    event: Event
    rule: str
    item: str
    title: str
    question: str = ""
    why: str = ""
    remedy: str = ""
    impact: str = ""
    remains: tuple[str, ...] = ()
    was: str = ""
    after: str = ""
    last: Status | None = None
    owner: str | None = None
    actor: Actor | None = None
    acknowledgement: Acknowledgement | None = None
    unattributed: str = ""
    earlier: Actor | None = None
    messages: Mapping[str, str] = field(default_factory=dict)
    subjects: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, tuple[Reason, str | None]] = field(default_factory=dict)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """The differences of the event, the worst current status first."""
        return tuple(sorted(self.event.differences, key=_worst_first))

    @property
    def since(self) -> datetime | None:
        """The earliest time since when one of the resources has its current status; None if none has one."""
        return min((each.after.since for each in self.event.differences if each.after), default=None)

    @property
    def worst(self) -> str | None:
        """The resource with the worst status among those that have a finding; None if none has one."""
        return next((each.resource for each in self.differences if each.resource in self.messages), None)

    @property
    def message(self) -> str:
        """The message of the finding on the worst resource; empty if there is none."""
        return self.messages.get(self.worst or "", "")

    @property
    def subject(self) -> str:
        """The subject of the same finding: how it describes the change; empty if the rule has none."""
        return self.subjects.get(self.worst or "", "")

    def is_gone(self, difference: Difference) -> bool:
        """Return True if the resource no longer exists or is no longer used: it has no state and no finding."""
        return difference.after is None and difference.resource not in self.messages

    @property
    def pages(self) -> bool:
        """True for a change for the worse: the label of an alert that contains it is a severity."""
        if self.event.kind in {EventKind.RESUMED, EventKind.REJUDGED}:
            failing = (each for each in self.event.differences if each.after and each.after.fails)
            return any(not (each.before and each.before.fails) for each in failing)
        return self.event.kind in PAGING


class TroubleKind(StrEnum):
    """An event of the table itself, or of the monitor's items in it."""

    REPLACED = "TABLE_REPLACED"
    DELETED = "TABLE_DELETED"
    FORGOTTEN = "MEMORY_DELETED"
    UNRECORDED = "CANNOT_RECORD"
    UNUSABLE = "TABLE_UNUSABLE"
    DAMAGED = "MEMORY_DAMAGED"
    FORGED = "ALERTS_DAMAGED"
    NEWER = "NEWER_RELEASE"

    @property
    def severity(self) -> Severity:
        """CRITICAL if the table was deleted or replaced, or cannot be used; HIGH if only the monitor is impaired."""
        lost = {TroubleKind.REPLACED, TroubleKind.DELETED, TroubleKind.UNUSABLE}
        return Severity.CRITICAL if self in lost else Severity.HIGH


class Trouble(Struct, frozen=True):
    """An event of the table itself. `before` is its former TableId; `detail` is why nothing can be recorded."""

    kind: TroubleKind
    before: str = ""
    detail: str = ""
    actor: Actor | None = None


class Alert(Struct, frozen=True):
    """The contents of the alert of one run about one table.

    `version` is that of the STATE item which the run commits; `rules` are the ids of all rules, and `owners` the owners
    of all items. `first` is set in a table's first alert: the number of items by status; the events are then current
    findings, not changes. `unrecorded` of these items fail only because something is not recorded. `retired` are ids of
    checks that were removed. `notes` are about annotations, and belong to the table. `items` are the statuses of the
    items, by number, in a table's first alert.
    """

    place: AlertContext
    version: int
    at: datetime
    rules: tuple[str, ...] = ()
    entries: tuple[AlertEntry, ...] = ()
    first: Mapping[Status, int] | None = None
    unrecorded: int = 0
    trouble: Trouble | None = None
    retired: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    items: Mapping[str, Status] = field(default_factory=dict)
    owners: tuple[str, ...] = ()

    @property
    def reported(self) -> tuple[AlertEntry, ...]:
        """The changes that are not silent, by kind and then the worst first; the alert is named after the first."""
        return tuple(sorted((entry for entry in self.entries if not entry.event.silent), key=_order))

    @property
    def independent(self) -> tuple[AlertEntry, ...]:
        """The reported changes without `consequences`."""
        caused = set(map(id, self.consequences))
        return tuple(entry for entry in self.reported if id(entry) not in caused)

    @property
    def consequences(self) -> tuple[AlertEntry, ...]:
        """The failures whose only cause is the deletion of the table, if the alert reports the deletion."""
        deleted = any(entry.event.check == KEPT and fails(entry.event) for entry in self.reported)
        return tuple(entry for entry in self.reported if deleted and self._is_consequence(entry))

    def _is_consequence(self, entry: AlertEntry) -> bool:
        """Return True if each resource that fails does so only because the table is being deleted."""
        failing = [each.resource for each in entry.differences if each.after and each.after.status is Status.FAIL]
        messages = [entry.messages.get(name, "") for name in failing] or [entry.message]
        return all(is_of_deletion(each, self.place.table) for each in messages)

    @property
    def failing(self) -> tuple[AlertEntry, ...]:
        """The checks that fail in a first alert, the worst first."""
        return tuple(sorted((entry for entry in self.reported if breaks(entry.event)), key=_severity))

    @property
    def missing(self) -> tuple[AlertEntry, ...]:
        """The checks that fail in a first alert only because something is not recorded yet, by item."""
        unrecorded = (entry for entry in self.reported if fails(entry.event) and not breaks(entry.event))
        return tuple(sorted(unrecorded, key=lambda entry: (entry.item, entry.event.check)))


def fails(event: Event) -> bool:
    """Return True if some resource of the event is FAIL."""
    return any(each.after and each.after.status is Status.FAIL for each in event.differences)


def breaks(event: Event) -> bool:
    """Return True if some resource of the event is FAIL for another reason than that something is not recorded."""
    return any(each.after and each.after.fails for each in event.differences)


def _order(entry: AlertEntry) -> tuple[int, bool, int, bool, str]:
    """Sort re-evaluated results that fail now before the others, so that the limit of an alert never cuts them off."""
    kind = entry.event.kind
    return tuple(EventKind).index(kind), kind is EventKind.REJUDGED and not entry.pages, *_severity(entry)


def _severity(entry: AlertEntry) -> tuple[int, bool, str]:
    return -entry.event.severity.rank, entry.event.check != KEPT, entry.event.check


def _worst_first(difference: Difference) -> tuple[int, str]:
    return -(difference.after.status.rank if difference.after else 0), difference.resource
