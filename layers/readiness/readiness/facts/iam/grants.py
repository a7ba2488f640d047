"""Whom a queue, a topic or a key admits by a policy of its own, of which only what depends on the role is kept."""

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from readiness.aws.arn import account_of
from readiness.iam.addressed import of_role
from readiness.iam.condition import ABSENT, Context
from readiness.iam.evaluate import Access, settled
from readiness.iam.match import ANY
from readiness.iam.statement import Malformed, Statement, statements_in
from readiness.model import Reason, Unavailable, Unreadable

SURE = Context(
    {
        "aws:principalisawsservice": ("false",),
        "aws:principalservicename": ABSENT,
        "aws:securetransport": ("true",),
    }
)
"""What is known of a request of any role."""


class Grants(Struct, frozen=True):
    """Principals (ARNs, accounts or `*`) by what the policy says of them: may, may under a condition, may not.

    Where some are `spared`, all but these may not: to name the account of a role does not spare the role. Where the
    conditions of `said` depend on the role, it is asked again for each, about all of `actions`.
    """

    admitted: tuple[str, ...] = ()
    conditionally: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    spared: tuple[str, ...] = ()
    said: tuple[Statement, ...] = ()
    actions: tuple[str, ...] = ()

    def to(self, role: str) -> Access:
        """How far they admit the role itself, without a word from its own account."""
        return _how_far(self._for(role), {role, ANY})

    def to_account_of(self, role: str) -> Access:
        """How far they admit the role or its account, which then has to allow it as well."""
        return _how_far(self._for(role), {role, ANY, *_account(role)})

    def refuse(self, role: str) -> bool:
        """Whether they deny it to the role, whatever else is said."""
        known = self._for(role)
        spared = not known.spared or not {role, ANY}.isdisjoint(known.spared)
        return not spared or not {role, ANY, *_account(role)}.isdisjoint(known.refused)

    def _for(self, role: str) -> "Grants":
        return _grants(settled(self.said, Context(of_role(role))), self.actions) if self.said else self


NOBODY = Grants()


def grants(text: str, *actions: str) -> Grants:
    """What a policy, as AWS hands it over, says of these actions: who may do all of them, and who may not do some.

    What is allowed to all but some (NotPrincipal) is passed over: AWS advises against it, and it names nobody.
    Unreadable: it is no policy.
    """
    try:
        known = tuple(settled(statements_in(text) if text else (), SURE))
    except Malformed as why:
        raise Unreadable({}, Unavailable(Reason.MALFORMED, detail=str(why))) from None
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
    return set.intersection(*(_of_one(statements, action) for action in actions))


def _of_any(statements: Iterable[Statement], actions: Iterable[str]) -> set[str]:
    return {who for each in statements if any(map(each.speaks_of, actions)) for who in each.principals}


def _of_one(statements: Iterable[Statement], action: str) -> set[str]:
    return {who for each in statements if each.speaks_of(action) for who in each.principals}


def _account(role: str) -> set[str]:
    """Both ways to write the account of a role."""
    account = account_of(role)
    return {account, f"arn:{role.split(':')[1]}:iam::{account}:root"}
