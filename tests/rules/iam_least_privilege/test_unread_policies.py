"""A role with an AWS managed policy, or a boundary of AWS's, that could not be read."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.facts.iam.principals import Principal
from readiness.facts.iam.table_roles import RolePolicies, RoleReview
from readiness.model import Reason, Status, Unavailable, Unreadable
from readiness.rules.iam_least_privilege import exists, log_groups, logging, managed_policies, own_rows, trust
from tests.aws.account import ARN
from tests.rules.iam_least_privilege.policies import JUDGES, logged
from tests.rules.roles import GOOD, THE_TABLE, Document, allow, document, principal, review, role

BASIC = "AWSLambdaBasicExecutionRole"
DENIED = Unavailable(Reason.ACCESS_DENIED, "iam:GetPolicy")
WITHOUT_POLICIES = {"managed_policies", "trust"}
"""Judges that need no document: the names of the policies and the trust policy are in another answer."""


def unread(policies: Mapping[str, Document] = GOOD, *, managed: tuple[str, ...] = (BASIC,), **of: Any) -> Principal:
    return replace(
        principal(policies, managed=managed, **of), unread=DENIED, digest=f"unread {policies} {managed} {of}"
    )


def unbounded(policies: Mapping[str, Document] = GOOD, *, managed: tuple[str, ...] = (), **of: Any) -> Principal:
    who = principal(policies, managed=managed, **of)
    return replace(who, unread_boundary=DENIED, digest=f"unbounded {policies} {managed} {of}")


def known(who: Principal) -> dict[str, Status]:
    """The statuses of the judges that are not UNKNOWN."""
    found = review(who)
    statuses = {judge.__name__: _status(judge, found) for judge in JUDGES}
    return {name: status for name, status in statuses.items() if status is not Status.UNKNOWN}


def _status(judge: Any, found: RoleReview) -> Status:
    try:
        return logged(judge, found).status
    except Unreadable as unread:
        return Status.UNKNOWN if unread.first == DENIED else Status.PASS


@pytest.mark.parametrize("who", [unread(), unbounded()], ids=["a policy", "a boundary"])
def test_a_role_that_seems_good_is_unknown_but_for_what_needs_no_document(who: Principal) -> None:
    assert known(who) == dict.fromkeys(WITHOUT_POLICIES, Status.PASS)
    assert exists(role(), RolePolicies(who)).status is Status.PASS


def test_what_another_policy_allows_fails_all_the_same() -> None:
    everything = {"own": document(allow("*", "*"))}
    whole = known(principal(everything, managed=(BASIC,)))
    assert known(unread(everything)) == whole
    assert Status.FAIL in {whole[name] for name in ("scope", "administration", "actions", "escalation")}


def test_a_warning_that_could_be_a_failure_is_unknown() -> None:
    near = {**GOOD, "near": document(allow("dynamodb:GetItem", ARN.replace("us-east-1", "*")))}
    assert known(principal(near))["scope"] is Status.WARN
    assert "scope" not in known(unread(near))


def test_a_warning_that_could_not_be_worse_is_told() -> None:
    other = {**GOOD, "other": document(allow("logs:PutLogEvents", "*"))}
    assert logged(log_groups, review(unread(other))).status is Status.WARN


def test_logs_that_a_policy_may_allow_that_was_not_read_are_not_missing() -> None:
    silent = {"cart": document(GOOD["cart"]["Statement"][0])}
    assert logged(logging, review(principal(silent))).status is Status.FAIL
    with pytest.raises(Unreadable):
        logged(logging, review(unread(silent)))


def test_an_administrator_within_a_boundary_that_was_not_read_is_unknown() -> None:
    administrator = {"AdministratorAccess": document(allow("*", "*"))}
    assert known(unread(administrator, managed=("AdministratorAccess",)))["managed_policies"] is Status.FAIL
    who = unbounded(administrator, managed=("AdministratorAccess",))
    assert known(who) == {"trust": Status.PASS}
    reader = unbounded(managed=("AWSLambdaInvocation-DynamoDB",))
    assert managed_policies(role(), review(reader)).status is Status.WARN


def test_the_trust_policy_is_judged_whatever_could_not_be_read() -> None:
    anyone = document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"})
    for who in (unread(trust=anyone), unbounded(trust=anyone)):
        assert trust(role(), review(who)).status is Status.FAIL


def test_a_policy_that_was_not_read_may_allow_to_write_the_rows_of_the_monitor() -> None:
    with pytest.raises(Unreadable) as found:
        own_rows(role(), review(unread({})), THE_TABLE)
    assert found.value.first == DENIED
    everything = {"own": document(allow("*", "*"))}
    whole = own_rows(role(), review(principal(everything, managed=(BASIC,))), THE_TABLE)
    assert own_rows(role(), review(unread(everything)), THE_TABLE) == whole
    assert whole.status is not Status.PASS
