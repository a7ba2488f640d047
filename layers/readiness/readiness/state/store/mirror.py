"""The row `STATE#MIRROR#<pager>`: the incidents that were sent to a pager. docs/protocol.md section 3."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.state.people import Instant
from readiness.state.store.head import STATE
from readiness.state.store.wire import Item, decode_item
from readiness.state.table_id import UNKNOWN

MIRROR = f"{STATE}#MIRROR#"


class MirrorEntry(Struct, frozen=True, rename="camel", omit_defaults=True):
    """One incident as it was last sent. `sent_at` is None while it is about to be sent.

    `unsure`: it must be sent once more, because a pager can receive events late and in another order.
    """

    open: bool = False
    unsure: bool = False
    sent_at: Instant | None = None


class Mirror(Struct, frozen=True, rename="camel"):
    """The incidents that were sent to a pager. An incident that is not in `keys` is closed.

    `keys` are the first ids of checks. `swept_at` is the time when all incidents were last sent, `version` the version
    of the stored state that was mirrored, and `target` the ARN of the event bus or topic.
    """

    keys: Mapping[str, MirrorEntry] = field(default_factory=dict)
    table_id: str = UNKNOWN
    swept_at: Instant | None = None
    version: int = 0
    target: str = ""

    @property
    def open(self) -> list[str]:
        """Return the keys of the incidents that were last sent as open."""
        return sorted(key for key, each in self.keys.items() if each.open)


def mirror_values(mirror: Mirror) -> dict[str, Any]:
    """Return the attributes of the row."""
    values: dict[str, Any] = msgspec.to_builtins(mirror, builtin_types=(datetime,))
    return values


def mirror_of(item: Item) -> Mirror | None:
    """Return the mirror in an encoded row; None if it has another form."""
    row = decode_item(item)
    if "keys" not in row:
        return None
    try:
        return msgspec.convert(row, Mirror)
    except msgspec.ValidationError:
        return None
