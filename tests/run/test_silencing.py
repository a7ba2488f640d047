"""Alerts on the removal of resources and permissions of the monitor; docs/security.md lists who can remove each."""

from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec import structs

from readiness.checklist import FunctionSettings, OnCall
from readiness.engine.rule import Rule
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.state.store import Parameters
from tests.aws import shop
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.fixed_rules import ASKED
from tests.run.replay import evaluated
from tests.run.world import World, new_environment
from tests.test_template import alarms, transformed

CAUSES = (
    "the schedule is disabled or deleted",
    "the role of the schedule cannot invoke the function",
    "the reserved concurrency of the function is 0",
    "the function is deleted or its code fails",
    "the layer is deleted from the function",
)
"""Each ends in runs that do not happen or do not complete, and none of them can be told by a run."""

SECOND_ROUTE = {"Ref": "SecondRouteTopic"}


def rule(name: str) -> list[Rule]:
    return [each for each in ASKED if each.id == name]


def told(world: World) -> list[tuple[str, str]]:
    """The kind and check of each event that arrived."""
    return [(event["kind"], event["check"]) for message in world.heard() for event in message["events"]]


@pytest.mark.parametrize("cause", CAUSES)
def test_without_completed_runs_the_second_route_hears_after_three_intervals(cause: str) -> None:
    resources = transformed()
    alarm = alarms(resources)["RunCompletedAlarm"]
    assert alarm["TreatMissingData"] == "breaching", cause
    assert (alarm["Statistic"], alarm["Threshold"], alarm["ComparisonOperator"]) == ("Sum", 1, "LessThanThreshold")
    assert alarm["Period"] == {"Fn::FindInMap": ["Intervals", {"Ref": "Interval"}, "Seconds"]}
    silence = [evaluated(alarm, [1.0] * 5 + [None] * intervals, "OK") for intervals in range(6)]
    assert silence == ["OK"] * 3 + ["ALARM"] * 3
    assert evaluated(alarm, [None, None, None, 1.0], "ALARM") == "OK"
    assert alarm["AlarmActions"] == [SECOND_ROUTE]


def test_a_run_that_ends_in_an_error_is_heard_on_the_second_route() -> None:
    found = alarms(transformed())
    for name in ("ErrorsAlarm", "ThrottlesAlarm", "DeadLettersAlarm"):
        assert found[name]["AlarmActions"] == [SECOND_ROUTE], name
        assert (found[name]["EvaluationPeriods"], found[name]["Threshold"]) == (1, 0), name


def test_memory_out_of_reach_is_heard_on_both_routes() -> None:
    alarm = alarms(transformed())["PersistFailedAlarm"]
    own = {"Fn::If": ["OwnTopic", {"Ref": "OnCallTopic"}, {"Ref": "ExistingTopicArn"}]}
    assert alarm["AlarmActions"] == alarm["OKActions"] == [own, SECOND_ROUTE]


def test_permissions_that_are_taken_away_are_told_after_three_runs(world: World) -> None:
    world.run()
    world.heard()
    world.account.refuse("dynamodb", "DescribeContinuousBackups", "AccessDeniedException")
    for _ in range(2):
        world.run()
        assert told(world) == []
    world.run()
    assert ("OBSCURED", "pitr-enabled/on") in told(world)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("AuthorizationErrorException", id="sns:Publish is denied"),
        pytest.param("KMSDisabledException", id="the key of the topic is disabled"),
        pytest.param("NotFoundException", id="the topic is deleted"),
    ],
)
def test_an_alert_that_cannot_be_published_waits_until_it_can(world: World, code: str) -> None:
    world.run()
    world.heard()
    refused = [True]
    world.account.refuse_while(refused, "sns", "Publish", code)
    world.recovery(on=False)
    assert world.run().pending == 1
    assert world.run().pending == 1
    refused.clear()
    assert world.run().pending == 0
    assert ("REGRESSED", "pitr-enabled/on") in told(world)


def test_an_alert_waits_while_the_topic_has_no_subscription(world: World) -> None:
    world.run()
    world.heard()
    sns = world.account.client("sns")
    for each in sns.list_subscriptions_by_topic(TopicArn=world.topic)["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    world.recovery(on=False)
    assert world.run().pending == 1
    assert told(world) == []
    world.subscribe()
    assert world.run().pending == 0
    assert ("REGRESSED", "pitr-enabled/on") in told(world)


def test_disabled_actions_of_an_alarm_on_the_table_are_told_by_the_next_run(world: World) -> None:
    shop.table_alarms(world.account.client, world.topic)
    world.settings = structs.replace(world.settings, on_call=OnCall(topic_arn=world.topic))
    world.run(rule("alarms-wired"))
    world.heard()
    world.account.client("cloudwatch").disable_alarm_actions(AlarmNames=[f"{TABLE} throttled"])
    world.run(rule("alarms-wired"))
    assert ("REGRESSED", "alarms-wired/throttling") in told(world)


@pytest.fixture
def wired(world: World) -> World:
    """A trail logs all calls, and the rules of the stack send them to its queue."""
    client = world.account.client
    client("s3").create_bucket(Bucket="trail")
    client("cloudtrail").create_trail(Name="all", S3BucketName="trail", IsMultiRegionTrail=True)
    client("cloudtrail").start_logging(Name="all")
    queue = shop.dead_letters(client, "changes")
    world.route = ChangeRoute(rules=("TableChanges",), queue=queue, stack="readiness")
    client("events").put_rule(Name="TableChanges", EventPattern='{"source": ["aws.dynamodb"]}')
    client("events").put_targets(Rule="TableChanges", Targets=[{"Id": "changes", "Arn": queue}])
    world.run(rule("change-events-arrive"))
    world.heard()
    return world


@pytest.mark.parametrize(
    ("service", "call", "arguments", "check"),
    [
        pytest.param("cloudtrail", "stop_logging", {"Name": "all"}, "trail", id="the trail is stopped"),
        pytest.param("cloudtrail", "delete_trail", {"Name": "all"}, "trail", id="the trail is deleted"),
        pytest.param("events", "disable_rule", {"Name": "TableChanges"}, "enabled", id="a rule is disabled"),
        pytest.param(
            "events", "remove_targets", {"Rule": "TableChanges", "Ids": ["changes"]}, "queued", id="a target is removed"
        ),
    ],
)
def test_change_events_that_no_longer_arrive_are_told_by_the_next_scheduled_run(
    wired: World, service: str, call: str, arguments: dict[str, Any], check: str
) -> None:
    getattr(wired.account.client(service), call)(**arguments)
    wired.run(rule("change-events-arrive"))
    assert ("REGRESSED", f"change-events-arrive/{check}") in told(wired)


def test_a_deleted_parameter_with_the_id_of_the_table_is_written_again_by_the_next_environment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run()
    world.heard()
    ssm = world.account.client("ssm")
    name = Parameters(ssm, ACCOUNT, REGION, TABLE).table_id_name
    ssm.delete_parameter(Name=name)
    new_environment(monkeypatch)
    world.run()
    assert ssm.get_parameter(Name=name)["Parameter"]["Value"] == f"{world.table_id} signed"
    assert told(world) == []


@pytest.mark.parametrize(
    ("names", "event"),
    [
        pytest.param(("orders",), "REGRESSED", id="where the checklist names it"),
        pytest.param((), "CHANGED", id="where it does not"),
    ],
)
def test_a_function_that_hides_as_the_monitor_is_told_by_the_second_run(
    world: World, names: tuple[str, ...], event: str
) -> None:
    """The variable READINESS_TABLE makes a function the monitor itself, which is not judged."""
    client = world.account.client
    for name in ("orders", "carts"):
        shop.function(client, name, shop.role(client, name, shop.allow(["dynamodb:GetItem"], ARN)))
    world.settings = structs.replace(world.settings, functions=FunctionSettings(names=names))
    world.run(rule("env-vars-set"))
    world.heard()
    variables = {"COMMERCE_TABLE": TABLE, "READINESS_TABLE": TABLE}
    client("lambda").update_function_configuration(FunctionName="orders", Environment={"Variables": variables})
    world.run(rule("env-vars-set"))
    world.run(rule("env-vars-set"))
    assert (event, "env-vars-set/functions") in told(world)


def test_a_topic_that_is_gone_answers_as_the_test_above_says(world: World) -> None:
    world.account.client("sns").delete_topic(TopicArn=world.topic)
    with pytest.raises(ClientError) as refused:
        world.account.client("sns").publish(TopicArn=world.topic, Message="x")
    assert refused.value.response["Error"]["Code"].startswith("NotFound")
