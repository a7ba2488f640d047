"""Change events through the handler: one look, one page, who did it, and no more than that."""

import json
from datetime import timedelta

import pytest

from readiness.entry import BadEvent
from readiness.state.store import Store, WriteConflict
from readiness.state.table_id import UNKNOWN
from tests.alerts.samples import PITR_OFF, called
from tests.aws.account import ARN, TABLE, good_table
from tests.changes.function import Function
from tests.changes.trail import MARIA, Json, alarm_changed, batch, call, delivered, recovery
from tests.run.world import World

DONE: Json = {"batchItemFailures": []}
MARIA_SAID = "maria@example.com, signed in with permission set PowerUser"


def test_a_burst_of_500_events_is_one_look_and_one_page(world: World, function: Function) -> None:
    world.recovery(on=False)
    function.looks()
    assert function.tell(*(recovery(on=False, **function.stamp()) for _ in range(500))) == DONE
    assert function.looks() == 1
    (message,) = world.heard()
    assert message["subject"] == f"[CRITICAL] {TABLE}: {called(PITR_OFF)}"


def test_the_page_and_the_record_name_who_did_it(world: World, function: Function) -> None:
    world.recovery(on=False)
    switched = recovery(on=False, **function.stamp())
    function.tell(switched)
    (message,) = world.heard()
    (event,) = message["events"]
    assert event["actor"] == {
        "who": MARIA_SAID,
        "from": "203.0.113.7",
        "with": "AWS CLI 2.31.0",
        "call": "UpdateContinuousBackups",
        "at": switched["eventTime"],
        "event": switched["eventID"],
    }
    (drift,) = function.drifts("REGRESSED")
    assert drift["actor"]["who"] == MARIA_SAID
    assert world.rows("RUN#")[-1]["trigger"] == {"S": "change"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("orders", id="by its name"),
        pytest.param("arn:aws:dynamodb:us-east-1:123456789012:table/orders", id="by its ARN"),
    ],
)
def test_an_event_about_another_table_ends_without_a_call(world: World, function: Function, name: str) -> None:
    world.account.calls.clear()
    assert function.tell(recovery(on=False, table=name)) == DONE
    assert world.account.calls == []


def test_an_event_that_names_the_table_by_its_arn_is_about_it(world: World, function: Function) -> None:
    world.recovery(on=False)
    arn = f"arn:aws:dynamodb:us-east-1:123456789012:table/{TABLE}"
    function.tell(recovery(on=False, table=arn, **function.stamp()))
    assert world.heard()[0]["events"][0]["actor"]["who"] == MARIA_SAID


def test_what_moves_nothing_that_is_judged_ends_without_a_call(world: World, function: Function) -> None:
    world.account.calls.clear()
    assert function.tell(call("kms", "TagResource", {"keyId": "a"})) == DONE
    assert world.account.calls == []


def test_an_event_that_comes_again_is_no_second_look(world: World, function: Function) -> None:
    world.recovery(on=False)
    switched = recovery(on=False, **function.stamp())
    function.tell(switched, switched)
    world.heard()
    function.looks()
    assert function.tell(switched) == DONE
    assert function.looks() == 0
    assert world.heard() == []


def test_an_event_that_comes_again_after_the_memory_is_gone_is_looked_at(world: World, function: Function) -> None:
    switched = recovery(on=True, **function.stamp())
    function.tell(switched)
    for item in world.rows():
        world.account.client("dynamodb").delete_item(TableName=TABLE, Key={"PK": item["PK"], "SK": item["SK"]})
    function.looks()
    function.tell(switched)
    assert function.looks() == 1


def test_a_call_that_was_refused_is_kept_as_an_attempt_and_is_no_reason_to_look(
    world: World, function: Function
) -> None:
    tried = recovery(on=False, errorCode="AccessDenied", **function.stamp())
    function.looks()
    for _ in range(2):  # delivered again, it is the same attempt
        assert function.tell(tried) == DONE
    assert function.looks() == 0
    (attempt,) = function.drifts("ATTEMPT")
    assert attempt["actor"]["who"] == MARIA_SAID
    assert attempt["silent"] is True
    assert attempt["after"]["errorCode"] == "AccessDenied"
    assert attempt["after"]["eventName"] == "UpdateContinuousBackups"
    assert attempt["check"] == "pitr-enabled/on"
    assert attempt["tableId"] != UNKNOWN
    assert world.heard() == []


def test_an_attempt_beside_a_change_did_not_make_it(world: World, function: Function) -> None:
    world.recovery(on=False)
    root: Json = {"userIdentity": {"type": "Root", "accountId": "123456789012"}}
    function.tell(
        recovery(on=False, **function.stamp()),
        recovery(on=False, errorCode="AccessDenied", **root, **function.stamp()),
    )
    assert world.heard()[0]["events"][0]["actor"]["who"] == MARIA_SAID
    assert len(function.drifts("ATTEMPT")) == 1


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("not JSON", id="no JSON"),
        pytest.param("[]", id="no object"),
        pytest.param('{"detail-type": "Something Else", "detail": {}}', id="an event of another kind"),
        pytest.param(json.dumps(delivered({**recovery(on=False), "eventID": None})), id="without an id"),
        pytest.param(json.dumps(delivered({**recovery(on=False), "eventTime": "soon"})), id="without a time"),
        pytest.param(
            '{"detail-type": "Readiness Second Look", "detail": {"calls": [1]}}', id="a second look at nothing"
        ),
    ],
)
def test_a_record_that_can_not_be_read_comes_back_alone(world: World, function: Function, body: str) -> None:
    world.recovery(on=False)
    event = batch([body, delivered(recovery(on=False, **function.stamp()))])
    unread = event["Records"][0]["messageId"]
    assert function.invoke(event) == {"batchItemFailures": [{"itemIdentifier": unread}]}
    assert len(world.heard()) == 1


def test_members_that_are_left_out_or_new_are_no_reason_to_fail(world: World, function: Function) -> None:
    world.recovery(on=False)
    bare = {**recovery(on=False, **function.stamp()), "requestParameters": None, "new": {"member": 1}}
    for member in ("userIdentity", "userAgent", "sourceIPAddress"):
        del bare[member]
    assert function.tell(bare) == DONE
    assert world.heard()[0]["events"][0]["actor"]["who"] == "somebody whom CloudTrail does not name"


def test_a_call_that_has_not_settled_is_looked_at_once_more_a_minute_later(world: World, function: Function) -> None:
    function.tell(recovery(on=False, **function.stamp()))
    assert world.heard() == []
    world.recovery(on=False)
    function.look_again()
    assert world.heard()[0]["events"][0]["actor"]["who"] == MARIA_SAID
    assert function.put_off() == []


def test_there_is_no_third_look(function: Function) -> None:
    function.tell(recovery(on=True, **function.stamp()))
    assert function.look_again() == DONE
    assert function.put_off() == []


def test_a_second_look_that_could_not_be_recorded_is_made_once_more(
    function: Function, monkeypatch: pytest.MonkeyPatch
) -> None:
    def conflict(*_args: object) -> None:
        raise WriteConflict

    function.tell(recovery(on=True, **function.stamp()))
    with monkeypatch.context() as patched:
        patched.setattr(Store, "commit", conflict)
        function.look_again()
    assert function.look_again() == DONE
    assert function.put_off() == []


def test_a_call_that_was_seen_needs_no_second_look(world: World, function: Function) -> None:
    world.recovery(on=False)
    function.tell(recovery(on=False, **function.stamp()))
    assert function.put_off() == []


def test_a_toggle_that_was_put_back_before_the_look_leaves_a_record_of_who_and_when(
    world: World, function: Function
) -> None:
    off = call(
        "dynamodb",
        "UpdateTimeToLive",
        {"tableName": TABLE, "timeToLiveSpecification": {"attributeName": "expiresAt", "enabled": False}},
        **function.stamp(),
    )
    function.tell(off)
    function.look_again()
    assert world.heard() == []
    (record,) = function.drifts("CALL")
    assert record["check"] == "ttl-enabled"
    assert record["actor"]["who"] == MARIA_SAID
    assert record["after"]["switchedOff"] is True
    assert record["after"]["firstAt"].startswith(off["eventTime"].rstrip("Z"))


def test_recovery_that_went_off_and_on_names_who_switched_it_off_and_the_window_that_is_lost(
    world: World, function: Function
) -> None:
    world.earliest = world.now - timedelta(days=35)
    world.run()
    world.earliest = world.now
    jo: Json = {"userIdentity": {"type": "IAMUser", "userName": "jo"}}
    off = recovery(on=False, userIdentity=MARIA, **function.stamp())
    world.now += timedelta(seconds=5)
    function.tell(off, recovery(on=True, **jo, **function.stamp()))
    (message,) = world.heard()
    (event,) = message["events"]
    assert event["kind"] == "INCIDENT"
    assert "35 days" in event["incident"]["after"]
    assert event["actor"]["who"] == MARIA_SAID
    (drift,) = function.drifts("INCIDENT")
    assert drift["actor"]["at"] == off["eventTime"]
    assert function.put_off() == []


def test_an_alarm_that_cloudwatch_says_was_changed_is_looked_at(function: Function) -> None:
    function.looks()
    assert function.invoke(batch([alarm_changed("throttling")])) == DONE
    assert function.looks() == 1
    assert function.drifts("CALL") == []  # nobody knows who did it


def test_a_deleted_table_is_told_with_who_deleted_it(world: World, function: Function) -> None:
    world.delete_table()
    deleted = call("dynamodb", "DeleteTable", {"tableName": TABLE}, **function.stamp())
    with pytest.raises(RuntimeError, match="cannot record"):
        function.tell(deleted)
    (message,) = world.heard()
    assert message["trouble"]["what"] == "TABLE_DELETED"
    assert message["trouble"]["actor"]["who"] == MARIA_SAID


def test_attempts_of_one_record_are_marked_if_one_of_them_would_have_switched_a_feature_off(function: Function) -> None:
    function.tell(*(recovery(on=on, errorCode="AccessDenied", **function.stamp()) for on in (False, True)))
    (attempt,) = function.drifts("ATTEMPT")
    assert (attempt["after"]["count"], attempt["after"]["switchedOff"]) == (2, True)


def test_who_was_refused_to_delete_the_table_is_not_named_as_who_did(world: World, function: Function) -> None:
    world.delete_table()
    other = {**MARIA, "arn": MARIA["arn"].replace("maria@", "jo@")}
    deleted = call("dynamodb", "DeleteTable", {"tableName": TABLE}, userIdentity=other, **function.stamp())
    refused = call("dynamodb", "DeleteTable", {"tableName": TABLE}, errorCode="AccessDenied", **function.stamp())
    with pytest.raises(RuntimeError, match="cannot record"):
        function.tell(deleted, refused)
    (message,) = world.heard()
    assert message["trouble"]["actor"]["who"].startswith("jo@")


def test_a_table_that_is_being_deleted_is_one_page_with_who_deletes_it(world: World, function: Function) -> None:
    left = {"TableName": TABLE, "TableStatus": "DELETING", "TableId": world.table_id, "TableArn": ARN}
    world.account.answer("dynamodb", "DescribeTable", *[{"Table": left}] * 9)
    function.tell(call("dynamodb", "DeleteTable", {"tableName": TABLE}, **function.stamp()))
    (message,) = world.heard()
    assert message["subject"] == f"[CRITICAL] {TABLE}: the table is being deleted"
    (kept,) = [event for event in message["events"] if event["check"] == "pitr-enabled/kept"]
    assert kept["actor"]["who"] == MARIA_SAID
    assert kept["actor"]["call"] == "DeleteTable"


def test_a_replaced_table_is_told_with_who_deleted_the_former(world: World, function: Function) -> None:
    world.delete_table()
    good_table(world.account)
    function.tell(call("dynamodb", "DeleteTable", {"tableName": TABLE}, **function.stamp()))
    (message,) = world.heard()
    assert message["trouble"]["what"] == "TABLE_REPLACED"
    assert message["trouble"]["actor"]["who"] == MARIA_SAID


def test_a_record_without_its_body_comes_back_alone(world: World, function: Function) -> None:
    world.recovery(on=False)
    event = batch([delivered(recovery(on=False, **function.stamp())), "{}"])
    del event["Records"][1]["body"]
    assert function.invoke(event) == {"batchItemFailures": [{"itemIdentifier": event["Records"][1]["messageId"]}]}
    assert len(world.heard()) == 1


def test_records_that_have_no_name_to_come_back_by_are_none_of_the_queues(function: Function) -> None:
    event = batch(["{}"])
    del event["Records"][0]["messageId"]
    with pytest.raises(BadEvent, match="expected one of schedule, manual"):
        function.invoke(event)
