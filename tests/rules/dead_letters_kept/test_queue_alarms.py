import shlex
from typing import Any

import pytest

from readiness.alarms.series import Query, series
from readiness.checklist import AlarmSettings, Watches
from readiness.facts.cloudwatch.alarm_indexes import queue_alarms as alarms_on_queues
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.sns.paging import Routes
from readiness.model import Reason, Status, Unreadable
from readiness.rules.dead_letters_kept import exists, rule, watched
from tests.aws.account import ACCOUNT
from tests.rules.alarms import DOUBTFUL, SILENT, UNKNOWN, alarm, described, opaque, queue_alarm, routed, routes
from tests.rules.dead_letters import DEAD, letters, waiting
from tests.rules.dead_letters_kept.builders import MISSING, watching
from tests.rules.facts import NOW, ago, checklist
from tests.rules.functions import DENIED, THE_TABLE, each
from tests.rules.remedied import remedied

ALARM = queue_alarm("checkout-dead-letters")


SENT = "NumberOfMessagesSent"


@pytest.mark.parametrize(
    ("alarms", "found", "status"),
    [
        pytest.param(each(ALARM), routes(ALARM), Status.PASS, id="an alarm that pages"),
        pytest.param(each(), routes(), Status.FAIL, id="no alarm"),
        pytest.param(each(ALARM), routed(SILENT, ALARM), Status.FAIL, id="an alarm that reaches nobody"),
        pytest.param(each(ALARM), routed(DOUBTFUL, ALARM), Status.WARN, id="an alarm that may reach somebody"),
        pytest.param(each(ALARM, unlisted=DENIED), routes(ALARM), Status.PASS, id="one that pages among unknown ones"),
    ],
)
def test_watched(alarms: Any, found: Routes, status: Status) -> None:
    assert watching(alarms, found).status is status


@pytest.mark.parametrize(
    ("other", "status"),
    [
        pytest.param({"threshold": 1, "operator": "GreaterThanOrEqualToThreshold"}, Status.PASS, id="one or more"),
        pytest.param({"threshold": 1}, Status.FAIL, id="two or more"),
        pytest.param({"threshold": 0, "operator": "LessThanOrEqualToThreshold"}, Status.FAIL, id="none"),
    ],
)
def test_one_message_is_enough(other: dict[str, Any], status: Status) -> None:
    found = queue_alarm("checkout-dead-letters", **other)
    assert watching(each(found), routes(found)).status is status


def read_as(statistic: str, metric: str = "ApproximateNumberOfMessagesVisible", **other: Any) -> Alarm:
    return alarm("a", series("AWS/SQS", metric, statistic, QueueName="checkout-dead-letters"), **other)


@pytest.mark.parametrize(
    ("found", "status", "why"),
    [
        pytest.param(
            read_as("Maximum", threshold=0, operator="GreaterThanOrEqualToThreshold"),
            Status.FAIL,
            "always in ALARM",
            id="none or more",
        ),
        pytest.param(
            read_as("Maximum", "ApproximateAgeOfOldestMessage", threshold=60), Status.PASS, "", id="an age of a minute"
        ),
        pytest.param(
            read_as("Maximum", "ApproximateAgeOfOldestMessage", threshold=7200),
            Status.WARN,
            "above 900 seconds of age",
            id="an age of two hours",
        ),
        pytest.param(read_as("Maximum", datapoints=1440), Status.FAIL, "only after 1 day", id="a day of minutes"),
        pytest.param(
            read_as("Minimum", period_seconds=86_400), Status.FAIL, "only after 1 day", id="the least of a day"
        ),
        pytest.param(read_as("Average"), Status.PASS, "", id="an average above 0"),
        pytest.param(read_as("Maximum", datapoints=30), Status.WARN, "only after 30 minutes", id="half an hour"),
        pytest.param(read_as("SampleCount"), Status.FAIL, "always in ALARM", id="how often it was looked at"),
        pytest.param(
            read_as("Maximum", "ApproximateNumberOfMessagesNotVisible"), Status.FAIL, "no alarm", id="those in work"
        ),
        pytest.param(
            read_as("Maximum", band=True, threshold=None, operator="GreaterThanUpperThreshold"),
            Status.PASS,
            "",
            id="what is unusual",
        ),
    ],
)
def test_an_alarm_on_a_queue_fires_in_time(found: Alarm, status: Status, why: str) -> None:
    verdict = watching(each(found), routes(found))
    assert verdict.status is status
    assert why in verdict.message


@pytest.mark.parametrize(
    ("hours", "status"),
    [pytest.param(23, Status.PASS, id="of late"), pytest.param(25, Status.WARN, id="for more than a day")],
)
def test_an_alarm_that_is_in_alarm_for_a_message_is_silent_about_the_next_one(hours: int, status: Status) -> None:
    gone_off = queue_alarm("checkout-dead-letters", state="ALARM", state_since=ago(hours=hours))
    verdict = watching(each(gone_off), routes(gone_off))
    assert verdict.status is status
    assert ("actions do not run for the next incident" in verdict.message) is (status is Status.WARN)
    assert (verdict.remedy is not None) is (status is Status.WARN)
    if verdict.remedy:
        assert verdict.remedy.command.startswith("aws cloudwatch set-alarm-state --alarm-name {AlarmName}")
        assert verdict.remedy.values["AlarmName"] == gone_off.name


def test_the_alarm_that_is_offered_for_a_queue_satisfies_the_check() -> None:
    [asked] = [check for check in rule.checks if check.name == "watched"]
    words = shlex.split(remedied(asked, watching(each(), routes())))
    made = described(words[words.index("put-metric-alarm") + 1 :])
    assert watching(each(made), routes(made)).status is Status.PASS


def test_an_alarm_that_can_not_be_read_may_watch_a_queue() -> None:
    logs = opaque("logs")
    with pytest.raises(Unreadable) as unread:
        watching(each(logs), routes(logs))
    assert unread.value.first.reason is Reason.NOT_HERE
    told: dict[Watches, Status] = {"dead-letters": Status.PASS, "other": Status.FAIL}
    for watches, status in told.items():
        wanted = checklist(alarms=AlarmSettings(vouched={"logs": watches}))
        found = watched(THE_TABLE, waiting(DEAD), letters(), alarms_on_queues(each(logs)), routes(logs), wanted, NOW)
        assert found.status is status
    assert watching(each(), routes()).evidence["NotRead"] == "CloudWatch Omni"


def test_a_change_of_a_queue_has_a_subject_of_its_own() -> None:
    assert exists(waiting(), MISSING).subject == "SQS queue checkout-dead-letters was deleted"
    assert exists(waiting(), letters()).subject == "SQS queue checkout-dead-letters exists again"
    lost = watching(each(), routes()).subject
    assert lost == "no alarm on messages in checkout-dead-letters reaches on-call any more"


def test_an_alarm_that_reaches_nobody_is_named() -> None:
    assert watching(each(ALARM), routed(SILENT, ALARM)).message == (
        "no alarm on messages in checkout-dead-letters reaches on-call:"
        f" alarm checkout-dead-letters-not-empty: {SILENT.why}"
    )


def test_an_alarm_on_what_redrive_does_not_count_is_dead() -> None:
    dead = alarm("dead", series("AWS/SQS", SENT, QueueName="checkout-dead-letters"))
    verdict = watching(each(dead), routes(dead))
    assert verdict.status is Status.FAIL
    assert SENT in verdict.message


def test_a_query_over_all_queues_watches_each_of_them() -> None:
    query = Query("AWS/SQS", "ApproximateNumberOfMessagesVisible", "MAX", ("QueueName",))
    every = alarm("every-queue", insights=(query,))
    assert watching(each(every), routes(every)).status is Status.PASS


def test_alarms_that_could_not_all_be_read_may_watch_it() -> None:
    with pytest.raises(Unreadable):
        watching(each(unlisted=DENIED), routes())


def test_a_route_that_could_not_be_read_is_unknown() -> None:
    with pytest.raises(Unreadable):
        watching(each(ALARM), routed(UNKNOWN, ALARM))


def test_a_queue_that_is_closed_to_us_is_watched_all_the_same() -> None:
    closed = watched(THE_TABLE, waiting(), DENIED, alarms_on_queues(each(ALARM)), routes(ALARM), checklist(), NOW)
    assert closed.status is Status.PASS


def test_a_queue_elsewhere_has_alarms_that_nobody_here_reads() -> None:
    with pytest.raises(Unreadable):
        watching(each(), routes(), f"arn:aws:sqs:eu-west-1:{ACCOUNT}:failures")
