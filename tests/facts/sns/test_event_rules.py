import pytest
from msgspec.structs import replace

from readiness.alarms.route import PAGES, Route, doubtful, silent, unknown
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_rules import AlarmRule, AlarmRuleTargets, Target
from readiness.facts.iam.principals import Principal
from readiness.facts.sns.deliveries import Delivery, PublishAccess, SubscriptionRoute
from readiness.facts.sns.receivers import Receiver, Reception
from readiness.facts.sns.relays import Relays
from readiness.facts.sns.subscriptions import Filtering
from readiness.iam.evaluate import Identity
from readiness.iam.statement import Statement
from readiness.model import Unavailable
from tests.facts.sns.routing import CARTS, DENIED, HEARD, INVOKED, OTHER, PUSHED, QUIET, route
from tests.rules.alarms import TOPIC

RULE = "arn:aws:events:us-east-1:123456789012:rule/page"


def by_event(pattern: str, *targets: Target) -> AlarmRuleTargets:
    return AlarmRuleTargets(AlarmRule(RULE, "page", pattern), targets)


STATES = "arn:aws:states:us-east-1:123456789012:stateMachine:page"


ROLE = "arn:aws:iam::123456789012:role/events"


API = "arn:aws:events:us-east-1:123456789012:api-destination/pager/1"


ALL_CHANGES = '{"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}'


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param(by_event(ALL_CHANGES, Target(TOPIC)), PAGES, id="one for all changes"),
        pytest.param(by_event(ALL_CHANGES), silent("no alarm action"), id="one that calls nothing"),
        pytest.param(
            by_event('{"detail": {"alarmName": ["quotes"]}}', Target(TOPIC)),
            silent("no alarm action"),
            id="another alarm's",
        ),
        pytest.param(
            by_event('{"detail": {"configuration": {"description": ["page"]}}}', Target(TOPIC)),
            doubtful("EventBridge rule page may not match the alarm: its pattern is not evaluated"),
            id="one that asks for more",
        ),
    ],
)
def test_an_alarm_without_actions_may_page_by_a_rule_of_eventbridge(rule: AlarmRuleTargets, expected: Route) -> None:
    assert route(QUIET, rules=[rule]) == expected


def as_role(*statements: Statement) -> dict[str, Principal]:
    return {ROLE: Principal(ROLE, "events", Identity(ROLE, "role", statements), (), (), "")}


START = Statement(
    allow=True,
    actions=("states:startexecution", "events:invokeapidestination", "lambda:invokefunction", "sns:publish"),
    resources=("*",),
)


GONE = PUSHED + "-gone"


UNLET = replace(HEARD, relay=PublishAccess())


DEFAULT = "the access policy of SNS topic on-call does not allow EventBridge to publish"


LONELY = replace(HEARD, heard=silent("SNS topic on-call has no confirmed subscription"))


@pytest.mark.parametrize(
    ("target", "delivered", "status", "why"),
    [
        pytest.param(Target(TOPIC), HEARD, "pages", "", id="a topic that lets EventBridge publish"),
        pytest.param(Target(TOPIC), UNLET, "silent", DEFAULT, id="a topic with the policy that SNS makes"),
        pytest.param(Target(TOPIC), LONELY, "silent", "no confirmed subscription", id="a topic that nobody hears"),
        pytest.param(
            Target(TOPIC),
            Delivery(TOPIC, silent("SNS topic on-call does not exist")),
            "silent",
            "not exist",
            id="no topic",
        ),
        pytest.param(Target(TOPIC), DENIED, "unknown", "", id="a topic that is denied"),
        pytest.param(Target(OTHER), HEARD, "doubtful", "was not read", id="a topic of which nothing is known"),
        pytest.param(Target(PUSHED), HEARD, "pages", "", id="a function that lets EventBridge in"),
        pytest.param(Target(STATES), HEARD, "silent", "has no role", id="a state machine without a role"),
        pytest.param(Target(STATES, ROLE), HEARD, "pages", "", id="a state machine that its role may start"),
        pytest.param(Target(API, ROLE), HEARD, "pages", "", id="a web address that its role may call"),
        pytest.param(Target(STATES, ROLE + "-2"), HEARD, "silent", "does not exist", id="a role that is gone"),
        pytest.param(Target(TOPIC, ROLE), UNLET, "pages", "", id="a topic to which its role may publish"),
        pytest.param(
            Target(TOPIC, ROLE), LONELY, "silent", "no confirmed", id="a topic that nobody hears, by its role"
        ),
        pytest.param(Target(TOPIC, ROLE), DENIED, "unknown", "", id="a topic that is denied, by its role"),
        pytest.param(Target(PUSHED, ROLE), HEARD, "pages", "", id="a function that its role may invoke"),
        pytest.param(Target(GONE, ROLE), HEARD, "silent", "does not exist", id="a function that is gone, by its role"),
        pytest.param(
            Target("arn:aws:ssm-incidents::1:response-plan/p", ROLE),
            HEARD,
            "silent",
            "does not allow ssm-incidents:StartIncident",
            id="a response plan that its role may not start",
        ),
        pytest.param(
            Target("arn:aws:logs:us-east-1:1:log-group:/alarms"), HEARD, "doubtful", "pages nobody", id="a log group"
        ),
        pytest.param(
            Target("arn:aws:firehose:us-east-1:1:deliverystream/a", ROLE),
            HEARD,
            "doubtful",
            "pages nobody",
            id="Firehose",
        ),
        pytest.param(
            Target("arn:aws:batch:us-east-1:1:job-queue/q", ROLE),
            HEARD,
            "doubtful",
            "was not read",
            id="another service",
        ),
        pytest.param(
            Target("arn:aws:execute-api:us-east-1:1:x/*"), HEARD, "doubtful", "was not read", id="without a role"
        ),
    ],
)
def test_the_targets_of_a_rule_of_eventbridge(
    target: Target, delivered: Delivery | Unavailable, status: str, why: str
) -> None:
    """Without such a target the alarm has no way at all, of which its own is named first."""
    found = Relays(
        Each({RULE: by_event(ALL_CHANGES, target)}),
        Each({TOPIC: delivered}),
        Each({PUSHED: INVOKED, GONE: Reception(Receiver(GONE), silent("the function does not exist"))}),
        Each(as_role(START)),
    )
    [route] = found.routes(QUIET)
    assert route.status == status
    assert why in route.why


def test_a_role_with_a_policy_that_could_not_be_read_may_be_denied_to_call() -> None:
    unread = {ROLE: replace(as_role(START)[ROLE], unread=DENIED)}
    found = Relays(Each({RULE: by_event(ALL_CHANGES, Target(STATES, ROLE))}), Each({}), Each({}), Each(unread))
    [route] = found.routes(QUIET)
    assert (route.status, route.unavailable) == ("unknown", DENIED)


def test_the_best_of_several_targets_counts() -> None:
    rule = by_event(ALL_CHANGES, Target(STATES), Target(TOPIC))
    assert route(QUIET, rules=[rule]) == PAGES


@pytest.mark.parametrize(
    ("changed", "scope", "policy", "status"),
    [
        (False, "MessageBody", '{"detail": {"state": {"value": ["ALARM"]}}}', "pages"),
        (True, "MessageBody", '{"detail": {"state": {"value": ["ALARM"]}}}', "doubtful"),
        (False, "MessageBody", '{"detail": {"state": {"value": ["OK"]}}}', "silent"),
        (False, "MessageAttributes", '{"a": ["b"]}', "silent"),
    ],
)
def test_what_eventbridge_hands_on_is_filtered_too(*, changed: bool, scope: str, policy: str, status: str) -> None:
    heard = replace(HEARD, hearings=(SubscriptionRoute(PAGES, Filtering("s1", scope, policy)),))
    assert heard.relayed(CARTS, RULE, changed=changed).status == status


def test_rules_that_were_denied_make_what_is_silent_otherwise_unknown() -> None:
    assert route(QUIET, unlisted=DENIED) == unknown(DENIED)
    assert route(CARTS, unlisted=DENIED) == PAGES
