from readiness.alarms.series import Query, series
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import FunctionAlarms, function_alarms, throttles_of
from readiness.facts.cloudwatch.alarms import Alarm
from tests.rules.alarms import alarm, failures_alarm

OWN, ALL = (alarm(name, one) for name, one in zip(("own", "all"), throttles_of("cart"), strict=True))
QUERY = alarm("query", insights=(Query("AWS/Lambda", "Throttles", "SUM", ("FunctionName",)),))
ERRORS = alarm("errors", series("AWS/Lambda", "Errors", "Sum", FunctionName="cart"))


def found(*alarms: Alarm) -> FunctionAlarms:
    return function_alarms(Each({each.arn: each for each in alarms}))


def test_a_series_is_watched_by_its_function_and_by_queries_that_take_it() -> None:
    known = found(OWN, ALL, QUERY, ERRORS, failures_alarm("quote"))
    own, every = throttles_of("cart")
    assert known.watching(own) == [OWN, QUERY]
    assert known.watching(every) == [ALL]
    assert known.watching(throttles_of("quote")[0]) == [QUERY]


def test_alarms_on_something_else_are_none() -> None:
    assert found(failures_alarm("quote")) == FunctionAlarms({}, ())
