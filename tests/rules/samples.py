"""What a look at a few items has seen."""

from datetime import datetime

from readiness.facts.dynamodb.sample import Expiry, Sample, Sampling
from tests.rules.facts import ago

SAMPLING = Sampling("PK", "SK", "expiresAt", segments=8, items=1_000, read_budget=256)


def sample(at: datetime | None = None, **expiries: dict[Expiry, int]) -> Sample:
    """By their prefixes, how many items say in which way when they expire."""
    items = sum(sum(counts.values()) for counts in expiries.values())
    return Sample(at or ago(hours=2), items, items / 4, expiries)
