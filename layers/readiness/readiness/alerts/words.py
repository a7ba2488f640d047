"""How a thing is put: times, links, lengths, and what can stand in a line of text."""

import json
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from readiness.alerts.news import Whereabouts

CONSOLES = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn"}
GOVERNMENT = "console.amazonaws-us-gov.com"


def instant(at: datetime, zone: str) -> str:
    """In UTC, and in the zone on call lives in; UTC alone where that is it, or is no zone this machine knows."""
    said = f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    try:
        there = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return said
    return said if there.tzname() == "UTC" else f"{said} ({there:%a %H:%M}, {zone})"


def console(place: Whereabouts) -> str:
    """The table in the console of its partition."""
    table = quote(place.table, safe="")
    return f"{_console(place.partition, place.region)}/dynamodbv2/home?region={place.region}#table?name={table}"


def dashboard(partition: str, region: str, name: str) -> str:
    """The dashboard of that name in the console; empty where there is none."""
    at = f"{_console(partition, region)}/cloudwatch/home?region={region}#dashboards/dashboard/{quote(name, safe='')}"
    return at if name else ""


def _console(partition: str, region: str) -> str:
    return f"https://{region}.{CONSOLES.get(partition, GOVERNMENT)}"


def watched(values: Mapping[str, Any]) -> str:
    """Such as `attribute ttl, enabled true`."""
    return ", ".join(f"{key} {value(values[key])}" for key in sorted(values))


def value(thing: Any) -> str:
    """One watched value in a line: text as it is, anything else as JSON."""
    return clip(thing if isinstance(thing, str) else json.dumps(thing, default=str, sort_keys=True), 120)


def line(text: str) -> str:
    """On one line, without control characters."""
    return " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text).split())


def ascii_line(text: str) -> str:
    """The same in ASCII: accents are dropped, and what has no likeness becomes a question mark."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return line(plain).encode("ascii", "replace").decode()


def clip(text: str, limit: int) -> str:
    """At most `limit` characters; three dots say that something was cut."""
    return text if len(text) <= limit else text[: limit - 3].rstrip() + "..."


def counted(number: int, thing: str) -> str:
    """Such as `1 check`, `2 checks`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
