"""The signature of rows that only the monitor writes. docs/protocol.md section 8.

The rows are in a table that the application can write. A row that the monitor did not write is not believed.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import Struct

from readiness.state.store.wire import Item

MAC = "mac"
UNSIGNED = frozenset({MAC, "leasedBy", "leaseUntil", "attempts"})
"""The attributes that the signature does not cover. A lease is written by the runs that deliver the message."""

SIGNED = ("STATE#CHECKS", "STATE#FACT#", "STATE#MIRROR#", "OUTBOX#")
"""The beginnings of the sort keys of signed rows, besides `STATE` itself."""


def is_signed_kind(sort_key: str) -> bool:
    """Return True if the monitor signs rows with that sort key."""
    return sort_key == "STATE" or sort_key.startswith(SIGNED)


class Signer(Struct, frozen=True):
    """Signs rows with HMAC-SHA256. `key` has 32 bytes."""

    key: bytes

    def mac(self, item: Item) -> str:
        """Return the signature of an encoded row, its primary key included, as hexadecimal digits."""
        form = {name: _canonical(value) for name, value in item.items() if name not in UNSIGNED}
        text = json.dumps(form, sort_keys=True, separators=(",", ":"))
        return hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()

    def sign(self, item: Item) -> dict[str, Any]:
        """Return the encoded row with its signature."""
        return {**item, MAC: {"S": self.mac(item)}}

    def verifies(self, item: Item) -> bool:
        """Return True if the row has the signature of this key."""
        mac = item.get(MAC, {}).get("S", "")
        return hmac.compare_digest(str(mac).encode(), self.mac(item).encode())


def _canonical(value: Mapping[str, Any]) -> Any:
    """Return an attribute value in a form that does not depend on how DynamoDB spells it, such as 5e-06."""
    ((kind, content),) = value.items()
    match kind:
        case "N":
            return [kind, _number(content)]
        case "M":
            return [kind, {name: _canonical(each) for name, each in content.items()}]
        case "L":
            return [kind, [_canonical(each) for each in content]]
        case "S" | "BOOL" | "NULL":
            return [kind, content]
        case _:  # bytes, and the sets that the monitor does not write
            return [kind, repr(content)]


def _number(text: str) -> str:
    number = Decimal(text)
    return f"{number.normalize():f}" if number else "0"
