"""Times as people type them: a span such as `4h`, a day, or a time in UTC or with a zone."""

import re
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from readiness.aws.time import minute

END_OF_DAY = time(23, 59, 59)

SPAN = re.compile(r"(?:(\d{1,5})d)?(?:(\d{1,5})h)?(?:(\d{1,5})m)?", re.ASCII)

TIME = "a time such as 2026-11-24T18:30 (UTC) or '2026-11-24T18:30 Europe/Berlin'"
SPANS = "a span such as 30m, 4h or 7d"


def instant(text: str) -> datetime:
    """Return the time, which is in UTC if it has no zone. ArgumentTypeError: it is not a time."""
    try:
        return _time(text)
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"found {text!r}, expected {TIME}") from None


def later(text: str) -> datetime:
    """Return the time after a span, a time, or the end of a day. ArgumentTypeError: it is none, or in the past."""
    now = datetime.now(UTC)
    span = span_of(text)
    try:
        until = now + span if span else _day(text) or _time(text)
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"found {text!r}, expected {SPANS}, a day, or {TIME}") from None
    if until <= now:
        raise ArgumentTypeError(f"{minute(until)} is in the past, expected a time after {minute(now)}")
    return until


def earlier(text: str) -> datetime:
    """Return the time a span ago, a time, or the beginning of a day. ArgumentTypeError: it is none."""
    span = span_of(text)
    try:
        return datetime.now(UTC) - span if span else _time(text)
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"found {text!r}, expected {SPANS}, a day, or {TIME}") from None


def file_or_time(text: str) -> Path | datetime:
    """Return the path of an existing file, or the time as `earlier` does. ArgumentTypeError: it is neither."""
    if Path(text).exists():
        return Path(text)
    try:
        return earlier(text)
    except ArgumentTypeError:
        raise ArgumentTypeError(f"found {text!r}, expected an existing snapshot file, {SPANS}, or {TIME}") from None


def span_of(text: str) -> timedelta | None:
    """Return the duration, such as `4h`, `30m`, `7d` or `1h30m`; None if it is not one."""
    found = SPAN.fullmatch(text)
    if not (found and text):
        return None
    days, hours, minutes = (int(each or 0) for each in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes) or None


def _day(text: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(text), END_OF_DAY, UTC)
    except ValueError:
        return None


def _time(text: str) -> datetime:
    """Return the time in UTC. ValueError, OverflowError: it is not a time, or has no UTC time."""
    typed, _, zone = text.partition(" ")
    if zone[:1].isalpha():
        at = datetime.fromisoformat(typed)
        if at.tzinfo:
            raise ValueError(text)
        return at.replace(tzinfo=_zone(zone)).astimezone(UTC)
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError) as error:  # OSError: a folder such as `Europe`
        raise ValueError(name) from error
