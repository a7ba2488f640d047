"""Canary items of the monitor, which expire soon and show that TTL deletes items."""

from datetime import datetime
from typing import ClassVar

from readiness.facts.dynamodb.table import Table
from readiness.model import Fact, Given


class Canaries(Given, Fact):
    """The expiry times of the canary items in the table, expired or not; deleted ones are not among them."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    expiries: tuple[datetime, ...]
