"""What people attest in fields, as it is kept and read again."""

from datetime import UTC, datetime

import pytest

from readiness.facts.recorded.attested import LoadTest, Record, RestoreDrill, read, written

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
DRILL = RestoreDrill(
    at=AT,
    source_point_in_time=AT,
    target_table="babesclub-commerce-drill",
    items_sampled=100,
    items_matched=100,
    duration_seconds=1800,
    outcome="succeeded",
)
LOAD = LoadTest(
    window_start=AT, window_end=AT, staging_table="staging", expected_reads=120, expected_writes=40.5, tool="k6"
)


@pytest.mark.parametrize(("rule", "record"), [("restore-drilled", DRILL), ("load-tested", LOAD)])
def test_what_is_written_is_read_again(rule: str, record: Record) -> None:
    assert read(rule, written(record)) == record


@pytest.mark.parametrize(
    ("rule", "evidence"),
    [
        pytest.param("restore-drilled", "we did it", id="prose"),
        pytest.param("load-tested", written(DRILL), id="a record of another rule"),
        pytest.param("pitr-enabled", written(DRILL), id="a rule that reads none"),
        pytest.param("restore-drilled", written(DRILL).replace("100", "-1", 1), id="a number that can not be"),
        pytest.param("restore-drilled", written(DRILL).replace("succeeded", "went well"), id="a word of one's own"),
    ],
)
def test_what_is_none_is_not_read(rule: str, evidence: str) -> None:
    assert read(rule, evidence) is None
