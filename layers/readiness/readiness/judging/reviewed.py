"""Which of the reviewed policies of the application's repository are those of a role, as they hold for a table."""

import re
from collections import ChainMap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from readiness.checklist import DocumentationSettings, fits_name
from readiness.facts.principals import Principal
from readiness.facts.resource_policy import ResourcePolicy
from readiness.facts.table import Table
from readiness.facts.table_roles import TableRole
from readiness.iam.addressed import with_policy_of
from readiness.iam.evaluate import Access
from readiness.iam.reviewed import Right, beyond, short_of
from readiness.iam.statement import Statement
from readiness.judging.remedying import of_each
from readiness.judging.role_remedies import AS_REVIEWED, DELETE, DETACH, DETACH_OF_AWS
from readiness.manifest import Policy
from readiness.model import Remedy, Unavailable, Unreadable
from readiness.rule import Verdict, failed, passed, warned

SHOWN = 10

LEFT_OPEN = re.compile(r"\b(PARTITION|REGION|ACCOUNT)\b")
"""What a template leaves open, between colons or within a name."""


@dataclass(frozen=True)
class Reviewed:
    """The policies that were reviewed for a role, and those of its functions for which there is none."""

    policies: tuple[Policy, ...]
    without: tuple[str, ...]


def reviewed_for(role: TableRole, policies: Collection[Policy], wanted: DocumentationSettings) -> Reviewed:
    """One for each function: the one that the checklist names, else the one that its name or the role's ends with."""
    found = {function: _policy(function, role, policies, wanted) for function in role.functions}
    names = {policy.name: policy for policy in found.values() if policy}
    without = tuple(function for function, policy in found.items() if policy is None)
    return Reviewed(tuple(names[name] for name in sorted(names)), without)


def as_meant(policies: Collection[Policy], table: Table) -> Iterator[Statement]:
    """Their statements, with the table's own partition, Region and account where they leave them open."""
    meant = {"PARTITION": table.arn.split(":")[1], "REGION": table.region, "ACCOUNT": table.account}
    for policy in policies:
        for statement in policy.statements:
            resources = (LEFT_OPEN.sub(lambda left: meant[left[0]], arn) for arn in statement.resources)
            yield replace(statement, resources=tuple(resources))


def compared(
    role: TableRole, principal: Principal, found: Reviewed, table: Table, policy: ResourcePolicy | Unavailable
) -> Verdict:
    """What the role may do, by its policies and the table's own, beside what was reviewed for it."""
    meant = tuple(as_meant(found.policies, table))
    asked = (each for each in principal.identity.statements if not _logs_by_aws(each, principal.managed))
    by_table = () if isinstance(policy, Unavailable) else policy.statements
    live = with_policy_of(table.arn, by_table, replace(principal.identity, statements=tuple(asked)))
    whole = with_policy_of(table.arn, by_table, principal.identity)
    more = list(beyond(live, meant))
    certain = [right for right in more if right.access is not Access.BOUNDED]
    less = list(short_of(whole, meant))
    seen: dict[str, Any] = {
        "evidence": {
            "RoleName": role.name,
            "PolicyName": next(iter(_own(more, principal)), found.policies[0].name),
            "File": found.policies[0].file.path,
            "More": _rights(more),
            "Less": _rights(less),
        },
        "watched": {"More": _rights(more), "Less": _rights(less)},
    }
    seen["remedy"] = _mending(more, principal, found.policies[0].name, table)
    files = " and ".join(policy.file.path for policy in found.policies)
    if certain:
        return failed(f"{role.name} may do more than {files}: {_some(certain)}", **seen)
    if isinstance(policy, Unavailable):
        raise Unreadable({}, policy)
    if more:
        return warned(f"{role.name} has more than {files}, but its boundary keeps that back: {_some(more)}", **seen)
    if less:
        return warned(f"{role.name} may do less than {files}: {_some(less)}", **seen)
    return passed(f"{role.name} may do what was reviewed in {files}", **seen)


def _mending(more: Collection[Right], principal: Principal, name: str, table: Table) -> Remedy:
    """Put the reviewed policy in place of the first of its own that grants more; others that do are taken away."""
    granting = list(dict.fromkeys(right.policy for right in more))
    own = _own(more, principal)
    by_name = {arn.rpartition("/")[2]: arn for arn in principal.identity.policies}
    attached = [{"PolicyArn": by_name[each]} for each in granting if each in by_name]
    of_aws = [
        {"Attached": f"AttachedPolicies[?PolicyName=='{each}'].PolicyArn"}
        for each in granting
        if each in principal.managed
    ]
    remedies = [
        of_each(DELETE, [{"PolicyName": each} for each in own[1:]]),
        of_each(DETACH, attached),
        of_each(DETACH_OF_AWS, of_aws),
    ]
    values = {"Partition": table.arn.split(":")[1], "PolicyName": own[0] if own else name}
    return Remedy(
        " && ".join([AS_REVIEWED, *(each.command for each in remedies if each.command)]),
        dict(ChainMap(values, *(dict(each.values) for each in remedies))),
    )


def _own(more: Collection[Right], principal: Principal) -> list[str]:
    """The role's own policies that grant more."""
    attached = {*principal.managed, *(arn.rpartition("/")[2] for arn in principal.identity.policies)}
    own = {each.policy for each in principal.identity.statements} - attached
    return list(dict.fromkeys(right.policy for right in more if right.policy in own))


def _logs_by_aws(statement: Statement, managed: Collection[str]) -> bool:
    return statement.policy in managed and all(action.startswith("logs:") for action in statement.actions)


def _rights(rights: Collection[Right]) -> list[str]:
    known = sorted({f"{right.action} on {right.resource}" for right in rights})
    return known if len(known) <= SHOWN else [*known[:SHOWN], f"and {len(known) - SHOWN} more"]


def _some(rights: Sequence[Right]) -> str:
    first = f"{rights[0].action} on {rights[0].resource}"
    return f"{first}, by {rights[0].policy}" + (f", and {len(rights) - 1} more" if len(rights) > 1 else "")


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
