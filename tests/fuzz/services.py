"""The services that a run calls, each of which can be away for a while, and the change events of the account.

They are those of tests/model, with a table that can be deleted and restored from an earlier time.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

from tests.aws.account import ACCOUNT
from tests.changes import trail
from tests.model.cloud import Clients, Cloud, Item, Refusal
from tests.model.whole import ON, PROTECTION

URL = "https://us-east-1.amazonaws.com"
WHOLE_WINDOW, SHORT_WINDOW = 35, 7
WINDOW = "pitr-enabled/window"
STRANGER, OTHER = "stranger", "999999999999"
"""A user who makes calls in another account, and that account."""
NO_RESOURCE, NO_TABLE = "ResourceNotFoundException", "TableNotFoundException"
TABLE, BACKUPS = "DescribeTable", "DescribeContinuousBackups"
MALLORY = "mallory"
"""A user whose calls AWS refuses."""


class Failure(NamedTuple):
    """The failure of a call. `carried_out`: the call has its effect nevertheless."""

    error: Callable[[str], Exception]
    carried_out: bool = False


def missing(operation: str) -> Exception:
    """The error of most operations on a table that does not exist."""
    return Refusal(NO_RESOURCE, operation)


def server_error(operation: str) -> Exception:
    """An error of the service itself, after which a write may have been carried out."""
    error = Refusal("InternalServerError", operation)
    error.response["ResponseMetadata"]["HTTPStatusCode"] = 500
    return error


FAILURES: Mapping[str, Failure] = {
    "throttles": Failure(lambda operation: Refusal("ThrottlingException", operation)),
    "denies": Failure(lambda operation: Refusal("AccessDeniedException", operation)),
    "cannot be reached": Failure(lambda _operation: ConnectTimeoutError(endpoint_url=URL)),
    "does not answer": Failure(lambda _operation: ReadTimeoutError(endpoint_url=URL), carried_out=True),
    "answers HTTP 500": Failure(server_error),
    "answers HTTP 500 after the write": Failure(server_error, carried_out=True),
}

SERVICES: Mapping[str, tuple[str, ...]] = {
    "rows": ("query", "get_item", "transact_write_items", "update_item", "delete_item"),
    "commits": ("transact_write_items",),
    "table": ("describe_table",),
    "backups": ("describe_continuous_backups",),
    "topic": ("publish", "get_topic_attributes"),
    "bus": ("put_events",),
    "parameters": ("get_parameter", "put_parameter"),
    "key": ("get_parameter", "put_parameter"),
}
"""The services that can be away, and their calls. `key` is KMS, which only the parameter with the signing key needs."""

DELIVERING = frozenset({"publish", "delete_item"})
"""Calls after whose failure a message can be published again, besides the update of the row of a rollback."""


@dataclass
class Services(Cloud):
    """The account. `away` names what fails, and how; `bodies` are messages of the queue, delivered ones included."""

    away: dict[str, str] = field(default_factory=dict)
    exists: bool = True
    protected: bool = True
    window_days: int = WHOLE_WINDOW
    bodies: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    switched: list[bool] = field(default_factory=list)
    last: dict[str, Item] = field(default_factory=dict)
    saved: dict[str, Item] = field(default_factory=dict)
    restored: int = 0
    uncertain: bool = False
    stepping: str = ""
    looking: dict[str, str] = field(default_factory=dict)
    looks: list[dict[str, str]] = field(default_factory=list)

    @property
    def truth(self) -> dict[str, str]:
        """The status of each check that is watched."""
        window = "PASS" if self.window_days == WHOLE_WINDOW else "FAIL"
        return {
            ON: "PASS" if self.recovering else "FAIL",
            WINDOW: window if self.recovering else "NOT_APPLICABLE",
            PROTECTION: "PASS" if self.protected else "WARN",
        }

    # What people do

    def switch(self) -> None:
        """Somebody switches recovery off, or on; the event names the number of the call."""
        self.flip()
        self._happened(f"person-{len(self.switched)}")
        self.switched.append(self.recovering)

    def repeat(self) -> None:
        """Somebody switches recovery off and on again, or on and off, in one second."""
        self.switch()
        self.switch()

    def narrow(self) -> None:
        """Somebody changes the recovery window."""
        self.window_days = SHORT_WINDOW if self.window_days == WHOLE_WINDOW else WHOLE_WINDOW

    def unprotect(self) -> None:
        """Somebody switches deletion protection off, or on."""
        self.protected = not self.protected

    def try_to_switch(self) -> None:
        """A call that AWS refuses."""
        self._happened(MALLORY, errorCode="AccessDeniedException")

    def switch_elsewhere(self) -> None:
        """A table of the same name in another account, whose events reach the queue."""
        self._happened(STRANGER, recipientAccountId=OTHER)

    def _happened(self, who: str, **more: Any) -> None:
        """The event waits in the queue."""
        identity = {"type": "IAMUser", "userName": who, "accountId": ACCOUNT}
        number = f"{len(self.bodies):08}"
        record = trail.recovery(on=self.recovering, userIdentity=identity, eventTime=f"{self.now:%Y-%m-%dT%H:%M:%SZ}")
        self.send_message(MessageBody=json.dumps(trail.delivered(record | {"eventID": number} | more)))

    def delete_the_table(self) -> None:
        self.exists, self.last, self.rows = False, self.rows, {}

    def restore(self, *, former: bool) -> None:
        """A restore gives the name to another table, with the rows of the deleted one or with earlier ones.

        It carries over neither recovery nor deletion protection.
        """
        self.restored += 1
        self.table_id, self.exists = f"T{self.restored + 1}", True
        self.rows = dict(self.saved) if former else dict(self.last)
        self.recovering, self.protected, self.window_days = False, False, WHOLE_WINDOW

    def save(self) -> None:
        """The time to which the table is restored later."""
        self.saved = dict(self.rows)

    # Services

    def transact_write_items(self, **asked: Any) -> Any:
        """Note what the run of a commit had read."""
        commits = len(self.commits)
        answer = super().transact_write_items(**asked)
        if len(self.commits) > commits:
            self.looks.append(dict(self.looking))
        return answer

    def describe_table(self, **asked: Any) -> Any:
        if not self.exists:
            raise missing(TABLE)
        answer = super().describe_table(**asked)
        answer["Table"]["DeletionProtectionEnabled"] = self.protected
        return answer

    def describe_continuous_backups(self, **asked: Any) -> Any:
        if not self.exists:
            raise Refusal(NO_TABLE, BACKUPS)
        answer = super().describe_continuous_backups(**asked)
        answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]["RecoveryPeriodInDays"] = (
            self.window_days
        )
        return answer

    def send_message(self, **asked: Any) -> Any:
        """Amazon SQS. A queue delivers at least once, in any order."""
        self.bodies.append(asked["MessageBody"])
        self.waiting.append(asked["MessageBody"])
        return {"MessageId": "1"}

    def failure(self, operation: str, asked: Mapping[str, Any]) -> Failure | None:
        """Return how a call fails; None if what it needs is there."""
        for what, how in self.away.items():
            if operation in SERVICES[what] and (what != "key" or str(asked.get("Name")).endswith("/key")):
                return FAILURES[how]
        if not self.exists and operation in SERVICES["rows"]:
            return Failure(missing)
        return None


@dataclass
class Reaching(Clients):
    """One run's clients. `seen` is what its scan has read of each check; `failed` are its calls that failed."""

    cloud: Services
    seen: dict[str, str] = field(default_factory=dict)
    failed: set[str] = field(default_factory=set)

    def __getattr__(self, name: str) -> Any:
        """The call of that name, if what it needs is there."""
        if name.startswith("describe"):
            return lambda **asked: self._looked(name, asked)

        def gated(**asked: Any) -> Any:
            self.gate(name)
            answer = self._made(name, asked)
            self.gate(f"{name} answered")
            return answer

        return gated

    def _made(self, name: str, asked: Mapping[str, Any]) -> Any:
        failure = self.cloud.failure(name, asked)
        call = getattr(self.cloud, name)
        self.cloud.looking = self.seen
        if failure is None:
            return call(**asked)
        self.failed.add(name)
        rollback = name == "update_item" and asked["Key"]["SK"]["S"].startswith("ROLLBACK#")
        self.cloud.uncertain |= failure.carried_out or name in DELIVERING or rollback
        if failure.carried_out:
            call(**asked)
        raise failure.error(name)

    def _looked(self, name: str, asked: Mapping[str, Any]) -> Any:
        """A call that only looks, and what the scan knows by it."""
        of_table = name == "describe_table"
        for check in (PROTECTION,) if of_table else (ON, WINDOW):
            self.seen.pop(check, None)
        answer = self._made(name, asked)
        for check, status in self.cloud.truth.items():
            if of_table is (check == PROTECTION):
                self.seen[check] = status
        return answer
