"""Whatever the rows of the monitor hold: reading them raises nothing, and a wrong signature is not believed."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, example, given
from hypothesis import strategies as st

from readiness.changes.records import unattributed
from readiness.checklist import Settings
from readiness.model import Message, Status
from readiness.report.history import HistorySubject, as_json, as_text, table_history
from readiness.state.overlay import Overlay
from readiness.state.store import DamagedEntry, Remembered
from readiness.state.store.entry import entry_of, values_of
from readiness.state.store.reading import remembered
from readiness.state.store.remembered import written
from readiness.state.store.rows import Rows
from readiness.state.store.signing import MAC, UNSIGNED, Signer, is_signed_kind
from readiness.state.store.wire import Item, decode_item, encode_item
from readiness.widget.standing import StoredChecklist, Unseen, standing
from readiness.widget.view import Frame, page
from tests.fuzz.values import ATTRIBUTES, TIMES, WHOLE_TEXTS

NOW = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
AT = "2026-11-24T03:00:00.000000Z"
THIS = "11111111-2222-3333-4444-555555555555"
SIGNER = Signer(b"k" * 32)
MINE: dict[str, Any] = {"tableId": THIS, "schema": 2}

KNOWN = {"arn": {"status": "FAIL", "since": AT, "watched": {"days": 7}}}
CHECK = {"judge": "1", "known": KNOWN, "told": KNOWN, "carry": {"arn": {"value": 1, "moves": True}}}
WAIVER = {"check": "pitr-enabled/on", "by": "jo", "at": AT, "until": AT, "reason": "later"}
FINDING = {"check": "on", "resource": "arn", "status": "FAIL", "severity": "HIGH", "message": "PITR is disabled"}
MESSAGE = {"id": "x", "subject": "s", "bodies": {"default": "text"}, "attributes": {"severity": "HIGH"}}
DRIFT = {
    "check": "pitr-enabled/on",
    "kind": "REGRESSED",
    "before": {"arn": {"status": "PASS", "watched": {}, "since": AT}},
    "after": KNOWN,
    "actor": {"who": "jo", "event": "1"},
    "silent": False,
    "at": AT,
}
CALLED = {"eventSource": "s", "eventName": "DeleteTable", "count": 2, "firstAt": AT, "lastAt": AT, "names": ["t"]}

GOOD: Mapping[str, dict[str, Any]] = {
    "STATE": {
        "version": 7,
        "checksVersion": 7,
        "verifiedAt": AT,
        "countedAt": AT,
        "writer": "w",
        "release": "1",
        "judgedBy": {"a": "b"},
        "seen": True,
        "intervalMinutes": 5,
        "topic": "arn:aws:sns:us-east-1:123456789012:on-call",
        "emitted": {"pitr-enabled": 1},
        "emittedValues": {"pitr-enabled": 3},
        "emittedChanges": {"pitr-enabled": 1},
        "moving": {"pitr-enabled/on": {"arn": {"value": 1}}},
    },
    "STATE#CHECKS": {
        "version": 7,
        "checks": {"pitr-enabled/on": CHECK},
        "signs": {"pitr-enabled": "1"},
        "calls": ["12345678"],
        "unnamed": [{"check": "c", "key": "k", "resources": ["arn"], "since": AT, "until": AT}],
    },
    "STATE#FACT#Budgets": {"type": "Budgets", "answers": [{"place": "", "at": AT, "answer": {"budgets": 1}}]},
    "STATE#OWNER#pitr-enabled": {"rule": "pitr-enabled", "owner": "ada", "by": "jo", "at": AT},
    "STATE#WAIVER#pitr-enabled/on": WAIVER,
    "STATE#ACK#pitr-enabled/on": {"check": "pitr-enabled/on", "by": "jo", "at": AT, "note": "on it"},
    "STATE#PAUSE": {"by": "jo", "at": AT, "until": AT, "reason": "deployment"},
    "STATE#ATTESTATION#load-tested#2": {"rule": "load-tested", "evidence": "{}", "by": "jo", "at": AT, "until": AT},
    "STATE#MANIFEST": {"by": "jo", "at": AT, "content": {"version": 1}},
    "STATE#SIGNOFF": {"by": "jo", "at": AT, "until": AT, "account": "1", "digest": "d", "checks": {"c": "d"}},
    f"STATE#CANARY#{AT}": {"at": AT},
    "STATE#NEWER#kind": {"by": "jo"},
    "RULE#pitr-enabled": {
        "rule": "pitr-enabled",
        "item": "1.4",
        "title": "PITR",
        "status": "FAIL",
        "known": "FAIL",
        "since": AT,
        "owner": "ada",
        "waivers": [WAIVER],
        "findings": [FINDING],
        "findingCount": 1,
    },
    f"DRIFT#{AT}#7#pitr-enabled/on": DRIFT,
    f"DRIFT#{AT}#8": {"at": AT, "driftCount": 1, "drifts": [DRIFT]},
    f"ATTEMPT#{AT}#1": {**DRIFT, "kind": "ATTEMPT", "before": None, "after": CALLED | {"errorCode": "AccessDenied"}},
    f"HISTORY#STATE#WAIVER#pitr-enabled/on#{AT}": {**WAIVER, "ended": "withdrawn", "endedBy": "jo", "endedAt": AT},
    "OUTBOX#000000000007": {"version": 7, "message": MESSAGE, "leasedBy": "me", "leaseUntil": AT, "attempts": 1},
}
"""A row of each kind, as the monitor or a person writes it."""

HISTORICAL = ("STATE#", "DRIFT#", "ATTEMPT#", "HISTORY#")


def item_of(sort_key: str, values: Mapping[str, Any]) -> dict[str, Any]:
    return {"PK": {"S": "READINESS#t"}, "SK": {"S": sort_key}, **encode_item({**MINE, **values})}


@st.composite
def damaged(draw: st.DrawFn, sort_key: str) -> dict[str, Any]:
    """The row, of which some attributes and members are missing or have other values."""
    values = item_of(sort_key, GOOD[sort_key])
    inside = {name: draw(_inside(each)) for name, each in values.items() if name not in ("PK", "SK")}
    for name in draw(st.lists(st.sampled_from(sorted(inside)), max_size=1)):
        del inside[name]
    key = {"PK": values["PK"], "SK": values["SK"]}
    return inside | draw(st.dictionaries(WHOLE_TEXTS, ATTRIBUTES, max_size=1)) | key


@st.composite
def _inside(draw: st.DrawFn, attribute: dict[str, Any]) -> dict[str, Any]:
    """The attribute, or one of which something is changed below its first level; times become other times."""
    ((kind, value),) = attribute.items()
    if kind == "S" and str(value).endswith("Z") and draw(st.booleans()):
        return {"S": draw(TIMES)}
    if not draw(st.integers(0, 3)):
        return draw(ATTRIBUTES)
    if kind == "M":
        return {"M": {name: draw(_inside(each)) for name, each in value.items() if draw(st.integers(0, 5))}}
    return {"L": [draw(_inside(each)) for each in value]} if kind == "L" else attribute


ROWS = st.dictionaries(WHOLE_TEXTS, ATTRIBUTES, max_size=3)


@st.composite
def tables(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """All rows of a table, some of them damaged, missing, or of kinds that no release writes."""
    keys = sorted(draw(st.sets(st.sampled_from(sorted(GOOD)), max_size=3)))
    rows = {key: item_of(key, values) for key, values in GOOD.items()} | {key: draw(damaged(key)) for key in keys}
    for key in draw(st.sets(st.sampled_from(sorted(GOOD)), max_size=1)):
        del rows[key]
    extra = draw(st.dictionaries(WHOLE_TEXTS.map("STATE#".__add__), ROWS, max_size=1))
    return rows | {key: {**each, **item_of(key, {})} for key, each in extra.items()}


def state(rows: Mapping[str, Item]) -> dict[str, Item]:
    return {key: item for key, item in rows.items() if key == "STATE" or key.startswith("STATE#")}


def with_(key: str, **attributes: Any) -> dict[str, Any]:
    rows = {name: item_of(name, values) for name, values in GOOD.items()}
    return rows | {key: rows[key] | attributes}


FORMER = {
    "version": 7,
    "verifiedAt": AT,
    "writer": "w",
    "checks": {"pitr-enabled/on": CHECK | {"lookedAt": AT, "carry": {}}},
    "signs": {"pitr-enabled": "1"},
    "schema": 1,
}
"""The head as the former release wrote it, unsigned, with the memory in it."""


@st.composite
def former_heads(draw: st.DrawFn) -> dict[str, Any]:
    return {name: draw(_inside(each)) for name, each in item_of("STATE", FORMER).items()}


@given(head=former_heads())
@example(head=item_of("STATE", {**FORMER, "checks": {"pitr-enabled/on": CHECK | {"lookedAt": 5}}}))
@example(head=item_of("STATE", {**FORMER, "checks": {"pitr-enabled/on": CHECK | {"lookedAt": "tomorrow"}}}))
@example(
    head=item_of(
        "STATE", {**FORMER, "checks": {"a/b": CHECK | {"known": {"x": {"status": "FAIL", "since": "2026-11-24"}}}}}
    )
)
def test_any_memory_of_the_former_release_can_be_read(head: dict[str, Any]) -> None:
    found = remembered({"STATE": head})
    use(found.about(THIS))


LATE = {"S": "9999-12-31T23:59:59-14:00"}
EARLY = {"S": "0001-01-01T00:00:00+14:00"}


@given(rows=tables())
@example(rows=with_("STATE#PAUSE", until=LATE))
@example(rows=with_(f"STATE#CANARY#{AT}", at=LATE))
@example(rows=with_(f"STATE#CANARY#{AT}", at={"S": "9999-12-31T23:30:00Z"}))
@example(rows=with_("STATE#WAIVER#pitr-enabled/on", until=EARLY))
@example(rows=with_("STATE", verifiedAt=EARLY))
def test_any_memory_can_be_read(rows: dict[str, Any]) -> None:
    found = remembered(state(rows))
    assert isinstance(found, Remembered)
    about = found.about(THIS)
    use(about)
    if not found.damaged and not found.is_newer and "STATE" in rows:
        assert found.version > 0


def use(found: Remembered) -> None:
    """The state that each run reads."""
    overlay = Overlay(found, Settings(), NOW)
    assert len(overlay.memories) == len(found.checks)
    for check in found.checks:
        overlay.waiver(check, "arn")
        overlay.ended(check, "arn")
        overlay.acknowledgement(check, NOW)
        overlay.since(check.partition("/")[0], Status.FAIL)
    for said in found.attestations:
        overlay.attestations(said.rule)
    assert isinstance(overlay.counted, bool)
    unattributed(found, NOW)
    for canary in found.canaries:
        assert isinstance(canary.expires, datetime)
    assert found.next_version(NOW) > 0
    for word in (*found.owners, *found.waivers, *found.acks, *found.attestations, *found.void):
        encode_item(written(word))
    if found.verified_at:
        _ = NOW - found.verified_at < timedelta(minutes=15)
    if found.counted_at:
        encode_item({"at": found.counted_at})


@given(rows=tables(), sort_key=st.sampled_from([key for key in GOOD if is_signed_kind(key)]), data=st.data())
def test_a_row_with_a_wrong_signature_is_not_believed(rows: dict[str, Any], sort_key: str, data: st.DataObject) -> None:
    good = SIGNER.sign(item_of(sort_key, GOOD[sort_key]))
    forged = data.draw(damaged(sort_key)) | {MAC: data.draw(st.just(good[MAC]) | ATTRIBUTES)}
    assume(
        {name for name in {*good, *forged} - UNSIGNED if good.get(name) != forged.get(name)} or forged[MAC] != good[MAC]
    )
    same = {name: decode_item({name: value}) for name, value in forged.items() if name not in UNSIGNED}
    assume(same != {name: decode_item({name: value}) for name, value in good.items() if name not in UNSIGNED})
    assert SIGNER.verifies(good)
    assert not SIGNER.verifies(forged)
    signed = {key: SIGNER.sign(item) if is_signed_kind(key) else item for key, item in state(rows).items()}

    def trusted(key: str, item: Item) -> bool:
        return not is_signed_kind(key) or SIGNER.verifies(item)

    if sort_key.startswith("OUTBOX#"):
        assert isinstance(entry_of(sort_key, forged, trusted=SIGNER.verifies(forged)), DamagedEntry)
    else:
        found = remembered({**signed, sort_key: forged}, trusted)
        assert found.damaged or sort_key.startswith("STATE#FACT#") or not found.version
        assert not (sort_key.startswith("STATE#FACT#") and found.facts)


@given(item=damaged("OUTBOX#000000000007"), trusted=st.booleans())
@example(item=item_of("OUTBOX#000000000007", GOOD["OUTBOX#000000000007"]) | {"leaseUntil": LATE}, trusted=True)
def test_any_row_of_the_outbox_is_a_message_or_damaged(item: dict[str, Any], trusted: bool) -> None:  # noqa: FBT001  drawn
    entry = entry_of("OUTBOX#000000000007", item, trusted=trusted)
    assert trusted or isinstance(entry, DamagedEntry)
    if not isinstance(entry, DamagedEntry):
        assert isinstance(entry.message, Message)
        values_of(entry.message, entry.version)


SUBJECT = HistorySubject(table="orders", table_id=THIS, account="123456789012", region="us-east-1")


@given(rows=tables())
@example(rows=with_(f"DRIFT#{AT}#7#pitr-enabled/on", at=LATE))
@example(rows=with_(f"DRIFT#{AT}#7#pitr-enabled/on", at={"S": "2026-11-24T03:00:00"}))
@example(rows=with_(f"DRIFT#{AT}#7#pitr-enabled/on", check={"L": []}))
@example(rows=with_("STATE#PAUSE", until=LATE))
@example(rows=with_("STATE#MANIFEST", content={"M": {"x": {"B": b"\xff"}}}))
def test_any_history_is_shown(rows: dict[str, Any]) -> None:
    rows = {key: decode_item(item) for key, item in rows.items() if key.startswith(HISTORICAL)}
    history = table_history(SUBJECT, rows, NOW - timedelta(days=365))
    assert as_json([history]).isprintable() or "\n" in as_json([history])
    assert as_text([history]).startswith("orders")


class Stored(Rows, frozen=True):
    """Rows as a query returns them."""

    items_of: Any = None

    def query(self, prefix: str = "", limit: int | None = None, *, newest: bool = False) -> Iterator[dict[str, Any]]:
        rows = sorted(self.items_of.items(), reverse=newest)
        found = [decode_item(item) for key, item in rows if key.startswith(prefix)]
        return iter(found[:limit])

    def sort_key_of(self, row: Mapping[str, Any]) -> str:
        return str(row["SK"])


@given(rows=tables())
@example(rows=with_("STATE", verifiedAt=LATE))
@example(rows=with_("STATE", verifiedAt=EARLY))
@example(rows=with_("STATE", schema={"N": "9E+125"}))
@example(rows=with_("RULE#pitr-enabled", since=LATE))
def test_any_results_are_shown_by_the_widget(rows: dict[str, Any]) -> None:
    stored = Stored(None, account="1", region="r", table="orders", items_of=rows)  # type: ignore[arg-type]  # no client
    shown = standing(stored)
    assert isinstance(shown, StoredChecklist | Unseen)
    page([shown], Frame(NOW, timedelta(minutes=15), dark=False)).encode()
