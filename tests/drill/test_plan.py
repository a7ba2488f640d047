"""What a drill would set off, and when it is refused."""

import pytest

from readiness.aws.arn import name_of
from readiness.cli.drill.plan import planned
from readiness.cli.exits import Exit, Failed, Usage
from tests.aws.alarms import ALARM as PREFIX
from tests.aws.alarms import combine
from tests.drill.world import ALARM, PAGER, TOPIC, World

STOP = "arn:aws:automate:us-east-1:ec2:stop"
OPS_ITEM = "arn:aws:ssm:us-east-1:123456789012:opsitem:1"


def refused(world: World, name: str = ALARM) -> str:
    with pytest.raises(Usage) as why:
        planned(world.account.aws, name)
    return str(why.value)


def test_who_listens_is_said_by_protocol_and_never_by_address(world: World) -> None:
    world.subscribe("email", "ada@example.com")
    world.subscribe("email", "bob@example.com")
    world.listen()
    plan = planned(world.account.aws, ALARM)
    assert plan.description == "it notifies the topic on-call (2 email, 1 sqs)"
    assert [(action.arn, action.topic, action.subscriptions) for action in plan.actions] == [(TOPIC, "on-call", 3)]


def test_every_action_is_named(world: World) -> None:
    world.alarm(ALARM, TOPIC, PAGER, OPS_ITEM)
    assert planned(world.account.aws, ALARM).description == (
        "it notifies lambda pager and the topic on-call (no subscriptions) and ssm 1"
    )


def test_a_topic_that_is_gone_is_said_to_be(world: World) -> None:
    world.client("sns").delete_topic(TopicArn=TOPIC)
    assert "the topic on-call (does not exist)" in planned(world.account.aws, ALARM).description


def test_who_listens_may_be_unknown(world: World) -> None:
    world.account.refuse("sns", "ListSubscriptionsByTopic", "AuthorizationError", 403)
    plan = planned(world.account.aws, ALARM)
    assert "access was denied (sns:ListSubscriptionsByTopic)" in plan.description
    assert plan.actions[0].subscriptions is None


def test_a_topic_elsewhere_is_not_looked_at(world: World) -> None:
    elsewhere = "arn:aws:sns:us-east-1:999999999999:on-call"
    world.alarm(ALARM, elsewhere)
    (action,) = planned(world.account.aws, ALARM).actions
    assert (action.topic, action.description) == (None, f"the topic {elsewhere} (not read: another account or Region)")
    assert "sns:ListSubscriptionsByTopic" not in world.account.calls


def test_composite_alarms_that_may_go_off_with_it_are_named_each_once(world: World) -> None:
    combine(world.account, "checkout", f"ALARM({ALARM}) OR ALARM(other)", TOPIC)
    combine(world.account, "shop", f'ALARM("{PREFIX}checkout") AND ALARM(other)', PAGER)
    combine(world.account, "circle", "ALARM(shop) OR ALARM(circle)")
    combine(world.account, "apart", "ALARM(other)", TOPIC)
    assert planned(world.account.aws, ALARM).composites == (
        "the composite alarm checkout may change to ALARM too, and notifies the topic on-call (no subscriptions)",
        "the composite alarm shop may change to ALARM too, and notifies lambda pager",
        "the composite alarm circle may change to ALARM too, and notifies nobody",
    )


def test_a_composite_alarm_can_be_drilled_itself(world: World) -> None:
    combine(world.account, "checkout", f"ALARM({ALARM})", TOPIC)
    assert planned(world.account.aws, "checkout").alarm.kind == "composite"


def test_the_name_of_no_alarm(world: World) -> None:
    assert "Did you mean throttling?" in refused(world, "throtling")


def test_no_alarm_at_all(world: World) -> None:
    world.client("cloudwatch").delete_alarms(AlarmNames=[ALARM])
    assert refused(world) == "alarm 'throttling' does not exist in us-east-1"


def test_an_alarm_that_may_be_there_though_it_is_not_shown(world: World) -> None:
    world.account.alter("cloudwatch", "DescribeAlarms", lambda answer: answer["MetricAlarms"][0].pop("AlarmArn"))
    said = refused(world)
    assert said.startswith("alarm 'throttling' in us-east-1 could not be read: ")
    assert "cloudwatch:DescribeAlarms" in said


def test_an_alarm_in_alarm_would_do_nothing(world: World) -> None:
    world.set_off()
    assert "is in ALARM already" in refused(world)


def test_an_alarm_whose_actions_are_switched_off(world: World) -> None:
    world.client("cloudwatch").disable_alarm_actions(AlarmNames=[ALARM])
    assert "its actions are disabled" in refused(world)


def test_an_alarm_that_acts_only_when_all_is_well(world: World) -> None:
    world.alarm(ALARM, OKActions=[TOPIC])
    assert refused(world).endswith("a drill would notify nobody")


def test_an_alarm_that_pages_through_another_says_through_which(world: World) -> None:
    world.alarm(ALARM)
    combine(world.account, "checkout", f"ALARM({ALARM})", TOPIC)
    assert refused(world).endswith("a drill would notify nobody: test checkout, the composite alarm that notifies")


@pytest.mark.parametrize(
    "action",
    [
        STOP,
        "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/a:policyName/b",
        "arn:aws:swf:us-east-1:123456789012:action/actions/AWS_EC2.InstanceId.Reboot/1.0",
    ],
    ids=name_of,
)
def test_an_alarm_that_does_something_is_not_set_off(world: World, action: str) -> None:
    world.alarm(ALARM, TOPIC, action)
    assert f"has actions that do more than notify, and a drill would run them: {action}" in refused(world)


def test_an_alarm_that_only_files_a_ticket_reaches_nobody(world: World) -> None:
    world.alarm(ALARM, OPS_ITEM)
    assert "none of its actions reaches people" in refused(world)


def test_alarms_that_can_not_be_read_end_it_in_a_line(world: World) -> None:
    world.account.refuse("cloudwatch", "DescribeAlarms", "AccessDenied", 403)
    with pytest.raises(Failed) as why:
        planned(world.account.aws, ALARM)
    assert why.value.code is Exit.CANNOT_START
    assert str(why.value) == "throttling: access was denied (cloudwatch:DescribeAlarms): AccessDenied"


def test_planning_changes_nothing(world: World) -> None:
    world.listen()
    before = len(world.account.calls)
    planned(world.account.aws, ALARM)
    assert world.account.calls[before:] == ["cloudwatch:DescribeAlarms", "sns:ListSubscriptionsByTopic"]
