"""A call that fails is named in the reason, is logged once, and a list that never ends ends nevertheless."""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.exceptions import BotoCoreError, ReadTimeoutError
from moto import mock_aws
from moto.core.botocore_stubber import MockRawResponse

from readiness import scan
from readiness.aws import calling
from readiness.aws.calling import CallLimit, begin, limited
from readiness.aws.client import unavailable
from readiness.aws.failure import failure
from readiness.engine.collect import Past, collect
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.engine.rule import passed
from readiness.engine.snapshot import ROOT, Snapshot, failures
from readiness.model import Fact, Given, Reason, Unavailable, Unreadable, Verdict
from tests.aws.account import Account
from tests.engine.shops import denied, rule_of, unexpected


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account()


class Desk(Given, Fact):
    """The effect of each call, by the name of the operation."""

    calls: dict[str, Callable[[], Any]]

    def call(self, operation: str) -> Any:
        try:
            return self.calls[operation]()
        except ReadTimeoutError as error:
            error.operation_name = operation  # type: ignore[attr-defined]  # as the client's session sets it
            raise


class Letter(Fact):
    text: str


@fact("post:GetUrl", "post:GetLetter")
def letter(desk: Desk) -> Letter:
    desk.call("GetUrl")
    return Letter(desk.call("GetLetter"))


def read(letter: Letter) -> Verdict:
    return passed(letter.text)


def look(calls: dict[str, Callable[[], Any]], deadline: float = float("inf")) -> Snapshot:
    rule = rule_of(read)
    return collect(rule.checks, Past({Desk: {ROOT: Desk(calls)}}), deadline, unexpected)


def timeout() -> str:
    raise ReadTimeoutError(endpoint_url="https://aws.example")


def test_the_permission_is_that_of_the_call_that_failed() -> None:
    first = look({"GetUrl": timeout, "GetLetter": lambda: "x"})
    second = look({"GetUrl": lambda: "x", "GetLetter": timeout})
    assert first.answers[Letter][ROOT] == Unavailable(Reason.TIMEOUT, "post:GetUrl", "ReadTimeoutError")
    assert second.answers[Letter][ROOT] == Unavailable(Reason.TIMEOUT, "post:GetLetter", "ReadTimeoutError")


def test_a_list_without_an_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calling, "MOST_CALLS", 10)
    made: list[int] = []

    def endless() -> None:
        while True:
            begin("GetLetter")
            made.append(1)

    answer = look({"GetUrl": endless}).answers[Letter][ROOT]
    assert answer == Unavailable(Reason.MALFORMED, "post:GetLetter", "more than 10 calls")
    assert len(made) == 10


def test_no_call_is_made_once_nobody_waits_for_it() -> None:
    ended = threading.Event()

    def endless() -> None:
        try:
            while True:
                begin("GetLetter")
                time.sleep(0.01)
        finally:
            ended.set()

    answer = look({"GetUrl": endless}, time.monotonic() + 0.1).answers[Letter][ROOT]
    assert answer == Unavailable(Reason.TIMEOUT, "post:GetUrl")
    assert ended.wait(60), "the thread went on calling"


def test_what_is_no_fact_may_call_as_often_as_it_likes() -> None:
    with limited(lambda: True), pytest.raises(CallLimit):
        begin("Anything")
    for _ in range(2 * calling.MOST_CALLS):
        begin("Anything")


def test_a_failed_call_is_one_warning_with_its_reason_and_permission(caplog: pytest.LogCaptureFixture) -> None:
    def refused() -> str:
        raise denied()

    scan.log_failures(look({"GetUrl": refused}), scan.Defects())
    (line,) = caplog.records
    assert (line.levelno, line.getMessage()) == (logging.WARNING, "facts could not be read")
    named = {name: vars(line)[name] for name in ("error", "operation", "detail", "facts")}
    assert named == {"error": "ACCESS_DENIED", "operation": "post:GetUrl", "detail": "AccessDenied", "facts": 1}


@pytest.mark.parametrize("reason", [Reason.NOT_HERE, Reason.PENDING, Reason.STALE])
def test_what_is_no_failure_of_a_call_is_not_logged(reason: Reason, caplog: pytest.LogCaptureFixture) -> None:
    def known_elsewhere() -> str:
        raise Unreadable({}, Unavailable(reason, "post:GetUrl"))

    scan.log_failures(look({"GetUrl": known_elsewhere}), scan.Defects())
    assert caplog.records == []


def test_a_defect_is_logged_once_with_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    defects = scan.Defects()
    rule = rule_of(read)
    desk = Desk({"GetUrl": lambda: 1 // 0})
    scan.log_failures(collect(rule.checks, Past({Desk: {ROOT: desk}}), defect=defects), defects)
    assert [(line.levelname, bool(line.exc_info)) for line in caplog.records] == [("ERROR", True)]


def test_what_is_unread_within_an_axis_is_found() -> None:
    one, all_of_them = Unavailable(Reason.TIMEOUT), Unavailable(Reason.THROTTLED)
    assert list(failures(Each({"a": Letter("x"), "b": one}, all_of_them))) == [one, all_of_them]
    assert list(failures(None)) == []


def body(account: Account, service: str, operation: str, content: bytes, status: int = 200) -> None:
    """Let AWS answer so."""
    meta = account.client(service).meta

    def sent(**_event: object) -> AWSResponse:
        return AWSResponse("https://aws.example", status, {}, MockRawResponse(content))  # type: ignore[arg-type]

    meta.events.register_first(f"before-send.{meta.service_model.service_id.hyphenize()}.{operation}", sent)


@pytest.mark.parametrize(
    ("service", "operation", "arguments", "content"),
    [
        pytest.param("dynamodb", "ListTables", {}, b"<html>", id="a page where JSON is expected"),
        pytest.param("dynamodb", "ListTables", {}, b"[]", id="JSON of another type"),
        pytest.param("dynamodb", "ListTables", {}, b'{"TableNames": 7}', id="a list that is a number"),
        pytest.param("lambda", "ListFunctions", {}, b'{"Functions": ["x"]}', id="an object that is a text"),
        pytest.param("sns", "ListTopics", {}, b"{}", id="JSON where XML is expected"),
        pytest.param("ssm", "GetParameter", {"Name": "x"}, b'{"Parameter": {"LastModifiedDate": "x"}}', id="no time"),
    ],
)
def test_a_response_that_can_not_be_parsed_is_an_error_of_botocore(
    account: Account, service: str, operation: str, arguments: dict[str, str], content: bytes
) -> None:
    body(account, service, operation, content)
    client = account.client(service)
    with pytest.raises(BotoCoreError) as malformed:
        client._make_api_call(operation, arguments)  # noqa: SLF001  by the name of the operation
    assert unavailable(malformed.value, "x:Y") == Unavailable(Reason.MALFORMED, "x:Y", "MalformedResponse")
    assert failure(malformed.value) == {"error": "MalformedResponse", "operation": operation}


def test_an_error_that_is_no_json_is_classified_by_its_status(account: Account) -> None:
    body(account, "dynamodb", "ListTables", b"<html>", 403)
    with pytest.raises(Exception, match="403") as refused:
        account.client("dynamodb").list_tables()
    answer = unavailable(refused.value, "dynamodb:ListTables")
    assert isinstance(answer, Unavailable)
    assert answer.reason is Reason.ACCESS_DENIED


def test_members_that_the_model_does_not_know_are_no_error(account: Account) -> None:
    body(account, "dynamodb", "DeleteBackup", json.dumps({"NextYear": 1}).encode())
    assert "BackupDescription" not in account.client("dynamodb").delete_backup(BackupArn="a" * 37)
