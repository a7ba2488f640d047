"""Whether the policy of a topic, a queue, a key or a function lets a service of AWS do something for a source.

https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from readiness.iam.comparing import Truth, all_of
from readiness.iam.condition import Condition, Context, Seen, hold
from readiness.iam.match import ANY, matches
from readiness.iam.statement import Statement

CLOUDWATCH = "cloudwatch.amazonaws.com"
SOURCE = "aws:sourcearn"
ABSENT = ("aws:calledvia", "aws:principal", "aws:sourceowner")
"""How the keys begin that the request of a service has not, unless it is known what they are."""

Answer = Literal["yes", "maybe", "no"]


class Call(Struct, frozen=True):
    """What a service does to a resource, for sources of that account."""

    service: str
    action: str
    resource: str
    account: str


class Grant(Struct, frozen=True):
    """A statement that is about the service and may hold. `sources` are its conditions on what the service acts for.

    It is not `sure` where it depends on what can't be known before the service does it.
    """

    allow: bool
    sure: bool
    sources: tuple[Condition, ...] = ()

    def holds(self, source: str) -> Truth:
        """Whether it does where the service acts for that ARN."""
        about = hold(self.sources, Context({SOURCE: (source,)}))
        return all_of([about, True if self.sure else None])


def may(statements: Iterable[Statement], call: Call, source: str) -> Answer:
    """Whether the service may do it, for the source of that ARN."""
    return admits(tuple(grants_to(call, statements)), source)


def admits(grants: Iterable[Grant], source: str) -> Answer:
    """Whether the service may do it for the source, by its ARN."""
    held = [(grant.allow, grant.holds(source)) for grant in grants]
    if (False, True) in held or not any(allow and truth is not False for allow, truth in held):
        return "no"
    return "yes" if (True, True) in held and (False, None) not in held else "maybe"


def grants_to(call: Call, statements: Iterable[Statement]) -> Iterator[Grant]:
    """What the statements say of it, whatever the source."""
    context = of_service(call.service, call.account)
    for statement in statements:
        sources = tuple(each for each in statement.tests if each.key.lower() == SOURCE)
        others = (each for each in statement.tests if each not in sources)
        held = [_is_about(call.service, statement), statement.covers(call.action, call.resource), hold(others, context)]
        if False not in held:
            yield Grant(statement.allow, None not in held, sources)


def of_service(service: str, account: str) -> Context:
    """What goes with a request of a service: of a principal's own attributes, it has none but these.

    The policy that SNS makes for a topic goes by the owner of the source, which only CloudWatch tells: others have to
    be let in, as https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html says.
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
    return Context(known | owner, ABSENT)


def _is_about(service: str, statement: Statement) -> Truth:
    """Whether the service is among its principals: the policy that SNS makes for a topic names no other than `*`."""
    if not {ANY, "Service:*", f"Service:{service}"}.isdisjoint(statement.principals):
        return not statement.but_principals
    regional = service.replace(".", ".*.", 1)
    return None if statement.but_principals or any(_matches(who, regional) for who in statement.principals) else False


def _matches(principal: str, service: str) -> bool:
    """Whether it is the service as it is written for one Region, which AWS wants in some Regions alone."""
    return matches(f"Service:{service}", principal)
