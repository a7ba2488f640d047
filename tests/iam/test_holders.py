import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from readiness.iam.condition import Condition
from readiness.iam.evaluate import Access, Identity
from readiness.iam.holders import holders
from readiness.iam.statement import Statement, statements
from tests.iam.brute_force import Policy, outcomes

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


def to(*services: str, operator: str = "StringEquals") -> dict[str, Any]:
    """Only to these services."""
    one = Condition(operator, "iam:PassedToService", tuple(f"{service}.amazonaws.com" for service in services))
    return {"conditions": (one.text,), "by_value": (one,)}


@pytest.mark.parametrize(
    ("trusts", "condition", "passes"),
    [
        pytest.param(("lambda",), {}, True, id="a service trusts it"),
        pytest.param((), {}, True, id="no service may act as it so far"),
        pytest.param(("ec2", "lambda"), to("lambda"), True, id="to one of those that may"),
        pytest.param(("ec2",), to("lambda"), False, id="only to one that may not"),
        pytest.param(("ec2",), to("lambda", "ec2"), True, id="to one more"),
        pytest.param(("ec2",), to("ec*", operator="StringLike"), True, id="by a pattern"),
        pytest.param(("ec2",), to("ec2", operator="StringNotEquals"), False, id="to any but that"),
        pytest.param(("ec2",), to("lambda", operator="StringIs"), True, id="by an operator that nobody knows"),
        pytest.param(None, {}, True, id="nobody knows who may act as it"),
    ],
)
def test_a_role_is_passed_to_a_service_that_may_act_as_it(
    trusts: tuple[str, ...] | None,
    condition: dict[str, Any],
    passes: bool,  # noqa: FBT001
) -> None:
    services = None if trusts is None else tuple(f"{service}.amazonaws.com" for service in trusts)
    holder = role("breakglass", may(TOGGLE), services=services)
    assert ("deployer" in found(holder, role("deployer", may("iam:PassRole", **condition)))) is passes


@pytest.mark.parametrize(
    ("action", "stacks", "services", "changes"),
    [
        pytest.param("cloudformation:UpdateStack", "*", ("cloudformation.amazonaws.com",), True, id="any"),
        pytest.param(
            "cloudformation:ExecuteChangeSet",
            "arn:aws:cloudformation:*:*:stack/*",
            ("cloudformation.amazonaws.com",),
            True,
            id="by a change set",
        ),
        pytest.param("cloudformation:UpdateStack", "*", ("lambda.amazonaws.com",), False, id="not its service role"),
        pytest.param(
            "cloudformation:DescribeStacks", "*", ("cloudformation.amazonaws.com",), False, id="looking is no change"
        ),
    ],
)
def test_who_updates_a_stack_acts_as_its_service_role(
    action: str,
    stacks: str,
    services: tuple[str, ...],
    changes: bool,  # noqa: FBT001
) -> None:
    holder = role("exec", may(TOGGLE), services=services)
    assert ("ci" in found(holder, role("ci", may(action, stacks)))) is changes
    assert "ci" not in found(role("exec", services=services), role("ci", may(action, stacks)))


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


def test_lifting_the_boundary_that_holds_one_back_is_a_way() -> None:
    bounded = role("bounded", may(TOGGLE), boundary=(may("s3:*"),), boundary_policy=f"{ACCOUNT}:policy/limit")
    assert found(bounded, role("lifter", may("iam:DeleteRolePermissionsBoundary")))["lifter"] == (
        Access.INDIRECT,
        "iam:DeleteRolePermissionsBoundary",
    )
    editor = role("editor", may("iam:CreatePolicyVersion", f"{ACCOUNT}:policy/limit"))
    assert found(bounded, editor)["editor"] == (Access.INDIRECT, "iam:CreatePolicyVersion")
    assert found(role("bounded", boundary=(may("s3:*"),)), role("lifter", may("iam:Delete*"))) == {}


def test_taking_away_the_deny_that_holds_one_back_is_a_way() -> None:
    forbidden = role("forbidden", may(TOGGLE), replace(may(TOGGLE), allow=False))
    deleter = role("deleter", may("iam:DeleteRolePolicy"))
    assert found(forbidden, deleter) == {"deleter": (Access.INDIRECT, "iam:DeleteRolePolicy")}
    assert found(role("cart"), deleter) == {}


def test_a_session_of_a_role_may_be_trusted() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html."""
    trusting = role("breakglass", may(TOGGLE), trusted=("arn:aws:sts::123456789012:assumed-role/dev/alice",))
    assert set(found(trusting, role("team/dev"), role("team/other"))) == {"breakglass", "dev"}


def test_a_path_may_have_colons() -> None:
    assert set(found(role("a:b/admin", may(TOGGLE)), role("c:d/deploy", may("iam:PutRolePolicy")))) == {
        "admin",
        "deploy",
    }


def test_everybody_trusted_needs_no_policy() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html: all principals."""
    assert "dev" in found(role("breakglass", may(TOGGLE), trusted=("*",)), role("dev"))


def test_who_may_assume_is_bound_by_its_boundary_unless_a_user_is_named() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html: resource-based policies."""
    user = Identity(f"{ACCOUNT}:user/ann", "user", (), boundary=(may("s3:*"),))
    bounded = role("dev", boundary=(may("s3:*"),))
    holder = role("breakglass", may(TOGGLE), trusted=(user.arn, bounded.arn))
    assert set(found(holder, user, bounded)) == {"breakglass", "ann"}
    denied = replace(user, boundary=(replace(may("sts:*"), allow=False),))
    assert set(found(holder, denied)) == {"breakglass"}


@dataclass
class Being:
    """A principal of a tiny account, as documents have it."""

    arn: str
    policies: Policy
    boundary: Policy | None
    groups: tuple[str, ...]
    attached: tuple[str, ...]
    limit: str
    trusted: tuple[str, ...]

    @property
    def kind(self) -> Literal["role", "user"]:
        return "role" if ":role/" in self.arn else "user"

    def identity(self) -> Identity:
        limit = None if self.boundary is None else statements({"Statement": self.boundary})
        own = statements({"Statement": self.policies})
        attached, limiting = self.attached, self.limit if limit is not None else ""
        return Identity(self.arn, self.kind, own, limit, attached, self.groups, self.trusted, limiting)

    def can(self, action: str, resource: str) -> bool:
        limits = [] if self.boundary is None else [self.boundary]
        return all(True in outcomes(policy, action, resource) for policy in [self.policies, *limits])

    def forbidden(self, action: str, resource: str) -> bool:
        """Even if all else were allowed."""
        anything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        every = [self.policies, self.boundary or []]
        return any(outcomes([anything, *policy], action, resource) == {False} for policy in every)

    def may_enter(self, door: "Being") -> bool:
        name = self.arn.rpartition("/")[2]
        if {"*", self.arn, f"arn:aws:sts::123456789012:assumed-role/{name}/s"} & set(door.trusted):
            bound = self.kind == "role" and self.boundary is not None
            within = not bound or True in outcomes(self.boundary or [], "sts:AssumeRole", door.arn)
            if within and not self.forbidden("sts:AssumeRole", door.arn):
                return True
        return f"{ACCOUNT}:root" in door.trusted and self.can("sts:AssumeRole", door.arn)

    def touched(self, **other: Any) -> bool:
        """Whether it can after such a change of itself."""
        return dataclasses.replace(self, **other).can(TOGGLE, TABLE)


ALL = [{"Effect": "Allow", "Action": "*", "Resource": "*"}]
ARNS = [f"{ACCOUNT}:role/a", f"{ACCOUNT}:role/p/b", f"{ACCOUNT}:user/u"]
GROUP, POLICY, LIMIT = f"{ACCOUNT}:group/g", f"{ACCOUNT}:policy/own", f"{ACCOUNT}:policy/limit"


def ways(actor: Being, beings: list[Being]) -> Iterator[tuple[str, str]]:
    """Every single step after which somebody can, by doing the step to the account and looking again."""
    for each in beings:
        kind, was_able = each.kind.title(), each.can(TOGGLE, TABLE)
        allowed = [written for written in each.policies if written["Effect"] == "Allow"]
        edited, freed = each.touched(policies=ALL), not was_able and each.touched(policies=allowed)
        unbound = not was_able and each.touched(boundary=None)
        for effective, verbs in (
            (edited, [f"Put{kind}Policy", f"Attach{kind}Policy"]),
            (freed, [f"Delete{kind}Policy", f"Detach{kind}Policy"]),
            (unbound, [f"Delete{kind}PermissionsBoundary", f"Put{kind}PermissionsBoundary"]),
            (was_able and kind == "Role", ["PassRole", "UpdateAssumeRolePolicy"]),
            (was_able and kind == "User", ["CreateAccessKey", "CreateLoginProfile", "UpdateLoginProfile"]),
        ):
            yield from ((f"iam:{verb}", each.arn) for verb in verbs if effective)
        for group in each.groups:
            yield from ((f"iam:{verb}", group) for verb in ("PutGroupPolicy", "AttachGroupPolicy") if edited)
            yield from ((f"iam:{verb}", group) for verb in ("AddUserToGroup",) if was_able)
            undone = ("DeleteGroupPolicy", "DetachGroupPolicy", "RemoveUserFromGroup")
            yield from ((f"iam:{verb}", group) for verb in undone if freed)
        for policy, effective in (*((each_own, edited) for each_own in each.attached), (each.limit, unbound)):
            versions = ("CreatePolicyVersion", "SetDefaultPolicyVersion")
            yield from ((f"iam:{verb}", policy) for verb in versions if effective)
        if was_able and actor.may_enter(each):
            yield "sts:AssumeRole", each.arn


ACTIONS = st.sampled_from([TOGGLE, "dynamodb:*", "*", "s3:*", "sts:AssumeRole", "sts:*"]) | st.sampled_from(
    ["iam:*", "iam:Put*", "iam:*RolePolicy", "iam:*Boundary", "iam:*Key", "iam:De*Policy", "iam:*Group*", "iam:Create*"]
)
PLACES = st.sampled_from(["*", "*", TABLE, *ARNS, GROUP, POLICY, LIMIT, f"{ACCOUNT}:role/*", f"{ACCOUNT}:user/?", "b*"])


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    return [
        {
            "Effect": draw(st.sampled_from(["Allow", "Allow", "Deny"])),
            draw(st.sampled_from(["Action", "Action", "Action", "NotAction"])): draw(
                st.lists(ACTIONS, min_size=1, max_size=2)
            ),
            draw(st.sampled_from(["Resource", "Resource", "Resource", "NotResource"])): draw(PLACES),
            **draw(st.sampled_from([{}, {}, {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}])),
        }
        for _ in range(draw(st.integers(0, 3)))
    ]


@st.composite
def accounts(draw: st.DrawFn) -> list[Being]:
    trusts = [*ARNS, "*", f"{ACCOUNT}:root", "arn:aws:sts::123456789012:assumed-role/b/s", "arn:aws:iam::9:root"]
    return [
        Being(
            arn,
            draw(policies()),
            draw(st.none() | policies()),
            (GROUP,) if arn == ARNS[2] and draw(st.booleans()) else (),
            (POLICY,) if draw(st.booleans()) else (),
            LIMIT,
            tuple(draw(st.lists(st.sampled_from(trusts), max_size=1))) if ":role/" in arn else (),
        )
        for arn in ARNS
    ]


@given(accounts())
@settings(max_examples=8 * settings().max_examples, deadline=None)
def test_it_finds_the_holders_that_brute_force_finds(beings: list[Being]) -> None:
    told = {each.arn: each for each in holders([being.identity() for being in beings], TOGGLE, TABLE)}
    for being in beings:
        holder, open_to_it = told.get(being.arn), set()
        if not being.can(TOGGLE, TABLE):
            others = list(ways(being, beings))
            open_to_it = {way for way in others if way[0] == "sts:AssumeRole" or being.can(*way)}
            trapped = True in outcomes(being.policies, TOGGLE, TABLE)
            expected = {Access.INDIRECT} if open_to_it else {Access.BOUNDED} if trapped else set()
            assert {holder.access for holder in [holder] if holder} == expected
        else:
            assert holder
            assert holder.access in {Access.DIRECT, Access.CONDITIONAL}
        if holder and holder.access is Access.INDIRECT:
            assert (holder.action, holder.resource) in open_to_it


def test_who_edits_roles_that_may_nothing_is_no_way_to_anything() -> None:
    own = [
        role(f"r{n}", may("dynamodb:GetItem", f"{TABLE}-{n}*"), may("iam:PutRolePolicy", f"{ACCOUNT}:role/none{n}-*"))
        for n in range(100)
    ]
    assert list(holders(own, TOGGLE, TABLE)) == []
