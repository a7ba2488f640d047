"""`readiness check --format html`: the report with what runs recorded in the table."""

from datetime import UTC, datetime

from tests.cli.world import GOOD, World, recorded, refusing
from tests.report.tree import Node, tree


def strip(page: Node) -> Node:
    """The timeline of PITR."""
    return page.one("li", data_timeline="pitr-enabled")


def test_the_run_that_is_being_recorded_is_in_the_timeline(good: World) -> None:
    path = good.folder / "report.html"
    assert good.type("check", "--table", GOOD, "--record", "--output", str(path), "--format", "html").out == ""
    today = strip(tree(path.read_text())).one("span", data_day=str(datetime.now(UTC).date()))
    assert (today.attributes["data-status"], today.text) == ("PASS", "P")
    assert "1 run and 0 changes are recorded." in tree(path.read_text()).text


def test_runs_and_changes_are_read_for_html_only(good: World) -> None:
    read = {}
    for name in ("json", "html"):
        calls: list[str] = []
        with recorded(calls):
            good.type("check", "--table", GOOD, "--format", name)
        read[name] = calls.count("Query")
    assert read["html"] == read["json"] + 2


def test_a_table_whose_items_cannot_be_read_has_a_report_that_says_so(good: World) -> None:
    with refusing("Query"):
        page = tree(good.type("check", "--table", GOOD, "--format", "html").out)
    assert "There is no timeline: access was denied (dynamodb:Query)" in page.text
    assert page.one("section", data_rule="pitr-enabled").all(data_check="pitr-enabled/on")


def test_rows_that_others_wrote_are_named_in_the_report(good: World) -> None:
    key = {"PK": {"S": f"READINESS#123456789012#us-east-1#{GOOD}"}}
    for row in ({"SK": {"S": "RUN#1"}, "at": {"N": "5"}}, {"SK": {"S": "DRIFT#<script>"}, "at": {"BOOL": True}}):
        good.client("dynamodb").put_item(TableName=GOOD, Item={**key, **row})
    ended = good.type("check", "--table", GOOD, "--format", "html")
    assert "lie in the future: DRIFT#<script>, RUN#1." in tree(ended.out).text
    assert "<script>" not in ended.out
