"""What nobody has recorded yet, over several runs: in the first message, and then silent until it is recorded."""

from datetime import timedelta

import pytest

from readiness.model import Status
from readiness.rules import backups_scheduled, documentation_current, load_tested
from tests.aws.account import TABLE
from tests.run.world import World

RULES = (load_tested.rule, backups_scheduled.rule, documentation_current.rule)
"""None of them needs anything but a person to have said something."""


@pytest.fixture
def silent(world: World) -> World:
    """Nobody has said anything, and one run has told so."""
    world.want(backup_decision=None)
    world.run(RULES)
    return world


def test_the_first_message_lists_each_once_with_its_command(silent: World) -> None:
    (message,) = silent.heard()
    assert message["subject"].startswith(f"[NOTE] {TABLE}: monitoring started, 3 of 3 items do not pass: ")
    assert message["subject"].endswith("0 fail, 3 not recorded")
    assert (message["severity"], message["items_not_recorded"]) == ("LOW", 3)
    commands = [event["remediation"] for event in message["events"] if event["remediation"]]
    assert len(commands) == len(set(commands)) == 3


def test_it_is_no_lost_sight_and_nobody_is_reminded(silent: World) -> None:
    silent.heard()
    for _ in range(4):
        silent.run(RULES)
    silent.now += timedelta(days=2)
    outcome = silent.run(RULES)
    assert silent.heard() == []
    assert outcome.plan is not None
    assert set(outcome.plan.statuses.values()) == {Status.FAIL}


def test_what_is_recorded_is_told_as_over(silent: World) -> None:
    silent.heard()
    silent.documented()
    silent.run(RULES)
    (message,) = silent.heard()
    kinds = {event["check"]: event["kind"] for event in message["events"]}
    assert kinds["documentation-current/recorded"] == "RECOVERED"
