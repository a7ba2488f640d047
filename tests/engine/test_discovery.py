"""The rules of a package are its modules: none is listed anywhere, and none is left out."""

import importlib
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from readiness.engine.rule import MONITOR, rules_in

RULE = '''"""Why."""
from readiness.engine.rule import Rule, Severity, Verdict, passed

rule = Rule("{item}", "Title", Severity.LOW, "https://docs.aws.amazon.com/")


@rule.check()
def on() -> Verdict:
    """It is on."""
    return passed("it is on")
'''

Package = Callable[[dict[str, str]], tuple[str, list[str]]]
NUMBERS = count()


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Writes modules into a package of its own; returns its name and path."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(modules: dict[str, str]) -> tuple[str, list[str]]:
        folder = tmp_path / f"found_{next(NUMBERS)}"
        for path, text in {"__init__.py": "", **modules}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        importlib.invalidate_caches()
        return folder.name, [str(folder)]

    return write


def test_modules_and_folders_are_found_in_the_order_of_their_items(package: Package) -> None:
    items = {"a": "1.10", "b": MONITOR, "c": "1.9", "d/__init__": "0.1"}
    found = package({f"{name}.py": RULE.format(item=item) for name, item in items.items()})
    assert [(rule.item, rule.id) for rule in rules_in(*found)] == [
        ("0.1", "d"),
        ("1.9", "c"),
        ("1.10", "a"),
        (MONITOR, "b"),
    ]


def test_what_is_no_rule_is_named(package: Package) -> None:
    found = package({"a.py": RULE.format(item="1.1"), "shared/__init__.py": ""})
    assert [rule.id for rule in rules_in(*found, without={"shared"})] == ["a"]


@pytest.mark.parametrize(
    ("modules", "told"),
    [
        pytest.param({"a.py": ""}, r"\.a: defines no `rule`", id="no rule"),
        pytest.param({"a.py": "rule = 1"}, r"\.a: defines no `rule`", id="no rule by that name"),
        pytest.param(
            {"a.py": RULE.partition("@rule")[0].format(item="1.1")}, r"\.a: its rule has no check", id="no check"
        ),
        pytest.param({"a.py": RULE.format(item="one")}, r"found the item 'one'", id="no item"),
        pytest.param({"a.py": RULE.format(item="01.4")}, r"found the item '01.4'", id="1.4 in another way"),
        pytest.param(
            {"a.py": RULE.format(item="1.1"), "b.py": RULE.format(item="1.1")},
            r"\.a, \w+\.b: each defines item 1\.1",
            id="one item twice",
        ),
        pytest.param({"a.py": "from readiness.rules.ttl_enabled import rule"}, r"that of readiness", id="another's"),
    ],
)
def test_a_module_that_defines_no_rule_of_its_own_is_refused(
    package: Package, modules: dict[str, str], told: str
) -> None:
    found = package(modules)
    with pytest.raises(TypeError, match=told):
        rules_in(*found)
