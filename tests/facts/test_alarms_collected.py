"""From the alarms of an account on moto to whom they reach, as a run collects it."""

from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from readiness.aws.client import Aws
from readiness.checklist import OnCall, Settings
from readiness.engine.collect import Past, collect, needed
from readiness.engine.each import Each
from readiness.engine.fact import source_of
from readiness.engine.rule import Rule, Severity, passed
from readiness.engine.snapshot import ROOT, Place, Snapshot
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.authorization_details import AuthorizationDetails
from readiness.facts.recorded.now import Now
from readiness.facts.sns.paging import Routes
from readiness.model import Given, Reason, Unavailable, Verdict
from readiness.report.snapshot_file import load, save
from tests.aws import functions
from tests.aws.account import ACCOUNT, REGION, Account
from tests.aws.admitting import admit
from tests.aws.alarms import combine, mute
from tests.aws.completed import complete
from tests.aws.managed import publish
from tests.aws.shop import alarm
from tests.rules.facts import NOW

complete()

rule = Rule("0.1", "Alarms reach somebody", Severity.HIGH, "https://docs.aws.amazon.com/")

PAGES = f"arn:aws:sqs:{REGION}:{ACCOUNT}:pages"
PAGER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pager"
QUEUE = "AWS/SQS", "ApproximateNumberOfMessagesVisible"


@rule.check()
def reached(table: Table, alarms: Each[Alarm], routes: Routes, now: Now) -> Verdict:  # noqa: ARG001  it is asked for
    """Somebody is told."""
    return passed("somebody is told")


def topic(account: Account, name: str) -> str:
    sns = account.client("sns")
    arn: str = sns.create_topic(Name=name)["TopicArn"]
    sns.subscribe(TopicArn=arn, Protocol="email", Endpoint="ada@example.com")
    sns.subscribe(TopicArn=arn, Protocol="sms", Endpoint="+15550100")
    return arn


def taken(account: Account) -> Snapshot:
    settings = Settings(on_call=OnCall(event_bridge=True))
    given: dict[type, dict[Place, Any]] = {Aws: {ROOT: account.aws}, Settings: {ROOT: settings}, Now: {ROOT: NOW}}
    return collect(rule.checks, Past(given), defect=_no_defect)


def routes(account: Account) -> dict[str, str]:
    """The status of each alarm's route, by the queue that it watches."""
    snapshot = taken(account)
    found = snapshot.answer(Routes, ROOT)
    assert isinstance(found, Routes)
    alarms = [each for each in snapshot.answers[Alarm][ROOT] if each.watches]
    return {dict(each.watches[0].dimensions)["QueueName"]: found.of[each.arn].status for each in alarms}


@pytest.fixture
def wired(account: Account) -> Account:
    """An account with alarms on three queues: two tell a topic each, the third tells nobody."""
    alarm(account.client, topic(account, "on-call"), *QUEUE, {"QueueName": "one"})
    alarm(account.client, topic(account, "mail"), *QUEUE, {"QueueName": "two"})
    alarm(account.client, topic(account, "gone"), *QUEUE, {"QueueName": "three"})
    account.client("sns").delete_topic(TopicArn=_named(account, "gone"))
    account.calls.clear()
    return account


def test_alarms_as_they_should_be(wired: Account) -> None:
    assert routes(wired) == {"one": "pages", "two": "pages", "three": "silent"}


def test_a_topic_that_delivers_to_a_deleted_queue_alone_tells_nobody(wired: Account) -> None:
    deaf = wired.client("sns").create_topic(Name="deaf")["TopicArn"]
    wired.client("sns").subscribe(TopicArn=deaf, Protocol="sqs", Endpoint=PAGES)
    alarm(wired.client, deaf, *QUEUE, {"QueueName": "four"})
    assert routes(wired)["four"] == "silent"
    url = wired.client("sqs").create_queue(QueueName="pages")["QueueUrl"]
    assert routes(wired)["four"] == "silent"
    admit(wired.client("sqs"), url, deaf)
    assert routes(wired)["four"] == "pages"


def test_a_composite_alarm_and_a_mute_rule(wired: Account) -> None:
    combine(wired, "any", f'ALARM("{QUEUE[1]} three")', _named(wired, "on-call"))
    mute(wired, "deploying", f"{QUEUE[1]} one")
    assert routes(wired) == {"one": "silent", "two": "pages", "three": "pages"}


@pytest.mark.parametrize("operation", ["GetTopicAttributes", "ListSubscriptionsByTopic", "GetSubscriptionAttributes"])
def test_one_denied_topic_leaves_the_others(wired: Account, operation: str) -> None:
    _deny_about(wired, operation, "on-call")
    assert routes(wired) == {"one": "unknown", "two": "pages", "three": "silent"}


@pytest.mark.parametrize("operation", ["ListAlarmMuteRules", "GetAlarmMuteRule"])
def test_denied_mute_rules_hide_nothing_that_is_silent(wired: Account, operation: str) -> None:
    mute(wired, "deploying", f"{QUEUE[1]} one")
    wired.client("cloudwatch").meta.events.register_first(
        f"before-call.cloudwatch.{operation}", lambda **_event: _refusal()
    )
    assert routes(wired) == {"one": "unknown", "two": "unknown", "three": "silent"}


def test_denied_alarms_leave_everything_unknown(wired: Account) -> None:
    wired.refuse("cloudwatch", "DescribeAlarms", "AccessDenied")
    denied = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:DescribeAlarms", "AccessDenied")
    assert taken(wired).answer(Routes, ROOT) == denied


def test_what_is_saved_is_read_back_and_holds_nobodys_address(wired: Account, tmp_path: Path) -> None:
    mute(wired, "deploying", f"{QUEUE[1]} one", ExpireDate=NOW.at)
    snapshot = taken(wired)
    file = tmp_path / "snapshot.json"
    save(snapshot, Settings(), file)
    again = load(file).snapshot
    for kind, answers in snapshot.answers.items():
        for place, answer in answers.items():
            if not issubclass(kind, Given | AuthorizationDetails):  # principals are saved, not what they are made of
                assert repr(again.answers[kind][place]) == repr(answer)
    assert again.answer(Routes, ROOT) == snapshot.answer(Routes, ROOT)
    assert "ada@example.com" not in file.read_text()
    assert "+15550100" not in file.read_text()


def test_the_calls_are_those_that_are_declared(wired: Account) -> None:
    mute(wired, "deploying", f"{QUEUE[1]} one")
    key = wired.client("kms").create_key()["KeyMetadata"]["KeyId"]
    for arn in _topics(wired):
        wired.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=key)
    for protocol, arn in (("sqs", PAGES), ("lambda", PAGER)):
        wired.client("sns").subscribe(TopicArn=_named(wired, "on-call"), Protocol=protocol, Endpoint=arn)
    wired.client("sqs").create_queue(QueueName="pages")
    wired.client("events").put_rule(Name="page", EventPattern='{"source": ["aws.cloudwatch"]}')
    (policy,) = publish("AWSLambdaBasicExecutionRole")
    functions.role(wired, "pager")
    wired.client("iam").attach_role_policy(RoleName="pager", PolicyArn=policy)
    wired.calls.clear()
    routes(wired)
    declared = {
        action for kind in needed(rule.checks) if not issubclass(kind, Given) for action in source_of(kind).actions
    }
    answered_before_they_are_counted = {"cloudwatch:ListAlarmMuteRules", "cloudwatch:GetAlarmMuteRule"}
    assert set(wired.calls) | answered_before_they_are_counted == declared


def _topics(account: Account) -> list[str]:
    return [each["TopicArn"] for each in account.client("sns").list_topics()["Topics"]]


def _named(account: Account, name: str) -> str:
    return next(arn for arn in _topics(account) if arn.endswith(f":{name}"))


def _deny_about(account: Account, operation: str, name: str) -> None:
    """Refuse the calls about one topic, or about its subscriptions, whose ARNs begin with its own."""

    def before(params: Any, **_event: object) -> Any:
        about = params["body"].get("TopicArn") or params["body"]["SubscriptionArn"]
        return _refusal() if about.split(":")[5] == name else None

    account.client("sns").meta.events.register_first(f"before-call.sns.{operation}", before)


def _refusal() -> Any:
    error = {"Error": {"Code": "AuthorizationError", "Message": "refused"}}
    return AWSResponse("", 403, HTTPHeaders(), None), {"ResponseMetadata": {"HTTPStatusCode": 403}} | error


def _no_defect(who: str, error: Exception) -> None:
    raise AssertionError(who) from error
