from readiness.alarms.series import Query, series
from readiness.facts.cloudwatch.alarm_indexes import queue_alarms
from tests.rules.alarms import alarm, failures_alarm, opaque, queue_alarm
from tests.rules.functions import DENIED, each

VISIBLE = "ApproximateNumberOfMessagesVisible"
ORDERS = series("AWS/SQS", VISIBLE, QueueName="orders")


def test_those_on_the_queue_and_queries_over_all() -> None:
    own, query = queue_alarm("orders"), alarm("every", insights=(Query("AWS/SQS", VISIBLE, "MAX"),))
    found = queue_alarms(each(own, query, queue_alarm("carts"), failures_alarm("quote")))
    assert found.watching(ORDERS) == [own, query]
    assert found.unread is None


def test_another_series_of_the_queue_is_another() -> None:
    sent = alarm("sent", series("AWS/SQS", "NumberOfMessagesSent", QueueName="orders"))
    found = queue_alarms(each(sent))
    assert found.watching(ORDERS) == []
    assert found.watching(series("AWS/SQS", "NumberOfMessagesSent", QueueName="orders")) == [sent]


def test_an_alarm_on_two_series_of_a_queue_is_one() -> None:
    both = alarm("both", ORDERS, series("AWS/SQS", "ApproximateNumberOfMessagesNotVisible", QueueName="orders"))
    assert queue_alarms(each(both)).watching(ORDERS) == [both]


def test_alarms_that_could_not_be_read_may_watch_it() -> None:
    assert queue_alarms(each(unlisted=DENIED)).unread == DENIED


def test_of_some_nobody_can_tell() -> None:
    logs = opaque("logs")
    assert queue_alarms(each(logs, queue_alarm("orders"))).opaque == (logs,)
