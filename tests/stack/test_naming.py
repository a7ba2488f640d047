import re

import pytest

from readiness.cli.stack.naming import fitting, logical

VAULT = r"a-zA-Z0-9_-"


def test_a_name_that_fits_is_kept() -> None:
    assert fitting("babesclub-commerce", "-backups", 50, VAULT) == "babesclub-commerce-backups"


@pytest.mark.parametrize("name", ["a" * 43, "a" * 255, "shop.carts"])
def test_one_that_does_not_is_made_to(name: str) -> None:
    made = fitting(name, "-backups", 50, VAULT)
    assert re.fullmatch(f"[{VAULT}]{{2,50}}", made)
    assert made.endswith("-backups")


def test_names_that_differ_stay_different() -> None:
    names = ["shop.carts", "shop-carts", *(f"{'a' * 60}{number}" for number in range(9))]
    assert len({fitting(name, "-plan", 50, VAULT) for name in names}) == len(names)


def test_logical_ids_are_words_of_the_name() -> None:
    assert logical(["babesclub-commerce", "orders"]) == {"babesclub-commerce": "BabesclubCommerce", "orders": "Orders"}


def test_logical_ids_of_like_names_are_numbered() -> None:
    assert logical(["a-b", "a.b", "aB", "AB"]) == {"a-b": "AB", "a.b": "AB1", "aB": "AB2", "AB": "AB3"}


def test_a_logical_id_is_never_too_long() -> None:
    assert all(len(each) < 70 and each.isalnum() for each in logical(["x" * 255, "x" * 254, "-" * 3]).values())
