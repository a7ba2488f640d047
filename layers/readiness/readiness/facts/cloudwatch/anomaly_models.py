"""The anomaly detection models of DynamoDB metrics."""

from readiness.alarms.dynamodb import NAMESPACE
from readiness.alarms.series import Series
from readiness.aws.answer import listed
from readiness.aws.client import Aws
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import series_in
from readiness.model import Fact

PERMISSION = "cloudwatch:DescribeAnomalyDetectors"


class AnomalyModels(Fact):
    """The models with their StateValue: PENDING_TRAINING, TRAINED_INSUFFICIENT_DATA or TRAINED."""

    of: tuple[tuple[Series, str], ...]

    def state(self, one: Series) -> str | None:
        """Return the state of the model for a series and its statistic; None for no model."""
        return next((state for series, state in self.of if series == one), None)


@fact(PERMISSION, events=("monitoring:DeleteAnomalyDetector",))
def anomaly_models(aws: Aws) -> AnomalyModels:
    """Read the models of single metrics: a model of metric math has no SingleMetricAnomalyDetector.

    A model without StateValue is not trained yet.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAnomalyDetectors.html
    """
    pages = aws.client("cloudwatch").get_paginator("describe_anomaly_detectors").paginate(Namespace=NAMESPACE)
    models = [
        (series_in(metric, metric.need("Stat", str)), model.get("StateValue", str, "PENDING_TRAINING"))
        for model in listed(pages, "AnomalyDetectors", PERMISSION)
        if (metric := model.part_or_none("SingleMetricAnomalyDetector"))
    ]
    return AnomalyModels(tuple(models))
