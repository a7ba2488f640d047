"""One change as CloudTrail or CloudWatch reports it: the call, the resources that it names, and the author."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct

from readiness.aws.arn import name_in, service_of
from readiness.changes.actor import Actor, acted, bounded
from readiness.changes.relevance import moved_by, moves, plain
from readiness.printable import line, printable
from readiness.state.people import Instant

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
"""The request parameters that name the resources of a call, for all services together. A policy's ARN is not
included: only the policy's attachments show which principals it affects."""

SWITCHES = (("pointInTimeRecoverySpecification", "pointInTimeRecoveryEnabled"), ("timeToLiveSpecification", "enabled"))

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")

ALARMS = "monitoring.amazonaws.com"


class UnreadableEvent(ValueError):
    """The event is none of those that the EventBridge rules of the stack match, or is not valid."""


class ApiCall(Struct, frozen=True):
    """An API call that can have changed a watched resource.

    `name` is the operation, without a version. `names` are the resources in its parameters, without the rest of their
    ARNs and URLs. `actor` is None if only CloudWatch reported the call. `refused` is the error code of a failed call.
    `off`: it switches point-in-time recovery or time to live off.
    """

    id: str
    source: str
    name: str
    at: Instant
    actor: Actor | None = None
    names: tuple[str, ...] = ()
    refused: str = ""
    off: bool = False

    @property
    def service(self) -> str:
        """Return the service as ARNs name it."""
        service = self.source.partition(".")[0]
        return "cloudwatch" if service == "monitoring" else service

    def concerns(self, tables: frozenset[str]) -> bool:
        """Return True if the call can affect a check of one of these tables, as far as the event shows."""
        if not moved_by(self.source, self.name):
            return False
        return self.service != "dynamodb" or not self.names or bool(tables.intersection(self.names))

    def fits(self, check: str, resources: tuple[str, ...], words: str = "") -> int:
        """Return how well the call explains a change of the check on these resources.

        2: it names one of them. 1: it can be the cause. 0: it is not the cause. If the call names resources of its own
        service, and a resource of that service changed, the names must match. A call to another service can be the
        cause. `words` is the JSON of the watched values.
        """
        if not moves(self.source, self.name, check):
            return 0
        arns = (arn for resource in resources for arn in resource.split(" ") if arn.startswith("arn:"))
        own = {line(name_in(arn)) for arn in arns if service_of(arn) == self.service}
        if own and self.names:
            return 2 if own.intersection(self.names) else 0
        return 2 if any(f'"{name}"' in words for name in self.names) else 1


def call_of(event: object) -> ApiCall:
    """Return the call of an EventBridge event. UnreadableEvent: it is none of the expected events."""
    from readiness.changes.event import ChangeEvent, OfAlarm

    told = _valid(ChangeEvent, {"event": event}).event
    if not isinstance(told, OfAlarm):
        return recorded(told.detail)
    return ApiCall(
        id=told.id,
        source=ALARMS,
        name="PutMetricAlarm" if told.detail.operation != "delete" else "DeleteAlarms",
        at=told.time,
        names=(bounded(told.detail.name),) if told.detail.name else (),
    )


def recorded(record: Mapping[str, Any]) -> ApiCall:
    """Return the call of a CloudTrail record. UnreadableEvent: it lacks a member that each record has."""
    from readiness.changes.event import Record

    read = _valid(Record, record)
    return ApiCall(
        id=read.event_id,
        source=read.event_source,
        name=plain(read.event_name),
        at=read.event_time,
        actor=acted(record),
        names=tuple(dict.fromkeys(_names(read.parameters))),
        refused=printable(read.error_code),
        off=any(_at(read.parameters, *path) is False for path in SWITCHES),
    )


def _valid(kind: type[M], value: object) -> M:
    """Return the value as a model. UnreadableEvent: it is not valid; the message has the place."""
    try:
        return kind.model_validate(value)
    except ValueError as error:
        raise UnreadableEvent(str(error)) from error


def _names(parameters: Mapping[str, Any]) -> Iterator[str]:
    for key in NAMING:
        value = parameters.get(key)
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, str):
                name = name_in(bounded(text))
                yield name.partition(":")[0] if key == "functionName" else name


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
