"""How restores of each of the fixed tables were tried."""

from dataclasses import replace

from readiness.each import Each
from readiness.facts.attestations import Attestations
from readiness.facts.restored_tables import RestoredTable
from readiness.facts.restores import Restore, Restores
from tests.golden.facts import Facts
from tests.rules.drills import COPY, DRILL, SAID, SEEN, attestations, attested, restores
from tests.rules.facts import ago

Copies = Each[RestoredTable]
LEFT = RestoredTable(COPY, ago(days=10), from_backup=False, in_progress=False)
BY_PLAN = "arn:aws:backup:us-east-1:123456789012:restore-testing-plan:monthly"

GOOD: Facts = {
    Attestations: attestations(attested(DRILL)),
    Restores: restores(SEEN, attested=(SAID,)),
    Copies: Each({}),
}

NEGLECTED: Facts = {Attestations: attestations(), Restores: restores(), Copies: Each({})}

CHANGING: Facts = {**GOOD, Restores: restores(SEEN), Attestations: attestations(), Copies: Each({COPY: LEFT})}

DOOMED: Facts = {
    **GOOD,
    Attestations: attestations(
        attested(replace(DRILL, outcome="failed")), attested(DRILL, at=ago(days=1), until=ago(hours=1))
    ),
    Restores: restores(replace(SEEN, at=ago(days=91))),
}

TOLERATED: Facts = {
    **GOOD,
    Attestations: attestations(attested("the drill went well")),
    Restores: restores(Restore(ago(days=30), "awsbackup-restore-test", BY_PLAN, point_in_time=False)),
}
