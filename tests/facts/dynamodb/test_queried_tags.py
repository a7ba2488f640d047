from readiness.alarms.dynamodb import NAMESPACE
from readiness.alarms.series import Label, Query
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import dynamodb_alarms
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.table import Table
from readiness.facts.dynamodb.tags import QueriedTags, queried_tags
from tests.aws.account import Account, good_table
from tests.rules.alarms import alarm


def by(*tags: str) -> Alarm:
    query = Query(NAMESPACE, "ReadThrottleEvents", "SUM", tags=tuple(Label(tag, "prod") for tag in tags))
    return alarm("a", insights=(query,))


def read(account: Account, table: Table, found: Alarm) -> QueriedTags:
    account.calls.clear()
    return queried_tags(account.aws, table, dynamodb_alarms(Each({found.arn: found})))


def test_the_tags_that_queries_name_and_no_others(account: Account, table: Table) -> None:
    good_table(account)
    account.client("dynamodb").tag_resource(
        ResourceArn=table.arn, Tags=[{"Key": key, "Value": "prod"} for key in ("Env", "Owner")]
    )
    assert read(account, table, by("Env", "Team")) == QueriedTags({"Env": "prod"})


def test_nothing_is_asked_where_no_query_names_a_tag(account: Account, table: Table) -> None:
    assert read(account, table, by()) == QueriedTags({})
    assert account.calls == []
