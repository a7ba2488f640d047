"""What is printed as the remedy of a setting of the table mends it."""

from datetime import timedelta

import pytest

from readiness.checklist import SampleSettings
from tests.aws.account import ARN, TABLE
from tests.remedies.patient import Patient


def test_recovery_that_was_switched_off_is_switched_on(patient: Patient) -> None:
    patient.world.recovery(on=False)
    patient.heal("pitr-enabled/on")


def test_a_short_window_is_made_as_long_as_wanted(patient: Patient) -> None:
    patient.client("dynamodb").update_continuous_backups(
        TableName=TABLE,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
    )
    patient.heal("pitr-enabled/window")


def test_a_table_that_may_be_deleted_is_protected(patient: Patient) -> None:
    patient.client("dynamodb").update_table(TableName=TABLE, DeletionProtectionEnabled=False)
    patient.heal("pitr-enabled/deletion-protection")


def test_items_that_no_longer_expire_expire(patient: Patient) -> None:
    patient.client("dynamodb").update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expiresAt"}
    )
    patient.heal("ttl-enabled/on")


@pytest.mark.parametrize("other", ["ttl", "it's $(touch ran)`touch ran`"])
def test_items_that_expire_by_another_attribute(patient: Patient, other: str) -> None:
    for enabled, attribute in ((False, "expiresAt"), (True, other)):
        patient.client("dynamodb").update_time_to_live(
            TableName=TABLE, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute}
        )
    [found] = patient.bad("ttl-enabled/attribute")
    assert "an hour later" in patient.mend("ttl-enabled/attribute", found).rest
    patient.heal("ttl-enabled/on")
    patient.content("ttl-enabled/attribute")
    assert not (patient.shell.folder / "ran").exists()


def test_items_that_never_expire_are_shown_to_whoever_mends_them(patient: Patient) -> None:
    patient.world.want(sample=SampleSettings(enabled=True))
    patient.world.item("QUOTE#1")
    [found] = patient.bad("ttl-enabled/values")
    assert "QUOTE#1" in patient.shell.type(found.remedy.command)
    patient.world.item("QUOTE#1", expiresAt={"N": str(int(patient.world.now.timestamp()) + 3600)})
    patient.world.now += timedelta(days=1)
    patient.content("ttl-enabled/values")


def test_scaling_targets_that_are_left_over(patient: Patient) -> None:
    for what in ("Read", "Write"):
        patient.client("application-autoscaling").register_scalable_target(
            ServiceNamespace="dynamodb",
            ResourceId=f"table/{TABLE}",
            ScalableDimension=f"dynamodb:table:{what}CapacityUnits",
            MinCapacity=5,
            MaxCapacity=50,
        )
    patient.heal("billing-on-demand/autoscaling")


def test_provisioned_capacity_is_billed_by_request(patient: Patient) -> None:
    patient.client("dynamodb").update_table(
        TableName=TABLE,
        BillingMode="PROVISIONED",
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    )
    patient.heal("billing-on-demand/mode")


def test_a_table_without_its_tags_is_tagged(patient: Patient) -> None:
    patient.client("dynamodb").untag_resource(ResourceArn=ARN, TagKeys=["Project", "Env"])
    patient.heal("cost-monitored/tagged")
