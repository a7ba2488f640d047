"""The roles under which the functions of a table run, and what their policies say."""

from collections import defaultdict
from dataclasses import dataclass

from readiness.each import Each
from readiness.fact import fact
from readiness.facts.live_versions import Configuration
from readiness.facts.principals import Principal
from readiness.facts.table import Table
from readiness.facts.table_functions import TableFunction
from readiness.model import Gone


@dataclass(frozen=True)
class TableRole:
    """A role of a live version of a function of the table. Its key is its ARN.

    `functions` are the names of those that run under it, `log_groups` the groups that they write to.
    """

    name: str
    arn: str
    functions: tuple[str, ...]
    log_groups: tuple[str, ...]


@fact()
def table_roles(table: Table, functions: Each[TableFunction], configurations: Each[Configuration]) -> Each[TableRole]:  # noqa: ARG001  the table on which they stand
    """One each, however many functions share it."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    log_groups: defaultdict[str, set[str]] = defaultdict(set)
    known, unlisted = functions.readable()
    configured, unread = configurations.readable()
    for function in known:
        names[function.role].add(function.name)
    for each in configured:
        names[each.role].add(each.function)
        log_groups[each.role].add(each.log_group)
    roles = {
        arn: TableRole(arn.rpartition("/")[2], arn, tuple(sorted(names[arn])), tuple(sorted(log_groups[arn])))
        for arn in names
    }
    return Each(roles, unlisted or unread)


@dataclass(frozen=True)
class RolePolicies:
    """What IAM holds of the role, of every service."""

    principal: Principal


@fact()
def role_policies(role: TableRole, principals: Each[Principal]) -> RolePolicies:
    """Gone where the function names a role that IAM does not know: it can't even start."""
    try:
        return RolePolicies(principals[role.arn].whole())
    except KeyError:
        msg = f"the role {role.name} does not exist"
        raise Gone(msg) from None
