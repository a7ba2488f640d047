"""What a check hands over is there for it in the next run, at its own place and nowhere else."""

from collections.abc import Mapping

from readiness.engine.each import Each
from readiness.engine.rule import passed
from readiness.engine.snapshot import Place
from readiness.model import Carry, Verdict
from tests.engine.shops import Account, Drawer, Shop, Till, judge, look, rule_of


class Counted(Carry):
    """How many coins there were."""

    coins: int


def count(till: Till, drawer: Drawer, before: Counted | None) -> Verdict:
    return passed(f"{till.name}: {before.coins if before else 'none'}", carry=Counted(drawer.coins))


def handed_over(account: Account) -> dict[Place, dict[str, Carry]]:
    """What one look hands to the next, by home and resource."""
    rule = rule_of(count)
    return {
        judgement.home: {
            each.resource: each.carry for asked in judgement.asked for each in asked.findings if each.carry
        }
        for judgement in judge(rule, look(rule, account))
    }


def messages(account: Account, carried: Mapping[Place, Mapping[str, Carry]]) -> list[str]:
    rule = rule_of(count, sum_up)
    judgements = judge(rule, look(rule, account, {Counted: carried}))
    return [each.message for judgement in judgements for asked in judgement.asked for each in asked.findings]


def home(name: str) -> Place:
    return frozenset({(Shop, name)})


def sum_up(_shop: Shop, before: Each[Counted]) -> Verdict:
    return passed(f"before: {sum(each.coins for each in before)}")


def test_there_is_none_on_a_first_run() -> None:
    assert messages(Account(answers={"tills of north": ("n-1",)}), {}) == ["n-1: none", "before: 0"]


def test_each_place_meets_its_own_again() -> None:
    first = Account(
        ("north", "south"),
        {"tills of north": ("n-1", "n-2"), "tills of south": ("s-1",), "drawer of n-2": 7, "drawer of s-1": 3},
    )
    assert messages(first, handed_over(first)) == [
        "n-1: 10",
        "n-2: 7",
        "before: 17",
        "s-1: 3",
        "before: 3",
    ]


def test_the_homes_do_not_mix_though_their_resources_have_one_name() -> None:
    account = Account(("north", "south"), {"tills of north": ("t",), "tills of south": ("t",)})
    carried = {home("south"): {"t": Counted(2)}, home("north"): {"t": Counted(1), "elsewhere": Counted(8)}}
    assert messages(account, carried) == ["t: 1", "before: 9", "t: 2", "before: 2"]


def test_a_new_element_meets_nothing() -> None:
    account = Account(answers={"tills of north": ("old", "new")})
    assert messages(account, {home("north"): {"old": Counted(4)}}) == ["new: none", "old: 4", "before: 4"]
