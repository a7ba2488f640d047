import json
import shlex
import subprocess
from typing import Any

import pytest

from readiness.checklist import FunctionSettings
from readiness.engine.each import Each
from readiness.engine.rule import Check
from readiness.facts.iam.table_roles import RolePolicies, RoleReview, TableRole
from readiness.iam.catalogue import actions as catalogue
from readiness.iam.evaluate import Access, access
from readiness.iam.match import matches
from readiness.iam.statement import statements
from readiness.model import Gone, Reason, Status, Unavailable, Unreadable, Verdict
from readiness.rules.iam_least_privilege import (
    actions,
    administration,
    escalation,
    exists,
    functions,
    log_groups,
    logging,
    managed_policies,
    rule,
    scope,
    shared,
    trust,
)
from readiness.rules.iam_least_privilege.remedies import NOT_ELSEWHERE
from tests.aws.account import ACCOUNT, ARN, REGION
from tests.rules.facts import checklist
from tests.rules.roles import (
    BY_LAMBDA,
    GOOD,
    GROUP,
    ITEMS,
    LOGS,
    NEEDED,
    ROLE,
    THE_TABLE,
    Document,
    allow,
    by_table,
    deny,
    document,
    extra,
    principal,
    review,
    role,
)

JUDGES = (scope, administration, managed_policies, actions, escalation, log_groups, trust)
TABLES = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"
STRANGER = "999988887777"
ANYWHERE = "arn:aws:dynamodb:*:*:table/babesclub-commerce"
CONDITION = {"StringEquals": {"aws:RequestedRegion": REGION}}
OWN_ITEMS = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:userid}"]}}
NARROW = document(allow("dynamodb:GetItem", ARN), allow("logs:*", "*"))
"""A boundary that leaves one action on the table."""

ADMINISTRATOR = {"AdministratorAccess": document(allow("*", "*"))}


def logged(verdict_of: Any, found: RoleReview, of: TableRole | None = None) -> Verdict:
    about_logs = verdict_of in {logging, log_groups}
    said = verdict_of(of or role(), found, THE_TABLE) if about_logs else verdict_of(of or role(), found)
    assert isinstance(said, Verdict)
    return said


def listed(*needed: str) -> FunctionSettings:
    return FunctionSettings(actions={"*": (*NEEDED, *needed)})


def test_a_role_that_can_do_what_its_function_needs_passes() -> None:
    for judge in (*JUDGES, logging):
        verdict = logged(judge, review(principal()))
        assert (verdict.status, verdict.watched) == (Status.PASS, {}), judge.__name__


def test_a_role_that_only_reads_an_index_and_the_stream_passes() -> None:
    stream = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"]
    reads = [
        allow("dynamodb:Query", f"{ARN}/index/*"),
        allow(stream, f"{ARN}/stream/*"),
        allow("dynamodb:ListStreams", "*"),
    ]
    found = review(principal({"reads": document(*reads, LOGS)}))
    assert {logged(judge, found).status for judge in JUDGES} == {Status.PASS}


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(allow("dynamodb:GetItem", "*"), Status.FAIL, id="everything"),
        pytest.param(allow("dynamodb:GetItem", f"{TABLES}/*"), Status.FAIL, id="all tables"),
        pytest.param(allow("dynamodb:GetItem", f"{ARN}*"), Status.FAIL, id="a prefix reaches the staging table too"),
        pytest.param(allow("dynamodb:GetItem", f"{ARN}/*"), Status.PASS, id="what is below the table is the table's"),
        pytest.param(allow("dynamodb:Query", f"{ARN}/index/*"), Status.PASS, id="its indexes"),
        pytest.param(allow("dynamodb:GetItem", f"{TABLES}/orders"), Status.FAIL, id="another table"),
        pytest.param(allow("dynamodb:Ge?Item", "*"), Status.FAIL, id="a question mark in the action matches"),
        pytest.param(allow("DYNAMODB:GETITEM", "*"), Status.FAIL, id="IAM does not tell cases apart"),
        pytest.param(allow("*", ARN), Status.PASS, id="every action on the table is another check's"),
        pytest.param(allow("*", "arn:aws:s3:::photos/*"), Status.PASS, id="every action on a bucket"),
        pytest.param(
            allow(["dynamodb:GetItem", "s3:GetObject"], [ARN, "arn:*:s3:::photos/*"]),
            Status.PASS,
            id="a bucket beside the table grants no table",
        ),
        pytest.param(allow("dynamodb:ListTables", "*"), Status.PASS, id="AWS takes no resource for ListTables"),
        pytest.param(allow("dynamodb:ListTables", f"{TABLES}/*"), Status.PASS, id="nor does it then grant anything"),
        pytest.param(allow("dynamodb:List*", "*"), Status.FAIL, id="List* has some that can be scoped"),
        pytest.param(allow("cloudwatch:PutMetricData", "*"), Status.PASS, id="a metric has no resource"),
        pytest.param(allow("dynamodb:GetItem", ANYWHERE), Status.WARN, id="any Region and account"),
        pytest.param(
            allow("dynamodb:GetItem", ARN.replace(":aws:", ":*:")), Status.PASS, id="an account is in one partition"
        ),
        pytest.param(
            allow("dynamodb:GetItem", "*", Condition=CONDITION), Status.FAIL, id="a condition does not make it narrow"
        ),
        pytest.param(
            allow(None, "*", NotAction="iam:*"), Status.FAIL, id="NotAction grants all of DynamoDB"
        ),
        pytest.param(
            allow(None, ARN, NotAction="iam:*"), Status.FAIL, id="NotAction on the table too"
        ),
        pytest.param(allow(None, "*", NotAction="dynamodb:*"), Status.PASS, id="NotAction that leaves no DynamoDB"),
        pytest.param(
            allow(None, "arn:aws:s3:::photos/*", NotAction="iam:*"), Status.PASS, id="NotAction on a bucket alone"
        ),
        pytest.param(
            allow("dynamodb:GetItem", None, NotResource=f"{TABLES}/secret"), Status.FAIL, id="NotResource"
        ),
        pytest.param(
            allow("s3:GetObject", None, NotResource="arn:aws:s3:::secret/*"), Status.PASS, id="NotResource of a bucket"
        ),
        pytest.param(
            allow("*", None, NotResource="arn:aws:dynamodb:*"), Status.PASS, id="NotResource that leaves no DynamoDB"
        ),
        pytest.param(deny("dynamodb:DeleteItem", "*"), Status.PASS, id="a Deny grants nothing"),
    ],
)  # fmt: skip
def test_scope(written: Document, status: Status) -> None:
    assert scope(role(), extra(written)).status is status


@pytest.mark.parametrize(
    ("forbidden", "status"),
    [
        pytest.param(deny("dynamodb:*", "*"), Status.PASS, id="all of it is denied"),
        pytest.param(deny("dynamodb:GetItem", f"{TABLES}/*"), Status.PASS, id="just what was allowed is denied"),
        pytest.param(deny("dynamodb:PutItem", "*"), Status.FAIL, id="another action is denied"),
        pytest.param(deny("dynamodb:*", ARN), Status.FAIL, id="it still reaches all other tables"),
        pytest.param(deny("dynamodb:*", "*", Condition=CONDITION), Status.FAIL, id="a conditional Deny may not hold"),
        pytest.param(deny("dynamodb:*", f"{TABLES}/??"), Status.FAIL, id="a wildcard denies no more than it matches"),
    ],
)
def test_a_deny_counts_where_it_surely_covers_what_is_allowed(forbidden: Document, status: Status) -> None:
    assert scope(role(), extra(allow("dynamodb:GetItem", f"{TABLES}/*"), forbidden)).status is status


@pytest.mark.parametrize(
    ("boundary", "status"),
    [
        pytest.param(NARROW, Status.WARN, id="a narrow boundary keeps it back"),
        pytest.param(document(allow("dynamodb:*", f"{ARN}/*")), Status.WARN, id="so does one of the table"),
        pytest.param(document(allow("*", "arn:aws:s3:::photos/*")), Status.WARN, id="or of a bucket"),
        pytest.param(document(allow("dynamodb:*", "*")), Status.FAIL, id="a wide one does not"),
        pytest.param(document(allow("*", None, NotResource=ARN)), Status.FAIL, id="nor does one of all other tables"),
        pytest.param(
            document(allow("*", "*"), deny("dynamodb:*", "*")), Status.WARN, id="what a boundary denies is kept back"
        ),
        pytest.param(document(allow("dynamodb:*", "*", Condition=CONDITION)), Status.FAIL, id="nor a conditional one"),
    ],
)
@pytest.mark.parametrize(
    "written",
    [
        allow("dynamodb:*", "*"),
        allow(None, "*", NotAction="iam:*"),
        allow("dynamodb:*", None, NotResource=f"{TABLES}/secret"),
    ],
    ids=["identity of everything", "NotAction", "NotResource"],
)
def test_a_boundary_that_keeps_back_an_overbroad_policy(written: Document, boundary: Document, status: Status) -> None:
    verdict = scope(role(), extra(written, boundary=boundary))
    assert verdict.status is status
    assert ("its permissions boundary does not allow it" in verdict.message) is (status is Status.WARN)


def test_a_notaction_on_the_table_alone_is_kept_back_by_a_boundary_that_lets_use_it() -> None:
    assert scope(role(), extra(allow(None, ARN, NotAction="iam:*"), boundary=NARROW)).status is Status.WARN


def test_to_administer_the_table_is_not_to_reach_beyond_it() -> None:
    found = extra(allow("dynamodb:*", "*"), boundary=document(allow("dynamodb:DeleteTable", ARN)))
    assert scope(role(), found).status is Status.WARN
    assert administration(role(), found).status is Status.FAIL


def test_of_any_region_it_is_not_said_that_a_boundary_keeps_it_back() -> None:
    verdict = scope(role(), extra(allow("dynamodb:GetItem", ANYWHERE), boundary=document(allow("*", "*"))))
    assert verdict.status is Status.WARN
    assert "boundary" not in verdict.message


def test_a_boundary_that_administers_lets_a_notaction_administer() -> None:
    boundary = document(allow("dynamodb:DeleteTable", ARN))
    found = extra(allow(None, "*", NotAction="iam:*"), boundary=boundary)
    assert scope(role(), found).status is Status.FAIL
    assert administration(role(), found).status is Status.FAIL


def test_the_message_names_the_worst_statement_and_counts_the_others() -> None:
    found = extra(
        allow("dynamodb:GetItem", ANYWHERE, Sid="Near"),
        allow("dynamodb:GetItem", f"{TABLES}/*", Sid="Far", Condition=CONDITION),
    )
    verdict = scope(role(), found)
    assert verdict.message == (
        f"cart can access DynamoDB resources other than the table: extra (Far) allows dynamodb:GetItem on {TABLES}/*,"
        " conditional (StringEquals aws:RequestedRegion); and 1 more"
    )
    assert verdict.evidence == {
        "RoleName": "cart",
        "PolicyName": "extra",
        "Sid": "Far",
        "Action": ["dynamodb:GetItem"],
        "Resource": [f"{TABLES}/*"],
        "Condition": ["StringEquals aws:RequestedRegion"],
    }


def test_a_grant_that_is_widened_is_drift_and_one_that_moves_is_not() -> None:
    reads, widened = allow("dynamodb:GetItem", "*"), allow(["dynamodb:GetItem", "dynamodb:PutItem"], "*")
    assert scope(role(), extra(reads)).watched != scope(role(), extra(widened)).watched
    moved = review(principal({"cart": document(ITEMS, LOGS, reads)}))
    assert scope(role(), moved).watched == scope(role(), extra(reads)).watched


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {"boundary": NARROW}, id="by a boundary"),
        pytest.param({"boundary": NARROW}, {}, id="or by none"),
    ],
)
def test_what_holds_a_grant_back_is_part_of_what_is_watched(before: Any, after: Any) -> None:
    wide = allow("dynamodb:DescribeTable", ARN)
    assert actions(role(), extra(wide, **before)).watched != actions(role(), extra(wide, **after)).watched
    under_a_condition = {**wide, "Condition": CONDITION}
    assert actions(role(), extra(wide, **before)).watched != actions(role(), extra(under_a_condition, **before)).watched


def test_of_many_patterns_ten_are_shown_and_a_change_of_the_others_is_still_drift() -> None:
    many = [f"{TABLES}/orders-{number:02}" for number in range(12)]
    verdict = scope(role(), extra(allow("dynamodb:GetItem", many)))
    assert len(verdict.evidence["Resource"]) == 11
    assert verdict.evidence["Resource"][10].startswith("and 2 more")
    other = scope(role(), extra(allow("dynamodb:GetItem", [*many[:11], f"{TABLES}/orders-99"])))
    assert verdict.watched != other.watched


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(allow("dynamodb:*", ARN), Status.FAIL, id="dynamodb:*"),
        pytest.param(allow("*", "*"), Status.FAIL, id="everything"),
        pytest.param(allow("dynamodb:DeleteTable", ARN), Status.FAIL, id="DeleteTable"),
        pytest.param(allow("dynamodb:Update*", ARN), Status.FAIL, id="UpdateTable is among Update*"),
        pytest.param(allow("dynamodb:UpdateItem", ARN), Status.PASS, id="UpdateItem is not"),
        pytest.param(allow("dynamodb:UpdateContinuousBackups", ARN), Status.FAIL, id="UpdateContinuousBackups"),
        pytest.param(allow("dynamodb:UpdateTimeToLive", ARN), Status.FAIL, id="UpdateTimeToLive"),
        pytest.param(allow("dynamodb:CreateBackup", ARN), Status.FAIL, id="CreateBackup"),
        pytest.param(allow("dynamodb:DeleteBackup", f"{ARN}/backup/*"), Status.FAIL, id="DeleteBackup, on backups"),
        pytest.param(allow("dynamodb:RestoreTableToPointInTime", ARN), Status.FAIL, id="Restore"),
        pytest.param(allow("dynamodb:ExportTableToPointInTime", ARN), Status.FAIL, id="Export"),
        pytest.param(allow("dynamodb:PutResourcePolicy", ARN), Status.FAIL, id="PutResourcePolicy"),
        pytest.param(allow("dynamodb:UntagResource", ARN), Status.FAIL, id="UntagResource"),
        pytest.param(allow("dynamodb:UpdateContributorInsights", ARN), Status.FAIL, id="insights"),
        pytest.param(allow("dynamodb:DisableKinesisStreamingDestination", ARN), Status.FAIL, id="Kinesis"),
        pytest.param(allow("dynamodb:DescribeKinesisStreamingDestination", ARN), Status.PASS, id="who reads"),
        pytest.param(allow("dynamodb:PartiQLInsert", ARN), Status.PASS, id="PartiQL writes items"),
        pytest.param(allow("dynamodb:DeleteTable", f"{TABLES}/other"), Status.PASS, id="of another table"),
        pytest.param(allow(None, ARN, NotAction="iam:*"), Status.FAIL, id="NotAction"),
        pytest.param(allow("dynamodb:DeleteTable", ARN, Condition=CONDITION), Status.FAIL, id="under a condition"),
        pytest.param(allow("dynamodb:*", f"{ARN}/index/*"), Status.FAIL, id="insights of an index"),
        pytest.param(allow("dynamodb:Query", f"{ARN}/index/*"), Status.PASS, id="to query it is none"),
        pytest.param(allow("dynamodb:*", f"{ARN}/stream/*"), Status.FAIL, id="the policy of its stream"),
        pytest.param(allow("dynamodb:DeleteBackup", f"{ARN}/backup/0157*"), Status.FAIL, id="some of the backups"),
        pytest.param(allow("dynamodb:DeleteTable", f"{ARN}/backup/*"), Status.PASS, id="a backup is no table"),
        pytest.param(allow("dynamodb:PurchaseReserved*", "*"), Status.PASS, id="what concerns no table"),
    ],
)  # fmt: skip
def test_administration(written: Document, status: Status) -> None:
    assert administration(role(), extra(written)).status is status


def test_what_is_denied_is_not_administered() -> None:
    allowed = allow("dynamodb:DeleteTable", ARN)
    assert administration(role(), extra(allowed, deny("dynamodb:DeleteTable", "*"))).status is Status.PASS
    conditional = deny("dynamodb:DeleteTable", "*", Condition=CONDITION)
    assert administration(role(), extra(allowed, conditional)).status is Status.FAIL


def test_administration_that_a_boundary_keeps_back_is_a_warning() -> None:
    verdict = administration(role(), extra(allow("dynamodb:*", "*"), boundary=NARROW))
    assert verdict.status is Status.WARN
    assert "its permissions boundary does not allow it" in verdict.message


def test_of_a_pattern_the_message_names_the_actions_that_administer() -> None:
    verdict = administration(role(), extra(allow(["dynamodb:Delete*", "dynamodb:GetItem"], ARN)))
    assert "extra allows dynamodb:Delete* (dynamodb:DeleteTable, " in verdict.message
    assert verdict.evidence["Action"] == ["dynamodb:Delete*"]


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("AdministratorAccess", Status.FAIL),
        ("PowerUserAccess", Status.FAIL),
        ("AmazonDynamoDBFullAccess", Status.FAIL),
        ("AmazonDynamoDBFullAccess_v2", Status.FAIL),
        ("AWSLambdaDynamoDBExecutionRole", Status.WARN),
        ("AWSLambdaInvocation-DynamoDB", Status.WARN),
        ("AWSLambdaBasicExecutionRole", Status.PASS),
    ],
)
def test_policies_of_aws(name: str, status: Status) -> None:
    verdict = managed_policies(role(), review(principal(managed=(name,))))
    assert verdict.status is status
    assert (name in verdict.message) is (status is not Status.PASS)


def test_a_policy_of_the_account_that_is_named_like_one_of_aws_is_judged_by_what_it_says() -> None:
    policy = {"AWSLambdaDynamoDBExecutionRole": document(allow("dynamodb:GetRecords", "*"))}
    assert managed_policies(role(), review(principal({**GOOD, **policy}))).status is Status.PASS
    assert scope(role(), review(principal({**GOOD, **policy}))).status is Status.FAIL


def test_a_policy_beside_that_of_aws_and_named_like_it_is_judged_by_what_it_says() -> None:
    stream, logs = "AWSLambdaDynamoDBExecutionRole", "AWSLambdaBasicExecutionRole"
    alike = {stream: document(allow("dynamodb:GetItem", "*")), logs: document(allow("logs:*", "*"))}
    found = review(principal({**GOOD, **alike}, managed=(logs, stream)))
    assert scope(role(), found).status is Status.FAIL
    assert logged(log_groups, found).status is Status.WARN


def test_an_administrator_within_a_narrow_boundary_is_a_warning() -> None:
    for boundary, status in ((NARROW, Status.WARN), (document(allow("dynamodb:*", ARN)), Status.FAIL)):
        who = principal({**GOOD, **ADMINISTRATOR}, managed=("AdministratorAccess",), boundary=boundary)
        assert managed_policies(role(), review(who)).status is status


def test_the_stream_policy_of_aws_is_one_warning_and_no_failure() -> None:
    stream = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
    name = "AWSLambdaDynamoDBExecutionRole"
    policies = {**GOOD, name: document(allow([*stream, "logs:CreateLogStream", "logs:PutLogEvents"], "*"))}
    found = review(principal(policies, managed=(name,)))
    assert {judge.__name__ for judge in JUDGES if logged(judge, found).status is not Status.PASS} == {
        "managed_policies"
    }
    assert managed_policies(role(), found).evidence["PolicyArn"] == f"arn:aws:iam::aws:policy/service-role/{name}"


@pytest.mark.parametrize(
    ("written", "wanted", "status"),
    [
        pytest.param(allow("dynamodb:GetItem", ARN), (), Status.PASS, id="listed"),
        pytest.param(allow("dynamodb:DescribeTable", ARN), (), Status.WARN, id="not listed"),
        pytest.param(allow("dynamodb:DescribeTable", ARN), ("dynamodb:DescribeTable",), Status.PASS, id="then listed"),
        pytest.param(allow("dynamodb:DESCRIBETABLE", ARN), ("dynamodb:DescribeTable",), Status.PASS, id="loud"),
        pytest.param(allow("dynamodb:Scan", ARN), (), Status.FAIL, id="a Scan that is not listed"),
        pytest.param(allow("dynamodb:Scan", ARN), ("dynamodb:Scan",), Status.PASS, id="a Scan that is"),
        pytest.param(allow("dynamodb:S*", f"{ARN}/index/*"), (), Status.FAIL, id="a Scan of an index"),
        pytest.param(allow("dynamodb:Scan", f"{ARN}/index/by-mail"), (), Status.FAIL, id="of one by its name"),
        pytest.param(allow("dynamodb:Scan", f"{ANYWHERE}/i*/by-?"), (), Status.FAIL, id="or by a pattern"),
        pytest.param(allow("dynamodb:Scan", f"{TABLES}/other/index/by-mail"), (), Status.PASS, id="not of another"),
        pytest.param(allow("dynamodb:DeleteTable", ARN), (), Status.PASS, id="administration is another check's"),
        pytest.param(allow("dynamodb:DescribeTable", f"{TABLES}/other"), (), Status.PASS, id="of another table"),
        pytest.param(allow("dynamodb:ListTables", "*"), (), Status.PASS, id="a list of names, which can not be scoped"),
        pytest.param(allow("dynamodb:ListTables", ARN), (), Status.PASS, id="on a table that grants nothing"),
        pytest.param(allow("dynamodb:UpdateAbacStatus", "*"), (), Status.WARN, id="a change that can not be scoped"),
        pytest.param(
            allow(["dynamodb:GetRecords"], f"{ARN}/stream/*"), (), Status.PASS, id="the stream of the table is its own"
        ),
        pytest.param(allow("dynamodb:TransactWriteItems", ARN), (), Status.WARN, id="transactions are no actions"),
        pytest.param(deny("dynamodb:TransactGetItems", ARN), (), Status.WARN, id="to deny them protects nothing"),
        pytest.param(allow("dynamodb:Transact*", ARN), (), Status.PASS, id="a wildcard may wait for what comes"),
        pytest.param(
            allow("dynamodb:Scan", ARN, Condition=OWN_ITEMS), (), Status.FAIL, id="a Scan has no leading keys"
        ),
        pytest.param(
            allow("dynamodb:Scan", ARN, Condition=OWN_ITEMS),
            ("dynamodb:Scan",),
            Status.WARN,
            id="a Scan that is listed reads more than it is meant to",
        ),
        pytest.param(
            allow("dynamodb:Scan", ARN, Condition={"StringEqualsIfExists": {"dynamodb:LeadingKeys": "cart"}}),
            (),
            Status.FAIL,
            id="and IfExists holds where there are none",
        ),
        pytest.param(
            allow("dynamodb:Scan", ARN, Condition={"StringNotLike": {"dynamodb:LeadingKeys": "READINESS#*"}}),
            (),
            Status.FAIL,
            id="as does what they must not be",
        ),
        pytest.param(
            allow("dynamodb:Scan", ARN, Condition={"ForAnyValue:StringNotLike": {"dynamodb:LeadingKeys": "a"}}),
            (),
            Status.WARN,
            id="but ForAnyValue wants one at least",
        ),
        pytest.param(
            allow(
                ["dynamodb:Query", "dynamodb:PutItem"],
                ARN,
                Condition={
                    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["READINESS#*"]},
                    "Null": {"dynamodb:LeadingKeys": "false"},
                },
            ),
            (),
            Status.PASS,
            id="what a monitor may do to its own rows",
        ),
        pytest.param(
            allow("dynamodb:Scan", ARN, Condition={"StringEquals": {"dynamodb:LeadingKeys": "cart"}}),
            (),
            Status.WARN,
            id="without ForAllValues a Scan never meets the condition",
        ),
        pytest.param(
            allow(
                "dynamodb:Scan",
                ARN,
                Condition={
                    "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["CART#*"]},
                    "ForAnyValue:StringLike": {"dynamodb:LeadingKeys": ["CART#*"]},
                },
            ),
            (),
            Status.WARN,
            id="one condition that wants a key is enough",
        ),
        pytest.param(
            allow(
                "dynamodb:Scan",
                ARN,
                Condition={**OWN_ITEMS, "Null": {"dynamodb:LeadingKeys": "true"}},
            ),
            (),
            Status.FAIL,
            id="that there be none is what a Scan meets",
        ),
    ],
)  # fmt: skip
def test_actions(written: Document, wanted: tuple[str, ...], status: Status) -> None:
    who = principal({**GOOD, "extra": document(written)})
    verdict = actions(role(), review(who, checklist(functions=listed(*wanted))))
    assert verdict.status is status


def test_a_scan_fails_by_itself_and_what_else_is_not_listed_does_not() -> None:
    verdict = actions(role(), extra(allow(["dynamodb:DescribeTable", "dynamodb:Scan"], ARN)))
    assert verdict.message == f"cart can scan the table: extra allows dynamodb:Scan on {ARN}; and 1 more"
    assert set(verdict.watched) == {"Scan", "not listed"}


def test_a_scan_that_a_boundary_keeps_back_is_a_warning() -> None:
    found = extra(allow("dynamodb:Scan", ARN), boundary=NARROW)
    assert actions(role(), found).status is Status.WARN


def test_a_shared_role_may_do_what_any_of_its_functions_needs() -> None:
    wanted = checklist(functions=FunctionSettings(actions={"report": ("dynamodb:Scan",), "*": tuple(NEEDED)}))
    who = principal({**GOOD, "extra": document(allow("dynamodb:Scan", ARN))})
    both = role(functions=("cart", "report"))
    assert actions(both, review(who, wanted, both)).status is Status.PASS
    assert shared(both, wanted).status is Status.WARN
    assert actions(role(), review(who, wanted)).status is Status.FAIL


@pytest.mark.parametrize(
    ("names", "status"),
    [
        pytest.param(("cart",), Status.PASS, id="one function"),
        pytest.param(("cart", "checkout"), Status.PASS, id="two that need the same"),
        pytest.param(("cart", "report"), Status.WARN, id="two that do not"),
        pytest.param(("checkout", "unheard-of"), Status.WARN, id="one that the checklist gives nothing"),
    ],
)
def test_shared(names: tuple[str, ...], status: Status) -> None:
    lists = {
        "cart": ("dynamodb:GetItem", "dynamodb:PutItem"),
        "checkout": ("dynamodb:PutItem", "dynamodb:GetItem"),
        "report": ("dynamodb:Scan",),
    }
    wanted = checklist(functions=FunctionSettings(actions=lists))
    assert shared(role(functions=names), wanted).status is status


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(allow("iam:PassRole", "*"), Status.FAIL, id="PassRole of every role"),
        pytest.param(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/*"), Status.FAIL, id="and of the account's"),
        pytest.param(allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/step"), Status.PASS, id="of one role"),
        pytest.param(allow("sts:AssumeRole", "*"), Status.FAIL, id="AssumeRole of every role"),
        pytest.param(allow("sts:AssumeRole", "arn:aws:iam::*:role/*"), Status.FAIL, id="as its ARN says it"),
        pytest.param(allow("sts:AssumeRole", "arn:aws:iam::111122223333:role/mail"), Status.PASS, id="of one"),
        pytest.param(allow("sts:GetCallerIdentity", "*"), Status.PASS, id="who am I"),
        pytest.param(allow("iam:PutRolePolicy", ROLE), Status.FAIL, id="a role that edits itself"),
        pytest.param(allow("iam:Attach*", "*"), Status.FAIL, id="Attach*"),
        pytest.param(allow("iam:CreatePolicyVersion", "*"), Status.FAIL, id="a new version of a policy"),
        pytest.param(allow("iam:Get*", "*"), Status.PASS, id="to read IAM"),
        pytest.param(allow("lambda:UpdateFunctionCode", "*"), Status.FAIL, id="UpdateFunctionCode"),
        pytest.param(allow("lambda:InvokeFunction", "*"), Status.PASS, id="InvokeFunction"),
        pytest.param(allow("*", ARN), Status.PASS, id="every action on the table is none on a role"),
        pytest.param(allow("*", "*"), Status.FAIL, id="everything"),
        pytest.param(allow(None, "*", NotAction="dynamodb:*"), Status.FAIL, id="NotAction"),
        pytest.param(allow("iam:PassRole", None, NotResource=ROLE), Status.FAIL, id="NotResource"),
        pytest.param(allow("iam:PassRole", "*", Condition=CONDITION), Status.FAIL, id="under a condition"),
        pytest.param(deny("iam:*", "*", Condition=CONDITION), Status.PASS, id="what is denied at times"),
        *(
            pytest.param(allow(action, "*"), Status.FAIL, id=f"{action} on everything")
            for action in (
                "iam:AddUserToGroup",
                "iam:CreateAccessKey",
                "iam:CreateLoginProfile",
                "iam:DeleteRolePermissionsBoundary",
                "iam:DeleteRolePolicy",
                "iam:DeleteUserPermissionsBoundary",
                "iam:DeleteUserPolicy",
                "iam:DetachRolePolicy",
                "iam:PutUserPermissionsBoundary",
                "iam:SetDefaultPolicyVersion",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateLoginProfile",
                "lambda:UpdateFunctionConfiguration",
                "codebuild:StartBuild",
                "ssm:SendCommand",
                "cloudformation:UpdateStack",
            )
        ),
        pytest.param(
            allow("lambda:UpdateFunctionConfiguration", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:mail"),
            Status.FAIL,
            id="the configuration of one function",
        ),
        pytest.param(
            allow("codebuild:StartBuild", f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/site"),
            Status.PASS,
            id="a build of one project",
        ),
        pytest.param(
            allow("ssm:SendCommand", "arn:aws:ec2:*:*:instance/*"), Status.FAIL, id="a command on every instance"
        ),
        pytest.param(
            allow("ssm:SendCommand", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-1"), Status.PASS, id="on one instance"
        ),
        pytest.param(allow("lambda:CreateFunction", "*"), Status.PASS, id="a new function without a role to pass"),
    ],
)
def test_escalation(written: Document, status: Status) -> None:
    assert escalation(role(), extra(written)).status is status


@pytest.mark.parametrize(
    ("boundary", "status"),
    [
        pytest.param(NARROW, Status.WARN, id="a boundary without IAM"),
        pytest.param(document(allow("*", "*"), deny("iam:*", "*")), Status.WARN, id="one that denies IAM"),
        pytest.param(document(allow("*", "*")), Status.FAIL, id="one of everything"),
        pytest.param(document(allow("*", f"{ARN}*")), Status.WARN, id="one of everything on the table"),
    ],
)
@pytest.mark.parametrize("action", ["iam:PassRole", "iam:PutRolePolicy"])
def test_escalation_within_a_boundary(action: str, boundary: Document, status: Status) -> None:
    assert escalation(role(), extra(allow(action, "*"), boundary=boundary)).status is status


def test_of_escalations_the_message_names_those_that_the_boundary_lets_through() -> None:
    found = extra(allow(["iam:PassRole", "lambda:Update*"], "*"), boundary=document(allow("lambda:*", "*")))
    verdict = escalation(role(), found)
    assert verdict.message == (
        "cart can escalate its privileges: extra allows lambda:Update*"
        " (lambda:UpdateFunctionCode, lambda:UpdateFunctionConfiguration) on *"
    )


def test_escalation_that_is_denied_is_none() -> None:
    assert escalation(role(), extra(allow("iam:*", "*"), deny("iam:*", "*"))).status is Status.PASS


@pytest.mark.parametrize(
    ("resource", "status"),
    [
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*", Status.PASS, id="the group's streams"),
        pytest.param(f"arn:aws:logs:*:*:log-group:{GROUP}:*", Status.PASS, id="in whatever Region"),
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/*", Status.PASS, id="all functions"),
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:*", Status.PASS, id="all of the account"),
        pytest.param("*", Status.PASS, id="everything"),
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}", Status.FAIL, id="the group without streams"),
        pytest.param(f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/checkout:*", Status.FAIL, id="another's"),
        pytest.param(f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{GROUP}:*", Status.FAIL, id="in another Region"),
    ],
)  # fmt: skip
def test_logging(resource: str, status: Status) -> None:
    found = review(principal({"cart": document(ITEMS, {**LOGS, "Resource": resource})}))
    assert logging(role(), found, THE_TABLE).status is status


@pytest.mark.parametrize(
    ("written", "boundary", "status"),
    [
        pytest.param([], None, Status.FAIL, id="nothing at all"),
        pytest.param([allow("logs:PutLogEvents", "*")], None, Status.FAIL, id="no stream to write to"),
        pytest.param([allow("logs:*", "*")], None, Status.PASS, id="logs:*"),
        pytest.param([LOGS, deny("logs:*", "*")], None, Status.FAIL, id="denied"),
        pytest.param([{**LOGS, "Condition": CONDITION}], None, Status.WARN, id="under a condition"),
        pytest.param([LOGS], document(ITEMS), Status.FAIL, id="kept back by the boundary"),
    ],
)
def test_a_function_that_may_not_log(written: list[Document], boundary: Document | None, status: Status) -> None:
    found = review(principal({"cart": document(ITEMS, *written)}, boundary=boundary))
    assert logging(role(), found, THE_TABLE).status is status


def test_one_log_group_of_two_that_can_not_be_written() -> None:
    both = role(log_groups=(GROUP, "/shop/cart"))
    verdict = logging(both, review(principal(), of=both), THE_TABLE)
    assert verdict.status is Status.FAIL
    groups = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
    assert json.loads(verdict.evidence["LogStreams"]) == [f"{groups}{GROUP}:*", f"{groups}/shop/cart:*"]


def test_what_could_not_be_read_of_its_functions_is_not_said_to_have_no_logs() -> None:
    blind = role(log_groups=(), unread=DENIED)
    found = review(principal(), of=blind)
    with pytest.raises(Unreadable):
        logging(blind, found, THE_TABLE)
    with pytest.raises(Unreadable):
        log_groups(blind, found, THE_TABLE)


def test_one_log_group_that_could_not_be_read_hides_no_certain_verdict() -> None:
    partly, mute = role(unread=DENIED), document(ITEMS)
    own = document(ITEMS, {**LOGS, "Resource": f"arn:aws:logs:*:*:log-group:{GROUP}:*"})
    assert logging(partly, review(principal({"cart": mute}), of=partly), THE_TABLE).status is Status.FAIL
    with pytest.raises(Unreadable):
        logging(partly, review(principal({"cart": own}), of=partly), THE_TABLE)
    assert log_groups(partly, review(principal({"cart": own}), of=partly), THE_TABLE).status is Status.PASS
    with pytest.raises(Unreadable):
        log_groups(partly, extra(allow("logs:*", "*")), THE_TABLE)


def test_nothing_is_said_of_logs_where_no_log_group_is_known() -> None:
    blind = role(log_groups=())
    found = review(principal(), of=blind)
    assert logging(blind, found, THE_TABLE).status is Status.NOT_APPLICABLE
    assert log_groups(blind, found, THE_TABLE).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(allow("logs:*", "*"), Status.WARN, id="logs:* on everything"),
        pytest.param(allow("logs:PutLogEvents", f"arn:aws:logs:*:*:log-group:{GROUP}*"), Status.WARN, id="a prefix"),
        pytest.param(allow("logs:PutLogEvents", f"arn:aws:logs:*:*:log-group:{GROUP}:*"), Status.PASS, id="its own"),
        pytest.param(allow("logs:PutLogEvents", f"arn:aws:logs:*:*:log-group:{GROUP}"), Status.PASS, id="the group"),
        pytest.param(deny("logs:*", "*", Condition=CONDITION), Status.PASS, id="what is denied at times"),
        pytest.param(allow("logs:CreateLogGroup", "*"), Status.PASS, id="an empty group harms nobody"),
        pytest.param(allow("logs:FilterLogEvents", "*"), Status.PASS, id="to read is no write"),
        pytest.param(allow("*", ARN), Status.PASS, id="everything on the table is nothing on logs"),
    ],
)
def test_log_groups(written: Document, status: Status) -> None:
    assert logged(log_groups, extra(written)).status is status


def test_other_logs_that_a_boundary_keeps_back() -> None:
    own = document(allow("logs:*", f"arn:aws:logs:*:*:log-group:{GROUP}:*"))
    kept_back = logged(log_groups, extra(allow("logs:*", "*"), boundary=own))
    assert kept_back.message.endswith("but its permissions boundary does not allow it")
    let_through = logged(log_groups, extra(allow("logs:*", "*"), boundary=document(allow("logs:*", "*"))))
    assert "boundary" not in let_through.message


@pytest.mark.parametrize(
    ("action", "status"),
    [
        pytest.param("logs:*", Status.PASS, id="all of it"),
        pytest.param("logs:PutLogEvents", Status.WARN, id="one action of several"),
    ],
)
def test_other_logs_that_are_denied(action: str, status: Status) -> None:
    assert logged(log_groups, extra(allow("logs:*", "*"), deny(action, "*"))).status is status


def test_the_basic_policy_of_aws_names_no_log_group_and_is_accepted() -> None:
    name = "AWSLambdaBasicExecutionRole"
    policies = {**GOOD, name: document(allow(["logs:CreateLogStream", "logs:PutLogEvents"], "*"))}
    assert logged(log_groups, review(principal(policies, managed=(name,)))).status is Status.PASS
    assert logged(log_groups, review(principal(policies))).status is Status.WARN, "one of the account has that name"


@pytest.mark.parametrize(
    ("who", "status"),
    [
        pytest.param({"Service": "lambda.amazonaws.com"}, Status.PASS, id="Lambda"),
        pytest.param({"Service": ["lambda.amazonaws.com", "ec2.amazonaws.com"]}, Status.WARN, id="EC2 too"),
        pytest.param({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Status.WARN, id="the account"),
        pytest.param({"Federated": "cognito-identity.amazonaws.com"}, Status.WARN, id="who logs in elsewhere"),
        pytest.param("*", Status.FAIL, id="everybody"),
        pytest.param({"AWS": "*"}, Status.FAIL, id="every account"),
        pytest.param({"Federated": "*"}, Status.FAIL, id="who logs in wherever"),
    ],
)
def test_trust(who: object, status: Status) -> None:
    trusts = document({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole"})
    assert trust(role(), review(principal(trust=trusts))).status is status


@pytest.mark.parametrize(
    ("who", "condition", "status"),
    [
        pytest.param("*", {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, Status.WARN, id="its own account"),
        pytest.param("*", {"StringEquals": {"aws:PrincipalAccount": STRANGER}}, Status.WARN, id="one foreign account"),
        pytest.param(
            "*", {"StringNotEquals": {"aws:PrincipalAccount": STRANGER}}, Status.FAIL, id="all accounts but one"
        ),
        pytest.param("*", {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/x"}}, Status.FAIL, id="any such role"),
        pytest.param("*", {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}, Status.WARN, id="an organization"),
        pytest.param("*", {"StringEquals": {"sts:ExternalId": "s3cret"}}, Status.FAIL, id="who knows an external ID"),
        pytest.param("*", {"StringEquals": {"aws:SourceVpce": "vpce-1"}}, Status.WARN, id="a network, whosever"),
        pytest.param("*", {"StringEquals": {"aws:SourceAccount": ACCOUNT}}, Status.WARN, id="any service for us"),
        pytest.param("*", {"Bool": {"aws:PrincipalIsAWSService": "true"}}, Status.WARN, id="any service"),
        pytest.param(
            {"Federated": "*"}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, Status.FAIL, id="whatever login"
        ),
        pytest.param(
            {"AWS": "*", "Federated": "accounts.google.com"},
            {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
            Status.FAIL,
            id="whatever account, and a login",
        ),
        pytest.param(
            {"AWS": STRANGER},
            {"StringEquals": {"sts:ExternalId": "s3cret"}},
            Status.WARN,
            id="a foreign account by one",
        ),
        pytest.param(
            {"AWS": STRANGER}, {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, Status.PASS, id="nobody, after all"
        ),
        pytest.param(
            {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/deploy"}},
            Status.WARN,
            id="one role of the account",
        ),
        pytest.param(
            {"Service": "lambda.amazonaws.com"},
            {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            Status.PASS,
            id="Lambda for us",
        ),
        pytest.param(
            {"Service": "ec2.amazonaws.com"}, {"StringEquals": {"aws:SourceAccount": STRANGER}}, Status.WARN, id="EC2"
        ),
    ],
)
def test_trust_under_a_condition(who: object, condition: Document, status: Status) -> None:
    trusts = document({"Effect": "Allow", "Principal": who, "Action": "sts:AssumeRole", "Condition": condition})
    verdict = trust(role(), review(principal(trust=trusts)))
    assert verdict.status is status
    assert "s3cret" not in repr(verdict)


def test_trust_in_all_but_one_names_the_one_as_left_out() -> None:
    trusts = document({"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    message = trust(role(), review(principal(trust=trusts))).message
    assert message == f"cart can be assumed by any principal: trust policy allows all principals except {ACCOUNT}"


def test_trust_in_all_but_some_is_trust_in_everybody() -> None:
    trusts = document({"Effect": "Allow", "NotPrincipal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    assert trust(role(), review(principal(trust=trusts))).status is Status.FAIL


def test_who_may_tag_a_session_can_not_assume_the_role() -> None:
    tags = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:TagSession"}
    assert trust(role(), review(principal(trust=document(*BY_LAMBDA["Statement"], tags)))).status is Status.PASS


def test_who_is_not_let_in_is_no_stranger() -> None:
    refusal = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": CONDITION}
    trusts = document(*BY_LAMBDA["Statement"], refusal)
    assert trust(role(), review(principal(trust=trusts))).status is Status.PASS


def test_no_function_fails_and_is_never_green() -> None:
    assert functions(Each({ROLE: role()})).status is Status.PASS
    assert functions(Each({})).status is Status.FAIL


def test_whether_there_are_functions_is_unknown_where_they_could_not_be_listed() -> None:
    denied = Unavailable(Reason.ACCESS_DENIED, "lambda:ListFunctions")
    with pytest.raises(Unreadable):
        functions(Each({}, denied))
    assert functions(Each({ROLE: role()}, denied)).status is Status.PASS, "one is certain"


def test_a_role_that_does_not_exist_fails_once() -> None:
    verdict = exists(role(), Gone("the role cart does not exist"))
    assert verdict.status is Status.FAIL
    assert verdict.message == "the role cart does not exist: cart cannot run without it"
    assert exists(role(), RolePolicies(principal())).status is Status.PASS


BAD = extra(
    allow("*", "*"),
    allow("dynamodb:TransactWriteItems", ARN),
    managed=("AdministratorAccess",),
    trust=document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}),
)


@pytest.mark.parametrize("judge", [*JUDGES, logging], ids=lambda judge: judge.__name__)
def test_the_remedy_is_a_command_whose_json_is_a_policy(judge: Any) -> None:
    found = review(principal({"cart": document(ITEMS)})) if judge is logging else BAD
    verdict = logged(judge, found)
    assert verdict.status in {Status.FAIL, Status.WARN}
    check = next(check for check in rule.checks if check.function is judge)
    for word in shlex.split(_command(check, verdict)):
        if word.startswith('{"'):
            assert list(statements(json.loads(word)))
            assert "<" not in word


def test_the_remedies_work_in_a_shell_as_they_are_told() -> None:
    """Even with a log group whose name would begin a comment."""
    log_groups = ("/shop/#cart", "/shop/cart")
    lacking = logging(role(log_groups=log_groups), review(principal({"cart": document(ITEMS)})), THE_TABLE)
    gone = exists(role(arn=f"arn:aws:iam::{ACCOUNT}:role/it's/{{1}}/cart"), Gone("the role cart does not exist"))
    streams = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:"
    written = pasted(logging, lacking)[0]
    assert written[:6] == ["iam", "put-role-policy", "--role-name", "cart", "--policy-name", "its-own-logs"]
    assert json.loads(written[-1])["Statement"][0]["Resource"] == [f"{streams}{group}:*" for group in log_groups]
    assert pasted(exists, gone)[0][:6] == ["iam", "create-role", "--path", "/it's/{1}/", "--role-name", "cart"]


def test_who_loses_an_administrator_policy_still_logs_and_does_what_it_needs() -> None:
    wanted = checklist(functions=FunctionSettings(actions={"*": ("dynamodb:GetItem", "dynamodb:Query")}))
    who = principal({**GOOD, **ADMINISTRATOR}, managed=("AdministratorAccess",))
    put, attach, detach = pasted(managed_policies, managed_policies(role(), review(who, wanted)))
    assert json.loads(put[-1])["Statement"][0]["Action"] == ["dynamodb:GetItem", "dynamodb:Query"], "and no more"
    assert attach[-1] == "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
    assert detach[-1] == "arn:aws:iam::aws:policy/AdministratorAccess"


OTHERS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/*"


@pytest.mark.parametrize(
    ("judge", "written"),
    [
        pytest.param(scope, [allow("dynamodb:*", "*")], id="everything, everywhere"),
        pytest.param(scope, [allow("dynamodb:GetItem", ANYWHERE)], id="a table of that name in any Region"),
        pytest.param(scope, [allow("dynamodb:*", None, NotResource="arn:aws:s3:::*")], id="all but a bucket"),
        pytest.param(administration, [allow("dynamodb:*", ARN)], id="to administer the table"),
        pytest.param(administration, [allow(None, ARN, NotAction="s3:*")], id="all but a bucket's actions"),
        pytest.param(actions, [allow("dynamodb:Scan", f"{ARN}*")], id="to scan"),
        pytest.param(actions, [allow("dynamodb:*", "*")], id="what is not listed"),
        pytest.param(escalation, [allow("iam:*", "*")], id="to change rights"),
        pytest.param(escalation, [allow("*", "*")], id="everything there is"),
        pytest.param(
            escalation,
            [allow("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/x"), allow("lambda:CreateFunction", "*")],
            id="to pass a role",
        ),
        pytest.param(log_groups, [allow("logs:*", OTHERS)], id="the logs of others"),
    ],
)
def test_the_remedy_takes_away_what_the_role_may_too_much(judge: Any, written: list[Document]) -> None:
    before = {**GOOD, "extra": document(*written)}
    verdict = logged(judge, review(principal(before)))
    assert verdict.status in {Status.FAIL, Status.WARN}
    put, show = pasted(judge, verdict)[:2]
    assert (put[:4], show[1]) == (["iam", "put-role-policy", "--role-name", "cart"], "get-role-policy")
    mended = review(principal({**before, put[5]: json.loads(put[-1])}))
    assert logged(judge, mended).status is Status.PASS
    good = {logged(each, review(principal())).status for each in (*JUDGES, logging)}
    kept = review(principal({**GOOD, put[5]: json.loads(put[-1])}))
    assert {logged(each, kept).status for each in (*JUDGES, logging)} == good == {Status.PASS}, "and nothing it needs"


def test_the_remedy_takes_away_what_the_tables_own_policy_gives() -> None:
    given = by_table(allow("dynamodb:*", ARN, Principal={"AWS": ROLE}))
    verdict = administration(role(), review(principal(), policy=given))
    put = pasted(administration, verdict)[0]
    mended = review(principal({**GOOD, put[5]: json.loads(put[-1])}), policy=given)
    assert (administration(role(), mended).status, actions(role(), mended).status) == (Status.PASS, Status.PASS)


@pytest.mark.parametrize("judge", [scope, administration, actions])
def test_a_stream_can_still_be_read_after_the_remedy(judge: Any) -> None:
    stream = [f"dynamodb:{name}" for name in ("GetRecords", "GetShardIterator", "DescribeStream")]
    reads = {"reads": document(allow(stream, f"{ARN}/stream/*"), allow("dynamodb:ListStreams", "*"))}
    verdict = logged(judge, review(principal({**reads, "extra": document(allow("dynamodb:*", "*"))})))
    put = pasted(judge, verdict)[0]
    identity = principal({**reads, "deny": json.loads(put[-1])}).identity
    assert {access(identity, action, f"{ARN}/stream/2026") for action in stream} == {Access.DIRECT}
    assert access(identity, "dynamodb:ListStreams", "*") is Access.DIRECT


def test_the_remedy_of_scope_names_all_that_can_be_about_a_table() -> None:
    left = {action.name for action in catalogue("dynamodb").values() if action.scopable}
    denied = [pattern.lower() for pattern in NOT_ELSEWHERE["Action"]]
    assert {name for name in left if not any(matches(pattern, name.lower()) for pattern in denied)} == set()


def test_what_reads_iam_is_confirmed_by_a_second_look() -> None:
    """IAM is eventually consistent; what compares the checklist alone is not."""
    assert {check.name for check in rule.checks if check.confirm == 1} == {"shared"}


def pasted(judge: Any, verdict: Verdict) -> list[list[str]]:
    """The arguments with which a shell calls `aws`."""
    command = _command(next(check for check in rule.checks if check.function is judge), verdict)
    told = subprocess.run(
        ["/bin/sh", "-c", f"aws() {{ printf '%s\\n' \"$@\" ''; }}\n{command}"],
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stderr == ""
    return [call.split("\n") for call in told.stdout.removesuffix("\n\n").split("\n\n")]


def _command(check: Check, verdict: Verdict) -> str:
    values = {"table": "babesclub-commerce", "arn": ARN, "account": ACCOUNT, "region": REGION, **verdict.evidence}
    return check.fix.format_map({name: shlex.quote(str(value)) for name, value in values.items()})


TO_THE_ROLE = {"Principal": {"AWS": ROLE}}
DENIED = Unavailable(Reason.ACCESS_DENIED, "dynamodb:GetResourcePolicy")


@pytest.mark.parametrize(
    ("given", "judge", "status"),
    [
        pytest.param(
            allow("dynamodb:*", ARN, **TO_THE_ROLE), administration, Status.FAIL, id="to administer it, which fails"
        ),
        pytest.param(allow("dynamodb:*", ARN, **TO_THE_ROLE), actions, Status.FAIL, id="to scan it, which fails"),
        pytest.param(
            allow("dynamodb:*", "*", **TO_THE_ROLE), scope, Status.PASS, id="everything, which is the table alone"
        ),
        pytest.param(
            allow("dynamodb:DeleteTable", ARN, Principal="*"), administration, Status.FAIL, id="as it lets everybody"
        ),
        pytest.param(allow("dynamodb:GetItem", ARN, **TO_THE_ROLE), actions, Status.PASS, id="what it needs anyway"),
        pytest.param(
            allow("dynamodb:*", ARN, Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
            administration,
            Status.PASS,
            id="what its own policies would have to allow",
        ),
        pytest.param(
            allow("dynamodb:*", ARN, Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}),
            administration,
            Status.FAIL,
            id="something, for it is the one that a condition names",
        ),
        pytest.param(
            allow("dynamodb:*", ARN, Principal="*", Condition={"ArnEquals": {"aws:PrincipalArn": f"{ROLE}-admin"}}),
            administration,
            Status.PASS,
            id="nothing, for a condition names another",
        ),
        pytest.param(
            allow("dynamodb:*", ARN, Principal="*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
            administration,
            Status.WARN,
            id="something if its account is of an organization",
        ),
        pytest.param(
            allow("dynamodb:*", ARN, Principal="*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            administration,
            Status.FAIL,
            id="something if the request comes from a network",
        ),
    ],
)
def test_the_tables_own_policy_lets_a_role(given: Document, judge: Any, status: Status) -> None:
    assert judge(role(), review(principal(), policy=by_table(given))).status is status


def test_a_deny_in_the_tables_own_policy_takes_away_what_the_role_has() -> None:
    wide = principal({**GOOD, "extra": document(allow("dynamodb:DeleteTable", ARN))})
    given = by_table(deny("dynamodb:DeleteTable", ARN, Principal="*"))
    assert administration(role(), review(wide, policy=given)).status is Status.PASS


@pytest.mark.parametrize("judge", [administration, actions])
def test_only_a_failure_is_certain_without_the_tables_own_policy(judge: Any) -> None:
    wide = principal({**GOOD, "extra": document(allow("dynamodb:*", ARN))})
    assert judge(role(), review(wide, policy=DENIED)).status is Status.FAIL
    with pytest.raises(Unreadable):
        judge(role(), review(principal(), policy=DENIED))


def test_beyond_the_table_its_own_policy_can_let_nobody() -> None:
    assert scope(role(), review(principal(), policy=DENIED)).status is Status.PASS


OWN = [ARN, f"{ARN}/*"]


@pytest.mark.parametrize(
    ("denied", "status"),
    [
        pytest.param(
            deny("dynamodb:*", None, NotResource=[ARN, f"{ARN}/index/*"]), Status.PASS, id="all but the table"
        ),
        pytest.param(deny("*", None, NotResource=OWN), Status.PASS, id="every service but the table"),
        pytest.param(
            deny(None, None, NotAction="s3:*", NotResource=OWN),
            Status.PASS,
            id="all but a bucket's actions and the table",
        ),
        pytest.param(deny(None, "*", NotAction="s3:*"), Status.PASS, id="all but another service"),
        pytest.param(deny(None, "*", NotAction="dynamodb:GetItem"), Status.FAIL, id="all but an action on any table"),
        pytest.param(
            deny("dynamodb:*", None, NotResource=[ARN, "arn:aws:s3:::photos/*"]),
            Status.PASS,
            id="all but the table and a bucket",
        ),
        pytest.param(
            deny("dynamodb:*", None, NotResource=[ARN, f"{TABLES}/orders"]), Status.FAIL, id="all but two tables"
        ),
        pytest.param(deny("dynamodb:*", None, NotResource=f"{ARN}*"), Status.FAIL, id="all but a prefix"),
        pytest.param(deny("dynamodb:*", None, NotResource="*"), Status.FAIL, id="nothing"),
        pytest.param(
            deny("dynamodb:*", None, NotResource=ANYWHERE), Status.WARN, id="all but tables of that name in any Region"
        ),
        pytest.param(
            deny("dynamodb:*", None, NotResource=OWN, Condition=CONDITION), Status.FAIL, id="all but the table, if"
        ),
        pytest.param(deny("dynamodb:Put*", None, NotResource=OWN), Status.FAIL, id="some actions on all but the table"),
        pytest.param(
            deny("dynamodb:*", None, NotResource=f"{TABLES}/${{aws:username}}"),
            Status.FAIL,
            id="all but what a variable may stand for",
        ),
    ],
)
@pytest.mark.parametrize(
    "granted",
    [
        pytest.param({"Resource": "*"}, id="everything is allowed"),
        pytest.param({"Resource": None, "NotResource": "arn:aws:s3:::*"}, id="all but buckets are allowed"),
    ],
)
def test_the_role_reaches_what_its_denies_leave(granted: Document, denied: Document, status: Status) -> None:
    wide = allow(["dynamodb:GetItem", "dynamodb:PutItem"], None) | granted
    found = extra({name: value for name, value in wide.items() if value is not None}, denied)
    assert scope(role(), found).status is status


def test_a_deny_of_all_but_the_table_leaves_what_administers_it() -> None:
    found = extra(allow("dynamodb:*", "*"), deny("dynamodb:*", None, NotResource=OWN))
    assert (scope(role(), found).status, administration(role(), found).status) == (Status.PASS, Status.FAIL)


def test_an_allow_of_all_but_some_actions_fails_wherever_a_deny_leaves_it() -> None:
    found = extra(allow(None, "*", NotAction="iam:*"), deny("*", None, NotResource=OWN))
    assert scope(role(), found).status is Status.FAIL


def test_a_boundary_that_denies_all_but_the_table_keeps_the_rest_back() -> None:
    within = document(allow("*", "*"), deny("dynamodb:*", None, NotResource=OWN))
    assert scope(role(), extra(allow("dynamodb:GetItem", "*"), boundary=within)).status is Status.WARN


def test_a_deny_of_all_but_its_own_log_group_leaves_no_logs_of_others() -> None:
    own = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*"
    assert logged(log_groups, extra(allow("logs:*", "*"), deny("logs:*", None, NotResource=own))).status is Status.PASS
    assert (
        logged(
            log_groups, extra(allow("logs:*", "*"), deny("logs:*", None, NotResource=[own, f"{own[:-2]}s:*"]))
        ).status
        is Status.WARN
    )


STEP = f"arn:aws:iam::{ACCOUNT}:role/step"
PASSES = allow("iam:PassRole", STEP)


def passes_to(*services: str, operator: str = "StringEquals") -> Document:
    return PASSES | {"Condition": {operator: {"iam:PassedToService": list(services)}}}


RUNS_CODE = (
    "lambda:CreateFunction",
    "ec2:RunInstances",
    "cloudformation:CreateStack",
    "codebuild:CreateProject",
    "glue:CreateDevEndpoint",
    "ssm:StartAutomationExecution",
)
RUNS_AN_APPLICATION = ("ecs:RunTask", "scheduler:CreateSchedule", "states:CreateStateMachine")


@pytest.mark.parametrize(
    ("written", "status"),
    [
        *(pytest.param([PASSES, allow(each, "*")], Status.FAIL, id=f"one to {each}") for each in RUNS_CODE),
        *(pytest.param([PASSES, allow(each, "*")], Status.WARN, id=f"one to {each}") for each in RUNS_AN_APPLICATION),
        *(
            pytest.param(
                [allow("iam:PassRole", f"{STEP}-*"), allow(each, "*")], Status.FAIL, id=f"any of some to {each}"
            )
            for each in RUNS_AN_APPLICATION
        ),
        pytest.param([allow(["iam:PassRole", "lambda:Create*"], "*")], Status.FAIL, id="any, in one statement"),
        pytest.param([allow("iam:PassRole", f"{STEP}-*")], Status.PASS, id="any of some to nothing that runs as it"),
        pytest.param([allow("iam:PassRole", ROLE), allow("lambda:CreateFunction", "*")], Status.PASS, id="itself"),
        pytest.param(
            [passes_to("states.amazonaws.com"), allow("lambda:CreateFunction", "*")],
            Status.PASS,
            id="to another service",
        ),
        pytest.param(
            [passes_to("states.amazonaws.com", "lambda.amazonaws.com"), allow("lambda:CreateFunction", "*")],
            Status.FAIL,
            id="to this service too",
        ),
        pytest.param(
            [passes_to("*", operator="StringLike"), allow("lambda:CreateFunction", "*")],
            Status.FAIL,
            id="to any service",
        ),
        pytest.param(
            [passes_to("ecs-tasks.amazonaws.com"), allow("ecs:RunTask", "*")],
            Status.WARN,
            id="to a service that goes by another name",
        ),
        pytest.param(
            [PASSES, allow("lambda:CreateFunction", "*"), deny("lambda:CreateFunction", "*")],
            Status.PASS,
            id="one to what is denied",
        ),
        pytest.param(
            [PASSES, allow("lambda:CreateFunction", "*"), deny("iam:PassRole", "*")],
            Status.PASS,
            id="none, for it is denied",
        ),
        pytest.param(
            [PASSES, allow("lambda:CreateFunction", "*"), deny("iam:PassRole", None, NotResource=ROLE)],
            Status.PASS,
            id="none but itself, for all others are denied",
        ),
        pytest.param(
            [PASSES, allow("lambda:CreateFunction", "arn:aws:s3:::photos")],
            Status.PASS,
            id="one to what is no function",
        ),
        pytest.param(
            [PASSES, allow("ssm:StartAutomationExecution", f"arn:aws:ssm:{REGION}::automation-definition/*")],
            Status.FAIL,
            id="one to an automation by its ARN",
        ),
    ],
)
def test_escalation_by_passing_a_role(written: list[Document], status: Status) -> None:
    assert escalation(role(), extra(*written)).status is status


@pytest.mark.parametrize(
    ("boundary", "status"),
    [
        pytest.param(document(allow("*", "*"), deny("iam:*", "*")), Status.WARN, id="the role"),
        pytest.param(document(allow("*", "*"), deny("lambda:*", "*")), Status.WARN, id="the function"),
        pytest.param(document(allow("*", "*"), deny("s3:*", "*")), Status.FAIL, id="something else"),
    ],
)
def test_passing_a_role_within_a_boundary_that_keeps_back(boundary: Document, status: Status) -> None:
    found = extra(PASSES, allow("lambda:CreateFunction", "*"), boundary=boundary)
    assert escalation(role(), found).status is status


def test_the_message_names_what_runs_as_the_role_that_is_passed() -> None:
    verdict = escalation(role(), extra(PASSES, allow(["lambda:CreateFunction", "ecs:RunTask"], "*")))
    assert verdict.message == (
        "cart can escalate its privileges: extra allows iam:PassRole"
        f" (iam:PassRole, ecs:RunTask, lambda:CreateFunction) on {STEP}"
    )


def test_an_assumable_role_that_a_deny_leaves_by_name_is_no_escalation() -> None:
    found = extra(allow("sts:AssumeRole", "*"), deny("sts:AssumeRole", None, NotResource=STEP))
    assert escalation(role(), found).status is Status.PASS
