from typing import Any

import pytest
from msgspec.structs import replace

from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.cloudwatch.composite_sight import ADVICE, composite_sight
from readiness.facts.iam.principals import Principal
from readiness.iam.evaluate import Identity
from readiness.iam.statement import statements
from readiness.model import Reason, Unavailable
from tests.aws import shop
from tests.aws.account import ACCOUNT, REGION
from tests.rules.alarms import alarm

DENIED = Unavailable(Reason.ACCESS_DENIED, "iam:GetAccountAuthorizationDetails", "AccessDenied")
NARROW = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:DescribeAlarms", ADVICE)
OURS = f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:shop-*"
METRIC = alarm("carts")
COMPOSITE = alarm("any", kind="composite", rule="ALARM(carts)")
MONITOR = f"arn:aws:sts::{ACCOUNT}:assumed-role/monitor/session"


def may(*resources: str, name: str = "monitor", kind: Any = "role", path: str = "/") -> Principal:
    allowed = statements(shop.document(shop.allow(["cloudwatch:Describe*"], *resources)))
    identity = Identity(f"arn:aws:iam::{ACCOUNT}:{kind}{path}{name}", kind, allowed)
    return Principal(identity.arn, name, identity, (), (), "digest")


def unseen(
    *principals: Principal,
    alarms: tuple[Alarm, ...] = (METRIC,),
    who: str = MONITOR,
    unlisted: Unavailable | None = None,
) -> Unavailable | None:
    known = Each({each.arn: each for each in principals}, unlisted)
    return composite_sight(Aws(ACCOUNT, REGION, who=who), Each({each.arn: each for each in alarms}), known).unseen


@pytest.mark.parametrize(
    ("principals", "who", "expected"),
    [
        pytest.param([may("*")], MONITOR, None, id="a role that may see all"),
        pytest.param([may(OURS)], MONITOR, NARROW, id="a role that may see some"),
        pytest.param([may(OURS, "*")], MONITOR, None, id="some, and all"),
        pytest.param([may(OURS, path="/service/")], MONITOR, NARROW, id="a role with a path, which its session hides"),
        pytest.param([may(OURS, name="other"), may("*")], MONITOR, None, id="another role that may see some"),
        pytest.param(
            [may(OURS, name="jane", kind="user", path="/staff/")],
            f"arn:aws:iam::{ACCOUNT}:user/staff/jane",
            NARROW,
            id="a user",
        ),
        pytest.param([may(OURS)], f"arn:aws:iam::{ACCOUNT}:root", None, id="root, to whom no policy applies"),
    ],
)
def test_who_may_see_composite_alarms(principals: list[Principal], who: str, expected: Unavailable | None) -> None:
    assert unseen(*principals, who=who) == expected


def test_one_composite_alarm_that_is_seen_shows_that_all_are() -> None:
    assert unseen(may(OURS), alarms=(METRIC, COMPOSITE)) is None


def test_policies_that_can_not_be_read_leave_it_open() -> None:
    assert unseen(unlisted=DENIED) == DENIED
    assert unseen(may("*"), unlisted=DENIED) is None
    assert unseen(replace(may("*"), unread=DENIED), may("*", name="other")) == DENIED
    assert unseen(may("*"), replace(may(OURS, name="other"), unread=DENIED)) is None
