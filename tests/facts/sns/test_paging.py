"""The chain from an alarm to somebody who is told, link by link."""

from collections.abc import Iterator, Mapping

import pytest
from msgspec.structs import replace

from readiness.alarms.route import PAGES, Route, doubtful, silent, unknown
from readiness.aws.command import template
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_actions import FailedActions
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.cloudwatch.composite_sight import CompositeSight
from readiness.facts.recorded.now import Now
from readiness.facts.sns.on_call import OnCallRoutes
from readiness.facts.sns.paging import routes
from readiness.model import EditAlarm, Reason, Unavailable, Unreadable
from tests.facts.sns.routing import CARTS, DENIED, HEARD, OTHER, PUSHED, QUIET, composite, route, routed, silently
from tests.rules.alarms import DOUBTFUL, SILENT, TOPIC, UNKNOWN, alarm, failures_alarm
from tests.rules.alarms import routes as handmade
from tests.rules.facts import AT

THEIRS = "arn:aws:sns:us-east-1:999999999999:theirs"


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


def test_what_is_doubtful_and_may_be_silent_is_unknown() -> None:
    assert route(CARTS, deliveries={TOPIC: DENIED}, mutes=[silently()]) == unknown(DENIED)


def test_a_denied_topic_makes_unknown_only_what_has_no_other_way() -> None:
    both = replace(CARTS, actions=(TOPIC, OTHER))
    far = failures_alarm("far", actions=(OTHER,))
    found = routed(both, far, CARTS, deliveries={TOPIC: DENIED, OTHER: HEARD})
    assert found.of[both.arn] == unknown(DENIED)
    assert found.of[far.arn] == PAGES
    assert route(both, deliveries={TOPIC: DENIED, OTHER: HEARD}) == PAGES


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


def test_composite_alarms_that_are_not_shown_make_what_is_silent_otherwise_unknown() -> None:
    assert route(QUIET, unseen=DENIED) == unknown(DENIED)
    assert route(CARTS, unseen=DENIED) == PAGES


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
    ("found", "about"),
    [
        (replace(CARTS, actions_enabled=False), "enable-alarm-actions --region {Region} --alarm-names {AlarmName}"),
        (replace(CARTS, evaluation_state="EVALUATION_ERROR"), "describe-alarms --alarm-names {AlarmNames}"),
        (composite("any", "ALARM(any)"), "describe-alarms --alarm-names {AlarmNames}"),
    ],
)
def test_the_remedy_is_about_the_alarm_whose_link_is_broken(found: Alarm, about: str) -> None:
    remedy = route(found).remedy
    assert remedy
    assert about in template(remedy)
    assert remedy.values["AlarmName"] == found.name


def test_an_alarm_that_notifies_nobody_gets_the_topic_of_the_others() -> None:
    quiet = alarm("quiet", actions=())
    remedy = routed(CARTS, quiet).of[quiet.arn].remedy
    assert remedy
    assert remedy.steps == (EditAlarm(quiet.arn, actions=("AlarmActions", "OKActions"), topic=TOPIC),)


def test_what_did_not_arrive_is_tried_again() -> None:
    remedy = route(CARTS, failed={"carts": (TOPIC,)}).remedy
    assert remedy
    assert "readiness alarms --drill {AlarmName}" in remedy.command


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
