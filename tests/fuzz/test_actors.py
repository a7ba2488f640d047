"""Nobody is named for a change whom the record of a call in this account and Region does not name."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from moto import mock_aws

from readiness import entry
from readiness.alerts.rows import by, event_of
from readiness.aws.client import Aws
from readiness.changes.actor import SERVICES, Actor, acted
from readiness.changes.batch import read
from readiness.changes.records import refused
from readiness.printable import printable
from readiness.state.store.wire import encode
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.changes.function import Function
from tests.changes.trail import AT, MARIA, Json, batch, delivered, recovery
from tests.fuzz.events import OTHER, envelopes, records
from tests.fuzz.values import FEW
from tests.run.world import TABLE_RULES, World, new_environment

AWS = Aws(ACCOUNT, REGION)
OURS = frozenset(
    re.findall(
        r"[^\W_]+",
        """a account as by center cloudtrail directory does federated for iam identity in name not of permission role
        root service session set signed somebody stack user whom with samluser webidentityuser """
        + " ".join(SERVICES.values()).lower(),
    )
)
"""The words that the monitor itself writes into the name of an actor."""

ANY_RECORD = records()
EVE: Json = {"type": "AssumedRole", "arn": f"arn:aws:sts::{OTHER}:assumed-role/admin/eve", "accountId": OTHER}


def words(text: str) -> set[str]:
    return set(re.findall(r"[^\W_]+", text.lower()))


@given(record=ANY_RECORD)
@example(record=recovery(on=False, userIdentity={"type": "IAMUser", "userName": "\ud800"}))  # SNS accepts no such text
@example(record=recovery(on=False, userIdentity={"type": "IAMUser", "userName": "x" * 200_000}))
@example(record=recovery(on=False, userIdentity=EVE))  # was "eve as role admin"
def test_an_actor_has_only_what_its_record_says(record: Json) -> None:
    actor = acted(record)
    said = words("".join(c if c.isprintable() else " " for text in texts(record) for c in f"{text} "))
    assert words(actor.who) - OURS <= said | ends(record)
    for text in (actor.who, actor.where, actor.tool, actor.call, actor.at, actor.event):
        assert text.isprintable()
        text.encode()
    assert len(json.dumps(encode({"actor": vars_of(actor)}))) < 60_000
    identity = record.get("userIdentity")
    if isinstance(identity, dict) and OTHER in (identity.get("accountId"), account_in(identity.get("arn"))):
        named = identity.get("type") == "AWSService" or record.get("recipientAccountId") != ACCOUNT
        assert named or OTHER in actor.who or service_alone(actor.who)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(each)


def ends(record: Json) -> set[str]:
    """The beginnings of words that were cut: after 120 characters of a value, which may be a part of a longer text."""
    parts = [part for text in texts(record) for part in (text, *re.split("[/:_]", text))]
    cut = {word for part in parts for word in words(printable(part)) | words(printable(part[:1024]))}
    return cut | {word[:1024] for text in texts(record) for word in words(text)}


def account_in(arn: Any) -> str:
    return (arn.split(":")[4:5] or [""])[0] if isinstance(arn, str) else ""


def service_alone(who: str) -> bool:
    return " for " not in who


def vars_of(actor: Actor) -> dict[str, str]:
    return {name: getattr(actor, name) for name in actor.__struct_fields__}


@given(record=ANY_RECORD)
@example(record=recovery(on=False, sessionCredentialFromConsole=[]))  # was a TypeError
@example(record=recovery(on=False, userIdentity={"type": "IAMUser", "userName": "jo\n  by        root"}))
def test_a_page_has_the_actor_on_its_own_lines(record: Json) -> None:
    actor = acted(record)
    assert by(actor, "UTC").isprintable()
    assert [line[:9].strip() for row in event_of(actor) for line in row.split("\n") if line[:9].strip()] in (
        [],
        ["Event"],
    )


@given(events=st.lists(envelopes(), min_size=1, max_size=3))
@example(events=[{**delivered(recovery(on=False)), "account": OTHER}])
@example(events=[delivered(recovery(on=False, recipientAccountId=OTHER))])
@example(events=[delivered(recovery(on=False, awsRegion="eu-west-1"))])
def test_calls_are_of_this_account_and_region(events: list[Json]) -> None:
    found = read(batch(map(json.dumps, events)), [TABLE], lambda: AWS)
    ours = {event["detail"]["eventID"] for event in events if at_home(event)}
    assert {call.id for call in found.calls} <= ours
    for at, drift in refused(found.calls, AT).values():
        assert at.year < 2028  # its row expires
        json.dumps(encode(drift.after)).encode()


def at_home(event: Json) -> bool:
    detail = event.get("detail")
    if not isinstance(detail, dict) or not isinstance(detail.get("eventID"), str):
        return False
    accounts = {repr(each) for each in (event.get("account"), detail.get("recipientAccountId")) if each is not None}
    regions = {repr(each) for each in (event.get("region"), detail.get("awsRegion")) if each is not None}
    return accounts == {repr(ACCOUNT)} and regions <= {repr(REGION)}


@pytest.fixture(scope="module")
def function() -> Iterator[Function]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        new_environment(patch)
        world = World()
        world.subscribe()
        world.run()
        world.heard()
        patch.setattr(entry, "ASKED", TABLE_RULES)
        patch.setattr(entry, "_account", lambda: world.account.aws)
        patch.setattr(entry, "_settings", lambda _environment: world.settings)
        patch.setattr(entry, "clock", lambda: world.now)
        yield Function(world)


@pytest.mark.slow
@FEW
@given(forged=st.lists(envelopes(), max_size=3))
@example(forged=[{**delivered(recovery(on=False, userIdentity=EVE)), "account": OTHER}])
@example(forged=[delivered(recovery(on=False, errorCode="AccessDenied", eventTime="9999-12-31T23:59:59Z"))])
@example(forged=[delivered(recovery(on=False, errorCode="\ud800" * 1_000))])
@example(forged=[delivered(recovery(on=False, eventTime="9999-12-31T23:59:59-14:00"))])
def test_a_change_is_told_with_its_author_or_without_one(function: Function, forged: list[Json]) -> None:
    """Among forged events is the one of Maria, who did it; the newest that fits is named."""
    world = function.world
    world.now += timedelta(days=2)  # so that no recovery is held back
    world.recovery(on=True)
    world.run()
    world.heard()
    world.recovery(on=False)
    true = recovery(on=False, **function.stamp())
    function.invoke(batch([*map(json.dumps, forged), delivered(true)]))
    (message,) = world.heard()
    (event,) = [each for each in message["events"] if each["check"] == "pitr-enabled/on"]
    details = [event["detail"] for event in forged if at_home(event)]
    fitting = {acted(detail).who for detail in details if detail.get("userIdentity") != MARIA}
    assert event["actor"]["who"] in fitting | {acted(true).who}
