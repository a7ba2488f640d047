import itertools
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.iam.evaluate import Access, Identity, access, granted_by
from readiness.iam.statement import about, statements

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
TOGGLE = "dynamodb:UpdateContinuousBackups"


def allow(**other: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": TOGGLE, "Resource": TABLE} | other


def deny(**other: Any) -> dict[str, Any]:
    return allow(Effect="Deny", **other)


def without(statement: dict[str, Any], *elements: str) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name not in elements}


def says(*written: dict[str, Any]) -> Access:
    return granted_by(tuple(statements({"Statement": list(written)})), TOGGLE, TABLE)


IF = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}


@pytest.mark.parametrize(
    ("written", "said"),
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
def test_what_policies_say(written: list[dict[str, Any]], said: Access) -> None:
    assert says(*written) is said


def test_a_single_statement_needs_no_list() -> None:
    assert granted_by(tuple(statements({"Statement": allow()})), TOGGLE, TABLE) is Access.DIRECT


@pytest.mark.parametrize(
    ("boundary", "said"),
    [
        pytest.param([allow(Action="*", Resource="*")], Access.DIRECT, id="a wide one"),
        pytest.param([allow(Action="s3:*", Resource="*")], Access.BOUNDED, id="a narrow one"),
        pytest.param([], Access.BOUNDED, id="an empty one"),
        pytest.param([allow(Condition=IF)], Access.CONDITIONAL, id="one with a condition"),
        pytest.param([allow(), deny()], Access.BOUNDED, id="one that denies"),
    ],
)
def test_a_boundary_intersects(boundary: list[dict[str, Any]], said: Access) -> None:
    limit = tuple(statements({"Statement": boundary}))
    mighty = Identity("arn", "role", tuple(statements({"Statement": allow(Action="*")})), boundary=limit)
    assert access(mighty, TOGGLE, TABLE) is said
    assert access(Identity("arn", "role", (), boundary=limit), TOGGLE, TABLE) is Access.NONE


ACTIONS = ["s:a", "s:ab", "t:a"]
RESOURCES = ["r:x", "r:xy", "r:y"]
PATTERNS_OF_ACTIONS = st.sampled_from(["*", "s:*", "S:A", "s:a?", "?:a", "t:*a", "u:a"])
PATTERNS_OF_RESOURCES = st.sampled_from(["*", "r:x", "r:x*", "r:?", "R:x", "r:*y", "b"])


@st.composite
def policies(draw: st.DrawFn) -> list[dict[str, Any]]:
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


def spelled_out(policy: list[dict[str, Any]], action: str, resource: str) -> set[bool]:
    """Brute force: whether it is allowed, for every way in which the conditions may turn out, those of Denies not."""

    def among(patterns: str | list[str], text: str) -> bool:
        each = [patterns] if isinstance(patterns, str) else patterns
        return any(re.fullmatch(p.replace("*", "(.|:)*").replace("?", "."), text) for p in each)

    def about_it(written: dict[str, Any]) -> bool:
        if "Action" in written:
            named = written["Action"]
            acts = among([named.lower()] if isinstance(named, str) else [a.lower() for a in named], action)
        else:
            named = written["NotAction"]
            acts = not among([named.lower()] if isinstance(named, str) else [a.lower() for a in named], action)
        if "Resource" in written:
            return acts and among(written["Resource"], resource)
        return acts and not among(written["NotResource"], resource)

    results = set()
    for holds in itertools.product([True, False], repeat=len(policy)):
        applying = [
            written["Effect"]
            for written, held in zip(policy, holds, strict=True)
            if about_it(written) and ("Condition" not in written or (held and written["Effect"] == "Allow"))
        ]
        results.add("Allow" in applying and "Deny" not in applying)
    return results


@given(policies(), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
@settings(max_examples=1500, deadline=None)
def test_it_reads_policies_as_brute_force_does(policy: list[dict[str, Any]], action: str, resource: str) -> None:
    expected = {
        frozenset({True}): Access.DIRECT,
        frozenset({False}): Access.NONE,
        frozenset({True, False}): Access.CONDITIONAL,
    }[frozenset(spelled_out(policy, action, resource))]
    read = tuple(statements({"Statement": policy}))
    assert granted_by(read, action, resource) is expected
    assert granted_by(tuple(about({action[0]}, read)), action, resource) is expected
