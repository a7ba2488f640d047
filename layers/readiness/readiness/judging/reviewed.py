"""Which of the reviewed policies of the application's repository are those of a role, as they hold for a table."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from readiness.checklist import DocumentationSettings, fits_name
from readiness.facts.table import Table
from readiness.facts.table_roles import TableRole
from readiness.iam.statement import Statement
from readiness.manifest import Policy

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
