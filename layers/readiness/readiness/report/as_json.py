"""The report for programs."""

import msgspec

from readiness.report.content import Report


def render(report: Report) -> str:
    """JSON after `docs/report.schema.json`, indented, without a newline at its end."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def schema() -> str:
    """The JSON Schema of what `render` returns, with a newline at its end."""
    described = msgspec.json.schema(Report)
    return msgspec.json.format(msgspec.json.encode(described), indent=2).decode() + "\n"
