"""How restores of each of the fixed tables were tried, and how each was tested under load."""

from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.dynamodb.restores import Restore, RestoredTable, Restores
from readiness.facts.dynamodb.staging import THE_TABLE, Insights, Staging, StagingInsights
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.load_tests import HottestKeys, LatestLoad, LoadMeasured
from readiness.rules.load_tested import KeysSince
from tests.golden.facts import Facts
from tests.rules.drills import (
    COLD,
    COPY,
    DRILL,
    INSIGHTS,
    LOAD,
    MEASURED,
    SAID,
    SEEN,
    attestations,
    attested,
    restores,
    staging,
)
from tests.rules.facts import ago
from tests.rules.table_alarms import INDEX

Copies = Each[RestoredTable]
Measured = Each[LoadMeasured]
Hottest = Each[HottestKeys]
KEYS = ("PK, SK", f"{INDEX.name}: session")
LEFT = RestoredTable(COPY, ago(days=10), from_backup=False, in_progress=False)
BY_PLAN = "arn:aws:backup:us-east-1:123456789012:restore-testing-plan:monthly"

GOOD: Facts = {
    Attestations: attestations(attested(DRILL)),
    Restores: restores(SEEN, attested=(SAID,)),
    Copies: Each({}),
    LatestLoad: LOAD,
    Measured: Each({"test": MEASURED}),
    Hottest: Each({"test": COLD}),
    Staging: staging(keys=KEYS),
    StagingInsights: INSIGHTS,
}

NEGLECTED: Facts = {
    Attestations: attestations(),
    Restores: restores(),
    Copies: Each({}),
    LatestLoad: None,
    Staging: None,
    StagingInsights: None,
}

CHANGING: Facts = {
    **GOOD,
    Restores: restores(SEEN),
    Attestations: attestations(),
    Copies: Each({COPY: LEFT}),
    Hottest: Each({"test": HottestKeys({THE_TABLE: 120_000})}),
    KeysSince: KeysSince(KEYS, None),
    Staging: staging(max_reads=500),
    StagingInsights: StagingInsights((Insights(THE_TABLE, "ENABLING", ""),)),
}

DOOMED: Facts = {
    **GOOD,
    Attestations: attestations(
        attested(replace(DRILL, outcome="failed")), attested(DRILL, at=ago(days=1), until=ago(hours=1))
    ),
    Restores: restores(replace(SEEN, at=ago(days=91))),
    LatestLoad: replace(LOAD, end=ago(days=200)),
    Measured: Each({"test": replace(MEASURED, reads=20, throttled={"WriteThrottleEvents": 12})}),
    Hottest: Each({"test": HottestKeys({THE_TABLE: 200_000})}),
    Staging: staging(table_class="STANDARD_INFREQUENT_ACCESS"),
}

TOLERATED: Facts = {
    **GOOD,
    Attestations: attestations(attested("the drill went well")),
    Restores: restores(Restore(ago(days=30), "awsbackup-restore-test", BY_PLAN, point_in_time=False)),
    Hottest: Each({"test": HottestKeys({})}),
    Staging: staging(keys=KEYS, warm_reads=40_000),
    StagingInsights: StagingInsights((Insights(THE_TABLE, "FAILED", ""),)),
}
