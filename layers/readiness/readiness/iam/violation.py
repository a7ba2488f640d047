"""Excess permissions of a role that works on the items of one table, or of the policy of that table."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from msgspec import Struct

from readiness.iam.catalogue import actions
from readiness.iam.match import WILD, literal, matches
from readiness.iam.statement import Statement, may_be_of


class ViolationKind(StrEnum):
    """The kind of an excess permission, or of a missing permission to log."""

    BEYOND = "beyond the table"
    ALL_BUT_ACTIONS = "NotAction"
    ALL_BUT_RESOURCES = "NotResource"
    ANYWHERE = "any Region or account"
    ADMINISTERS = "administration"
    ADMINISTRATOR = "administrator policy"
    EVERY_STREAM = "every stream"
    SCANS = "Scan"
    SCANS_PAST_KEYS = "Scan past leading keys"
    SCANS_UNDER_KEYS = "Scan under leading keys"
    UNLISTED = "not listed"
    DEAD = "no action"
    ESCALATES = "escalation"
    MUTE = "cannot log"
    HARDLY_LOGS = "logs under a condition"
    OTHER_LOGS = "other logs"
    ANYONE = "anyone assumes it"
    OTHERS = "others assume it"
    PUBLIC = "everybody"
    FOREIGN = "foreign accounts"
    REPLICATED = "foreign replicas"
    ORGANIZATION = "an organization"
    DEPUTY = "services for anybody"
    UNTOLD = "perhaps others"
    RESERVED_ITEMS = "reserved items"
    RESERVED_PARAMETER = "reserved parameter"


WORKS_ON = {"ssm": "ec2", "sts": "iam"}
"""Services whose actions apply to resources of another service: SSM sessions to instances, STS to roles."""


class Violation(Struct, frozen=True):
    """One excess permission, and the statement that grants it.

    `actions` and `resources` are patterns as written, `meant` the actions in excess; `principals` are those of a trust
    policy or a resource-based policy. `but_actions`, `but_resources`, `but_principals`: all except these. `bounded`:
    the permissions boundary does not allow it. `unsure`: policies alone do not show that it is a violation, or of the
    role.
    """

    kind: ViolationKind
    policy: str = ""
    sid: str = ""
    actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    meant: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    but_actions: bool = False
    but_resources: bool = False
    but_principals: bool = False
    bounded: bool = False
    unsure: bool = False


class Baseline(Struct, frozen=True):
    """The needs of a role: the table's ARN, the actions that its functions need, their log groups."""

    table: str
    needed: tuple[str, ...]
    log_groups: tuple[str, ...]

    @property
    def partition(self) -> str:
        """Return such as `aws`."""
        return self.table.split(":")[1]

    @property
    def region(self) -> str:
        """Return the Region of the table and of its functions."""
        return self.table.split(":")[3]

    @property
    def account(self) -> str:
        """Return the account of the table and of the role."""
        return self.table.split(":")[4]


def violation_of(
    statement: Statement, kind: ViolationKind, names: tuple[str, ...] = (), **more: tuple[str, ...] | bool
) -> Violation:
    """Return the violation of a statement; `names` are the actions in excess, `more` other fields that differ."""
    written = statement.actions
    if names and not statement.but_actions:
        written = tuple(each for each in written if any(matches(each, name.lower()) for name in names))
    spoken = more.get("actions")
    said = {
        "policy": statement.policy,
        "sid": statement.sid,
        "actions": named(written, names),
        "meant": tuple(sorted(names)),
        "resources": _concerned(statement.resources, names or (spoken if isinstance(spoken, tuple) else written)),
        "conditions": statement.conditions,
        "but_actions": statement.but_actions,
        "but_resources": statement.but_resources,
    }
    return Violation(kind, **(said | more))  # type: ignore[arg-type]  # fields of Violation by their names


def _concerned(resources: Iterable[str], actions: Iterable[str]) -> tuple[str, ...]:
    """Return the resources of the actions' services; all where there are no actions, as in a resource-based policy."""
    services = {action.partition(":")[0] for action in actions}
    services |= {WORKS_ON[service] for service in services & {*WORKS_ON}}
    known = services and not any(map(WILD.search, services))
    return tuple(sorted(each for each in resources if not known or may_be_of(each, services)))


def named(patterns: Iterable[str], known: Collection[str] = ()) -> tuple[str, ...]:
    """Return the actions with AWS's capitals: IAM action names are case-insensitive."""
    every = (*known, *(action.name for action in actions("dynamodb").values()))
    return tuple(sorted(_cased(pattern, every) for pattern in patterns))


def _cased(pattern: str, known: Iterable[str]) -> str:
    """Return the pattern with the capitals of an action that it matches."""
    name = next((each for each in known if matches(pattern, each.lower())), pattern)
    first, last = len(literal(pattern)), max(pattern.rfind("*"), pattern.rfind("?")) + 1
    return name if not last else name[:first] + pattern[first:last] + name[len(name) - len(pattern) + last :]
