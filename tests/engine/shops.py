"""A made-up account: shops, which are watched, with tills in each of them; and couriers, whom all shops share.

What the calls answer is in `Account.answers`, by call: an exception is raised, anything else is returned.
"""

from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError
from msgspec import field

from readiness.engine.collect import Past, collect
from readiness.engine.each import Each
from readiness.engine.evaluate import CheckFindings, TableEvaluation, evaluate
from readiness.engine.fact import fact
from readiness.engine.rule import Judge, Rule
from readiness.engine.snapshot import ROOT, Place, Snapshot
from readiness.model import Carry, Fact, Finding, Given, Reason, Severity, Status, Unavailable


class Account(Given, Fact):
    """Root of all places. `calls` are those made so far."""

    shops: tuple[str, ...] = ("north",)
    answers: Mapping[str, Any] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def call(self, name: str, default: Any = None) -> Any:
        self.calls.append(name)
        answer = self.answers.get(name, default)
        if isinstance(answer, Exception):
            raise answer
        return answer


class Shop(Fact):
    name: str


@fact()
def shops(account: Account) -> Each[Shop]:
    return Each({name: Shop(name) for name in account.shops})


class Sign(Fact):
    """What hangs above the door, if anything does."""

    text: str


@fact("shops:DescribeSign", witnesses=Shop)
def sign(account: Account, shop: Shop) -> Sign | None:
    answer: Sign | None = account.call(f"sign of {shop.name}", Sign("open"))
    return answer


class Till(Fact):
    name: str


@fact("shops:ListTills")
def tills(account: Account, shop: Shop) -> Each[Till]:
    return every(Till, account.call(f"tills of {shop.name}", ("till-1", "till-2")))


class Drawer(Fact):
    """What is in a till."""

    coins: int


@fact("shops:OpenDrawer")
def drawer(account: Account, till: Till) -> Drawer | None:
    coins = account.call(f"drawer of {till.name}", 10)
    return None if coins is None else Drawer(coins)


class Courier(Fact):
    name: str


@fact("couriers:List")
def couriers(account: Account) -> Each[Courier]:
    return every(Courier, account.call("couriers", ("ann", "bob")))


class Bicycle(Fact):
    gears: int


@fact("couriers:DescribeBicycle")
def bicycle(account: Account, courier: Courier) -> Bicycle:
    return Bicycle(account.call(f"bicycle of {courier.name}", 3))


def every(kind: type, answer: Each[Any] | tuple[str, ...]) -> Each[Any]:
    """The elements of those names."""
    return answer if isinstance(answer, Each) else Each({name: kind(name) for name in answer})


DENIED = Unavailable(Reason.ACCESS_DENIED, "shops:OpenDrawer", "AccessDenied")
"""What `denied` becomes where the call opens a drawer."""


def denied() -> ClientError:
    return ClientError({"Error": {"Code": "AccessDenied"}}, "OpenDrawer")


def rule_of(*checks: Judge, **options: Any) -> Rule:
    """A rule of these checks, all with the same options."""
    rule = Rule("0.1", "Shops are kept", Severity.HIGH, "https://shops.example")
    for check in checks:
        rule.check(**options)(check)
    return rule


def look(
    rule: Rule, account: Account, carried: Mapping[type, Mapping[Place, Mapping[str, Carry]]] | None = None
) -> Snapshot:
    return collect(rule.checks, Past({Account: {ROOT: account}}, carried or {}), defect=unexpected)


def unexpected(_who: str, error: Exception) -> None:
    """For tests in which nothing has a bug."""
    raise error


def judge(
    rule: Rule, snapshot: Snapshot, defect: Callable[[str, Exception], None] = unexpected
) -> list[TableEvaluation]:
    return list(evaluate([rule], snapshot, Shop, lambda shop: {"shop": shop.name}, defect))


def ask(check: Judge, account: Account, **options: Any) -> list[CheckFindings]:
    """What the check says of each shop."""
    rule = rule_of(check, **options)
    return [asked for judgement in judge(rule, look(rule, account)) for asked in judgement.asked]


def statuses(asked: CheckFindings) -> dict[str, Status]:
    return {finding.resource: finding.status for finding in asked.findings}


def only(asked: list[CheckFindings]) -> Finding:
    """The one finding there is."""
    [finding] = [finding for each in asked for finding in each.findings]
    return finding
