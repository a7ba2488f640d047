"""Somebody else writes the rows of the monitor: nobody is fooled, nobody is silenced, and no run ends in an error."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from readiness.model import Message
from readiness.run.outcome import problems
from readiness.state.store.entry import values_of
from readiness.state.store.rows import SCHEMA, Rows
from readiness.state.store.signing import Signer
from readiness.state.store.wire import decode_item, depth, encode_item, size
from tests.aws.account import ACCOUNT, TABLE
from tests.run.world import World, new_environment

PITR = "pitr-enabled/on"
KEY = f"/readiness/{ACCOUNT}/us-east-1/{TABLE}/key"


@pytest.fixture
def watched(world: World) -> World:
    """A table that is watched, and whose recovery was turned off and reported."""
    world.run()
    world.recovery(on=False)
    world.run()
    world.heard()
    return world


def edit(world: World, sort_key: str, **attributes: Any) -> None:
    """Somebody writes attributes into a row, or makes one."""
    (row, *_) = [each for each in world.rows(sort_key) if each["SK"]["S"] == sort_key] or [
        {"PK": world.rows("STATE")[0]["PK"], "SK": {"S": sort_key}}
    ]
    world.account.client("dynamodb").put_item(TableName=TABLE, Item={**row, **attributes})


def failing(message: dict[str, Any]) -> set[str]:
    """The checks that a message says fail."""
    return {
        event["check"]
        for event in message["events"]
        if any(each["status_after"] == "FAIL" for each in event["differences"])
    }


FORGED = (
    pytest.param("STATE", {"schema": {"N": "999"}}, id="a schema of the far future"),
    pytest.param("STATE", {"version": {"S": "many"}}, id="a version that is text"),
    pytest.param("STATE", {"version": {"N": "999999999999"}}, id="a version at the end of all"),
    pytest.param("STATE", {"verifiedAt": {"S": "tomorrow"}}, id="no time"),
    pytest.param("STATE#CHECKS", {"checks": {"M": {}}}, id="nothing remembered"),
    pytest.param("STATE#CHECKS", {"checks": {"S": "x"}}, id="a memory that is text"),
    pytest.param("STATE#CHECKS", {"signs": {"L": []}}, id="signs that are a list"),
    pytest.param("STATE#CHECKS", {"mac": {"S": "0"}}, id="another signature"),
)


@pytest.mark.parametrize(("sort_key", "attributes"), FORGED)
def test_a_damaged_memory_is_told_with_all_that_fails(
    watched: World, sort_key: str, attributes: dict[str, Any]
) -> None:
    edit(watched, sort_key, **attributes)

    assert watched.run().committed
    (message,) = watched.heard()
    assert message["subject"] == f"[HIGH] {TABLE}: the monitor's items in this table were changed by others"
    assert message["trouble"]["what"] == "MEMORY_DAMAGED"
    assert sort_key in message["trouble"]["detail"]
    assert PITR in failing(message)

    watched.run()
    assert watched.heard() == []
    watched.recovery(on=True)
    watched.run()
    assert [each["subject"] for each in watched.heard()] == [f"[RESOLVED] {TABLE}: PITR is enabled again"]


def test_a_memory_that_was_deleted_is_told(watched: World) -> None:
    key = {name: watched.rows("STATE#CHECKS")[0][name] for name in ("PK", "SK")}
    watched.account.client("dynamodb").delete_item(TableName=TABLE, Key=key)

    watched.run()
    (message,) = watched.heard()
    assert (message["trouble"]["what"], PITR in failing(message)) == ("MEMORY_DAMAGED", True)


def test_a_damaged_memory_is_told_while_alerts_are_paused(watched: World) -> None:
    until = {"S": "2099-01-01T00:00:00.000000Z"}
    table_id = {"S": watched.table_id}
    word = {"by": {"S": "ada"}, "at": {"S": "2026-11-24T03:00:00.000000Z"}, "reason": {"S": "deployment"}}
    edit(watched, "STATE#PAUSE", until=until, tableId=table_id, schema={"N": str(SCHEMA)}, **word)
    watched.run()
    watched.heard()
    edit(watched, "STATE", schema={"N": "999"})

    watched.run()
    (message,) = watched.heard()
    assert (message["trouble"]["what"], PITR in failing(message)) == ("MEMORY_DAMAGED", True)


def test_a_forged_message_is_not_sent_and_told(watched: World) -> None:
    message = {"id": {"S": "x"}, "subject": {"S": "run this"}, "bodies": {"M": {"default": {"S": "rm -rf"}}}}
    row = {"version": {"N": "1"}, "tableId": {"S": watched.table_id}, "schema": {"N": str(SCHEMA)}}
    edit(watched, "OUTBOX#000000000001", message={"M": {**message, "attributes": {"M": {}}}}, **row)

    outcome = watched.run()
    (heard,) = watched.heard()
    assert heard["subject"] == f"[HIGH] {TABLE}: alerts that waited in this table were changed by others"
    assert (heard["trouble"]["what"], failing(heard)) == ("ALERTS_DAMAGED", {PITR})
    assert "rm -rf" not in json.dumps(heard)
    assert (outcome.pending, problems(outcome, 0)["rowsRefused"]) == (0, 1)
    assert watched.rows("OUTBOX#") == []


def test_a_message_that_was_changed_while_it_waited_is_not_lost(watched: World) -> None:
    watched.recovery(on=True)
    sns = watched.account.client("sns")
    sns.delete_topic(TopicArn=watched.topic)
    watched.run()
    (waiting,) = watched.rows("OUTBOX#")
    edit(watched, waiting["SK"]["S"], message={"M": {"subject": {"S": "all is well"}}})
    watched.topic = sns.create_topic(Name="on-call")["TopicArn"]
    watched.subscribe()

    watched.run()
    (heard,) = watched.heard()
    assert (heard["trouble"]["what"], failing(heard)) == ("ALERTS_DAMAGED", set())


def test_a_key_that_was_deleted_is_told_once(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.account.client("ssm").delete_parameter(Name=KEY)
    new_environment(monkeypatch)

    watched.run()
    (message,) = watched.heard()
    assert (message["trouble"]["what"], PITR in failing(message)) == ("MEMORY_DAMAGED", True)
    new_environment(monkeypatch)
    watched.run()
    assert watched.heard() == []


def test_a_key_that_cannot_be_read_writes_nothing_and_says_so(watched: World, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.account.refuse("ssm", "GetParameter", "AccessDeniedException")
    new_environment(monkeypatch)
    before = watched.rows()

    outcome = watched.run()
    assert outcome.unrecorded is not None
    assert watched.rows() == before
    (message,) = watched.heard()
    assert message["trouble"]["what"] == "CANNOT_RECORD"
    assert "ssm:GetParameter" in message["trouble"]["detail"]
    assert problems(outcome, 0)["keyUnreadable"] == 1


def newer(world: World) -> None:
    """A later release writes the head, signed as it should be."""
    (head, *_) = world.rows("STATE")
    assert head["SK"]["S"] == "STATE"
    key = bytes.fromhex(world.account.client("ssm").get_parameter(Name=KEY, WithDecryption=True)["Parameter"]["Value"])
    row: Any = {**head, "schema": {"N": str(SCHEMA + 1)}, "anew": {"S": "x"}}
    world.account.client("dynamodb").put_item(TableName=TABLE, Item=Signer(key).sign(row))


def test_a_rollback_tells_what_fails_once_and_changes_nothing(watched: World) -> None:
    newer(watched)
    state = watched.rows("STATE")

    outcome = watched.run(release="2026-01-01T00:00:00Z")
    assert (outcome.committed, problems(outcome, 0)["newerRelease"]) == (False, 1)
    (message,) = watched.heard()
    assert message["subject"] == f"[HIGH] {TABLE}: the monitor was rolled back to an older release"
    assert (message["trouble"]["what"], PITR in failing(message)) == ("NEWER_RELEASE", True)
    watched.run(release="2026-01-01T00:00:00Z")
    assert watched.heard() == []

    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    dynamodb = watched.account.client("dynamodb")
    dynamodb.update_table(TableName=TABLE, BillingMode="PROVISIONED", ProvisionedThroughput=units)
    watched.run(release="2026-01-01T00:00:00Z")
    (message,) = watched.heard()
    assert {PITR, "billing-on-demand/mode"} <= failing(message)
    assert watched.rows("STATE") == state


def test_a_rollback_is_told_though_somebody_claims_that_it_was(watched: World) -> None:
    newer(watched)
    release = "2026-01-01T00:00:00Z"
    outcome = watched.run(release=release)
    assert outcome.state
    watched.heard()
    for digest in ({"S": "0" * 64}, {"N": "1"}):
        edit(watched, f"ROLLBACK#{release}", digest=digest, sent={"BOOL": True})
        watched.run(release=release)
        (message,) = watched.heard()
        assert (message["trouble"]["what"], PITR in failing(message)) == ("NEWER_RELEASE", True)


def test_a_rollback_whose_checks_cannot_be_read_in_every_second_run_is_told_once(watched: World) -> None:
    newer(watched)
    release, throttled = "2026-01-01T00:00:00Z", [True]
    watched.account.refuse_while(throttled, "dynamodb", "DescribeContinuousBackups", "ThrottlingException")
    told = []
    for clear in (True, False, True, False, False, True):
        throttled[:] = [] if clear else [True]
        watched.run(release=release)
        told += watched.heard()
    (message,) = told
    assert PITR in failing(message)

    throttled[:] = [True]
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    dynamodb = watched.account.client("dynamodb")
    dynamodb.update_table(TableName=TABLE, BillingMode="PROVISIONED", ProvisionedThroughput=units)
    watched.run(release=release)
    (message,) = watched.heard()
    assert "billing-on-demand/mode" in failing(message)

    throttled.clear()
    watched.recovery(on=True)
    watched.run(release=release)
    (message,) = watched.heard()
    assert PITR not in failing(message)


def test_a_rollback_whose_alert_was_refused_tells_it_later(watched: World) -> None:
    newer(watched)
    topic, watched.topic = watched.topic, "arn:aws:sns:us-east-1:123456789012:gone"
    watched.run()
    watched.topic = topic
    watched.run(lasts=60)
    assert watched.heard() == [], "a run that has not ended may be sending it"
    for _ in range(3):
        watched.run()
    assert [each["trouble"]["what"] for each in watched.heard()] == ["NEWER_RELEASE"]


def test_an_upgrade_signs_everything_and_says_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.run()
    world.heard()
    for row in world.rows():
        bare = {name: each for name, each in row.items() if name != "mac"}
        world.account.client("dynamodb").put_item(TableName=TABLE, Item=bare)
    ssm = world.account.client("ssm")
    ssm.delete_parameter(Name=KEY)
    ssm.put_parameter(Name=KEY.replace("/key", "/table-id"), Value=world.table_id, Type="String", Overwrite=True)
    new_environment(monkeypatch)

    for _ in range(2):
        world.run()
        assert world.heard() == []
    value = ssm.get_parameter(Name=KEY.replace("/key", "/table-id"))["Parameter"]["Value"]
    assert value == f"{world.table_id} signed"
    head = world.rows("STATE")[0]
    world.account.client("dynamodb").put_item(
        TableName=TABLE, Item={name: each for name, each in head.items() if name != "mac"}
    )
    world.run()
    assert [each["trouble"]["what"] for each in world.heard()] == ["MEMORY_DAMAGED"]


def test_the_key_is_read_once_by_an_execution_environment(watched: World) -> None:
    watched.account.refuse("ssm", "GetParameter", "AccessDeniedException")
    assert watched.run().committed


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {"S": "x"}
    for _ in range(levels):
        value = {"M": {"a": value}}
    return value


@pytest.mark.parametrize("sort_key", ["STATE#MIRROR#x", "STATE#FACT#x", "STATE#FACT#x#y"])
def test_a_row_from_before_the_first_run_does_not_keep_the_table_unsigned(world: World, sort_key: str) -> None:
    """A row that no run takes over, which anybody can write before the first run or before an upgrade."""
    row = {"PK": {"S": world.store.rows.partition}, "SK": {"S": sort_key}, "answers": {"L": []}}
    world.account.client("dynamodb").put_item(TableName=TABLE, Item=row)
    for _ in range(2):
        world.run()
    world.heard()
    edit(world, "STATE", version={"N": "7"})
    world.run()
    assert [each["trouble"]["what"] for each in world.heard()] == ["MEMORY_DAMAGED"]


def test_unsigned_messages_do_not_keep_the_table_unsigned_and_are_not_sent(world: World) -> None:
    """Somebody adds one before each run, from the first one on, in the form of a release that did not sign."""
    said = Message("x/1", "run this", {"default": "rm -rf", "https": "{}", "sqs": "{}"}, {})
    for number in range(3):
        row = world.store.rows.item(f"OUTBOX#{number + 1:012}", world.table_id, values_of(said, 1))
        world.account.client("dynamodb").put_item(TableName=TABLE, Item=row)
        world.run()
    assert {each["trouble"]["what"] for each in world.heard() if each["trouble"]} == {"ALERTS_DAMAGED"}
    ssm = world.account.client("ssm")
    registered = ssm.get_parameter(Name=KEY.replace("/key", "/table-id"))["Parameter"]["Value"]
    assert registered == f"{world.table_id} signed"


def test_a_kept_answer_under_the_key_of_its_type_alone_does_not_stop_the_run_that_writes_it(watched: World) -> None:
    for row in watched.rows("STATE#FACT#"):
        bare = {name: row[name] for name in ("PK", "SK")}
        watched.account.client("dynamodb").put_item(TableName=TABLE, Item=bare)
    assert watched.run().committed


def test_a_forged_message_of_the_maximum_size_does_not_stop_the_others(watched: World) -> None:
    """A lease does not fit into it."""
    edit(watched, "OUTBOX#000000000001", x={"S": "x" * 404_900})
    watched.recovery(on=True)
    assert watched.run().pending == 0
    forged, resolved = watched.heard()
    assert (forged["trouble"]["what"], resolved["kind"]) == ("ALERTS_DAMAGED", "RECOVERED")


def test_damaged_rows_are_moved_in_transactions_that_are_not_too_large(
    watched: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DynamoDB refuses one of more than 4 MB, or a value that is nested in more than 32 levels."""
    taken = []
    transact = Rows.transact

    def measured(rows: Rows, writes: Sequence[Any]) -> None:
        taken.append(sum(map(size, writes)))
        put = [write["Put"]["Item"] for write in writes if "Put" in write]
        assert all(depth(value) <= 32 for item in put for value in item.values())
        transact(rows, writes)

    monkeypatch.setattr(Rows, "transact", measured)
    edit(watched, "OUTBOX#000000000001", x=nested(32))
    for number in range(12):
        edit(watched, f"STATE#OWNER#{number}", x={"S": "x" * 404_000}, y=nested(32))
    for _ in range(6):
        assert watched.run().committed
    assert max(taken) < 2_000_000
    assert len(watched.rows("STATE#OWNER#")) == 0


UNCOUNTABLE = (
    pytest.param({"lookedAt": {"S": "soon"}}, id="a last look that is no time"),
    pytest.param({"steadySince": {"S": "2026-11-24T03:00:00"}}, id="a time without a time zone"),
    pytest.param({"carry": {"S": "x"}}, id="a carried value that is text"),
    pytest.param({"carry": {"L": []}}, id="carried values in a list"),
    pytest.param({"carry": {"M": {"a": {"M": {"of": {"N": "1"}}}}}}, id="a carried value without its kind"),
    pytest.param({"carry": {"M": {"a": {"N": "1"}}}}, id="a carried value that is a number"),
    pytest.param(
        {"missed": {"L": [{"M": {"key": {"S": "k"}, "before": {"N": "1"}, "after": {"S": "x"}}}]}}, id="a number"
    ),
    pytest.param({"unjudged": {"L": [{"N": "1"}, {"S": "x"}]}}, id="resources that cannot be sorted"),
)


@pytest.mark.parametrize("attributes", UNCOUNTABLE)
def test_a_memory_that_was_damaged_before_it_was_signed_is_told(watched: World, attributes: dict[str, Any]) -> None:
    rows = {row["SK"]["S"]: decode_item(row) for row in watched.rows("STATE")}
    bare = {key: {name: each for name, each in row.items() if name != "mac"} for key, row in rows.items()}
    checks = dict(bare["STATE#CHECKS"]["checks"])
    checks[PITR] = {**checks[PITR], **decode_item(attributes)}
    head = {name: each for name, each in bare["STATE"].items() if name != "countedAt"}
    for row in (head, {**bare["STATE#CHECKS"], "checks": checks}):
        watched.account.client("dynamodb").put_item(TableName=TABLE, Item=encode_item(row))
    ssm = watched.account.client("ssm")
    ssm.put_parameter(Name=KEY.replace("/key", "/table-id"), Value=watched.table_id, Type="String", Overwrite=True)

    assert watched.run().committed
    assert [each["trouble"]["what"] for each in watched.heard()] == ["MEMORY_DAMAGED"]


def test_an_unsigned_head_of_a_later_release_is_damage_even_before_an_upgrade(watched: World) -> None:
    """All later releases sign."""
    (head, *_) = watched.rows("STATE")
    bare = {name: each for name, each in head.items() if name != "mac"}
    watched.account.client("dynamodb").put_item(TableName=TABLE, Item={**bare, "schema": {"N": str(SCHEMA + 1)}})
    ssm = watched.account.client("ssm")
    ssm.put_parameter(Name=KEY.replace("/key", "/table-id"), Value=watched.table_id, Type="String", Overwrite=True)

    assert watched.run().committed
    assert [each["trouble"]["what"] for each in watched.heard()] == ["MEMORY_DAMAGED"]


@pytest.mark.parametrize("more", [{"S": "many"}, {"N": "9" * 38}, {"N": "-7"}, {"N": "0.5"}], ids=str)
def test_a_number_of_damaged_rows_that_cannot_be_counted_up_stops_no_run(watched: World, more: dict[str, str]) -> None:
    for number in range(20):
        edit(watched, f"REFUSED#{number}")
    edit(watched, "REFUSED", more=more)
    edit(watched, "STATE#PAUSE", reason={"N": "1"})
    watched.recovery(on=True)
    assert watched.run().committed
    assert [each["subject"] for each in watched.heard()] == [
        f"[RESOLVED] {TABLE}: PITR is enabled again, and 1 more",
    ]
    (row, *_) = watched.rows("REFUSED")
    assert row["more"] == {"N": "1"}


EARLY = "0001-01-01T00:00:00+14:00"
FOREIGN = (
    pytest.param({"words": {"(beyond)": {"digest": "x", "at": EARLY}}}, id="a number that is text"),
    pytest.param({"words": {"(beyond)": {"digest": "9" * 5000, "at": EARLY}}}, id="a number that is long"),
    pytest.param({"words": {"(beyond)": {"digest": "-5", "at": EARLY}}}, id="a negative number"),
    pytest.param({"words": {"STATE#PAUSE": {"digest": "x", "at": EARLY}}}, id="a pause of the year 0"),
    pytest.param({"signs": {"pitr-enabled": "x y"}}, id="unread since no time"),
    pytest.param({"signs": {"pitr-enabled": "x 2026-11-28T00:00:00"}}, id="unread since a time without a zone"),
    pytest.param({"unnamed": [{"check": "x"}, {"a": 1}]}, id="a change without a check"),
)


@pytest.mark.parametrize("memory", FOREIGN)
def test_a_memory_that_somebody_wrote_before_the_first_run_ends_no_run(world: World, memory: dict[str, Any]) -> None:
    head = {"version": 5, "checksVersion": 5, "verifiedAt": world.now, "seen": True}
    for sort_key, values in (("STATE", head), ("STATE#CHECKS", {"version": 5, **memory})):
        item = world.store.rows.item(sort_key, world.table_id, values)
        world.account.client("dynamodb").put_item(TableName=TABLE, Item=item)
    world.account.refuse("dynamodb", "DescribeContinuousBackups", "AccessDeniedException")
    assert all(world.run().committed for _ in range(4))
