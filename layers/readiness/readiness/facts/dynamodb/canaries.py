"""Canary items of the monitor, which expire soon and show that TTL deletes items."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from readiness.facts.dynamodb.table import Table
from readiness.model import Given


@dataclass(frozen=True)
class Canaries(Given):
    """The expiry times of the canary items in the table, expired or not; deleted ones are not among them."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    expiries: tuple[datetime, ...]
