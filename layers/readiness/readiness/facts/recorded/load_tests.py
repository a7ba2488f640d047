"""The attested load test, and the CloudWatch metrics of the staging table during it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from readiness.alarms.dynamodb import CAUSES, OPERATION, OPERATIONS, series_of
from readiness.alarms.series import Series
from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.aws.time import utc
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.datapoints import over_time
from readiness.facts.dynamodb.consumption import MINUTE, MINUTES_KEPT, READS, WRITES
from readiness.facts.dynamodb.staging import StagingInsights
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded import attested
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.attested import LoadTest
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Fact

RULE = "load-tested"
SETTLED = timedelta(minutes=15)
"""CloudWatch data may be incomplete until then."""

WAYS = ("Read", "Write")
HIGHEST = "MaxContributorValue"
THROTTLES = tuple(f"{way}{cause}ThrottleEvents" for way in WAYS for cause in ("", *CAUSES))


class LatestLoad(Fact):
    """The latest valid load test of the staging table. Expected values are capacity units per second."""

    start: datetime
    end: datetime
    staging: str
    reads: float
    writes: float
    by: str

    @property
    def key(self) -> str:
        """Return the key of the test, which identifies its measurements."""
        return f"{self.staging} {self.start:%Y-%m-%dT%H:%M:%SZ}/{self.end:%Y-%m-%dT%H:%M:%SZ}"


@fact(absent="no load test is recorded")
def latest_load(table: Table, attestations: Attestations, checklist: Checklist, now: Now) -> LatestLoad | None:
    """Return the latest valid test that ended at least 15 minutes ago; None without one."""
    staging = checklist.drills.staging(table.name)
    tests = []
    for word in attestations.of(RULE):
        test = attested.read(RULE, word.evidence)
        if not isinstance(test, LoadTest) or test.staging_table != staging or word.until <= now.at:
            continue
        start, end = utc(test.window_start), utc(test.window_end)
        if end + SETTLED <= now.at:
            tests.append(LatestLoad(start, end, staging, test.expected_reads, test.expected_writes, word.by))
    return max(tests, key=lambda test: test.end, default=None)


class MeasurableLoad(Fact):
    """The latest test while CloudWatch keeps its one-minute data. An axis, so that kept answers belong to one test."""

    test: LatestLoad


@fact()
def measurable_load(table: Table, load: LatestLoad | None, now: Now) -> Each[MeasurableLoad]:
    """Return at most one element."""
    if load is None or load.start <= now.at - MINUTES_KEPT:
        return Each({})
    return Each({f"{table.arn}/load-test/{load.key}": MeasurableLoad(load)})


class LoadMeasured(Fact):
    """The peaks in units per second, throttles by series, errors, and highest p99 in milliseconds, of a test."""

    stored_as = "LoadMeasured"

    reads: float
    writes: float
    throttled: Mapping[str, float]
    errors: float
    latency: float | None


@fact("cloudwatch:GetMetricData", keeps=timedelta(hours=1))
def load_measured(aws: Aws, load: MeasurableLoad, description: TableDescription) -> LoadMeasured:
    """Read the metrics of the staging table and of indexes with the names of the table's; missing data is 0.

    A read is on the table or on an index, so reads are added. A write to the table is also written to its indexes, so
    only writes to the table count. The answer is kept for an hour, because the call is billed.
    """
    test, staging = load.test, load.test.staging
    places = ("", *description.indexes)
    read = [series_of(READS, staging, index, "Sum") for index in places]
    written = [series_of(WRITES, staging, statistic="Sum")]
    throttled = [series_of(metric, staging, index, "Sum") for index in places for metric in THROTTLES]
    throttled += _by_operation(staging, "ThrottledRequests")
    failed = _by_operation(staging, "SystemErrors")
    slow = _by_operation(staging, "SuccessfulRequestLatency", "p99")
    values = over_time(aws, [*read, *written, *throttled, *failed, *slow], test.start, test.end, MINUTE)
    sums = {_named(one): sum(values[one].values()) for one in throttled}
    return LoadMeasured(
        reads=_peak(values[one] for one in read),
        writes=_peak(values[one] for one in written),
        throttled={name: total for name, total in sums.items() if total},
        errors=sum(sum(values[one].values()) for one in failed),
        latency=max((value for one in slow for value in values[one].values()), default=None),
    )


class HottestKeys(Fact):
    """The consumption of the most consumed partition key in its peak minute, by table and index with data."""

    stored_as = "HottestKeys"

    units: Mapping[str, float]


@fact(
    "cloudwatch:GetInsightRuleReport",
    resources={"cloudwatch:GetInsightRuleReport": ("arn:*:cloudwatch:*:*:insight-rule/DynamoDBContributorInsights-*",)},
    keeps=timedelta(hours=1),
)
def hottest_keys(aws: Aws, load: MeasurableLoad, insights: StagingInsights | None) -> HottestKeys:
    """Read the consumption. The keys contain user input and are not read.

    "With managed rules, only MaxContributorValue and Maximum are meaningful":
    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_tutorial.html
    """
    units: dict[str, float] = {}
    for each in insights.of if insights else ():
        if each.rule:
            reported = aws.client("cloudwatch").get_insight_rule_report(
                RuleName=each.rule,
                StartTime=load.test.start,
                EndTime=load.test.end,
                Period=MINUTE,
                MaxContributorCount=1,
                Metrics=[HIGHEST],
            )
            points = Answer(reported, "cloudwatch:GetInsightRuleReport").parts("MetricDatapoints")
            units |= {each.place: max(point.need(HIGHEST, float) for point in points)} if points else {}
    return HottestKeys(units)


def _by_operation(table: str, metric: str, statistic: str = "Sum") -> list[Series]:
    return [series_of(metric, table, statistic=statistic, **{OPERATION: name}) for name in OPERATIONS]


def _peak(series: Iterable[Mapping[datetime, float]]) -> float:
    minutes: dict[datetime, float] = {}
    for values in series:
        for at, value in values.items():
            minutes[at] = minutes.get(at, 0) + value
    return max(minutes.values(), default=0) / MINUTE


def _named(one: Series) -> str:
    """Return such as `ThrottledRequests of PutItem`; the metric only, without an operation or an index."""
    where = [value for name, value in one.dimensions if name != "TableName"]
    return " of ".join([one.metric, *where])
