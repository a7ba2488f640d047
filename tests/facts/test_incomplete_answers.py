"""What the facts about a table do with answers that lack what they need: they say so, and make nothing up."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from readiness.alarms.series import Series
from readiness.facts.backup.on_demand import OnDemandBackups, on_demand_backups
from readiness.facts.cloudtrail.restore_events import restore_events
from readiness.facts.cloudwatch.alarms import read_alarms
from readiness.facts.cloudwatch.datapoints import datapoints, over_time
from readiness.facts.dynamodb.consumption import scalable_targets
from readiness.facts.dynamodb.key import key_policy
from readiness.facts.dynamodb.restores import RestoreTarget, restored_table, similar_names
from readiness.facts.dynamodb.sample import Sampling, sample
from readiness.facts.dynamodb.staging import THE_TABLE, Insights, Staging, StagingInsights, staging_insights
from readiness.facts.dynamodb.table import Table
from readiness.facts.dynamodb.tags import table_tags
from readiness.facts.recorded.load_tests import LatestLoad, MeasurableLoad, hottest_keys
from readiness.facts.recorded.now import Now
from readiness.model import Reason, Unreadable
from tests.aws.account import ACCOUNT, ARN, TABLE, Account, Json
from tests.rules.facts import AT, NOW, ago, checklist, description, key

SERIES = Series("AWS/DynamoDB", "ConsumedReadCapacityUnits", (("TableName", TABLE),), "Sum")


def whole(found: OnDemandBackups) -> OnDemandBackups:
    """Unreadable: there may be more."""
    if found.unread:
        raise Unreadable({}, found.unread)
    return found


BACKUP: Json = {"TableId": "1", "BackupStatus": "AVAILABLE", "BackupCreationDateTime": AT}
RESTORED: Json = {"TableName": f"{TABLE}-2", "CreationDateTime": AT}
SUMMARY: Json = {"SourceTableArn": ARN, "RestoreDateTime": AT, "RestoreInProgress": False}
RESULT: Json = {"Id": "q0", "StatusCode": "Complete", "Timestamps": [AT], "Values": [1.0]}
LOAD = MeasurableLoad(LatestLoad(ago(hours=2), ago(hours=1), "staging", 1, 1, "jane"))
INSIGHTS = StagingInsights((Insights(THE_TABLE, "ENABLED", "DynamoDBContributorInsights-PKC-1"),))
SAMPLING = Sampling("PK", "SK", "expiresAt", 1, 1, 10)
PAGE: Json = {"ConsumedCapacity": {"CapacityUnits": 0.5}, "Items": []}

Ask = Callable[[Account, Table], Any]

ASKED: dict[str, Ask] = {
    "ListTagsOfResource": lambda account, table: table_tags(account.aws, table, checklist()),
    "DescribeScalableTargets": lambda account, table: scalable_targets(account.aws, table, description()),
    "ListBackups": lambda account, table: whole(on_demand_backups(account.aws, table)),
    "ListTables": lambda account, table: similar_names(account.aws, table),
    "DescribeTable": lambda account, table: restored_table(account.aws, table, RestoreTarget("copy", f"{ARN}-2")),
    "DescribeContributorInsights": lambda account, _table: staging_insights(
        account.aws, Staging("staging", description())
    ),
    "GetMetricData": lambda account, _table: over_time(account.aws, [SERIES], ago(hours=1), AT, 60),
    "GetInsightRuleReport": lambda account, _table: hottest_keys(account.aws, LOAD, INSIGHTS),
    "GetKeyPolicy": lambda account, _table: key_policy(account.aws, key()),
    "LookupEvents": lambda account, table: restore_events(account.aws, table, NOW),
    "Scan": lambda account, table: sample(account.aws, table, SAMPLING, NOW),
}


@pytest.mark.parametrize(
    ("call", "answer", "lacks"),
    [
        ("dynamodb ListTagsOfResource", {}, "Tags"),
        ("dynamodb ListTagsOfResource", {"Tags": [{"Key": "Env"}]}, "Tags[].Value"),
        ("application-autoscaling DescribeScalableTargets", {}, "ScalableTargets"),
        (
            "application-autoscaling DescribeScalableTargets",
            {"ScalableTargets": [{"ResourceId": "table/t"}]},
            "ScalableTargets[].ScalableDimension",
        ),
        ("dynamodb ListBackups", {}, "BackupSummaries"),
        *(
            ("dynamodb ListBackups", {"BackupSummaries": [_without]}, f"BackupSummaries[].{name}")
            for name in BACKUP
            for _without in [{other: value for other, value in BACKUP.items() if other != name}]
        ),
        ("dynamodb ListTables", {}, "TableNames"),
        ("dynamodb DescribeTable", {"Table": {"RestoreSummary": SUMMARY}}, "Table.CreationDateTime"),
        (
            "dynamodb DescribeTable",
            {"Table": {**RESTORED, "RestoreSummary": {"SourceTableArn": ARN}}},
            "Table.RestoreSummary.RestoreInProgress",
        ),
        ("dynamodb DescribeContributorInsights", {}, "ContributorInsightsStatus"),
        (
            "dynamodb DescribeContributorInsights",
            {"ContributorInsightsStatus": "ENABLED"},
            "ContributorInsightsRuleList",
        ),
        ("cloudwatch GetMetricData", {}, "MetricDataResults"),
        *(
            ("cloudwatch GetMetricData", {"MetricDataResults": [_without]}, f"MetricDataResults[].{name}")
            for name in RESULT
            for _without in [{other: value for other, value in RESULT.items() if other != name}]
        ),
        ("cloudwatch GetMetricData", {"MetricDataResults": [{**RESULT, "Id": "m1"}]}, "MetricDataResults[].Id"),
        (
            "cloudwatch GetMetricData",
            {"MetricDataResults": [{**RESULT, "Timestamps": []}]},
            "MetricDataResults[].Timestamps",
        ),
        (
            "cloudwatch GetMetricData",
            {"MetricDataResults": [{**RESULT, "Values": [None]}]},
            "MetricDataResults[].Values",
        ),
        ("cloudwatch GetInsightRuleReport", {}, "MetricDatapoints"),
        (
            "cloudwatch GetInsightRuleReport",
            {"MetricDatapoints": [{"Timestamp": AT}]},
            "MetricDatapoints[].MaxContributorValue",
        ),
        ("kms GetKeyPolicy", {}, "Policy"),
        ("cloudtrail LookupEvents", {}, "Events"),
        ("dynamodb Scan", {"Items": []}, "ConsumedCapacity"),
        ("dynamodb Scan", {"ConsumedCapacity": {"CapacityUnits": 1.0}}, "Items"),
    ],
)
def test_what_is_lacking_is_named(furnished: Account, table: Table, call: str, answer: Json, lacks: str) -> None:
    service, operation = call.split(" ")
    furnished.answer(service, operation, answer)
    with pytest.raises(Unreadable) as unread:
        ASKED[operation](furnished, table)
    assert (unread.value.first.reason, unread.value.first.detail) == (Reason.INCOMPLETE_ANSWER, lacks)


def test_insights_that_are_off_need_no_rules(furnished: Account) -> None:
    furnished.answer("dynamodb", "DescribeContributorInsights", {"ContributorInsightsStatus": "DISABLED"})
    found = staging_insights(furnished.aws, Staging("staging", description()))
    assert found == StagingInsights((Insights(THE_TABLE, "DISABLED", ""),))


def test_insights_of_a_staging_table_that_is_gone_by_then_are_none(furnished: Account) -> None:
    furnished.refuse("dynamodb", "DescribeContributorInsights", "ResourceNotFoundException")
    assert staging_insights(furnished.aws, Staging("staging", description())) is None


def test_an_index_that_is_gone_by_then_is_left_out(furnished: Account) -> None:
    on = {"ContributorInsightsStatus": "ENABLED", "ContributorInsightsRuleList": ["DynamoDBContributorInsights-PKC-1"]}
    gone = {
        "Error": {"Code": "ResourceNotFoundException", "Message": "no"},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }

    def answered(params: Json, **_event: object) -> tuple[AWSResponse, Json]:
        there = "IndexName" not in json.loads(params["body"])
        return AWSResponse("", 200 if there else 400, HTTPHeaders(), None), on if there else gone

    furnished.client("dynamodb").meta.events.register("before-call.dynamodb.DescribeContributorInsights", answered)
    found = staging_insights(furnished.aws, Staging("staging", description(indexes=("by-mail",))))
    assert found == StagingInsights((Insights(THE_TABLE, "ENABLED", "DynamoDBContributorInsights-PKC-1"),))


@pytest.mark.parametrize(
    "event",
    [
        pytest.param({"EventTime": AT}, id="no record at all"),
        pytest.param({"EventTime": AT, "CloudTrailEvent": "{"}, id="a record that is no JSON"),
        pytest.param({"EventTime": AT, "CloudTrailEvent": "[]"}, id="a record of another kind"),
        pytest.param(
            {"EventTime": AT, "CloudTrailEvent": '{"requestParameters": {"sourceTableName": "' + TABLE + '"}}'},
            id="a restore to nobody knows what",
        ),
    ],
)
def test_an_event_that_can_not_be_read_leaves_the_list_unwhole(furnished: Account, table: Table, event: Json) -> None:
    whole = '{"requestParameters": {"sourceTableName": "' + TABLE + '", "targetTableName": "copy"}}'
    furnished.answer("cloudtrail", "LookupEvents", {"Events": [event, {"EventTime": AT, "CloudTrailEvent": whole}]})
    found = restore_events(furnished.aws, table, NOW)
    assert ([each.target for each in found.of], found.whole) == (["copy"], False)


@pytest.mark.parametrize("wrong", [None, [], {"arn": 3}, {"sessionContext": "x"}])
def test_who_restored_may_be_anything(furnished: Account, table: Table, wrong: object) -> None:
    record = {
        "requestParameters": {"sourceTableName": TABLE, "targetTableName": "copy"},
        **({"userIdentity": wrong} if wrong is not None else {}),
    }
    event = {"EventTime": AT, "CloudTrailEvent": json.dumps(record)}
    furnished.answer("cloudtrail", "LookupEvents", {"Events": [event]})
    found = restore_events(furnished.aws, table, NOW)
    assert len(found.of) + (not found.whole) == 1


def test_one_series_that_can_not_be_read_hides_no_other(furnished: Account) -> None:
    other = Series("AWS/DynamoDB", "ConsumedWriteCapacityUnits", (("TableName", TABLE),), "Sum")
    answer = {"MetricDataResults": [{"Id": "q0", "StatusCode": "Complete"}, {**RESULT, "Id": "q1"}]}
    furnished.answer("cloudwatch", "GetMetricData", answer)
    found = datapoints(furnished.aws, [SERIES, other], Now(AT), AT - ago(days=1))
    assert found.of == {other: [1.0]}
    assert list(found.unread) == [SERIES]


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        pytest.param({"Id": "q0", "StatusCode": "Complete"}, Reason.INCOMPLETE_ANSWER, id="without values"),
        pytest.param({"Id": "q0", "Values": []}, Reason.INCOMPLETE_ANSWER, id="without a status"),
        pytest.param({"Id": "q0", "Values": [], "StatusCode": "InternalError"}, Reason.SERVER_ERROR, id="failed"),
    ],
)
def test_it_is_told_why_a_series_could_not_be_read(furnished: Account, result: Json, reason: Reason) -> None:
    furnished.answer("cloudwatch", "GetMetricData", {"MetricDataResults": [result]})
    why = datapoints(furnished.aws, [SERIES], Now(AT), AT - ago(days=1)).why
    assert why
    assert why.reason is reason


def test_a_series_that_is_not_in_the_answer_is_not_without_data(furnished: Account) -> None:
    furnished.answer("cloudwatch", "GetMetricData", {"MetricDataResults": []})
    found = datapoints(furnished.aws, [SERIES], Now(AT), AT - ago(days=1))
    assert (found.of, list(found.unread)) == ({}, [SERIES])


@pytest.mark.parametrize("more", [{}, {"Metrics": []}], ids=["no list", "an empty list"])
def test_an_alarm_that_names_no_metric_lacks_it_and_is_of_no_unknown_kind(account: Account, more: Json) -> None:
    alarm = {
        "AlarmName": "errors",
        "AlarmArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:errors",
        "ActionsEnabled": True,
        "StateValue": "OK",
        "StateTransitionedTimestamp": AT,
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1.0,
        "Period": 60,
        "Statistic": "Sum",
        "Namespace": "AWS/DynamoDB",
        **more,
    }
    account.answer("cloudwatch", "DescribeAlarms", {"MetricAlarms": [alarm], "CompositeAlarms": []})
    [found] = read_alarms(account.aws)
    assert found.opaque
    assert found.opaque.reason is Reason.INCOMPLETE_ANSWER


def test_a_number_that_is_none_is_no_expiry(furnished: Account, table: Table) -> None:
    item = {"PK": {"S": "QUOTE#1"}, "SK": {"S": "META"}, "expiresAt": {"N": "soon"}}
    furnished.answer("dynamodb", "Scan", {**PAGE, "Items": [item]})
    assert sample(furnished.aws, table, SAMPLING, NOW).expiries == {"QUOTE": {"no number": 1}}
