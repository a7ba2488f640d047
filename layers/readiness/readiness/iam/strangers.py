"""Foreign principals that a statement of a resource-based or trust policy allows, with its conditions evaluated.

A request is simulated for every account and organization that the conditions name, and for one that they do not name.
Values that a caller can choose are chosen so that the conditions hold. A name such as `vpce-1` does not show its owner.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum

from msgspec import Struct

from readiness.aws import arn
from readiness.iam.comparing import SEGMENT, Truth
from readiness.iam.condition import ABSENT, FREE, Chosen, Condition, RequestContext, Seen, hold
from readiness.iam.match import ANY
from readiness.iam.statement import Statement

SOMEBODY = "000000000000"
"""An account that does not exist."""

ELSEWHERE = "o-elsewhere"
DIGITS = 12

NAMED = re.compile(r"arn:[^:]+:iam::[^:]*:(role|user)/")
"""The ARN of a role or user, not of a session or an account."""

ACCOUNTS = frozenset({"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner"})
ARNS = frozenset({"aws:principalarn", "aws:sourcearn"})
ORGANIZATIONS = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"},
)
IS_SERVICE = "aws:principalisawsservice"
OF_SERVICES = ("aws:principalservicename", "aws:principalservicenameslist")

UNTOLD = ("aws:ec2instancesourcevpc", "aws:sourcevpc", "aws:sourcevpce", "aws:userid")
"""Keys whose values do not show their owner. DynamoDB treats them as restrictions, so they may be the account's own."""


class Certainty(IntEnum):
    """The certainty that a statement allows a principal, from NO to YES."""

    NO = 0
    UNTOLD = 1
    IF_NOT_OURS = 2
    YES = 3


class Home(Struct, frozen=True):
    """Principals that are not foreign: the account, trusted accounts, and an organization, empty if not configured."""

    account: str
    trusted: frozenset[str] = frozenset()
    organization: str = ""

    @property
    def accounts(self) -> frozenset[str]:
        """Return the accounts that are not foreign."""
        return self.trusted | {self.account}

    @property
    def of_resource(self) -> Mapping[str, Seen]:
        """Return the condition keys of the resource in every request."""
        ours = (self.organization,) if self.organization else None
        return {"aws:resourceaccount": (self.account,), "aws:resourceorgid": ours}


def principals_of(statement: Statement, home: Home, account: str, named: str = "") -> Certainty:
    """Return the certainty for principals of an account, or for the named one."""
    assumed = (ABSENT, None) if any(each.key.lower() in UNTOLD for each in statement.tests) else (ABSENT,)
    return _worst(
        statement,
        home,
        (
            (organization, _principal(account, organization, named, untold))
            for organization in _organizations(statement, home)
            for untold in assumed
        ),
    )


def anonymous(statement: Statement, home: Home) -> Certainty:
    """Return the certainty for anonymous callers."""
    nobody: dict[str, Seen] = dict.fromkeys((*ACCOUNTS, *ARNS, *ORGANIZATIONS, *UNTOLD), ABSENT)
    return _worst(statement, home, [(None, {**nobody, IS_SERVICE: ("false",)})])


def services_for(statement: Statement, home: Home, account: str, service: str = ANY) -> Certainty:
    """Return the certainty for an AWS service, or any, that acts for a resource in the account."""
    sources: list[tuple[Seen, Seen]] = [((account,), Chosen(f"arn:{SEGMENT}:{SEGMENT}:{SEGMENT}:{account}:*"))]
    if account == SOMEBODY:
        sources.append((ABSENT, ABSENT))
    cases = (
        (organization, _service(service, source, organization))
        for source in sources
        for organization in _organizations(statement, home)
    )
    bucket = _service(service, ((account,), Chosen(f"arn:{SEGMENT}:s3:::*")), None)
    return max(_worst(statement, home, cases), min(_worst(statement, home, [(None, bucket)]), Certainty.UNTOLD))


def accounts_in(statement: Statement, home: Home) -> list[str]:
    """Return the foreign accounts that the conditions name."""
    named = {_filled(value) for each in statement.tests for value in _accounts(each)}
    named -= {SOMEBODY, *home.accounts}
    return sorted(each for each in named if each.isdecimal() and len(each) == DIGITS)


def account_of(principal: str) -> str:
    """Return the account of a principal; empty where it names none."""
    if principal.startswith("arn:"):
        return arn.account_of(principal)
    return principal if principal.isdecimal() else ""


def _worst(statement: Statement, home: Home, cases: Iterable[tuple[str | None, Mapping[str, Seen]]]) -> Certainty:
    """Return the highest certainty over the requests."""
    found = (
        (hold(statement.tests, _context({**home.of_resource, **known})), _ours(organization, home))
        for organization, known in cases
    )
    return max((_certainty(*each) for each in found), default=Certainty.NO)


def _context(known: Mapping[str, Seen]) -> RequestContext:
    """Return the condition keys; a caller without an account has no principal attributes."""
    return RequestContext(known, () if known["aws:principalaccount"] else ("aws:principal",), FREE)


def _certainty(held: Truth, perhaps_ours: bool) -> Certainty:  # noqa: FBT001  of the organization
    if held is None:
        return Certainty.UNTOLD
    if not held:
        return Certainty.NO
    return Certainty.IF_NOT_OURS if perhaps_ours else Certainty.YES


def _ours(organization: str | None, home: Home) -> bool:
    """Return True where the organization may be the configured one, because none is configured."""
    return not home.organization and organization not in {None, ELSEWHERE}


def _organizations(statement: Statement, home: Home) -> list[str | None]:
    """Return the organizations that the conditions name, another one, and none."""
    named = [value for each in statement.tests if each.key.lower() in ORGANIZATIONS for value in each.values or ()]
    plain = {value.partition("/")[0].replace(ANY, "").replace("?", "x") for value in named if "$" not in value}
    return [None, ELSEWHERE, *sorted(plain - {"", "o-", home.organization})]


def _principal(account: str, organization: str | None, named: str, untold: Seen) -> Mapping[str, Seen]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties."""
    return {
        **dict.fromkeys((*ACCOUNTS, *ARNS, *ORGANIZATIONS, *OF_SERVICES), ABSENT),
        **dict.fromkeys(UNTOLD, untold),
        **_member("principal", organization),
        "aws:principalaccount": (account,),
        "aws:principalarn": (named,) if NAMED.match(named) else Chosen(f"arn:{SEGMENT}:iam::{account}:*"),
        IS_SERVICE: ("false",),
    }


def _service(service: str, source: tuple[Seen, Seen], organization: str | None) -> Mapping[str, Seen]:
    """Return the condition keys of a service: no principal attributes, no customer network, and its source."""
    return {
        **dict.fromkeys((*ACCOUNTS, *ARNS, *ORGANIZATIONS, *UNTOLD), ABSENT),
        **_member("source", organization),
        "aws:sourceaccount": source[0],
        "aws:sourceowner": source[0],
        "aws:sourcearn": source[1],
        IS_SERVICE: ("true",),
        "aws:principalservicename": Chosen() if service == ANY else (service,),
        "aws:principalservicenameslist": Chosen(),
    }


def _member(of: str, organization: str | None) -> Mapping[str, Seen]:
    if organization is None:
        return {f"aws:{of}orgid": ABSENT, f"aws:{of}orgpaths": ABSENT}
    return {f"aws:{of}orgid": (organization,), f"aws:{of}orgpaths": Chosen(f"{organization}/*")}


def _accounts(condition: Condition) -> Iterator[str]:
    key, values = condition.key.lower(), condition.values or ()
    if key in ACCOUNTS:
        yield from values
    elif key in ARNS:
        yield from map(account_of, values)


def _filled(pattern: str) -> str:
    """Return an account that matches the pattern."""
    plain = pattern.replace("?", "0")
    missing = max(0, DIGITS - len(plain.replace(ANY, "")))
    return re.sub(r"\*+", "0" * missing, plain, count=1).replace(ANY, "") if ANY in plain else plain
