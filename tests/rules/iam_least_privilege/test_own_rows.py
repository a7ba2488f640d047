"""Roles that can write the items of the monitor, or read the key that signs them."""

import json
import shlex
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.facts.iam.own_rows import OWN_ROW, signing_key
from readiness.iam.condition import RequestContext
from readiness.iam.evaluate import Access, granted_by, settled
from readiness.iam.privilege import ITEM_WRITES, LEADING_KEYS
from readiness.iam.reserved import BULK_WRITE, PARAMETER_READS, PATH_READ
from readiness.iam.statement import Statement, statements
from readiness.model import Reason, Status, Unavailable, Unreadable, Verdict
from readiness.rules.iam_least_privilege import own_rows, rule
from readiness.state.store.rows import Rows
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.rules.remedied import remedied
from tests.rules.roles import (
    ITEMS,
    LOGS,
    NO_MONITOR_ROWS,
    THE_TABLE,
    Document,
    allow,
    by_table,
    deny,
    document,
    principal,
    review,
    role,
)

PARAMETER = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter"
KEY = f"{PARAMETER}/readiness/{ACCOUNT}/{REGION}/{TABLE}/key"
REVIEW = {"StringEquals": {"aws:RequestedRegion": REGION}}


def keys(operator: str, *patterns: str, **other: Document) -> Document:
    """A condition on the partition keys of a request."""
    return {operator: {"dynamodb:LeadingKeys": list(patterns)}, **other}


def judged(*written: Document, **other: Any) -> Verdict:
    """Return the verdict on a role with one policy."""
    return own_rows(role(), review(principal({"cart": document(*written)}, **other)), THE_TABLE)


def test_a_role_that_can_write_every_item_warns_and_names_the_statement() -> None:
    verdict = judged(ITEMS, LOGS)
    assert verdict.status is Status.WARN
    assert verdict.message == (
        "cart can write READINESS# items, which hold the state of the monitor: cart (Items) allows "
        f"dynamodb:DeleteItem, dynamodb:PutItem, dynamodb:UpdateItem on {ARN}"
    )
    assert verdict.watched == {
        "reserved items": [
            f"dynamodb:DeleteItem, dynamodb:PutItem, dynamodb:UpdateItem on {ARN}",
        ]
    }


@pytest.mark.parametrize(
    ("written", "status"),
    [
        pytest.param(allow("dynamodb:GetItem", ARN), Status.PASS, id="a role that only reads items"),
        pytest.param(allow("dynamodb:PutItem", f"{ARN}-staging"), Status.PASS, id="writes to another table"),
        *(pytest.param(allow(name, ARN), Status.WARN, id=name) for name in sorted({*ITEM_WRITES, BULK_WRITE})),
        pytest.param(allow("dynamodb:*", ARN), Status.WARN, id="every action"),
        pytest.param(allow(None, ARN, NotAction="dynamodb:Get*"), Status.WARN, id="NotAction"),
        pytest.param(allow("dynamodb:PutItem", None, NotResource=f"{ARN}/*"), Status.WARN, id="NotResource"),
        pytest.param(allow("dynamodb:PutItem", ARN, Condition=REVIEW), Status.WARN, id="under another condition"),
    ],
)
def test_actions_that_write_items(written: Document, status: Status) -> None:
    assert judged(written).status is status


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        pytest.param(keys("ForAllValues:StringLike", "CART#*"), Status.PASS, id="items of the cart alone"),
        pytest.param(keys("ForAllValues:StringEquals", "${aws:PrincipalTag/cart}"), Status.WARN, id="a variable"),
        pytest.param(keys("ForAllValues:StringLike", "CART#*", "READINESS#*"), Status.WARN, id="and the monitor's"),
        pytest.param(keys("ForAllValues:StringLike", "R*"), Status.WARN, id="a wider pattern"),
        pytest.param(keys("ForAllValues:StringNotLike", "READINESS#*"), Status.PASS, id="all except the monitor's"),
        pytest.param(
            keys("ForAnyValue:StringLike", "CART#*"), Status.WARN, id="one item of the cart admits a whole batch"
        ),
        pytest.param(
            keys("ForAnyValue:StringNotLike", "READINESS#*"), Status.WARN, id="one other item admits a whole batch"
        ),
        pytest.param(
            keys("StringLike", "CART#*"), Status.WARN, id="without a quantifier, a batch has no documented result"
        ),
        pytest.param(
            keys("ForAllValues:StringLike", "CART#*", Null={"dynamodb:LeadingKeys": "false"}),
            Status.PASS,
            id="and the keys are demanded",
        ),
        pytest.param(
            {"ForAllValues:StringLike": {"DynamoDB:leadingkeys": "CART#*"}},
            Status.PASS,
            id="condition keys are case-insensitive",
        ),
    ],
)
def test_an_allow_with_a_condition_on_the_leading_keys_is_evaluated(condition: Document, status: Status) -> None:
    assert judged(allow("dynamodb:PutItem", ARN, Condition=condition)).status is status


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        pytest.param(keys("ForAnyValue:StringLike", "READINESS#*"), Status.PASS, id="any key of the monitor"),
        pytest.param(keys("ForAnyValue:StringLike", "READINESS*"), Status.PASS, id="a wider pattern"),
        pytest.param(keys("ForAnyValue:StringLike", "READINESS#1*"), Status.WARN, id="a narrower pattern"),
        pytest.param(
            keys("ForAllValues:StringLike", "READINESS#*"), Status.WARN, id="a batch with one other item is not denied"
        ),
        pytest.param(
            keys("ForAllValues:StringNotLike", "CART#*"), Status.WARN, id="a batch with one item of the cart is not"
        ),
        pytest.param(keys("ForAnyValue:StringNotLike", "CART#*"), Status.PASS, id="anything but items of the cart"),
        pytest.param(
            keys("StringLike", "READINESS#*"), Status.WARN, id="without a quantifier, a batch has no documented result"
        ),
        pytest.param(
            keys("ForAnyValue:StringLike", "READINESS#*", **REVIEW), Status.WARN, id="under another condition too"
        ),
        pytest.param(
            keys("ForAnyValue:StringLike", "READINESS#*", StringEquals={"dynamodb:EnclosingOperation": "x"}),
            Status.WARN,
            id="in transactions alone",
        ),
    ],
)
def test_a_deny_with_a_condition_on_the_leading_keys_is_evaluated(condition: Document, status: Status) -> None:
    assert judged(ITEMS, deny("dynamodb:*", ARN, Condition=condition)).status is status


def test_a_deny_of_some_of_the_actions_leaves_the_others() -> None:
    denied = keys("ForAnyValue:StringLike", "READINESS#*")
    verdict = judged(ITEMS, deny(["dynamodb:PutItem", "dynamodb:UpdateItem"], ARN, Condition=denied))
    assert verdict.status is Status.WARN
    assert verdict.watched == {"reserved items": [f"dynamodb:DeleteItem on {ARN}"]}


def test_a_bulk_write_has_no_leading_keys_so_no_condition_on_them_denies_it() -> None:
    written = allow([BULK_WRITE, "dynamodb:PutItem"], ARN, Condition=keys("ForAllValues:StringLike", "CART#*"))
    denied = deny("dynamodb:*", ARN, Condition=keys("ForAnyValue:StringLike", "READINESS#*"))
    assert judged(written, denied).watched == {
        "reserved items": [f"{BULK_WRITE} on {ARN}, conditional (ForAllValues:StringLike dynamodb:LeadingKeys)"]
    }
    assert judged(written, denied, deny(BULK_WRITE, ARN)).status is Status.PASS


@pytest.mark.parametrize(
    ("boundary", "status"),
    [
        pytest.param(document(allow("dynamodb:GetItem", "*")), Status.PASS, id="that allows no write"),
        pytest.param(document(allow("*", "*")), Status.WARN, id="that allows everything"),
        pytest.param(
            document(allow("dynamodb:*", "*", Condition=keys("ForAllValues:StringLike", "CART#*"))),
            Status.PASS,
            id="that allows items of the cart",
        ),
        pytest.param(
            document(allow("dynamodb:*", "*", Condition=keys("ForAnyValue:StringLike", "CART#*"))),
            Status.WARN,
            id="that allows a batch with one item of the cart",
        ),
        pytest.param(
            document(allow("*", "*"), deny("dynamodb:*", ARN, Condition=keys("ForAnyValue:StringLike", "READINESS#*"))),
            Status.PASS,
            id="that denies items of the monitor",
        ),
    ],
)
def test_a_permissions_boundary(boundary: Document, status: Status) -> None:
    assert judged(ITEMS, boundary=boundary).status is status


@pytest.mark.parametrize(
    ("action", "resource", "status"),
    [
        *(pytest.param(name, KEY, Status.WARN, id=name) for name in PARAMETER_READS),
        pytest.param("ssm:Get*", "*", Status.WARN, id="all parameters"),
        pytest.param("ssm:GetParameter", f"{PARAMETER}/readiness/*", Status.WARN, id="all below readiness"),
        pytest.param("ssm:GetParameter", f"{PARAMETER}/shop/*", Status.PASS, id="parameters of the shop"),
        pytest.param("ssm:PutParameter", KEY, Status.PASS, id="who writes it cannot read it"),
        pytest.param("ssm:DescribeParameters", "*", Status.PASS, id="names alone"),
        pytest.param(PATH_READ, f"{PARAMETER}/shop/*", Status.PASS, id="a path of the shop"),
        pytest.param(PATH_READ, KEY, Status.PASS, id="a path is not below itself"),
        *(
            pytest.param(PATH_READ, PARAMETER + path + end, Status.WARN, id=f"the path {path or '/'}{end}")
            for path in (
                "",
                "/readiness",
                f"/readiness/{ACCOUNT}",
                f"/readiness/{ACCOUNT}/{REGION}",
                f"/readiness/{ACCOUNT}/{REGION}/{TABLE}",
            )
            for end in ("", "/")
            if path or end
        ),
    ],
)
def test_calls_that_read_the_signing_key(action: str, resource: str, status: Status) -> None:
    verdict = judged(LOGS, allow(action, resource))
    assert verdict.status is status
    if status is Status.WARN:
        assert verdict.subject == "cart can read the key that signs the monitor's items"


def test_of_a_statement_only_the_resources_in_question_are_named() -> None:
    """The names of other parameters are other people's."""
    verdict = judged(LOGS, allow("ssm:GetParameter", [f"{PARAMETER}/shop/token", f"{PARAMETER}/readiness/*"]))
    assert verdict.evidence["Resource"] == [f"{PARAMETER}/readiness/*"]
    assert "token" not in f"{verdict}"


def test_the_tables_own_policy_allows_and_denies_too() -> None:
    who = principal({"cart": document(ITEMS)})
    everyone = {"Principal": "*"}
    denied = by_table(
        deny("dynamodb:*", ARN, Condition=keys("ForAnyValue:StringLike", "READINESS#*"), **everyone),
        deny(BULK_WRITE, ARN, **everyone),
    )
    assert own_rows(role(), review(who, policy=denied), THE_TABLE).status is Status.PASS
    reader = principal({"cart": document(LOGS)})
    granted = by_table(allow("dynamodb:PutItem", ARN, **everyone))
    assert own_rows(role(), review(reader, policy=granted), THE_TABLE).status is Status.WARN


@pytest.mark.parametrize("written", [ITEMS, LOGS], ids=["that writes", "that does not"])
def test_a_role_is_unknown_where_the_tables_own_policy_could_not_be_read(written: Document) -> None:
    unread = Unavailable(Reason.ACCESS_DENIED, "dynamodb:GetResourcePolicy")
    found = review(principal({"cart": document(written)}), policy=unread)
    with pytest.raises(Unreadable):
        own_rows(role(), found, THE_TABLE)


def test_a_snapshot_of_a_release_without_the_check_is_unknown() -> None:
    with pytest.raises(Unreadable):
        own_rows(role(), replace(review(principal()), own_rows=None), THE_TABLE)


EVERYTHING = allow("*", "*")


@pytest.mark.parametrize("written", [ITEMS, EVERYTHING], ids=["items", "everything"])
def test_the_remedy_denies_it_and_the_check_passes(written: Document) -> None:
    granted = principal({"cart": document(written)})
    policy = remedy(own_rows(role(), review(granted), THE_TABLE))
    mended = principal({"cart": document(written), "remedy": policy})
    found = review(mended)
    assert own_rows(role(), found, THE_TABLE).status is Status.PASS
    before = review(granted)
    assert [each.kind for each in found.found] == [each.kind for each in before.found], "it takes away nothing else"


def test_the_remedy_leaves_every_other_item_writable() -> None:
    granted = principal({"cart": document(ITEMS)})
    policy = remedy(own_rows(role(), review(granted), THE_TABLE))
    both = (*statements(document(ITEMS)), *statements(policy))
    assert granted_by(under(both, "CART#1", "CART#2"), "dynamodb:PutItem", ARN) is Access.DIRECT
    assert granted_by(under(both, "CART#1", OWN_ROW), "dynamodb:PutItem", ARN) is Access.NONE
    replica = ARN.replace(REGION, "eu-west-1")
    assert granted_by(under(both, OWN_ROW), "dynamodb:PutItem", replica) is Access.NONE, "a replica has them too"


def test_the_remedy_is_what_a_good_role_has() -> None:
    granted = principal({"cart": document(ITEMS)})
    assert remedy(own_rows(role(), review(granted), THE_TABLE)) == document(*NO_MONITOR_ROWS)


def test_the_prefix_and_the_parameter_are_those_of_the_monitor() -> None:
    rows = Rows(client=None, account=ACCOUNT, region=REGION, table=TABLE)  # type: ignore[arg-type]
    assert rows.partition.startswith(OWN_ROW.removesuffix("x"))
    assert signing_key(ARN) == KEY


def test_each_table_has_a_key_of_its_own() -> None:
    assert signing_key(ARN.replace(TABLE, "orders")) == KEY.replace(TABLE, "orders")


def under(written: tuple[Statement, ...], *leading: str) -> tuple[Statement, ...]:
    """The statements that hold for a request with these partition keys."""
    return tuple(settled(written, RequestContext({LEADING_KEYS: leading})))


def remedy(verdict: Verdict) -> Document:
    """The policy that the remedy puts."""
    assert verdict.remedy
    check = next(each for each in rule.checks if each.name == "own-rows")
    words = shlex.split(remedied(check, verdict))
    assert words[:3] == ["aws", "iam", "put-role-policy"]
    policy: Document = json.loads(words[words.index("--policy-document") + 1])
    return policy
