"""Principals of the account that can disable PITR of a table. Pure."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Hashable, Mapping
from functools import lru_cache

from msgspec import field

from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.authorization_details import is_service_linked
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.functions import Function
from readiness.iam.evaluate import Access
from readiness.iam.holders import Holder, holders
from readiness.model import Fact, Gone, Unavailable, Unreadable

UPDATE_PITR = "dynamodb:UpdateContinuousBackups"
"""The action for both enabling and disabling: no condition key separates the two."""


class PitrAdmins(Fact):
    """The principals that can disable PITR, in the order of their ARNs; `unlisted`: why there may be others."""

    stored_as = "Togglers"

    holders: tuple[Holder, ...]
    unread: Mapping[str, Unavailable] = field(default_factory=dict)
    unlisted: Unavailable | None = None

    @property
    def whole(self) -> bool:
        """Return True where no principal is missing."""
        return not self.unread and self.unlisted is None

    def certain(self) -> None:
        """Raise Unreadable unless no principal is missing."""
        if not self.whole:
            raise Unreadable(self.unread, self.unlisted)


@fact()
def pitr_admins(
    table: Table, principals: Each[Principal], policy: ResourcePolicy | Unavailable, functions: Each[Function]
) -> PitrAdmins:
    """Return the principals, without service-linked roles: AWS defines their permissions, which cannot be changed.

    A principal with a policy that could not be read is one of them if its other policies allow it directly.
    """
    changeable = {arn: each for arn, each in principals.answers().items() if not is_service_linked(arn)}
    known = [each for each in changeable.values() if isinstance(each, Principal) and not each.unread_boundary]
    unread = {arn: why for arn, each in changeable.items() if (why := _unread(each))}
    running, unlisted = functions.readable()
    unlisted = principals.unlisted or unlisted
    unlisted = unlisted or (policy if isinstance(policy, Unavailable) else None)
    found = _found(known, table.arn, ResourcePolicy(()) if isinstance(policy, Unavailable) else policy, running)
    sure = tuple(each for each in found if each.arn not in unread or each.access is Access.DIRECT)
    proven = {each.arn for each in sure}
    return PitrAdmins(sure, {arn: why for arn, why in unread.items() if arn not in proven}, unlisted)


def _unread(answer: Principal | Unavailable | Gone | None) -> Unavailable | None:
    """Return why the permissions of a principal are not all known."""
    if isinstance(answer, Principal):
        return answer.incomplete
    return answer if isinstance(answer, Unavailable) else None


def _found(
    principals: Collection[Principal], table: str, policy: ResourcePolicy, functions: Collection[Function]
) -> tuple[Holder, ...]:
    values = tuple(statement.by_value for statement in policy.statements)
    remembered = _remembered((table, policy, values, _digest(principals, functions)))
    if not remembered:
        identities = (each.at_least for each in principals)
        by_role = _by_role(functions)
        found = holders(identities, UPDATE_PITR, table, functions=by_role, policy=policy.statements)
        remembered.append(tuple(sorted(found, key=lambda holder: holder.arn)))
    return remembered[0]


def _by_role(functions: Collection[Function]) -> Mapping[str, Collection[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for function in functions:
        found[function.role].append(function.arn)
    return found


@lru_cache(maxsize=8)
def _remembered(key: tuple[Hashable, ...]) -> list[tuple[Holder, ...]]:  # noqa: ARG001  the cache's
    """Return the cached result of a digest of documents: a thousand of them take seconds, and seldom change."""
    return []


def _digest(principals: Collection[Principal], functions: Collection[Function]) -> str:
    """Return a digest that changes with every principal and its permissions."""
    whole = hashlib.sha256()
    for each in principals:
        whole.update(f"{each.arn} {each.digest}\n".encode())
    for function in functions:
        whole.update(f"{function.arn} {function.role}\n".encode())
    return whole.hexdigest()
