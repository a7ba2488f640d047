"""What is printed as the remedy of failed writes that nobody counts, or hears of, mends it."""

from datetime import timedelta

import pytest

from tests.aws import logs, shop
from tests.remedies.patient import Patient

GROUP = "/aws/lambda/babesclub-cart"
OTHER = "/aws/lambda/babesclub-checkout"


@pytest.fixture
def audited(patient: Patient) -> Patient:
    """Failed writes of the functions are counted, and alarms reach somebody."""
    patient.world.subscribe()
    shop.furnish(patient.client, patient.world.topic)
    return patient


def logging(patient: Patient, **config: str) -> None:
    patient.client("lambda").update_function_configuration(
        FunctionName="babesclub-cart", LoggingConfig={"LogGroup": GROUP, **config}
    )


def configured(patient: Patient, name: str) -> dict[str, str]:
    answer: dict[str, str] = patient.client("lambda").get_function_configuration(FunctionName=name)["LoggingConfig"]
    return answer


def test_functions_that_nobody_knows_are_listed_so_that_a_person_can_name_them(patient: Patient) -> None:
    """That they are ours only the checklist can say."""
    shop.function(patient.client, "orders", shop.role(patient.client, "orders"), Environment={})
    [found] = patient.bad("write-failures-audited/functions")
    assert "orders" in patient.shell.type(found.remedy.command)


def test_a_group_that_is_missing_is_made_and_its_logs_are_kept_as_long_as_wanted(audited: Patient) -> None:
    audited.client("logs").delete_log_group(logGroupName=GROUP)
    audited.heal("write-failures-audited/group")

    audited.client("logs").put_retention_policy(logGroupName=GROUP, retentionInDays=1)
    audited.client("logs").delete_retention_policy(logGroupName=OTHER)
    audited.heal("write-failures-audited/retention")


def test_a_function_whose_group_makes_no_metrics_gets_another_group_and_nothing_else_changes(audited: Patient) -> None:
    logs.classify(audited.world.account, GROUP, "INFREQUENT_ACCESS")
    before = configured(audited, "babesclub-cart")
    audited.heal("write-failures-audited/group-class")
    assert configured(audited, "babesclub-cart") == {**before, "LogGroup": f"{GROUP}-standard"}


def test_lines_that_are_dropped_or_are_no_json_are_logged(audited: Patient) -> None:
    logging(audited, LogFormat="JSON", ApplicationLogLevel="FATAL")
    audited.heal("write-failures-audited/level")
    logging(audited, LogFormat="Text")
    audited.heal("write-failures-audited/structured")


def test_failed_writes_are_counted_in_every_group_where_nothing_counts_them(audited: Patient) -> None:
    for group in (GROUP, OTHER):
        audited.client("logs").delete_metric_filter(logGroupName=group, filterName="quote-write-failure")
    audited.heal("write-failures-audited/counted")


def test_failed_writes_are_counted_in_the_one_group_that_lacks_it(audited: Patient) -> None:
    audited.client("logs").delete_metric_filter(logGroupName=OTHER, filterName="coupon-write-failure")
    audited.heal("write-failures-audited/counted")


def test_a_filter_that_never_matches_is_replaced(audited: Patient) -> None:
    for group in (GROUP, OTHER):
        audited.client("logs").delete_metric_filter(logGroupName=group, filterName="quote-write-failure")
        audited.client("logs").put_metric_filter(
            logGroupName=group,
            filterName="quote-write-failure",
            filterPattern='{ $.event = "write_failure" && $.domain = "nobody" }',
            metricTransformations=[
                {
                    "metricName": "WriteFailure",
                    "metricNamespace": "BabesClub/Commerce",
                    "metricValue": "1",
                    "dimensions": {"Domain": "$.domain"},
                }
            ],
        )
    audited.heal("write-failures-audited/counted")


def test_failed_writes_of_which_nobody_hears_call_the_topic_of_the_other_alarms(audited: Patient) -> None:
    cloudwatch = audited.client("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=["WriteFailure quote"])
    audited.heal("write-failures-audited/alarmed")
    made = cloudwatch.describe_alarms(AlarmNames=["BabesClub/Commerce WriteFailure Domain=quote"])["MetricAlarms"]
    assert [each["AlarmActions"] for each in made] == [[audited.world.topic]]


def test_an_alarm_on_failed_writes_that_is_switched_off_is_switched_on_and_one_that_is_stuck_can_call_again(
    audited: Patient,
) -> None:
    cloudwatch = audited.client("cloudwatch")
    cloudwatch.disable_alarm_actions(AlarmNames=["WriteFailure quote"])
    audited.heal("write-failures-audited/alarmed")
    cloudwatch.set_alarm_state(AlarmName="WriteFailure quote", StateValue="ALARM", StateReason="test")
    audited.world.now += timedelta(days=2)
    before = len(cloudwatch.describe_alarms()["MetricAlarms"])
    audited.heal("write-failures-audited/alarmed")
    assert len(cloudwatch.describe_alarms()["MetricAlarms"]) == before
