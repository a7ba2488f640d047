"""What is remembered comes back as it was, is legible, and does not outgrow its item."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.aws.time import iso, parsed
from readiness.model import Incident
from readiness.state.drift import CheckState, EventKind
from tests.state.drift.looks import FAIL, MISSING, PASS, UNREAD, WARN, Said, Watch

NAMES = ("table", "queue", "role")
LOOKS = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([PASS, WARN, FAIL, UNREAD, MISSING]) for name in NAMES}
)


@given(st.lists(st.tuples(LOOKS, st.booleans(), st.booleans(), st.booleans()), max_size=6))
def test_a_memory_survives_being_kept(looks: list[tuple[dict[str, Said], bool, bool, bool]]) -> None:
    watch = Watch()
    for number, (resources, complete, paused, waived) in enumerate(looks):
        watch.within(paused=paused, waived=lambda _, waived=waived: waived, judge=str(number // 3))
        incidents = (Incident(str(number), "on", "off and on"),)
        watch.look(complete=complete, incidents=incidents, carry={"table": {"n": number}}, many=resources)

    kept = json.loads(json.dumps(watch.remembered.to_item()))
    assert CheckState.from_item(kept) == watch.remembered


def test_what_passes_without_values_is_not_kept() -> None:
    watch = Watch()
    watch.look(table=PASS, queue=PASS)

    assert not watch.remembered.to_item().keys() & {"known", "told", "waiting"}


def test_a_gone_resource_is_kept_while_people_think_that_it_fails() -> None:
    watch = Watch(confirm=2)
    for _ in range(2):
        watch.look(table=PASS, queue=FAIL)
    watch.look(table=PASS)

    assert watch.remembered.to_item()["known"]["queue"]["status"] == "GONE"


def test_all_times_are_of_one_length_and_zone() -> None:
    east = timezone(timedelta(hours=2))
    written = [iso(datetime(2026, 11, 24, 5, tzinfo=east)), iso(datetime(2026, 11, 24, 3, 0, 0, 7, tzinfo=UTC))]

    assert written == ["2026-11-24T03:00:00.000000Z", "2026-11-24T03:00:00.000007Z"]
    assert parsed(written[0]) == datetime(2026, 11, 24, 3, tzinfo=UTC)


@pytest.mark.parametrize("values", [{"of": ("a", "b")}, {"of": {"b", "a"}}, {"on": datetime(2026, 1, 1, tzinfo=UTC)}])
def test_watched_values_are_no_change_after_they_were_kept(values: dict[str, object]) -> None:
    watch = Watch(judged=False)
    watch.look(table=(PASS, values))
    watch.memory = CheckState.from_item(json.loads(json.dumps(watch.remembered.to_item())))

    assert watch.look(table=(PASS, values)) == ()


def test_what_is_carried_is_replaced_by_who_is_read_kept_for_the_unread_and_dropped_with_the_gone() -> None:
    watch = Watch()
    watch.look(table=PASS, queue=PASS, role=PASS, carry={"table": 1, "queue": 2, "role": 3})
    watch.look(table=PASS, queue=UNREAD, carry={"table": 4})
    assert watch.remembered.carry == {"table": 4, "queue": 2}

    watch.look(table=PASS, queue=PASS)
    assert watch.remembered.carry == {}


MANY = {f"queue{number:03}": FAIL for number in range(300)}


def test_beyond_50_resources_a_count_and_a_digest_are_kept() -> None:
    watch = Watch()
    watch.look(table=PASS, many=MANY)
    known = watch.remembered.to_item()["known"]

    assert len(known) == 51
    assert known["(others)"]["watched"]["count"] == 250
    assert watch.look(table=PASS, many=MANY) == ()


def test_what_passes_with_watched_values_takes_room_and_what_passes_plainly_does_not() -> None:
    watch = Watch()
    watching = {f"queue{number:03}": (PASS, {"days": 4}) for number in range(60)}
    watch.look(table=PASS, many={**watching, **dict.fromkeys(("role1", "role2"), PASS)})
    known = watch.remembered.to_item()["known"]

    assert len(known) == 51
    assert known["(others)"]["watched"]["count"] == 10


def test_one_more_beyond_them_is_a_change() -> None:
    watch = Watch()
    watch.look(table=PASS, many=MANY)

    assert watch.told(table=PASS, many={**MANY, "queue300": FAIL}) == [EventKind.CHANGED]


def test_beyond_them_what_cannot_be_read_is_no_change() -> None:
    watch = Watch()
    watch.look(table=PASS, many=MANY)

    assert watch.told(table=PASS, many={**MANY, "queue299": UNREAD}) == []
    assert watch.told(table=PASS, many=MANY) == []


def test_when_all_of_them_recover_all_is_told() -> None:
    watch = Watch()
    watch.look(table=PASS, many=MANY)

    assert watch.told(table=PASS, many=dict.fromkeys(MANY, PASS)) == [EventKind.RECOVERED]
    assert watch.remembered.to_item().get("known") is None
