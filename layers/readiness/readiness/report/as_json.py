"""The report as JSON."""

from collections.abc import Mapping
from typing import Any

import msgspec

from readiness.report.content import Report


def render(report: Report) -> str:
    """Return JSON in the schema of `docs/report.schema.json`, indented, without a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(report, enc_hook=_plain), indent=2).decode()


def schema() -> str:
    """Return the JSON Schema of the report, with a newline at its end."""
    described = msgspec.json.schema(Report)
    return msgspec.json.format(msgspec.json.encode(described), indent=2).decode() + "\n"


def _plain(value: Any) -> Any:
    """Convert values that JSON cannot represent, so that no evidence prevents the report."""
    return dict(value) if isinstance(value, Mapping) else str(value)
