"""No remedy deploys a stack whose name it leaves to a file: that may be another one on the same table."""

import re

import pytest

from readiness.engine.rule import Check
from readiness.rules import ASKED

DEPLOYS = re.compile(r"(?:sam|cdk) deploy[^;&|]*|cloudformation (?:deploy|create-stack|update-stack)[^;&|]*")


@pytest.mark.parametrize("check", [check for rule in ASKED for check in rule.checks], ids=lambda check: check.id)
def test_what_is_deployed_is_named(check: Check) -> None:
    assert [each for each in DEPLOYS.findall(check.command) if "--stack-name " not in each] == []
