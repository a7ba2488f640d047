"""A load test at the expected peak finds throttling and hot keys before customers do.

Scaling reacts after the load arrives, and each partition is limited to 3,000 read units and 1,000 write units a second,
whatever the size of the table. The test runs against a staging table; a person attests its time and the expected peak.
The metrics of the test are read from 15 minutes after its end. CloudWatch keeps datapoints of one minute for 15 days,
so a test has to be attested within that time; the values are then stored. Averages over a minute hide shorter peaks,
which show as throttling.

Contributor Insights shows if one key takes most of the load, but only while it is enabled. It counts 3 for a write
unit and 1 for a read unit: 180,000 a minute is the limit of a partition. It does not count throttling for lack of index
write capacity, and it is charged while enabled.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from readiness.alarms.dynamodb import INDEX, OPERATION, TABLE
from readiness.aws.time import minute
from readiness.engine.control import well_architected
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.dynamodb.consumption import READS, WRITES
from readiness.facts.dynamodb.staging import THE_TABLE, Staging, StagingInsights
from readiness.facts.dynamodb.table import NO_MAXIMUM, Table, TableDescription
from readiness.facts.recorded import attested as records
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.attested import LoadTest
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.load_tests import RULE, HottestKeys, LatestLoad, LoadMeasured
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Reason, Remedy, Unavailable, Unreadable
from readiness.rules.shared.configured import unset
from readiness.rules.shared.remedying import of_each

rule = Rule(
    "5.2",
    "Load test",
    Severity.MEDIUM,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/bp-partition-key-design.html",
    change_events_of=(TableDescription, StagingInsights),
)

PARTITION = 180_000
"""Units a minute: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html."""

HALF = 0.5

MAXIMA = ("MaxReadRequestUnits", "MaxWriteRequestUnits")
WARM = ("ReadUnitsPerSecond", "WriteUnitsPerSecond")
"""Warm throughput grows with the load of a table."""

# A new test shows hot keys only while Contributor Insights is enabled.
PREPARE = (
    "aws dynamodb update-contributor-insights --table-name {StagingTableName} --contributor-insights-action ENABLE"
    " --contributor-insights-mode ACCESSED_AND_THROTTLED_KEYS --region {region}"
)
ATTEST = 'readiness attest load-tested --table {table} --until "${{UNTIL:?set it to a date such as 2027-01-31}}"'
SHOW = (
    "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name {MetricName}"
    " --dimensions {Dimensions} --start-time {StartTime} --end-time {EndTime} --period 60 --statistics Sum"
    " --region {region}"
)

TOO_LATE = "not measured within 15 days, the retention of one-minute datapoints in CloudWatch: test again"


class PeakMeasured(Carry):
    """The peak minute of a test: units a second, system errors and latency in milliseconds."""

    stored_as = "PeakMeasured"

    test: str
    reads: float
    writes: float
    errors: float
    latency: float | None


class ThrottlesMeasured(Carry):
    """The throttled requests and events of a test, by series."""

    stored_as = "ThrottlesMeasured"

    test: str
    throttled: dict[str, float]


class KeysMeasured(Carry):
    """The units of the hottest key in a minute of a test, by table or index."""

    stored_as = "KeysMeasured"

    test: str
    units: dict[str, float]


class KeysSince(Carry):
    """The keys of the table and its indexes, and since when; None: since before the first run."""

    stored_as = "KeysSince"

    keys: tuple[str, ...]
    since: datetime | None


C = TypeVar("C", PeakMeasured, ThrottlesMeasured, KeysMeasured)
M = TypeVar("M", LoadMeasured, HottestKeys)


@rule.check(
    decide="Plan a load test of the staging table with the expected peak, and attest it.",
    version=2,
    fix=f"{PREPARE} && {ATTEST}",
    controls=well_architected("REL12", "PERF05"),
)
def recorded(
    table: Table, attestations: Attestations, load: LatestLoad | None, checklist: Checklist, now: Now
) -> Verdict:
    """Is a load test of the staging table attested within the period of the checklist?"""
    if lacking := unset(checklist, "drills.staging_table"):
        return lacking
    staging = checklist.drills.staging(table.name)
    evidence = {"StagingTableName": staging}
    if load is None and not attestations.of(RULE):
        return not_recorded(f"no load test of {staging} recorded", evidence=evidence, remedy=Remedy(ATTEST))
    if load is None:
        return failed(_missing(attestations, staging, now), evidence=evidence)
    evidence |= {"StartTime": _iso(load.start), "EndTime": _iso(load.end)}
    said = f"load test of {staging} ended at {minute(load.end)} (attested by {load.by})"
    days = f"{checklist.drills.load_within_days} days"
    if now.at - load.end > timedelta(days=checklist.drills.load_within_days):
        subject = f"the last load test is more than {days} ago"
        return failed(f"{said}, expected one within {days}", subject=subject, evidence=evidence)
    return passed(said, subject="a load test was recorded", evidence=evidence)


@rule.check(
    decide="Repeat the test with the expected load, or correct the expectation, and attest it.",
    fix=SHOW,
    controls=well_architected("REL12", "PERF05"),
)
def peak(load: LatestLoad, measured: Each[LoadMeasured], before: PeakMeasured | None) -> Verdict:
    """Did the peak minute of the test reach the expected read and write units?"""
    seen = _seen(
        load, measured, before, lambda now: PeakMeasured(load.key, now.reads, now.writes, now.errors, now.latency)
    )
    short = seen.reads < load.reads
    evidence = {
        **_window(load),
        **_metric(load, READS if short else WRITES),
        "ConsumedReadCapacityUnits": seen.reads,
        "ConsumedWriteCapacityUnits": seen.writes,
        "SystemErrors": seen.errors,
        "SuccessfulRequestLatency": seen.latency,
    }
    said = (
        f"test peak is {seen.reads:.1f} read and {seen.writes:.1f} write units a second,"
        f" expected {load.reads:.1f} and {load.writes:.1f}"
    )
    judge = failed if short or seen.writes < load.writes else passed
    return judge(said, evidence=evidence, carry=seen)


@rule.check(decide="Find out what was throttled, and why. Then repeat the test, and attest it.", fix=SHOW)
def throttled(load: LatestLoad, measured: Each[LoadMeasured], before: ThrottlesMeasured | None) -> Verdict:
    """Did the test run without throttling of the table and its indexes?"""
    seen = _seen(load, measured, before, lambda now: ThrottlesMeasured(load.key, dict(now.throttled)))
    if not seen.throttled:
        return passed("no throttling during the test", evidence=_window(load), carry=seen)
    worst = sorted(seen.throttled, key=lambda name: (-seen.throttled[name], name))
    said = ", ".join(f"{name} {seen.throttled[name]:.0f}" for name in worst)
    evidence = {**_window(load), **_metric(load, worst[0]), "Throttled": seen.throttled}
    return failed(f"throttling during the test: {said}", evidence=evidence, carry=seen)


@rule.check(decide="Decide how the hottest key is spread. Then repeat the test, and attest it.", fix=PREPARE)
def hot_keys(load: LatestLoad, hottest: Each[HottestKeys], before: KeysMeasured | None) -> Verdict:
    """Did every partition key stay within half of the limit of a partition?"""
    known = before.units if before and before.test == load.key else {}

    def at_most(now: HottestKeys) -> KeysMeasured:
        # Contributor Insights reports nothing for a deleted table, or once it is disabled.
        units = {name: max(at, known.get(name, 0)) for name, at in now.units.items()}
        return KeysMeasured(load.key, {**known, **units})

    seen = _seen(load, hottest, before, at_most)
    evidence = {**_window(load), "MaxContributorValue": seen.units}
    if THE_TABLE not in seen.units:
        message = f"no key statistics of {load.staging}: Contributor Insights was disabled"
        return warned(message, evidence=evidence, carry=seen)
    place = max(seen.units, key=lambda name: seen.units[name])
    share = seen.units[place] / PARTITION
    judge = failed if share >= 1 else warned if share > HALF else passed
    used = f"the hottest key of {place} used {100 * share:.0f} % of the limit of a partition"
    return judge(f"{used}, expected at most {100 * HALF:.0f} %", evidence=evidence, carry=seen)


@rule.check(decide="Repeat the test with the new keys or indexes, and attest it.", fix=PREPARE)
def unchanged(load: LatestLoad | None, description: TableDescription, now: Now, before: KeysSince | None) -> Verdict:
    """Are the keys of the table and its indexes unchanged since the test?"""
    keys = description.keys
    same = before is None or before.keys == keys
    carry = KeysSince(keys, (before.since if before else None) if same else now.at)
    if load is None:
        return not_applicable("no load test", carry=carry)
    evidence = {"StagingTableName": load.staging, "KeySchema": list(keys)}
    seen: dict[str, Any] = {"evidence": evidence, "watched": {"KeySchema": list(keys)}, "carry": carry}
    if carry.since and carry.since > load.end:
        message = f"keys or indexes changed by {minute(carry.since)}, after the test that ended at {minute(load.end)}"
        return failed(message, subject="keys or indexes were changed after the load test", **seen)
    return passed("keys and indexes are unchanged since the test", **seen)


@rule.check(
    decide="Decide if Contributor Insights is worth its costs outside of tests.", severity=Severity.LOW, fix=PREPARE
)
def insights(staging: Staging, insights: StagingInsights) -> Verdict:
    """Is Contributor Insights for accessed keys enabled on the staging table and its indexes?"""
    statuses = {each.place: each.status for each in insights.of}
    evidence = {"StagingTableName": staging.name, "ContributorInsightsStatus": statuses}
    seen: dict[str, Any] = {"evidence": evidence, "watched": evidence}
    off = [each for each in insights.of if each.status != "ENABLED" or not each.rule]
    if off:
        said = [f"{each.place} ({each.status if each.status != 'ENABLED' else 'throttled keys only'})" for each in off]
        message = f"Contributor Insights of {staging.name} does not count accessed keys of {', '.join(said)}"
        return warned(message, remedy=_count([each.place for each in off]), **seen)
    return passed(f"Contributor Insights of {staging.name} counts accessed keys", **seen)


@rule.check(
    decide="Create the staging table anew: the keys of a table cannot be changed.",
    severity=Severity.LOW,
    fix="aws dynamodb describe-table --table-name {table} --region {region}"
    " --query 'Table.[AttributeDefinitions,KeySchema,GlobalSecondaryIndexes]'",
)
def keyed_alike(table: Table, description: TableDescription, staging: Staging) -> Verdict:
    """Does the staging table have the same keys and indexes as the table?"""
    own, other = list(description.keys), list(staging.description.keys)
    seen: dict[str, Any] = {"evidence": {table.name: own, staging.name: other}, "watched": {"KeySchema": other}}
    if own != other:
        message = f"keys of {staging.name} are {'; '.join(other)}, expected {'; '.join(own)} as in {table.name}"
        return warned(message, **seen)
    return passed(f"{staging.name} has the keys and indexes of {table.name}", **seen)


@rule.check(
    decide="Decide which of the two tables has the right settings.",
    severity=Severity.LOW,
    version=2,
    fix="aws dynamodb update-table --cli-input-json {UpdateTable} --region {region}",
)
def parity(table: Table, description: TableDescription, staging: Staging) -> Verdict:
    """Does the staging table have the capacity settings and warm throughput of the table?"""
    own, other = _settings(description), _settings(staging.description)
    differ = [name for name in own if own[name] != other[name]]
    seen: dict[str, Any] = {"watched": {"Different": [name for name in differ if name not in WARM]}}
    evidence = {name: {table.name: own[name], staging.name: other[name]} for name in differ}
    if not differ:
        return passed(f"{staging.name} has the capacity settings of {table.name}", **seen)
    said = "; ".join(f"{name} is {_shown(other[name])}, expected {_shown(own[name])}" for name in differ)
    update = json.dumps(_update(table.name, staging.name, own, other))
    return warned(f"{staging.name}: {said}", evidence={**evidence, "UpdateTable": update}, **seen)


def _shown(value: Any) -> Any:
    """Return a setting as people read it: -1 is DynamoDB's value for no maximum, None an absent member."""
    return "not set" if value in {None, NO_MAXIMUM} else value


def _count(off: Sequence[str]) -> Remedy:
    """Enable Contributor Insights of the table or indexes: each has its own."""
    indexes = [{"IndexName": place.removeprefix("the index ")} for place in off if place != THE_TABLE]
    of_indexes = of_each(f"{PREPARE} --index-name {{IndexName}}", indexes)
    own = [PREPARE] if THE_TABLE in off else []
    return Remedy(" && ".join([*own, *filter(None, [of_indexes.command])]), of_indexes.values)


def _missing(attestations: Attestations, staging: str, now: Now) -> str:
    """Return why the newest attestation is not usable."""
    newest = attestations.of(RULE)[0]
    said = f"attestation by {newest.by} of {minute(newest.at)}"
    if newest.until <= now.at:
        return f"{said} expired at {minute(newest.until)}"
    test = records.read(RULE, newest.evidence)
    if not isinstance(test, LoadTest):
        return f"{said} is not a record of a load test"
    if test.staging_table != staging:
        return f"{said} is for {test.staging_table}, expected {staging} (drills.staging_table)"
    return f"{said} is for a test that ended less than 15 minutes ago"


def _seen(load: LatestLoad, measured: Each[M], before: C | None, made: Callable[[M], C]) -> C:
    """Return the measurement of the test by this run, else by a former one. Raise Unreadable without either."""
    readable, unread = measured.readable()
    if readable:
        return made(readable[0])
    if before is not None and before.test == load.key:
        return before
    raise Unreadable({}, unread or Unavailable(Reason.STALE, detail=TOO_LATE))


def _window(load: LatestLoad) -> dict[str, Any]:
    return {"StagingTableName": load.staging, "StartTime": _iso(load.start), "EndTime": _iso(load.end)}


def _metric(load: LatestLoad, name: str) -> dict[str, str]:
    """Return metric and dimensions of a series of the staging table, by its name in measurements."""
    metric, _, where = name.partition(" of ")
    dimensions = {TABLE: load.staging}
    if where:
        dimensions[OPERATION if metric == "ThrottledRequests" else INDEX] = where
    listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"MetricName": metric, "Dimensions": json.dumps(listed)}


def _settings(description: TableDescription) -> dict[str, Any]:
    """Return the settings that have to be equal, under AWS's names."""
    return {
        "BillingMode": description.billing_mode,
        "TableClass": description.table_class,
        "MaxReadRequestUnits": description.max_reads or NO_MAXIMUM,
        "MaxWriteRequestUnits": description.max_writes or NO_MAXIMUM,
        "ReadUnitsPerSecond": description.warm_reads,
        "WriteUnitsPerSecond": description.warm_writes,
    }


def _update(table: str, staging: str, own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the UpdateTable request that makes the tables equal; warm throughput can only be raised."""
    update: dict[str, Any] = {"TableName": staging}
    if own["BillingMode"] != other["BillingMode"]:
        provisioned = table if own["BillingMode"] == "PROVISIONED" else staging
        return {"TableName": provisioned, "BillingMode": "PAY_PER_REQUEST"}
    if own["TableClass"] != other["TableClass"]:
        update["TableClass"] = own["TableClass"]
    if any(own[name] != other[name] for name in MAXIMA):
        update["OnDemandThroughput"] = {name: own[name] for name in MAXIMA}
    if len(update) > 1:
        return update
    colder = staging if any((other[name] or 0) < (own[name] or 0) for name in WARM) else table
    return {"TableName": colder, "WarmThroughput": {name: max(own[name] or 0, other[name] or 0) for name in WARM}}


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
