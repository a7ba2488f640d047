from datetime import timedelta

import pytest
from msgspec.structs import replace

from readiness.alarms.route import PAGES, Route, doubtful, silent
from readiness.facts.cloudwatch.alarms import Alarm
from tests.facts.sns.routing import CARTS, DENIED, QUIET, composite, route, silently
from tests.rules.alarms import PREFIX, TOPIC, alarm
from tests.rules.facts import AT


@pytest.mark.parametrize(
    ("above", "expected"),
    [
        pytest.param([composite("any", 'ALARM("carts") OR ALARM("other")')], PAGES, id="under OR"),
        pytest.param([composite("any", f'ALARM("{CARTS.arn}")')], PAGES, id="by its ARN"),
        pytest.param(
            [composite("both", 'ALARM("carts") AND ALARM("other")')],
            doubtful("composite alarm both does not enter ALARM for this alarm alone"),
            id="under AND",
        ),
        pytest.param(
            [composite("both", 'ALARM("carts") AND ALARM("other")'), composite("any", 'ALARM("carts")')],
            PAGES,
            id="under AND, and alone",
        ),
        pytest.param(
            [composite("any", 'ALARM("carts")', actions=()), composite("all", "ALARM(any) OR ALARM(x)")],
            PAGES,
            id="through two",
        ),
        pytest.param(
            [composite("any", 'ALARM("carts")', actions_enabled=False)],
            silent("no alarm action"),
            id="one that is silent too",
        ),
        pytest.param(
            [composite("any", 'ALARM("carts")', suppressor="deploying", suppressed_by="WaitPeriod")],
            doubtful("composite alarm any: its actions are suppressed by alarm deploying"),
            id="one that is suppressed",
        ),
        pytest.param(
            [
                composite("any", 'ALARM("carts")', suppressor="deploying"),
                alarm("deploying", state="ALARM", actions=()),
            ],
            doubtful("composite alarm any: its actions are suppressed by alarm deploying"),
            id="one whose suppressor is in ALARM",
        ),
        pytest.param(
            [
                composite("any", 'ALARM("carts")', suppressor=f"{PREFIX}deploying"),
                alarm("deploying", state="ALARM", actions=()),
            ],
            doubtful(f"composite alarm any: its actions are suppressed by alarm {PREFIX}deploying"),
            id="one whose suppressor, by its ARN, is in ALARM",
        ),
        pytest.param(
            [composite("any", 'ALARM("carts")', suppressor="deploying"), alarm("deploying", actions=())],
            PAGES,
            id="one whose suppressor is OK",
        ),
        pytest.param(
            [composite("a", "ALARM(carts) OR ALARM(b)"), composite("b", "ALARM(a)")],
            silent("no alarm action"),
            id="a cycle, which nobody evaluates",
        ),
        pytest.param([composite("self", "ALARM(carts) OR ALARM(self)")], silent("no alarm action"), id="itself"),
    ],
)
def test_through_composite_alarms(above: list[Alarm], expected: Route) -> None:
    assert route(QUIET, *above) == expected


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        pytest.param(
            timedelta(hours=25),
            doubtful("composite alarm any has been in ALARM for more than 24 hours: its actions do not run again"),
            id="for longer than a day",
        ),
        pytest.param(timedelta(hours=23), PAGES, id="of late"),
    ],
)
def test_a_composite_alarm_that_is_in_alarm_for_another_one_does_not_go_off_again(
    since: timedelta, expected: Route
) -> None:
    above = composite("any", 'ALARM("carts") OR ALARM("other")', state="ALARM", state_since=AT - since)
    assert route(QUIET, above) == expected


def test_a_composite_alarm_makes_up_for_actions_that_are_off_but_not_for_an_evaluation_that_fails() -> None:
    above = composite("any", 'ALARM("carts")')
    assert route(replace(CARTS, actions_enabled=False), above) == PAGES
    assert route(CARTS, above, mutes=[silently(expires=None)]) == PAGES
    assert route(replace(QUIET, evaluation_state="EVALUATION_ERROR"), above).status == "silent"


def test_composite_alarms_in_a_cycle_are_silent_themselves() -> None:
    a, b = composite("a", "ALARM(b)"), composite("b", "ALARM(a)")
    assert route(a, b) == silent("part of a cycle of composite alarms, which CloudWatch does not evaluate")


def test_a_composite_alarm_of_an_unknown_route() -> None:
    above = composite("any", 'ALARM("carts")')
    found = route(QUIET, above, deliveries={TOPIC: DENIED})
    assert (found.status, found.unavailable) == ("unknown", DENIED)
