"""`readiness waive`: a failing check that is accepted, for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.world import GOOD, World

DAY = datetime.now(UTC).date() + timedelta(days=90)
WAIVE = ("waive", "pitr-enabled/on", "--reason", "moving house", "--until", str(DAY), "--yes")


def finding(world: World) -> dict[str, object]:
    found: dict[str, object]
    (found,) = [each for each in world.check().rule("pitr-enabled")["findings"] if each["check"] == "on"]
    return found


def test_a_waived_failure_is_shown_as_such_until_the_end_of_the_day(good: World) -> None:
    good.recovery(on=False)
    assert good.type(*WAIVE).out == f"{GOOD}: pitr-enabled/on waived until {DAY} 23:59 UTC\n"
    waiver = finding(good)["waiver"]
    assert waiver == {
        "reason": "moving house",
        "by": good.client("sts").get_caller_identity()["Arn"],
        "until": f"{DAY}T23:59:59Z",
    }


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
    assert ": moving [2J house" in shown
