"""A rule is added in one place: the example of docs/add-a-rule.md, followed word for word in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from readiness.rules import RULES
from tests.new_rule import main, next_item

ROOT = Path(__file__).parents[1]
COPIED = (
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs",
    "events",
    "functions",
    "layers",
    "pyproject.toml",
    "template-us-east-1.yaml",
    "template.yaml",
    "tests",
)
LEFT_OUT = shutil.ignore_patterns("*.png", ".*", "__pycache__", "corpus")
EXAMPLE = re.compile(r"`((?:layers|tests)/[\w/]+\.py)`:\n\n```python\n(.*?)```", re.DOTALL)
MOST_FILES = 3
WHERE = (
    "tests/changes/test_relevance.py",
    "tests/rules/test_streams_off.py",
    "tests/test_catalogue.py",
    "tests/test_docs.py",
    "tests/test_template.py",
)
WHOLE = "declare or concerns or names_only or order or page or stored or table or version"
"""The tests of these modules that look at all rules together; of the others, those of the new rule are enough."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=LEFT_OUT)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def python(copy: Path, *arguments: str) -> str:
    """What Python prints in the copy, with the package of the copy."""
    path = os.pathsep.join([str(copy / "layers" / "readiness"), str(copy)])
    ended = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    return ended.stdout


@pytest.mark.timeout(600)
def test_the_example_of_the_readme_is_all_that_a_rule_takes(copy: Path) -> None:
    written = python(copy, "-m", "tests.new_rule", "streams-off", "1.5").splitlines()
    edited = dict(EXAMPLE.findall((ROOT / "docs" / "add-a-rule.md").read_text(encoding="utf-8")))
    assert 0 < len(edited) <= MOST_FILES
    assert len(edited.keys() & set(written)) == len(written) - 1, "the test is complete as it is written"
    for name, text in edited.items():
        (copy / name).write_text(text, encoding="utf-8")
    python(copy, "docs/generate.py")
    python(copy, "-m", "tests.golden.verdicts")
    assert "| 1.5 | `streams-off` |" in (copy / "README.md").read_text(encoding="utf-8")
    validate = "from readiness.cli import command; command()"
    valid = python(copy, "-c", validate, "validate", "functions/monitor/checklist.toml")
    assert f"of {len(RULES) + 1} items" in valid
    python(copy, "-m", "ruff", "check", *edited, *written)
    python(copy, "-m", "ruff", "format", "--check", *edited, *written)
    python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", *WHERE, "-k", f"streams or ({WHOLE})")


def test_a_rule_without_an_item_is_the_next_one_about_the_table() -> None:
    assert next_item() == "1.5"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param([], "NAME: found ''", id="no name"),
        pytest.param(["Streams"], "NAME: found 'Streams'", id="no name of a rule"),
        pytest.param(["streams-off", "1.4"], "item 1.4 is pitr-enabled already", id="another's item"),
        pytest.param(["ttl-enabled", "9.9"], "item 1.3 is ttl-enabled already", id="another's name"),
        pytest.param(["streams-off", "01.4"], "ITEM: found '01.4'", id="a leading zero, as in another's item"),
        pytest.param(["streams-off", "\u0661.\u0665"], "ITEM: found ", id="digits that are not ASCII"),
        pytest.param(["shared", "1.5"], "rules/shared exists already", id="the folder that is not a rule"),
        pytest.param(["recurrence", "1.5"], "tests/rules/test_recurrence.py exists already", id="another test"),
        pytest.param(["import", "1.5"], "NAME: found 'import'", id="a keyword of Python"),
    ],
)
def test_nothing_is_written_for_a_rule_that_can_not_be(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err
