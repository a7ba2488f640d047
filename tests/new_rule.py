"""Write the files of a new rule, which a person then fills in: `python -m tests.new_rule NAME [ITEM]`."""

import re
import sys
from collections.abc import Sequence
from keyword import iskeyword
from pathlib import Path

from readiness.engine.rule import ITEM
from readiness.rules import ASKED

ROOT = Path(__file__).parents[1]

RULE = '''"""State in one sentence what goes wrong if the rule is not met.

State what else readers must know.
"""

from readiness.engine.rule import Rule, Severity, Verdict, failed
from readiness.facts.dynamodb.table import Table

rule = Rule("{item}", "{title}", Severity.MEDIUM, "https://docs.aws.amazon.com/")


@rule.check(fix="aws dynamodb describe-table --table-name {{table}} --region {{region}}")
def on(table: Table) -> Verdict:
    """Is the desired condition met?"""
    return failed(f"the check of {{table.name}} is not implemented")
'''

TEST = """import pytest

from readiness.engine.rule import Check
from readiness.model import Status
from readiness.rules.{module} import rule
from tests.golden.verdicts import TABLES, said


@pytest.mark.parametrize("check", rule.checks, ids=lambda check: check.id)
def test_a_good_table_passes_and_a_neglected_one_does_not(check: Check) -> None:
    assert {{verdict.status for verdict in said(check, TABLES["good"])}} == {{Status.PASS}}
    assert {{verdict.status for verdict in said(check, TABLES["neglected"])}} <= {{Status.FAIL, Status.WARN}}
"""

FIXTURE = '''"""The facts of the fixed tables, of which one passes the rule and one does not."""

from tests.golden.facts import Facts

GOOD: Facts = {{}}
"""By their types, such as `{{X: X(...)}}`. The table passes."""

NEGLECTED: Facts = {{}}
"""The table is FAIL or WARN."""
'''


def next_item() -> str:
    """Return the item after the last one about the table itself, such as 1.5."""
    numbers = (rule.item.split(".") for rule in ASKED if not rule.own)
    return f"1.{max(int(minor) for chapter, minor in numbers if chapter == '1') + 1}"


def files(name: str, item: str) -> dict[Path, str]:
    """The files by their paths. ValueError: there is such a rule, or the name or the item is not written so."""
    module = name.replace("-", "_")
    if not re.fullmatch(r"[a-z]+(-[a-z0-9]+)*", name) or iskeyword(module):
        msg = f"NAME: found {name!r}, expected one such as streams-off"
        raise ValueError(msg)
    if not ITEM.fullmatch(item):
        msg = f"ITEM: found {item!r}, expected a number such as 1.5"
        raise ValueError(msg)
    for rule in ASKED:
        if name == rule.id or item == rule.item:
            msg = f"item {rule.item} is {rule.id} already"
            raise ValueError(msg)
    title = name.replace("-", " ").capitalize()
    written = {
        ROOT / "layers" / "readiness" / "readiness" / "rules" / f"{module}.py": RULE.format(item=item, title=title),
        ROOT / "tests" / "rules" / f"test_{module}.py": TEST.format(module=module),
        ROOT / "tests" / "golden" / "rules" / f"{module}.py": FIXTURE.format(),
    }
    for path in (*written, ROOT / "layers" / "readiness" / "readiness" / "rules" / module):
        if path.exists():
            msg = f"NAME: {path.relative_to(ROOT)} exists already"
            raise ValueError(msg)
    return written


def main(arguments: Sequence[str]) -> int:
    """Return the exit code: 0, or 2 for a mistake in what was typed."""
    name, item, *_ = (*arguments, "", "")
    try:
        written = files(name, item or next_item())
    except ValueError as error:
        sys.stderr.write(f"{error}: make rule NAME=streams-off ITEM=1.5\n")
        return 2
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{path.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
