from datetime import datetime

import pytest

from readiness.checklist import SampleSettings
from readiness.facts.dynamodb.sample import OTHER, Expiry, Sample, Sampling
from readiness.facts.dynamodb.time_to_live import Canaries, TimeToLive
from readiness.model import Status, Unreadable, Verdict
from readiness.rules.ttl_enabled import CanarySightings, Enabling, attribute, canary, on, values
from tests.rules.facts import AT, NOW, ago, checklist
from tests.rules.samples import SAMPLING, sample

ON = TimeToLive("ENABLED", "expiresAt")


@pytest.mark.parametrize(
    ("state", "before", "status"),
    [
        pytest.param("ENABLED", None, Status.PASS, id="on passes"),
        pytest.param("DISABLED", None, Status.FAIL, id="off fails"),
        pytest.param("DISABLING", None, Status.FAIL, id="being switched off fails already"),
        pytest.param("ENABLING", None, Status.WARN, id="being switched on is in between"),
        pytest.param("ENABLING", Enabling("ENABLING", ago(hours=2)), Status.WARN, id="for two hours"),
        pytest.param("ENABLING", Enabling("ENABLING", ago(hours=2, seconds=1)), Status.FAIL, id="and no longer"),
        pytest.param("CREATING", None, Status.WARN, id="a table that is being created has none yet"),
        pytest.param("CREATING", Enabling("CREATING", ago(minutes=60)), Status.WARN, id="for an hour"),
        pytest.param("CREATING", Enabling("CREATING", ago(minutes=61)), Status.FAIL, id="not for longer"),
    ],
)
def test_on(state: str, before: Enabling | None, status: Status) -> None:
    assert on(TimeToLive(state, "expiresAt"), NOW, before).status is status


def test_a_status_that_aws_did_not_have_yet_is_neither_on_nor_off() -> None:
    with pytest.raises(Unreadable):
        on(TimeToLive("RESTING", "expiresAt"), NOW, None)


@pytest.mark.parametrize(
    ("name", "status"),
    [
        pytest.param("expiresAt", Status.PASS, id="the application's attribute passes"),
        pytest.param("ttl", Status.FAIL, id="another one fails"),
        pytest.param("ExpiresAt", Status.FAIL, id="case matters"),
        pytest.param(None, Status.NOT_APPLICABLE, id="off is another check's"),
    ],
)
def test_attribute(name: str | None, status: Status) -> None:
    assert attribute(TimeToLive("ENABLED", name), checklist()).status is status


def test_a_wrong_attribute_is_shown_beside_the_expected_one() -> None:
    verdict = attribute(TimeToLive("ENABLED", "ttl"), checklist())
    assert verdict.message == "TTL attribute is ttl, expected expiresAt"
    assert verdict.subject == "TTL attribute was changed to ttl"


def look(present: tuple[datetime, ...], before: CanarySightings | None, ttl: TimeToLive = ON) -> Verdict:
    return canary(Canaries(present), ttl, checklist(), NOW, before)


LONG_AGO = ago(days=100)


@pytest.mark.parametrize(
    ("present", "before", "status"),
    [
        pytest.param((), None, Status.NOT_APPLICABLE, id="nothing is written yet"),
        pytest.param(
            (ago(hours=72),),
            CanarySightings(LONG_AGO, (ago(hours=72),), proven=False),
            Status.NOT_APPLICABLE,
            id="an item may take 72 hours",
        ),
        pytest.param(
            (ago(hours=73),), CanarySightings(LONG_AGO, (ago(hours=73),), proven=True), Status.WARN, id="more is slow"
        ),
        pytest.param(
            (ago(days=8),), CanarySightings(LONG_AGO, (ago(days=8),), proven=True), Status.FAIL, id="a week is too much"
        ),
        pytest.param(
            (), CanarySightings(LONG_AGO, (ago(hours=9),), proven=False), Status.PASS, id="one that is gone is proof"
        ),
        pytest.param(
            (ago(hours=9),),
            CanarySightings(LONG_AGO, (ago(hours=9),), proven=True),
            Status.PASS,
            id="former proof holds",
        ),
        pytest.param(
            (),
            CanarySightings(LONG_AGO, (ago(hours=-1),), proven=False),
            Status.NOT_APPLICABLE,
            id="one that was gone before it expired was not deleted by time to live",
        ),
        pytest.param(
            (ago(days=20),),
            CanarySightings(ago(hours=1), (ago(days=20),), proven=False),
            Status.NOT_APPLICABLE,
            id="old items get their time after time to live is on again",
        ),
    ],
)
def test_canary(present: tuple[datetime, ...], before: CanarySightings | None, status: Status) -> None:
    assert look(present, before).status is status


def test_the_first_proof_has_a_date() -> None:
    assert "first result is due on 2026-11-27" in look((), None).message


def test_what_was_there_is_carried_to_the_next_look() -> None:
    assert look((ago(hours=2),), None).carry == CanarySightings(AT, (ago(hours=2),), proven=False)


@pytest.mark.parametrize("ttl", [TimeToLive("DISABLED", None), TimeToLive("ENABLED", "ttl")])
def test_nothing_is_proven_while_time_to_live_is_not_on(ttl: TimeToLive) -> None:
    assert look((ago(days=8),), None, ttl).status is Status.NOT_APPLICABLE


GOOD_ITEMS = sample(CART={Expiry.ABSENT: 70}, QUOTE={Expiry.LATER: 25, Expiry.DUE: 5})


@pytest.mark.parametrize(
    ("seen", "status", "message"),
    [
        pytest.param(GOOD_ITEMS, Status.PASS, "100 sampled items", id="quotes that say when they expire pass"),
        pytest.param(
            sample(QUOTE={Expiry.LATER: 9, Expiry.ABSENT: 1}),
            Status.WARN,
            "1 of QUOTE# (no TTL value)",
            id="one says nothing",
        ),
        pytest.param(
            sample(RATE_LIMIT={Expiry.ABSENT: 1}),
            Status.WARN,
            "RATE_LIMIT# (no TTL value)",
            id="a rate limit does not say",
        ),
        pytest.param(
            sample(COUPON_HOLD={Expiry.NO_NUMBER: 2}),
            Status.WARN,
            "2 of COUPON_HOLD# (not a Number)",
            id="it is a string",
        ),
        pytest.param(
            sample(QUOTE={Expiry.MILLISECONDS: 3}),
            Status.WARN,
            "3 of QUOTE# (milliseconds)",
            id="milliseconds",
        ),
        pytest.param(
            sample(QUOTE={Expiry.TOO_OLD: 3}),
            Status.WARN,
            "3 of QUOTE# (expired more than 5 years ago)",
            id="long forgotten ones",
        ),
        pytest.param(
            sample(CART={Expiry.MILLISECONDS: 1}, QUOTE={Expiry.LATER: 1}),
            Status.WARN,
            "1 of CART# (milliseconds)",
            id="whatever says it, has to say it so that it works",
        ),
        pytest.param(
            sample(None, **{OTHER: {Expiry.NO_NUMBER: 1}}),
            Status.WARN,
            "1 of <other> (not a Number)",
            id="of any key",
        ),
        pytest.param(
            sample(CART={Expiry.ABSENT: 9}),
            Status.NOT_APPLICABLE,
            "no items that must expire among 9",
            id="carts need not expire",
        ),
        pytest.param(
            sample(READINESS={Expiry.ABSENT: 9}),
            Status.NOT_APPLICABLE,
            "no items that must expire",
            id="our own are not the application's",
        ),
        pytest.param(
            sample(READINESS={Expiry.MILLISECONDS: 9}, QUOTE={Expiry.LATER: 1}),
            Status.PASS,
            "10 sampled items",
            id="however ours say it",
        ),
        pytest.param(None, Status.NOT_APPLICABLE, "no items are sampled", id="none were looked at"),
    ],
)
def test_values(seen: Sample | None, status: Status, message: str) -> None:
    verdict = values(seen, SAMPLING, checklist())
    assert verdict.status is status
    assert message in verdict.message
    assert verdict.watched == {}


def test_without_a_wish_there_is_nothing_to_look_at() -> None:
    assert values(None, None, checklist()).status is Status.NOT_APPLICABLE


def test_which_items_have_to_expire_is_for_the_checklist_to_say() -> None:
    wanted = checklist(sample=SampleSettings(expiring=("CART",)))
    assert values(GOOD_ITEMS, SAMPLING, wanted).status is Status.WARN


def test_the_remedy_looks_for_the_items_by_the_keys_of_the_table() -> None:
    own = Sampling("id", "range", "ttl", segments=8, items=1_000, read_budget=256)
    evidence = values(
        sample(None, QUOTE={Expiry.ABSENT: 1}, **{OTHER: {Expiry.NO_NUMBER: 1}}), own, checklist()
    ).evidence
    assert (evidence["PartitionKey"], evidence["SortKey"], evidence["Prefix"]) == ("id", "range", "QUOTE#")
