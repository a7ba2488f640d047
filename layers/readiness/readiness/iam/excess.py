"""What is too much in the policies of a role that works on the items of one table, or of that table, as values."""

from collections.abc import Collection, Iterable
from enum import StrEnum

from msgspec import Struct

from readiness.iam.catalogue import actions
from readiness.iam.match import WILD, literal, matches
from readiness.iam.statement import Statement, may_be_of


class Kind(StrEnum):
    """In what way something is more than a role needs, or, of its own logs, less."""

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


WORKS_ON = {"ssm": "ec2", "sts": "iam"}
"""Whose resources the actions of a service are also about: sessions on instances, and of roles."""


class Excess(Struct, frozen=True):
    """One thing that is too much, and the statement that says it.

    `actions` and `resources` are patterns as they are written, `meant` the actions that are too much; `principals` are
    those of a policy on the role or the table itself. `but_actions` and `but_resources`: it is about all others.
    `but_principals` likewise. `bounded`: the permissions boundary keeps it back. `unsure`: whether it is too much, or
    about the role at all, can't be told from policies.
    """

    kind: Kind
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


class Duty(Struct, frozen=True):
    """What a role is there for: the table's ARN, the actions that its functions need, the log groups they write to."""

    table: str
    needed: tuple[str, ...]
    log_groups: tuple[str, ...]

    @property
    def partition(self) -> str:
        """Such as `aws`."""
        return self.table.split(":")[1]

    @property
    def region(self) -> str:
        """The table's, and that of the functions."""
        return self.table.split(":")[3]

    @property
    def account(self) -> str:
        """The table's, and that of the role."""
        return self.table.split(":")[4]


def said_by(statement: Statement, kind: Kind, names: tuple[str, ...] = (), **more: tuple[str, ...] | bool) -> Excess:
    """The excess of a statement. `names` are the actions that are too much, `more` what differs from what it says.

    Resources that have nothing to do with these actions are left out: they are names of other things.
    """
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
    return Excess(kind, **(said | more))  # type: ignore[arg-type]  # fields of Excess by their names


def _concerned(resources: Iterable[str], actions: Iterable[str]) -> tuple[str, ...]:
    """Those of the services that the actions work on; all where there are none, as in a policy of a resource."""
    services = {action.partition(":")[0] for action in actions}
    services |= {WORKS_ON[service] for service in services & {*WORKS_ON}}
    known = services and not any(map(WILD.search, services))
    return tuple(sorted(each for each in resources if not known or may_be_of(each, services)))


def named(patterns: Iterable[str], known: Collection[str] = ()) -> tuple[str, ...]:
    """Actions as people know them: IAM does not tell cases apart, but AWS writes dynamodb:GetItem."""
    every = (*known, *(action.name for action in actions("dynamodb").values()))
    return tuple(sorted(_cased(pattern, every) for pattern in patterns))


def _cased(pattern: str, known: Iterable[str]) -> str:
    """What stands before its first wildcard and after its last, spelled as in an action that it stands for."""
    name = next((each for each in known if matches(pattern, each.lower())), pattern)
    first, last = len(literal(pattern)), max(pattern.rfind("*"), pattern.rfind("?")) + 1
    return name if not last else name[:first] + pattern[first:last] + name[len(name) - len(pattern) + last :]
