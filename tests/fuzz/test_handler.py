"""Whatever the function is sent: it answers as documented, or says what is wrong with the event."""

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given

from readiness import entry
from readiness.aws.client import Aws
from readiness.changes.batch import LARGEST, put_off
from readiness.changes.call import ApiCall
from readiness.entry import BadEvent
from readiness.run import Run, Trigger
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.changes.trail import AT, batch, delivered, recovery
from tests.fuzz.events import INVOCATIONS, OTHER, batches
from tests.fuzz.values import nested

MONITOR = Path(__file__).parents[2] / "functions/monitor"
AWS = Aws(ACCOUNT, REGION)
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"
CONTEXT = SimpleNamespace(
    function_name="readiness",
    memory_limit_in_mb=512,
    invoked_function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:readiness",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 60_000,
)
ENDED = "ended with an error that its text explains"


class Function:
    """The deployed handler, whose runs judge nothing."""

    def __init__(self, handler: Any) -> None:
        self.handler = handler
        self.triggers: list[Trigger] = []

    def __call__(self, event: Any) -> Any:
        self.triggers.clear()
        try:
            return self.handler(event, CONTEXT)
        except BadEvent as error:
            said = str(error)
            assert said.startswith("event: ")
            assert said.isprintable()
            assert len(said) < 250
            return ENDED


@pytest.fixture(scope="module")
def function() -> Iterator[Function]:
    spec = importlib.util.spec_from_file_location("monitor_app", MONITOR / "app.py")
    assert spec
    assert spec.loader
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    ours = Function(app.handler)

    def run(self: Run) -> list[Any]:
        ours.triggers.append(self.trigger)
        return []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry, "_account", lambda: AWS)
        patch.setattr(AWS.__class__, "client", lambda *_: None)
        patch.setattr(Run, "run", run)
        patch.setattr(sys, "stdout", sys.stderr)
        patch.setenv("READINESS_TABLE", TABLE)
        patch.setenv("READINESS_TOPIC_ARN", TOPIC)
        patch.setenv("READINESS_CHECKLIST", str(MONITOR / "checklist.toml"))
        yield ours


def is_batch(event: Any) -> bool:
    records = event.get("Records") if isinstance(event, dict) else None
    return (
        isinstance(records, list)
        and bool(records)
        and all(
            isinstance(each, dict) and each.get("eventSource") == "aws:sqs" and isinstance(each.get("messageId"), str)
            for each in records
        )
    )


@given(event=INVOCATIONS)
@example(event={"Records": []})  # was an UnexpectedBatchTypeError
@example(event={"trigger": "x" * 100_000})
def test_every_event_is_answered_as_documented(function: Function, event: Any) -> None:
    said = function(event)
    if is_batch(event):
        assert list(said) == ["batchItemFailures"]
        ids = [each["messageId"] for each in event["Records"]]
        assert {each["itemIdentifier"] for each in said["batchItemFailures"]} <= set(ids)
    elif isinstance(event, dict) and event.get("trigger") in ("schedule", "manual"):
        assert (said, len(function.triggers)) == ({"tables": []}, 1)
    else:
        assert (said, function.triggers) == (ENDED, [])


@pytest.mark.parametrize("depth", [500, 900])
def test_deep_events_are_refused_in_a_few_words(function: Function, depth: int) -> None:
    for event in (nested(depth), {"trigger": nested(depth)}, {"Records": nested(depth)}):
        assert function(event) == ENDED


def second_look(*times: str) -> str:
    calls = [{"id": at, "source": "dynamodb.amazonaws.com", "name": "DeleteTable", "at": at} for at in times]
    return json.dumps({"detail-type": "Readiness Second Look", "detail": {"calls": calls}})


@given(event=batches())
@example(event=batch([second_look("2026-11-24T03:12:02", "2026-11-24T03:12:02Z")]))  # could not be sorted
@example(event=batch([delivered(recovery(on=False, eventTime="0001-01-01T00:00:00+14:00"))]))  # no UTC has that time
@example(event=batch([delivered(recovery(on=False, requestParameters={"tags": [{"key": [], "Key": {}}]}))]))
@example(event=batch([delivered(recovery(on=False, recipientAccountId=OTHER))]))  # was a call of this account
@example(event=batch(["[" * 100_000]))
def test_a_run_for_change_events_is_about_this_account_and_can_be_stored(function: Function, event: Any) -> None:
    function(event)
    own = json.dumps(event)
    for trigger in function.triggers:
        assert trigger.kind == "change"
        assert list(trigger.calls) == sorted(trigger.calls, key=lambda call: (call.at, call.id))
        assert all(call.at.tzinfo for call in (*trigger.calls, *trigger.again))
        for call in trigger.calls:
            assert OTHER not in places(event, call.id)
            assert json.dumps(call.id)[1:-1] in own.replace("\\\\", "\\") or not call.id.isascii()
            put_off([call]).encode()


def places(event: Any, event_id: str) -> set[str]:
    """The accounts and Regions in the last event of the batch that has the id."""
    found: set[str] = set()
    for each in event["Records"]:
        body = _json(each.get("body"))
        detail = body.get("detail") if isinstance(body, dict) else None
        if isinstance(detail, dict) and event_id in (detail.get("eventID"), body.get("id")):
            said = (body.get("account"), body.get("region"), detail.get("recipientAccountId"), detail.get("awsRegion"))
            found = {text for text in said if isinstance(text, str)}
    return found


def _json(body: Any) -> Any:
    try:
        return json.loads(body)
    except (TypeError, ValueError, RecursionError):
        return None


def test_ten_thousand_records_are_one_run(function: Function) -> None:
    event = batch([json.dumps(delivered(recovery(on=False)))] * 5_000 + ["not JSON"] * 5_000)
    assert len(function(event)["batchItemFailures"]) == 5_000
    (trigger,) = function.triggers
    assert len(trigger.calls) == 1


def test_the_message_for_a_second_look_fits_into_one_of_sqs() -> None:
    names = tuple(f"alarm-{number:0250}" for number in range(100))
    calls = [ApiCall(str(number), "monitoring.amazonaws.com", "DeleteAlarms", AT, names=names) for number in range(100)]
    text = put_off(calls)
    carried = json.loads(text)["detail"]["calls"]
    assert len(text.encode()) < 262_144
    assert len(text) > LARGEST - 30_000
    assert [each["id"] for each in carried] == [call.id for call in calls[-len(carried) :]]
