"""A table that was never under load meets its first peak in front of customers.

What scales by itself does so after it was needed, and a partition has a limit of its own, 3,000 reads and 1,000 writes
a second, however large the table is. Load is put on a staging table, and a person attests when, and what peak is
expected; what the table did meanwhile is measured, from a quarter of an hour after its end. Minutes are kept for 15
days, so a test has to be attested within these; what was measured is then remembered. The averages of a minute hide
what was shorter: throttling is what shows it.

Contributor Insights show whether one key took most of it, and only what happens while they are on. They count 3 for a
unit written and 1 for one read: 180,000 a minute is a partition's limit. They don't count throttling for want of writes
to an index, and cost money while they are on.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from readiness.alarms.dynamodb import INDEX, OPERATION, TABLE
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.dynamodb.staging import THE_TABLE, Staging, StagingInsights
from readiness.facts.dynamodb.table import NO_MAXIMUM, Table, TableDescription
from readiness.facts.recorded import attested as records
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.attested import LoadTest
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.load_tests import READS, RULE, WRITES, HottestKeys, LatestLoad, LoadMeasured
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
"""Warm throughput grows by itself, with the load that a table has had."""

# A test has to be made anew, and shows hot keys only while these are on.
PREPARE = (
    "aws dynamodb update-contributor-insights --table-name {StagingTableName} --contributor-insights-action ENABLE"
    " --contributor-insights-mode ACCESSED_AND_THROTTLED_KEYS --region {region}"
)
ATTEST = 'readiness attest load-tested --table {table} --until "${{UNTIL:?YYYY-MM-DD}}"'
SHOW = (
    "aws cloudwatch get-metric-statistics --namespace AWS/DynamoDB --metric-name {MetricName}"
    " --dimensions {Dimensions} --start-time {StartTime} --end-time {EndTime} --period 60 --statistics Sum"
    " --region {region}"
)

TOO_LATE = "it was not measured within 15 days, for which CloudWatch keeps minutes: test again"


class PeakMeasured(Carry):
    """The highest minute of a test, and how the table did meanwhile."""

    stored_as = "PeakMeasured"

    test: str
    reads: float
    writes: float
    errors: float
    latency: float | None


class ThrottlesMeasured(Carry):
    """What was throttled in a test, by series."""

    stored_as = "ThrottlesMeasured"

    test: str
    throttled: dict[str, float]


class KeysMeasured(Carry):
    """What the hottest key consumed in a minute of a test, by index."""

    stored_as = "KeysMeasured"

    test: str
    units: dict[str, float]


class KeysSince(Carry):
    """The keys of the table and its indexes, and since when; None: since before anybody looked."""

    stored_as = "KeysSince"

    keys: tuple[str, ...]
    since: datetime | None


C = TypeVar("C", PeakMeasured, ThrottlesMeasured, KeysMeasured)
M = TypeVar("M", LoadMeasured, HottestKeys)


@rule.check(version=2, fix=f"{PREPARE} && {ATTEST}")
def recorded(
    table: Table, attestations: Attestations, load: LatestLoad | None, checklist: Checklist, now: Now
) -> Verdict:
    """A person attests a test of the staging table, within as many days as the checklist says."""
    if lacking := unset(checklist, "drills.staging_table"):
        return lacking
    staging = checklist.drills.staging(table.name)
    evidence = {"StagingTableName": staging}
    if load is None and not attestations.of(RULE):
        return not_recorded(f"nobody has attested a load test of {staging}", evidence=evidence, remedy=Remedy(ATTEST))
    if load is None:
        return failed(_missing(attestations, staging, now), evidence=evidence)
    evidence |= {"StartTime": _iso(load.start), "EndTime": _iso(load.end)}
    said = f"{staging} was tested until {_utc(load.end)}, as {load.by} attests"
    if now.at - load.end > timedelta(days=checklist.drills.load_within_days):
        return failed(
            f"{said}, and that is longer than {checklist.drills.load_within_days} days ago", evidence=evidence
        )
    return passed(said, evidence=evidence)


@rule.check(fix=SHOW)
def peak(load: LatestLoad, measured: Each[LoadMeasured], before: PeakMeasured | None) -> Verdict:
    """In its highest minute the test reached the peak that is expected, of reads and of writes."""
    now = _measured(measured)
    if now is None:
        seen = _remembered(load, measured, before)
    else:
        seen = PeakMeasured(load.key, now.reads, now.writes, now.errors, now.latency)
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
        f"at most {seen.reads:.1f} units were read a second and {seen.writes:.1f} written,"
        f" and {load.reads:.1f} and {load.writes:.1f} are expected"
    )
    judge = failed if short or seen.writes < load.writes else passed
    return judge(said, evidence=evidence, carry=seen)


@rule.check(fix=SHOW)
def throttled(load: LatestLoad, measured: Each[LoadMeasured], before: ThrottlesMeasured | None) -> Verdict:
    """Nothing was throttled meanwhile, of the table and its indexes."""
    now = _measured(measured)
    seen = _remembered(load, measured, before) if now is None else ThrottlesMeasured(load.key, dict(now.throttled))
    if not seen.throttled:
        return passed("nothing was throttled", evidence=_window(load), carry=seen)
    worst = sorted(seen.throttled, key=lambda name: (-seen.throttled[name], name))
    said = ", ".join(f"{name} {seen.throttled[name]:.0f}" for name in worst)
    evidence = {**_window(load), **_metric(load, worst[0]), "Throttled": seen.throttled}
    return failed(f"the test was throttled: {said}", evidence=evidence, carry=seen)


@rule.check(fix=PREPARE)
def hot_keys(load: LatestLoad, hottest: Each[HottestKeys], before: KeysMeasured | None) -> Verdict:
    """No partition key took more than half of what a partition can."""
    known = before.units if before and before.test == load.key else {}
    now = _measured(hottest)
    if now is None:
        seen = _remembered(load, hottest, before)
    else:
        # Of a table that is deleted, or whose insights are switched off, nothing is reported any more.
        seen = KeysMeasured(
            load.key, {**known, **{name: max(at, known.get(name, 0)) for name, at in now.units.items()}}
        )
    evidence = {**_window(load), "MaxContributorValue": seen.units}
    if THE_TABLE not in seen.units:
        message = f"nothing was recorded of the keys of {load.staging}: Contributor Insights were off"
        return warned(message, evidence=evidence, carry=seen)
    place = max(seen.units, key=lambda name: seen.units[name])
    share = seen.units[place] / PARTITION
    judge = failed if share >= 1 else warned if share > HALF else passed
    return judge(
        f"the hottest key of {place} took {100 * share:.0f} % of what a partition can", evidence=evidence, carry=seen
    )


@rule.check(fix=PREPARE)
def unchanged(load: LatestLoad | None, description: TableDescription, now: Now, before: KeysSince | None) -> Verdict:
    """The keys of the table and its indexes are as they were when it was tested."""
    keys = description.keys
    same = before is None or before.keys == keys
    carry = KeysSince(keys, (before.since if before else None) if same else now.at)
    if load is None:
        return not_applicable("nothing was tested that could have been changed since", carry=carry)
    evidence = {"StagingTableName": load.staging, "KeySchema": list(keys)}
    seen: dict[str, Any] = {"evidence": evidence, "watched": {"KeySchema": list(keys)}, "carry": carry}
    if carry.since and carry.since > load.end:
        return failed(f"the keys or the indexes were changed by {_utc(carry.since)}, after the test", **seen)
    return passed("the keys and the indexes were not changed since the test", **seen)


@rule.check(severity=Severity.LOW, fix=PREPARE)
def insights(staging: Staging, insights: StagingInsights) -> Verdict:
    """Contributor Insights of the staging table and its indexes are on, and count what is accessed."""
    evidence = {
        "StagingTableName": staging.name,
        "ContributorInsightsStatus": {each.place: each.status for each in insights.of},
    }
    seen: dict[str, Any] = {"evidence": evidence, "watched": evidence}
    off = [
        f"{each.place} ({each.status if each.status != 'ENABLED' else 'throttled keys alone'})"
        for each in insights.of
        if each.status != "ENABLED" or not each.rule
    ]
    if off:
        message = f"of {staging.name}, Contributor Insights don't count what is accessed of {', '.join(off)}"
        return warned(message, remedy=_count(insights), **seen)
    return passed(f"Contributor Insights count what is accessed of {staging.name}", **seen)


@rule.check(
    severity=Severity.LOW,
    fix="aws dynamodb describe-table --table-name {table} --region {region}"
    " --query 'Table.[AttributeDefinitions,KeySchema,GlobalSecondaryIndexes]'",
)
def keyed_alike(table: Table, description: TableDescription, staging: Staging) -> Verdict:
    """The staging table has the keys and the indexes of the table."""
    own, other = list(description.keys), list(staging.description.keys)
    seen: dict[str, Any] = {"evidence": {table.name: own, staging.name: other}, "watched": {"KeySchema": other}}
    if own != other:
        return warned(f"{staging.name} has the keys {'; '.join(other)}, and {table.name} {'; '.join(own)}", **seen)
    return passed(f"{staging.name} has the keys and the indexes of {table.name}", **seen)


@rule.check(
    severity=Severity.LOW, version=2, fix="aws dynamodb update-table --cli-input-json {UpdateTable} --region {region}"
)
def parity(table: Table, description: TableDescription, staging: Staging) -> Verdict:
    """The staging table is made like the table, and takes as much at once."""
    own, other = _settings(description), _settings(staging.description)
    differ = [name for name in own if own[name] != other[name]]
    seen: dict[str, Any] = {"watched": {"Different": [name for name in differ if name not in WARM]}}
    evidence = {name: {table.name: own[name], staging.name: other[name]} for name in differ}
    if not differ:
        return passed(f"{staging.name} is made like {table.name}", **seen)
    said = "; ".join(f"{name} is {other[name]}, not {own[name]}" for name in differ)
    update = json.dumps(_update(table.name, staging.name, own, other))
    return warned(f"of {staging.name}, {said}", evidence={**evidence, "UpdateTable": update}, **seen)


def _count(insights: StagingInsights) -> Remedy:
    """Switch them on where they don't count: those of an index are its own."""
    off = [each.place for each in insights.of if each.status != "ENABLED" or not each.rule]
    indexes = [{"IndexName": place.removeprefix("the index ")} for place in off if place != THE_TABLE]
    of_indexes = of_each(f"{PREPARE} --index-name {{IndexName}}", indexes)
    own = [PREPARE] if THE_TABLE in off else []
    return Remedy(" && ".join([*own, *filter(None, [of_indexes.command])]), of_indexes.values)


def _missing(attestations: Attestations, staging: str, now: Now) -> str:
    """Why the newest attestation is of no use."""
    words = attestations.of(RULE)
    said = f"what {words[0].by} attested on {_utc(words[0].at)}"
    if words[0].until <= now.at:
        return f"{said} held until {_utc(words[0].until)}"
    test = records.read(RULE, words[0].evidence)
    if not isinstance(test, LoadTest):
        return f"{said} is no record of a load test"
    if test.staging_table != staging:
        return f"{said} is about {test.staging_table}, and the checklist names {staging}"
    return f"{said} is about a test that has only just ended"


def _measured(measured: Each[M]) -> M | None:
    """What this look has of the latest test, if anything."""
    readable, _ = measured.readable()
    return readable[0] if readable else None


def _remembered(load: LatestLoad, measured: Each[Any], before: C | None) -> C:
    """What an earlier look has measured of the same test. Unreadable: none has, for want of time or permission."""
    if before is not None and before.test == load.key:
        return before
    _, unread = measured.readable()
    raise Unreadable({}, unread or Unavailable(Reason.STALE, detail=TOO_LATE))


def _window(load: LatestLoad) -> dict[str, Any]:
    return {"StagingTableName": load.staging, "StartTime": _iso(load.start), "EndTime": _iso(load.end)}


def _metric(load: LatestLoad, name: str) -> dict[str, str]:
    """A series of the staging table, by the name under which it was measured."""
    metric, _, where = name.partition(" of ")
    dimensions = {TABLE: load.staging}
    if where:
        dimensions[OPERATION if metric == "ThrottledRequests" else INDEX] = where
    listed = [{"Name": key, "Value": value} for key, value in dimensions.items()]
    return {"MetricName": metric, "Dimensions": json.dumps(listed)}


def _settings(description: TableDescription) -> dict[str, Any]:
    """What has to be alike, as AWS spells it."""
    return {
        "BillingMode": description.billing_mode,
        "TableClass": description.table_class,
        "MaxReadRequestUnits": description.max_reads or NO_MAXIMUM,
        "MaxWriteRequestUnits": description.max_writes or NO_MAXIMUM,
        "ReadUnitsPerSecond": description.warm_reads,
        "WriteUnitsPerSecond": description.warm_writes,
    }


def _update(table: str, staging: str, own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the two alike. AWS warms a table and never cools it, so the colder one is warmed."""
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


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
