"""Whom a statement of a policy on a table, a stream or a role really lets in, for its conditions compare by value.

A stranger is made up for every account and organization that the conditions name, and one of none of them. Whatever a
stranger can choose in a request, he chooses so that the conditions hold; from which network of whom he comes can't be
told from a name such as `vpce-1`.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum

from readiness.iam.comparing import SEGMENT
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
UNTOLD = ("aws:ec2instancesourcevpc", "aws:sourcevpc", "aws:sourcevpce", "aws:userid")
"""Keys whose values do not say whose they are. DynamoDB takes them for restrictions, so they may well be ours."""


class Certainty(IntEnum):
    """Whether a statement lets somebody in, from no to yes."""

    NO = 0
    UNTOLD = 1
    IF_NOT_OURS = 2
    YES = 3


@dataclass(frozen=True)
class Home:
    """Who is no stranger: accounts, and an organization, which is empty where nobody said which is ours."""

    accounts: frozenset[str]
    organization: str = ""


def principals_of(statement: Statement, home: Home, account: str, named: str = "") -> Certainty:
    """Whether it lets in principals of that account, or the one that is named so, by its conditions."""
    return _worst(
        (statement, _principal(account, organization, named, untold), _ours(organization, home))
        for organization in _organizations(statement, home)
        for untold in (ABSENT, None)
    )


def anonymous(statement: Statement) -> Certainty:
    """Whether it lets in who has not logged in."""
    nobody: dict[str, Seen] = dict.fromkeys((*ACCOUNTS, *ARNS, *ORGANIZATIONS, *UNTOLD), ABSENT)
    known = {**nobody, "aws:principalisawsservice": ("false",)}
    return _worst([(statement, Context(known, ("aws:principal",), FREE), False)])


def services_for(statement: Statement, home: Home, account: str, service: str = ANY) -> Certainty:
    """Whether it lets in a service of AWS, or any, that acts for something in that account."""
    sources: list[tuple[Seen, Seen]] = [((account,), Chosen(f"arn:{SEGMENT}:{SEGMENT}:{SEGMENT}:{account}:*"))]
    if account == SOMEBODY:
        sources.append((ABSENT, ABSENT))
    cases = (
        (statement, _service(service, source, organization, untold), _ours(organization, home))
        for source in sources
        for organization in _organizations(statement, home)
        for untold in (ABSENT, None)
    )
    bucket: tuple[Seen, Seen] = ((account,), Chosen(f"arn:{SEGMENT}:s3:::*"))
    buckets = _worst([(statement, _service(service, bucket, None, None), False)])
    return max(_worst(cases), min(buckets, Certainty.UNTOLD))


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


Case = tuple[Statement, Context, bool]
"""A request, and whether it is one of an organization that may be ours."""


def _worst(cases: Iterable[Case]) -> Certainty:
    return max((_certainty(*case) for case in cases), default=Certainty.NO)


def _certainty(statement: Statement, context: Context, perhaps_ours: bool) -> Certainty:  # noqa: FBT001  part of a case
    match hold(statement.tests, context):
        case True:
            return Certainty.IF_NOT_OURS if perhaps_ours else Certainty.YES
        case None:
            return Certainty.UNTOLD
        case _:
            return Certainty.NO


def _ours(organization: str | None, home: Home) -> bool:
    """Whether it may be ours, because nobody said which is."""
    return not home.organization and organization not in {None, ELSEWHERE}


def _organizations(statement: Statement, home: Home) -> list[str | None]:
    """Those that the conditions name, another, and none."""
    named = {
        value.partition("/")[0].replace(ANY, "").replace("?", "x")
        for each in statement.tests
        if each.key.lower() in ORGANIZATIONS
        for value in each.values or ()
    }
    return [None, ELSEWHERE, *sorted(each for each in named if each not in {"", "o-", home.organization})]


def _principal(account: str, organization: str | None, named: str, untold: Seen) -> Context:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principal-properties."""
    known: dict[str, Seen] = {
        **dict.fromkeys((*ACCOUNTS, "aws:sourcearn", "aws:sourceorgid", "aws:sourceorgpaths"), ABSENT),
        **dict.fromkeys(("aws:principalservicename", "aws:principalservicenameslist"), ABSENT),
        **dict.fromkeys(UNTOLD, untold),
        **_member("principal", organization),
        "aws:principalaccount": (account,),
        "aws:principalarn": (named,) if NAMED.match(named) else Chosen(f"arn:{SEGMENT}:iam::{account}:*"),
        "aws:principalisawsservice": ("false",),
    }
    return Context(known, other=FREE)


def _service(service: str, source: tuple[Seen, Seen], organization: str | None, untold: Seen) -> Context:
    """A service has nothing of a principal, and of what it acts for tells more or less."""
    name: Seen = Chosen() if service == ANY else (service,)
    known: dict[str, Seen] = {
        **dict.fromkeys(UNTOLD, untold),
        **_member("source", organization),
        "aws:sourceaccount": source[0],
        "aws:sourceowner": source[0],
        "aws:sourcearn": source[1],
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": name,
        "aws:principalservicenameslist": Chosen(),
    }
    return Context(known, ("aws:principal",), FREE)


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
