import json
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from readiness.alarms.firing import ALWAYS, LITTLE
from readiness.alarms.route import Route
from readiness.alarms.series import Label, Query, series
from readiness.checklist import AlarmSettings, FunctionSettings, Watches
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.cloudwatch.failure_metrics import (
    Dimensions,
    FailureDimensions,
    FailureFilter,
    FailureFilters,
    FailureMetric,
    FailureSeries,
)
from readiness.facts.cloudwatch.log_groups import FunctionLogGroup, LogGroup
from readiness.facts.lambda_.metrics import Invocations
from readiness.facts.sns.paging import Routes
from readiness.model import Reason, Status, Unavailable, Unreadable, Verdict
from readiness.rules.write_failures_audited import (
    alarmed,
    counted,
    functions,
    group,
    group_class,
    level,
    retention,
    rule,
    structured,
)
from tests.rules import alarms
from tests.rules.facts import NOW, ago, checklist
from tests.rules.functions import DENIED, configuration, each, live_version, table_function
from tests.rules.remedied import remedied

PREFIX = "arn:aws:logs:us-east-1:123456789012:log-group:"
FAILURES = ("BabesClub/Commerce", "WriteFailure")
NO_METRICS = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:GetMetricData", "AccessDenied")
QUOTE = FailureSeries("quote", series(*FAILURES, Domain="quote"))
SEEN = FailureMetric({"quote": True, "session": True, "coupon": True})
NEVER = FailureMetric({"quote": False, "session": False, "coupon": False})
CHECKOUT = "/aws/lambda/checkout"
ALL = ("quote", "session", "coupon")
COUNTS = FailureFilter(CHECKOUT, ("Domain",), sees=ALL)
NO_FILTERS = Unavailable(Reason.ACCESS_DENIED, "logs:DescribeMetricFilters", "AccessDeniedException")
LIVE = live_version(version="7", aliases=("live",))


def log_group(*names: str) -> FunctionLogGroup:
    first = names[0] if names else "checkout"
    return FunctionLogGroup(f"/aws/lambda/{first}", f"{PREFIX}/aws/lambda/{first}", names or ("checkout",))


def groups(*names: str, unlisted: Unavailable | None = None, **kinds: str | None) -> Each[LogGroup]:
    """Standard ones, but for those that are named with another class; None: it does not exist."""
    known = dict.fromkeys(names, "STANDARD") | kinds
    found = {f"{PREFIX}/aws/lambda/{name}": LogGroup(kind, 90) if kind else None for name, kind in known.items()}
    return Each(found, unlisted)


def wanting(days: int) -> FunctionSettings:
    return FunctionSettings(log_retention_days=days)


def counts(
    *made: FailureFilter,
    denied: bool = False,
    metric: FailureMetric | Unavailable = NEVER,
    sets: tuple[Dimensions, ...] | None = (),
    known: tuple[Alarm, ...] = (),
    among: Each[LogGroup] | None = None,
    idle: tuple[str, ...] = (),
    wanted: FailureSeries = QUOTE,
) -> Verdict:
    """Each group is that of the function of its name; only versions that nobody invokes write to those of `idle`."""
    filters = NO_FILTERS if denied else FailureFilters(made)
    dimensions = NO_METRICS if sets is None else FailureDimensions(sets)
    found = groups("checkout") if among is None else among
    names = [arn.rpartition("/")[2] for arn in found.answers()]
    served = each(*(replace(log_group(name), invoked=name not in idle) for name in names), unlisted=found.unlisted)
    return counted(wanted, filters, metric, dimensions, each(*known), served, found)


def alarms_of(
    *known: Alarm,
    routes: Routes | None = None,
    metric: FailureMetric | Unavailable = NEVER,
    filters: FailureFilters | Unavailable = FailureFilters(()),  # noqa: B008  it is frozen
    **other: Route,
) -> Verdict:
    return alarmed(QUOTE, each(*known), routes or alarms.routes(*known, **other), metric, filters, NOW, checklist())


def remedy(check: str, verdict: Verdict) -> str:
    """The command as a finding has it."""
    [found] = [each for each in rule.checks if each.name == check]
    return remedied(found, verdict)


def run(command: str) -> list[list[str]]:
    """What a shell would call `aws` with, call by call."""
    told = r"""aws() { printf '%s\0' "$@"; printf '\n\0'; }; """
    done = subprocess.run(["bash", "-c", told + command], capture_output=True, text=True, check=True)  # noqa: S607  our own text
    return [call.split("\0")[:-1] for call in done.stdout.split("\n\0")[:-1]]


def test_there_must_be_functions() -> None:
    assert functions(each(table_function())).status is Status.PASS
    assert functions(each()).status is Status.FAIL


def test_functions_that_could_not_be_listed_are_not_none() -> None:
    with pytest.raises(Unreadable):
        functions(each(unlisted=DENIED))


def test_a_log_group_that_exists_passes_whatever_is_known_of_invocations() -> None:
    assert group(log_group(), LogGroup("STANDARD", 90), NO_METRICS, checklist()).status is Status.PASS


@pytest.mark.parametrize(
    ("of", "status"),
    [
        pytest.param({"cart": 0, "quote": 3}, Status.FAIL, id="one of its functions ran and logged nowhere"),
        pytest.param({"quote": 3}, Status.FAIL, id="one ran, and of the other nothing is known"),
        pytest.param({"cart": 0, "quote": 0}, Status.WARN, id="none of its functions ran"),
    ],
)
def test_a_missing_log_group(of: Mapping[str, int], status: Status) -> None:
    verdict = group(log_group("cart", "quote"), None, Invocations(of), checklist())
    assert verdict.status is status
    create, keep = run(remedy("group", verdict))
    assert create[4:] == ["--log-group-name", "/aws/lambda/cart"]
    assert keep[6:] == ["--retention-in-days", "30"]


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(NO_METRICS, id="the count was denied"),
        pytest.param(Invocations({"cart": 0}), id="the count of one function could not be read"),
    ],
)
def test_a_missing_log_group_of_functions_that_may_have_run_is_unknown(of: Invocations | Unavailable) -> None:
    with pytest.raises(Unreadable):
        group(log_group("cart", "quote"), None, of, checklist())


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        pytest.param("STANDARD", Status.PASS, id="the standard class"),
        pytest.param("DELIVERY", Status.FAIL, id="logs that are only passed on"),
        pytest.param("INFREQUENT_ACCESS", Status.FAIL, id="logs of which no metrics are made"),
        pytest.param("ESSENTIALS", Status.WARN, id="a class of which that is not known"),
    ],
)
def test_the_class_of_a_log_group(kind: str, status: Status) -> None:
    assert group_class(log_group(), LogGroup(kind, 90), checklist()).status is status


def test_the_class_is_for_ever_so_every_function_gets_another_group() -> None:
    verdict = group_class(log_group("cart", "quote"), LogGroup("DELIVERY", 1), checklist())
    create, keep, *updates = run(remedy("group-class", verdict))
    assert create[3] == keep[3] == "/aws/lambda/cart-standard"
    assert [each[3] for each in updates] == ["cart", "quote"]


@pytest.mark.parametrize(
    ("days", "status"),
    [
        pytest.param(30, Status.PASS, id="just as long as is wanted"),
        pytest.param(90, Status.PASS, id="longer"),
        pytest.param(14, Status.FAIL, id="shorter"),
        pytest.param(None, Status.WARN, id="for ever"),
    ],
)
def test_how_long_logs_are_kept(days: int | None, status: Status) -> None:
    verdict = retention(log_group(), LogGroup("STANDARD", days), checklist())
    assert verdict.status is status
    assert bool(verdict.watched) is (status is not Status.PASS)


def test_logs_that_are_only_passed_on_are_not_said_to_be_kept_for_ever() -> None:
    assert retention(log_group(), LogGroup("DELIVERY", None), checklist()).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(("wanted", "offered"), [(30, "30"), (31, "60"), (4000, "3653")])
def test_days_are_offered_that_aws_takes(wanted: int, offered: str) -> None:
    verdict = retention(log_group(), LogGroup("STANDARD", 1), checklist(functions=wanting(wanted)))
    assert verdict.message == f"logs are kept 1 day, expected {wanted}"
    [keep] = run(remedy("retention", verdict))
    assert keep[keep.index("--retention-in-days") + 1] == offered


@pytest.mark.parametrize(
    ("log_format", "metric", "status"),
    [
        pytest.param("JSON", NO_METRICS, Status.PASS, id="JSON"),
        pytest.param("Text", SEEN, Status.PASS, id="text, of which metrics were made"),
        pytest.param("Text", NEVER, Status.WARN, id="text, and nothing was counted"),
    ],
)
def test_what_is_logged(log_format: str, metric: FailureMetric | Unavailable, status: Status) -> None:
    assert structured(live_version(), configuration(log_format=log_format), metric).status is status


def test_text_of_which_nobody_could_tell_whether_metrics_are_made_is_unknown() -> None:
    with pytest.raises(Unreadable):
        structured(live_version(), configuration(log_format="Text"), NO_METRICS)


def test_a_function_goes_on_writing_to_its_own_group_when_it_logs_json() -> None:
    verdict = structured(LIVE, configuration(log_group="/shop", version="7"), NEVER)
    assert verdict.message.startswith("checkout:7 (alias live): log format is text, expected JSON")
    [update, *_] = run(remedy("structured", verdict))
    assert "LogFormat=JSON,ApplicationLogLevel=INFO,LogGroup=/shop" in update


def test_of_a_level_that_is_new_nothing_is_concluded() -> None:
    with pytest.raises(Unreadable):
        level(live_version(), configuration(log_level="QUIET"))


@pytest.mark.parametrize(
    ("chosen", "status"),
    [
        pytest.param(None, Status.PASS, id="none is set"),
        *(pytest.param(each, Status.PASS, id=each) for each in ("TRACE", "DEBUG", "INFO")),
        *(pytest.param(each, Status.WARN, id=f"{each}, which drops metrics") for each in ("WARN", "ERROR")),
        pytest.param("FATAL", Status.FAIL, id="FATAL, which drops errors"),
    ],
)
def test_the_level_below_which_lines_are_dropped(chosen: str | None, status: Status) -> None:
    assert level(live_version(), configuration(log_format="JSON", log_level=chosen)).status is status


@pytest.mark.parametrize(
    ("made", "more"),
    [
        pytest.param((), {"metric": SEEN}, id="a datapoint was seen"),
        pytest.param((COUNTS,), {}, id="a filter would count it, though it never had to"),
        pytest.param((COUNTS,), {"metric": NO_METRICS}, id="a filter, and datapoints were denied"),
        pytest.param((), {"denied": True, "metric": SEEN}, id="a datapoint, and the filters were denied"),
        pytest.param((), {"metric": SEEN, "sets": None}, id="a datapoint, and the list of metrics was denied"),
    ],
)
def test_failed_writes_are_counted(made: tuple[FailureFilter, ...], more: Mapping[str, Any]) -> None:
    assert counts(*made, **more).status is Status.PASS


NOTHING = "no metric filter counts the write failures of the domain"


@pytest.mark.parametrize(
    ("made", "more", "message"),
    [
        pytest.param((), {}, NOTHING, id="nothing counts them"),
        pytest.param((), {"sets": None}, NOTHING, id="nothing counts them, and the list of metrics was denied"),
        pytest.param(
            (), {"among": groups("checkout", unlisted=DENIED)}, NOTHING, id="no filter, whatever group is unread"
        ),
        pytest.param(
            (),
            {"sets": ((("Domain", "quote"), ("service", "checkout")),)},
            "write failures are counted under Domain=quote and service=checkout, expected Domain=quote",
            id="Powertools adds its service",
        ),
        pytest.param(
            (FailureFilter(CHECKOUT),),
            {},
            "write failures are counted by a filter under no dimension, expected Domain=quote",
            id="a filter with a default value, which has no dimensions",
        ),
        pytest.param(
            (FailureFilter(CHECKOUT, ("Domain", "service")),),
            {},
            "write failures are counted by a filter under Domain and service, expected Domain=quote",
            id="a filter with a dimension more",
        ),
        pytest.param(
            (FailureFilter("/aws/lambda/other", ("Domain",), sees=ALL),),
            {},
            NOTHING,
            id="a filter of a group of no such function",
        ),
    ],
)
def test_failed_writes_that_are_not_counted(
    made: tuple[FailureFilter, ...], more: Mapping[str, Any], message: str
) -> None:
    verdict = counts(*made, **more)
    assert (verdict.status, verdict.message) == (Status.FAIL, message)


GROUPS = "/aws/lambda/"
SESSION = FailureSeries("session", series(*FAILURES, Domain="session"))
THREE = groups("quote", "session", "coupon")


def on(name: str, *sees: str, **other: Any) -> FailureFilter:
    """A filter on the group of that function."""
    return replace(FailureFilter(f"/aws/lambda/{name}", ("Domain",), sees=sees or ALL), **other)


def test_the_remedy_for_one_domain_counts_no_other() -> None:
    """`{ $.event = "write_failure" && $.domain = "quote" }` matches what the quotes log alone."""
    one = on("checkout", "quote")
    assert counts(one).status is Status.PASS
    verdict = counts(one, wanted=SESSION)
    assert (verdict.status, verdict.message) == (
        Status.FAIL,
        f"the metric filter on {CHECKOUT} never matches write failures of the domain",
    )


def test_a_filter_on_a_group_of_no_function_of_the_table_is_not_named() -> None:
    verdict = counts(on("elsewhere", "quote"), wanted=SESSION)
    assert (verdict.status, verdict.message) == (
        Status.FAIL,
        "no metric filter counts the write failures of the domain",
    )


def test_a_filter_on_the_group_of_another_domain_sees_none_of_its_lines() -> None:
    verdict = counts(on("coupon"), among=THREE)
    assert (verdict.status, verdict.message) == (
        Status.FAIL,
        f"the metric filter on {GROUPS}coupon counts write failures, but no metric filter on {GROUPS}quote counts them",
    )
    assert (verdict.evidence["LogGroupName"], verdict.evidence["Uncovered"]) == (
        "/aws/lambda/quote",
        ["/aws/lambda/quote"],
    )
    assert counts(on("coupon"), on("quote", "quote"), among=THREE).status is Status.PASS


def test_where_no_group_bears_the_domains_name_every_group_has_to_be_covered() -> None:
    both = groups("checkout", "cart")
    verdict = counts(COUNTS, among=both)
    assert (verdict.status, verdict.message) == (
        Status.WARN,
        "no metric filter on /aws/lambda/cart counts them",
    )
    assert counts(COUNTS, on("cart"), among=both).status is Status.PASS


def test_a_group_bears_the_domains_name_whatever_its_case() -> None:
    assert counts(on("QuoteFunction-a1B2"), among=groups("QuoteFunction-a1B2", "cart")).status is Status.PASS


def test_a_filter_where_only_versions_log_that_nobody_invokes_sees_nothing() -> None:
    moved = groups("babesclub-cart", "prod")
    verdict = counts(on("prod"), among=moved, idle=("prod",))
    assert verdict.status is Status.FAIL
    assert verdict.message.startswith("the metric filter on /aws/lambda/prod counts write failures, but ")
    assert counts(on("babesclub-cart"), among=moved, idle=("prod",)).status is Status.PASS


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        pytest.param(on("checkout", sees=(), may_see=("quote",)), "STANDARD", id="a pattern that can't be decided"),
        pytest.param(COUNTS, "ESSENTIALS", id="a class of group of which it is not known"),
    ],
)
def test_a_filter_that_proves_nothing_is_no_pass(made: FailureFilter, kind: str) -> None:
    verdict = counts(made, among=groups(checkout=kind))
    assert (verdict.status, verdict.message) == (
        Status.WARN,
        f"the metric filter on {CHECKOUT} may not count them",
    )
    assert counts(made, among=groups(checkout=kind), metric=SEEN).status is Status.PASS


@pytest.mark.parametrize("kind", ["INFREQUENT_ACCESS", None])
def test_a_filter_on_a_group_of_which_no_metrics_are_made_counts_nothing(kind: str | None) -> None:
    assert counts(COUNTS, among=groups(checkout=kind)).status is Status.FAIL


def test_an_alarm_alone_counts_nothing() -> None:
    assert counts(known=(alarms.failures_alarm("quote"),)).status is Status.WARN
    assert counts(known=(alarms.failures_alarm("coupon"),)).status is Status.FAIL


@pytest.mark.parametrize(
    ("made", "more"),
    [
        pytest.param((), {"denied": True}, id="a filter that was denied may count it"),
        pytest.param((), {"metric": NO_METRICS}, id="a datapoint that was denied may be there"),
        pytest.param((), {"metric": FailureMetric({"coupon": False})}, id="CloudWatch could not read this one"),
        pytest.param((COUNTS,), {"among": groups(unlisted=DENIED)}, id="the filter's group may be that of a function"),
        pytest.param((COUNTS,), {"among": groups("checkout", unlisted=DENIED)}, id="there may be more groups"),
        pytest.param(
            (COUNTS,), {"among": Each({f"{PREFIX}{CHECKOUT}": DENIED})}, id="of the class of the group nothing is known"
        ),
        pytest.param((), {"among": groups(unlisted=DENIED)}, id="there may be functions that could count it"),
    ],
)
def test_what_may_be_counted_is_unknown(made: tuple[FailureFilter, ...], more: Mapping[str, Any]) -> None:
    with pytest.raises(Unreadable):
        counts(*made, **more)


def test_without_any_function_there_is_nothing_that_could_count() -> None:
    assert counts(among=groups()).status is Status.NOT_APPLICABLE


def test_the_filter_that_is_offered_is_for_the_group_that_bears_the_domains_name() -> None:
    [call, *_] = run(remedy("counted", counts(among=groups("checkout", "quotes"))))
    assert call[:4] == ["logs", "put-metric-filter", "--log-group-name", "/aws/lambda/quotes"]
    assert '{ $.event = "write_failure" && $.domain = "quote" }' in call
    transformations = call[call.index("--metric-transformations") + 1]
    assert transformations.endswith("metricValue=1,dimensions={Domain=$.domain}"), "a default is not allowed with these"


@pytest.mark.parametrize("kind", [None, "INFREQUENT_ACCESS"])
def test_no_filter_is_offered_for_a_group_that_can_have_none(kind: str | None) -> None:
    assert counts(among=groups("checkout", quotes=kind)).evidence["LogGroupName"] == CHECKOUT


@pytest.mark.parametrize(
    "watching",
    [
        pytest.param(alarms.failures_alarm("quote"), id="an alarm on it"),
        pytest.param(alarms.failures_alarm("quote", state="ALARM", state_since=ago(hours=2)), id="one that goes off"),
        pytest.param(
            alarms.alarm("all", insights=(Query(*FAILURES, "SUM", ("Domain",)),)), id="a query over all domains"
        ),
    ],
)
def test_an_alarm_that_calls_somebody(watching: Alarm) -> None:
    verdict = alarms_of(watching)
    assert (verdict.status, verdict.message) == (Status.PASS, f"{watching.name}: write failures of quote reach on-call")


def test_an_alarm_that_pages_makes_up_for_one_that_does_not() -> None:
    known = (alarms.failures_alarm("quote"), alarms.alarm("other", QUOTE.series))
    assert alarms_of(*known, other=alarms.SILENT).status is Status.PASS
    assert alarms_of(*known, other=alarms.UNKNOWN).status is Status.PASS


@pytest.mark.parametrize(
    ("known", "message"),
    [
        pytest.param((), "no alarm on WriteFailure with Domain=quote", id="there is no alarm"),
        pytest.param(
            (alarms.failures_alarm("coupon"),), "no alarm on WriteFailure with Domain=quote", id="one on another domain"
        ),
        pytest.param(
            (alarms.alarm("wide", series(*FAILURES)),),
            "no alarm on WriteFailure with Domain=quote; wide has no dimensions",
            id="one without dimensions",
        ),
        pytest.param(
            (alarms.alarm("narrow", series(*FAILURES, Domain="quote", service="checkout")),),
            "no alarm on WriteFailure with Domain=quote; narrow has Domain=quote and service=checkout",
            id="one with a dimension more",
        ),
        pytest.param(
            (alarms.alarm("errors", series("AWS/Lambda", "Errors", FunctionName="quote")),),
            "no alarm on WriteFailure with Domain=quote",
            id="one on the errors of the function, which a handler that catches does not raise",
        ),
    ],
)
def test_no_alarm_on_exactly_that(known: tuple[Alarm, ...], message: str) -> None:
    verdict = alarms_of(*known)
    assert (verdict.status, verdict.message) == (Status.FAIL, message)


def test_an_alarm_on_too_few_failures_calls_nobody_for_one() -> None:
    heartbeat = alarms.failures_alarm("quote", operator="LessThanThreshold", threshold=1)
    verdict = alarms_of(heartbeat)
    assert verdict.status is Status.FAIL
    assert verdict.message == f"alarm quote-write-failures: {LITTLE}"
    assert alarms_of(heartbeat, alarms.alarm("other", QUOTE.series)).status is Status.PASS


def test_a_band_that_failures_leave_on_either_side_is_an_alarm() -> None:
    band = alarms.failures_alarm(
        "quote", operator="LessThanLowerOrGreaterThanUpperThreshold", threshold=None, band=True
    )
    assert alarms_of(band).status is Status.PASS


@pytest.mark.parametrize(
    ("known", "status", "why"),
    [
        pytest.param(
            alarms.failures_alarm("quote", threshold=10_000),
            Status.WARN,
            " 100 ",
            id="10,000 a minute",
        ),
        pytest.param(
            alarms.alarm("a", series(*FAILURES, "Average", Domain="quote"), threshold=1),
            Status.WARN,
            " 100 ",
            id="an average above 1, which only a sample of several failures has",
        ),
        pytest.param(
            alarms.alarm("a", series(*FAILURES, "Average", Domain="quote")), Status.PASS, "", id="an average above 0"
        ),
        pytest.param(
            alarms.failures_alarm("quote", operator="GreaterThanOrEqualToThreshold"),
            Status.FAIL,
            ALWAYS,
            id="no failure is enough",
        ),
        pytest.param(alarms.failures_alarm("quote", datapoints=1440), Status.FAIL, "after 1 day", id="for a whole day"),
        pytest.param(
            alarms.math(
                "a",
                "IF(m1 > 0 AND m2 > 0, 1, 0)",
                series(*FAILURES, "Sum", Domain="quote"),
                series(*FAILURES, "Sum", Domain="coupon"),
            ),
            Status.FAIL,
            "WriteFailure",
            id="together with another domain",
        ),
        pytest.param(
            alarms.alarm("a", insights=(Query(*FAILURES, "SUM", ("Domain",), tags=(Label("Env", "prod"),)),)),
            Status.WARN,
            " tag",
            id="by tags, which nobody looked at",
        ),
    ],
)
def test_an_alarm_on_failures_fires_in_time(known: Alarm, status: Status, why: str) -> None:
    verdict = alarms_of(known)
    assert verdict.status is status
    assert why in verdict.message


@pytest.mark.parametrize(
    ("filters", "status"),
    [
        pytest.param(FailureFilters((COUNTS,)), Status.FAIL, id="a filter without a unit"),
        pytest.param(FailureFilters((replace(COUNTS, unit="Count"),)), Status.PASS, id="a filter with that unit"),
        pytest.param(FailureFilters((COUNTS, replace(COUNTS, unit="Count"))), Status.PASS, id="one of two filters"),
        pytest.param(FailureFilters((replace(COUNTS, sees=("coupon",)),)), Status.PASS, id="a filter of other domains"),
        pytest.param(FailureFilters((replace(COUNTS, dimensions=()),)), Status.PASS, id="a filter of other dimensions"),
        pytest.param(FailureFilters(()), Status.PASS, id="something else than a filter, maybe"),
        pytest.param(NO_FILTERS, Status.PASS, id="filters that could not be read"),
    ],
)
def test_an_alarm_that_asks_for_a_unit_hears_only_what_is_published_in_it(
    filters: FailureFilters | Unavailable, status: Status
) -> None:
    verdict = alarms_of(alarms.failures_alarm("quote", units=("Count",)), filters=filters)
    assert verdict.status is status
    assert ("published in None" in verdict.message) is (status is Status.FAIL)
    assert alarms_of(alarms.failures_alarm("quote"), filters=filters).status is Status.PASS


def test_an_alarm_that_can_not_be_read_may_watch_failures() -> None:
    with pytest.raises(Unreadable):
        alarms_of(alarms.opaque("logs"))
    told: dict[Watches, Status] = {"write-failures": Status.PASS, "other": Status.FAIL}
    for watches, status in told.items():
        wanted = checklist(alarms=AlarmSettings(vouched={"logs": watches}))
        known = alarms.opaque("logs")
        verdict = alarmed(
            QUOTE, each(known), alarms.routes(known), FailureMetric({"quote": True}), FailureFilters(()), NOW, wanted
        )
        assert verdict.status is status
    assert alarms_of().evidence["NotRead"] == "CloudWatch Omni"


def test_the_alarm_that_is_offered_for_failures_satisfies_the_check() -> None:
    [call] = run(remedy("alarmed", alarms_of()))
    made = alarms.described(call[call.index("put-metric-alarm") + 1 :])
    assert alarms_of(made).status is Status.PASS


def test_an_alarm_that_warms_up_calls_nobody_yet() -> None:
    warming = alarms.failures_alarm("quote", state="INSUFFICIENT_DATA", configured=ago(hours=1), warm_up=120)
    assert "WarmUpConfiguration" in alarms_of(warming).message
    assert alarms_of(warming, alarms.alarm("other", QUOTE.series)).status is Status.PASS


@pytest.mark.parametrize(("route", "status"), [(alarms.SILENT, Status.FAIL), (alarms.DOUBTFUL, Status.WARN)])
def test_an_alarm_whose_way_is_broken(route: Route, status: Status) -> None:
    known = alarms.failures_alarm("quote")
    verdict = alarms_of(known, routes=alarms.routed(route, known))
    assert (verdict.status, verdict.message) == (status, f"alarm {known.name}: {route.why}")


def test_an_alarm_whose_way_could_not_be_read_is_unknown() -> None:
    known = alarms.failures_alarm("quote")
    with pytest.raises(Unreadable):
        alarms_of(known, routes=alarms.routed(alarms.UNKNOWN, known))


def test_an_alarm_in_alarm_for_more_than_a_day_is_silent_about_the_next_failure() -> None:
    known = alarms.failures_alarm("quote", state="ALARM", state_since=ago(hours=25))
    verdict = alarms_of(known)
    assert verdict.status is Status.WARN
    assert verdict.remedy
    assert verdict.remedy.command.startswith("aws cloudwatch set-alarm-state")
    assert verdict.remedy.values["AlarmName"] == known.name
    assert alarms_of(known, alarms.alarm("other", QUOTE.series)).status is Status.PASS


@pytest.mark.parametrize(
    ("metric", "status"),
    [
        pytest.param(NEVER, Status.WARN, id="and there never was any"),
        pytest.param(SEEN, Status.PASS, id="and there was some before"),
    ],
)
def test_an_alarm_without_data(metric: FailureMetric, status: Status) -> None:
    assert alarms_of(alarms.failures_alarm("quote", state="INSUFFICIENT_DATA"), metric=metric).status is status


@pytest.mark.parametrize("metric", [NO_METRICS, FailureMetric({})])
def test_an_alarm_without_data_of_which_more_could_not_be_read_is_unknown(metric: FailureMetric | Unavailable) -> None:
    with pytest.raises(Unreadable):
        alarms_of(alarms.failures_alarm("quote", state="INSUFFICIENT_DATA"), metric=metric)


def test_the_alarm_that_is_offered_calls_the_topic_that_reaches_people() -> None:
    dead = [replace(alarms.failures_alarm(name), actions=("arn:aws:sns:us-east-1:123456789012:a",)) for name in "ab"]
    live = alarms.failures_alarm("coupon")
    routes = alarms.routes(live, *dead, **{each.name: alarms.SILENT for each in dead})
    [call] = run(remedy("alarmed", alarms_of(live, *dead, routes=routes)))
    assert call[-2:] == ["--alarm-actions", alarms.TOPIC]
    assert json.loads(call[call.index("--dimensions") + 1]) == [{"Name": "Domain", "Value": "quote"}]
    assert call[call.index("--alarm-name") + 1] == "BabesClub/Commerce WriteFailure Domain=quote"
    assert call[call.index("--treat-missing-data") + 1] == "notBreaching"


def test_where_no_topic_reaches_people_none_is_made() -> None:
    [call] = run(remedy("alarmed", alarms_of()))
    assert call[-1] == '[""]', "`readiness fix` asks for the topic"
