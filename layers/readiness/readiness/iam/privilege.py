"""DynamoDB permissions of a role beyond what it needs on the items of one table.

Permissions under a condition, or outside the permissions boundary, are reported and marked. A Deny counts where it has
no condition and surely covers all of the permission.
"""

from collections.abc import Callable, Collection, Iterator

from msgspec import Struct

from readiness.iam.addressed import by_who_asks
from readiness.iam.catalogue import Action, actions, spoken_of
from readiness.iam.condition import ABSENT, RequestContext, holds
from readiness.iam.evaluate import Access, Identity, access, granted_by
from readiness.iam.match import ANY, WILD, matches
from readiness.iam.reach import examples, lets_through, nearly_scoped, reaches, reaching, scoped, withheld
from readiness.iam.statement import Statement
from readiness.iam.violation import Baseline, Violation, ViolationKind, named, violation_of

SERVICE = "dynamodb"
SCAN = "dynamodb:Scan"
STREAM_READS = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
LEADING_KEYS = "dynamodb:leadingkeys"
SCANNING = RequestContext({LEADING_KEYS: ABSENT})
"""Known condition keys of a Scan."""

BELOW = frozenset({"backup", "export", "import", "index", "stream"})
"""Resource types of a table, as in their ARNs and in the catalogue."""

ITEM_WRITES = frozenset(
    {
        "dynamodb:BatchWriteItem",
        "dynamodb:DeleteItem",
        "dynamodb:PartiQLDelete",
        "dynamodb:PartiQLInsert",
        "dynamodb:PartiQLUpdate",
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
    }
)
"""Every other action that changes something administers the table."""

NO_ACTIONS = {
    f"{SERVICE}:{operation}".lower(): f"{SERVICE}:{operation}"
    for operation in (
        "BatchExecuteStatement",
        "ExecuteStatement",
        "ExecuteTransaction",
        "TransactGetItems",
        "TransactWriteItems",
    )
}
"""The operations of DynamoDB that other actions allow, such as PutItem and PartiQLInsert, by name in lower case.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-iam.html
"""

ADMINISTRATORS = ("AdministratorAccess", "AmazonDynamoDBFullAccess*", "PowerUserAccess")
STREAM_READERS = frozenset({"AWSLambdaDynamoDBExecutionRole", "AWSLambdaInvocation-DynamoDB"})
"""AWS managed policies that allow to read every stream of the account."""


class Privilege(Struct, frozen=True):
    """A role, the names of its AWS managed policies, and its needs."""

    identity: Identity
    managed: tuple[str, ...]
    baseline: Baseline

    def violations(self) -> Iterator[Violation]:
        """Yield all excess permissions."""
        for statement in self.identity.statements:
            yield from _dead(statement)
            if statement.allow:
                yield from self._reach(statement)
                yield from self._use(statement)
                yield from self._unknown(statement)
        yield from self.attached()

    def _reach(self, statement: Statement) -> Iterator[Violation]:
        """Yield permissions on other resources than the table, for actions that could be limited to it."""
        spoken = [action for action in spoken_of(statement, SERVICE) if action.scopable]
        if statement.policy in STREAM_READERS.intersection(self.managed):  # reported as an attached policy
            spoken = [action for action in spoken if action.name not in STREAM_READS]
        if not spoken:
            return
        patterns = reaching(statement, self.baseline.partition, SERVICE)
        if statement.but_actions:
            yield from self._held(ViolationKind.ALL_BUT_ACTIONS, statement, spoken, patterns)
        if statement.but_resources or not statement.but_actions:
            far = [pattern for pattern in patterns if self._far(pattern)]
            kind = ViolationKind.ALL_BUT_RESOURCES if statement.but_resources else ViolationKind.BEYOND
            beyond = list(self._held(kind, statement, spoken, far))
            told = far if beyond else []
            near = [each for each in patterns if each not in told and not scoped(each, self.baseline.table)]
            yield from beyond
            yield from self._held(ViolationKind.ANYWHERE, statement, spoken, near)

    def _held(
        self, kind: ViolationKind, statement: Statement, spoken: Collection[Action], patterns: Collection[str]
    ) -> Iterator[Violation]:
        """Yield the violation unless a Deny covers all of it; bounded where the boundary allows none of it."""
        left = [
            (action, pattern)
            for pattern in patterns
            for action in spoken
            if not withheld(self.identity.statements, action.name, pattern, self._harmful(kind))
        ]
        through = [pair for pair in left if self._through(kind, *pair)]
        if left:
            patterns = {pattern for _, pattern in through or left}
            resources = tuple(sorted(statement.resources if statement.but_resources else patterns))
            names = tuple(action.name for action in spoken)
            unsure = by_who_asks(statement)
            yield violation_of(
                statement, kind, names, resources=resources, bounded=not through, unsure=unsure, meant=()
            )

    def _harmful(self, kind: ViolationKind) -> Callable[[str], bool]:
        """Return the test for resources that do harm where a Deny leaves them."""
        if kind is ViolationKind.ALL_BUT_ACTIONS:
            return lambda _: True
        if kind is ViolationKind.ANYWHERE:
            return lambda left: (
                reaches(left, self.baseline.partition, SERVICE) and not scoped(left, self.baseline.table)
            )
        return self._far

    def _through(self, kind: ViolationKind, action: Action, pattern: str) -> bool:
        boundary = self.identity.boundary
        if boundary is None or kind is ViolationKind.ANYWHERE:
            return True
        if self._far(pattern) and lets_through(boundary, action.name, pattern, self._far):
            return True
        administers = kind is ViolationKind.ALL_BUT_ACTIONS and _administers(action)
        return administers and granted_by(boundary, action.name, self.baseline.table) is not Access.NONE

    def _use(self, statement: Statement) -> Iterator[Violation]:
        """Yield permissions on the table that its functions do not need."""
        found: dict[tuple[ViolationKind, bool], list[str]] = {}
        for action in spoken_of(statement, SERVICE):
            kind = self._kind(action, statement)
            allowed = self._allowed(action, statement) if kind else Access.NONE
            if kind and allowed is not Access.NONE:
                found.setdefault((kind, allowed is Access.BOUNDED), []).append(action.name)
        for (kind, bounded), names in found.items():
            yield violation_of(statement, kind, tuple(names), bounded=bounded, unsure=by_who_asks(statement))

    def _unknown(self, statement: Statement) -> Iterator[Violation]:
        """Yield names that the package does not know: newer actions, which the functions do not need, or none."""
        written = () if statement.but_actions else statement.actions
        own = [each for each in written if each.startswith(f"{SERVICE}:") and not WILD.search(each)]
        unknown = [each for each in own if each not in actions(SERVICE) and each not in NO_ACTIONS]
        names = tuple(each for each in unknown if not self._needs(each) and not self._refused(each, statement))
        if names:
            yield violation_of(statement, ViolationKind.UNLISTED, actions=names)

    def _refused(self, name: str, statement: Statement) -> bool:
        """Return True where a Deny covers what the statement allows on the table."""
        table = self.baseline.table
        return statement.covers(name, table) and access(self.identity, name, table) is Access.NONE

    def _kind(self, action: Action, statement: Statement) -> ViolationKind | None:
        if _administers(action):
            return ViolationKind.ADMINISTERS
        if action.name == SCAN:
            return self._scan(statement)
        lists = not action.scopable and action.level in {"Read", "List"}  # names or limits, and no items
        known = lists or self._needs(action.name) or action.name in STREAM_READS
        return None if known else ViolationKind.UNLISTED

    def _scan(self, statement: Statement) -> ViolationKind | None:
        """Return the kind of a Scan: dynamodb:LeadingKeys does not restrict it."""
        on_keys = [condition for condition in statement.tests if condition.key.lower() == LEADING_KEYS]
        if not on_keys:
            return None if self._needs(SCAN) else ViolationKind.SCANS
        demanded = not all(holds(condition, SCANNING) for condition in on_keys)  # a Scan does not have leading keys
        return ViolationKind.SCANS_UNDER_KEYS if self._needs(SCAN) or demanded else ViolationKind.SCANS_PAST_KEYS

    def _needs(self, action: str) -> bool:
        return any(matches(needed.lower(), action.lower()) for needed in self.baseline.needed)

    def _allowed(self, action: Action, statement: Statement) -> Access:
        """Return how the statement's action is allowed on the table or its resources; the widest counts."""
        arns = self._places(action, statement)
        found = {access(self.identity, action.name, arn) for arn in arns if statement.covers(action.name, arn)}
        order = (Access.DIRECT, Access.CONDITIONAL, Access.BOUNDED)
        return next((each for each in order if each in found), Access.NONE)

    def _places(self, action: Action, statement: Statement) -> Iterator[str]:
        """Yield the table and its resources on which the statement could allow the action."""
        if not action.scopable or "table" in action.kinds:
            yield self.baseline.table if action.scopable else ANY
        for kind in BELOW.intersection(action.kinds):
            yield from examples(statement.resources, self.baseline.table, kind)

    def attached(self) -> Iterator[Violation]:
        """Yield the AWS managed policies that no role of a function needs, by their names."""
        for name in self.managed:
            if any(matches(pattern, name) for pattern in ADMINISTRATORS):
                every = actions(SERVICE).values()
                through = any(self._through(ViolationKind.ALL_BUT_ACTIONS, action, ANY) for action in every)
                yield Violation(ViolationKind.ADMINISTRATOR, name, bounded=not through)
            elif name in STREAM_READERS:
                yield Violation(ViolationKind.EVERY_STREAM, name)

    def _far(self, pattern: str) -> bool:
        """Return True where the pattern matches DynamoDB resources other than tables of that name."""
        return not nearly_scoped(pattern, self.baseline.table) and reaches(pattern, self.baseline.partition, SERVICE)


def _administers(action: Action) -> bool:
    return action.scopable and action.level not in {"Read", "List"} and action.name not in ITEM_WRITES


def _dead(statement: Statement) -> Iterator[Violation]:
    """Yield names of API operations that are not IAM actions: they have no effect.

    Other names that the package does not know can be those of newer actions.
    """
    dead = tuple(each for each in statement.actions if each in NO_ACTIONS)
    if dead:
        yield violation_of(statement, ViolationKind.DEAD, actions=named(dead, NO_ACTIONS.values()), but_actions=False)
