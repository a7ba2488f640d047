"""What is remembered comes back as it was, is legible, and does not outgrow its item."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.aws.time import iso, parsed
from readiness.model import Incident, Severity, Status
from readiness.state.announce import LONGEST_NAME
from readiness.state.announce import MOST as MOST_WORDS
from readiness.state.drift import (
    CheckResult,
    CheckState,
    DecisionContext,
    EventKind,
    ResourceResult,
    decide,
    decide_all,
)
from readiness.state.drift.memory import MOST
from readiness.state.drift.observation import OTHERS
from readiness.state.people import Announced
from readiness.state.store.head import Memory, as_stored
from readiness.state.store.wire import encode_item, size
from tests.state.drift.looks import FAIL, MISSING, PASS, START, UNREAD, WARN, Said, Watch

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


def lambda_arn(number: int) -> str:
    return f"arn:aws:lambda:us-east-1:123456789012:function:{'a-name-of-some-length-' * 2}{number:04}"


MANY_CHECKS = [f"env-vars-set/check-{number:02}" for number in range(40)]
FEW_RESOURCES = "pitr-enabled/on"


class Account:
    """40 checks that read 100 functions each, and one that reads two tables, scan after scan."""

    def __init__(self) -> None:
        self.memories: dict[str, CheckState] = {}
        self.now = START

    def look(
        self,
        status: Status = Status.FAIL,
        *,
        pending: bool = False,
        value: str = "TABLE",
        functions: int = 100,
        carried: int = 0,
    ) -> list[tuple[str, EventKind]]:
        """Return what a scan tells in which all functions have that status, or are not read for lack of time."""
        self.now += timedelta(minutes=5)
        named = {lambda_arn(number): ResourceResult(status, {"variable": value}) for number in range(functions)}
        carry = {lambda_arn(number): {"kind": "State", "of": {"since": iso(self.now)}} for number in range(carried)}
        result = CheckResult({}, pending=frozenset(named)) if pending else CheckResult(named, carry=carry)
        results = {**dict.fromkeys(MANY_CHECKS, result)}
        results[FEW_RESOURCES] = CheckResult({name: ResourceResult(status) for name in ("table", "replica")})
        looks = {name: (each, DecisionContext(name, Severity.HIGH, "1")) for name, each in results.items()}
        self.memories, events = decide_all(self.memories, looks, self.now)
        return [(event.check, event.kind) for event in events if not event.silent]

    @property
    def stored(self) -> Memory:
        """The row of the memory, with as much besides the checks as there can be."""
        word = Announced(digest="0" * 32, at=self.now, ends=True)
        words = {f"{number:0{LONGEST_NAME}}": word for number in range(MOST_WORDS)}
        return Memory(checks={name: each.to_item() for name, each in self.memories.items()}, words=words)

    @property
    def bytes(self) -> int:
        return size(encode_item(as_stored(self.stored)))

    def names(self, check: str) -> int:
        return len(self.memories[check].resources)


def test_the_memory_of_all_checks_stays_under_300_kb_and_is_cut_where_most_resources_are() -> None:
    account = Account()
    assert {check for check, _ in account.look()} == {*MANY_CHECKS, FEW_RESOURCES}
    assert account.bytes < 300_000
    assert account.names(MANY_CHECKS[0]) < 51
    assert account.names(FEW_RESOURCES) == 2
    assert account.memories[MANY_CHECKS[0]].known["(others)"].watched["count"] == 101 - account.names(MANY_CHECKS[0])


def test_a_memory_that_was_cut_tells_no_change_that_did_not_happen() -> None:
    account = Account()
    account.look()
    assert account.look() == []
    assert {kind for _, kind in account.look(Status.PASS)} == {EventKind.RECOVERED}
    assert {check for check, _ in account.look()} == {*MANY_CHECKS, FEW_RESOURCES}
    assert account.bytes < 300_000


def test_a_cut_memory_is_not_cut_less_while_other_checks_come_and_go() -> None:
    account = Account()
    account.look()
    before, kept = account.names(MANY_CHECKS[0]), dict(account.memories)
    account.memories = {name: CheckState.from_item(kept[name].to_item()) for name in MANY_CHECKS[:1]}
    told = account.look()
    assert MANY_CHECKS[0] not in {check for check, _ in told}
    assert account.names(MANY_CHECKS[0]) == before


def test_the_names_of_resources_that_no_time_was_left_for_are_cut_too() -> None:
    account = Account()
    account.look(pending=True)
    assert account.bytes < 300_000
    assert {kind for check, kind in account.look() if check != FEW_RESOURCES} == {EventKind.REJUDGED}


@pytest.mark.parametrize(("count", "others"), [(MOST, set[str]()), (MOST + 1, {OTHERS})])
def test_as_many_pending_resources_as_are_kept_have_their_names(count: int, others: set[str]) -> None:
    names = [f"{number:03}" for number in range(count)]
    context = DecisionContext("env-vars-set/variables", Severity.HIGH, "1")
    memory, _ = decide(None, CheckResult({}, pending=frozenset(names)), context, START)
    assert memory.unjudged == {*names[:MOST], *others}


@pytest.mark.parametrize("awaited", [False, True])
def test_functions_that_are_read_run_by_run_are_told_as_new_and_then_as_they_are(*, awaited: bool) -> None:
    """More of them fail than are kept by name. `awaited`: their versions are not listed yet."""
    memory, now, kinds = None, START, list[set[EventKind]]()
    context = DecisionContext("env-vars-set/variables", Severity.HIGH, "1")
    for read in (80, 160, 240, 300, 300, 300):
        now += timedelta(minutes=5)
        failing = {f"{lambda_arn(number)}:$LATEST": ResourceResult(Status.FAIL) for number in range(read)}
        below = "" if awaited else ":$LATEST"
        pending = frozenset(f"{lambda_arn(number)}{below}" for number in range(read, 300))
        result = CheckResult(failing, pending=pending, awaited=awaited and bool(pending))
        memory, events = decide(memory, result, context, now)
        kinds.append({event.kind for event in events})
    assert kinds[:4] == [{EventKind.REJUDGED}] * 4
    assert kinds[4:] == [set(), set()]
    assert memory is not None
    assert (memory.unjudged, memory.blind) == (frozenset(), False)


def test_values_that_become_long_after_their_resources_were_kept_are_kept_as_digests() -> None:
    account = Account()
    account.look(functions=10)
    assert account.bytes < 300_000
    assert {kind for _, kind in account.look(functions=10, value="A" * 1000)} == {EventKind.CHANGED}
    assert account.bytes < 300_000
    assert account.look(functions=10, value="A" * 1000) == []
    assert {kind for _, kind in account.look(functions=10, value="A" * 999)} == {EventKind.CHANGED}
    assert {kind for _, kind in account.look(Status.PASS, functions=10, value="A" * 999)} == {EventKind.RECOVERED}
    account.look(Status.PASS, functions=10, value="short")
    assert account.memories[MANY_CHECKS[0]].known[lambda_arn(0)].watched == {"variable": "short"}


def test_values_are_carried_for_as_many_resources_as_are_kept_by_name() -> None:
    account = Account()
    account.look(functions=0, carried=500)
    assert account.bytes < 300_000
    first = {lambda_arn(number) for number in range(len(account.memories[MANY_CHECKS[0]].carry))}
    assert set(account.memories[MANY_CHECKS[0]].carry) == first
    kept = account.memories[MANY_CHECKS[0]].carry.keys()
    account.look(functions=0, carried=501)
    assert account.memories[MANY_CHECKS[0]].carry.keys() == kept
