"""The chain from an alarm to somebody who is told, link by link."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.route import PAGES, Route, doubtful, silent, unknown
from readiness.alarms.series import series
from readiness.alarms.services import ALARMS, EVENTS, SNS
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_actions import FailedActions, Mute, MuteRule, mute, mute_rules
from readiness.facts.cloudwatch.alarm_rules import AlarmRule, AlarmRuleTargets, Target
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.cloudwatch.composite_sight import CompositeSight
from readiness.facts.iam.principals import Principal
from readiness.facts.recorded.now import Now
from readiness.facts.sns.deliveries import Delivery, PublishAccess, SubscriptionRoute, delivery, hearing
from readiness.facts.sns.on_call import CHAT, OnCallRoutes
from readiness.facts.sns.paging import Routes, routes
from readiness.facts.sns.receivers import Receiver, Reception
from readiness.facts.sns.relays import Relays
from readiness.facts.sns.subscriptions import Filtering, Subscription
from readiness.facts.sns.topics import Topic, TopicAttributes, TopicKey
from readiness.iam.condition import condition
from readiness.iam.evaluate import Identity
from readiness.iam.service_access import Grant
from readiness.iam.statement import Statement
from readiness.model import Gone, Reason, Unavailable, Unreadable
from tests.aws.account import Account
from tests.aws.alarms import MUTE_RULE
from tests.aws.alarms import mute as muted
from tests.aws.completed import complete
from tests.rules.alarms import DOUBTFUL, PREFIX, SILENT, TOPIC, UNKNOWN, alarm, failures_alarm
from tests.rules.alarms import routes as handmade
from tests.rules.facts import AT

complete()

DENIED = Unavailable(Reason.ACCESS_DENIED, "sns:GetTopicAttributes", "AuthorizationError")
ALL = Grant(allow=True, sure=True)
UNSURE = replace(ALL, sure=False)
LISTENED = (SubscriptionRoute(PAGES, Filtering("s1")),)
HEARD = Delivery(TOPIC, PAGES, LISTENED, PublishAccess((ALL,)), PublishAccess((ALL,)))
OTHER = TOPIC + "-2"
THEIRS = "arn:aws:sns:us-east-1:999999999999:theirs"
SOON = datetime(2026, 11, 25, tzinfo=UTC)

PUSHED = "arn:aws:lambda:us-east-1:123456789012:function:push"
LET_IN = dict.fromkeys((ALARMS, EVENTS, SNS), (ALL,))
INVOKED = Reception(Receiver(PUSHED), PAGES, (LET_IN,))

CARTS = alarm("carts", series("Shop", "WriteFailure", Domain="cart"))
QUIET = replace(CARTS, actions=())


def composite(name: str, rule: str, **other: Any) -> Alarm:
    return alarm(name, kind="composite", rule=rule, **other)


def routed(
    *alarms: Alarm,
    deliveries: dict[str, Delivery | Unavailable] | None = None,
    mutes: Iterable[Mute] = (),
    failed: Mapping[str, tuple[str, ...]] | Unavailable = MappingProxyType({}),
    rules: Iterable[AlarmRuleTargets] = (),
    **other: Any,
) -> Routes:
    delivered: dict[str, Any] = {TOPIC: HEARD} if deliveries is None else deliveries
    return routes(
        Each({each.arn: each for each in alarms}),
        Each(delivered),
        Each(other.get("receptions", {PUSHED: INVOKED})),
        Each({each.rule: each for each in mutes}, other.get("unread")),
        failed if isinstance(failed, Unavailable) else FailedActions(failed),
        Each({each.rule.arn: each for each in rules}, other.get("unlisted")),
        Each(other.get("principals", {})),
        CompositeSight(other.get("unseen")),
        OnCallRoutes(topic=other.get("topic", "")),
        Now(AT),
    )


def route(first: Alarm, *others: Alarm, **other: Any) -> Route:
    """That of the first alarm."""
    return routed(first, *others, **other).of[first.arn]


def silently(**other: Any) -> Mute:
    return replace(Mute("deploying", ("carts",), timedelta(hours=4), SOON), **other)


def test_an_alarm_with_a_topic_that_somebody_hears_pages() -> None:
    assert route(CARTS) == PAGES


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            replace(CARTS, actions_enabled=False),
            silent("its actions are disabled (ActionsEnabled is false)"),
            id="actions off",
        ),
        pytest.param(QUIET, silent("no alarm action"), id="only OK actions, or none"),
        pytest.param(
            replace(
                CARTS, actions=("arn:aws:ssm:us-east-1:123456789012:opsitem:1", "arn:aws:automate:us-east-1:ec2:stop")
            ),
            silent("no alarm action on SNS, Lambda or Incident Manager"),
            id="actions that tell nobody",
        ),
        pytest.param(
            replace(CARTS, actions=("arn:aws:lambda:us-east-1:123456789012:function:page:live",)),
            PAGES,
            id="a function",
        ),
        pytest.param(
            replace(CARTS, actions=("arn:aws:ssm-incidents::123456789012:response-plan/p",)),
            PAGES,
            id="a response plan",
        ),
        pytest.param(
            replace(CARTS, actions=(THEIRS,)),
            doubtful(f"SNS topic {THEIRS} was not read"),
            id="a topic of another account",
        ),
        pytest.param(
            replace(CARTS, evaluation_state="EVALUATION_ERROR"),
            silent("EvaluationState is EVALUATION_ERROR: the alarm is misconfigured"),
            id="evaluation error",
        ),
        pytest.param(
            replace(CARTS, evaluation_state="PARTIAL_DATA"),
            doubtful("EvaluationState is PARTIAL_DATA: only a part of the data is evaluated"),
            id="partial data",
        ),
        pytest.param(
            replace(CARTS, evaluation_state="EVALUATION_FAILURE"),
            unknown(Unavailable(Reason.SERVER_ERROR, None, "EVALUATION_FAILURE")),
            id="CloudWatch's own trouble",
        ),
        pytest.param(
            replace(CARTS, evaluation_state="NEW"),
            doubtful("unknown EvaluationState NEW"),
            id="an evaluation that is new",
        ),
        pytest.param(
            replace(CARTS, state="NEW"),
            doubtful("unknown state NEW"),
            id="a state that is new",
        ),
        pytest.param(alarm("promql", kind="promql", actions=()), silent("no alarm action"), id="PromQL"),
    ],
)
def test_the_alarm_itself(found: Alarm, expected: Route) -> None:
    assert route(found) == expected


def test_the_first_broken_link_is_named() -> None:
    broken = replace(CARTS, actions_enabled=False, actions=(), evaluation_state="EVALUATION_ERROR")
    assert route(broken, mutes=[silently(expires=None)]) == silent("its actions are disabled (ActionsEnabled is false)")


@pytest.mark.parametrize(
    ("others", "said", "topic"),
    [
        pytest.param((), "", "TOPIC", id="a person names it where no alarm calls one"),
        pytest.param((alarm("quote"), alarm("order")), "", TOPIC, id="the one that the others call"),
        pytest.param((alarm("quote"),), OTHER, OTHER, id="the one that the checklist names"),
    ],
)
def test_what_an_alarm_without_an_action_is_to_call(others: tuple[Alarm, ...], said: str, topic: str) -> None:
    remedy = route(QUIET, *others, topic=said).remedy
    assert remedy
    assert remedy.values["TopicArn"] == topic


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


def test_what_is_doubtful_and_may_be_silent_is_unknown() -> None:
    assert route(CARTS, deliveries={TOPIC: DENIED}, mutes=[silently()]) == unknown(DENIED)


def test_a_denied_topic_makes_unknown_only_what_has_no_other_way() -> None:
    both = replace(CARTS, actions=(TOPIC, OTHER))
    far = failures_alarm("far", actions=(OTHER,))
    found = routed(both, far, CARTS, deliveries={TOPIC: DENIED, OTHER: HEARD})
    assert found.of[both.arn] == unknown(DENIED)
    assert found.of[far.arn] == PAGES
    assert route(both, deliveries={TOPIC: DENIED, OTHER: HEARD}) == PAGES


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


def test_alarms_that_could_not_be_listed_leave_all_unknown() -> None:
    with pytest.raises(Unreadable):
        routes(
            Each({}, DENIED),
            Each({}),
            Each({}),
            Each({}),
            FailedActions({}),
            Each({}),
            Each({}),
            CompositeSight(None),
            OnCallRoutes(),
            Now(AT),
        )


@pytest.mark.parametrize(
    ("actions", "failed", "expected"),
    [
        pytest.param((TOPIC,), {"quotes": (TOPIC,)}, PAGES, id="another alarm's message"),
        pytest.param((TOPIC,), {"carts": (OTHER,)}, PAGES, id="a message to a topic that it no longer names"),
        pytest.param(
            (TOPIC,),
            {"carts": (TOPIC,)},
            silent("its last action on on-call failed (DescribeAlarmHistory)"),
            id="its last message",
        ),
        pytest.param((TOPIC, PUSHED), {"carts": (TOPIC,)}, PAGES, id="its last message to one of two"),
        pytest.param((TOPIC,), DENIED, unknown(DENIED), id="a history that was denied"),
    ],
)
def test_what_an_alarm_last_told(
    actions: tuple[str, ...], failed: Mapping[str, tuple[str, ...]] | Unavailable, expected: Route
) -> None:
    assert route(replace(CARTS, actions=actions), failed=failed) == expected


def test_a_history_that_was_denied_hides_nothing_that_is_broken_for_sure() -> None:
    assert route(CARTS, deliveries={TOPIC: replace(HEARD, heard=SILENT)}, failed=DENIED) == SILENT


RULE = "arn:aws:events:us-east-1:123456789012:rule/page"


def by_event(pattern: str, *targets: Target) -> AlarmRuleTargets:
    return AlarmRuleTargets(AlarmRule(RULE, "page", pattern), targets)


FOR_QUOTES = condition("ArnEquals", "aws:SourceArn", PREFIX + "quotes")
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


def test_composite_alarms_that_are_not_shown_make_what_is_silent_otherwise_unknown() -> None:
    assert route(QUIET, unseen=DENIED) == unknown(DENIED)
    assert route(CARTS, unseen=DENIED) == PAGES


ON_CALL = Topic(TOPIC, "on-call")
OPEN = TopicAttributes((ALL,), pending=0, key=None, relay=(ALL,))
ENCRYPTED = replace(OPEN, key="alias/topics")
KEY = TopicKey("arn:aws:kms:us-east-1:123456789012:key/1", "CUSTOMER", "Enabled", (ALL,), (ALL,))
MANAGED = "SNS topic on-call is encrypted with an AWS managed key, which no other AWS service can use"
LISTENER = Subscription("s1", "sms", None)
HEARING = {"s1": Filtering("s1")}
QUEUE = "arn:aws:sqs:us-east-1:123456789012:pages"
QUEUED = replace(LISTENER, protocol="sqs", endpoint=QUEUE)
SENT = Reception(Receiver(QUEUE), PAGES, (LET_IN,))
DEAD = Reception(Receiver(QUEUE), silent("SQS queue pages does not exist"))
PAGER = replace(LISTENER, protocol="https", endpoint="events.pagerduty.com")
FOLDED = doubtful("no OK action, so the pager keeps the incident open and adds the next alarm to it")


def filtered(policy: str) -> dict[str, Filtering]:
    """On what the message says."""
    return {"s1": Filtering("s1", "MessageBody", policy)}


DEAF = {"s1": Filtering("s1", "MessageAttributes", '{"Severity": ["HIGH"]}')}


def delivered(  # noqa: PLR0917  a row of the table names what it is about
    attributes: TopicAttributes | Gone = OPEN,
    key: TopicKey | Gone | Unavailable | None = None,
    filterings: Mapping[str, Filtering | Unavailable] | None = None,
    unlisted: Unavailable | None = None,
    reception: Reception | Unavailable | None = None,
    listener: Subscription = LISTENER,
    told: Alarm = CARTS,
) -> Route:
    heard: dict[str, Any] = dict(HEARING) if filterings is None else dict(filterings)
    listening = {arn: listener if arn == "s1" else replace(LISTENER, arn=arn) for arn in heard}
    receptions: Each[Reception] = Each({QUEUE: reception} if reception else {})
    hearings = {
        arn: hearing(ON_CALL, listening[arn], each, receptions) if isinstance(each, Filtering) else each
        for arn, each in heard.items()
    }
    found = delivery(ON_CALL, attributes, key, Each(listening, unlisted), Each(hearings, unlisted))
    return found.route(told, closed=bool(told.ok_actions))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(delivered(), PAGES, id="a subscription that hears all"),
        pytest.param(delivered(Gone("it")), silent("SNS topic on-call does not exist"), id="no topic"),
        pytest.param(
            delivered(replace(OPEN, publish=())),
            silent("the access policy of SNS topic on-call does not allow CloudWatch to publish"),
            id="a policy without CloudWatch",
        ),
        pytest.param(
            delivered(replace(OPEN, publish=(UNSURE,))),
            doubtful(
                "the access policy of SNS topic on-call allows CloudWatch to publish"
                " only under conditions that are not evaluated"
            ),
            id="a policy with conditions",
        ),
        pytest.param(
            delivered(replace(OPEN, publish=(replace(ALL, sources=(FOR_QUOTES,)),))),
            silent("the access policy of SNS topic on-call does not allow CloudWatch to publish"),
            id="a policy for another alarm",
        ),
        pytest.param(delivered(replace(OPEN, key="alias/aws/sns")), silent(MANAGED), id="the key that AWS manages"),
        pytest.param(delivered(ENCRYPTED, replace(KEY, manager="AWS")), silent(MANAGED), id="the same, by its ARN"),
        pytest.param(delivered(ENCRYPTED, KEY), PAGES, id="a key that lets CloudWatch"),
        pytest.param(
            delivered(ENCRYPTED, replace(KEY, decrypt=())),
            silent("the key policy of SNS topic on-call does not allow CloudWatch to publish"),
            id="a key that lets CloudWatch encrypt alone",
        ),
        pytest.param(
            delivered(ENCRYPTED, replace(KEY, state="PendingDeletion")),
            silent("KMS key of SNS topic on-call is PendingDeletion"),
            id="a dying key",
        ),
        pytest.param(
            delivered(ENCRYPTED, Gone("it")), silent("KMS key of SNS topic on-call does not exist"), id="no key"
        ),
        pytest.param(delivered(ENCRYPTED, DENIED), unknown(DENIED), id="a denied key"),
        pytest.param(
            delivered(ENCRYPTED, DENIED, filterings={}),
            silent("SNS topic on-call has no confirmed subscription"),
            id="a denied key of a topic that nobody hears",
        ),
        pytest.param(
            delivered(replace(OPEN, pending=2), filterings={}),
            silent("SNS topic on-call has no confirmed subscription, 2 pending"),
            id="pending subscriptions alone",
        ),
        pytest.param(delivered(listener=QUEUED, reception=SENT), PAGES, id="a queue that exists"),
        pytest.param(delivered(listener=QUEUED, reception=DEAD), DEAD.there, id="a queue that was deleted"),
        pytest.param(delivered(listener=QUEUED, reception=DENIED), unknown(DENIED), id="a queue that is denied"),
        pytest.param(
            delivered(filterings={**HEARING, "s2": Filtering("s2")}, listener=QUEUED, reception=DEAD),
            PAGES,
            id="a queue that was deleted, and somebody else",
        ),
        pytest.param(
            delivered(filterings={**HEARING, "s2": Filtering("s2")}, listener=QUEUED, reception=DENIED),
            PAGES,
            id="a queue that is denied, and somebody else",
        ),
        pytest.param(
            delivered(filterings=DEAF),
            silent(
                "every subscription of SNS topic on-call has a filter policy on message attributes,"
                " which alarm notifications do not have"
            ),
            id="a filter on attributes",
        ),
        pytest.param(delivered(filterings={**DEAF, "s2": Filtering("s2")}), PAGES, id="one of two filters"),
        pytest.param(
            delivered(filterings={**DEAF, "s2": Filtering("s2", "MessageBody", '{"Trigger": {"Period": [60]}}')}),
            doubtful(
                "every subscription of SNS topic on-call has a filter policy that may not match alarm notifications"
            ),
            id="a filter on the text",
        ),
        pytest.param(
            delivered(listener=replace(LISTENER, wakes=None)),
            doubtful("SNS topic on-call delivers only by email, which pages nobody"),
            id="mail alone",
        ),
        pytest.param(
            delivered(filterings={**HEARING, "s2": Filtering("s2")}, listener=replace(LISTENER, wakes=None)),
            PAGES,
            id="mail, and something louder",
        ),
        pytest.param(
            delivered(listener=replace(LISTENER, wakes=False)),
            silent("no subscription of SNS topic on-call matches on_call.endpoints in the checklist"),
            id="nobody who is on call",
        ),
        pytest.param(
            delivered(listener=replace(LISTENER, protocol="firehose", wakes=None)),
            doubtful("SNS topic on-call delivers only to a Firehose stream, which pages nobody"),
            id="Firehose alone",
        ),
        pytest.param(
            delivered(listener=replace(LISTENER, protocol="https", endpoint=CHAT, wakes=None)),
            doubtful("SNS topic on-call delivers only to a chat channel, which pages nobody"),
            id="a chat alone",
        ),
        pytest.param(
            delivered(filterings=filtered('{"AlarmName": [{"prefix": "billing-"}]}')),
            silent(
                "every subscription of SNS topic on-call has a filter policy"
                " that does not match notifications of this alarm"
            ),
            id="a filter on other alarms",
        ),
        pytest.param(delivered(filterings=filtered('{"AlarmName": ["carts"]}')), PAGES, id="a filter on this alarm"),
        pytest.param(delivered(listener=PAGER), FOLDED, id="a pager that is not told when all is well"),
        pytest.param(
            delivered(listener=PAGER, told=replace(CARTS, ok_actions=(TOPIC,))), PAGES, id="a pager that is told"
        ),
        pytest.param(
            delivered(filterings={**HEARING, "s2": Filtering("s2")}, listener=PAGER),
            PAGES,
            id="a pager and somebody else",
        ),
        pytest.param(
            delivered(listener=replace(PAGER, endpoint="hooks.example.com")), PAGES, id="an address that folds nothing"
        ),
        pytest.param(delivered(filterings={"s1": DENIED}), unknown(DENIED), id="a denied subscription"),
        pytest.param(delivered(filterings={"s1": DENIED, "s2": Filtering("s2")}), PAGES, id="one that is not denied"),
        pytest.param(delivered(filterings={}, unlisted=DENIED), unknown(DENIED), id="denied subscriptions"),
        pytest.param(delivered(unlisted=DENIED), PAGES, id="one that was listed before it was denied"),
        pytest.param(
            delivered(replace(OPEN, key="alias/aws/sns"), filterings={}, unlisted=DENIED),
            silent(MANAGED),
            id="denied subscriptions of a topic that can't be published to",
        ),
    ],
)
def test_the_topic(found: Route, expected: Route) -> None:
    assert found == expected


@pytest.mark.parametrize(
    ("found", "status"),
    [
        ([PAGES, SILENT], "pages"),
        ([PAGES, UNKNOWN], "pages"),
        ([DOUBTFUL, SILENT], "doubtful"),
        ([SILENT, SILENT], "silent"),
        ([], None),
    ],
)
def test_of_several_alarms_the_best_route_counts(found: list[Route], status: str | None) -> None:
    alarms = [alarm(f"a{number}") for number in range(len(found))]
    known = handmade(*alarms, **{each.name: of for each, of in zip(alarms, found, strict=True)})
    best = known.best(alarms)
    assert (best and best.status) == status


@pytest.mark.parametrize("other", [SILENT, DOUBTFUL])
def test_what_one_unknown_route_could_change_is_unknown(other: Route) -> None:
    one, two = alarm("one"), alarm("two")
    with pytest.raises(Unreadable) as unread:
        handmade(one, two, one=UNKNOWN, two=other).best([one, two])
    assert unread.value.first == UNKNOWN.unavailable


def test_the_topic_of_most_alarms_that_reach_somebody() -> None:
    silent = [alarm(name, actions=(OTHER,), actions_enabled=False) for name in "abc"]
    paging = [alarm("d", actions=(TOPIC, "arn:aws:lambda:us-east-1:123456789012:function:page"))]
    assert routed(*silent, *paging).topic == TOPIC
    assert not routed(*silent).topic


def test_the_topic_of_the_checklist_comes_first() -> None:
    assert routed(CARTS, topic=OTHER).topic == OTHER


@pytest.mark.parametrize(
    ("ok_actions", "status"),
    [
        pytest.param((), "doubtful", id="none"),
        pytest.param((TOPIC,), "pages", id="the same topic"),
        pytest.param((OTHER,), "doubtful", id="a topic without a pager"),
        pytest.param((PUSHED,), "pages", id="a function"),
        pytest.param(("arn:aws:automate:us-east-1:ec2:stop",), "doubtful", id="what tells nobody"),
    ],
)
def test_a_pager_folds_unless_an_ok_action_reaches_one(ok_actions: tuple[str, ...], status: str) -> None:
    pager = replace(HEARD, hearings=(SubscriptionRoute(PAGES, Filtering("s1"), folds=True),))
    found = route(replace(CARTS, ok_actions=ok_actions), deliveries={TOPIC: pager, OTHER: HEARD})
    assert found.status == status


REFUSED = Reception(Receiver(PUSHED), PAGES, (dict.fromkeys((ALARMS, EVENTS, SNS), ()),))


def test_a_function_that_does_not_let_the_alarm_in_pages_nobody() -> None:
    found = route(replace(CARTS, actions=(PUSHED,)), receptions={PUSHED: REFUSED})
    assert found == silent("the resource policy of Lambda function push does not allow CloudWatch")


@pytest.mark.parametrize(
    ("found", "about"),
    [
        (replace(CARTS, actions_enabled=False), "enable-alarm-actions --alarm-names {AlarmNames}"),
        (QUIET, "--arg topic {TopicArn}"),
        (replace(CARTS, evaluation_state="EVALUATION_ERROR"), "describe-alarms --alarm-names {AlarmNames}"),
        (composite("any", "ALARM(any)"), "describe-alarms --alarm-names {AlarmNames}"),
    ],
)
def test_the_remedy_is_about_the_alarm_whose_link_is_broken(found: Alarm, about: str) -> None:
    remedy = route(found).remedy
    assert remedy
    assert about in remedy.command
    assert remedy.values["AlarmName"] == found.name


def test_a_mute_rule_is_named_by_its_remedy() -> None:
    remedy = route(CARTS, mutes=[silently()]).remedy
    assert remedy
    assert remedy.command.startswith("aws cloudwatch delete-alarm-mute-rule")
    assert remedy.values["MuteRule"] == "deploying"


def test_what_did_not_arrive_is_tried_again() -> None:
    remedy = route(CARTS, failed={"carts": (TOPIC,)}).remedy
    assert remedy
    assert "readiness alarms --drill {AlarmName}" in remedy.command


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


class Actions(tuple[str, ...]):
    """They count how often somebody goes through them."""

    __slots__ = ()
    looked = 0

    def __iter__(self) -> Iterator[str]:
        Actions.looked += 1
        return super().__iter__()


def test_a_thousand_alarms_are_not_gone_through_for_each_of_them() -> None:
    Actions.looked = 0
    routed(*(alarm(f"a{number}", actions=Actions((TOPIC,))) for number in range(1000)))
    assert Actions.looked < 10_000


@pytest.mark.parametrize(
    ("named", "topic", "called"),
    [
        pytest.param((OTHER, OTHER, TOPIC), "", OTHER, id="the topic that most others call"),
        pytest.param((OTHER, OTHER, TOPIC), TOPIC, TOPIC, id="the topic of the checklist"),
        pytest.param((PUSHED,), "", "TOPIC", id="what a person fills in, where nobody calls a topic"),
    ],
)
def test_what_an_alarm_without_actions_is_to_call(named: tuple[str, ...], topic: str, called: str) -> None:
    others = [alarm(f"a{number}", actions=(each,)) for number, each in enumerate(named)]
    remedy = route(QUIET, *others, topic=topic).remedy
    assert remedy
    assert remedy.values["TopicArn"] == called
