"""Permissions of a role of the table that differ from its reviewed policies. Pure."""

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from readiness.aws.arn import partition_of
from readiness.checklist import DocumentationSettings, fits_name
from readiness.engine.fact import fact
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.table_roles import RolePolicies, TableRole
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.manifest import LEFT_OPEN, ApplicationManifest, Policy
from readiness.iam.addressed import with_policy_of
from readiness.iam.condition import Condition, digested
from readiness.iam.reviewed import Right, beyond, short_of
from readiness.iam.statement import Statement, as_written
from readiness.model import Fact, Gone, Unavailable


class ReviewedRights(Fact):
    """Permissions that the role has beyond its reviewed policies (`more`) and lacks (`less`), over all services.

    `policies` are the names of the reviewed policies and `files` their paths. Of the role's policies that grant more,
    `own` are the names of inline policies, `attached` the ARNs of customer managed ones and `managed` the names of AWS
    managed ones. `undigested`: some reviewed conditions were recorded without values. `unread` is why the table's
    resource-based policy could not be read.
    """

    more: tuple[Right, ...]
    less: tuple[Right, ...]
    policies: tuple[str, ...]
    files: tuple[str, ...]
    own: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    managed: tuple[str, ...] = ()
    undigested: bool = False
    unread: Unavailable | None = None


@fact(absent="no reviewed policy for the role")
def reviewed_rights(  # noqa: PLR0913, PLR0917  both sides of the comparison have two sources
    table: Table,
    role: TableRole,
    policies: RolePolicies | Gone,
    policy: ResourcePolicy | Unavailable,
    manifest: ApplicationManifest,
    checklist: Checklist,
) -> ReviewedRights | None:
    """Return None if the role does not exist, or one of its functions has no reviewed policy."""
    found = reviewed_for(role, manifest.says.policies, checklist.documentation)
    if isinstance(policies, Gone) or found.without:
        return None
    principal = policies.principal.whole()
    meant = tuple(as_meant(found.policies, table))
    identity = principal.at_least
    said = tuple(map(as_written, identity.statements))
    asked = (each for each in said if not _logs_by_aws(each, principal.managed))
    by_table, unread = ((), policy) if isinstance(policy, Unavailable) else (policy.statements, principal.unread)
    live = with_policy_of(table.arn, by_table, replace(identity, statements=tuple(asked)))
    whole = with_policy_of(table.arn, by_table, replace(identity, statements=said))
    more = tuple(beyond(live, meant))
    return ReviewedRights(
        more=more,
        less=tuple(short_of(whole, meant)),
        policies=tuple(each.name for each in found.policies),
        files=tuple(each.file.path for each in found.policies),
        own=_own(more, principal),
        attached=tuple(arn for arn in identity.policies if arn.rpartition("/")[2] in _granting(more)),
        managed=tuple(name for name in _granting(more) if name in principal.managed),
        undigested=any(test.key and test.digests is None for statement in meant for test in statement.tests),
        unread=unread,
    )


class Reviewed(Struct, frozen=True):
    """The reviewed policies of a role, and its functions without one."""

    policies: tuple[Policy, ...]
    without: tuple[str, ...]


def reviewed_for(role: TableRole, policies: Collection[Policy], wanted: DocumentationSettings) -> Reviewed:
    """Return one policy per function: the one that the checklist names, else the longest with the same ending."""
    found = {function: _policy(function, role, policies, wanted) for function in role.functions}
    names = {policy.name: policy for policy in found.values() if policy}
    without = tuple(function for function, policy in found.items() if policy is None)
    return Reviewed(tuple(names[name] for name in sorted(names)), without)


def as_meant(policies: Collection[Policy], table: Table) -> Iterator[Statement]:
    """Yield the statements with the table's partition, Region and account in place of the placeholders."""
    meant = {"PARTITION": partition_of(table.arn), "REGION": table.region, "ACCOUNT": table.account}
    for policy in policies:
        for statement in map(as_written, policy.statements):
            resources = (_filled_in(arn, meant) for arn in statement.resources)
            tests = (_test(each, meant) for each in statement.by_value)
            yield replace(statement, resources=tuple(resources), by_value=tuple(tests))


def _test(compared: Condition, meant: Mapping[str, str]) -> Condition:
    opened = digested(compared.key, (_filled_in(value, meant) for value in compared.values or ()))
    if not opened:
        return compared
    return replace(compared, values=None, digests=tuple(sorted({*(compared.digests or ()), *opened})))


def _filled_in(text: str, meant: Mapping[str, str]) -> str:
    return LEFT_OPEN.sub(lambda left: meant[left[0]], text)


def _granting(more: Collection[Right]) -> list[str]:
    """Return the names of the policies that grant more, each once."""
    return list(dict.fromkeys(right.policy for right in more))


def _own(more: Collection[Right], principal: Principal) -> tuple[str, ...]:
    """Return the inline policies that grant more; the reviewed policy replaces the first."""
    attached = {*principal.managed, *(arn.rpartition("/")[2] for arn in principal.known.policies)}
    own = {each.policy for each in principal.known.statements} - attached
    return tuple(name for name in _granting(more) if name in own)


def _logs_by_aws(statement: Statement, managed: Collection[str]) -> bool:
    return statement.policy in managed and all(action.startswith("logs:") for action in statement.actions)


def _policy(
    function: str, role: TableRole, policies: Collection[Policy], wanted: DocumentationSettings
) -> Policy | None:
    by_name = {policy.name: policy for policy in policies}
    said = next((name for pattern, name in wanted.reviewed.items() if fits_name(function, (pattern,))), None)
    if said is not None:
        return by_name.get(said)
    called = (function, role.name, role.name.removesuffix("-role"))
    ending = [name for name in by_name if any(each == name or each.endswith(f"-{name}") for each in called)]
    return by_name[max(ending, key=lambda name: (len(name), name))] if ending else None
