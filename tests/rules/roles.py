"""A role that may do what a cart needs and nothing else, built from plain policies; a test changes what it is about."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.principals import Principal
from readiness.facts.iam.table_roles import RolePolicies, RoleReview, TableRole, role_review
from readiness.facts.recorded.checklist import Checklist
from readiness.iam.evaluate import Identity
from readiness.iam.privilege import ITEM_WRITES
from readiness.iam.reserved import PARAMETER_READS, PATH_READ
from readiness.iam.statement import statements
from readiness.model import Unavailable
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.rules.facts import checklist

Document = dict[str, Any]

THE_TABLE = Table(TABLE, ARN, ACCOUNT, REGION)
ROLE = f"arn:aws:iam::{ACCOUNT}:role/cart"
GROUP = "/aws/lambda/cart"
NEEDED = [f"dynamodb:{name}" for name in ("GetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")]


def allow(action: str | list[str] | None, resource: str | list[str] | None, **other: Any) -> Document:
    """One statement; what is None is left out."""
    written = {"Effect": "Allow", "Action": action, "Resource": resource, **other}
    return {name: value for name, value in written.items() if value is not None}


def deny(action: str | list[str] | None, resource: str | list[str] | None, **other: Any) -> Document:
    return allow(action, resource, Effect="Deny", **other)


def document(*written: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(written)}


ITEMS = allow(NEEDED, [ARN, f"{ARN}/index/*"], Sid="Items")
LOGS = allow(["logs:CreateLogStream", "logs:PutLogEvents"], f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{GROUP}:*")
NO_MONITOR_ROWS = (
    deny(
        sorted(ITEM_WRITES),
        [f"arn:aws:dynamodb:*:{ACCOUNT}:table/{TABLE}"],
        Condition={"ForAnyValue:StringLike": {"dynamodb:LeadingKeys": "READINESS#*"}},
    ),
    deny("dynamodb:StartBulk*", [f"arn:aws:dynamodb:*:{ACCOUNT}:table/{TABLE}"]),
    deny(
        [*PARAMETER_READS, PATH_READ],
        [f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{path}" for path in ("", "readiness", "readiness/*")],
    ),
)
"""Denies a role the items of the monitor, and the key that signs them."""

BY_LAMBDA = document({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"})
NO_POLICY = ResourcePolicy(())
GOOD = {"cart": document(ITEMS, LOGS)}


def principal(
    policies: Mapping[str, Document] = GOOD,
    *,
    managed: tuple[str, ...] = (),
    boundary: Document | None = None,
    trust: Document = BY_LAMBDA,
) -> Principal:
    """A role with those policies by their names; `managed` are the names of those among them that AWS wrote."""
    said = tuple(statement for name, written in policies.items() for statement in statements(written, name))
    within = None if boundary is None else tuple(statements(boundary, "boundary"))
    text = json.dumps([list(policies.values()), managed, boundary, trust])
    digest = hashlib.sha256(text.encode()).hexdigest()
    identity = Identity(ROLE, "role", said, within)
    return Principal(ROLE, "cart", identity, managed, tuple(statements(trust, "trust policy")), digest)


def role(**other: Any) -> TableRole:
    return replace(TableRole("cart", ROLE, ("cart",), (GROUP,)), **other)


def by_table(*written: Document) -> ResourcePolicy:
    """The table's own policy."""
    return ResourcePolicy(statements(document(*written), "resource policy"))


def review(
    who: Principal,
    wanted: Checklist | None = None,
    of: TableRole | None = None,
    policy: ResourcePolicy | Unavailable = NO_POLICY,
) -> RoleReview:
    found = role_review(THE_TABLE, wanted or checklist(), of or role(), RolePolicies(who), policy)
    assert found
    return found


def extra(*written: Document, **other: Any) -> RoleReview:
    """The review of the good role with one more policy."""
    return review(principal({**GOOD, "extra": document(*written)}, **other))
