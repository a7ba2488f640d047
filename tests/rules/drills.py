"""Drills of a table that meets both rules about them; a test changes what it is about."""

from typing import Any

from msgspec.structs import replace

from readiness.facts.dynamodb.restores import Restore, Restores
from readiness.facts.dynamodb.staging import THE_TABLE, Insights, Staging, StagingInsights
from readiness.facts.recorded.attestations import Attestations, Attested
from readiness.facts.recorded.attested import LoadTest, Record, RestoreDrill, written
from readiness.facts.recorded.load_tests import HottestKeys, LatestLoad, LoadMeasured
from readiness.model import Reason, Unavailable
from tests.rules.facts import ago, description

DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudtrail:LookupEvents", "AccessDenied")
COPY = "babesclub-commerce-drill-20261120"

DRILL = RestoreDrill(
    at=ago(days=4),
    source_point_in_time=ago(days=5),
    target_table=COPY,
    items_sampled=500,
    items_matched=500,
    duration_seconds=1800,
    outcome="succeeded",
)

SEEN = Restore(ago(days=4), COPY, "CloudTrail, by arn:aws:iam::123456789012:role/platform")
SAID = Restore(ago(days=4), COPY, "the word of jane")


def attested(record: Record | str, rule: str = "restore-drilled", **other: Any) -> Attested:
    """Said three days ago, for half a year."""
    evidence = record if isinstance(record, str) else written(record)
    return replace(Attested(rule, "jane", ago(days=3), ago(days=-180), evidence), **other)


def attestations(*words: Attested) -> Attestations:
    return Attestations(words)


def restores(*seen: Restore, attested: tuple[Restore, ...] = (), unread: Unavailable | None = None) -> Restores:
    return Restores(attested, seen, unread)


STAGING = "babesclub-commerce-staging"

TEST = LoadTest(
    window_start=ago(days=2, hours=1),
    window_end=ago(days=2),
    staging_table=STAGING,
    expected_reads=1_000,
    expected_writes=400,
    tool="k6",
)

LOAD = LatestLoad(ago(days=2, hours=1), ago(days=2), STAGING, 1_000, 400, "jane")
MEASURED = LoadMeasured(reads=1_100, writes=410, throttled={}, errors=0, latency=9.5)
COLD = HottestKeys({THE_TABLE: 18_000})
INSIGHTS = StagingInsights((Insights(THE_TABLE, "ENABLED", f"DynamoDBContributorInsights-PKC-{STAGING}-1"),))


def staging(**other: Any) -> Staging:
    """A table just like the other one."""
    return Staging(STAGING, description(**other))
