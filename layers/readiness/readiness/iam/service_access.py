"""Permission of an AWS service to act for a source, from the policy of a topic, queue, key or function.

https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from readiness.iam.comparing import Truth, all_of
from readiness.iam.condition import Condition, RequestContext, Seen, hold
from readiness.iam.match import ANY, matches
from readiness.iam.statement import Statement

CLOUDWATCH = "cloudwatch.amazonaws.com"
SOURCE = "aws:sourcearn"
ABSENT = ("aws:calledvia", "aws:principal", "aws:sourceowner")
"""Prefixes of condition keys that a service's request does not have, unless they are known."""

Answer = Literal["yes", "maybe", "no"]


class ServiceCall(Struct, frozen=True):
    """A request of a service on a resource, for sources in that account."""

    service: str
    action: str
    resource: str
    account: str


class Grant(Struct, frozen=True):
    """A statement that covers the service and may hold; not `sure`: it depends on values not known in advance."""

    allow: bool
    sure: bool
    sources: tuple[Condition, ...] = ()

    def holds(self, source: str) -> Truth:
        """Return True where it holds for a source, by its ARN."""
        about = hold(self.sources, RequestContext({SOURCE: (source,)}))
        return all_of([about, True if self.sure else None])


def may(statements: Iterable[Statement], call: ServiceCall, source: str) -> Answer:
    """Return the permission of the service for a source, by its ARN."""
    return admits(tuple(grants_to(call, statements)), source)


def admits(grants: Iterable[Grant], source: str) -> Answer:
    """Return the permission of the service for a source, by its ARN."""
    held = [(grant.allow, grant.holds(source)) for grant in grants]
    if (False, True) in held or not any(allow and truth is not False for allow, truth in held):
        return "no"
    return "yes" if (True, True) in held and (False, None) not in held else "maybe"


def grants_to(call: ServiceCall, statements: Iterable[Statement]) -> Iterator[Grant]:
    """Yield the statements that cover the call, whatever the source."""
    context = of_service(call.service, call.account)
    for statement in statements:
        sources = tuple(each for each in statement.tests if each.key.lower() == SOURCE)
        others = (each for each in statement.tests if each not in sources)
        held = [_is_about(call.service, statement), statement.covers(call.action, call.resource), hold(others, context)]
        if False not in held:
            yield Grant(statement.allow, None not in held, sources)


def of_service(service: str, account: str) -> RequestContext:
    """Return the known condition keys of a service's request; other attributes of principals are absent.

    The default policy of an SNS topic uses aws:SourceOwner, which only CloudWatch sets: other services need a
    statement, see https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html.
    """
    owner: dict[str, Seen] = {"aws:sourceowner": (account,)} if service == CLOUDWATCH else {}
    known: dict[str, Seen] = {
        "aws:principalisawsservice": ("true",),
        "aws:principalservicename": (service,),
        "aws:principalservicenameslist": None,
        "aws:principaltype": None,
        "aws:securetransport": ("true",),
        "aws:sourceaccount": (account,),
    }
    return RequestContext(known | owner, ABSENT)


def _is_about(service: str, statement: Statement) -> Truth:
    """Return True where the service is among the principals, in some Regions with the Region in its name."""
    if not {ANY, "Service:*", f"Service:{service}"}.isdisjoint(statement.principals):
        return not statement.but_principals
    regional = f"Service:{service.replace('.', '.*.', 1)}"
    return None if statement.but_principals or any(matches(regional, who) for who in statement.principals) else False
