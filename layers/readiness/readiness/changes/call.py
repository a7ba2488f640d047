"""One change as CloudTrail or CloudWatch tell of it: what was called, about what, and by whom."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from readiness.aws.arn import service_of
from readiness.changes.actor import Actor, acted
from readiness.changes.relevance import moved_by, moves, plain

NAMING = (
    "alarmName",
    "alarmNames",
    "backupArn",
    "backupPlanId",
    "backupVaultName",
    "budgetName",
    "functionName",
    "keyId",
    "logGroupName",
    "name",
    "queueUrl",
    "resource",
    "resourceArn",
    "roleName",
    "sourceTableArn",
    "sourceTableName",
    "subscriptionArn",
    "tableName",
    "targetTableName",
    "topicArn",
    "userName",
)
"""The request parameters that name what a call is about, of all services together. A policy's ARN is not among them:
whom it moves only the policies themselves say."""

SWITCHES = (("pointInTimeRecoverySpecification", "pointInTimeRecoveryEnabled"), ("timeToLiveSpecification", "enabled"))

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")

ALARMS = "monitoring.amazonaws.com"
FIELDS = 5
"""So many colons stand in an ARN before what names the resource."""


class UnreadableEvent(ValueError):
    """It is none of the events that the rules let through."""


class ApiCall(Struct, frozen=True):
    """A call that can have changed something.

    `name` is the operation's, `names` what its parameters name, without ARNs and URLs around. `actor` is None where
    CloudWatch alone tells of it. `refused` is the error's code of one that changed nothing. `off`: it switches
    point-in-time recovery or time to live off.
    """

    id: str
    source: str
    name: str
    at: datetime
    actor: Actor | None = None
    names: tuple[str, ...] = ()
    refused: str = ""
    off: bool = False

    @property
    def service(self) -> str:
        """As ARNs call it."""
        service = self.source.partition(".")[0]
        return "cloudwatch" if service == "monitoring" else service

    def concerns(self, tables: frozenset[str]) -> bool:
        """Whether it can have moved what is judged of one of these tables, as far as the event alone can tell."""
        if not moved_by(self.source, self.name):
            return False
        return self.service != "dynamodb" or not self.names or bool(tables.intersection(self.names))

    def fits(self, check: str, resources: tuple[str, ...], words: str = "") -> int:
        """How well it explains that the check moved on these resources: 2 it names one, 1 it may have, 0 it did not.

        A call to the service whose resource moved must name it; one to another service may be why. `words` is JSON of
        what is watched.
        """
        if not moves(self.source, self.name, check):
            return 0
        arns = (arn for resource in resources for arn in resource.split(" ") if arn.startswith("arn:"))
        own = {name_in(arn) for arn in arns if service_of(arn) == self.service}
        if own and self.names:
            return 2 if own.intersection(self.names) else 0
        return 2 if any(f'"{name}"' in words for name in self.names) else 1


def call_of(event: object) -> ApiCall:
    """The call that an event of EventBridge tells of. Unreadable: it is none of those that are asked for."""
    from readiness.changes.event import ChangeEvent, OfAlarm

    told = _valid(ChangeEvent, {"event": event}).event
    if not isinstance(told, OfAlarm):
        return recorded(told.detail)
    return ApiCall(
        id=told.id,
        source=ALARMS,
        name="PutMetricAlarm" if told.detail.operation != "delete" else "DeleteAlarms",
        at=told.time,
        names=(told.detail.name,) if told.detail.name else (),
    )


def recorded(record: Mapping[str, Any]) -> ApiCall:
    """The call of a record of CloudTrail. Unreadable: it lacks what each of them has."""
    from readiness.changes.event import Record

    read = _valid(Record, record)
    return ApiCall(
        id=read.event_id,
        source=read.event_source,
        name=plain(read.event_name),
        at=read.event_time,
        actor=acted(record),
        names=tuple(dict.fromkeys(_names(read.parameters))),
        refused=read.error_code,
        off=any(_at(read.parameters, *path) is False for path in SWITCHES),
    )


def _valid(kind: type[M], value: object) -> M:
    """Unreadable: the value is not valid, and where."""
    try:
        return kind.model_validate(value)
    except ValueError as error:
        raise UnreadableEvent(str(error)) from error


def name_in(text: str) -> str:
    """The name within an ARN, a part of one, or a URL: of a version its function, of a backup or index its table."""
    if "://" in text:
        return text.rpartition("/")[2]
    for kind in (":table/", ":function:"):
        if kind in text:
            return text.partition(kind)[2].partition("/")[0].partition(":")[0]
    if not text.startswith("arn:") or text.count(":") < FIELDS:
        return text
    service, rest = text.split(":")[2], text.split(":", FIELDS)[FIELDS]
    if service == "sns":
        return rest.partition(":")[0]
    kind, colon, name = rest.partition(":")
    return name.removesuffix(":*") if colon and "/" not in kind else rest.rpartition("/")[2]


def _names(parameters: Mapping[str, Any]) -> Iterator[str]:
    for key in NAMING:
        value = parameters.get(key)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                yield name_in(text).partition(":")[0] if key == "functionName" else name_in(text)


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
