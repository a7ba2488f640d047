"""What `readiness fix` shows, what it changes when it is asked to, and what it never changes."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID

from readiness.aws.client import connect
from readiness.cli.fix.alarms import Topics, edited
from readiness.cli.fix.plan import parts_of, planned
from readiness.engine.rule import Severity
from readiness.model import AddStatement, EditAlarm, Finding, Remedy, Status
from tests.alerts.samples import CHECKS
from tests.aws import shop
from tests.cli.world import BAD, GOOD, Ended, World, answering, reads, recorded, refusing

CART = "babesclub-cart"
KEPT = "babesclub-dead-letters"
Break = Callable[[World], object]


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where policies are written."""
    monkeypatch.chdir(tmp_path)


def fix(world: World, *arguments: str) -> Ended:
    return world.type("fix", *arguments, "--table", GOOD, "--config", world.decided())


def queue(world: World, name: str = KEPT) -> str:
    url: str = world.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
    return url


def shorten(world: World) -> None:
    world.client("dynamodb").update_continuous_backups(
        TableName=GOOD,
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7},
    )


def expire_nothing(world: World) -> None:
    world.client("dynamodb").update_time_to_live(
        TableName=GOOD, TimeToLiveSpecification={"Enabled": False, "AttributeName": "expiresAt"}
    )


def untag(world: World) -> None:
    arn = world.client("dynamodb").describe_table(TableName=GOOD)["Table"]["TableArn"]
    world.client("dynamodb").untag_resource(ResourceArn=arn, TagKeys=["Env"])


def keep_for_a_day(world: World) -> None:
    world.client("logs").put_retention_policy(logGroupName=f"/aws/lambda/{CART}", retentionInDays=1)


def unwatch(world: World) -> None:
    world.client("cloudwatch").delete_alarms(AlarmNames=[f"{GOOD} throttled"])


def mute(world: World) -> None:
    world.client("cloudwatch").disable_alarm_actions(AlarmNames=[f"{GOOD} throttled"])


def close_the_queue(world: World) -> None:
    """On-call has nothing but a queue that no longer admits the topic."""
    sns, arn = world.client("sns"), world.topic(subscribed=True)
    for each in sns.list_subscriptions()["Subscriptions"]:
        if not each["TopicArn"].endswith(":on-call"):
            sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    shop.table_alarms(world.client, arn)
    world.client("sqs").set_queue_attributes(QueueUrl=queue(world, "on-call"), Attributes={"Policy": ""})


def keep_letters_for_an_hour(world: World) -> None:
    world.client("sqs").set_queue_attributes(QueueUrl=queue(world), Attributes={"MessageRetentionPeriod": "3600"})


def stop_rotation(world: World) -> None:
    key = world.client("dynamodb").describe_table(TableName=GOOD)["Table"]["SSEDescription"]["KMSMasterKeyArn"]
    world.client("kms").disable_key_rotation(KeyId=key)


KINDS = {
    "PITR": (lambda world: world.recovery(on=False), "pitr-enabled/on", "update-continuous-backups"),
    "the recovery window": (shorten, "pitr-enabled/window", "RecoveryPeriodInDays=35"),
    "deletion protection": (World.unprotect, "pitr-enabled/deletion-protection", "--deletion-protection-enabled"),
    "TTL": (expire_nothing, "ttl-enabled/on", "update-time-to-live"),
    "tags": (untag, "cost-monitored/tagged", "tag-resource"),
    "log retention": (keep_for_a_day, "write-failures-audited/retention", "--retention-in-days 30"),
    "an alarm": (unwatch, "alarms-wired/throttling", "put-metric-alarm"),
    "the actions of an alarm": (mute, "alarms-wired/throttling", "enable-alarm-actions"),
    "a permission of a subscription": (close_the_queue, "alarms-wired/throttling", "sns.amazonaws.com"),
    "a dead-letter queue": (keep_letters_for_an_hour, "dead-letters-kept/retained", "MessageRetentionPeriod=1209600"),
    "key rotation": (stop_rotation, "encryption-kms/rotation", "enable-key-rotation"),
}


@pytest.mark.parametrize(("wreck", "check", "shown"), KINDS.values(), ids=KINDS)
def test_each_kind_is_planned_by_reads_alone_and_then_fixed(good: World, wreck: Break, check: str, shown: str) -> None:
    wreck(good)
    planning: list[str] = []
    with recorded(planning):
        planned = fix(good, check)
    assert reads(planning), "without --apply nothing is changed"
    assert (planned.code, planned.err) == (0, "")
    assert shown in planned.out
    assert "before " in planned.out
    assert planned.out.splitlines()[-1].startswith("Nothing was changed. To make 1 change: readiness fix ")
    applied = fix(good, check, "--apply", "--yes")
    assert (applied.code, applied.err) == (0, "")
    assert f"PASS  {check}: " in applied.out
    assert "nothing to fix" in fix(good, check).out


def test_the_plan_says_what_can_not_be_undone(good: World) -> None:
    good.recovery(on=False)
    out = fix(good, "1.4/on").out
    assert "before   PointInTimeRecoveryStatus DISABLED" in out
    assert "after    PointInTimeRecoveryStatus ENABLED, RecoveryPeriodInDays 35" in out
    assert "no undo  Restore points from before PITR was disabled stay lost" in out
    assert max(map(len, out.splitlines()[:-1])) <= 80


@pytest.mark.parametrize(
    ("answer", "code", "said"), [("n\n", 0, "nothing changed"), ("", 2, "nothing changed: no terminal"), ("y\n", 0, "")]
)
def test_a_change_is_confirmed(good: World, monkeypatch: pytest.MonkeyPatch, answer: str, code: int, said: str) -> None:
    good.recovery(on=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    ended = fix(good, "1.4/on", "--apply")
    assert f"Make 1 change to {GOOD} in account" in ended.err
    assert (ended.code, said in ended.err) == (code, True)
    assert ("PASS  pitr-enabled/on" in ended.out) is (answer == "y\n")


def test_a_denied_change_names_its_permission(good: World) -> None:
    good.recovery(on=False)
    with refusing("UpdateContinuousBackups"):
        ended = fix(good, "1.4/on", "--apply", "--yes")
    assert ended.code == 4
    assert "change 1 of 1: dynamodb:UpdateContinuousBackups: access was denied" in ended.err
    assert "0 changes before it made" in ended.err


def test_a_denied_read_of_the_plan_names_its_permission(good: World) -> None:
    grant_everything(good)
    with refusing("GetRolePolicy"):
        ended = fix(good, "2.2")
    assert ended.code == 4
    assert "access was denied (iam:GetRolePolicy)" in ended.err


def test_what_could_not_be_read_is_not_said_to_be_right(good: World) -> None:
    with refusing("DescribeContinuousBackups"):
        ended = fix(good, "1.4/on")
    assert ended.code == 3
    assert "access was denied (dynamodb:DescribeContinuousBackups)" in ended.out
    assert "nothing to fix" not in ended.out


def grant_everything(world: World) -> str:
    role = f"{CART}-role"
    everything = json.dumps(shop.document(shop.allow(["dynamodb:*"], "*")))
    world.client("iam").put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=everything)
    return role


def test_an_alarm_without_a_topic_is_refused(world: World) -> None:
    world.good_table()
    planned = fix(world, "3.1")
    assert planned.code == 0
    assert "needs    no topic of on-call is known" in planned.out
    refused = fix(world, "3.1", "--apply", "--yes")
    assert (refused.code, "--topic ARN" in refused.err) == (2, True)
    assert world.client("cloudwatch").describe_alarms()["MetricAlarms"] == []
    topic = world.topic(subscribed=True)
    made = fix(world, "alarms-wired/throttling", "--topic", topic, "--apply", "--yes")
    assert made.code == 0
    [alarm] = world.client("cloudwatch").describe_alarms()["MetricAlarms"]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]


def test_the_policy_of_a_role_is_written_and_shown_and_never_put(good: World, tmp_path: Path) -> None:
    role = grant_everything(good)
    calls: list[str] = []
    with recorded(calls):
        ended = fix(good, "2.2", "--apply", "--yes")
    assert ended.code == 1, "it fails until a person puts the policy"
    assert reads(calls)
    written = {path.name: json.loads(path.read_text()) for path in tmp_path.glob("*.json")}
    assert f"{role}.{GOOD}-alone.json" in written
    shown = " ".join(ended.out.replace("\\", "").split())
    assert f"policy {role}.{GOOD}-alone.json, below" in shown, "each finding names the file that fixes it"
    put = f"aws iam put-role-policy --role-name {role} --policy-name {GOOD}-alone --policy-document"
    assert f"{put} file://{role}.{GOOD}-alone.json" in shown
    files = [name for name in written if name.startswith(role)]
    findings = [each for each in ended.out.splitlines() if each.startswith("2.2 ")]
    assert len(files) < len(findings), "findings of one policy have one file"
    for name, document in written.items():
        good.client("iam").put_role_policy(
            RoleName=role, PolicyName=name.split(".")[1], PolicyDocument=json.dumps(document)
        )
    assert "nothing to fix" in fix(good, "iam-least-privilege/scope").out


def test_a_deleted_table_is_restored_by_a_person(good: World) -> None:
    arn = good.client("dynamodb").create_backup(TableName=GOOD, BackupName="last")["BackupDetails"]["BackupArn"]
    good.unprotect()
    good.client("dynamodb").delete_table(TableName=GOOD)
    calls: list[str] = []
    with recorded(calls):
        ended = fix(good, "pitr-enabled/kept", "--apply", "--yes")
    assert (ended.code, reads(calls)) == (1, True)
    assert f"{GOOD} does not exist in account" in ended.out
    assert f"--backup-arn {arn}" in " ".join(ended.out.replace("\\", "").split())
    assert "a person" not in ended.out


def test_what_only_a_person_can_decide_is_said_in_words(world: World) -> None:
    world.bad_table()
    ended = world.type("fix", "billing-on-demand/mode", "--table", BAD)
    assert ended.code == 0
    assert "decide   Decide if the costs of on-demand capacity fit the traffic." in ended.out
    assert "--billing-mode PAY_PER_REQUEST" in ended.out
    assert world.type("fix", "1.1/mode", "--table", BAD, "--apply", "--yes").code == 1


@pytest.mark.parametrize("about", ["9.9", "pitr-enabled/of"])
def test_a_name_that_is_none_is_refused(world: World, about: str) -> None:
    assert fix(world, about).code == 2


def test_names_that_others_choose_stay_on_their_line(good: World) -> None:
    hostile: Any = "ttl\u202e\n[RESOLVED] all is well"
    for enabled, attribute in ((False, "expiresAt"), (True, hostile)):
        good.client("dynamodb").update_time_to_live(
            TableName=GOOD, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute}
        )
    out = fix(good, "1.3").out
    assert not any(line.startswith("[RESOLVED]") for line in out.splitlines())
    assert "\u202e" not in out


ALARMS = ("throttling", "user-errors", "read-spikes", "write-spikes")


def close_the_topic(world: World) -> str:
    """Leave one statement in the policy of the topic of all alarms, by which none can publish to it."""
    arn: str = world.client("sns").create_topic(Name="alarms")["TopicArn"]
    put_policy(world, arn, [OURS])
    return arn


OURS = {"Sid": "ours", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish"}


def put_policy(world: World, arn: str, statements: list[dict[str, Any]]) -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Resource": arn, **each} for each in statements]}
    world.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=json.dumps(policy))


def statements(world: World, arn: str) -> list[Any]:
    policy = world.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"]
    found: list[Any] = json.loads(policy)["Statement"]
    return found


def test_one_policy_gets_the_statements_of_all_findings_at_once(good: World) -> None:
    arn = close_the_topic(good)
    calls: list[str] = []
    with recorded(calls):
        out = fix(good, "3.1", "--topic", arn, "--apply", "--yes").out
    assert all(f"PASS  alarms-wired/{check}: " in out for check in ALARMS)
    assert calls.count("SetTopicAttributes") == 1, "a second write would remove the statement of the first"
    ours, *added = statements(good, arn)
    assert ours["Sid"] == "ours"
    assert len(added) >= len(ALARMS)


def test_one_alarm_gets_the_changes_of_all_findings_at_once(good: World) -> None:
    aws = connect(complete=True)
    name = f"{GOOD} throttled"
    arn = good.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["AlarmArn"]
    edits = [EditAlarm(arn, {"EvaluationPeriods": 9}), EditAlarm(arn, actions=("OKActions",), topic=f"{arn}-topic")]
    call = edited(aws, arn, edits, "")
    assert call.parameters["EvaluationPeriods"] == 9
    assert f"{arn}-topic" in call.parameters["OKActions"]


def test_what_others_change_during_the_confirmation_is_kept(good: World, monkeypatch: pytest.MonkeyPatch) -> None:
    arn = close_the_topic(good)

    def confirmed(*_: Any, **__: Any) -> bool:
        put_policy(good, arn, [OURS, {**OURS, "Sid": "theirs"}])
        return True

    monkeypatch.setattr("readiness.cli.fix.agreed", confirmed)
    ended = fix(good, "3.1/throttling", "--topic", arn, "--apply")
    assert ended.code == 4
    assert "nothing changed: change 1 of 1: sns:SetTopicAttributes: its values differ now" in ended.err
    assert [each["Sid"] for each in statements(good, arn)] == ["ours", "theirs"]


def test_another_alarm_of_the_same_name_is_not_replaced(good: World) -> None:
    name = f"{GOOD} throttled"
    cloudwatch = good.client("cloudwatch")
    cloudwatch.delete_alarms(AlarmNames=[name])
    shop.put_alarm(good.client, name, Namespace="Mine", MetricName="Other")
    topic = good.client("sns").create_topic(Name="alarms")["TopicArn"]
    ended = fix(good, "3.1/throttling", "--topic", topic, "--apply", "--yes")
    assert ended.code == 2
    assert f"another alarm has the name {name}, and would be replaced" in ended.err
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    assert alarm["MetricName"] == "Other"


def test_a_new_destination_leaves_the_other_settings_of_invocations(good: World) -> None:
    functions = good.client("lambda")
    functions.update_function_configuration(FunctionName=CART, DeadLetterConfig={"TargetArn": ""})
    succeeded = {"Destination": f"arn:aws:sqs:us-east-1:{DEFAULT_ACCOUNT_ID}:{KEPT}"}
    functions.put_function_event_invoke_config(
        FunctionName=CART, MaximumEventAgeInSeconds=120, DestinationConfig={"OnSuccess": succeeded}
    )
    planned = " ".join(fix(good, "3.2/asynchronous").out.replace("\\", "").split())
    assert "put-function-event-invoke-config" in planned
    fix(good, "3.2/asynchronous", "--apply", "--yes")
    now = functions.get_function_event_invoke_config(FunctionName=CART)
    assert now["MaximumEventAgeInSeconds"] == 120
    assert now["DestinationConfig"]["OnSuccess"] == succeeded
    assert now["DestinationConfig"]["OnFailure"]["Destination"].endswith(f"{CART}-dead-letters")


def test_ttl_that_was_moved_is_disabled_first_and_then_enabled(good: World) -> None:
    for enabled, attribute in ((False, "expiresAt"), (True, "other")):
        good.client("dynamodb").update_time_to_live(
            TableName=GOOD, TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute}
        )
    assert "after    TimeToLiveStatus DISABLED" in fix(good, "1.3", "--apply", "--yes").out
    out = fix(good, "1.3", "--apply", "--yes").out
    assert "PASS  ttl-enabled/on: " in out, "the change of the hour before is not made again"
    assert "2. dynamodb:UpdateTimeToLive" not in out


def test_the_command_to_apply_says_that_something_is_needed_first(good: World) -> None:
    close_the_topic(good)
    planned = fix(good, "3.1").out
    assert "needs    no topic of on-call is known" in planned
    assert "To make 1 change, when nothing is needed any more: readiness fix 3.1 " in planned


def test_a_table_name_that_is_mistyped_gets_the_nearest_first(good: World) -> None:
    ended = good.type("fix", "1.4", "--table", f"{GOOD}s")
    assert ended.code == 1
    assert f"Tables there, the nearest first: {GOOD}, " in ended.out
    assert max(map(len, ended.out.splitlines())) <= 100


def test_a_new_alarm_has_the_topic_that_is_given(good: World) -> None:
    unwatch(good)
    topic = good.topic(subscribed=True)
    assert fix(good, "3.1/throttling", "--topic", topic, "--apply", "--yes").code == 0
    [alarm] = good.client("cloudwatch").describe_alarms(AlarmNames=[f"{GOOD} throttled"])["MetricAlarms"]
    assert alarm["AlarmActions"] == alarm["OKActions"] == [topic]


@pytest.mark.usefixtures("good")
def test_the_policy_of_another_account_is_left_to_a_person() -> None:
    aws = connect(complete=True)
    check = CHECKS["alarms-wired/throttling"]
    resource = "arn:aws:sns:us-east-1:999999999999:alarms"
    step = AddStatement(resource, json.dumps(OURS))
    finding = Finding("alarms-wired", check.id, resource, Status.FAIL, "", Severity.HIGH, remedy=Remedy(steps=(step,)))
    policy = {"Version": "2012-10-17", "Statement": []}
    with answering({"GetTopicAttributes": {"Attributes": {"Policy": json.dumps(policy)}}}):
        plan = planned(aws, check, finding, parts_of([finding]), Topics(""))
    assert plan.changes == ()
    assert [call.operation for call in plan.by_hand] == ["SetTopicAttributes"]
