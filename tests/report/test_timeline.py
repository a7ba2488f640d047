"""The days of a timeline, from rows made by hand: what was recorded is shown, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.aws.time import iso
from readiness.model import Status
from readiness.report.timeline import DAYS, Basis, Day, Row
from tests.report.pages import MARIA, TODAY, WHOLE, drawn, drift, on, run
from tests.report.samples import ARN

PITR, CHECK = "pitr-enabled", "pitr-enabled/on"


def day(number: int, *rows: tuple[str, Row], of: str = PITR) -> Day:
    """What the timeline shows so many days before the report."""
    shown = drawn(*rows).items[of].days[-1 - number]
    assert shown.date == TODAY - timedelta(days=number)
    return shown


def test_a_timeline_has_90_days_and_the_last_is_that_of_the_report() -> None:
    days = drawn().items[PITR].days
    assert (len(days), days[-1].date, days[0].date) == (DAYS, TODAY, TODAY - timedelta(days=89))


def test_an_older_change_is_left_out_but_its_failure_goes_on() -> None:
    shown = drawn(drift(on(90), CHECK, None, "FAIL"))
    assert shown.changes == 0
    assert shown.items[PITR].changes == ()
    assert shown.items[PITR].days[0].shown == "FAIL"


def test_a_day_shows_the_worst_of_its_runs_and_how_many_there_were() -> None:
    shown = day(2, run(on(2, 1), {}), run(on(2, 2), {PITR: "FAIL"}), run(on(2, 3), {}))
    assert (shown.status, shown.basis) == (Status.FAIL, Basis.RUNS)
    assert shown.text == "FAIL in 1 of 3 runs, PASS in the last"
    assert day(2, run(on(2), {})).text == "PASS in 1 run"


def test_what_could_not_be_read_is_shown_as_unknown() -> None:
    assert day(0, run(on(0), {PITR: "UNKNOWN"})).shown == "UNKNOWN"


def test_a_day_without_a_run_is_no_pass() -> None:
    gap = day(3, run(on(4), {}), run(on(2), {}))
    assert (gap.shown, gap.text) == ("NO_RUN", "no run recorded")


def test_a_failure_before_a_gap_in_the_month_does_not_go_on_in_it() -> None:
    rows = (run(on(5), {PITR: "FAIL"}), drift(on(5), CHECK, None, "FAIL"), run(on(3), {PITR: "FAIL"}))
    assert day(4, *rows).shown == "NO_RUN"


def test_where_records_of_runs_have_expired_a_failure_goes_on_until_its_recovery_and_no_day_is_a_pass() -> None:
    rows = (drift(on(60), CHECK, None, "FAIL", actor=MARIA), drift(on(50), CHECK, "FAIL", None))
    assert {day(number, *rows).shown for number in range(50, 61)} == {"FAIL"}
    assert day(55, *rows).text == "FAIL since 2026-09-25 in recorded changes; records of runs have expired"
    assert {day(number, *rows).shown for number in (31, 49, 61)} == {"NO_RECORD"}
    assert [each.by for each in drawn(*rows).items[PITR].changes] == [None, MARIA["who"]]


def test_records_of_runs_have_expired_until_30_days_ago() -> None:
    assert (day(30).shown, day(29).shown) == ("NO_RECORD", "NO_RUN")


def test_a_failure_of_another_resource_goes_on_after_one_recovers() -> None:
    rows = [drift(on(60), CHECK, None, "FAIL"), drift(on(59), CHECK, "FAIL", None)]
    rows[0][1]["after"]["another"] = {"status": "WARN", "watched": {}}
    assert (day(59, *rows).shown, day(58, *rows).shown) == ("FAIL", "WARN")


def test_a_check_that_was_not_visible_is_unknown_until_it_is_again() -> None:
    obscured = drift(on(60), CHECK, None, None, kind="OBSCURED", before={}, after={})
    visible = drift(on(58), CHECK, None, None, kind="VISIBLE", before={}, after={})
    assert [day(number, obscured, visible).shown for number in (60, 59, 57)] == ["UNKNOWN", "UNKNOWN", "NO_RECORD"]


def test_only_the_run_says_whether_a_check_that_was_not_visible_makes_the_item_unknown() -> None:
    obscured = drift(on(1), CHECK, None, None, kind="OBSCURED", before={}, after={})
    assert day(1, obscured, run(on(1), {})).shown == "PASS"


def test_a_change_without_a_run_is_shown_as_such() -> None:
    shown = day(4, drift(on(4), CHECK, "FAIL", None))
    assert (shown.status, shown.basis) == (Status.FAIL, Basis.CHANGES)
    assert shown.text == "1 change recorded; no run is recorded"
    assert day(4, drift(on(4), CHECK, "PASS", "PASS")).shown == "CHANGES", "a change alone shows no PASS"


def test_a_change_that_was_over_before_the_next_run_is_shown() -> None:
    rows = (run(on(1, 1), {}), drift(on(1, 2), CHECK, None, "FAIL"), drift(on(1, 2, 5), CHECK, "FAIL", None))
    assert day(1, *rows).text == "FAIL in a recorded change; PASS in 1 run; 2 changes recorded"


def test_a_recovery_does_not_make_the_day_of_a_run_that_passes_a_failure() -> None:
    assert day(1, run(on(1), {}), drift(on(1), CHECK, "FAIL", None)).shown == "PASS"
    assert day(1, run(on(1), {PITR: "NOT_APPLICABLE"}), drift(on(1), CHECK, "FAIL", "PASS")).shown == "NOT_APPLICABLE"


def test_runs_of_a_release_that_lacks_the_rule_evaluated_nothing() -> None:
    older = run(on(1), {})
    older[1]["statuses"].pop(PITR)
    assert (day(1, older).shown, day(1, older).text) == ("NOT_EVALUATED", "not evaluated in 1 run")
    assert day(1, older, of="ttl-enabled").shown == "PASS"
    both = (older, drift(on(1), CHECK, None, "FAIL"))
    assert day(1, *both).text == "1 change recorded; runs did not include this item"


def test_a_run_of_a_newer_release_is_read_with_what_it_adds() -> None:
    assert day(1, run(on(1), {"new-rule": "FAIL", PITR: "WARN"}, schema=3, region="x")).shown == "WARN"


@pytest.mark.parametrize(("kind", "shown"), [("REGRESSED", "FAIL"), ("WORSENED", "WARN"), ("RECOVERED", "NO_RECORD")])
def test_a_change_of_too_many_resources_to_record_is_known_by_its_kind(kind: str, shown: str) -> None:
    cut = drift(on(50), CHECK, None, None, kind=kind, after={"tooLargeToKeep": 9000})
    assert day(49, drift(on(60), CHECK, None, "FAIL"), cut).shown == shown


def test_many_changes_in_one_row_are_those_of_their_items() -> None:
    listed = [drift(on(40), check, None, "FAIL")[1] for check in (CHECK, "ttl-enabled/on")]
    row = {"at": iso(on(40)), "tableId": "id", "driftCount": 2, "drifts": listed}
    shown = drawn(("DRIFT#x", {**row, "tableId": listed[0]["tableId"]}))
    assert {rule for rule, each in shown.items.items() if each.days[-40].shown == "FAIL"} == {PITR, "ttl-enabled"}


def test_after_a_purge_nothing_is_known() -> None:
    shown = drawn()
    assert (shown.runs, shown.changes) == (0, 0)
    assert {each.shown for item in shown.items.values() for each in item.days} == {"NO_RUN", "NO_RECORD"}


UNREADABLE: list[dict[str, Any]] = [
    {},
    {"at": 5, "statuses": {}},
    {"at": "2026-11-23T03:00:00", "statuses": {}},
    {"at": iso(on(1)), "statuses": {PITR: "GREAT"}},
    {"at": iso(on(1)), "statuses": ["PASS"]},
    {"at": iso(on(1)), "statuses": {}, "tableId": 7},
    {"at": iso(on(-2)), "statuses": {PITR: "PASS"}},
]


@pytest.mark.parametrize("row", UNREADABLE, ids=str)
def test_a_row_that_cannot_be_read_is_named_and_changes_nothing(row: dict[str, Any]) -> None:
    good = run(on(1), {PITR: "FAIL"})
    shown = drawn(good, ("RUN#other", row))
    assert shown.unreadable == ("RUN#other",)
    assert shown.items == drawn(good).items


@pytest.mark.parametrize(
    "after",
    [{ARN: {"status": "GREAT"}}, {ARN: {"status": ["FAIL"]}}, {ARN: "FAIL"}, "FAIL", {"incident": "x"}],
    ids=str,
)
def test_a_change_whose_status_is_none_is_no_failure(after: Any) -> None:
    key, row = drift(on(40), CHECK, None, None)
    assert drawn((key, {**row, "after": after, "before": {}})).items[PITR].days[-40].shown != "FAIL"


def test_a_change_in_the_future_is_named_and_not_shown() -> None:
    ahead = drift(on(-1), CHECK, None, "FAIL")
    shown = drawn(ahead)
    assert (shown.unreadable, shown.changes, shown.items) == ((ahead[0],), 0, drawn().items)


def test_rows_of_a_former_table_of_the_name_are_counted_and_not_shown() -> None:
    rows = (run(on(1), {PITR: "FAIL"}, tableId="former"), drift(on(1), CHECK, None, "FAIL", tableId="former"))
    shown = drawn(*rows)
    assert (shown.void, shown.runs, shown.items) == (2, 0, drawn().items)
    of_none = drawn(*rows, of=replace(WHOLE, table_id=None))
    assert of_none.items[PITR].days[-2].shown == "FAIL", "an unknown table is not another one"


def test_days_that_show_the_same_are_one_period() -> None:
    periods = drawn(run(on(2), {}), run(on(1), {}), run(on(0), {PITR: "FAIL"})).items[PITR].periods
    assert [(each[0].shown, len(each)) for each in periods] == [
        ("NO_RECORD", 60),
        ("NO_RUN", 27),
        ("PASS", 2),
        ("FAIL", 1),
    ]
