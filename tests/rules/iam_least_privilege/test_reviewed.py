"""`iam-least-privilege` beside the policies that were reviewed."""

from typing import Any

import pytest
from msgspec.structs import replace

from readiness.checklist import DocumentationSettings
from readiness.engine.rule import Verdict, not_applicable
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.reviewed_rights import reviewed_rights
from readiness.facts.iam.table_roles import RolePolicies, TableRole
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.manifest import ApplicationManifest
from readiness.model import Gone, Omission, Reason, Status, Unavailable, Unreadable
from readiness.rules import iam_least_privilege
from readiness.rules.iam_least_privilege import reviewed
from tests.aws.account import ACCOUNT, ARN, REGION
from tests.rules.facts import checklist
from tests.rules.manifests import manifest, policy
from tests.rules.roles import (
    GROUP,
    ITEMS,
    LOGS,
    NO_POLICY,
    ROLE,
    THE_TABLE,
    Document,
    allow,
    by_table,
    deny,
    document,
    principal,
    role,
)

GONE = Gone("the role cart does not exist")
BUCKETS = [f"arn:aws:s3:::mail-{number:02}/*" for number in range(11)]
ELSEWHERE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"


def said(*written: Document, **named: tuple[Document, ...]) -> ApplicationManifest:
    """What was reviewed for the cart, and for others by their names."""
    others = {"cart": written, **named}
    return manifest(policies=tuple(policy(name, *each) for name, each in others.items()))


def as_reviewed(  # noqa: PLR0917  as the fact has them
    table: Table,
    of: TableRole,
    policies: RolePolicies | Gone,
    policy_of_table: ResourcePolicy | Unavailable,
    meant: ApplicationManifest,
    settings: Checklist,
) -> Verdict:
    rights = reviewed_rights(table, of, policies, policy_of_table, meant, settings)
    return iam_least_privilege.as_reviewed(of, rights) if rights else not_applicable("nothing to compare")


def compared(
    live: tuple[Document, ...],
    meant: tuple[Document, ...],
    policy_of_table: ResourcePolicy | Unavailable = NO_POLICY,
    **other: Any,
) -> Verdict:
    policies = RolePolicies(principal({"live": document(*live)}, **other))
    return as_reviewed(THE_TABLE, role(), policies, policy_of_table, said(*meant), checklist())


def items(*actions: str, on: str | list[str] = ARN, **other: Any) -> Document:
    return allow([f"dynamodb:{action}" for action in actions], on, **other)


def keys(operator: str = "ForAllValues:StringLike", *values: str) -> dict[str, Any]:
    return {"Condition": {operator: {"dynamodb:LeadingKeys": list(values) or ["CART#*"]}}}


def under(operator: str, key: str, *values: str) -> Document:
    """The cart's items under a condition."""
    return items("GetItem", Condition={operator: {key: list(values)}})


TRACES = allow(["xray:PutTraceSegments"], "*")
SECRET = allow("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:pay-??????")
OURS = deny("dynamodb:PutItem", ARN, **keys("ForAnyValue:StringLike"))


@pytest.mark.parametrize(
    ("live", "meant", "status"),
    [
        pytest.param((ITEMS, LOGS), (ITEMS, LOGS), Status.PASS, id="just what was reviewed passes"),
        pytest.param(
            (items("GetItem"), items("PutItem")), (items("GetItem", "PutItem"),), Status.PASS, id="cut in two"
        ),
        pytest.param((allow("dynamodb:getitem", ARN),), (items("GetItem"),), Status.PASS, id="in other letters"),
        pytest.param(
            (items("GetItem"),), (items("Get*"),), Status.WARN, id="less than a reviewed pattern is a warning"
        ),
        pytest.param((items("Get*"),), (items("GetItem"),), Status.FAIL, id="a pattern that means more fails"),
        pytest.param((items("GetItem", "Scan"),), (items("GetItem"),), Status.FAIL, id="an action more fails"),
        pytest.param((items("GetItem", on="*"),), (items("GetItem"),), Status.FAIL, id="a wider resource fails"),
        pytest.param(
            (items("GetItem"), items("GetItem", on=ELSEWHERE)),
            (items("GetItem"),),
            Status.FAIL,
            id="another table fails",
        ),
        pytest.param((ITEMS, allow("s3:*", "*")), (ITEMS,), Status.FAIL, id="another service fails"),
        pytest.param((ITEMS, LOGS), (ITEMS,), Status.FAIL, id="logs of its own making fail"),
        pytest.param(
            (items("GetItem"),), (items("GetItem", "PutItem"),), Status.WARN, id="an action less is a warning"
        ),
        pytest.param(
            (items("GetItem"),),
            (items("GetItem", on="arn:aws:dynamodb:REGION:ACCOUNT:table/babesclub-commerce"),),
            Status.PASS,
            id="a template leaves Region and account open",
        ),
        pytest.param(
            (items("GetItem", on=ARN.replace(REGION, "eu-west-1")),),
            (items("GetItem", on="arn:aws:dynamodb:REGION:ACCOUNT:table/babesclub-commerce"),),
            Status.FAIL,
            id="it means those of the table",
        ),
        pytest.param(
            (items("GetItem", **keys()),), (items("GetItem", **keys()),), Status.PASS, id="under the reviewed condition"
        ),
        pytest.param(
            (items("GetItem", **keys()),), (items("GetItem"),), Status.WARN, id="under a condition it is less"
        ),
        pytest.param((items("GetItem"),), (items("GetItem", **keys()),), Status.FAIL, id="without the condition fails"),
        pytest.param(
            (items("GetItem", "PutItem"), deny("dynamodb:PutItem", ARN)),
            (items("GetItem"),),
            Status.PASS,
            id="what a Deny takes away is no more",
        ),
        pytest.param((ITEMS, OURS), (ITEMS, OURS), Status.PASS, id="with the reviewed Deny"),
        pytest.param((ITEMS,), (ITEMS, OURS), Status.FAIL, id="without the reviewed Deny it fails"),
        pytest.param(
            (ITEMS, deny("dynamodb:Put*", "*", **keys("ForAnyValue:StringLike"))),
            (ITEMS, OURS),
            Status.PASS,
            id="a Deny of more will do",
        ),
        pytest.param(
            (allow(None, "*", NotAction="iam:*"),), (ITEMS,), Status.FAIL, id="all but some is more than was reviewed"
        ),
        pytest.param(
            (allow(None, "*", NotAction="iam:*"),),
            (allow(None, "*", NotAction="iam:*"),),
            Status.PASS,
            id="all but some, if that was reviewed",
        ),
        pytest.param(
            (allow("dynamodb:GetItem", None, NotResource=ELSEWHERE),),
            (items("GetItem"),),
            Status.FAIL,
            id="everywhere but somewhere fails",
        ),
        pytest.param((ITEMS, TRACES, SECRET), (ITEMS, TRACES, SECRET), Status.PASS, id="of other services too"),
        pytest.param((ITEMS, TRACES), (ITEMS, TRACES, SECRET), Status.WARN, id="less of another service"),
        pytest.param(
            (ITEMS, allow("xray:Put*", "*")), (ITEMS, TRACES), Status.FAIL, id="a pattern of another service means more"
        ),
        pytest.param(
            (ITEMS, allow("xray:PutTrace*", "*")),
            (ITEMS, TRACES),
            Status.PASS,
            id="or no more than it was reviewed for",
        ),
        pytest.param((ITEMS, TRACES), (ITEMS, allow("xray:puttrace*", "*")), Status.PASS, id="reviewed as a pattern"),
        *(
            pytest.param((ITEMS, allow(action, "*")), (ITEMS, LOGS), Status.FAIL, id=f"{action}, which nobody reviewed")
            for action in (
                "secretsmanager:GetSecretValue",
                "ssm:GetParameter",
                "cloudformation:UpdateStack",
                "ec2:RunInstances",
                "s3:GetObject",
                "nosuchservice:Anything",
            )
        ),
        pytest.param(
            (ITEMS, allow("secretsmanager:GetSecretValue", "*")), (ITEMS, SECRET), Status.FAIL, id="any other secret"
        ),
        pytest.param(
            (allow(None, "*", NotAction=["iam:*", "s3:*"]),),
            (allow(None, "*", NotAction="iam:*"),),
            Status.WARN,
            id="all but more was reviewed",
        ),
        pytest.param(
            (allow(None, "*", NotAction="iam:*"),),
            (allow(None, "*", NotAction=["iam:*", "s3:*"]),),
            Status.FAIL,
            id="all but less than was reviewed",
        ),
        pytest.param(
            (allow("s3:GetObject", "*"),),
            (allow(None, "*", NotAction="iam:*"),),
            Status.WARN,
            id="one of all but some that were reviewed",
        ),
        pytest.param(
            (allow("iam:PassRole", "*"),),
            (allow(None, "*", NotAction="iam:*"),),
            Status.FAIL,
            id="one of those that were not",
        ),
        pytest.param(
            (allow("s3:GetObject", None, NotResource=["arn:aws:s3:::mail/*", "arn:aws:s3:::keys/*"]),),
            (allow("s3:GetObject", None, NotResource="arn:aws:s3:::keys/*"),),
            Status.WARN,
            id="everywhere but in more places than reviewed",
        ),
        pytest.param(
            (allow("s3:GetObject", None, NotResource="arn:aws:s3:::mail/*"),),
            (allow("s3:GetObject", None, NotResource="arn:aws:s3:::keys/*"),),
            Status.FAIL,
            id="everywhere but in another place",
        ),
        pytest.param(
            (allow("*", "*"), deny(None, "*", NotAction=["dynamodb:GetItem", "s3:GetObject"])),
            (allow(["dynamodb:GetItem", "s3:GetObject"], "*"),),
            Status.PASS,
            id="everything, less all but what was reviewed",
        ),
        pytest.param(
            (allow("*", "*"), deny(None, "*", NotAction="s3:*")),
            (allow("s3:GetObject", "*"),),
            Status.FAIL,
            id="everything, less all but more than was reviewed",
        ),
        pytest.param(
            (allow(None, "*", NotAction="iam:*"), deny(None, "*", NotAction=["iam:GetRole", "s3:GetObject"])),
            (allow("s3:GetObject", "*"),),
            Status.PASS,
            id="all but some, less all but what it does not grant either",
        ),
        pytest.param(
            (
                allow("s3:GetObject", None, NotResource="arn:aws:s3:::keys/*"),
                deny("s3:*", None, NotResource=["arn:aws:s3:::keys/*", "arn:aws:s3:::mail/*"]),
            ),
            (allow("s3:GetObject", "arn:aws:s3:::mail/*"),),
            Status.PASS,
            id="everywhere but somewhere, less all but where it reaches nothing either",
        ),
        pytest.param(
            (
                allow("s3:GetObject", None, NotResource="arn:aws:s3:::mail/keys/*"),
                deny("s3:*", None, NotResource="arn:aws:s3:::mail/*"),
            ),
            (allow("s3:GetObject", None, NotResource="arn:aws:s3:::mail/drafts/*"),),
            Status.FAIL,
            id="less than everywhere but another place",
        ),
        pytest.param(
            (allow("dynamodb:*", ARN), deny(None, [ELSEWHERE, ARN], NotAction="dynamodb:GetItem")),
            (items("GetItem"),),
            Status.PASS,
            id="every action, less all but one of them, there and elsewhere",
        ),
        pytest.param(
            (allow("dynamodb:*", ARN), deny(None, None, NotAction="dynamodb:GetItem", NotResource=ARN)),
            (items("GetItem"),),
            Status.FAIL,
            id="every action, less all but one of them elsewhere",
        ),
        pytest.param(
            (items("GetItem", on="*"), deny("dynamodb:*", None, NotResource=ARN)),
            (items("GetItem"),),
            Status.PASS,
            id="everywhere, less all but the table",
        ),
        pytest.param(
            (items("GetItem", on="*"), deny("dynamodb:*", None, NotResource=[ARN, ELSEWHERE])),
            (items("GetItem"),),
            Status.FAIL,
            id="everywhere, less all but two tables",
        ),
        pytest.param(
            (items("GetItem", on="*"), deny(None, None, NotAction="s3:*", NotResource=ARN)),
            (items("GetItem"),),
            Status.FAIL,
            id="everywhere, less what is hard to tell",
        ),
        pytest.param(
            (items("GetItem", "Query"), deny("dynamodb:GetItem", ARN), deny("dynamodb:Query", ARN)),
            (items("GetItem", "Query"), deny(["dynamodb:GetItem", "dynamodb:Query"], ARN)),
            Status.PASS,
            id="a reviewed Deny cut in two",
        ),
        pytest.param(
            (ITEMS, deny(["xray:PutSpans", "xray:PutSpansForIndexing"], "*")),
            (ITEMS, deny("xray:PutSpans*", "*")),
            Status.PASS,
            id="a reviewed Deny spelled out",
        ),
        pytest.param(
            (ITEMS, deny("xray:PutSpans", "*")), (ITEMS, deny("xray:PutSpans*", "*")), Status.FAIL, id="or a part of it"
        ),
        pytest.param(
            (ITEMS, deny(None, "*", NotAction="dynamodb:*")),
            (ITEMS, deny(None, "*", NotAction=["dynamodb:*", "s3:*"])),
            Status.PASS,
            id="a Deny of all but less",
        ),
        pytest.param(
            (ITEMS, deny(None, "*", NotAction=["dynamodb:*", "s3:*"])),
            (ITEMS, deny(None, "*", NotAction="dynamodb:*")),
            Status.FAIL,
            id="a Deny of all but more",
        ),
        pytest.param(
            (allow("s3:GetObject", "arn:aws:s3:::shop-??-*"),),
            (allow("s3:GetObject", "arn:aws:s3:::shop-??-*"),),
            Status.PASS,
            id="the very pattern",
        ),
        pytest.param(
            (allow("s3:GetObject", f"arn:aws:s3:::mail-{ACCOUNT}-{REGION}/*"),),
            (allow("s3:GetObject", "arn:PARTITION:s3:::mail-ACCOUNT-REGION/*"),),
            Status.PASS,
            id="a bucket whose name has the account and Region in it",
        ),
    ],
)
def test_a_role_beside_its_reviewed_policy(
    live: tuple[Document, ...], meant: tuple[Document, ...], status: Status
) -> None:
    assert compared(live, meant).status is status


def test_the_worst_is_named_with_the_policy_that_grants_it() -> None:
    verdict = compared((items("GetItem", "DeleteItem"),), (items("GetItem"),))
    assert verdict.message == f"cart allows more than config/iam/cart.json: dynamodb:DeleteItem on {ARN} (policy live)"
    assert verdict.evidence["More"] == [f"dynamodb:DeleteItem on {ARN}"]


@pytest.mark.parametrize(
    ("granted", "listed", "last"),
    [
        pytest.param(10, 10, f"s3:PutObject on {BUCKETS[9]}", id="ten are all listed"),
        pytest.param(11, 11, "and 1 more", id="of eleven the last is counted"),
    ],
)
def test_of_many_rights_the_first_are_listed(granted: int, listed: int, last: str) -> None:
    verdict = compared((ITEMS, *(allow("s3:PutObject", bucket) for bucket in BUCKETS[:granted])), (ITEMS,))
    assert (len(verdict.evidence["More"]), verdict.evidence["More"][-1]) == (listed, last)


def test_what_a_boundary_keeps_back_is_a_warning() -> None:
    within = document(items("GetItem"))
    assert compared((items("GetItem", "DeleteItem"),), (items("GetItem"),), boundary=within).status is Status.WARN
    assert compared((allow("dynamodb:*", "*"),), (items("GetItem"),), boundary=within).status is Status.WARN
    elsewhere = document(items("GetItem", on=ELSEWHERE))
    assert compared((allow("dynamodb:*", "*"),), (items("GetItem"),), boundary=elsewhere).status is Status.FAIL
    one_bucket = document(items("GetItem"), allow("s3:GetObject", "arn:aws:s3:::mail/*"))
    live = (items("GetItem"), allow("s3:*", "*"))
    assert compared(live, (items("GetItem"),), boundary=one_bucket).status is Status.FAIL
    assert compared(live, (items("GetItem"),), boundary=within).status is Status.WARN
    all_but = document(allow(None, "*", NotAction="s3:*"))
    assert compared(live, (items("GetItem"),), boundary=all_but).status is Status.WARN
    denying = document(allow("*", "*"), deny(None, "*", NotAction="dynamodb:*"))
    assert compared(live, (items("GetItem"),), boundary=denying).status is Status.WARN
    wide = document(allow("dynamodb:*", "*"))
    assert compared((items("GetItem", "DeleteItem"),), (items("GetItem"),), boundary=wide).status is Status.FAIL


def test_the_policy_that_aws_wrote_for_logging_is_no_more_than_was_reviewed() -> None:
    basic = document(allow(["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "*"))
    who = principal({"live": document(ITEMS), "Basic": basic}, managed=("Basic",))
    own = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"
    meant = said(ITEMS, allow(["logs:CreateLogStream", "logs:PutLogEvents"], own))
    assert as_reviewed(THE_TABLE, role(), RolePolicies(who), NO_POLICY, meant, checklist()).status is Status.PASS
    s3 = principal({"live": document(ITEMS), "S3": document(allow("s3:*", "*"))}, managed=("S3",))
    assert as_reviewed(THE_TABLE, role(), RolePolicies(s3), NO_POLICY, said(ITEMS), checklist()).status is Status.FAIL


LIVE = RolePolicies(principal())


TEAM = "arn:aws:s3:::mail/${aws:PrincipalTag/team}/*"


@pytest.mark.parametrize(
    ("live", "meant", "status"),
    [
        pytest.param(allow("s3:GetObject", TEAM), allow("s3:GetObject", TEAM), Status.PASS, id="the same variable"),
        pytest.param(
            allow("s3:GetObject", TEAM.replace("team", "stage")), allow("s3:GetObject", TEAM), Status.FAIL, id="another"
        ),
        pytest.param(
            allow("s3:GetObject", "arn:aws:s3:::mail/*/*"), allow("s3:GetObject", TEAM), Status.FAIL, id="anything"
        ),
        pytest.param(
            allow("s3:GetObject", TEAM), allow("s3:GetObject", "arn:aws:s3:::mail/*"), Status.WARN, id="of anything"
        ),
        pytest.param(TRACES, deny("s3:GetObject", TEAM), Status.FAIL, id="a Deny with one that is not there"),
        pytest.param(deny("s3:GetObject", TEAM), deny("s3:GetObject", TEAM), Status.PASS, id="a Deny with one"),
    ],
)
def test_a_policy_variable_stands_for_no_more_than_itself(live: Document, meant: Document, status: Status) -> None:
    assert compared((ITEMS, TRACES, live), (ITEMS, TRACES, meant)).status is status


TAG, IP = "aws:PrincipalTag/team", "aws:SourceIp"


@pytest.mark.parametrize(
    ("live", "meant", "status"),
    [
        pytest.param(
            under("StringEquals", TAG, "mail"), under("StringEquals", TAG, "cart"), Status.FAIL, id="another value"
        ),
        pytest.param(
            under("StringEquals", TAG, "cart", "mail"), under("StringEquals", TAG, "cart"), Status.FAIL, id="one more"
        ),
        pytest.param(
            under("StringEquals", TAG, "cart"), under("StringEquals", TAG, "cart", "mail"), Status.WARN, id="one less"
        ),
        pytest.param(
            under("StringNotEquals", TAG, "cart"),
            under("StringNotEquals", TAG, "cart", "mail"),
            Status.FAIL,
            id="all but one, of all but two",
        ),
        pytest.param(
            under("StringNotEquals", TAG, "mail", "cart"),
            under("StringNotEquals", TAG, "cart"),
            Status.WARN,
            id="all but two, of all but one",
        ),
        pytest.param(
            under("stringequals", TAG.upper(), "cart"),
            under("StringEquals", TAG, "cart"),
            Status.PASS,
            id="in other letters",
        ),
        pytest.param(
            under("StringEquals", TAG, "b", "a"), under("StringEquals", TAG, "a", "b"), Status.PASS, id="in any order"
        ),
        pytest.param(
            under("StringEquals", TAG, "CART"), under("StringEquals", TAG, "cart"), Status.FAIL, id="a value's letters"
        ),
        pytest.param(
            under("StringEqualsIfExists", TAG, "cart"),
            under("StringEquals", TAG, "cart"),
            Status.FAIL,
            id="only if the request has it",
        ),
        pytest.param(
            items("GetItem", Condition={"Bool": {"aws:SecureTransport": True}}),
            under("Bool", "aws:SecureTransport", "true"),
            Status.PASS,
            id="a boolean is text",
        ),
        pytest.param(
            under("StringIs", TAG, "cart"),
            under("StringIs", TAG, "cart", "mail"),
            Status.FAIL,
            id="fewer values, by an operator that nobody knows",
        ),
        pytest.param(
            under("StringIs", TAG, "cart"), under("StringIs", TAG, "cart"), Status.PASS, id="the same by such a one"
        ),
        pytest.param(
            under("Null", TAG, "true"), under("Null", TAG, "false"), Status.FAIL, id="who lacks it, for who has it"
        ),
        pytest.param(
            under("IpAddress", IP, "0.0.0.0/0"), under("IpAddress", IP, "10.0.0.0/8"), Status.FAIL, id="from anywhere"
        ),
        pytest.param(
            under("StringEquals", "aws:RequestedRegion", REGION),
            under("StringEquals", "aws:RequestedRegion", "REGION"),
            Status.PASS,
            id="the Region that a template leaves open",
        ),
        pytest.param(
            under("StringLike", "aws:PrincipalTag/of", f"{ACCOUNT}-{REGION}-x"),
            under("StringLike", "aws:PrincipalTag/of", "ACCOUNT-REGION-x"),
            Status.PASS,
            id="a name that a template leaves open, of a key that nothing is judged by",
        ),
        pytest.param(
            under("StringEquals", "aws:RequestedRegion", "eu-west-1"),
            under("StringEquals", "aws:RequestedRegion", "REGION"),
            Status.FAIL,
            id="another than the one that is left open",
        ),
    ],
)
def test_conditions_are_compared_by_their_values(live: Document, meant: Document, status: Status) -> None:
    assert compared((live,), (meant,)).status is status


@pytest.mark.parametrize(
    ("live", "status"),
    [
        pytest.param(("CART#*",), Status.FAIL, id="less is denied"),
        pytest.param(("CART#*", "READINESS#*", "X#*"), Status.PASS, id="more is denied"),
        pytest.param(("READINESS#*", "CART#*"), Status.PASS, id="the same is denied"),
        pytest.param(("CART#*", "ORDER#*"), Status.FAIL, id="something else is denied"),
    ],
)
def test_a_reviewed_deny_is_compared_by_the_values_of_its_conditions(live: tuple[str, ...], status: Status) -> None:
    reviewed = deny("dynamodb:PutItem", ARN, **keys("ForAnyValue:StringLike", "CART#*", "READINESS#*"))
    denying = deny("dynamodb:PutItem", ARN, **keys("ForAnyValue:StringLike", *live))
    assert compared((ITEMS, denying), (ITEMS, reviewed)).status is status


def test_a_manifest_without_the_values_of_conditions_proves_nothing_of_them() -> None:
    now = said(under("StringEquals", TAG, "cart"))
    (one,) = now.says.policies
    old = replace(one, statements=tuple(replace(each, by_value=()) for each in one.statements))
    former = replace(now, says=replace(now.says, policies=(old,)))

    def beside(*live: Document) -> Verdict:
        who = RolePolicies(principal({"live": document(*live)}))
        return as_reviewed(THE_TABLE, role(), who, NO_POLICY, former, checklist())

    verdict = beside(under("StringEquals", TAG, "mail"))
    assert verdict.status is Status.WARN
    assert (
        verdict.message
        == "config/iam/cart.json was recorded without condition values, so the conditions of cart are not compared"
    )
    assert verdict.remedy
    assert verdict.remedy.command == "readiness manifest . --table {table} --record"
    assert beside(items("GetItem")).status is Status.FAIL, "without the condition it may do more, whatever its value"


@pytest.mark.parametrize(
    ("live", "meant", "status"),
    [
        pytest.param(deny("dynamodb:Query", f"{ARN}/index/mail"), (), Status.WARN, id="one of the reviewed indexes"),
        pytest.param(deny("*", f"{ARN}/index/mail"), (), Status.WARN, id="everything on one of them"),
        pytest.param(
            deny("dynamodb:Query", f"{ARN}/index/mail"),
            (deny("dynamodb:Query", f"{ARN}/index/mail"),),
            Status.PASS,
            id="as it was reviewed",
        ),
        pytest.param(deny("s3:*", "arn:aws:s3:::keys/*"), (), Status.PASS, id="what nobody reviewed"),
        pytest.param(deny("dynamodb:Query", f"{ARN}-old/index/mail"), (), Status.PASS, id="of another table"),
    ],
)
def test_a_deny_of_a_part_leaves_less_than_was_reviewed(
    live: Document, meant: tuple[Document, ...], status: Status
) -> None:
    assert compared((ITEMS, live), (ITEMS, *meant)).status is status


@pytest.mark.parametrize(
    ("of", "names", "wanted", "status"),
    [
        pytest.param({"functions": ("cart",)}, ("cart",), {}, Status.PASS, id="named as the function"),
        pytest.param({"functions": ("babesclub-cart",)}, ("cart",), {}, Status.PASS, id="named as its end"),
        pytest.param({"functions": ("x",), "name": "cart-role"}, ("cart",), {}, Status.PASS, id="named as the role"),
        pytest.param({"functions": ("supercart",), "name": "x"}, ("cart",), {}, Status.FAIL, id="not a part of a word"),
        pytest.param({"functions": ("cart", "mail")}, ("cart",), {}, Status.PASS, id="by the role that they share"),
        pytest.param(
            {"functions": ("cart", "mail"), "name": "x"}, ("cart",), {}, Status.FAIL, id="one function without"
        ),
        pytest.param({"functions": ("cart",)}, (), {}, Status.FAIL, id="no policy at all"),
        pytest.param(
            {"functions": ("f1",), "name": "x"}, ("cart",), {"f*": "cart"}, Status.PASS, id="as the checklist says"
        ),
        pytest.param({"functions": ("cart",)}, ("cart",), {"c*": "mail"}, Status.FAIL, id="which it says wrongly"),
    ],
)
def test_a_role_has_a_reviewed_policy(
    of: dict[str, Any], names: tuple[str, ...], wanted: dict[str, str], status: Status
) -> None:
    given = manifest(policies=tuple(policy(name, ITEMS) for name in names))
    settings = checklist(documentation=DocumentationSettings(reviewed=wanted))
    assert reviewed(role(**of), LIVE, given, settings).status is status
    compared = as_reviewed(THE_TABLE, role(**of), LIVE, NO_POLICY, given, settings)
    assert (compared.status is Status.NOT_APPLICABLE) is (status is Status.FAIL)


def test_the_longest_name_is_meant() -> None:
    given = manifest(policies=(policy("report", ITEMS), policy("cart-report", ITEMS)))
    verdict = reviewed(role(functions=("shop-cart-report",), name="x"), LIVE, given, checklist())
    assert verdict.watched["Reviewed"] == ["cart-report"]


def test_functions_that_share_a_role_may_do_what_was_reviewed_for_any_of_them() -> None:
    given = said(items("GetItem"), checkout=(items("PutItem"),))
    who = RolePolicies(principal({"live": document(items("GetItem", "PutItem"))}))
    assert (
        as_reviewed(THE_TABLE, role(functions=("cart", "checkout")), who, NO_POLICY, given, checklist()).status
        is Status.PASS
    )


@pytest.mark.parametrize(
    ("given", "fix"),
    [
        pytest.param(None, "readiness manifest . --table {table} --record", id="no manifest"),
        pytest.param(manifest(policies=()), "", id="no policy in it"),
    ],
)
def test_a_policy_that_nobody_reviewed_is_not_recorded(given: ApplicationManifest | None, fix: str) -> None:
    verdict = reviewed(role(), LIVE, given, checklist())
    assert (verdict.status, verdict.omission) == (Status.FAIL, Omission.NOT_RECORDED)
    assert (verdict.remedy.command if verdict.remedy else "") == fix


def test_a_role_that_does_not_exist_is_the_concern_of_another_check() -> None:
    assert reviewed(role(), GONE, said(ITEMS), checklist()).status is Status.NOT_APPLICABLE
    assert reviewed(role(), GONE, None, checklist()).status is Status.NOT_APPLICABLE
    assert as_reviewed(THE_TABLE, role(), GONE, NO_POLICY, said(ITEMS), checklist()).status is Status.NOT_APPLICABLE


def test_what_the_tables_own_policy_gives_the_role_is_compared_too() -> None:
    given = by_table(allow("dynamodb:DeleteItem", ARN, Principal={"AWS": ROLE}))
    verdict = compared((items("GetItem"),), (items("GetItem"),), given)
    assert (verdict.status, verdict.evidence["More"]) == (Status.FAIL, [f"dynamodb:DeleteItem on {ARN}"])
    assert compared((items("GetItem"),), (items("GetItem", "DeleteItem"),), given).status is Status.PASS


def test_without_the_tables_own_policy_only_a_failure_is_certain() -> None:
    denied = Unavailable(Reason.ACCESS_DENIED, "dynamodb:GetResourcePolicy")
    assert compared((items("GetItem", "Scan"),), (items("GetItem"),), denied).status is Status.FAIL
    with pytest.raises(Unreadable):
        compared((items("GetItem"),), (items("GetItem"),), denied)


def test_the_remedy_puts_the_reviewed_policy_in_place_of_the_one_that_grants_more() -> None:
    more, attached = document(allow("s3:*", "*")), document(allow("ec2:*", "*"))
    who = principal({"a": document(items("GetItem")), "b": more, "EC2": attached}, managed=("EC2",))
    verdict = as_reviewed(THE_TABLE, role(), RolePolicies(who), NO_POLICY, said(items("GetItem")), checklist())
    assert verdict.evidence["PolicyName"] == "b"
    alone = principal({"a": document(items("GetItem")), "EC2": attached}, managed=("EC2",))
    verdict = as_reviewed(THE_TABLE, role(), RolePolicies(alone), NO_POLICY, said(items("GetItem")), checklist())
    assert verdict.evidence["PolicyName"] == "cart", "what is attached is shown, to be detached"
