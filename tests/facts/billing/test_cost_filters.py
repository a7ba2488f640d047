"""Which costs an expression is about."""

from typing import Any

import pytest

from readiness.facts.billing.cost_filters import Costs, of_old, partial, scope, tag_of, whole
from tests.aws.account import ACCOUNT, REGION

COSTS = Costs(ACCOUNT, REGION, {"Project": "BabesClub", "Env": "prod"})

Json = dict[str, Any]


def dimension(key: str, *values: str, **other: Any) -> Json:
    return {"Dimensions": {"Key": key, "Values": list(values), **other}}


def tag(key: str, *values: str) -> Json:
    return {"Tags": {"Key": key, "Values": list(values)}}


def both(*each: Json) -> Json:
    return {"And": list(each)}


def either(*each: Json) -> Json:
    return {"Or": list(each)}


def but(expression: Json) -> Json:
    return {"Not": expression}


DYNAMODB = dimension("SERVICE", "Amazon DynamoDB")
LAMBDA = dimension("SERVICE", "AWS Lambda")
PROJECT = tag("Project", "BabesClub")
NO_CREDITS = but(dimension("RECORD_TYPE", "Credit", "Refund"))


@pytest.mark.parametrize(
    ("expression", "about"),
    [
        pytest.param({}, "all", id="no filter is about all"),
        pytest.param(DYNAMODB, "service", id="the service"),
        pytest.param(dimension("SERVICE", "AWS Lambda", "Amazon DynamoDB"), "service", id="among services"),
        pytest.param(dimension("SERVICE_CODE", "AmazonDynamoDB"), "service", id="its code"),
        pytest.param(dimension("SERVICE", "AmazonDynamoDB"), None, id="its code is not its name"),
        pytest.param(dimension("SERVICE", "Amazon DynamoDB", MatchOptions=["EQUALS"]), "service", id="equal to it"),
        pytest.param(
            dimension("SERVICE", "Dynamo", MatchOptions=["CONTAINS"]), None, id="another comparison is not guessed"
        ),
        pytest.param(LAMBDA, None, id="another service"),
        pytest.param(but(DYNAMODB), None, id="all but the service"),
        pytest.param(both(LAMBDA, but(DYNAMODB)), None, id="another, and not the service"),
        pytest.param(but(LAMBDA), "all", id="all but another"),
        pytest.param(both(DYNAMODB, NO_CREDITS), "service", id="the service, without credits"),
        pytest.param(NO_CREDITS, "all", id="all but credits and refunds, which is how a budget leaves them out"),
        pytest.param(dimension("RECORD_TYPE", "Refund"), None, id="refunds alone"),
        pytest.param(either(LAMBDA, DYNAMODB), "service", id="either service"),
        pytest.param(both(LAMBDA, DYNAMODB), None, id="both services, which no cost is"),
        pytest.param(both(either(DYNAMODB, LAMBDA), PROJECT), "service", id="in the depth"),
        pytest.param(both(DYNAMODB, dimension("REGION", REGION)), "service", id="the service in the table's Region"),
        pytest.param(both(DYNAMODB, dimension("REGION", "eu-west-1")), None, id="the service in another Region"),
        pytest.param(both(DYNAMODB, dimension("LINKED_ACCOUNT", "9")), None, id="the service in another account"),
        pytest.param(dimension("LINKED_ACCOUNT", ACCOUNT), "all", id="the account"),
        pytest.param(PROJECT, "tag", id="a tag of the table's"),
        pytest.param(tag("user:Project", "BabesClub"), "tag", id="a tag that says whose it is"),
        pytest.param(tag("Project", "Shop"), None, id="another value of the tag"),
        pytest.param(tag("Team", "shop"), None, id="another tag"),
        pytest.param(but(PROJECT), None, id="all but the tag"),
        pytest.param(either(PROJECT, tag("Team", "shop")), "tag", id="the tag or another"),
        pytest.param({"CostCategories": {"Key": "Shop", "Values": ["shop"]}}, None, id="a category is not guessed"),
    ],
)
def test_scope(expression: Json, about: str | None) -> None:
    assert scope(expression, COSTS) == about


def test_the_tag_by_which_it_is_about_them() -> None:
    assert tag_of(both(tag("Team", "shop"), tag("user:Env", "prod")), COSTS) == "Env"
    assert not tag_of(DYNAMODB, COSTS)


@pytest.mark.parametrize(
    ("filters", "about"),
    [
        pytest.param({}, "all", id="none"),
        pytest.param({"Service": ["Amazon DynamoDB"]}, "service", id="the service"),
        pytest.param({"Service": ["AWS Lambda"]}, None, id="another service"),
        pytest.param({"Service": ["Amazon DynamoDB"], "Region": ["eu-west-1"]}, None, id="another Region"),
        pytest.param({"Service": ["Amazon DynamoDB"], "UsageType": ["WriteUnits"]}, "service", id="some usage"),
        pytest.param({"TagKeyValue": ["user:Team$x", "user:Project$BabesClub"]}, "tag", id="a tag"),
        pytest.param({"TagKeyValue": ["user:Project$babesclub"]}, None, id="another value"),
        pytest.param(
            {"TagKeyValue": ["Project$BabesClub"]}, None, id="a key without what stands before it fits nothing"
        ),
        pytest.param({"TagKeyValue": ["Project$x", "user:Project$BabesClub"]}, "tag", id="one of two keys is right"),
        pytest.param({"RecordType": ["Usage"]}, "all", id="all usage"),
    ],
)
def test_filters_as_they_were_written_of_old(filters: dict[str, list[str]], about: str | None) -> None:
    assert scope(of_old(filters), COSTS) == about


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        pytest.param({}, False, id="all costs"),
        pytest.param(DYNAMODB, False, id="the service"),
        pytest.param(both(DYNAMODB, NO_CREDITS), False, id="the service without credits"),
        pytest.param(both(DYNAMODB, dimension("USAGE_TYPE", "WriteRequestUnits")), True, id="one usage type of it"),
        pytest.param(both(PROJECT, dimension("OPERATION", "PutItem")), True, id="one operation"),
    ],
)
def test_part_of_the_costs(expression: Json, *, part: bool) -> None:
    assert partial(expression, COSTS) is part


@pytest.mark.parametrize(
    "expression",
    [
        {},
        {"And": []},
        {"Not": {}},
        {"Not": None},
        {"Dimensions": {"Key": "SERVICE"}},
        {"Dimensions": {"Values": ["Amazon DynamoDB"]}},
        {"Tags": None},
        {"Or": [DYNAMODB, {}]},
        {"Something": "new"},
    ],
)
def test_an_expression_that_lacks_a_part_is_not_whole(expression: Json) -> None:
    assert not whole(expression)


@pytest.mark.parametrize(
    "expression",
    [DYNAMODB, both(DYNAMODB, NO_CREDITS), either(PROJECT), {"Tags": {"Key": "Project", "MatchOptions": ["ABSENT"]}}],
)
def test_an_expression_as_aws_documents_it_is_whole(expression: Json) -> None:
    assert whole(expression)
