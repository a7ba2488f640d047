import pytest

from readiness.alarms.dynamodb import series_of
from readiness.alarms.series import Series
from readiness.facts.cloudwatch.alarms import anomaly_models
from readiness.facts.dynamodb.consumption import READS, WRITES
from tests.aws import shop
from tests.aws.account import TABLE, Account
from tests.aws.cloudwatch import training
from tests.aws.completed import complete

complete()


def summed(metric: str, statistic: str = "Sum") -> Series:
    one = series_of(metric, TABLE)
    return Series(one.namespace, one.metric, one.dimensions, statistic)


@pytest.fixture
def watched(account: Account) -> Account:
    topic = account.client("sns").create_topic(Name="on-call")["TopicArn"]
    shop.table_alarms(account.client, topic)
    return account


def test_a_model_belongs_to_a_series_and_a_statistic(watched: Account) -> None:
    found = anomaly_models(watched.aws)
    assert {found.state(summed(READS)), found.state(summed(WRITES))} == {"TRAINED"}
    assert found.state(summed(READS, "Average")) is None
    assert found.state(summed("ReadThrottleEvents")) is None


@pytest.mark.parametrize("state", ["PENDING_TRAINING", "TRAINED_INSUFFICIENT_DATA", None])
def test_its_training(watched: Account, state: str | None) -> None:
    training(watched, state)
    assert anomaly_models(watched.aws).state(summed(READS)) == state


def test_a_model_of_metric_math_is_of_no_single_series(watched: Account) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AnomalyDetector.html."""
    model = {"MetricMathAnomalyDetector": {"MetricDataQueries": []}, "StateValue": "TRAINED"}
    watched.answer("cloudwatch", "DescribeAnomalyDetectors", {"AnomalyDetectors": [model]})
    assert anomaly_models(watched.aws).of == ()
