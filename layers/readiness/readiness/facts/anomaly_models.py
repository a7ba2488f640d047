"""The models by which CloudWatch knows what is to be expected of DynamoDB's metrics."""

from dataclasses import dataclass

from readiness.alarming.dynamodb import NAMESPACE
from readiness.alarming.series import Series
from readiness.aws import Aws
from readiness.fact import fact


@dataclass(frozen=True)
class AnomalyModels:
    """Each with the state of its training: PENDING_TRAINING, TRAINED_INSUFFICIENT_DATA or TRAINED."""

    of: tuple[tuple[Series, str], ...]

    def state(self, one: Series) -> str | None:
        """That of the model of a series and its statistic; None where there is none."""
        return next((state for series, state in self.of if series == one), None)


@fact("cloudwatch:DescribeAnomalyDetectors")
def anomaly_models(aws: Aws) -> AnomalyModels:
    """Of single metrics of this account, all pages.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAnomalyDetectors.html
    """
    pages = aws.client("cloudwatch").get_paginator("describe_anomaly_detectors").paginate(Namespace=NAMESPACE)
    found = []
    for model in (model for page in pages for model in page.get("AnomalyDetectors", [])):
        metric = model.get("SingleMetricAnomalyDetector")
        if metric:
            dimensions = sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
            one = Series(metric["Namespace"], metric["MetricName"], tuple(dimensions), metric["Stat"])
            found.append((one, model.get("StateValue", "PENDING_TRAINING")))
    return AnomalyModels(tuple(found))
