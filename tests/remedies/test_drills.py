"""What is printed as the remedy of a drill or a load test that is missing leads to one that counts."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from tests.aws import drills
from tests.aws.account import TABLE, make_table
from tests.remedies.patient import Patient

UNTIL = "2099-12-31"


def said(record: Any) -> str:
    """The fields of a record, as a person types them after what is printed."""
    fields = {name: getattr(record, name) for name in record.__struct_fields__}
    texts = {name: each.isoformat() if isinstance(each, datetime) else each for name, each in fields.items()}
    return " " + " ".join(f"{name}={text}" for name, text in texts.items() if text not in {"", None})


def a_while_ago() -> datetime:
    return datetime.now(UTC) - timedelta(hours=1)


def attest(patient: Patient, name: str, record: Any) -> None:
    [found] = patient.bad(name)
    patient.shell.type(found.remedy.command + said(record), answer="y\n", UNTIL=UNTIL)
    patient.content(name)


def test_a_drill_that_nobody_made_is_made_and_recorded(patient: Patient) -> None:
    [found] = patient.bad("restore-drilled/compared")
    attest(patient, "restore-drilled/drilled", drills.restored(datetime.now(UTC)))
    patient.content("restore-drilled/compared")
    assert "--max-items" in found.remedy.command


def test_a_sample_of_the_copy_is_shown_to_whoever_compares_it(patient: Patient) -> None:
    patient.world.item("CART#1")
    drills.restore(patient.client)
    patient.world.attest("restore-drilled", replace(drills.restored(a_while_ago()), items_matched=150))
    [found] = patient.bad("restore-drilled/compared")
    showing, _, attesting = found.remedy.command.partition(" && ")
    assert "CART#1" in patient.shell.type(showing)
    assert attesting.startswith("readiness attest restore-drilled ")
    patient.world.attest("restore-drilled", drills.restored(a_while_ago()))
    patient.content("restore-drilled/compared")


def test_all_copies_that_are_left_over_are_deleted_and_the_table_stays(patient: Patient) -> None:
    for name in (f"{TABLE}-drill-1", f"{TABLE}-drill-2"):
        drills.restore(patient.client, name)
    patient.world.now += timedelta(days=8)
    patient.heal("restore-drilled/left-over")
    assert patient.client("dynamodb").list_tables()["TableNames"] == [TABLE]


def renew(patient: Patient, name: str, record: Callable[[datetime], Any]) -> None:
    """What was attested holds no longer, and is attested anew."""
    make_table(patient.client("dynamodb"), drills.STAGING)
    patient.world.attest(name.partition("/")[0], record(a_while_ago()), days=1)
    patient.world.now += timedelta(days=2)
    attest(patient, name, record(a_while_ago()))


def test_a_drill_whose_word_holds_no_longer(patient: Patient) -> None:
    renew(patient, "restore-drilled/attested", drills.restored)


def test_a_load_test_whose_word_holds_no_longer(patient: Patient) -> None:
    renew(patient, "load-tested/recorded", drills.tested)


def test_a_load_test_that_nobody_recorded_is_recorded(patient: Patient) -> None:
    attest(patient, "load-tested/recorded", drills.tested(a_while_ago()))


def test_insights_are_switched_on_for_the_staging_table_and_each_of_its_indexes(patient: Patient) -> None:
    make_table(patient.client("dynamodb"), drills.STAGING)
    keys = [{"AttributeName": "SK", "KeyType": "HASH"}]
    for name in ("by-sort", "by-day"):
        index = {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}}
        patient.client("dynamodb").update_table(
            TableName=drills.STAGING,
            AttributeDefinitions=[{"AttributeName": each, "AttributeType": "S"} for each in ("PK", "SK")],
            GlobalSecondaryIndexUpdates=[{"Create": index}],
        )
    drills.watch_keys(patient.client, "by-day")
    patient.heal("load-tested/insights")


def test_a_staging_table_that_is_billed_otherwise_is_made_like_the_table(patient: Patient) -> None:
    make_table(patient.client("dynamodb"), drills.STAGING)
    patient.client("dynamodb").update_table(
        TableName=drills.STAGING,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    patient.heal("load-tested/parity")
