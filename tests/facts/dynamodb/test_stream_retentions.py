import pytest

from readiness.facts.lambda_.function_sources import StreamRetention, stream_retention
from readiness.model import Gone, Unreadable
from tests.aws.account import ACCOUNT, REGION, Account
from tests.rules.dead_letters import POLLED, source

CLICKS = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"


def test_a_tables_stream_keeps_a_record_for_a_day(account: Account) -> None:
    assert stream_retention(account.aws, source()) == StreamRetention(86_400)
    assert account.calls == []


@pytest.mark.parametrize("arn", [CLICKS, f"{CLICKS}/consumer/fast:1732417200"], ids=["stream", "consumer"])
def test_a_stream_of_kinesis_says_how_long(account: Account, arn: str) -> None:
    client = account.client("kinesis")
    client.create_stream(StreamName="clicks", ShardCount=1)
    client.increase_stream_retention_period(StreamName="clicks", RetentionPeriodHours=168)
    assert stream_retention(account.aws, source("kinesis", source=arn)) == StreamRetention(604_800)


def test_a_stream_that_does_not_exist_is_gone(account: Account) -> None:
    with pytest.raises(Gone, match="the stream clicks does not exist"):
        stream_retention(account.aws, source("kinesis", source=CLICKS))


def test_an_answer_without_the_period_is_not_made_up_for(account: Account) -> None:
    account.answer("kinesis", "DescribeStreamSummary", {"StreamDescriptionSummary": {}})
    with pytest.raises(Unreadable):
        stream_retention(account.aws, source("kinesis", source=CLICKS))


@pytest.mark.parametrize(("kind", "arn"), [("sqs", POLLED), ("kafka", None)])
def test_of_others_nothing_is_known(account: Account, kind: str, arn: str | None) -> None:
    assert stream_retention(account.aws, source(kind, source=arn)) is None
    assert account.calls == []
