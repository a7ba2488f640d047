"""The types that all parts of the package share. No I/O, and no import of other modules of the package."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, dataclass_transform

from msgspec import Struct, field


class Status(StrEnum):
    """The status of a check on one resource, and, by `worst`, of a rule.

    UNKNOWN is neither PASS nor FAIL: a fact could not be read.
    """

    PASS = "PASS"  # noqa: S105  not a password  # nosec B105
    WARN = "WARN"
    UNKNOWN = "UNKNOWN"
    FAIL = "FAIL"
    NOT_APPLICABLE = "NOT_APPLICABLE"

    @property
    def rank(self) -> int:
        """The rank of the status: FAIL 4, UNKNOWN 3, WARN 2, PASS 1, NOT_APPLICABLE 0."""
        return _STATUS_RANK[self]


_STATUS_RANK = {
    Status.NOT_APPLICABLE: 0,
    Status.PASS: 1,
    Status.WARN: 2,
    Status.UNKNOWN: 3,
    Status.FAIL: 4,
}


def worst(statuses: Iterable[Status]) -> Status:
    """Return the status with the highest rank. ValueError: there is none; a rule without findings is a defect."""
    return max(statuses, key=lambda status: status.rank)


class Severity(StrEnum):
    """The severity of a failure, which the check declares. SNS filter policies of on-call can select alerts by it."""

    LOW = "LOW"
    MEDIUM = "MEDIUM"
    HIGH = "HIGH"
    CRITICAL = "CRITICAL"

    @property
    def rank(self) -> int:
        """The rank of the severity: from 0 for LOW to 3 for CRITICAL."""
        return tuple(Severity).index(self)


class Reason(StrEnum):
    """The reason why a fact could not be read.

    NOT_HERE: it can only be read in another account, Region or process. INCOMPLETE_ANSWER: the response of AWS lacks a
    required member. PENDING: it was not read yet, for lack of time.
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
    """A record or a setting that is missing. The status is not UNKNOWN, because all facts were read.

    NOT_RECORDED, with FAIL: evidence or a decision that a person has to record. NOT_CONFIGURED, with NOT_APPLICABLE:
    a setting that only the owner of the table knows.
    """

    NOT_RECORDED = "NOT_RECORDED"
    NOT_CONFIGURED = "NOT_CONFIGURED"


class Unavailable(Struct, frozen=True):
    """An answer that could not be read. `permission` is the IAM action of the call that failed; None without a call."""

    reason: Reason
    permission: str | None = None
    detail: str = ""


class OutOfTime(Unavailable, frozen=True):
    """An answer that a later run reads, because the rate limits of AWS left no time in this one. It was read before."""


class Gone(Exception):
    """The resource of a fact does not exist. A fact raises it; a parameter `X | Gone` receives it as a value."""


class Unreadable(Exception):
    """A fact, a field of it or an element of an `Each` could not be read.

    `elements` are the unreadable elements by axis key; `listing` is why the list of elements may be incomplete.
    """

    def __init__(self, elements: Mapping[str, Unavailable], listing: Unavailable | None = None) -> None:
        """At least one of `elements` and `listing` is set."""
        super().__init__("not everything could be read")
        self.elements = dict(elements)
        self.listing = listing

    @property
    def first(self) -> Unavailable:
        """The reason of the listing if it has one, else the reason of the first element by key."""
        return self.listing or self.elements[min(self.elements)]


class Incident(Struct, frozen=True):
    """An event that has ended already, such as PITR that was disabled and enabled again between two runs.

    `key` identifies the incident: it is reported once per key.
    """

    key: str
    before: str
    after: str


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
class Fact(Struct, frozen=True):
    """Base class of facts. Subclasses are frozen Structs; the decorator is for type checkers."""


class Unsaved:
    """Base class of values that a fact holds only for facts derived from it. A snapshot file has null instead."""


class Mentioned(Fact, frozen=True):
    """Base class of facts that a text mentions and no status depends on.

    A setting that only such a fact depends on does not let the check be evaluated again.
    """


class Given:
    """Base class of facts that the run provides without a call. Subclasses are facts too: `class Now(Given, Fact)`.

    `on` are the axes of the fact; a fact at the root has none.
    """

    __slots__ = ()

    on: ClassVar[tuple[type, ...]] = ()


class PartlyCompared:
    """Base class of Structs that are equal if the fields named in `compared` are."""

    __slots__ = ()

    compared: ClassVar[tuple[str, ...]] = ()

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(self._compared())

    def _compared(self) -> tuple[object, ...]:
        return tuple(getattr(self, name) for name in self.compared)


class Carry(Given, Fact):
    """Base class of values that a check stores for its next run. The parameter is `X | None`: None on a first run.

    `stored_as` is the name of the class in the table. Its fields are str, int, float, bool, datetime, None, or tuples
    and dicts of these, because it is stored as JSON. `moves`: its values change from run to run while the account stays
    the same; such values are few and small.
    """

    moves: ClassVar[bool] = False


def stored_name(kind: type) -> str:
    """Return the name under which values of the class are stored: `stored_as` if it is set, else the name of the class.

    Later releases read stored values, so a renamed class keeps its former name in `stored_as`.
    """
    name: str = vars(kind).get("stored_as", kind.__name__)
    return name


class Json(Struct, frozen=True):
    """A parameter that AWS takes as the JSON text of this value."""

    value: Any


class Call(Struct, frozen=True, tag=True):
    """A call of AWS that changes something, with the names of botocore.

    A text in the parameters that is a name in braces, such as `{table}`, stands for that value, with its type; in a
    longer text, such names are filled in. `{name!s}` is the value as text, `{name!j}` what the value is as JSON.
    `region` is empty for a service without Regions.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    region: str = "{region}"


class AddStatement(Struct, frozen=True, tag=True):
    """Add a statement to the policy of a topic, a queue or a KMS key. Its other statements stay.

    AWS has no such call: the policy is read, changed and written. `statement` is JSON.
    """

    resource: str
    statement: str


class EditAlarm(Struct, frozen=True, tag=True):
    """Change a part of an alarm. AWS has no such call: the alarm is read, changed and put again.

    `members` replace its members; `conditions`: all members that name its metrics and its condition are replaced.
    `actions` are the members, such as AlarmActions, that get the topic; an empty `topic` has to be chosen by a person.
    """

    arn: str
    members: Mapping[str, Any] = field(default_factory=dict)
    conditions: bool = False
    actions: tuple[str, ...] = ()
    topic: str = ""


class Wait(Struct, frozen=True, tag=True):
    """A condition of the next step, such as a state. `readiness fix` makes the steps before it, and no more."""

    reason: str


Step = Call | AddStatement | EditAlarm | Wait


class Remedy(Struct, frozen=True):
    """A remediation: a command with the names of its values in braces, or the steps that `readiness fix` makes.

    Braces of the command that are not around a name are doubled. Each value is quoted for a shell when it is filled in.
    A remedy whose steps are all calls needs no command: it is rendered from them.
    """

    command: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()


class Verdict(Struct, frozen=True):
    """The result of a check: status, message, evidence and watched values.

    `evidence` are observed values under their AWS names. `watched` are the values whose change is drift; a value that
    changes by itself must not be among them. `resource` is needed only if a check yields several verdicts. `omission`
    is set if the only cause is a missing record or setting. `remedy` replaces the remediation command of the check.
    `subject` describes the change for the subject of an alert, such as "PITR was disabled"; without it, the message is
    used, which describes the current state. `impact` are sentences that alerts add to the check's own about its impact:
    what cannot be undone, or remains after a recovery. `was` describes the former state, if the check knows it. `after`
    is what to run after the remediation, which does not bring back what was lost.
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
    impact: tuple[str, ...] = ()
    was: str = ""
    after: Remedy | None = None


class Finding(Struct, frozen=True):
    """A verdict with its rule, check and resource. `unavailable` is set if and only if the status is UNKNOWN.

    `remediation` is what people are shown, and `remedy` the whole of it, with its values. `as_of` is when the oldest
    answer of an earlier run was read that the finding rests on; None if this run read all of them.
    """

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
    impact: tuple[str, ...] = ()
    was: str = ""
    after: str = ""
    remedy: Remedy = Remedy()
    as_of: datetime | None = None

    @property
    def is_pending(self) -> bool:
        """Return True if the limits of AWS left no time to read the resource yet."""
        return self.unavailable is not None and self.unavailable.reason is Reason.PENDING


class Message(Struct, frozen=True):
    """One complete message for SNS Publish.

    `subject` is at most 99 ASCII characters without line breaks. `bodies` is the `MessageStructure: json` map: one text
    per protocol and `default`. `attributes` are for filter policies; a tuple becomes a String.Array. `further` are the
    changes that the JSON body has no room for, as JSON, for the event bus.
    """

    id: str
    subject: str
    bodies: Mapping[str, str]
    attributes: Mapping[str, str | tuple[str, ...]]
    further: tuple[str, ...] = ()
