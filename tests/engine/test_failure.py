"""What a log line says of a failed call."""

from botocore.exceptions import ClientError, ReadTimeoutError

from readiness.alerts.topic import Refused
from readiness.aws.failure import failure
from readiness.model import Reason, Unavailable, Unreadable
from readiness.state.store import StoreUnavailable


def refusal() -> ClientError:
    answer = {"Error": {"Code": "Throttled", "Message": "secret"}, "ResponseMetadata": {"RequestId": "r-1"}}
    return ClientError(answer, "Publish")  # type: ignore[arg-type]  # as much as is read


def chained(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def test_what_aws_answered_is_found_behind_an_error_of_ours() -> None:
    error = chained(Refused("Throttled", invalid=False), refusal())
    assert failure(error) == {"error": "Throttled", "operation": "Publish", "request_id": "r-1"}


def test_a_call_without_an_answer_is_named_by_its_error_and_its_operation() -> None:
    timeout = ReadTimeoutError(endpoint_url="https://sns.us-east-1.amazonaws.com")
    timeout.operation_name = "Publish"  # type: ignore[attr-defined]  # as the client's session sets it
    assert failure(chained(Refused("ReadTimeoutError", invalid=False), timeout)) == {
        "error": "ReadTimeoutError",
        "operation": "Publish",
    }


def test_an_answer_that_lacks_a_member_is_named_by_it() -> None:
    lacks = Unavailable(Reason.INCOMPLETE_ANSWER, "ssm:GetParameter", "Parameter.Value")
    assert failure(chained(StoreUnavailable(lacks), Unreadable({}, lacks))) == {
        "error": "INCOMPLETE_ANSWER",
        "operation": "ssm:GetParameter",
        "member": "Parameter.Value",
    }
