"""What the application's repository says of each of the fixed tables."""

from readiness.facts.dynamodb.sample import Expiry, Sample, Sampling
from readiness.facts.recorded.manifest import ApplicationManifest, RecordedManifest
from tests.golden.facts import Facts
from tests.golden.functions import DECRYPTS
from tests.rules.facts import ago
from tests.rules.manifests import (
    PLAN,
    RUNBOOK,
    document,
    file,
    manifest,
    policy,
    prefix,
    recorded,
    repository,
    variables,
)
from tests.rules.roles import ITEMS, LOGS
from tests.rules.samples import SAMPLING, sample

REVIEWED = (policy("cart", ITEMS, LOGS, DECRYPTS), policy("checkout", ITEMS))

GOOD: Facts = {
    RecordedManifest: recorded(),
    ApplicationManifest: manifest(policies=REVIEWED),
    Sampling: SAMPLING,
    Sample: sample(CART={Expiry.ABSENT: 700}, COUPON={Expiry.ABSENT: 40}, QUOTE={Expiry.LATER: 260}),
}

NEGLECTED: Facts = {
    RecordedManifest: recorded(repository(commit=None)),
    ApplicationManifest: manifest(commit=None, plan=None, runbooks=(), env=None, env_readme=None),
    Sampling: None,
    Sample: None,
}

CHANGING: Facts = {
    ApplicationManifest: manifest(
        code=(prefix("CART"), prefix("HOLD", ago(days=1))), env=variables(".env.example"), policies=REVIEWED
    ),
    Sample: sample(CART={Expiry.ABSENT: 700}, HOLD={Expiry.ABSENT: 3, Expiry.MILLISECONDS: 1}),
}

DOOMED: Facts = {
    Sample: sample(CART={Expiry.ABSENT: 700}),
    RecordedManifest: recorded(at=ago(days=300)),
    ApplicationManifest: manifest(
        env=variables(names=("API_KEY", "COMMERCE_TABLE"), as_wanted=()),
        env_readme=variables("README_ENV.md", names=("COMMERCE_TABLE", "REGION"), as_wanted=()),
        policies=REVIEWED,
        plan=document(prefixes=("CART", "COUPON", "QUOTE"), file=file(PLAN, ago(days=301))),
        runbooks=(document(RUNBOOK, ("CART",), file=file(RUNBOOK, ago(days=400))),),
    ),
}
