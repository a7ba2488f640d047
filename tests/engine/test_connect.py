"""A run starts by asking AWS who it is, and says in one line what to do where that can't be known.

Calls are counted once per operation: what botocore tries again counts once.
"""

import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.retries import standard
from moto import mock_aws

from readiness.aws.client import Aws, CannotStart, connect

WHO = """
<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws-cn:iam::210987654321:user/someone</Arn><UserId>AIDA</UserId><Account>210987654321</Account>
  </GetCallerIdentityResult>
</GetCallerIdentityResponse>
"""

REFUSED = """
<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error><Code>InvalidClientTokenId</Code><Message>The security token is invalid.</Message></Error>
</ErrorResponse>
"""


class Sts(ThreadingHTTPServer):
    """Answers in turn what it is told to, as the STS that boto3's configuration leads to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.answers: list[tuple[int, str]] = []


class Answering(BaseHTTPRequestHandler):
    server: Sts

    def do_POST(self) -> None:
        status, body = self.server.answers.pop(0)
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_message: Any) -> None:
        """Say nothing."""


@pytest.fixture
def sts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sts]:
    with Sts() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{server.server_port}")
        yield server
        server.shutdown()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause before botocore tries again."""
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)


def advice() -> str:
    with pytest.raises(CannotStart) as told:
        connect()
    assert "\n" not in str(told.value)
    assert told.value.__suppress_context__, "people see a line, no traceback of botocore's"
    return str(told.value)


def test_account_and_region_are_those_of_the_configuration() -> None:
    with mock_aws():
        aws = connect()
    assert (aws.account, aws.region, aws.partition) == ("123456789012", "us-east-1", "aws")
    assert aws.who.startswith("arn:aws:sts::123456789012:")


def test_the_region_asked_for_wins() -> None:
    with mock_aws():
        assert connect("eu-west-1").region == "eu-west-1"


def test_the_partition_is_that_of_who_asks(sts: Sts) -> None:
    sts.answers = [(200, WHO)]
    aws = connect("cn-north-1")
    assert (aws.account, aws.partition) == ("210987654321", "aws-cn")


@pytest.mark.parametrize("member", ["Arn", "Account"])
def test_an_answer_that_does_not_say_who_asks_is_advice_and_no_traceback(sts: Sts, member: str) -> None:
    sts.answers = [(200, re.sub(f"<{member}>.*</{member}>", "", WHO))]
    assert advice() == f"STS does not say which account this is: {member} is missing in its answer"


def test_every_call_counts_once() -> None:
    with mock_aws():
        aws = connect()
        assert aws.calls == 1
        aws.client("dynamodb").list_tables()
        aws.client("dynamodb", "eu-west-1").list_tables()
        assert aws.calls == 3


@pytest.mark.usefixtures("impatient")
def test_a_call_that_is_tried_again_counts_once(sts: Sts) -> None:
    sts.answers = [(500, ""), (503, ""), (200, WHO)]
    assert connect().calls == 1
    assert sts.answers == []


def test_one_client_serves_all_who_ask_for_it() -> None:
    with mock_aws():
        aws = connect()
        assert aws.client("kms") is aws.client("kms", "us-east-1")
        assert aws.client("kms") is not aws.client("kms", "eu-west-1")


def test_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    assert advice().startswith("no AWS credentials found. Set AWS_PROFILE or run `aws sso login`; see https://docs.aws")


def test_half_of_the_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert advice().startswith("AWS credentials are incomplete: ")


def test_no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert advice() == "no AWS Region: set AWS_DEFAULT_REGION, or `region` in the profile"


def test_an_unknown_profile(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    assert advice() == "The config profile (nobody) could not be found: see `aws configure list-profiles`"


@pytest.mark.usefixtures("impatient")
def test_an_endpoint_that_nobody_listens_on(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        assert advice().startswith("cannot reach AWS: ")


def test_credentials_that_aws_refuses(sts: Sts) -> None:
    sts.answers = [(403, REFUSED)]
    assert advice() == "AWS refused the credentials (InvalidClientTokenId): log in again, or choose another profile"


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        pytest.param([(200, "<html>Service Unavailable")], "AWS can't be called: ", id="a body that is no XML"),
        pytest.param([(500, "")] * 4, "AWS can't be called: STS answers 500", id="a server error"),
    ],
)
def test_an_answer_that_is_none_is_one_line_and_no_traceback(
    sts: Sts, monkeypatch: pytest.MonkeyPatch, answers: list[tuple[int, str]], said: str
) -> None:
    monkeypatch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0)
    sts.answers = answers
    assert advice().startswith(said)


def test_a_configuration_that_makes_no_sense(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "no region at all")
    assert advice().startswith("AWS can't be called: ")


def test_offline_no_call_is_made() -> None:
    aws = Aws("123456789012", "us-east-1")
    assert aws.calls == 0
    with pytest.raises(CannotStart, match="makes no calls"):
        aws.client("dynamodb")


def test_judging_and_reading_the_checklist_start_without_botocore() -> None:
    script = (
        "import sys, readiness.rules, readiness.engine.evaluate, readiness.checklist;"
        "print([name for name in sys.modules if name.split('.')[0] in ('boto3', 'botocore')])"
    )
    run = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"
