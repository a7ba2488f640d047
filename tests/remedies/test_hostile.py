"""No value that others choose reaches a shell unquoted: each printed remedy is typed with a name that makes a file."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.engine.evaluate import shown, whole
from readiness.engine.rule import Check
from readiness.model import Call, Verdict
from readiness.rules import ASKED
from tests.golden.verdicts import TABLES, said
from tests.rules.remedied import OFFERED

HOSTILE = "x'$(touch owned)`touch owned`\"; touch owned; touch$IFS'owned' & touch owned #\ntouch owned\n\u202e"
STUBS = ("aws", "readiness", "jq", "sam", "git", "vi", "sleep")
KEPT = {"window_days": 35}


def hostile(value: Any) -> Any:
    """The same with a hostile name in place of each text, also of those in JSON."""
    match value:
        case str():
            try:
                read = json.loads(value)
            except ValueError:
                return HOSTILE
            return json.dumps(hostile(read)) if isinstance(read, dict | list) else HOSTILE
        case Mapping():
            return {name: hostile(each) for name, each in value.items()}
        case list() | tuple():
            return [hostile(each) for each in value]
        case _:
            return value


def printed(check: Check) -> Iterator[str]:
    """What is printed of each verdict that is not good, short and whole, if every value of it were hostile."""
    names = {**dict.fromkeys(OFFERED, HOSTILE), "ttl_attribute": HOSTILE, **KEPT}
    for facts in TABLES.values():
        for verdict in said(check, facts):
            if verdict.status in {"FAIL", "WARN"}:
                remedy = whole(check, poisoned(verdict), names)
                yield from (remedy.command, shown(check, remedy, names))


def poisoned(verdict: Verdict) -> Verdict:
    remedy = verdict.remedy and replace(verdict.remedy, values=hostile(verdict.remedy.values))
    return replace(verdict, evidence=hostile(verdict.evidence), remedy=remedy)


@pytest.fixture
def stubbed(tmp_path: Path) -> Path:
    """A folder whose commands do nothing."""
    (tmp_path / "bin").mkdir()
    for name in STUBS:
        stub = tmp_path / "bin" / name
        stub.write_text("#!/bin/sh\nexit 0\n")
        stub.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("rule", ASKED, ids=lambda rule: rule.id)
def test_no_remedy_runs_what_a_name_says(rule: Any, stubbed: Path) -> None:
    commands = dict.fromkeys(text for check in rule.checks for text in printed(check) if text)
    assert commands
    for command in commands:
        env = {"PATH": f"{stubbed}/bin:/usr/bin:/bin", "HOME": str(stubbed), "EDITOR": "vi"}
        subprocess.run(["/bin/bash", "-c", command], cwd=stubbed, env=env, capture_output=True, timeout=20, check=False)
        assert not list(stubbed.rglob("owned*")), command


def test_a_name_that_is_not_quoted_would_be_noticed(stubbed: Path) -> None:
    command = "aws dynamodb describe-table --table-name $(touch owned)"
    subprocess.run(["/bin/bash", "-c", command], cwd=stubbed, env={"PATH": "/usr/bin:/bin"}, check=False)
    assert (stubbed / "owned").exists()


def test_the_calls_are_those_that_are_printed() -> None:
    """A remedy whose steps are all calls has no command beside them."""
    for check in (check for rule in ASKED for check in rule.checks):
        steps = check.remedy.steps
        assert not steps or not check.remedy.command
        assert not steps or bool(check.fix) is all(isinstance(step, Call) for step in steps)
