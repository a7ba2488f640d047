"""The dashboard as CloudWatch will read it: what it searches for is what is emitted, and it fits on the page.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import pytest

from readiness.metrics import DIMENSIONS, NAMESPACE
from readiness.report.content import ITEMS
from tests.test_template import Resources, alarms, resources

__all__ = ["resources"]

SEARCH = re.compile(
    r"(?:FILL\()?SEARCH\('\{(?P<schema>[\w,/]+)\} MetricName=\"(?P<metric>\w+)\"', "
    r"'(?P<stat>\w+)', (?P<period>\d+)\)(?P<fill>, REPEAT\))?"
)

FOUND_BY_ONE_SEARCH = 100
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/search-expression-syntax.html"""

ON_ONE_GRAPH = 500
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html"""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def widgets(resources: Resources) -> list[Json]:
    text, variables = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    assert variables == {"Seconds": {"Fn::FindInMap": ["Intervals", {"Ref": "Interval"}, "Seconds"]}}
    body = json.loads(substituted(text))
    found: list[Json] = body["widgets"]
    return found


def substituted(text: str) -> str:
    """As Fn::Sub does it: names give way to values, and what has an exclamation mark is left to CloudWatch."""
    named = re.sub(r"\$\{([\w:.]+)\}", lambda name: "300" if name[1] == "Seconds" else f"<{name[1]}>", text)
    return named.replace("${!", "${")


def metrics(widgets: list[Json]) -> Iterator[Any]:
    for widget in widgets:
        yield from widget["properties"].get("metrics", ())


def searches(widgets: list[Json]) -> list[re.Match[str]]:
    found = [SEARCH.fullmatch(metric[0]["expression"]) for metric in metrics(widgets) if isinstance(metric[0], dict)]
    assert all(found)
    return [each for each in found if each]


def test_every_search_is_for_a_metric_and_the_dimensions_that_it_is_emitted_with(widgets: list[Json]) -> None:
    for search in searches(widgets):
        namespace, *dimensions = search["schema"].split(",")
        assert namespace == NAMESPACE
        assert frozenset(dimensions) == DIMENSIONS[search["metric"]], search["metric"]


def test_it_shows_how_the_items_stand_what_changed_and_how_the_monitor_fares(widgets: list[Json]) -> None:
    assert {search["metric"] for search in searches(widgets)} == {"ItemStatus", "Unwell"}


def test_an_item_that_is_emitted_on_changes_alone_keeps_its_last_status(widgets: list[Json]) -> None:
    filled = {search["metric"] for search in searches(widgets) if search["fill"]}
    assert filled == {"ItemStatus"}, "Unwell is emitted by each run, and a gap of it shows that there was none"


def test_what_is_no_search_is_what_an_alarm_of_ours_watches(
    widgets: list[Json],
    resources: Resources,
) -> None:
    (shown,) = [metric for metric in metrics(widgets) if not isinstance(metric[0], dict)]
    watched = alarms(resources)["DeadLettersAlarm"]
    (dimension,) = watched["Dimensions"]
    assert dimension["Value"] == {"Fn::GetAtt": ["DeadLetters", "QueueName"]}
    assert shown[:4] == [watched["Namespace"], watched["MetricName"], dimension["Name"], "<DeadLetters.QueueName>"]


@pytest.mark.parametrize("tables", [1, 5])
def test_no_search_finds_more_than_cloudwatch_draws(widgets: list[Json], tables: int) -> None:
    for widget in widgets:
        found = [tables * (len(ITEMS) if "rule" in each["schema"] else 1) for each in searches([widget])]
        assert max(found, default=0) <= FOUND_BY_ONE_SEARCH
        assert sum(found) < ON_ONE_GRAPH


def test_every_series_says_which_table_it_is_of(widgets: list[Json]) -> None:
    for metric in metrics(widgets):
        if isinstance(metric[0], dict):
            assert "${PROP('Dim.table')}" in metric[0]["label"]


def test_ids_are_unique_within_a_widget(widgets: list[Json]) -> None:
    for widget in widgets:
        ids = [metric[0]["id"] for metric in metrics([widget]) if isinstance(metric[0], dict)]
        assert len(ids) == len(set(ids))


def test_the_state_of_every_alarm_is_on_it(
    widgets: list[Json],
    resources: Resources,
) -> None:
    (shown,) = [widget["properties"]["alarms"] for widget in widgets if widget["type"] == "alarm"]
    assert sorted(shown) == sorted(f"<{name}.Arn>" for name in alarms(resources))


def test_the_checklist_is_on_top_and_drawn_by_the_widget(widgets: list[Json]) -> None:
    top = widgets[0]
    assert (top["type"], top["properties"]["endpoint"]) == ("custom", "<Widget.Arn>")
    assert (top["x"], top["y"], top["width"]) == (0, 0, 24)


def test_widgets_fit_on_the_page_and_do_not_overlap(widgets: list[Json]) -> None:
    cells = [
        {
            (x, y)
            for x in range(each["x"], each["x"] + each["width"])
            for y in range(each["y"], each["y"] + each["height"])
        }
        for each in widgets
    ]
    assert all(0 <= x < 24 for covered in cells for x, _ in covered)
    assert not [pair for pair in combinations(cells, 2) if pair[0] & pair[1]]


def test_alerts_link_to_the_name_that_it_bears(resources: Resources) -> None:
    variables = resources["Monitor"]["Properties"]["Environment"]["Variables"]
    assert variables["READINESS_DASHBOARD"] == resources["Dashboard"]["Properties"]["DashboardName"]
