"""Whom a statement of a policy on a table, a stream or a role really lets in, for its conditions compare by value.

A stranger is made up for every account and organization that the conditions name, and one of none of them. Whatever a
stranger can choose in a request, he chooses so that the conditions hold; from which network of whom he comes can't be
told from a name such as `vpce-1`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import IntEnum

from msgspec import Struct

from readiness.iam.comparing import SEGMENT, Truth
from readiness.iam.condition import ABSENT, FREE, Chosen, Condition, Context, Seen, hold
from readiness.iam.match import ANY
from readiness.iam.statement import Statement

SOMEBODY = "000000000000"
"""An account that nobody has."""

ELSEWHERE = "o-elsewhere"
DIGITS = 12

NAMED = re.compile(r"arn:[^:]+:iam::[^:]*:(role|user)/")
"""What is a principal's own ARN, and not that of a session or of an account."""

ACCOUNT_FIELD = 4

ACCOUNTS = frozenset({"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner"})
ARNS = frozenset({"aws:principalarn", "aws:sourcearn"})
ORGANIZATIONS = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"},
)
IS_SERVICE = "aws:principalisawsservice"
OF_SERVICES = ("aws:principalservicename", "aws:principalservicenameslist")

UNTOLD = ("aws:ec2instancesourcevpc", "aws:sourcevpc", "aws:sourcevpce", "aws:userid")
"""Keys whose values do not say whose they are. DynamoDB takes them for restrictions, so they may well be ours."""


class Certainty(IntEnum):
    """Whether a statement lets somebody in, from no to yes."""

    NO = 0
    UNTOLD = 1
    IF_NOT_OURS = 2
    YES = 3


class Home(Struct, frozen=True):
    """Who is no stranger: the account of the resource, those that are trusted, and an organization.

    The organization is empty where nobody said which is ours.
    """

    account: str
    trusted: frozenset[str] = frozenset()
    organization: str = ""

    @property
    def accounts(self) -> frozenset[str]:
        """All that are no strangers'."""
        return self.trusted | {self.account}

    @property
    def of_resource(self) -> Mapping[str, Seen]:
        """What every request for the resource has of its own account."""
        ours = (self.organization,) if self.organization else None
        return {"aws:resourceaccount": (self.account,), "aws:resourceorgid": ours}


def principals_of(statement: Statement, home: Home, account: str, named: str = "") -> Certainty:
    """Whether it lets in principals of that account, or the one that is named so, by its conditions."""
    return _worst(
        statement,
        home,
        (
            (organization, _principal(account, organization, named, untold))
            for organization in _organizations(statement, home)
            for untold in _untold(statement)
        ),
    )


def anonymous(statement: Statement, home: Home) -> Certainty:
    """Whether it lets in who has not logged in."""
    nobody: dict[str, Seen] = dict.fromkeys((*ACCOUNTS, *ARNS, *ORGANIZATIONS, *UNTOLD), ABSENT)
    return _worst(statement, home, [(None, {**nobody, IS_SERVICE: ("false",)})])


def services_for(statement: Statement, home: Home, account: str, service: str = ANY) -> Certainty:
    """Whether it lets in a service of AWS, or any, that acts for something in that account."""
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
    """The foreign accounts that its conditions name."""
    named = {_filled(value) for each in statement.tests for value in _accounts(each)}
    named -= {SOMEBODY, *home.accounts}
    return sorted(each for each in named if each.isdecimal() and len(each) == DIGITS)


def account_of(principal: str) -> str:
    """The account of a principal, where it names one."""
    fields = principal.split(":")
    if principal.startswith("arn:"):
        return fields[ACCOUNT_FIELD] if len(fields) > ACCOUNT_FIELD else ""
    return principal if principal.isdecimal() else ""


def _worst(statement: Statement, home: Home, cases: Iterable[tuple[str | None, Mapping[str, Seen]]]) -> Certainty:
    """Of requests, each by the organization that it comes from and what is known of it."""
    found = (
        (hold(statement.tests, _context({**home.of_resource, **known})), _ours(organization, home))
        for organization, known in cases
    )
    return max((_certainty(*each) for each in found), default=Certainty.NO)


def _context(known: Mapping[str, Seen]) -> Context:
    """Who has no account has nothing else of a principal either."""
    return Context(known, () if known["aws:principalaccount"] else ("aws:principal",), FREE)


def _certainty(held: Truth, perhaps_ours: bool) -> Certainty:  # noqa: FBT001  of the organization
    if held is None:
        return Certainty.UNTOLD
    if not held:
        return Certainty.NO
    return Certainty.IF_NOT_OURS if perhaps_ours else Certainty.YES


def _ours(organization: str | None, home: Home) -> bool:
    """Whether it may be ours, because nobody said which is."""
    return not home.organization and organization not in {None, ELSEWHERE}


def _untold(statement: Statement) -> tuple[Seen, ...]:
    """What to suppose of keys that do not say whose they are: that the request has none, or one of somebody's."""
    return (ABSENT, None) if any(each.key.lower() in UNTOLD for each in statement.tests) else (ABSENT,)


def _organizations(statement: Statement, home: Home) -> list[str | None]:
    """Those that the conditions name, another, and none."""
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
    """A service has nothing of a principal, comes from no network of a customer, and tells of what it acts for."""
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
    """An account that fits the pattern."""
    plain = pattern.replace("?", "0")
    missing = max(0, DIGITS - len(plain.replace(ANY, "")))
    return re.sub(r"\*+", "0" * missing, plain, count=1).replace(ANY, "") if ANY in plain else plain
