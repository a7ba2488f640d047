"""Alarms that a person set off on purpose, to prove that somebody hears them."""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from readiness.engine.fact import fact
from readiness.facts.recorded.attestations import Attestations
from readiness.model import Fact

ATTESTED = "alarms-wired"
"""The rule that a drill is a statement about."""

HOLDS = timedelta(days=180)
"""How long a drill proves anything: people, numbers and subscriptions change."""


class Drill(Struct, frozen=True):
    """One drill: of which alarm, by name and ARN, when, and by whom, an ARN.

    `delivered` is whether each of its actions reached what it calls; None where that could not be seen.
    """

    alarm: str
    alarm_arn: str
    at: datetime
    by: str
    delivered: bool | None


class Drills(Fact):
    """All that are remembered, the last one last, those that have ceased to prove anything included."""

    made: tuple[Drill, ...]


@fact()
def drills(attestations: Attestations) -> Drills:
    """Those that were attested of this very table."""
    told = (drilled(word.evidence) for word in attestations.of(ATTESTED))
    return Drills(tuple(sorted(filter(None, told), key=lambda drill: drill.at)))


def drilled(evidence: str) -> Drill | None:
    """The drill that the evidence of an attestation tells of, as JSON; None where it tells of something else."""
    try:
        return msgspec.json.decode(evidence, type=Drill)
    except msgspec.MsgspecError:
        return None
