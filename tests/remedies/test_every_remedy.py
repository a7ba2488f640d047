"""No check is without a remedy that was executed or validated, or without a reason why it can't be."""

from tests.remedies.counted import FOLDER, NOT_RUNNABLE, SHORT, WHOLE, all_checks, executed, validated


def test_every_check_is_accounted_for() -> None:
    assert all_checks() - executed() - validated() - NOT_RUNNABLE.keys() == set()


def test_none_is_counted_twice_and_none_that_does_not_exist() -> None:
    assert NOT_RUNNABLE.keys() & (executed() | validated()) == set()
    assert NOT_RUNNABLE.keys() <= all_checks()
    assert validated() <= all_checks()


def test_one_remedy_of_each_module_is_not_slow() -> None:
    modules = {path.stem.removeprefix("test_"): path.read_text(encoding="utf-8") for path in FOLDER.glob("test_*.py")}
    assert modules.keys() - WHOLE == SHORT.keys()
    assert [module for module, name in SHORT.items() if f"def {name}(" not in modules[module]] == []
