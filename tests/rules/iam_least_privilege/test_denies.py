import pytest

from readiness.model import Status
from readiness.rules.iam_least_privilege import administration, log_groups, scope
from tests.aws.account import ACCOUNT, ARN, REGION
from tests.rules.iam_least_privilege.policies import ANYWHERE, CONDITION, TABLES, logged
from tests.rules.roles import GROUP, Document, allow, deny, document, extra, role

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
