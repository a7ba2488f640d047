"""The words of the product, as types. Nothing here does I/O, and nothing here imports the rest of the package."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, dataclass_transform

from msgspec import Struct, field


class Status(StrEnum):
    """What is said of a check on one resource, and, by `worst`, of an item.

    UNKNOWN is never PASS and never FAIL: it says that the answer could not be read.
    """

    PASS = "PASS"  # noqa: S105  it is no password
    WARN = "WARN"
    UNKNOWN = "UNKNOWN"
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT_APPLICABLE"

    @property
    def rank(self) -> int:
        """Order of badness: FAIL 4, UNKNOWN 3, WARN 2, PASS 1, NOT_APPLICABLE 0."""
        return _STATUS_RANK[self]


_STATUS_RANK = {
    Status.NOT_APPLICABLE: 0,
    Status.PASS: 1,
    Status.WARN: 2,
    Status.UNKNOWN: 3,
    Status.FAIL: 4,
}


def worst(statuses: Iterable[Status]) -> Status:
    """The roll-up of several statuses; ValueError where there are none, because no finding at all is a defect."""
    return max(statuses, key=lambda status: status.rank)


class Severity(StrEnum):
    """How much a failing check hurts. It belongs to the check, and is what an on-call filter policy selects by."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """0 for LOW to 3 for CRITICAL."""
        return tuple(Severity).index(self)


class Reason(StrEnum):
    """Why something could not be read.

    NOT_HERE: another account, Region or process would know. INCOMPLETE_ANSWER: AWS left out a member that is needed.
    PENDING: there was no time for it yet.
    """

    ACCESS_DENIED = "ACCESS_DENIED"
    THROTTLED = "THROTTLED"
    TIMEOUT = "TIMEOUT"
    SERVER_ERROR = "SERVER_ERROR"
    NO_ENDPOINT = "NO_ENDPOINT"
    SDK_TOO_OLD = "SDK_TOO_OLD"
    NOT_HERE = "NOT_HERE"
    STALE = "STALE"
    MALFORMED = "MALFORMED"
    INCOMPLETE_ANSWER = "INCOMPLETE_ANSWER"
    PENDING = "PENDING"
    DEFECT = "DEFECT"


class Omission(StrEnum):
    """What people have yet to say, which is no blindness.

    NOT_RECORDED, of a FAIL: evidence or a decision that a person records. NOT_CONFIGURED, of a NOT_APPLICABLE: a
    setting that only the shop itself knows.
    """

    NOT_RECORDED = "NOT_RECORDED"
    NOT_CONFIGURED = "NOT_CONFIGURED"


class Unavailable(Struct, frozen=True):
    """An answer that could not be read. `permission` is the IAM action whose call was refused or failed, if one was."""

    reason: Reason
    permission: str | None = None
    detail: str = ""


class Gone(Exception):
    """The resource that a fact is about does not exist. Raised by a fact; handed as a value to who asks `X | Gone`."""


class Unreadable(Exception):
    """Raised by `Each` after it has shown all that could be read.

    `elements` are those that could not be, by axis key; `listing` is why the list itself is not known to be whole.
    """

    def __init__(self, elements: Mapping[str, Unavailable], listing: Unavailable | None = None) -> None:
        """At least one of the two says something."""
        super().__init__("not everything could be read")
        self.elements = dict(elements)
        self.listing = listing

    @property
    def first(self) -> Unavailable:
        """The one reason to name where there is room for one: the listing's, else that of the first element by key."""
        return self.listing or self.elements[min(self.elements)]


class Incident(Struct, frozen=True):
    """Something that is over already, such as recovery that went off and on between two looks.

    `key` is the same for as long as it is the same incident: it is told once per key.
    """

    key: str
    before: str
    after: str


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Fact(Struct, frozen=True):
    """Base class of facts. Subclasses are frozen Structs; the decorator tells this to type checkers."""


class Given:
    """Base of facts that no call fetches: the run hands them in. Subclasses are facts too: `class Now(Given, Fact)`.

    `on` names the axes along which there is one each; at the root there are none.
    """

    __slots__ = ()

    on: ClassVar[tuple[type, ...]] = ()


class Carry(Given, Fact):
    """Base of what a check hands to its own next run. Ask for it as `X | None`: there is none on a first run.

    `stored_as` is the name of its kind in the table. Its fields are str, int, float, bool, datetime, None, or tuples
    and dicts of these, for it is kept as JSON.
    """


def stored_name(kind: type) -> str:
    """The name under which values of the class are stored: `stored_as` if it says so, else its own.

    What is stored outlives the release that wrote it, so a class that is renamed keeps its former name here.
    """
    name: str = vars(kind).get("stored_as", kind.__name__)
    return name


class Remedy(Struct, frozen=True):
    """A command that mends one thing, with its own values in braces. What fills it in quotes each of them for a shell.

    Other braces are doubled.
    """

    command: str
    values: Mapping[str, str] = field(default_factory=dict)


class Verdict(Struct, frozen=True):
    """What a check says of what it was shown.

    `evidence` holds observed values under AWS's own spelling; `watched` the part of it whose change is drift, so
    nothing that moves by itself. `resource` is needed only where a check yields several verdicts. `omission`
    says that people have yet to say something, and nothing else is wrong. `remedy` takes the place of the check's own
    where what is wrong has another one. `subject` says in an alert's subject that things came to be so ("PITR was
    disabled"); without it the message does, which says how they are.
    """

    status: Status
    message: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    watched: Mapping[str, Any] = field(default_factory=dict)
    resource: str | None = None
    carry: Carry | None = None
    incident: Incident | None = None
    omission: Omission | None = None
    remedy: Remedy | None = None
    subject: str = ""


class Finding(Struct, frozen=True):
    """A verdict with its address. `unavailable` is set exactly where the status is UNKNOWN."""

    rule: str
    check: str
    resource: str
    status: Status
    message: str
    severity: Severity
    evidence: Mapping[str, Any] = field(default_factory=dict)
    watched: Mapping[str, Any] = field(default_factory=dict)
    remediation: str = ""
    unavailable: Unavailable | None = None
    carry: Carry | None = None
    incident: Incident | None = None
    omission: Omission | None = None
    subject: str = ""


class Message(Struct, frozen=True):
    """One whole message as SNS will be asked to publish it.

    `subject` is at most 99 ASCII characters without line breaks. `bodies` is the `MessageStructure: json` map: one text
    per protocol and `default`. `attributes` are for filter policies; a tuple becomes a String.Array.
    """

    id: str
    subject: str
    bodies: Mapping[str, str]
    attributes: Mapping[str, str | tuple[str, ...]]
