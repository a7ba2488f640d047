from typing import Any

import pytest

from readiness.iam.evaluate import Access, Identity
from readiness.iam.holders import holders
from readiness.iam.statement import Statement

ACCOUNT = "arn:aws:iam::123456789012"
TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
TOGGLE = "dynamodb:UpdateContinuousBackups"


def may(action: str, resource: str = "*", **other: Any) -> Statement:
    return Statement(allow=True, actions=(action.lower(),), resources=(resource,), **other)


def role(name: str, *statements: Statement, **other: Any) -> Identity:
    return Identity(f"{ACCOUNT}:role/{name}", "role", statements, **other)


HOLDER = role("breakglass", may(TOGGLE), trusted=(f"{ACCOUNT}:root",))


def found(*identities: Identity) -> dict[str, tuple[Access, str]]:
    return {each.arn.rpartition("/")[2]: (each.access, each.action) for each in holders(identities, TOGGLE, TABLE)}


def test_who_may_nothing_is_no_holder() -> None:
    assert found(role("cart", may("dynamodb:GetItem"))) == {}


@pytest.mark.parametrize(
    "action", ["iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:PassRole", "iam:UpdateAssumeRolePolicy"]
)
def test_who_may_make_itself_able_to_is_an_indirect_holder(action: str) -> None:
    assert found(HOLDER, role("deployer", may(action)))["deployer"] == (Access.INDIRECT, action)


def test_editing_a_policy_that_a_principal_has_is_a_way() -> None:
    policy = f"{ACCOUNT}:policy/cart"
    editor = role("editor", may("iam:CreatePolicyVersion", policy))
    assert found(editor, role("cart", policies=(policy,)))["editor"] == (Access.INDIRECT, "iam:CreatePolicyVersion")
    assert found(editor, role("cart")) == {}


def test_passing_a_role_that_may_not_is_no_way() -> None:
    assert "deployer" not in found(HOLDER, role("deployer", may("iam:PassRole", f"{ACCOUNT}:role/cart")), role("cart"))


@pytest.mark.parametrize(
    ("trusted", "statements", "assumes"),
    [
        pytest.param(
            (f"{ACCOUNT}:root",), (may("sts:AssumeRole"),), True, id="the account is trusted and policies let"
        ),
        pytest.param(("123456789012",), (may("sts:AssumeRole"),), True, id="the account by its number"),
        pytest.param((f"{ACCOUNT}:root",), (), False, id="the account is trusted and no policy lets"),
        pytest.param((f"{ACCOUNT}:role/dev",), (), True, id="the principal itself is trusted"),
        pytest.param((f"{ACCOUNT}:role/other",), (may("sts:AssumeRole"),), False, id="another is trusted"),
        pytest.param((), (may("sts:AssumeRole"),), False, id="only services are trusted"),
    ],
)
def test_assuming(trusted: tuple[str, ...], statements: tuple[Statement, ...], assumes: bool) -> None:  # noqa: FBT001
    names = found(role("breakglass", may(TOGGLE), trusted=trusted), role("dev", *statements))
    assert ("dev" in names) is assumes


def test_a_boundary_closes_the_doors() -> None:
    none = (may("s3:*"),)
    bounded = role("bounded", may(TOGGLE), boundary=none)
    assert found(bounded) == {"bounded": (Access.BOUNDED, TOGGLE)}
    editor = role("editor", may("iam:PutRolePolicy", bounded.arn))
    assert "editor" not in found(bounded, editor)
