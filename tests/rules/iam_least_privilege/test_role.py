import pytest

from readiness.engine.each import Each
from readiness.facts.iam.table_roles import RolePolicies
from readiness.model import Gone, Reason, Status, Unavailable, Unreadable
from readiness.rules.iam_least_privilege import exists, functions, logging, rule
from tests.aws.account import ARN
from tests.rules.iam_least_privilege.policies import JUDGES, logged
from tests.rules.roles import LOGS, ROLE, allow, document, principal, review, role


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


def test_what_reads_iam_is_confirmed_by_a_second_look() -> None:
    """IAM is eventually consistent; what compares the checklist alone is not."""
    assert {check.name for check in rule.checks if check.confirm == 1} == {"shared"}
