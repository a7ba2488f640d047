from typing import Any

from readiness.facts.iam.table_roles import RoleReview, TableRole
from readiness.model import Reason, Unavailable, Verdict
from readiness.rules.iam_least_privilege import (
    actions,
    administration,
    escalation,
    log_groups,
    logging,
    managed_policies,
    scope,
    trust,
)
from tests.aws.account import ACCOUNT, ARN, REGION
from tests.rules.roles import THE_TABLE, allow, document, role

JUDGES = (scope, administration, managed_policies, actions, escalation, log_groups, trust)


TABLES = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table"


ANYWHERE = "arn:aws:dynamodb:*:*:table/babesclub-commerce"


CONDITION = {"StringEquals": {"aws:RequestedRegion": REGION}}


NARROW = document(allow("dynamodb:GetItem", ARN), allow("logs:*", "*"))
"""A boundary that leaves one action on the table."""


ADMINISTRATOR = {"AdministratorAccess": document(allow("*", "*"))}


def logged(verdict_of: Any, found: RoleReview, of: TableRole | None = None) -> Verdict:
    about_logs = verdict_of in {logging, log_groups}
    said = verdict_of(of or role(), found, THE_TABLE) if about_logs else verdict_of(of or role(), found)
    assert isinstance(said, Verdict)
    return said


DENIED = Unavailable(Reason.ACCESS_DENIED, "dynamodb:GetResourcePolicy")
