"""How old an answer that AWS bills, or that changes seldom, may be, and what shortens that."""

from datetime import timedelta

import pytest

from readiness.engine.fact import Keeps, source_of
from readiness.facts.billing.anomalies import AnomalyMonitors, AnomalySubscriptions, CostTags
from readiness.facts.billing.budgets import Budgets, Notices
from readiness.facts.cloudwatch.failure_metrics import FailureMetric
from readiness.facts.dynamodb.consumption import Consumption, Peaks
from readiness.facts.dynamodb.sample import Sample
from readiness.facts.lambda_.metrics import AsyncEvents, AsyncLosses, Invocations
from readiness.facts.recorded.load_tests import HottestKeys, LoadMeasured
from readiness.model import Reason, Unavailable
from tests.rules.facts import AT

NONE, HOUR, DAY, WEEK = timedelta(), timedelta(hours=1), timedelta(days=1), timedelta(days=7)


def keeps(identity: type) -> Keeps:
    found = source_of(identity).keeps
    assert found
    return found


@pytest.mark.parametrize("identity", [Consumption, Peaks, FailureMetric, Invocations, AsyncEvents])
def test_data_of_many_days_is_a_day_old_and_read_in_each_run_while_a_verdict_on_it_does_not_pass(
    identity: type,
) -> None:
    assert (keeps(identity).age, keeps(identity).otherwise, keeps(identity).while_passing) == (DAY, NONE, ())


@pytest.mark.parametrize("identity", [AnomalyMonitors, AnomalySubscriptions, CostTags])
def test_cost_explorer_is_a_week_old_while_the_item_passes_and_else_a_day(identity: type) -> None:
    assert (keeps(identity).age, keeps(identity).otherwise) == (WEEK, DAY)
    assert keeps(identity).while_passing == ("cost-monitored",)


@pytest.mark.parametrize(
    ("identity", "age"),
    [(Budgets, HOUR), (Notices, HOUR), (AsyncLosses, HOUR), (LoadMeasured, HOUR), (HottestKeys, HOUR), (Sample, DAY)],
)
def test_others_have_one_age(identity: type, age: timedelta) -> None:
    assert (keeps(identity).age, keeps(identity).otherwise) == (age, None)


UNREAD = Unavailable(Reason.SERVER_ERROR, "cloudwatch:GetMetricData", "InternalError")


@pytest.mark.parametrize(
    "answer",
    [
        Consumption(AT, {}, UNREAD),
        FailureMetric({}, UNREAD),
        Invocations({}, UNREAD),
        AsyncEvents({}, UNREAD),
        AsyncLosses({}, UNREAD),
        Budgets(AT, {}, (), UNREAD),
    ],
)
def test_an_answer_of_which_a_part_could_not_be_read_is_not_kept(answer: object) -> None:
    assert keeps(type(answer)).passing_by(answer)


def test_data_of_other_series_is_not_reused() -> None:
    """A new function, index, domain or table is not in the kept answer."""
    revisions = {identity: keeps(identity).revision for identity in (Consumption, FailureMetric, Invocations)}
    assert all(revisions.values()), revisions
