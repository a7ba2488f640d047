"""The TableId, and the key that signs the rows, are kept outside the table."""

from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from moto import mock_aws
from msgspec.structs import replace

from readiness.model import Reason, Unavailable
from readiness.state.store import Parameters, Registered, StoreUnavailable, parameter
from tests.state.store.samples import ACCOUNT, FORMER, REGION, TABLE, THIS
from tests.state.store.test_commit import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE_ID = f"/readiness/{ACCOUNT}/{REGION}/{TABLE}/table-id"
KEY = f"/readiness/{ACCOUNT}/{REGION}/{TABLE}/key"
FORMER_NAME = f"/readiness/{REGION}/{TABLE}/table-id"


@pytest.fixture
def parameters() -> "Iterator[Parameters]":
    with mock_aws():
        ssm: Any = botocore.session.Session().create_client("ssm", REGION)
        yield Parameters(ssm, ACCOUNT, REGION, TABLE)


def stored(parameters: Parameters, name: str) -> Any:
    return parameters.client.get_parameter(Name=name, WithDecryption=True)["Parameter"]


def test_it_says_nothing_until_it_is_written(parameters: Parameters) -> None:
    assert parameters.read() is None


@pytest.mark.parametrize("signed", [False, True])
def test_it_says_what_was_written_last(parameters: Parameters, *, signed: bool) -> None:
    parameters.write(Registered(FORMER))
    parameters.write(Registered(THIS, signed))
    assert parameters.read() == Registered(THIS, signed)
    assert stored(parameters, TABLE_ID)["Type"] == "String"


def test_the_name_of_former_releases_is_read_until_the_new_one_is_written(parameters: Parameters) -> None:
    parameters.client.put_parameter(Name=FORMER_NAME, Value=FORMER, Type="String")
    assert parameters.read() == Registered(FORMER)

    parameters.write(Registered(THIS))
    assert parameters.read() == Registered(THIS)


def test_the_key_is_encrypted_with_the_key_that_the_stack_names(parameters: Parameters) -> None:
    kms_key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/12345678-1234-1234-1234-123456789012"
    replace(parameters, kms_key=kms_key).make_key()
    (found,) = parameters.client.describe_parameters()["Parameters"]
    assert (found["Name"], found["KeyId"]) == (KEY, kms_key)


def test_the_key_is_made_once_and_is_a_secret(parameters: Parameters, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parameters.key() is None
    key = parameters.make_key()
    assert len(key) == 32
    assert stored(parameters, KEY)["Type"] == "SecureString"

    monkeypatch.setattr(parameter, "_keys", {})
    assert parameters.make_key() == key
    assert parameters.key() == key


def test_of_two_runs_that_make_the_key_at_once_both_have_the_same(
    parameters: Parameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    faster = "ab" * 32
    real = type(parameters).key

    def overtaken(self: Parameters, *, fresh: bool = False) -> bytes | None:
        if not fresh:
            return None
        return real(self, fresh=True)

    parameters.client.put_parameter(Name=KEY, Value=faster, Type="SecureString")
    monkeypatch.setattr(type(parameters), "key", overtaken)

    assert parameters.make_key() == bytes.fromhex(faster)


def test_an_execution_environment_reads_the_key_once(parameters: Parameters) -> None:
    key = parameters.make_key()
    parameters.client.delete_parameter(Name=KEY)

    assert parameters.key() == key
    assert parameters.key(fresh=True) is None


@pytest.mark.parametrize("value", ["", " ", "secret", "ab" * 31, "zz" * 32])
def test_another_value_than_a_key_is_not_used_and_not_shown(parameters: Parameters, value: str) -> None:
    parameters.client.put_parameter(Name=KEY, Value=value or "x", Type="SecureString")
    with pytest.raises(StoreUnavailable) as caught:
        parameters.key()
    assert isinstance(caught.value.why, Unavailable)
    assert caught.value.why.reason is Reason.MALFORMED
    assert "secret" not in str(caught.value)


def test_all_can_be_deleted_once_and_again(parameters: Parameters) -> None:
    parameters.client.put_parameter(Name=FORMER_NAME, Value=FORMER, Type="String")
    parameters.write(Registered(THIS))
    parameters.make_key()

    parameters.delete()
    parameters.delete()

    assert parameters.read() is None
    assert parameters.key() is None


def test_a_refusal_names_the_permission(parameters: Parameters) -> None:
    parameters.client.meta.events.register_first("before-call.ssm", answer("AccessDeniedException"))
    with pytest.raises(StoreUnavailable) as caught:
        parameters.read()
    assert caught.value.why == Unavailable(Reason.ACCESS_DENIED, "ssm:GetParameter", "AccessDeniedException")


@pytest.mark.parametrize(
    ("said", "member"), [({}, "Parameter"), ({"Parameter": {"Name": "table-id"}}, "Parameter.Value")]
)
def test_an_answer_without_the_value_is_not_one_that_was_never_written(
    parameters: Parameters, said: dict[str, object], member: str
) -> None:
    def handler(**_event: object) -> Any:
        class Response:
            status_code = 200

        return Response, said

    parameters.write(Registered(THIS))
    parameters.client.meta.events.register_first("before-call.ssm", handler)
    with pytest.raises(StoreUnavailable) as caught:
        parameters.read()
    assert caught.value.why == Unavailable(Reason.INCOMPLETE_ANSWER, "ssm:GetParameter", member)
