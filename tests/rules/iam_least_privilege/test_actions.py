import pytest

from readiness.checklist import FunctionSettings
from readiness.model import Status
from readiness.rules.iam_least_privilege import actions, shared
from tests.aws.account import ARN
from tests.rules.facts import checklist
from tests.rules.iam_least_privilege.policies import ANYWHERE, NARROW, TABLES
from tests.rules.roles import GOOD, NEEDED, Document, allow, deny, document, extra, principal, review, role

OWN_ITEMS = {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${aws:userid}"]}}


def listed(*needed: str) -> FunctionSettings:
    return FunctionSettings(actions={"*": (*NEEDED, *needed)})


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
        pytest.param(allow("dynamodb:executestatement", ARN), (), Status.WARN, id="PartiQL has actions of its own"),
        pytest.param(deny("dynamodb:StartBulkPutItems", "*"), (), Status.PASS, id="to deny an action that is too new"),
        pytest.param(deny("dynamodb:OfTomorrow", "*"), (), Status.PASS, id="to deny an action that nobody knows yet"),
        pytest.param(allow("dynamodb:StartBulkPutItems", ARN), (), Status.WARN, id="an action too new to be listed"),
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
