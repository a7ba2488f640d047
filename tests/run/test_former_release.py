"""What the former release has stored is read whole by this one, and nobody hears of the upgrade.

`python -m tests.golden.state` writes the rows, when a release is made.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from readiness.cli.scanning import report_on
from readiness.engine.snapshot import ROOT
from readiness.model import stored_name
from readiness.report import history
from readiness.rules import ASKED
from readiness.run import Outcome
from readiness.state import signature
from readiness.state.announce import name_of
from readiness.state.drift import EventKind
from readiness.state.past import carried
from readiness.state.people import Acknowledgement, Attestation, Manifest, Owner, Pause, Signoff, Waiver
from readiness.state.store import Remembered, sort_key_of
from readiness.state.store.head import with_moving
from readiness.state.store.remembered import Canary, KeptFact
from readiness.state.store.signing import is_signed_kind
from readiness.state.store.wire import decode_item
from readiness.widget.standing import MISSING, StoredChecklist, standing
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.golden.state import RELEASE, RESET, furnished, state
from tests.golden.stored import CHECKS, kept_kinds
from tests.run.world import World

Row = dict[str, Any]

NEXT_RELEASE = "2026-12-20T00:00:00Z"
OF_EACH_RUN = {
    *(
        "version",
        "verifiedAt",
        "countedAt",
        "checksVersion",
        "writer",
        "release",
        "topic",
        "moving",
        "checks",
        "schema",
    ),
    "endsAnswers",
}
"""What each run writes of the state itself; of the checks see OF_EACH_LOOK."""

OF_EACH_LOOK = {"lookedAt", "carry"}
"""Attributes of a check that each run of the former release wrote without a change, and those that move."""


STANDING = ("item", "status", "known", "blindSince", "owner")


@dataclass(frozen=True)
class Upgrade:
    """The rows of the former release and what they said, a run of this one on them, and the rows that it left."""

    world: World
    before: dict[str, Row]
    said: Remembered
    outcome: Outcome
    after: dict[str, Row]
    heard: list[dict[str, Any]]


@pytest.fixture(scope="module")
def upgrade() -> Iterator[Upgrade]:
    """The same account, a minute after the last run of the former release."""
    written = state()
    with furnished() as world:
        world.now, world.earliest = written.now, RESET
        for row in written.rows:
            world.account.client("dynamodb").put_item(TableName=TABLE, Item=row)
        world.heard()
        before, said = by_key(world), world.store.read()
        outcome = world.run(ASKED, release=NEXT_RELEASE)
        yield Upgrade(world, before, said, outcome, by_key(world), world.heard())


def whole(rows: dict[str, Row]) -> Row:
    """Return the state with the memory of the checks, as the former release wrote it in one row, without its words."""
    head, memory = rows["STATE"], rows["STATE#CHECKS"]
    state = {**memory, **head, "checks": with_moving(memory["checks"], head.get("moving", {}))}
    return {name: value for name, value in state.items() if name not in {"SK", "mac", "words"}}


def by_key(world: World) -> dict[str, Row]:
    """Return the rows that are stored, by their sort keys."""
    return {row["SK"]["S"]: decode_item(row) for row in world.rows()}


def under(rows: dict[str, Row], prefix: str) -> set[str]:
    """Return the sort keys that begin so."""
    return {key for key in rows if key.startswith(prefix)}


def carries(state: Row) -> dict[tuple[str, str], str]:
    """Return the stored name of what each check carries, by check and resource."""
    checks: dict[str, Row] = state["checks"]
    return {
        (check, resource): packed["kind"]
        for check, memory in checks.items()
        for resource, packed in memory.get("carry", {}).items()
    }


def retitled(upgrade: Upgrade) -> set[str]:
    """Return the rules that are called otherwise since: their rows are for people, and written anew."""
    rows = under(upgrade.before, "RULE#")
    return {key.partition("#")[2] for key in rows if upgrade.before[key]["title"] != upgrade.after[key]["title"]}


def added(upgrade: Upgrade) -> set[str]:
    """Return the ids of the checks that the former release did not have."""
    former: dict[str, Row] = upgrade.before["STATE"]["checks"]
    return {asked.check.id for asked in upgrade.outcome.scan.evaluation.asked} - former.keys()


def standing_still(state: Row, without: set[str], new: Collection[str] = ()) -> Row:
    """Return what of the state is the same after each run that finds all as it was.

    `without` are rules whose signs are left out, `new` checks that are. Of a judge the version is left out: a check
    whose version was raised is evaluated again, and says so only where its verdict differs.
    """
    checks: dict[str, Row] = state["checks"]
    kept = {name: value for name, value in state.items() if name not in OF_EACH_RUN}
    kept["signs"] = {rule: sign for rule, sign in state["signs"].items() if rule not in without}
    memories = {
        check: {
            name: value.partition(":")[2] if name == "judge" else value
            for name, value in memory.items()
            if name not in OF_EACH_LOOK
        }
        for check, memory in checks.items()
        if check not in new
    }
    return {**kept, "checks": memories}


def test_the_rows_are_those_of_a_table_that_was_watched(upgrade: Upgrade) -> None:
    """Otherwise the tests below prove little."""
    said = upgrade.said
    assert said.release == RELEASE
    assert all((said.owners, said.waivers, said.acks, said.attestations, said.pause, said.manifest, said.signoff))
    assert all((said.unnamed, said.calls, said.canaries))
    assert {word.rule for word in said.attestations} == {"alarms-wired", "load-tested", "restore-drilled"}
    kept = {fact.type for fact in said.facts}
    assert len(kept) >= 10
    assert kept <= kept_kinds().keys()
    assert len(carries(upgrade.before["STATE"])) >= 10
    for prefix, least in (("DRIFT#", 15), ("RUN#", 20), ("RULE#", len(ASKED)), ("HISTORY#", 2)):
        assert len(under(upgrade.before, prefix)) >= least
    failing = [known for memory in said.checks.values() for known in memory.get("known", {}).values()]
    assert "FAIL" in {known["status"] for known in failing}


def test_every_word_and_every_kept_answer_is_read(upgrade: Upgrade) -> None:
    said = upgrade.said.about(upgrade.world.table_id)
    assert (said.illegible, said.void, said.is_newer) == ((), (), False)
    one = (said.pause, said.manifest, said.signoff)
    read = (*said.owners, *said.waivers, *said.acks, *said.attestations, *said.facts, *said.canaries, *one)
    assert len(read) == len(under(upgrade.before, "STATE#"))
    kinds = {Acknowledgement, Attestation, Canary, KeptFact, Manifest, Owner, Pause, Signoff, Waiver}
    assert {type(each) for each in read} == kinds


def test_people_see_all_of_the_history_and_every_item(upgrade: Upgrade) -> None:
    subject = history.HistorySubject(TABLE, upgrade.world.table_id, ACCOUNT, REGION)
    rows = {key: row for key, row in upgrade.before.items() if key.startswith(("DRIFT#", "STATE#", "HISTORY#"))}
    told = history.table_history(subject, rows, since=datetime.min.replace(tzinfo=UTC))
    assert told.illegible == ()
    assert not any(entry.void for entry in told.entries)
    own = under(upgrade.before, "STATE#FACT#") | under(upgrade.before, "STATE#CANARY#")
    assert len(told.entries) >= len(rows) - len(own)
    stands = standing(upgrade.world.store.rows)
    assert isinstance(stands, StoredChecklist)
    assert {item.rule for item in stands.items} == {rule.id for rule in ASKED}
    assert MISSING not in {finding.message for item in stands.items for finding in item.findings}


def test_every_carry_is_read(upgrade: Upgrade) -> None:
    memories = {ROOT: {check: memory.get("carry", {}) for check, memory in upgrade.said.checks.items()}}
    read = carried(CHECKS, memories)
    assert sum(len(by_place[ROOT]) for by_place in read.values()) == len(carries(upgrade.before["STATE"]))
    assert carries(whole(upgrade.after)) == carries(upgrade.before["STATE"])


def test_kept_answers_are_fetched_again_because_the_former_release_did_not_end_those_that_changed(
    upgrade: Upgrade,
) -> None:
    former = {fact.type for fact in upgrade.said.facts}
    assert former
    assert former <= fresh(upgrade)


def fresh(upgrade: Upgrade) -> set[str]:
    """The kinds of answers that the run fetched and that later runs may reuse."""
    return {stored_name(kind) for kind, _ in upgrade.outcome.scan.snapshot.fresh}


def test_nobody_hears_of_it_but_for_one_note_on_new_checks(upgrade: Upgrade) -> None:
    events = [event for message in upgrade.heard for event in message["events"]]
    assert {event["check"] for event in events} == added(upgrade)
    assert {event["kind"] for event in events} <= {EventKind.REJUDGED}
    assert [(message["kind"], message["severity"]) for message in upgrade.heard] in ([], [("REJUDGED", "LOW")])
    assert upgrade.outcome.committed
    assert upgrade.outcome.pending == 0
    assert under(upgrade.after, "OUTBOX#") == set()


def test_only_the_state_and_the_run_are_written(upgrade: Upgrade) -> None:
    """No drift, no rule whose title stays, and no word. The kept answers move to one row for each type."""
    kept = under(upgrade.after, "STATE#FACT#")
    former = {f"STATE#FACT#{fact.type}" for fact in upgrade.said.facts}
    assert former <= kept <= former | {f"STATE#FACT#{kind}" for kind in fresh(upgrade)}
    new = upgrade.after.keys() - upgrade.before.keys()
    assert {key.partition("#")[0] if key.startswith("RUN#") else key for key in new} == {"RUN", "STATE#CHECKS", *kept}
    written = {key for key, row in upgrade.before.items() if upgrade.after.get(key) != row}
    moved = {key for key in under(upgrade.before, "STATE#FACT#") if "#" in key.removeprefix("STATE#FACT#")}
    assert written == {"STATE", *moved} | {f"RULE#{rule}" for rule in retitled(upgrade)}


def test_all_that_the_monitor_wrote_is_signed(upgrade: Upgrade) -> None:
    signed = {key for key, row in upgrade.after.items() if "mac" in row}
    assert signed == {key for key in upgrade.after if is_signed_kind(key)}


def test_a_rule_that_is_called_otherwise_stands_as_it_did(upgrade: Upgrade) -> None:
    for key in under(upgrade.before, "RULE#"):
        before, after = upgrade.before[key], upgrade.after[key]
        assert {name: before.get(name) for name in STANDING} == {name: after.get(name) for name in STANDING}


def test_all_that_is_remembered_stays_as_it_was(upgrade: Upgrade) -> None:
    """Who judged it and the signs of the items too, which are digests of settings and of what people said."""
    known = retitled(upgrade)
    before = {name: value for name, value in upgrade.before["STATE"].items() if name != "SK"}
    after = standing_still(whole(upgrade.after), known, added(upgrade))
    assert after == standing_still(before, known)


def test_what_people_recorded_is_in_force_and_counts_as_announced(upgrade: Upgrade) -> None:
    said = upgrade.said
    one = [word for word in (said.pause, said.manifest, said.signoff) if word]
    every = [*said.owners, *said.waivers, *said.acks, *said.attestations, *one]
    ended = [word for word in every if getattr(word, "until", upgrade.world.now) < upgrade.world.now]
    words = upgrade.world.store.read().words
    assert words.keys() == {name_of(sort_key_of(word)) for word in every if word not in ended}
    assert {each.at for each in words.values()} == {upgrade.world.now}
    assert [note for message in upgrade.heard for note in message["notes"]] == []


def test_the_sign_off_holds(upgrade: Upgrade) -> None:
    signed, scan = upgrade.said.signoff, upgrade.outcome.scan
    assert signed
    new = added(upgrade)
    now = {check: of for check, of in signature.digests(scan.evaluation).items() if check not in new}
    assert now == signed.checks
    assert signature.digest(now) == signed.digest
    report = report_on(upgrade.world.settings, scan, upgrade.world.store.read(), "the checklist")
    assert report.signoff
    assert (report.signoff.status, report.signoff.changed) == ("CHANGED" if new else "VALID", tuple(sorted(new)))
    assert report.incomplete == ()
