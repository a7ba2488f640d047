import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from readiness.facts.dynamodb.consumption import ScalableTargets, scalable_targets
from readiness.facts.dynamodb.table import Table, TableDescription, table_description
from readiness.model import Unreadable
from tests.aws.account import TABLE, Account


def register(account: Account, resource: str, dimension: str) -> None:
    account.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId=resource,
        ScalableDimension=dimension,
        MinCapacity=1,
        MaxCapacity=10,
        RoleARN="arn:aws:iam::123456789012:role/scaling",
    )


@pytest.fixture
def description(furnished: Account, table: Table) -> TableDescription:
    return replace(table_description(furnished.aws, table), indexes=("by-mail",))


def test_none_is_registered(furnished: Account, table: Table, description: TableDescription) -> None:
    assert scalable_targets(furnished.aws, table, description) == ScalableTargets(())


def test_those_of_the_table_and_its_indexes(furnished: Account, table: Table, description: TableDescription) -> None:
    furnished.client("dynamodb").update_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "mail", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-mail",
                    "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    register(furnished, f"table/{TABLE}/index/by-mail", "dynamodb:index:ReadCapacityUnits")
    register(furnished, f"table/{TABLE}", "dynamodb:table:ReadCapacityUnits")
    assert scalable_targets(furnished.aws, table, description).targets == (
        f"table/{TABLE} dynamodb:table:ReadCapacityUnits",
        f"table/{TABLE}/index/by-mail dynamodb:index:ReadCapacityUnits",
    )


def test_an_empty_page_is_not_the_end(furnished: Account, table: Table, description: TableDescription) -> None:
    target = {"ResourceId": f"table/{TABLE}", "ScalableDimension": "dynamodb:table:ReadCapacityUnits"}
    furnished.answer(
        "application-autoscaling",
        "DescribeScalableTargets",
        {"ScalableTargets": [], "NextToken": "more"},
        {"ScalableTargets": [target]},
    )
    assert len(scalable_targets(furnished.aws, table, description).targets) == 1


def test_a_refusal_is_left_to_the_collector(furnished: Account, table: Table, description: TableDescription) -> None:
    furnished.refuse("application-autoscaling", "DescribeScalableTargets", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        scalable_targets(furnished.aws, table, description)


def test_an_answer_without_targets_is_not_taken_for_none(
    furnished: Account, table: Table, description: TableDescription
) -> None:
    furnished.alter("application-autoscaling", "DescribeScalableTargets", lambda answer: answer.pop("ScalableTargets"))
    with pytest.raises(Unreadable):
        scalable_targets(furnished.aws, table, description)
