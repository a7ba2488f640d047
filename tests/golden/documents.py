"""What the application's repository says of each of the fixed tables."""

from readiness.facts.manifest import ApplicationManifest, RecordedManifest
from tests.golden.facts import Facts
from tests.rules.facts import ago
from tests.rules.manifests import PLAN, RUNBOOK, document, file, manifest, prefix, recorded, repository

GOOD: Facts = {RecordedManifest: recorded(), ApplicationManifest: manifest()}

NEGLECTED: Facts = {
    RecordedManifest: recorded(repository(commit=None)),
    ApplicationManifest: manifest(commit=None, plan=None, runbooks=()),
}

CHANGING: Facts = {ApplicationManifest: manifest(code=(prefix("CART"), prefix("HOLD", ago(days=1))))}

DOOMED: Facts = {
    RecordedManifest: recorded(at=ago(days=300)),
    ApplicationManifest: manifest(
        plan=document(prefixes=("CART", "COUPON", "QUOTE"), file=file(PLAN, ago(days=301))),
        runbooks=(document(RUNBOOK, ("CART",), file=file(RUNBOOK, ago(days=400))),),
    ),
}
