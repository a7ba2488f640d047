"""`readiness waive`: a failing check that is accepted, for a while."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.cli.world import GOOD, World

DAY = datetime.now(UTC).date() + timedelta(days=90)
WAIVE = ("waive", "pitr-enabled/on", "--reason", "moving house", "--until", str(DAY), "--yes")


def finding(world: World) -> dict[str, object]:
    found: dict[str, object]
    (found,) = [each for each in world.check().rule("pitr-enabled")["findings"] if each["check"] == "on"]
    return found


def waiver(world: World) -> dict[str, Any]:
    found = finding(world)["waiver"]
    assert isinstance(found, dict)
    return found


def test_a_waived_failure_is_shown_as_such_until_the_end_of_the_day(good: World) -> None:
    good.recovery(on=False)
    assert good.type(*WAIVE).out == f"{GOOD}: pitr-enabled/on waived until {DAY} 23:59 UTC\n"
    assert waiver(good) == {
        "reason": "moving house",
        "by": good.client("sts").get_caller_identity()["Arn"],
        "until": f"{DAY}T23:59:59Z",
        "announced": True,
    }


def test_a_waiver_that_no_run_has_announced_is_shown_as_such(good: World) -> None:
    good.recovery(on=False)
    good.check("--record")
    far = "9999-01-01"
    said = good.type("waive", "pitr-enabled/on", "--reason", "moving house", "--until", far, "--yes").out
    assert said.endswith(f"waived until {far} 23:59 UTC (at most 365 days from the next run on: limits.waiver_days)\n")
    assert not waiver(good)["announced"]
    assert "takes effect with the next run" in good.type("check", "--table", GOOD).out
    assert good.check("--record").rule("pitr-enabled")["findings"]
    cut = waiver(good)
    assert cut["announced"]
    assert datetime.fromisoformat(cut["until"]) - datetime.now(UTC) < timedelta(days=365)


@pytest.mark.parametrize(("resource", "covered"), [("the table", True), ("arn:aws:sqs:::another", False)])
def test_a_waiver_of_one_resource_covers_no_other(good: World, resource: str, *, covered: bool) -> None:
    good.recovery(on=False)
    arn = good.client("dynamodb").describe_table(TableName=GOOD)["Table"]["TableArn"]
    named = arn if resource == "the table" else resource
    assert named in good.type(*WAIVE, "--resource", named).out
    assert (finding(good)["waiver"] is not None) == covered


def test_a_check_and_one_of_its_resources_are_waived_and_withdrawn_apart(good: World) -> None:
    good.type(*WAIVE)
    good.type(*WAIVE, "--resource", "arn:one")
    assert good.type("waive", "pitr-enabled/on", "--withdraw", "--yes").code == 0
    assert [row["SK"]["S"] for row in good.rows() if row["SK"]["S"].startswith("STATE")] == [
        "STATE#WAIVER#pitr-enabled/on#arn:one"
    ]


def test_what_is_renewed_stays_on_record_as_it_was(good: World) -> None:
    good.type(*WAIVE)
    good.type("waive", "pitr-enabled/on", "--reason", "still moving", "--until", str(DAY + timedelta(days=9)), "--yes")
    kept = {row["SK"]["S"].partition("#")[0]: row["reason"]["S"] for row in good.rows()}
    assert kept == {"STATE": "still moving", "HISTORY": "moving house"}


def test_a_reason_is_shown_without_what_could_steer_a_terminal(good: World) -> None:
    good.recovery(on=False)
    good.type("waive", "pitr-enabled/on", "--reason", "moving\x1b[2J\nhouse", "--until", str(DAY), "--yes")
    shown = good.type("check", "--table", GOOD).out
    assert "\x1b" not in shown
    assert "moving [2J house" in " ".join(shown.split())
