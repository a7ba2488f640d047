"""Principals that the policy of a queue, topic or key allows. Only statements that depend on the role are kept."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from readiness.facts.iam.policy_text import statements_of
from readiness.iam.addressed import account_of, of_role
from readiness.iam.condition import ABSENT, RequestContext
from readiness.iam.evaluate import Access, settled
from readiness.iam.match import ANY
from readiness.iam.statement import Statement

SURE = RequestContext(
    {
        "aws:principalisawsservice": ("false",),
        "aws:principalservicename": ABSENT,
        "aws:securetransport": ("true",),
    }
)
"""Condition keys with a known value in the requests of every role."""


class Grants(Struct, frozen=True):
    """Principals (ARNs, accounts or `*`) that the policy allows, allows under a condition, or denies.

    `spared` not empty: all principals except these are denied; naming a role's account does not spare the role. Where
    conditions of `said` depend on the role, they are evaluated again for each role, for all of `actions`.
    """

    admitted: tuple[str, ...] = ()
    conditionally: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    said: tuple[Statement, ...] = ()
    actions: tuple[str, ...] = ()

    def to(self, role: str) -> Access:
        """Return how far the policy allows the role itself, without a grant from the role's account."""
        return _how_far(self._for(role), {role, ANY})

    def to_account_of(self, role: str) -> Access:
        """Return how far the policy allows the role or its account, whose policies must allow it too."""
        return _how_far(self._for(role), {role, ANY, *account_of(role)})

    def refuse(self, role: str) -> bool:
        """Return True where the policy denies the role."""
        known = self._for(role)
        spared = not known.spared or not {role, ANY}.isdisjoint(known.spared)
        return not spared or not {role, ANY, *account_of(role)}.isdisjoint(known.refused)

    def _for(self, role: str) -> "Grants":
        return _grants(settled(self.said, RequestContext(of_role(role))), self.actions) if self.said else self


NOBODY = Grants()


def grants(text: str, *actions: str) -> Grants:
    """Return the principals that may do all actions, and those denied one; an Allow with NotPrincipal is ignored."""
    known = tuple(settled(statements_of(text, None), SURE))
    about = tuple(each for each in known if any(map(each.speaks_of, actions)))
    found = _grants(about, actions)
    return replace(found, said=about, actions=actions) if any(each.conditional for each in about) else found


def _grants(said: Iterable[Statement], actions: tuple[str, ...]) -> Grants:
    known = tuple(said)
    allowed = [each for each in known if each.allow and not each.but_principals]
    denied = [each for each in known if not each.allow and not each.conditional]
    admitted = _of_all([each for each in allowed if not each.conditional], actions)
    return Grants(
        admitted=tuple(sorted(admitted)),
        conditionally=tuple(sorted(_of_all(allowed, actions) - admitted)),
        refused=tuple(sorted(_of_any((each for each in denied if not each.but_principals), actions))),
        spared=tuple(sorted(_of_any((each for each in denied if each.but_principals), actions))),
    )


def _how_far(known: Grants, names: set[str]) -> Access:
    if not names.isdisjoint(known.admitted):
        return Access.DIRECT
    return Access.NONE if names.isdisjoint(known.conditionally) else Access.CONDITIONAL


def _of_all(statements: list[Statement], actions: Iterable[str]) -> set[str]:
    return set.intersection(*(_of_any(statements, (action,)) for action in actions))


def _of_any(statements: Iterable[Statement], actions: Iterable[str]) -> set[str]:
    return {who for each in statements if any(map(each.speaks_of, actions)) for who in each.principals}
