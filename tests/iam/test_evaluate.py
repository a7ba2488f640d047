from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.iam.evaluate import Access, Identity, access, granted_by
from readiness.iam.statement import about, statements
from tests.iam.brute_force import Policy, outcomes

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
TOGGLE = "dynamodb:UpdateContinuousBackups"


def allow(**other: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": TOGGLE, "Resource": TABLE} | other


def deny(**other: Any) -> dict[str, Any]:
    return allow(Effect="Deny", **other)


def without(statement: dict[str, Any], *elements: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in elements}


def says(*written: dict[str, Any]) -> Access:
    return granted_by(statements({"Statement": list(written)}), TOGGLE, TABLE)


IF = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param([allow()], Access.DIRECT, id="a plain Allow"),
        pytest.param([], Access.NONE, id="nothing"),
        pytest.param([allow(Action=[TOGGLE.upper()])], Access.DIRECT, id="cases of actions are not told apart"),
        pytest.param([allow(Resource=TABLE.upper())], Access.NONE, id="cases of ARNs are"),
        pytest.param([allow(Action="dynamodb:Update?ontinuous*")], Access.DIRECT, id="wildcards in an action"),
        pytest.param([allow(Resource=f"{TABLE}/*")], Access.NONE, id="what is below the table is not the table"),
        pytest.param(
            [without(allow(NotAction="iam:*"), "Action")], Access.DIRECT, id="NotAction is a grant of all else"
        ),
        pytest.param([without(allow(NotAction="dynamodb:*"), "Action")], Access.NONE, id="NotAction that names it"),
        pytest.param(
            [without(allow(NotResource="arn:aws:s3:::*"), "Resource")], Access.DIRECT, id="NotResource is a grant too"
        ),
        pytest.param([without(allow(NotResource=TABLE), "Resource")], Access.NONE, id="NotResource that names it"),
        pytest.param([allow(Condition=IF)], Access.CONDITIONAL, id="a conditional Allow"),
        pytest.param([allow(Condition={})], Access.DIRECT, id="no conditions are none"),
        pytest.param([allow(), allow(Condition=IF)], Access.DIRECT, id="the condition of another Allow"),
        pytest.param([allow(), deny()], Access.NONE, id="a Deny wins"),
        pytest.param([allow(), deny(Condition=IF)], Access.DIRECT, id="a conditional Deny never rescues"),
        pytest.param([allow(), deny(Resource=f"{TABLE}/*")], Access.DIRECT, id="a Deny beside it"),
        pytest.param([allow(), without(deny(NotAction="s3:*"), "Action")], Access.NONE, id="a Deny of all else"),
        pytest.param(
            [allow(Resource="arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/table}")],
            Access.DIRECT,
            id="a variable may be anything where it allows",
        ),
        pytest.param(
            [allow(), deny(Resource="arn:aws:dynamodb:*:*:table/${aws:PrincipalTag/table}")],
            Access.DIRECT,
            id="a variable can't be relied on where it forbids",
        ),
        pytest.param(
            [without(allow(NotResource="arn:aws:dynamodb:*:*:table/${aws:username}"), "Resource")],
            Access.DIRECT,
            id="nor where it excepts from a grant",
        ),
    ],
)
def test_what_policies_say(written: Policy, expected: Access) -> None:
    assert says(*written) is expected


def test_a_single_statement_needs_no_list() -> None:
    assert granted_by(statements({"Statement": allow()}), TOGGLE, TABLE) is Access.DIRECT


@pytest.mark.parametrize(
    ("boundary", "expected"),
    [
        pytest.param([allow(Action="*", Resource="*")], Access.DIRECT, id="a wide one"),
        pytest.param([allow(Action="s3:*", Resource="*")], Access.BOUNDED, id="a narrow one"),
        pytest.param([], Access.BOUNDED, id="an empty one"),
        pytest.param([allow(Condition=IF)], Access.CONDITIONAL, id="one with a condition"),
        pytest.param([allow(), deny()], Access.BOUNDED, id="one that denies"),
    ],
)
def test_a_boundary_intersects(boundary: Policy, expected: Access) -> None:
    limit = statements({"Statement": boundary})
    mighty = Identity("arn", "role", statements({"Statement": allow(Action="*")}), boundary=limit)
    assert access(mighty, TOGGLE, TABLE) is expected
    assert access(Identity("arn", "role", (), boundary=limit), TOGGLE, TABLE) is Access.NONE


ACTIONS = ["s:a", "s:ab", "t:a"]
RESOURCES = ["r:x", "r:xy", "r:y"]
PATTERNS_OF_ACTIONS = st.sampled_from(["*", "s:*", "S:A", "s:a?", "?:a", "t:*a", "u:a"])
PATTERNS_OF_RESOURCES = st.sampled_from(["*", "r:x", "r:x*", "r:?", "R:x", "r:*y", "b"])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    def one_or_more(patterns: st.SearchStrategy[str]) -> Any:
        return draw(patterns | st.lists(patterns, min_size=1, max_size=2))

    return [
        {
            "Effect": draw(st.sampled_from(["Allow", "Deny"])),
            draw(st.sampled_from(["Action", "NotAction"])): one_or_more(PATTERNS_OF_ACTIONS),
            draw(st.sampled_from(["Resource", "NotResource"])): one_or_more(PATTERNS_OF_RESOURCES),
            **draw(st.sampled_from([{}, {"Condition": IF}])),
        }
        for _ in range(draw(st.integers(0, 4)))
    ]


def said(results: set[bool]) -> Access:
    return Access.CONDITIONAL if len(results) > 1 else Access.DIRECT if True in results else Access.NONE


@given(policies(), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
@settings(max_examples=15 * settings().max_examples, deadline=None)
def test_it_reads_policies_as_brute_force_does(policy: Policy, action: str, resource: str) -> None:
    expected = said(outcomes(policy, action, resource))
    read = statements({"Statement": policy})
    assert granted_by(read, action, resource) is expected
    assert granted_by(tuple(about({action[0]}, read)), action, resource) is expected


@given(policies(), policies(), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
@settings(max_examples=8 * settings().max_examples, deadline=None)
def test_it_reads_boundaries_as_brute_force_does(policy: Policy, limit: Policy, action: str, resource: str) -> None:
    identity = Identity("arn", "role", statements({"Statement": policy}), boundary=statements({"Statement": limit}))
    granted, within = outcomes(policy, action, resource), outcomes(limit, action, resource)
    expected = said({one and other for one in granted for other in within})
    if expected is Access.NONE and True in granted:
        expected = Access.BOUNDED
    assert access(identity, action, resource) is expected
