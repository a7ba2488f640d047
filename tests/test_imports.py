"""What starts at once, and what may not reach into what; the order of the layers is import-linter's contract."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

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


def imported(source: Path) -> set[str]:
    """Names of the modules that a file imports, wherever in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize("module", JUDGES)
def test_judging_starts_without_botocore(module: str) -> None:
    script = f"import sys, {module}; sys.exit(any(name.split('.')[0] in ('boto3', 'botocore') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_a_run_that_no_change_event_asked_for_starts_without_pydantic() -> None:
    script = "import sys, readiness.entry, readiness.checklist; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_imports_a_functions_app(source: Path) -> None:
    assert not {name for name in imported(source) if name == "app" or name.startswith("functions")}


@pytest.mark.parametrize(
    "source",
    sorted((PACKAGE / "rules").rglob("*.py")),
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_a_rule_does_not_reach_for_aws(source: Path) -> None:
    assert not {
        name
        for name in imported(source)
        if name.split(".")[0] in ("boto3", "botocore") or name == "readiness.aws.client"
    }


@pytest.mark.parametrize("source", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_annotations_are_not_postponed(source: Path) -> None:
    assert "__future__" not in imported(source)
