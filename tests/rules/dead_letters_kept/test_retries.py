from typing import Any

import pytest

from readiness.facts.lambda_.function_sources import FunctionSource, StreamRetention
from readiness.model import Gone, Status, Unavailable, Unreadable
from tests.aws.account import ACCOUNT, REGION
from tests.rules.dead_letters import DAY, source
from tests.rules.dead_letters_kept.builders import MSK, ONE_DAY, in_time
from tests.rules.functions import DENIED

CLICKS = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks"


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param({}, Status.PASS, id="as it should be"),
        pytest.param({"retries": None, "max_age_seconds": None}, Status.WARN, id="tried without end"),
        pytest.param({"retries": None}, Status.PASS, id="an end by age alone"),
        pytest.param({"max_age_seconds": None}, Status.PASS, id="an end by attempts alone"),
        pytest.param({"bisects": False}, Status.WARN, id="no bisect"),
    ],
)
def test_given_up(other: dict[str, Any], status: Status) -> None:
    assert in_time(source(**other)).status is status
    assert in_time(source("kinesis", **other)).status is status


ENDLESS: dict[str, Any] = {"retries": None, "max_age_seconds": None}


WEEK: dict[str, Any] = {"retries": None, "max_age_seconds": 604_800}


TWO_DAYS: dict[str, Any] = {"retries": None, "max_age_seconds": 2 * DAY}


EXPIRES = "the stream keeps it for 1 day: it expires first, and is lost"


@pytest.mark.parametrize(
    ("found", "kept", "status", "message"),
    [
        pytest.param(
            source(**WEEK), ONE_DAY, Status.WARN, f"is retried for 7 days, but {EXPIRES}", id="it expires after a day"
        ),
        pytest.param(
            source(retries=None, max_age_seconds=DAY),
            ONE_DAY,
            Status.WARN,
            f"is retried for 1 day, but {EXPIRES}",
            id="just as long as it is kept",
        ),
        pytest.param(
            source(retries=None, max_age_seconds=DAY - 1), ONE_DAY, Status.PASS, "is discarded in time", id="shorter"
        ),
        pytest.param(
            source(retries=5, max_age_seconds=604_800),
            ONE_DAY,
            Status.PASS,
            "is discarded in time",
            id="the attempts have an end",
        ),
        pytest.param(
            source(retries=5), DENIED, Status.PASS, "is discarded in time", id="an end, whatever the stream keeps"
        ),
        pytest.param(
            source("kinesis", source=CLICKS, **TWO_DAYS),
            StreamRetention(7 * DAY),
            Status.PASS,
            "is discarded in time",
            id="Kinesis keeps it longer",
        ),
        pytest.param(
            source("kinesis", source=CLICKS, **TWO_DAYS),
            Gone("the stream clicks does not exist"),
            Status.WARN,
            "is retried for 2 days, but the stream clicks does not exist",
            id="a stream that does not exist",
        ),
        pytest.param(
            source("kafka", source=MSK, bisects=False, **ENDLESS),
            None,
            Status.PASS,
            "is discarded in time",
            id="Kafka with a destination ends after ten attempts",
        ),
        pytest.param(
            source("kafka", source=MSK, on_failure=None, **ENDLESS),
            None,
            Status.WARN,
            "blocks its shard until it expires, and is lost: retries are unlimited",
            id="Kafka without one has no end",
        ),
        pytest.param(
            source("kafka", source=MSK, on_failure=None, **TWO_DAYS),
            None,
            Status.WARN,
            "is retried for 2 days, but the retention of its topic is not known",
            id="how long a topic of Kafka keeps a record is not known",
        ),
    ],
)
def test_a_record_is_given_up_before_its_stream_forgets_it(
    found: FunctionSource, kept: StreamRetention | Gone | Unavailable | None, status: Status, message: str
) -> None:
    verdict = in_time(found, kept)
    assert verdict.status is status
    assert verdict.message.partition(" that always fails ")[2] == message


def test_how_long_a_stream_keeps_a_record_may_decide() -> None:
    with pytest.raises(Unreadable):
        in_time(source("kinesis", source=CLICKS, **TWO_DAYS), DENIED)
