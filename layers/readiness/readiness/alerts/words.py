"""Formatting for alerts and reports: times, console links and values."""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from readiness.alerts.alert import AlertContext
from readiness.aws.time import minute, second, utc
from readiness.printable import line, printable

CONSOLES = {"aws": "console.aws.amazon.com", "aws-cn": "console.amazonaws.cn"}
GOVERNMENT = "console.amazonaws-us-gov.com"


def instant(at: datetime, zone: str) -> str:
    """Return the time in UTC and in the time zone; in UTC only if the zone is UTC or unknown to this machine."""
    there = local(at, zone)
    return second(at) if there is None else f"{second(at)} ({there:%a %H:%M}, {zone})"


def clock(at: datetime, zone: str) -> str:
    """Return the time of day, in the time zone first: `22:12:02 New York, 03:12:02 UTC`."""
    there = local(at, zone)
    here = f"{there:%H:%M:%S} {_city(zone)}, " if there else ""
    return f"{here}{utc(at):%H:%M:%S} UTC"


def day(at: datetime, zone: str) -> str:
    """Return date and time, in the time zone first: `2026-11-23 22:12:41 America/New_York (03:12:41 UTC)`."""
    there = local(at, zone)
    return second(at) if there is None else f"{there:%Y-%m-%d %H:%M:%S} {zone} ({utc(at):%H:%M:%S} UTC)"


def since(at: datetime, zone: str) -> str:
    """Return date and time to the minute, in the time zone first: `Mon 22:12 New York, 2026-11-24 03:12 UTC`."""
    there = local(at, zone)
    return minute(at) if there is None else f"{there:%a %H:%M} {_city(zone)}, {minute(at)}"


def local(at: datetime, zone: str) -> datetime | None:
    """Return the time in the time zone; None if that is UTC or unknown to this machine."""
    try:
        there = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, OSError, ValueError, OverflowError):  # OSError: a folder such as `Europe`
        return None
    return None if there.tzname() == "UTC" else there


def _city(zone: str) -> str:
    """Return the city of a zone of the IANA database: `New York` of `America/New_York`."""
    return zone.rpartition("/")[2].replace("_", " ")


def console(place: AlertContext) -> str:
    """Return the link to the table in the AWS console of its partition."""
    table = quote(place.table, safe="")
    return f"{_console(place.partition, place.region)}/dynamodbv2/home?region={place.region}#table?name={table}"


def dashboard(partition: str, region: str, name: str) -> str:
    """Return the link to the CloudWatch dashboard; empty if the name is empty."""
    at = f"{_console(partition, region)}/cloudwatch/home?region={region}#dashboards/dashboard/{quote(name, safe='')}"
    return at if name else ""


def _console(partition: str, region: str) -> str:
    return f"https://{region}.{CONSOLES.get(partition, GOVERNMENT)}"


def watched(values: Mapping[str, Any]) -> str:
    """Return watched values on one line, such as `attribute ttl, enabled true`."""
    return ", ".join(f"{key} {value(values[key])}" for key in sorted(values))


def value(thing: Any) -> str:
    """Return one watched value: text as it is, anything else as JSON, with `none` for None; at most 120 characters."""
    shown = _without_none(thing)
    return printable(shown if isinstance(shown, str) else json.dumps(shown, default=str, sort_keys=True))


def _without_none(thing: Any) -> Any:
    if thing is None:
        return "none"
    if isinstance(thing, Mapping):
        return {key: _without_none(each) for key, each in thing.items()}
    return [_without_none(each) for each in thing] if isinstance(thing, (list, tuple)) else thing


def ascii_line(text: str) -> str:
    """Return the text on one line in ASCII; accents are removed, other characters become question marks."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return line(plain).encode("ascii", "replace").decode()


def counted(number: int, thing: str) -> str:
    """Return a number and its noun, such as `1 check`, `2 checks`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"
