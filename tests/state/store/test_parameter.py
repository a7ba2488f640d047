"""Which table it was is remembered outside the table."""

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from moto import mock_aws

from readiness.model import Reason, Unavailable
from readiness.state.store import StoreUnavailable, TableIdParameter
from tests.state.store.samples import FORMER, REGION, TABLE, THIS
from tests.state.store.test_commit import answer

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def parameter() -> "Iterator[TableIdParameter]":
    with mock_aws():
        ssm = botocore.session.Session().create_client("ssm", REGION)
        yield TableIdParameter(ssm, REGION, TABLE)  # type: ignore[arg-type]  # botocore's stubs know no services


def test_it_says_nothing_until_it_is_written(parameter: TableIdParameter) -> None:
    assert parameter.read() is None


def test_it_says_what_was_written_last(parameter: TableIdParameter) -> None:
    parameter.write(FORMER)
    parameter.write(THIS)
    assert parameter.read() == THIS
    stored = parameter.client.get_parameter(Name="/readiness/us-east-1/babesclub-commerce/table-id")
    assert stored["Parameter"]["Type"] == "String"


def test_it_can_be_deleted_once_and_again(parameter: TableIdParameter) -> None:
    parameter.write(THIS)
    parameter.delete()
    parameter.delete()
    assert parameter.read() is None


def test_a_refusal_names_the_permission(parameter: TableIdParameter) -> None:
    parameter.client.meta.events.register_first("before-call.ssm", answer("AccessDeniedException"))
    with pytest.raises(StoreUnavailable) as caught:
        parameter.read()
    assert caught.value.why == Unavailable(Reason.ACCESS_DENIED, "ssm:GetParameter", "AccessDeniedException")


@pytest.mark.parametrize(
    ("said", "member"), [({}, "Parameter"), ({"Parameter": {"Name": "table-id"}}, "Parameter.Value")]
)
def test_an_answer_without_the_value_is_not_one_that_was_never_written(
    parameter: TableIdParameter, said: dict[str, object], member: str
) -> None:
    def handler(**_event: object) -> Any:
        class Response:
            status_code = 200

        return Response, said

    parameter.write(THIS)
    parameter.client.meta.events.register_first("before-call.ssm", handler)
    with pytest.raises(StoreUnavailable) as caught:
        parameter.read()
    assert caught.value.why == Unavailable(Reason.INCOMPLETE_ANSWER, "ssm:GetParameter", member)
