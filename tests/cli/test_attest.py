"""`readiness attest`: what no API shows, in prose or in fields."""

from datetime import UTC, datetime, timedelta

import pytest

from readiness.facts.recorded.attested import RestoreDrill, read
from tests.cli.world import GOOD, World

DAY = str(datetime.now(UTC).date() + timedelta(days=90))
TOMORROW = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}"
DRILL = {
    "at": "2026-01-20T10:00",
    "source_point_in_time": "2026-01-20T11:00+02:00",
    "target_table": "restored",
    "items_sampled": "100",
    "items_matched": "99",
    "duration_seconds": "1800",
    "outcome": "succeeded",
}


def typed(**differs: str | None) -> list[str]:
    return [f"{name}={value}" for name, value in {**DRILL, **differs}.items() if value is not None]


def attest(world: World, *fields: str, rule: str = "restore-drilled") -> object:
    return world.type("attest", rule, "--until", DAY, *fields, "--yes")


def test_fields_are_kept_so_that_the_rule_reads_them(good: World) -> None:
    ended = good.type("attest", "restore-drilled", *typed()[:3], "--until", DAY, *typed()[3:], "--yes")
    assert (ended.code, ended.err) == (0, "")
    (row,) = good.rows()
    assert row["SK"]["S"].startswith("STATE#ATTESTATION#restore-drilled#")
    assert row["until"]["S"].startswith(f"{DAY}T23:59:59")
    assert read("restore-drilled", row["evidence"]["S"]) == RestoreDrill(
        at=datetime(2026, 1, 20, 10, tzinfo=UTC),
        source_point_in_time=datetime(2026, 1, 20, 9, tzinfo=UTC),
        target_table="restored",
        items_sampled=100,
        items_matched=99,
        duration_seconds=1800,
        outcome="succeeded",
    )


def test_prose_is_kept_as_it_was_typed(good: World) -> None:
    assert good.type("attest", "ttl-enabled", "--until", DAY, "--evidence", "a=b; seen $(id)", "--yes").code == 0
    (row,) = good.rows()
    assert row["evidence"]["S"] == "a=b; seen $(id)"


def test_a_later_attestation_stands_beside_the_earlier(good: World) -> None:
    for _ in range(2):
        good.type("attest", "ttl-enabled", "--until", DAY, "--evidence", "seen", "--yes")
    assert len(good.rows()) == 2


@pytest.mark.parametrize(
    ("rule", "arguments", "said"),
    [
        ("restore-drilled", typed(items_sampled="many"), ["items_sampled: found 'many', expected a whole number"]),
        ("restore-drilled", typed(items_sampled="-1"), ["items_sampled: found '-1', expected a whole number >= 0"]),
        ("restore-drilled", typed(outcome="well"), ["outcome: found 'well', expected succeeded or failed"]),
        ("restore-drilled", typed(at="yesterday"), ["at: found 'yesterday', expected a span such as"]),
        ("restore-drilled", typed(at=TOMORROW), ["at: ", "is in the future"]),
        ("restore-drilled", typed(target_table=""), ["target_table: found ''"]),
        ("restore-drilled", typed(target_table="x" * 1001), ["target_table: found 1001 characters"]),
        ("restore-drilled", typed(at=None, outcome=None), ["at: is missing", "outcome: is missing"]),
        ("restore-drilled", [*typed(), "item_sampled=1"], ["item_sampled: unknown field. Did you mean items_sampled?"]),
        ("restore-drilled", [*typed(), "at=2026-01-01"], ["at: is given twice"]),
        ("restore-drilled", [*typed(), "seen"], ["found 'seen', expected FIELD=VALUE"]),
        (
            "restore-drilled",
            ["--evidence", "we did"],
            ["--evidence: restore-drilled takes fields", "[drill_id="],
        ),
        ("load-tested", ["expected_reads=nan"], ["expected_reads: found 'nan'"]),
        ("ttl-enabled", ["at=2026-01-01"], ["found 'at=2026-01-01', expected --evidence"]),
        ("ttl-enabled", [], ["--evidence is missing"]),
        ("restore-driled", typed(), ["unknown rule or check 'restore-driled'. Did you mean restore-drilled?"]),
    ],
    ids=[
        *("no number", "a number that can not be", "a word of one's own", "no time", "a time to come", "an empty name"),
        *("too long", "fields that are missing", "an unknown field", "a field twice", "no field", "prose for a record"),
        *("not a number", "a record for prose", "nothing", "an unknown rule"),
    ],
)
def test_what_can_not_be_right_is_said_and_nothing_is_written(
    good: World, rule: str, arguments: list[str], said: list[str]
) -> None:
    ended = good.type("attest", rule, "--until", DAY, *arguments, "--yes")
    assert (ended.code, ended.out) == (2, "")
    assert [each for each in said if each not in ended.err] == []
    assert "`" not in ended.err
    assert good.rows() == []


def test_all_that_is_wrong_is_said_at_once(good: World) -> None:
    ended = good.type("attest", "restore-drilled", "--until", DAY, *typed(outcome="well", at="x"), "--table", GOOD)
    assert [line.split(":")[1].strip() for line in ended.err.splitlines()] == ["at", "outcome"]
