"""What an error of AWS says about the account."""

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError

from readiness.aws.client import unavailable
from readiness.engine.evaluate import explained
from readiness.model import Gone, Reason, Unavailable

ACTION = "dynamodb:DescribeTable"


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("AccessDeniedException", 400, Reason.ACCESS_DENIED),
        ("OptInRequired", 400, Reason.ACCESS_DENIED),
        ("RequestExpired", 400, Reason.ACCESS_DENIED),
        ("InvalidSignatureException", 400, Reason.ACCESS_DENIED),
        ("SomethingNew", 403, Reason.ACCESS_DENIED),
        ("ThrottlingException", 400, Reason.THROTTLED),
        ("LimitExceededException", 400, Reason.THROTTLED),
        ("InternalServerError", 500, Reason.SERVER_ERROR),
        ("SomethingNew", 503, Reason.SERVER_ERROR),
        ("ValidationException", 400, Reason.MALFORMED),
    ],
)
def test_a_refusal_is_a_reason_that_names_the_permission(code: str, status: int, reason: Reason) -> None:
    error = ClientError({"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}, "DescribeTable")  # type: ignore[typeddict-item]  # the members that are read
    assert unavailable(error, ACTION) == Unavailable(reason, ACTION, code)


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "TableNotFoundException", "NoSuchEntity"])
def test_a_missing_resource_is_an_answer(code: str) -> None:
    assert isinstance(unavailable(ClientError({"Error": {"Code": code}}, "DescribeTable"), ACTION), Gone)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ReadTimeoutError(endpoint_url="https://x"), Reason.TIMEOUT),
        (EndpointConnectionError(endpoint_url="https://x"), Reason.NO_ENDPOINT),
    ],
)
def test_an_unreachable_endpoint_is_a_reason(error: Exception, reason: Reason) -> None:
    told = unavailable(error, ACTION)
    assert isinstance(told, Unavailable)
    assert told.reason is reason


def test_an_error_of_ours_is_none_of_aws() -> None:
    assert unavailable(KeyError("x"), ACTION) is None


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (Unavailable(Reason.ACCESS_DENIED, ACTION), f"could not be read: access was denied ({ACTION})"),
        (Unavailable(Reason.NOT_HERE), "could not be read: it is known elsewhere"),
        (Unavailable(Reason.NOT_HERE, detail="nobody recorded it"), "is not known: nobody recorded it"),
    ],
)
def test_what_is_not_known_is_said_with_its_reason(why: Unavailable, said: str) -> None:
    assert explained(why) == said
