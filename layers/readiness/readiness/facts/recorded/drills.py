"""Alarm drills: alarms that a person set to ALARM to prove their delivery."""

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from readiness.engine.fact import fact
from readiness.facts.recorded.attestations import Attestations
from readiness.model import Fact

ATTESTED = "alarms-wired"
"""The rule of which a drill is an attestation."""

HOLDS = timedelta(days=180)
"""The validity of a drill: people, telephone numbers and subscriptions change."""


class Drill(Struct, frozen=True):
    """A drill of an alarm by a person, an ARN. `delivered`: each action was; None where that is not known."""

    alarm: str
    alarm_arn: str
    at: datetime
    by: str
    delivered: bool | None


class Drills(Fact):
    """All recorded drills, the newest last, expired ones included."""

    made: tuple[Drill, ...]


@fact()
def drills(attestations: Attestations) -> Drills:
    """Return the drills that were attested for this table."""
    told = (drilled(word.evidence) for word in attestations.of(ATTESTED))
    return Drills(tuple(sorted(filter(None, told), key=lambda drill: drill.at)))


def drilled(evidence: str) -> Drill | None:
    """Return the drill in the evidence of an attestation, as JSON; None where it is something else."""
    try:
        return msgspec.json.decode(evidence, type=Drill)
    except msgspec.MsgspecError:
        return None
