"""What a message is made of: plain data that the pipeline fills in. Nothing here is secret, nothing is looked up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from readiness.changes.actor import Actor
from readiness.facts.dynamodb.table import is_of_deletion
from readiness.model import Reason, Severity, Status
from readiness.state.drift import Difference, Event, Kind

KEPT = "pitr-enabled/kept"
"""The check that says that the table is being deleted: that is the reason of much else that fails then."""


@dataclass(frozen=True)
class Whereabouts:
    """The table that a message is about, and where its people look. `time_zone` is a name of the IANA database.

    `chat`: they look into Slack or Teams, to which Amazon Q takes it.
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


@dataclass(frozen=True)
class Taken:
    """Who is on a failure, since when, and what they said of it."""

    by: str
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class Told:
    """One event and the words for it.

    `question` is what the check asks, `why` the first paragraph of its rule's page, `remedy` a command ready to be
    pasted, `messages` what was found by resource, `unread` what could not be read and why, with the IAM permission.
    `taken` is who is on what failed, or fails.
    `nobody` says why there is no `actor`; `earlier` is who made the change before this one, if that is new to people.
    """

    event: Event
    rule: str
    item: str
    title: str
    question: str = ""
    why: str = ""
    remedy: str = ""
    owner: str | None = None
    actor: Actor | None = None
    taken: Taken | None = None
    nobody: str = ""
    earlier: Actor | None = None
    messages: Mapping[str, str] = field(default_factory=dict)
    unread: Mapping[str, tuple[Reason, str | None]] = field(default_factory=dict)

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Those of the event, the worst now first."""
        return tuple(sorted(self.event.differences, key=_badness))

    @property
    def worst(self) -> str | None:
        """The resource that fares worst of those on which something was found; None where all are gone."""
        return next((each.resource for each in self.differences if each.resource in self.messages), None)

    @property
    def message(self) -> str:
        """What was found on the worst of its resources; empty where all are gone."""
        return self.messages.get(self.worst or "", "")

    def is_gone(self, difference: Difference) -> bool:
        """It is not there any more: nothing is kept of it, and nothing was found on it."""
        return difference.after is None and difference.resource not in self.messages

    @property
    def pages(self) -> bool:
        """It is bad news: a message that holds it bears a severity."""
        if self.event.kind in {Kind.RESUMED, Kind.REJUDGED}:
            return any(_newly_failing(each) for each in self.event.differences)
        return self.event.kind in {Kind.REGRESSED, Kind.WAIVER_ENDED, Kind.WORSENED, Kind.INCIDENT, Kind.STILL}


class What(StrEnum):
    """What can happen to the table itself, or to our memory in it."""

    REPLACED = "TABLE_REPLACED"
    DELETED = "TABLE_DELETED"
    FORGOTTEN = "MEMORY_DELETED"
    UNRECORDED = "CANNOT_RECORD"
    UNUSABLE = "TABLE_UNUSABLE"

    @property
    def severity(self) -> Severity:
        """A table that is gone, another or of no use is the worst there is; what only we lost is a step below."""
        return Severity.CRITICAL if self in {What.REPLACED, What.DELETED, What.UNUSABLE} else Severity.HIGH


@dataclass(frozen=True)
class Trouble:
    """The table itself is the trouble. `before` is its former TableId; `detail` why nothing can be recorded."""

    what: What
    before: str = ""
    detail: str = ""
    actor: Actor | None = None


@dataclass(frozen=True)
class News:
    """All that one run has to say of one table.

    `version` is the STATE's that tells it, `rules` the ids of all rules that are watched. `first` is set on the first
    run: the number of items by status; the events are then what was found, not what changed. `unrecorded` of these
    items fail only because nobody has recorded something yet. `retired` are ids of checks that were remembered and are
    asked no more.
    """

    place: Whereabouts
    version: int
    at: datetime
    rules: tuple[str, ...] = ()
    told: tuple[Told, ...] = ()
    first: Mapping[Status, int] | None = None
    unrecorded: int = 0
    trouble: Trouble | None = None
    retired: tuple[str, ...] = ()

    @property
    def aloud(self) -> tuple[Told, ...]:
        """What is not silent, in the order of kinds and the worst first: the message is named after the first."""
        loud = (told for told in self.told if not told.event.silent)
        return tuple(sorted(loud, key=_order))

    @property
    def foremost(self) -> tuple[Told, ...]:
        """The same without what fails only because the table is being deleted, where that is told."""
        caused = set(map(id, self.caused))
        return tuple(told for told in self.aloud if id(told) not in caused)

    @property
    def caused(self) -> tuple[Told, ...]:
        """What fails only because the table is being deleted, where that is told."""
        deleted = any(told.event.check == KEPT and fails(told.event) for told in self.aloud)
        return tuple(told for told in self.aloud if deleted and is_of_deletion(told.message, self.place.table))

    @property
    def failing(self) -> tuple[Told, ...]:
        """Of a first run: the checks that fail on some resource today, the worst first."""
        return tuple(sorted((told for told in self.aloud if breaks(told.event)), key=_severity))

    @property
    def missing(self) -> tuple[Told, ...]:
        """Of a first run: the checks that fail only because nobody has recorded something yet, by item."""
        unrecorded = (told for told in self.aloud if fails(told.event) and not breaks(told.event))
        return tuple(sorted(unrecorded, key=_place))


def fails(event: Event) -> bool:
    """Whether it speaks of something that fails now."""
    return any(each.after and each.after.status is Status.FAIL for each in event.differences)


def breaks(event: Event) -> bool:
    """Whether some of that is more than something that nobody has recorded yet."""
    return any(each.after and each.after.fails for each in event.differences)


def _order(told: Told) -> tuple[int, bool, int, bool, str]:
    """Of what is judged anew, only what fails now is news to anybody: it must not be cut off behind the rest."""
    kind = told.event.kind
    return tuple(Kind).index(kind), kind is Kind.REJUDGED and not told.pages, *_severity(told)


def _severity(told: Told) -> tuple[int, bool, str]:
    return -told.event.severity.rank, told.event.check != KEPT, told.event.check


def _place(told: Told) -> tuple[str, str]:
    return told.item, told.event.check


def _badness(difference: Difference) -> tuple[int, str]:
    return -(difference.after.status.rank if difference.after else 0), difference.resource


def _newly_failing(difference: Difference) -> bool:
    was, now = difference.before, difference.after
    return bool(now and now.fails and not (was and was.fails))
