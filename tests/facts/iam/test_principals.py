import json
import random
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from msgspec.structs import replace

from readiness.aws.client import Aws
from readiness.engine.collect import Past, collect
from readiness.engine.each import Each
from readiness.engine.rule import passed
from readiness.engine.snapshot import ROOT
from readiness.facts.iam.authorization_details import SERVICES
from readiness.facts.iam.principals import Principal
from readiness.iam.evaluate import Access, access
from readiness.iam.holders import WAYS, holders
from readiness.model import Reason, Unavailable, Unreadable, Verdict
from tests.aws.account import ACCOUNT, ARN, Account
from tests.aws.managed import publish
from tests.engine.shops import rule_of, unexpected

HOME = "arn:aws:iam::123456789012"
TOGGLE = "dynamodb:UpdateContinuousBackups"
TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}

Json = dict[str, Any]


def allow(action: str = "dynamodb:GetItem", **other: Any) -> Json:
    return {"Effect": "Allow", "Action": action, "Resource": "*"} | other


DOCUMENTS = ("AssumeRolePolicyDocument", "Document", "PolicyDocument")


def policy(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def sent(answer: Any) -> Any:
    """As AWS sends it, and botocore undoes it: documents are JSON, quoted as in a URL."""
    if isinstance(answer, dict):
        return {
            key: quote(json.dumps(value)) if key in DOCUMENTS and isinstance(value, dict) else sent(value)
            for key, value in answer.items()
        }
    return [sent(each) for each in answer] if isinstance(answer, list) else answer


def role(account: Account, name: str = "cart", *trust: Json, **other: Any) -> str:
    document = json.dumps(policy(*(trust or [TRUST])))
    made = account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document, **other)
    return str(made["Role"]["Arn"])


def inline(account: Account, name: str, *statements: Json, role: str = "cart") -> None:
    account.client("iam").put_role_policy(
        RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy(*statements))
    )


def own(account: Account, name: str, *statements: Json) -> str:
    made = account.client("iam").create_policy(PolicyName=name, PolicyDocument=json.dumps(policy(*statements)))
    return str(made["Policy"]["Arn"])


def everybody(account: Account, past: Past | None = None) -> Each[Principal]:
    """All that a run reads, with what it needs for it."""

    def asks(principals: Each[Principal]) -> Verdict:
        return passed(f"{principals}")

    given = {Aws: {ROOT: account.aws}}
    snapshot = collect(rule_of(asks).checks, replace(past or Past({}), given=given), defect=unexpected)
    return snapshot.each(Principal, ROOT)


def attach(account: Account, name: str = "AWSLambdaBasicExecutionRole", role: str = "cart", **published: Any) -> str:
    """Attach an AWS managed policy to a role."""
    [arn] = publish(name, **published)
    account.client("iam").attach_role_policy(RoleName=role, PolicyArn=arn)
    return arn


def read(account: Account, arn: str = f"{HOME}:role/cart") -> Principal:
    return everybody(account)[arn]


def may(principal: Principal, action: str, resource: str = ARN) -> Access:
    return access(principal.identity, action, resource)


def test_a_role_with_policies_of_its_own(account: Account) -> None:
    arn = role(account, Path="/shop/")
    inline(account, "table", allow(Sid="Table"), allow("ec2:*"))
    limits = own(account, "limits", allow("dynamodb:Describe*"))
    account.client("iam").attach_role_policy(RoleName="cart", PolicyArn=limits)
    found = read(account, arn)
    assert (found.arn, found.name, found.managed) == (f"{HOME}:role/shop/cart", "cart", ())
    assert found.identity.policies == (limits,)
    written = [(each.policy, each.sid, each.actions) for each in found.identity.statements]
    assert written == [("table", "Table", ("dynamodb:getitem",)), ("limits", "", ("dynamodb:describe*",))]
    assert [each.principals for each in found.trust] == [("Service:lambda.amazonaws.com",)]
    assert account.calls[-1:] == ["iam:GetAccountAuthorizationDetails"]


def test_a_policy_of_awss_own_counts_by_its_default_version(account: Account) -> None:
    role(account)
    attach(account)
    found = read(account)
    assert (found.managed, found.identity.policies) == (("AWSLambdaBasicExecutionRole",), ())
    assert may(found, "logs:PutLogEvents", "arn:aws:logs:us-east-1:123456789012:log-group:a") is Access.DIRECT
    assert may(found, "dynamodb:GetItem") is Access.NONE


def test_a_user_has_what_its_groups_have(account: Account) -> None:
    iam = account.client("iam")
    arn = iam.create_user(UserName="ann")["User"]["Arn"]
    group = iam.create_group(GroupName="oncall", Path="/people/")["Group"]["Arn"]
    iam.add_user_to_group(GroupName="oncall", UserName="ann")
    iam.put_group_policy(GroupName="oncall", PolicyName="p", PolicyDocument=json.dumps(policy(allow(TOGGLE))))
    iam.attach_group_policy(GroupName="oncall", PolicyArn=own(account, "reads", allow()))
    iam.put_user_policy(UserName="ann", PolicyName="q", PolicyDocument=json.dumps(policy(allow("dynamodb:Scan"))))
    iam.attach_group_policy(GroupName="oncall", PolicyArn=publish("AWSLambdaBasicExecutionRole")[0])
    found = read(account, arn)
    assert (found.identity.kind, found.trust, found.identity.groups) == ("user", (), (group,))
    assert (found.identity.policies, found.managed) == ((f"{HOME}:policy/reads",), ("AWSLambdaBasicExecutionRole",))
    assert {may(found, action) for action in (TOGGLE, "dynamodb:GetItem", "dynamodb:Scan")} == {Access.DIRECT}


def test_a_document_that_has_not_changed_is_read_by_the_first_run_of_a_process(account: Account) -> None:
    role(account)
    inline(account, "table", allow("dynamodb:Query"))
    first, again = read(account), read(account)
    assert again.identity.statements[0] is first.identity.statements[0]
    inline(account, "table", allow("dynamodb:Scan"))
    assert may(read(account), "dynamodb:Query") is Access.NONE


def test_a_boundary(account: Account) -> None:
    limit = own(account, "limit", allow("dynamodb:Get*"))
    role(account, PermissionsBoundary=limit)
    inline(account, "all", allow("dynamodb:*"))
    found = read(account)
    assert found.identity.boundary_policy == limit
    assert found.identity.policies == ()
    assert (may(found, "dynamodb:GetItem"), may(found, TOGGLE)) == (Access.DIRECT, Access.BOUNDED)


@pytest.mark.parametrize(
    ("trust", "trusted"),
    [
        pytest.param([TRUST], (), id="a service"),
        pytest.param([TRUST | {"Principal": {"Federated": "accounts.google.com"}}], (), id="a federation"),
        pytest.param([TRUST | {"Principal": {"AWS": [f"{HOME}:root"]}}], (f"{HOME}:root",), id="the account"),
        pytest.param([TRUST | {"Principal": "*"}], ("*",), id="everybody"),
        pytest.param([TRUST | {"Principal": "*", "Action": "sts:TagSession"}], (), id="to do something else"),
        pytest.param(
            [TRUST | {"Principal": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}],
            ("*",),
            id="under a condition",
        ),
        pytest.param(
            [TRUST | {"Principal": {"AWS": ["1" * 12, "2" * 12]}}, TRUST | {"Effect": "Deny", "Principal": "1" * 12}],
            ("2" * 12,),
            id="all but one who is denied",
        ),
        pytest.param(
            [TRUST | {"Principal": {"AWS": "1" * 12}}, TRUST | {"Effect": "Deny", "Principal": "*"}],
            (),
            id="nobody, for everybody is denied",
        ),
        pytest.param(
            [
                TRUST | {"Principal": {"AWS": "1" * 12}},
                TRUST | {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
            ],
            ("1" * 12,),
            id="whoever is denied under a condition only",
        ),
    ],
)
def test_who_may_assume_a_role(account: Account, trust: list[Json], trusted: tuple[str, ...]) -> None:
    role(account)

    def change(answer: Json) -> None:
        answer["RoleDetailList"][0].update(sent({"AssumeRolePolicyDocument": policy(*trust)}))

    account.alter("iam", "GetAccountAuthorizationDetails", change)
    assert read(account).identity.trusted == trusted


def test_a_policy_may_come_on_a_later_page_than_who_has_it(account: Account) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html: IsTruncated."""
    one, other = detail("a", limit("reads")), detail("b", limit("reads"))
    answered(
        account,
        page(RoleDetailList=[one]) | {"IsTruncated": True, "Marker": "1"},
        page() | {"IsTruncated": True, "Marker": "2"},
        page(RoleDetailList=[other], Policies=[managed("reads", allow())]),
    )
    found = list(everybody(account))
    assert [may(each, "dynamodb:GetItem") for each in found] == [Access.DIRECT, Access.DIRECT]
    assert found[0].identity.statements[0] is found[1].identity.statements[0], "a policy of many is read once"


SECRET = "s3cret"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"RolePolicyList": [{"PolicyName": "p", "PolicyDocument": f"%7B{SECRET}"}]}, id="its own policy"),
        pytest.param({"AssumeRolePolicyDocument": {"Statement": {"Effect": SECRET}}}, id="its trust policy"),
        pytest.param({"AttachedManagedPolicies": [{"PolicyArn": f"{HOME}:policy/broken"}]}, id="one attached"),
        pytest.param({"AttachedManagedPolicies": [{"PolicyArn": f"{HOME}:policy/none"}]}, id="one not in the answer"),
        pytest.param({"AttachedManagedPolicies": [{"PolicyArn": f"{HOME}:policy/void"}]}, id="one without a version"),
        pytest.param({"PermissionsBoundary": {"PermissionsBoundaryArn": f"{HOME}:policy/broken"}}, id="its boundary"),
        pytest.param(
            {"PermissionsBoundary": {"PermissionsBoundaryArn": f"{HOME}:policy/none"}}, id="a boundary not in it"
        ),
    ],
)
def test_what_is_malformed_makes_one_principal_unavailable(account: Account, broken: Json) -> None:
    policies = [managed("broken", {"Effect": SECRET}), managed("void") | {"PolicyVersionList": []}]
    answered(account, page(RoleDetailList=[detail("cart") | broken, detail("quote")], Policies=policies))
    found = everybody(account)
    with pytest.raises(Unreadable) as raised:
        list(found)
    assert list(raised.value.elements) == [f"{HOME}:role/cart"]
    unread = raised.value.first
    assert (unread.reason, unread.permission) == (Reason.MALFORMED, "iam:GetAccountAuthorizationDetails")
    assert unread.detail
    assert SECRET not in unread.detail
    assert found[f"{HOME}:role/quote"].name == "quote"


LIMITED = {"PermissionsBoundary": {"PermissionsBoundaryArn": f"{HOME}:policy/reads"}}
JANE = {"Arn": f"{HOME}:user/jane", "UserName": "jane", "GroupList": ["g"], "AttachedManagedPolicies": []}
PEOPLE = {"Arn": f"{HOME}:group/g", "GroupName": "g", "GroupPolicyList": [], "AttachedManagedPolicies": []}


def lacking(where: Json, *path: str | int) -> None:
    """Take one member out."""
    *way, member = path
    holder: Any = where
    for step in way:
        holder = holder[step]
    del holder[member]


@pytest.mark.parametrize(
    ("path", "unread"),
    [
        pytest.param(("RoleDetailList",), None, id="without the list of roles others may be missing"),
        pytest.param(("UserDetailList",), None, id="without the list of users others may be missing"),
        pytest.param(("RoleDetailList", 0, "Arn"), None, id="a role without an ARN is one of those that are missing"),
        pytest.param(("UserDetailList", 0, "Arn"), None, id="likewise a user"),
        pytest.param(
            ("RoleDetailList", 0, "AssumeRolePolicyDocument"), "role/cart", id="a role without a trust policy"
        ),
        pytest.param(("RoleDetailList", 0, "RolePolicyList"), "role/cart", id="without the list of its policies"),
        pytest.param(("RoleDetailList", 0, "RolePolicyList", 0, "PolicyName"), "role/cart", id="one without a name"),
        pytest.param(("RoleDetailList", 0, "RolePolicyList", 0, "PolicyDocument"), "role/cart", id="or a document"),
        pytest.param(("RoleDetailList", 0, "AttachedManagedPolicies"), "role/cart", id="without those attached to it"),
        pytest.param(
            ("RoleDetailList", 0, "AttachedManagedPolicies", 0, "PolicyArn"),
            "role/cart",
            id="one of them without an ARN",
        ),
        pytest.param(
            ("RoleDetailList", 0, "PermissionsBoundary", "PermissionsBoundaryArn"), "role/cart", id="a boundary without"
        ),
        pytest.param(("Policies",), "role/cart", id="without the list of policies those who have one"),
        pytest.param(("Policies", 0, "Arn"), "role/cart", id="a policy without an ARN may be anybody's"),
        pytest.param(("Policies", 0, "PolicyVersionList"), "role/cart", id="a policy without versions"),
        pytest.param(("Policies", 0, "PolicyVersionList", 0, "IsDefaultVersion"), "role/cart", id="which counts"),
        pytest.param(("Policies", 0, "PolicyVersionList", 0, "Document"), "role/cart", id="and what it says"),
        pytest.param(("UserDetailList", 0, "GroupList"), "user/jane", id="a user without its groups"),
        pytest.param(("UserDetailList", 0, "AttachedManagedPolicies"), "user/jane", id="or policies"),
        pytest.param(("GroupDetailList",), "user/jane", id="without the list of groups those who are in one"),
        pytest.param(("GroupDetailList", 0, "GroupName"), "user/jane", id="a group without a name may be anybody's"),
        pytest.param(("GroupDetailList", 0, "Arn"), "user/jane", id="or an ARN"),
        pytest.param(("GroupDetailList", 0, "GroupPolicyList"), "user/jane", id="or policies of its own"),
        pytest.param(("GroupDetailList", 0, "AttachedManagedPolicies"), "user/jane", id="or attached"),
    ],
)
def test_what_an_answer_lacks_is_unknown_of_whom_it_is_about(
    account: Account, path: tuple[str | int, ...], unread: str | None
) -> None:
    answer = page(
        RoleDetailList=[detail("cart", limit("reads"), LIMITED), detail("quote")],
        UserDetailList=[JANE],
        GroupDetailList=[PEOPLE],
        Policies=[managed("reads", allow())],
    )
    whole: Json = json.loads(json.dumps(answer))
    lacking(whole, *path)
    answered(account, whole)
    found = everybody(account)
    elements = {arn: each for arn, each in found.answers().items() if isinstance(each, Unavailable)}
    assert list(elements) == ([f"{HOME}:{unread}"] if unread else [])
    assert (found.unlisted is None) is (unread is not None)
    why = next(iter(elements.values()), found.unlisted)
    assert why
    assert (why.reason, why.permission) == (Reason.INCOMPLETE_ANSWER, "iam:GetAccountAuthorizationDetails")
    if path != ("RoleDetailList",):
        assert found[f"{HOME}:role/quote"].name == "quote"


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(("RoleDetailList", 0, "RoleName"), id="a role's name is in its ARN"),
        pytest.param(("UserDetailList", 0, "UserName"), id="likewise a user's"),
        pytest.param(
            ("UserDetailList", 0, "UserPolicyList"), id="AWS leaves a user's policies out where there are none"
        ),
        pytest.param(("RoleDetailList", 0, "PermissionsBoundary"), id="and a boundary"),
    ],
)
def test_what_an_answer_may_lack(account: Account, path: tuple[str | int, ...]) -> None:
    """https://docs.aws.amazon.com/cli/latest/reference/iam/get-account-authorization-details.html: its example."""
    boundary = {"PermissionsBoundary": {"PermissionsBoundaryArn": f"{HOME}:policy/reads"}}
    ann = JANE | {"GroupList": [], "UserPolicyList": []}
    roles, policies = [detail("cart", boundary)], [managed("reads", allow())]
    answer = page(RoleDetailList=roles, UserDetailList=[ann], Policies=policies)
    whole: Json = json.loads(json.dumps(answer))
    lacking(whole, *path)
    answered(account, whole)
    assert [each.name for each in everybody(account)] == ["cart", "jane"]


def test_an_empty_answer_is_not_an_account_with_nobody_in_it(account: Account) -> None:
    account.answer("iam", "GetAccountAuthorizationDetails", {})
    unlisted = everybody(account).unlisted
    assert unlisted
    assert unlisted.reason is Reason.INCOMPLETE_ANSWER


def test_what_is_no_arn_is_nobody(account: Account) -> None:
    answered(account, page(RoleDetailList=[detail("cart") | {"Arn": "cart"}]))
    assert everybody(account).unlisted


def test_a_group_that_is_malformed_or_unknown_makes_its_users_unavailable(account: Account) -> None:
    group = {
        "Arn": f"{HOME}:group/g",
        "GroupName": "g",
        "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": "x"}],
        "AttachedManagedPolicies": [],
    }
    users = [
        {"Arn": f"{HOME}:user/{name}", "UserName": name, "GroupList": groups, "AttachedManagedPolicies": []}
        for name, groups in (("ann", ["g"]), ("bob", ["gone"]), ("cid", []))
    ]
    answered(account, page(UserDetailList=users, GroupDetailList=[group]))
    found = everybody(account).answers()
    unread = {arn.rpartition("/")[2]: each.detail for arn, each in found.items() if isinstance(each, Unavailable)}
    assert unread == {"ann": "p: is not a policy document", "bob": "the group gone is missing in the response"}


def test_what_a_role_may_do_with_other_services_is_kept_aside(account: Account) -> None:
    limits = own(account, "limits", allow("ec2:Describe*"), allow("dynamodb:*"))
    role(account, PermissionsBoundary=limits)
    inline(
        account, "p", allow(Action=["dynamodb:GetItem", "ec2:RunInstances"]), allow("s3:*"), allow("ssm:GetParameter")
    )
    instance = "arn:aws:ec2:us-east-1:123456789012:instance/i-1"
    found = read(account)
    whole = found.whole()
    assert (may(found, "ec2:RunInstances", instance), may(whole, "ec2:RunInstances", instance)) == (
        Access.NONE,
        Access.BOUNDED,
    )
    assert sorted(action for each in whole.identity.statements for action in each.actions) == [
        "dynamodb:getitem",
        "ec2:runinstances",
        "s3:*",
        "ssm:getparameter",
    ]
    assert whole.identity.boundary
    assert [each.actions for each in whole.identity.boundary] == [("ec2:describe*",), ("dynamodb:*",)]
    assert whole.whole() == whole


def test_of_users_nothing_is_kept_aside(account: Account) -> None:
    arn = account.client("iam").create_user(UserName="ann")["User"]["Arn"]
    account.client("iam").put_user_policy(
        UserName="ann", PolicyName="q", PolicyDocument=json.dumps(policy(allow("ec2:*")))
    )
    found = read(account, arn)
    assert found.whole() == found


def test_nothing_is_shown_of_values_of_conditions_and_of_other_services(account: Account) -> None:
    secret = {"StringEquals": {"sts:ExternalId": SECRET}}
    role(account, "cart", TRUST | {"Condition": secret})
    inline(account, "p", allow(Condition=secret), allow(f"ec2:{SECRET}"), allow("s3:GetObject", Condition=secret))
    found = read(account)
    assert len(found.identity.statements) == 2
    assert found.trust[0].conditions == ("StringEquals sts:ExternalId",)
    assert SECRET not in repr(found)


def test_it_survives_a_snapshot(account: Account) -> None:
    role(account, PermissionsBoundary=own(account, "limit", allow("dynamodb:*", Sid="Limit"), allow("ec2:*")))
    inline(account, "p", allow("ec2:*"))
    found = read(account)
    saved = msgspec.to_builtins(found, enc_hook=lambda _: None)
    assert msgspec.convert(saved, Principal) == found


def test_whatever_makes_a_holder_is_kept() -> None:
    assert {way.partition(":")[0] for way in WAYS} <= SERVICES


CHANGES: dict[str, Json] = {
    "its own policy": {"RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy(allow("dynamodb:Scan"))}]},
    "a policy about other services": {
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy(allow(), allow("ec2:*"))}]
    },
    "a value of a condition": {
        "RolePolicyList": [
            {"PolicyName": "p", "PolicyDocument": policy(allow(Condition={"Bool": {"aws:SecureTransport": "true"}}))}
        ]
    },
    "its trust policy": {"AssumeRolePolicyDocument": policy(TRUST | {"Principal": "*"})},
    "what is attached": {"AttachedManagedPolicies": [{"PolicyArn": f"{HOME}:policy/reads"}]},
    "what an attached policy says": {"AttachedManagedPolicies": [{"PolicyArn": f"{HOME}:policy/writes"}]},
    "its boundary": {"PermissionsBoundary": {"PermissionsBoundaryArn": f"{HOME}:policy/reads"}},
    "what its boundary says": {"PermissionsBoundary": {"PermissionsBoundaryArn": f"{HOME}:policy/writes"}},
}


def test_the_digest_changes_with_whatever_decides(account: Account) -> None:
    policies = [managed("reads", allow()), managed("writes", allow("dynamodb:PutItem"))]
    roles = [detail("cart"), *(detail(f"{place}") | change for place, change in enumerate(CHANGES.values()))]
    answered(account, page(RoleDetailList=roles, Policies=policies))
    assert len({each.digest for each in everybody(account)}) == len(CHANGES) + 1


def test_the_digest_is_the_same_whatever_the_order(account: Account) -> None:
    def shuffled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: shuffled(value[key]) for key in random.sample(list(value), len(value))}
        return random.sample([shuffled(each) for each in value], len(value)) if isinstance(value, list) else value

    several = policy(allow(Action=["dynamodb:GetItem", "dynamodb:Query", "sqs:*"]), allow("s3:*"), allow("kms:*"))
    own = {"RolePolicyList": [{"PolicyName": name, "PolicyDocument": several} for name in "abc"]}
    attached = {"AttachedManagedPolicies": [{"PolicyArn": f"{HOME}:policy/{name}"} for name in ("reads", "writes")]}
    policies = [managed("reads", allow()), managed("writes", allow("dynamodb:PutItem"))]
    whole = page(RoleDetailList=[detail("cart") | own | attached, detail("quote")], Policies=policies)
    answered(account, *(shuffled(whole) for _ in range(10)))
    assert len({read(account).digest for _ in range(10)}) == 1


def test_who_of_an_account_may_switch_recovery_off(account: Account) -> None:
    role(account, "breakglass", TRUST | {"Principal": {"AWS": f"{HOME}:root"}})
    inline(account, "p", allow(TOGGLE), role="breakglass")
    role(account, "deployer")
    inline(account, "p", allow("iam:PassRole"), role="deployer")
    role(account, "cart")
    identities = [each.identity for each in everybody(account)]
    found = {holder.arn.rpartition("/")[2]: holder.access for holder in holders(identities, TOGGLE, ARN)}
    assert found == {"breakglass": Access.DIRECT, "deployer": Access.INDIRECT}


def test_a_refusal_does_not_look_like_an_empty_account(account: Account) -> None:
    account.refuse("iam", "GetAccountAuthorizationDetails", "AccessDenied")
    unlisted = everybody(account).unlisted
    assert unlisted
    assert (unlisted.reason, unlisted.permission) == (Reason.ACCESS_DENIED, "iam:GetAccountAuthorizationDetails")


def test_an_account_with_nobody_in_it(account: Account) -> None:
    found: Each[Principal] = everybody(account)
    assert (list(found), found.unlisted) == ([], None)


def limit(name: str) -> Json:
    return {"AttachedManagedPolicies": [{"PolicyName": name, "PolicyArn": f"{HOME}:policy/{name}"}]}


def detail(name: str, *other: Json) -> Json:
    """A role with a policy of its own, as GetAccountAuthorizationDetails has it."""
    whole: Json = {
        "Arn": f"{HOME}:role/{name}",
        "RoleName": name,
        "AssumeRolePolicyDocument": policy(TRUST),
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": policy(allow())}],
        "AttachedManagedPolicies": [],
    }
    for more in other:
        whole |= more
    return whole


def managed(name: str, *statements: Json) -> Json:
    version = {"VersionId": "v1", "IsDefaultVersion": True, "Document": policy(*statements)}
    return {"Arn": f"{HOME}:policy/{name}", "PolicyName": name, "PolicyVersionList": [version]}


def page(**lists: Any) -> Json:
    kinds = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
    return {**{kind: [] for kind in kinds}, "IsTruncated": False, **lists}


def answered(account: Account, *pages: Json) -> None:
    account.answer("iam", "GetAccountAuthorizationDetails", *map(sent, pages))


@pytest.mark.parametrize(
    ("principal", "services"),
    [
        pytest.param({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}, ("ec2", "lambda"), id="services"),
        pytest.param({"AWS": ACCOUNT}, (), id="no service"),
        pytest.param("*", None, id="everybody"),
    ],
)
def test_which_services_a_role_trusts(account: Account, principal: Json, services: tuple[str, ...] | None) -> None:
    role(account, "cart", TRUST | {"Principal": principal})
    found = read(account).identity.services
    assert found == (None if services is None else tuple(f"{each}.amazonaws.com" for each in services))
