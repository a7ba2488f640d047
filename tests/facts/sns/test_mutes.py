from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.route import PAGES, Route, doubtful, silent, unknown
from readiness.facts.cloudwatch.alarm_actions import Mute, MuteRule, mute, mute_rules
from readiness.model import Unreadable
from tests.aws.account import Account
from tests.aws.alarms import MUTE_RULE
from tests.aws.alarms import mute as muted
from tests.aws.completed import complete
from tests.facts.sns.routing import CARTS, DENIED, route, silently
from tests.rules.facts import AT

complete()


@pytest.mark.parametrize(
    ("mutes", "expected"),
    [
        pytest.param([silently()], doubtful("muted by alarm mute rule deploying"), id="for hours"),
        pytest.param([silently(lasts=timedelta(hours=24))], doubtful("muted by alarm mute rule deploying"), id="a day"),
        pytest.param(
            [silently(lasts=timedelta(hours=25))],
            silent("muted by alarm mute rule deploying for more than 24 hours"),
            id="longer",
        ),
        pytest.param(
            [silently(expires=None)], silent("muted by alarm mute rule deploying, which never expires"), id="for ever"
        ),
        pytest.param([silently(alarms=("carts-2", "arn"))], PAGES, id="other alarms"),
        pytest.param(
            [silently(), silently(rule="holidays", expires=None)],
            silent("muted by alarm mute rule holidays, which never expires"),
            id="twice",
        ),
    ],
)
def test_muted(mutes: list[Mute], expected: Route) -> None:
    assert route(CARTS, mutes=mutes) == expected


def test_mute_rules_that_could_not_be_read_leave_unknown_what_would_page() -> None:
    assert route(CARTS, unread=DENIED) == unknown(DENIED)
    assert route(replace(CARTS, actions_enabled=False), unread=DENIED).status == "silent"


def test_a_mute_rule_is_named_by_its_remedy() -> None:
    remedy = route(CARTS, mutes=[silently()]).remedy
    assert remedy
    assert remedy.command.startswith("aws cloudwatch delete-alarm-mute-rule")
    assert remedy.values["MuteRule"] == "deploying"


def test_only_rules_that_are_active_are_asked_for(account: Account) -> None:
    asked: list[Any] = []
    account.client("cloudwatch").meta.events.register(
        "provide-client-params.cloudwatch.ListAlarmMuteRules", lambda params, **_event: asked.append(params)
    )
    assert not mute_rules(account.aws)
    assert asked == [{"Statuses": ["ACTIVE"]}]


@pytest.mark.parametrize(
    ("duration", "lasts"),
    [
        ("PT4H", timedelta(hours=4)),
        ("P2DT12H", timedelta(days=2, hours=12)),
        ("P1W", timedelta(weeks=1)),
        ("PT90M", timedelta(minutes=90)),
    ],
)
def test_a_mute_rule(account: Account, duration: str, lasts: timedelta) -> None:
    muted(account, "deploying", "quotes", "carts", duration=duration, ExpireDate=AT)
    [(arn, rule)] = mute_rules(account.aws).answers().items()
    assert arn == MUTE_RULE + "deploying"
    assert isinstance(rule, MuteRule)
    assert mute(account.aws, rule) == Mute("deploying", ("carts", "quotes"), lasts, AT)


def test_a_mute_rule_that_lasts_nobody_knows_how_long(account: Account) -> None:
    muted(account, "deploying", "carts", duration="a while")
    [rule] = mute_rules(account.aws)
    with pytest.raises(Unreadable):
        mute(account.aws, rule)
