from typing import Any

import pytest

from readiness.iam.addressed import addressed, with_policy_of
from readiness.iam.evaluate import Access, Identity, access
from readiness.iam.statement import Statement, statements

ACCOUNT = "123456789012"
TABLE = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/babesclub-commerce"
INDEX = f"{TABLE}/index/byEmail"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/service/cart"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/cart/cart"
USER = f"arn:aws:iam::{ACCOUNT}:user/jane"
SCAN = "dynamodb:Scan"
IF = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


def allow(who: object = ROLE, **other: Any) -> dict[str, Any]:
    written = {"Effect": "Allow", "Principal": {"AWS": who}, "Action": "dynamodb:*", "Resource": TABLE} | other
    return {name: value for name, value in written.items() if value is not None}


def deny(who: object = ROLE, **other: Any) -> dict[str, Any]:
    return allow(who, Effect="Deny", **other)


def says(*written: dict[str, Any]) -> tuple[Statement, ...]:
    return statements({"Statement": list(written)}, "resource policy")


def own(*written: dict[str, Any]) -> tuple[Statement, ...]:
    return statements({"Statement": [{**each, "Principal": None} for each in written]}, "own")


def may(
    *written: dict[str, Any],
    action: str = SCAN,
    on: str = TABLE,
    who: str = ROLE,
    statements: tuple[Statement, ...] = (),
    boundary: tuple[Statement, ...] | None = None,
) -> Access:
    identity = Identity(who, "role" if ":role/" in who else "user", statements, boundary)
    return access(with_policy_of(TABLE, says(*written), identity), action, on)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param([allow()], Access.DIRECT, id="the role is named"),
        pytest.param([allow("*")], Access.DIRECT, id="everybody is let in"),
        pytest.param([allow(SESSION)], Access.DIRECT, id="a session of the role is named, without its path"),
        pytest.param([allow(SESSION.replace("/cart/", "/carts/"))], Access.NONE, id="a session of another role"),
        pytest.param([allow(f"{ROLE}s")], Access.NONE, id="another role is named"),
        pytest.param([allow(ACCOUNT)], Access.NONE, id="the account is named, which leaves it to its policies"),
        pytest.param(
            [allow(Principal=None, NotPrincipal={"AWS": USER})], Access.DIRECT, id="everybody but a user is let in"
        ),
        pytest.param(
            [allow(Principal=None, NotPrincipal={"AWS": ROLE})], Access.NONE, id="everybody but the role is let in"
        ),
        pytest.param([allow(Condition=IF)], Access.CONDITIONAL, id="the role is let in under a condition"),
        pytest.param(
            [allow("*", Condition={"StringEquals": {"aws:PrincipalAccount": ACCOUNT}})],
            Access.DIRECT,
            id="everybody of the account is let in",
        ),
        pytest.param(
            [allow("*", Condition={"StringEquals": {"aws:PrincipalAccount": "999988887777"}})],
            Access.NONE,
            id="everybody of another account is let in",
        ),
        pytest.param(
            [allow(), deny("*", Condition={"ArnNotEquals": {"aws:PrincipalArn": ROLE}})],
            Access.DIRECT,
            id="a Deny to all but the role leaves it",
        ),
        pytest.param(
            [allow(), deny("*", Condition={"ArnNotEquals": {"aws:PrincipalArn": USER}})],
            Access.NONE,
            id="a Deny to all but a user does not",
        ),
        pytest.param([allow(Action="dynamodb:GetItem")], Access.NONE, id="another action is allowed"),
        pytest.param([allow(), deny("*")], Access.NONE, id="a Deny to everybody wins"),
        pytest.param([allow(), deny(ACCOUNT)], Access.NONE, id="a Deny to the account wins"),
        pytest.param([allow(), deny(SESSION)], Access.DIRECT, id="a Deny to one session leaves the others"),
        pytest.param(
            [allow(), deny(Principal=None, NotPrincipal={"AWS": [USER, SESSION]})],
            Access.DIRECT,
            id="a Deny to all but a session of the role leaves that session",
        ),
        pytest.param([allow(Resource="*")], Access.DIRECT, id="every resource is the table, in its own policy"),
        pytest.param([allow(Resource=INDEX)], Access.NONE, id="an index alone is not the table"),
        pytest.param(
            [allow(Resource=None, NotResource=INDEX)], Access.DIRECT, id="all but an index are the table among others"
        ),
        pytest.param([allow(Resource=None, NotResource=TABLE)], Access.NONE, id="all but the table are not the table"),
    ],
)
def test_what_the_tables_own_policy_lets_a_role_do(written: list[dict[str, Any]], expected: Access) -> None:
    assert may(*written) is expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param(allow(Resource=f"{TABLE}/index/*"), Access.DIRECT, id="every index is named"),
        pytest.param(allow(Resource=INDEX), Access.DIRECT, id="the index is named"),
        pytest.param(
            allow(Resource="arn:aws:dynamodb:*:*:table/babesclub-commerce/index/byEmail"),
            Access.DIRECT,
            id="the index is named, in any Region",
        ),
        pytest.param(allow(Resource="*"), Access.DIRECT, id="every resource is named"),
        pytest.param(allow(), Access.NONE, id="the table alone is named"),
        pytest.param(allow(Resource=None, NotResource=TABLE), Access.DIRECT, id="all but the table are named"),
        pytest.param(
            allow(Resource=None, NotResource=f"{TABLE}/*"), Access.NONE, id="all but what is below the table are named"
        ),
    ],
)
def test_an_index_is_its_own_resource_in_the_tables_policy(written: dict[str, Any], expected: Access) -> None:
    assert may(written, on=INDEX) is expected


def test_of_another_table_its_policy_says_nothing() -> None:
    other = f"{TABLE}-staging"
    mine = own(allow(Resource="*"))
    assert may(allow(Resource=other)) is Access.NONE
    assert may(allow(Resource="*"), on=other) is Access.NONE
    assert may(deny(Resource="*"), on=other, statements=mine) is Access.DIRECT
    assert may(deny(Resource=None, NotResource=TABLE), on=other, statements=mine) is Access.DIRECT


def test_a_deny_of_all_but_an_index_surely_takes_the_other_kinds_of_resources() -> None:
    mine, denied = own(allow(Resource="*")), deny(Resource=None, NotResource=f"{TABLE}/index/open")
    assert may(denied, statements=mine) is Access.NONE
    assert may(denied, statements=mine, on=f"{TABLE}/stream/2026") is Access.NONE
    both = deny(Resource=None, NotResource=[TABLE, f"{TABLE}/index/open"])
    assert may(both, statements=mine) is Access.DIRECT, "the table itself is left"
    assert may(denied, statements=mine, on=INDEX) is Access.DIRECT, "which indexes are left is not told apart"


def test_a_deny_of_the_tables_policy_takes_from_the_roles_own() -> None:
    assert may(deny(), statements=own(allow())) is Access.NONE
    assert may(statements=own(allow())) is Access.DIRECT


@pytest.mark.parametrize(
    ("who", "written", "expected"),
    [
        pytest.param(ROLE, allow(), Access.BOUNDED, id="a role by its ARN is bound"),
        pytest.param(ROLE, allow(SESSION), Access.DIRECT, id="a session is not"),
        pytest.param(ROLE, allow("*"), Access.DIRECT, id="nor is who is let in with everybody"),
        pytest.param(USER, allow(USER), Access.DIRECT, id="nor is a user"),
    ],
)
def test_whom_a_boundary_binds_in_what_a_table_grants(who: str, written: dict[str, Any], expected: Access) -> None:
    assert may(written, who=who, boundary=own(allow(Resource="*", Action="s3:*"))) is expected


def test_what_a_boundary_denies_no_policy_of_the_table_gives_back() -> None:
    assert may(allow("*"), boundary=own(deny(Resource="*"))) is Access.BOUNDED


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("aws:PrincipalType", "User", Access.DIRECT),
        ("aws:PrincipalType", "AssumedRole", Access.NONE),
        ("aws:username", "jane", Access.CONDITIONAL),
    ],
)
def test_what_is_known_of_a_user(key: str, value: str, expected: Access) -> None:
    assert may(allow("*", Condition={"StringEquals": {key: value}}), who=USER) is expected


def test_a_user_has_no_sessions() -> None:
    assert not list(addressed(says(allow(SESSION.replace("cart/", "jane/"))), USER))


def test_a_path_may_have_colons() -> None:
    assert may(allow(SESSION), who=f"arn:aws:iam::{ACCOUNT}:role/a:b/cart") is Access.DIRECT
