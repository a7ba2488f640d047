"""Rows of the table as text."""

import json
import zlib
from collections.abc import Sequence
from typing import Any


def text_of(rows: Sequence[dict[str, Any]]) -> str:
    """Return all that the rows hold, also what they hold compressed."""
    return json.dumps(rows, default=lambda compressed: zlib.decompress(compressed).decode())
