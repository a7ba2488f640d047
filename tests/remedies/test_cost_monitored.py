"""What is printed as the remedy of costs that nobody sees mends them."""

from datetime import timedelta

import pytest

from tests.aws import costs
from tests.aws.account import ACCOUNT, ARN
from tests.remedies.patient import Patient

KEPT = timedelta(days=2)
"""Cost Explorer is asked once a day."""


@pytest.fixture
def costly(patient: Patient) -> Patient:
    """The table has its tags, its costs are told apart, and somebody is told of them."""
    costs.furnish(patient.client, patient.world.topic)
    return patient


@pytest.mark.parametrize("lost", [["Project"], ["Env"], ["Project", "Env"]])
def test_a_table_that_lost_its_tags(costly: Patient, lost: list[str]) -> None:
    costly.client("dynamodb").untag_resource(ResourceArn=ARN, TagKeys=lost)
    costly.heal("cost-monitored/tagged")


def test_a_table_whose_tag_has_another_value(costly: Patient) -> None:
    costly.client("dynamodb").tag_resource(ResourceArn=ARN, Tags=[{"Key": "Env", "Value": "Prod"}])
    costly.heal("cost-monitored/tagged")


def test_tags_that_do_not_divide_the_costs(costly: Patient) -> None:
    costs.activate(costly.client, "Project", "Env", status="Inactive")
    costly.heal("cost-monitored/activated", after=KEPT)


def test_costs_that_nobody_is_told_of(patient: Patient) -> None:
    patient.heal("cost-monitored/alerted", after=KEPT, ADDRESS="on-call@example.com")


def test_a_budget_whose_topic_does_not_let_it_in_gets_one_statement_more(patient: Patient) -> None:
    patient.world.subscribe()
    costs.budget(patient.client, patient.world.topic, FilterExpression=costs.DYNAMODB)
    [found] = patient.bad("cost-monitored/alerted")
    assert "does not allow" in found.message
    patient.heal("cost-monitored/alerted", after=KEPT)
    assert len(patient.client("budgets").describe_budgets(AccountId=ACCOUNT)["Budgets"]) == 1


def test_a_billing_alarm_that_is_switched_off_is_switched_on_and_stays_coarse(patient: Patient) -> None:
    """It is on the bill of the whole account."""
    patient.world.subscribe()
    patient.client("cloudwatch").put_metric_alarm(
        AlarmName="[bill] of the month",
        Namespace="AWS/Billing",
        MetricName="EstimatedCharges",
        Dimensions=[{"Name": "Currency", "Value": "USD"}],
        Statistic="Maximum",
        Period=21600,
        EvaluationPeriods=1,
        Threshold=100,
        ComparisonOperator="GreaterThanThreshold",
        AlarmActions=[patient.world.topic],
        ActionsEnabled=False,
    )
    [found] = patient.bad("cost-monitored/alerted")
    patient.shell.type(found.remedy.command)
    patient.world.now += KEPT
    [found] = patient.bad("cost-monitored/alerted")
    assert found.message.startswith("cost alerts are sent only by")
