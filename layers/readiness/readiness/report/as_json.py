"""The report for programs."""

from collections.abc import Mapping
from typing import Any

import msgspec

from readiness.report.content import Report


def render(report: Report) -> str:
    """JSON after `docs/report.schema.json`, indented, without a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(report, enc_hook=_plain), indent=2).decode()


def schema() -> str:
    """The JSON Schema of what `render` returns, with a newline at its end."""
    described = msgspec.json.schema(Report)
    return msgspec.json.format(msgspec.json.encode(described), indent=2).decode() + "\n"


def _plain(value: Any) -> Any:
    """What JSON has no form for, as something that it has: whatever a check observed, the report is printed."""
    return dict(value) if isinstance(value, Mapping) else str(value)
