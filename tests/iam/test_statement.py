from typing import Any

import pytest
from msgspec.structs import replace

from readiness.iam.condition import Condition
from readiness.iam.statement import Malformed, Statement, about, statements, statements_in

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
GOOD: dict[str, Any] = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": TABLE}


def one(**other: Any) -> Statement:
    (read,) = statements({"Statement": GOOD | other})
    return read


def without(element: str, **other: Any) -> dict[str, Any]:
    return {name: value for name, value in (GOOD | other).items() if name != element}


def test_where_it_was_written_is_told() -> None:
    read = statements({"Statement": [GOOD | {"Sid": "Table"}, GOOD]}, policy="cart")
    assert [(each.policy, each.sid) for each in read] == [("cart", "Table"), ("cart", "")]


def test_of_conditions_operators_and_keys_are_kept_and_no_values() -> None:
    read = one(
        Condition={
            "StringEquals": {"aws:PrincipalTag/team": "s3cret", "aws:SourceVpce": ["s3cret"]},
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["s3cret*"]},
        }
    )
    assert read.conditions == (
        "ForAllValues:StringLike dynamodb:LeadingKeys",
        "StringEquals aws:PrincipalTag/team",
        "StringEquals aws:SourceVpce",
    )
    assert read.conditional
    assert "s3cret" not in repr(read)


def test_conditions_are_kept_by_value_where_their_keys_are_judged() -> None:
    read = one(Condition={"StringEquals": {"aws:SourceAccount": ["1", "2"], "aws:PrincipalTag/team": "s3cret"}})
    assert [(each.text, each.values) for each in read.tests] == [
        ("StringEquals aws:PrincipalTag/team", None),
        ("StringEquals aws:SourceAccount", ("1", "2")),
    ]
    assert Statement(allow=True, actions=(), resources=(), conditions=read.conditions).tests == (
        Condition("StringEquals", "aws:PrincipalTag/team"),
        Condition("StringEquals", "aws:SourceAccount"),
    )


def test_variables_are_left_alone_in_a_document_of_the_older_version() -> None:
    written = GOOD | {"Condition": {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}}}
    values = [
        [each.by_value[0].values for each in statements({**version, "Statement": written})]
        for version in ({"Version": "2012-10-17"}, {"Version": "2008-10-17"}, {})
    ]
    assert values == [[("${aws:PrincipalAccount}",)], [None], [None]]


def test_an_operator_without_keys_is_a_condition_all_the_same() -> None:
    assert one(Condition={"StringEquals": {}}).conditional
    assert not one(Condition={}).conditional


@pytest.mark.parametrize(
    ("written", "covered"),
    [
        pytest.param("arn:aws:dynamodb", True, id="a service"),
        pytest.param("arn:aws:dynamodb:us-east-1", True, id="a service in a Region"),
        pytest.param("arn:aws:dynamodb:eu-west-1", False, id="a service in another Region"),
        pytest.param("arn:aws:sqs", False, id="another service"),
        pytest.param("arn:*", True, id="anything that has an ARN"),
        pytest.param("arn:aws:dynamodb:${aws:RequestedRegion}", True, id="a variable with a colon in it"),
    ],
)
def test_what_an_arn_lacks_is_filled_in_with_wildcards(written: str, covered: bool) -> None:  # noqa: FBT001
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html."""
    assert one(Resource=written).covers("dynamodb:GetItem", TABLE) is covered


def test_a_resource_of_nothing_but_variables_forbids_nothing() -> None:
    assert one(Effect="Deny", Resource="arn:aws:dynamodb:*:*:table/${aws:username}").resources == ()


@pytest.mark.parametrize(
    ("element", "principals"),
    [
        pytest.param("*", ("*",), id="everybody"),
        pytest.param({"AWS": "*"}, ("*",), id="everybody, spelled out"),
        pytest.param({"*": "*"}, ("*",), id="everybody of every kind"),
        pytest.param({"AWS": "123456789012"}, ("123456789012",), id="an account by its number"),
        pytest.param(
            {"AWS": ["arn:aws:iam::123456789012:root", "arn:aws:iam::1:role/a"]},
            ("arn:aws:iam::123456789012:root", "arn:aws:iam::1:role/a"),
            id="several",
        ),
        pytest.param({"Service": "lambda.amazonaws.com"}, ("Service:lambda.amazonaws.com",), id="a service"),
        pytest.param({"Federated": "accounts.google.com"}, ("Federated:accounts.google.com",), id="a federation"),
        pytest.param(
            {"Service": ["b.amazonaws.com", "a.amazonaws.com"], "AWS": "*"},
            ("*", "Service:a.amazonaws.com", "Service:b.amazonaws.com"),
            id="several kinds, sorted",
        ),
    ],
)
def test_principals(element: object, principals: tuple[str, ...]) -> None:
    assert one(Principal=element).principals == principals
    assert one(NotPrincipal=element) == replace(one(Principal=element), but_principals=True)


def test_a_policy_of_a_resource_may_leave_the_resource_out() -> None:
    (read,) = statements({"Statement": without("Resource", Principal="*")})
    assert read.covers("dynamodb:GetItem", TABLE)


@pytest.mark.parametrize(
    "document",
    [
        pytest.param("%7B", id="text"),
        pytest.param(None, id="nothing"),
        pytest.param([GOOD], id="a list"),
        pytest.param({"Version": "2012-10-17"}, id="no statements"),
        pytest.param({"Statement": "Allow"}, id="a statement that is text"),
        pytest.param({"Statement": without("Effect")}, id="no Effect"),
        pytest.param({"Statement": GOOD | {"Effect": "allow"}}, id="an Effect in lower case"),
        pytest.param({"Statement": GOOD | {"Effect": ["Allow"]}}, id="a list of Effects"),
        pytest.param({"Statement": without("Action")}, id="neither Action nor NotAction"),
        pytest.param({"Statement": GOOD | {"NotAction": "s3:*"}}, id="both Action and NotAction"),
        pytest.param({"Statement": GOOD | {"Action": [1]}}, id="an Action that is a number"),
        pytest.param({"Statement": without("Resource")}, id="neither Resource nor NotResource"),
        pytest.param({"Statement": GOOD | {"Resource": {"Ref": "Table"}}}, id="a template's reference"),
        pytest.param({"Statement": GOOD | {"Condition": ["StringEquals"]}}, id="a Condition that is a list"),
        pytest.param({"Statement": GOOD | {"Condition": {"StringEquals": "a"}}}, id="an operator without a map"),
        pytest.param({"Statement": GOOD | {"Principal": {"AWS": None}}}, id="a principal that is nothing"),
    ],
)
def test_what_aws_does_not_document_is_not_made_up_for(document: object) -> None:
    with pytest.raises(Malformed):
        statements(document)


def test_what_is_malformed_is_told_without_its_text() -> None:
    with pytest.raises(Malformed) as raised:
        statements({"Statement": [GOOD, GOOD | {"Effect": "s3cret", "Action": "s3cret"}]}, policy="cart")
    assert str(raised.value) == "cart: statement 2 has an Effect that is neither Allow nor Deny"


def test_a_policy_as_json() -> None:
    assert statements_in('{"Statement": {"Effect": "Allow", "Action": "sqs:*", "Principal": "*"}}', "queue") == (
        Statement(allow=True, actions=("sqs:*",), resources=("*",), policy="queue", principals=("*",)),
    )
    with pytest.raises(Malformed, match=r"^queue: is not a policy document$"):
        statements_in("{", "queue")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        pytest.param({"Action": ["s3:Get*", "dynamodb:GetItem"]}, ("dynamodb:getitem",), id="what concerns it"),
        pytest.param({"Action": "s3:*"}, None, id="nothing that concerns it"),
        pytest.param({"Action": "*"}, ("*",), id="everything"),
        pytest.param({"Action": "*:*"}, ("*:*",), id="everything, spelled out"),
        pytest.param({"Action": "dynamo??:GetItem"}, ("dynamo??:getitem",), id="a wildcard in the service"),
        pytest.param({"Action": "d*m"}, ("d*m",), id="a wildcard across the colon"),
        pytest.param({"Action": "dynamodbstreams:*"}, None, id="a service whose name begins alike"),
    ],
)
def test_what_is_about_a_service(written: dict[str, Any], kept: tuple[str, ...] | None) -> None:
    read = list(about({"dynamodb"}, [one(**written)]))
    assert [each.actions for each in read] == ([] if kept is None else [kept])


def test_not_action_is_about_every_service() -> None:
    read = statements({"Statement": without("Action", NotAction=["s3:*", "dynamodb:DeleteTable"], Resource="*")})
    assert [each.actions for each in about({"dynamodb"}, read)] == [("dynamodb:deletetable",)]
    assert [each.actions for each in about({"sqs"}, read)] == [()]


@pytest.mark.parametrize(
    ("element", "kept"),
    [
        pytest.param("Resource", ["*", "arn:aws:*:*:*:x", "arn:*:dynamo*:*:*:x", TABLE], id="of the service or of any"),
        pytest.param("NotResource", [TABLE], id="all but these"),
    ],
)
def test_no_resource_of_another_service_is_kept(element: str, kept: list[str]) -> None:
    secret = "arn:aws:secretsmanager:us-east-1:123456789012:secret:pay"
    actions = ["dynamodb:GetItem", "secretsmanager:GetSecretValue"]
    written = {"Effect": "Allow", "Action": actions, element: [*kept, secret]}
    (found,) = about({"dynamodb"}, statements({"Statement": written}))
    assert found.resources == tuple(kept)
    alone = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": secret}
    assert not [*about({"dynamodb"}, statements({"Statement": alone}))]
