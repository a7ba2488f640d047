"""Items of ours that expire soon, by which time to live shows that it works."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.facts.dynamodb.table import Table
from readiness.model import Given


@dataclass(frozen=True)
class Canaries(Given):
    """When each canary that is still in the table expires, or has; one that is deleted is no longer among them."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    expiries: tuple[datetime, ...]
