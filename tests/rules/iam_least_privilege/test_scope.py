from typing import Any

import pytest

from readiness.model import Status
from readiness.rules.iam_least_privilege import actions, administration, scope
from tests.aws.account import ARN
from tests.rules.iam_least_privilege.policies import ANYWHERE, CONDITION, NARROW, TABLES
from tests.rules.roles import ITEMS, LOGS, Document, allow, deny, document, extra, principal, review, role


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
