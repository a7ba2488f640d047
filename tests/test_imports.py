"""What starts at once, and what may not reach into what; the order of the layers is import-linter's contract."""

import ast
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "layers" / "readiness" / "readiness"
SOURCES = sorted([*PACKAGE.rglob("*.py"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").rglob("*.py")])
JUDGES = [
    "readiness.engine.rule",
    "readiness.engine.evaluate",
    "readiness.state.drift",
    "readiness.engine.collect",
    "readiness.checklist",
]
AWS = {"boto3", "botocore"}


@cache
def imported(source: Path) -> frozenset[str]:
    """Names of the modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return frozenset(names)


def test_judging_starts_without_botocore() -> None:
    script = f"import sys, {', '.join(JUDGES)}; print(set({sorted(AWS)}) & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "set()\n"


def test_a_run_that_no_change_event_asked_for_starts_without_pydantic() -> None:
    script = "import sys, readiness.entry, readiness.checklist; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_nothing_imports_a_functions_app() -> None:
    assert reaching(SOURCES, lambda name: name == "app" or name.startswith("functions")) == []


def test_a_rule_does_not_reach_for_aws() -> None:
    rules = [source for source in SOURCES if source.is_relative_to(PACKAGE / "rules")]
    assert rules
    assert reaching(rules, lambda name: name.split(".")[0] in AWS or name == "readiness.aws.client") == []


def test_annotations_are_not_postponed() -> None:
    ours = [source for source in SOURCES if source.is_relative_to(PACKAGE)]
    assert reaching(ours, lambda name: name == "__future__") == []


def reaching(sources: Iterable[Path], forbidden: Callable[[str], bool]) -> list[str]:
    """Which files import what is forbidden, and what that is."""
    return [f"{source.relative_to(ROOT)}: {name}" for source in sources for name in imported(source) if forbidden(name)]
