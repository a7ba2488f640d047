from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.pitr_admins import UPDATE_PITR, PitrAdmins, pitr_admins
from readiness.facts.iam.principals import Principal
from readiness.facts.lambda_.functions import Function
from readiness.iam.evaluate import Access, Identity
from readiness.iam.statement import Statement, statements
from readiness.model import Reason, Unavailable, Unreadable
from tests.aws.account import ARN

ALLOWED = Statement(allow=True, actions=("dynamodb:*",), resources=("*",))
CREATE_ROLE = Statement(allow=True, actions=("iam:putrolepolicy",), resources=("*",))
NO_POLICY = ResourcePolicy(())
DENIED = Unavailable(Reason.MALFORMED, "iam:GetAccountAuthorizationDetails")


NO_FUNCTIONS: Each[Function] = Each({})


def arn(name: str, kind: str = "role") -> str:
    return f"arn:aws:iam::123456789012:{kind}/{name}"


def principal(name: str, *statements: Statement, digest: str = "1") -> Principal:
    identity = Identity(arn(name), "role", statements)
    return Principal(arn(name), name.rpartition("/")[2], identity, (), (), digest)


def among(*known: Principal, unread: Mapping[str, Unavailable] | None = None) -> Each[Principal]:
    return Each({each.arn: each for each in known} | dict(unread or {}))


def test_those_who_may_in_the_order_of_their_names(table: Table) -> None:
    found = pitr_admins(
        table,
        among(principal("shop", ALLOWED), principal("admin", ALLOWED), principal("reader")),
        NO_POLICY,
        NO_FUNCTIONS,
    )
    assert [(holder.arn, holder.access) for holder in found.holders] == [
        (arn("admin"), Access.DIRECT),
        (arn("shop"), Access.DIRECT),
    ]
    assert {(holder.action, holder.resource) for holder in found.holders} == {(UPDATE_PITR, ARN)}
    assert found.whole


def test_a_detour_is_found(table: Table) -> None:
    found = pitr_admins(
        table, among(principal("admin", ALLOWED), principal("deploy", CREATE_ROLE)), NO_POLICY, NO_FUNCTIONS
    )
    assert found.holders[1].access is Access.INDIRECT
    assert found.holders[1].action == "iam:PutRolePolicy"


def test_a_principal_that_could_not_be_read_hides_nobody_else(table: Table) -> None:
    found = pitr_admins(table, among(principal("admin", ALLOWED), unread={arn("odd"): DENIED}), NO_POLICY, NO_FUNCTIONS)
    assert [holder.arn for holder in found.holders] == [arn("admin")]
    with pytest.raises(Unreadable) as unread:
        found.certain()
    assert unread.value.elements == {arn("odd"): DENIED}


def test_a_policy_that_could_not_be_read_leaves_who_is_allowed_directly_by_another(table: Table) -> None:
    shop, deploy = principal("shop", ALLOWED), principal("deploy", CREATE_ROLE)
    unread = [replace(each, unread=DENIED) for each in (shop, deploy, principal("reader"))]
    found = pitr_admins(table, among(*unread), NO_POLICY, NO_FUNCTIONS)
    assert [holder.arn for holder in found.holders] == [shop.arn], "the other could be allowed directly, too"
    assert found.unread == {arn("deploy"): DENIED, arn("reader"): DENIED}


def test_a_boundary_that_could_not_be_read_may_exclude_it(table: Table) -> None:
    found = pitr_admins(
        table, among(replace(principal("shop", ALLOWED), unread_boundary=DENIED)), NO_POLICY, NO_FUNCTIONS
    )
    assert (found.holders, found.unread) == ((), {arn("shop"): DENIED})


def test_nobody_is_not_the_same_as_nobody_known(table: Table) -> None:
    denied = Unavailable(Reason.ACCESS_DENIED, "iam:GetAccountAuthorizationDetails")
    found = pitr_admins(table, Each({}, unlisted=denied), NO_POLICY, NO_FUNCTIONS)
    assert found == PitrAdmins((), {}, denied)
    with pytest.raises(Unreadable):
        found.certain()


def test_roles_of_aws_itself_are_left_out_read_or_not(table: Table) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html."""
    own = "aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
    assert pitr_admins(table, among(principal(own, ALLOWED)), NO_POLICY, NO_FUNCTIONS) == PitrAdmins(())
    assert pitr_admins(table, among(unread={arn(own): DENIED}), NO_POLICY, NO_FUNCTIONS) == PitrAdmins(())


def test_a_path_that_only_looks_like_that_of_aws_hides_nobody(table: Table) -> None:
    assert pitr_admins(
        table, among(principal("x:role/aws-service-role/y/admin", ALLOWED)), NO_POLICY, NO_FUNCTIONS
    ).holders


def test_unchanged_documents_are_not_judged_again(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    known = among(principal("warm", ALLOWED))
    before = pitr_admins(table, known, NO_POLICY, NO_FUNCTIONS)
    monkeypatch.delattr("readiness.facts.iam.pitr_admins.holders")
    assert pitr_admins(table, among(principal("warm", ALLOWED)), NO_POLICY, NO_FUNCTIONS) == before


def test_a_changed_document_is(table: Table) -> None:
    assert pitr_admins(table, among(principal("cold", ALLOWED)), NO_POLICY, NO_FUNCTIONS).holders
    assert not pitr_admins(table, among(principal("cold", digest="2")), NO_POLICY, NO_FUNCTIONS).holders


def test_another_table_is_another_question(table: Table) -> None:
    own = Statement(allow=True, actions=(UPDATE_PITR.lower(),), resources=(ARN,))
    other = Table("other", f"{ARN}-other", table.account, table.region)
    assert pitr_admins(table, among(principal("scoped", own)), NO_POLICY, NO_FUNCTIONS).holders
    assert not pitr_admins(other, among(principal("scoped", own)), NO_POLICY, NO_FUNCTIONS).holders


def on_the_table(*who: str, allow: bool = True, conditions: tuple[str, ...] = ()) -> ResourcePolicy:
    said = Statement(
        allow=allow, actions=(UPDATE_PITR.lower(),), resources=(ARN,), conditions=conditions, principals=tuple(who)
    )
    return ResourcePolicy((said,))


@pytest.mark.parametrize(
    ("policy", "access"),
    [
        pytest.param(on_the_table(arn("guest")), Access.DIRECT, id="who is named needs no policy of their own"),
        pytest.param(on_the_table("*"), Access.DIRECT, id="nor does anybody where all are"),
        pytest.param(on_the_table(arn("guest"), conditions=("Bool aws:Via",)), Access.CONDITIONAL, id="once"),
        pytest.param(on_the_table(arn("other")), None, id="another is named"),
        pytest.param(on_the_table("123456789012"), None, id="the account leaves it to their own"),
    ],
)  # fmt: skip
def test_the_tables_own_policy_may_allow_it(table: Table, policy: ResourcePolicy, access: Access | None) -> None:
    found = pitr_admins(table, among(principal("guest")), policy, NO_FUNCTIONS)
    assert [holder.access for holder in found.holders] == ([access] if access else [])


def test_the_tables_own_policy_may_deny_it_to_who_can_not_change_that_policy(table: Table) -> None:
    denied = on_the_table("*", allow=False)
    assert not pitr_admins(table, among(principal("one", may(UPDATE_PITR), digest="one")), denied, NO_FUNCTIONS).holders
    (admin,) = pitr_admins(table, among(principal("admin", ALLOWED)), denied, NO_FUNCTIONS).holders
    assert (admin.access, admin.action) == (Access.INDIRECT, "dynamodb:PutResourcePolicy")


def test_who_is_denied_it_is_not_let_in_by_the_tables_policy(table: Table) -> None:
    denied = Statement(allow=False, actions=("*",), resources=("*",))
    assert not pitr_admins(
        table, among(principal("shut-out", denied)), on_the_table(arn("shut-out")), NO_FUNCTIONS
    ).holders


def test_where_the_tables_policy_could_not_be_read_there_may_be_others(table: Table) -> None:
    denied = Unavailable(Reason.ACCESS_DENIED, "dynamodb:GetResourcePolicy")
    found = pitr_admins(table, among(principal("admin", ALLOWED)), denied, NO_FUNCTIONS)
    assert [holder.arn for holder in found.holders] == [arn("admin")]
    assert found.unlisted == denied


def function(name: str, role: str) -> Function:
    return Function(name, f"arn:aws:lambda:us-east-1:123456789012:function:{name}", arn(role), ())


def running(*known: Function) -> Each[Function]:
    return Each({each.arn: each for each in known})


def may(action: str, resource: str = "*") -> Statement:
    return Statement(allow=True, actions=(action.lower(),), resources=(resource,))


def indirectly(
    table: Table, *statements: Statement, policy: ResourcePolicy = NO_POLICY, functions: Each[Function] = NO_FUNCTIONS
) -> tuple[str, str] | None:
    """By which action on what a role `ci` may, beside a role `admin` that may directly."""
    among_two = among(principal("admin", ALLOWED), principal("ci", *statements, digest=repr(statements)))
    found = pitr_admins(table, among_two, policy, functions)
    return next(
        ((each.action, each.resource) for each in found.holders if (each.arn, each.access) == (arn("ci"), INDIRECT)),
        None,
    )


INDIRECT = Access.INDIRECT
JOB = function("job", "admin")


@pytest.mark.parametrize("action", ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"])
def test_who_changes_a_function_that_runs_as_one_who_may_is_a_detour(table: Table, action: str) -> None:
    every = "arn:aws:lambda:us-east-1:123456789012:function:*"
    assert indirectly(table, may(action, every), functions=running(JOB)) == (action, JOB.arn)
    assert indirectly(table, may(action, JOB.arn), functions=running(JOB)) == (action, JOB.arn)
    assert indirectly(table, may(action, f"{JOB.arn}-2"), functions=running(JOB)) is None
    assert indirectly(table, may(action, every), functions=running(function("job", "reader"))) is None
    assert indirectly(table, may("lambda:InvokeFunction", every), functions=running(JOB)) is None


@pytest.mark.parametrize("written", ["dynamodb:PutResourcePolicy", "dynamodb:Put*"])
def test_who_writes_the_tables_own_policy_is_a_detour(table: Table, written: str) -> None:
    assert indirectly(table, may(written, ARN)) == ("dynamodb:PutResourcePolicy", ARN)
    assert indirectly(table, may(written, f"{ARN}-staging")) is None


def test_who_is_denied_it_does_not_let_itself_in_by_the_tables_own_policy(table: Table) -> None:
    denied = Statement(allow=False, actions=(UPDATE_PITR.lower(),), resources=("*",))
    assert indirectly(table, may("dynamodb:*"), denied) is None
    writer = principal("writer", may("dynamodb:Put*"), digest="bounded")
    bounded = replace(writer, known=replace(writer.identity, boundary=(ALLOWED, denied)))
    assert not pitr_admins(table, among(bounded), NO_POLICY, NO_FUNCTIONS).holders
    within = replace(denied, conditions=("Bool aws:SecureTransport",))
    assert indirectly(table, may("dynamodb:Put*"), within) == ("dynamodb:PutResourcePolicy", ARN)


def test_who_deletes_a_policy_that_keeps_somebody_from_it_is_a_detour(table: Table) -> None:
    deletes = may("dynamodb:DeleteResourcePolicy", ARN)
    assert indirectly(table, deletes) is None
    assert indirectly(table, deletes, policy=on_the_table(arn("other"), allow=False)) is None
    found = indirectly(table, deletes, policy=on_the_table(arn("admin"), allow=False))
    assert found == ("dynamodb:DeleteResourcePolicy", ARN)


def test_another_role_of_a_function_is_another_question(table: Table) -> None:
    changes = may("lambda:UpdateFunctionCode")
    assert indirectly(table, changes, functions=running(function("warm-job", "admin")))
    assert not indirectly(table, changes, functions=running(function("warm-job", "reader")))


def test_where_functions_could_not_be_listed_there_may_be_others(table: Table) -> None:
    denied = Unavailable(Reason.ACCESS_DENIED, "lambda:ListFunctions")
    found = pitr_admins(table, among(principal("admin", ALLOWED)), NO_POLICY, Each({}, unlisted=denied))
    assert [holder.arn for holder in found.holders] == [arn("admin")]
    assert found.unlisted == denied


def test_who_lets_itself_in_by_the_tables_policy_where_that_is_not_known(table: Table) -> None:
    """The first half alone would let `whole` be true where the table's policy was not read."""
    denied = Unavailable(Reason.ACCESS_DENIED, "dynamodb:GetResourcePolicy")
    missing = Unavailable(Reason.ACCESS_DENIED, "iam:GetAccountAuthorizationDetails")
    found = pitr_admins(table, Each({}, unlisted=missing), denied, NO_FUNCTIONS)
    assert found.unlisted == missing
    assert not pitr_admins(table, among(), denied, NO_FUNCTIONS).whole


def test_another_value_of_a_condition_in_the_tables_policy_is_another_question(table: Table) -> None:
    def given(who: str) -> ResourcePolicy:
        only = {"ArnEquals": {"aws:PrincipalArn": who}}
        written = {"Effect": "Allow", "Principal": "*", "Action": UPDATE_PITR, "Resource": ARN, "Condition": only}
        return ResourcePolicy(statements({"Statement": written}))

    known = among(principal("guest", digest="conditional"))
    (guest,) = pitr_admins(table, known, given(arn("guest")), NO_FUNCTIONS).holders
    assert guest.access is Access.DIRECT
    assert not pitr_admins(table, known, given(arn("other")), NO_FUNCTIONS).holders
