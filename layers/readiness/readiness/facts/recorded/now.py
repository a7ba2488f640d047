"""The instant of the snapshot."""

from dataclasses import dataclass
from datetime import datetime

from readiness.model import Given


@dataclass(frozen=True)
class Now(Given):
    """When the facts were collected, in UTC. Time is a fact: a check that asked the clock could not be judged again."""

    at: datetime
