"""What is printed as the remedy of change events that do not arrive lets them arrive."""

from typing import Any

import pytest

from readiness.facts.cloudtrail.change_rules import ChangeRoute
from tests.aws import shop
from tests.aws.account import ACCOUNT, REGION
from tests.remedies.patient import Patient

QUEUE = f"arn:aws:sqs:{REGION}:{ACCOUNT}:changes"


@pytest.fixture
def deployed(patient: Patient) -> Patient:
    """One rule hands events to the queue, which Lambda polls."""
    shop.dead_letters(patient.client, "changes")
    shop.function(patient.client, "monitor", shop.role(patient.client, "monitor"))
    patient.client("events").put_rule(Name="TableChanges", EventPattern='{"source": ["aws.dynamodb"]}')
    patient.client("events").put_targets(Rule="TableChanges", Targets=[{"Id": "changes", "Arn": QUEUE}])
    patient.client("lambda").create_event_source_mapping(FunctionName="monitor", EventSourceArn=QUEUE)
    patient.world.route = ChangeRoute(("TableChanges",), QUEUE)
    return patient


def test_a_rule_that_is_off(deployed: Patient) -> None:
    deployed.client("events").disable_rule(Name="TableChanges")
    deployed.heal("change-events-arrive/enabled")


def test_a_rule_that_calls_nothing(deployed: Patient) -> None:
    deployed.client("events").remove_targets(Rule="TableChanges", Ids=["changes"])
    deployed.heal("change-events-arrive/queued")


def test_a_queue_that_is_not_polled(deployed: Patient) -> None:
    (mapping,) = deployed.client("lambda").list_event_source_mappings(EventSourceArn=QUEUE)["EventSourceMappings"]
    deployed.client("lambda").update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    deployed.heal("change-events-arrive/polled")


CHECK = "change-events-arrive/trail"
DATA = {"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::orders/"]}
LAMBDA = {"Name": "Invocations", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}


@pytest.fixture
def trailed(patient: Patient) -> Patient:
    """A trail of all Regions logs everything."""
    patient.client("s3").create_bucket(Bucket="trails")
    trail = {"Name": "audit", "IsMultiRegionTrail": True, "IncludeGlobalServiceEvents": True}
    patient.client("cloudtrail").create_trail(S3BucketName="trails", **trail)
    patient.client("cloudtrail").start_logging(Name="audit")
    return patient


def heal(patient: Patient) -> dict[str, Any]:
    """The selectors of the one trail, beside which none was made."""
    patient.heal(CHECK)
    [trail] = patient.client("cloudtrail").describe_trails()["trailList"]
    selectors: dict[str, Any] = patient.client("cloudtrail").get_event_selectors(TrailName=trail["Name"])
    return selectors


def test_without_a_trail_one_is_made_with_a_bucket_that_takes_in_what_it_delivers(patient: Patient) -> None:
    heal(patient)
    [bucket] = patient.client("s3").list_buckets()["Buckets"]
    policy = patient.client("s3").get_bucket_policy(Bucket=bucket["Name"])["Policy"]
    assert f"arn:aws:s3:::{bucket['Name']}/AWSLogs/{ACCOUNT}/*" in policy
    assert "BUCKET" not in policy


def test_a_trail_of_one_region_that_does_not_log_is_one_of_all_and_logs(trailed: Patient) -> None:
    trailed.client("cloudtrail").update_trail(Name="audit", IsMultiRegionTrail=False, IncludeGlobalServiceEvents=False)
    trailed.client("cloudtrail").stop_logging(Name="audit")
    heal(trailed)


@pytest.mark.parametrize(
    "selector",
    [{"ReadWriteType": "ReadOnly"}, {"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}],
    ids=["reads alone", "all but the calls to KMS"],
)
def test_a_trail_that_logs_too_little_goes_on_logging_data_events(trailed: Patient, selector: dict[str, Any]) -> None:
    whole = {"IncludeManagementEvents": True, "DataResources": [DATA], **selector}
    trailed.client("cloudtrail").put_event_selectors(TrailName="audit", EventSelectors=[whole])
    before, more = heal(trailed)["EventSelectors"]
    assert before == whole
    assert more["ReadWriteType"] == "WriteOnly"


def test_a_trail_with_advanced_selectors_for_data_keeps_them(trailed: Patient) -> None:
    trailed.client("cloudtrail").put_event_selectors(TrailName="audit", AdvancedEventSelectors=[LAMBDA])
    before, _ = heal(trailed)["AdvancedEventSelectors"]
    assert before == LAMBDA
