"""What the connections of all clients share, and whom they trust."""

import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import botocore.httpsession
import pytest
from botocore.session import Session

from readiness.aws.client import Caller, CannotStart, connect
from tests.aws.tls import Front, behind_tls


@pytest.fixture(autouse=True)
def own_contexts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each client gets a context of its own from botocore, as outside of tests."""
    of_botocore = getattr(botocore.httpsession.create_urllib3_context, "__wrapped__", None)
    if of_botocore:
        monkeypatch.setattr(botocore.httpsession, "create_urllib3_context", of_botocore)


@pytest.fixture
def front(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Front]:
    with behind_tls(tmp_path) as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front.endpoint)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(front.bundle))
        yield front


def test_the_authorities_are_read_once_whatever_the_number_of_clients_and_connections(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    of_python = ssl.SSLContext.load_verify_locations

    def load(context: ssl.SSLContext, cafile: str, *others: None) -> None:
        read.append(cafile)
        of_python(context, cafile, *others)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", load)
    aws = connect()
    dynamodb, functions = aws.client("dynamodb"), aws.client("lambda")
    with ThreadPoolExecutor(8) as threads:
        tables = [threads.submit(dynamodb.list_tables) for _ in range(4)]
        lists = [threads.submit(functions.list_functions) for _ in range(4)]
    assert all(each.result() for each in tables)
    assert all(each.result() for each in lists)
    assert front.connections > 3
    assert read == [str(front.bundle)]


def test_a_certificate_that_no_authority_has_signed_is_refused(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(Path(botocore.httpsession.__file__).with_name("cacert.pem")))
    with pytest.raises(CannotStart, match=f"cannot reach AWS: SSL validation failed for {front.endpoint}.*self-signed"):
        connect()


def test_a_certificate_for_another_address_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with behind_tls(tmp_path, "127.0.0.2") as front:
        monkeypatch.setenv("AWS_ENDPOINT_URL", front.endpoint)
        monkeypatch.setenv("AWS_CA_BUNDLE", str(front.bundle))
        with pytest.raises(CannotStart, match=r"doesn't match '127\.0\.0\.2'"):
            connect()


@pytest.mark.usefixtures("front")
def test_a_bundle_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/nowhere.pem")
    with pytest.raises(CannotStart, match=r"SSL validation failed .* No such file"):
        connect()


def test_the_context_of_a_client_that_verifies_nothing_is_its_own() -> None:
    session = Session()
    session.set_credentials("testing", "testing")
    caller = Caller(session, "us-east-1")
    sqs, kms = caller.client("sqs"), caller.client("kms")
    assert _context(sqs) is _context(kms)
    session.set_config_variable("ca_bundle", value=False)
    assert _context(caller.client("sns")) is not _context(kms)


def _context(client: Any) -> ssl.SSLContext:
    context: ssl.SSLContext = client._endpoint.http_session._manager.connection_pool_kw["ssl_context"]  # noqa: SLF001
    return context
