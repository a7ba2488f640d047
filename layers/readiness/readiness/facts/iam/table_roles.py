"""Execution roles of a table's functions, and their policies."""

from collections import defaultdict
from collections.abc import Iterable

from readiness.aws.arn import unqualified
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.live_versions import Configuration
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.model import Fact, Gone, Unavailable, Unreadable


class TableRole(Fact):
    """The execution role of live versions of the table's `functions`. Its key is its ARN."""

    name: str
    arn: str
    functions: tuple[str, ...]
    log_groups: tuple[str, ...]
    unread: Unavailable | None = None

    def known(self) -> None:
        """Raise Unreadable unless all log groups of the role are known."""
        if self.unread:
            raise Unreadable({self.arn: self.unread})


@fact(on=Table)
def table_roles(functions: Each[TableFunction], configurations: Each[Configuration]) -> Each[TableRole]:
    """Return one element per role, even if several functions share it."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    log_groups: defaultdict[str, set[str]] = defaultdict(set)
    known, unlisted = functions.readable()
    configured, unread = configurations.readable()
    blind = _blind(known, configurations)
    for function in known:
        names[function.role].add(function.name)
    for each in configured:
        names[each.role].add(each.function)
        log_groups[each.role].add(each.log_group)
    roles = {
        arn: TableRole(
            name=arn.rpartition("/")[2],
            arn=arn,
            functions=tuple(sorted(names[arn])),
            log_groups=tuple(sorted(log_groups[arn])),
            unread=unread if any(name in blind for name in names[arn]) else None,
        )
        for arn in names
    }
    return Each(roles, unlisted or unread)


def _blind(functions: Iterable[TableFunction], configurations: Each[Configuration]) -> set[str]:
    """Return the functions with a version whose configuration is not known."""
    answers = configurations.answers()
    read = {each.function for each in answers.values() if isinstance(each, Configuration)}
    unread = {unqualified(arn) for arn, each in answers.items() if isinstance(each, Unavailable)}
    return {function.name for function in functions if function.name not in read or function.arn in unread}


class RolePolicies(Fact):
    """The role in IAM, with its policies."""

    principal: Principal


@fact()
def role_policies(role: TableRole, principals: Each[Principal]) -> RolePolicies:
    """Raise Gone where the function names a role that does not exist: it cannot run."""
    try:
        return RolePolicies(principals[role.arn])
    except KeyError:
        msg = f"the role {role.name} does not exist"
        raise Gone(msg) from None
