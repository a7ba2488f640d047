"""What is printed as the remedy of change events that do not arrive lets them arrive."""

import pytest

from readiness.facts.change_rules import ChangeRoute
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
