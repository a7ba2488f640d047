import pytest

from readiness.model import Status
from readiness.rules.iam_least_privilege import log_groups, managed_policies, scope
from tests.aws.account import ARN
from tests.rules.iam_least_privilege.policies import ADMINISTRATOR, JUDGES, NARROW, logged
from tests.rules.roles import GOOD, allow, document, principal, review, role


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
