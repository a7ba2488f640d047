"""The names of rules and checks: one grammar for every command."""

import pytest

from readiness.cli.exits import Usage
from readiness.cli.names import check_of, chosen, named, rule_of


@pytest.mark.parametrize(
    "typed", ["1.4/on", "pitr-enabled/on", "pitr/on", "p/on", "PITR/On", "1.4/ON"], ids=lambda typed: typed
)
def test_a_check_is_named_in_each_of_these_ways(typed: str) -> None:
    assert named(typed).id == "pitr-enabled/on"
    assert check_of(typed).id == "pitr-enabled/on"


@pytest.mark.parametrize("typed", ["1.4", "pitr-enabled", "pitr", "p", "PITR"])
def test_a_rule_is_named_in_each_of_these_ways(typed: str) -> None:
    assert rule_of(typed).id == "pitr-enabled"


def test_an_exact_name_is_not_taken_as_the_beginning_of_another() -> None:
    assert check_of("pitr-enabled/togglers").name == "togglers"
    assert check_of("pitr-enabled/togglers-").name == "togglers-reviewed"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("pitr-enabeld", "unknown rule or check 'pitr-enabeld'. Did you mean pitr-enabled?"),
        ("ptr-enabled/on", "unknown rule or check 'ptr-enabled/on'. Did you mean pitr-enabled?"),
        ("encription", "unknown rule or check 'encription'. Did you mean encryption-kms?"),
        ("user-errors", "unknown rule or check 'user-errors'. Did you mean alarms-wired/user-errors"),
        ("pitr/wndow", "unknown check 'pitr-enabled/wndow'. Did you mean pitr-enabled/window?"),
        ("1.4/zzz", "unknown check 'pitr-enabled/zzz'; pitr-enabled has on, window, filled"),
        ("zzz", "unknown rule or check 'zzz': expected an item such as 1.4"),
        ("", "unknown rule or check ''"),
        ("/on", "unknown rule or check '/on'"),
        ("1.", "unknown rule or check '1.'"),
        ("4.1", "unknown rule or check '4.1'"),
        ("d", "'d' is the beginning of dead-letters-kept and documentation-current: write more of it"),
        ("pitr/t", "'t' is the beginning of togglers and togglers-reviewed: write more of it"),
    ],
)
def test_a_wrong_name_gets_the_nearest_first(typed: str, told: str) -> None:
    with pytest.raises(Usage) as refused:
        named(typed)
    assert str(refused.value).startswith(told)


def test_a_check_where_an_item_is_expected_and_the_reverse_say_what_to_type() -> None:
    with pytest.raises(Usage, match=r"^found the check pitr-enabled/on, expected an item: 1.4 or pitr-enabled$"):
        rule_of("1.4/on")
    with pytest.raises(Usage, match=r"^found the item pitr-enabled, expected one of its checks: pitr-enabled/on, pitr"):
        check_of("1.4")


def test_chosen_rules_are_in_checklist_order_with_the_named_checks_only() -> None:
    rules = chosen(["2.2", "pitr-enabled/window", "1.4/on"])
    assert [rule.id for rule in rules] == ["pitr-enabled", "iam-least-privilege"]
    assert [check.name for check in rules[0].checks] == ["on", "window"]
    assert len(rules[1].checks) > 1
    assert [rule.id for rule in chosen(["1.4", "1.4/on"])] == ["pitr-enabled"]
    assert len(chosen(["1.4", "1.4/on"])[0].checks) > 1
