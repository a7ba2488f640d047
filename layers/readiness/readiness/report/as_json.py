"""The report as JSON."""

import msgspec

from readiness.report.content import Report
from readiness.report.export import as_plain, plain


def render(report: Report) -> str:
    """Return JSON in the schema of `docs/report.schema.json`, indented, without a newline at its end."""
    try:
        encoded = msgspec.json.encode(report, enc_hook=plain)
    except UnicodeEncodeError:  # an ARN or a name has a lone surrogate, which JSON documents of AWS can contain
        encoded = msgspec.json.encode(as_plain(report))
    return msgspec.json.format(encoded, indent=2).decode()


def schema() -> str:
    """Return the JSON Schema of the report, with a newline at its end."""
    described = msgspec.json.schema(Report)
    return msgspec.json.format(msgspec.json.encode(described), indent=2).decode() + "\n"
