"""The filter policies of docs/alerts.md: which messages SNS delivers to whom."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from msgspec.structs import replace

from readiness.alerts import compose as alert
from readiness.alerts.alert import Alert
from readiness.alerts.merge import merged
from readiness.alerts.topic import AlertTopic
from readiness.model import Message
from tests.alerts.composing import composed
from tests.alerts.samples import GOLDEN, NOW, OWNERS, PLACE, RULES, news, off, variables_lost

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_sqs import SQSClient

PAGE = (Path(__file__).parents[2] / "docs/alerts.md").read_text(encoding="utf-8")
POLICIES = dict(re.findall(r"^\| ([^|`]+?) \| `(\{.+\})` \|$", PAGE, re.MULTILINE))

MINE, THEIRS = OWNERS["pitr-enabled"], OWNERS["env-vars-set"]
EVERYBODY = {
    *("paused", "paused_too_long", "paused_beside", "people", "first_run", "first_run_unrecorded", "retired"),
    *("table_deleted", "table_replaced", "cannot_record", "test"),
}
"""What concerns the whole table."""
OF_RECOVERY = {
    *("pitr_off", "pitr_off_alone", "pitr_off_nobody_known", "three_changes", "recovered", "recovered_by_somebody"),
    *("waiver_ends", "waiver_ends_beside", "still", "blind", "rejudged"),
}
CRITICAL = {
    *("pitr_off", "pitr_off_alone", "pitr_off_nobody_known", "three_changes", "recovered", "recovered_by_somebody"),
    *("still", "blind", "first_run", "table_deleted", "table_replaced", "test"),
}
ALERTS = {**GOLDEN, "test": None}


def message_of(name: str) -> Message:
    """The message as the monitor sends it, named in its subject."""
    what = ALERTS[name]
    return composed(what) if what else alert.test_message(PLACE, NOW, RULES, tuple(sorted(OWNERS.values())))


@pytest.fixture(scope="module")
def delivered() -> Iterator[Mapping[str, set[str]]]:
    """By wish, the messages that its subscriber received, of all kinds of messages."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        with mock_aws():
            sns, sqs = boto3.client("sns"), boto3.client("sqs")
            topic = sns.create_topic(Name="on-call")["TopicArn"]
            wishes = {"everything": "{}", "theirs": json.dumps({"owners": [THEIRS]}), **POLICIES}
            queues = {
                wish: subscribed(sns, sqs, topic, f"queue{number}", policy)
                for number, (wish, policy) in enumerate(wishes.items())
            }
            names = {}
            for name in ALERTS:
                message = message_of(name)
                names[message.bodies["sqs"]] = name
                AlertTopic(sns, topic).publish(message)
            yield {wish: {names[body] for body in received(sqs, queue)} for wish, queue in queues.items()}


def subscribed(sns: "SNSClient", sqs: "SQSClient", topic: str, name: str, policy: str) -> str:
    """A queue that gets what the policy lets through."""
    queue = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    attributes = {"RawMessageDelivery": "true", "FilterPolicy": policy}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=attributes)
    return queue


def received(sqs: "SQSClient", queue: str) -> Iterator[str]:
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for each in messages:
            yield each["Body"]
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])


def test_the_page_has_the_usual_wishes() -> None:
    assert len(POLICIES) == 7


def test_without_a_policy_everything_arrives(delivered: Mapping[str, set[str]]) -> None:
    assert delivered["everything"] == {*ALERTS}


def test_an_owner_gets_their_items_and_what_concerns_everybody(delivered: Mapping[str, set[str]]) -> None:
    assert delivered["my items"] == OF_RECOVERY | EVERYBODY


def test_another_owner_gets_others(delivered: Mapping[str, set[str]]) -> None:
    assert delivered["theirs"] == {"variable_lost", "three_changes", "partly_blind", "rejudged"} | EVERYBODY


def test_critical_alone(delivered: Mapping[str, set[str]]) -> None:
    assert delivered["CRITICAL alone, and the end of what was CRITICAL"] == CRITICAL
    assert delivered["CRITICAL and HIGH"] > CRITICAL


def test_an_owner_can_have_everything_critical_too(delivered: Mapping[str, set[str]]) -> None:
    assert delivered["my items, and everything CRITICAL"] == OF_RECOVERY | EVERYBODY | CRITICAL


def test_an_item_is_followed_with_what_concerns_every_item(delivered: Mapping[str, set[str]]) -> None:
    assert delivered["one item of the checklist"] == OF_RECOVERY | EVERYBODY


def test_a_table_is_told_from_others(delivered: Mapping[str, set[str]]) -> None:
    assert delivered["one of several tables that share a topic"] == {*ALERTS}


def test_reminders_and_notes_can_be_left_out(delivered: Mapping[str, set[str]]) -> None:
    without = {"still", "paused", "paused_too_long", "people"}
    assert delivered["no reminders and no notes"] == {*ALERTS} - without


def owners_of(what: Alert | Message) -> Any:
    message = composed(what) if isinstance(what, Alert) else what
    return message.attributes.get("owners")


def test_a_message_about_items_without_an_owner_has_no_owners() -> None:
    assert owners_of(GOLDEN["ttl_moved"]) is None


def test_a_message_in_place_of_several_concerns_the_owners_of_all() -> None:
    both = merged(composed(news(off())), composed(news(variables_lost())))
    assert owners_of(both) == tuple(sorted((MINE, THEIRS)))


@pytest.mark.parametrize("quiet", ["still", "paused"])
def test_a_message_in_place_of_a_reminder_or_a_note_and_a_change_is_no_reminder_and_no_note(quiet: str) -> None:
    for first, later in ((message_of(quiet), composed(news(off()))), (composed(news(off())), message_of(quiet))):
        both = merged(first, later)
        assert (both.attributes["kind"], both.attributes["severity"]) == ("REGRESSED", "CRITICAL")
    assert merged(message_of(quiet), message_of(quiet)).attributes["kind"] == message_of(quiet).attributes["kind"]


def test_a_message_in_place_of_a_rejected_one_reaches_the_same_owners() -> None:
    safe = alert.safe_message(composed(news(off())))
    assert (safe.attributes["owners"], safe.attributes["rules"]) == ((MINE,), ("pitr-enabled",))
    assert safe.attributes["severity"] == "CRITICAL"
    hostile = Message("T/1", "s", {"default": "x"}, {"severity": "x", "owners": ("\x00", "a\ud800"), "rules": "x"})
    assert alert.safe_message(hostile).attributes == {"severity": "HIGH", "kind": "REPLACED_MESSAGE"}


@pytest.mark.parametrize("owner", ["x" * 100_000, "\N{PILE OF POO}" * 2_000])
def test_an_owner_of_any_length_does_not_make_a_message_too_large(owner: str) -> None:
    whole = replace(GOLDEN["paused"], owners=(owner, MINE))
    assert owners_of(whole) == (MINE,)
