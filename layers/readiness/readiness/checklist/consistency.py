"""Mistakes in the checklist file that types do not show: contradictions, malformed ids, and unknown rules."""

import difflib
import json
import re
import zoneinfo
from collections.abc import Collection, Iterator
from functools import reduce
from typing import Any

import msgspec

from readiness.checklist.defaults import NOTHING, SECTIONS, is_unused
from readiness.checklist.settings import FunctionSettings, Settings, TableSettings, fits_name

Key = tuple[str | int, ...]
"""The path of a value in the file, such as `("tables", 0, "name")`."""

BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML accepts without quotation marks."""

ACCOUNT_DIGITS = 12
ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""


class Mistake(msgspec.Struct, frozen=True):
    """One mistake in the file, and its key."""

    key: Key
    text: str


def inconsistent(settings: Settings, rules: Collection[str] | None) -> Iterator[Mistake]:
    """Yield the mistakes in values of the correct types. `rules` are the ids that may have an owner; None: any."""
    yield from _twice(settings.tables)
    yield from _no_ids(settings)
    yield from _unknown(settings.tables)
    yield from _contradicted(settings.tables)
    yield from _unreachable(settings)
    known = {*(settings.owners if rules is None else rules), "default"}
    for rule in sorted(set(settings.owners) - known):
        yield Mistake(("owners", rule), f"unknown rule{nearest(rule, known)}")
    for key, functions in functions_of(settings):
        for number, name in enumerate(functions.names):
            if fits_name(name, functions.not_ours):
                text = f"found {name!r}, which not_ours excludes, expected it in one of the two"
                yield Mistake((*key, "names", number), text)


def functions_of(settings: Settings) -> Iterator[tuple[Key, FunctionSettings]]:
    """Yield each `functions` section of the file, with its key."""
    yield ("functions",), settings.functions
    for number, table in enumerate(settings.tables):
        if table.functions:
            yield ("tables", number, "functions"), table.functions


def spelled(key: Key) -> str:
    """Return the key as people read it: `tables[0].name`, with quotation marks where TOML needs them."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_quoted(part)}" for part in key).lstrip(".")


def _quoted(part: str) -> str:
    return part if BARE.fullmatch(part) else json.dumps(part, ensure_ascii=not part.isprintable())


def nearest(name: str, known: Collection[str]) -> str:
    """Return a hint for an unknown name: the most similar known name, or all known names if none is similar."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known))}"


def _twice(tables: Collection[TableSettings]) -> Iterator[Mistake]:
    names = [table.name for table in tables]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Mistake(("tables",), f"found the table {name!r} twice, expected each once")


def _no_ids(settings: Settings) -> Iterator[Mistake]:
    """Yield the texts that are not ids of an account or an organization where one is expected."""
    accounts: dict[Key, str] = {("account",): settings.account} if settings.account else {}
    for number, table in enumerate(settings.tables):
        accounts |= {("tables", number, "trusted_accounts", i): each for i, each in enumerate(table.trusted_accounts)}
        organization = table.trusted_organization
        if organization and not ORGANIZATION.fullmatch(organization):
            expected = "expected the id of an organization such as 'o-a1b2c3d4e5'"
            yield Mistake(("tables", number, "trusted_organization"), f"found {organization!r}, {expected}")
    for key, account in accounts.items():
        if not (account.isdecimal() and len(account) == ACCOUNT_DIGITS):
            yield Mistake(key, f"found {account!r}, expected the 12 digits of an AWS account")


def _unknown(tables: Collection[TableSettings]) -> Iterator[Mistake]:
    """Yield the names in `not_used` that are not settings."""
    known = [*NOTHING, *SECTIONS]
    for number, table in enumerate(tables):
        for place, setting in enumerate(table.not_used):
            if setting not in known:
                yield Mistake(
                    ("tables", number, "not_used", place), f"unknown setting {setting!r}{nearest(setting, known)}"
                )


def _contradicted(tables: Collection[TableSettings]) -> Iterator[Mistake]:
    """Yield the settings that are listed in `not_used` and also have a value."""
    for number, table in enumerate(tables):
        for place, setting in enumerate(table.not_used):
            said = [each for each in NOTHING if is_unused(each, (setting,)) and _value(table, each)]
            if said:
                found = f"found {setting!r}, and a value of {said[0]}, expected one of the two"
                yield Mistake(("tables", number, "not_used", place), found)


def _value(settings: Any, setting: str) -> Any:
    """Return the value of a setting by its name; None if the file has no such section."""
    return reduce(lambda part, name: getattr(part, name, None), setting.split("."), settings)


def _unreachable(settings: Settings) -> Iterator[Mistake]:
    """Yield the roles, endpoints and time zones that are malformed or unknown."""
    role = settings.cost.payer_role_arn
    if role and ":role/" not in role:
        example = "arn:aws:iam::123456789012:role/costs"
        yield Mistake(("cost", "payer_role_arn"), f"found {role!r}, expected the ARN of a role such as {example!r}")
    for number, endpoint in enumerate(settings.on_call.endpoints):
        if ":" not in endpoint:
            text = f"found {endpoint!r}, expected protocol:endpoint such as 'sms:*'"
            yield Mistake(("on_call", "endpoints", number), text)
    try:
        zoneinfo.ZoneInfo(settings.on_call.time_zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        text = f"found {settings.on_call.time_zone!r}, expected a name such as 'Europe/Berlin'"
        yield Mistake(("on_call", "time_zone"), text)
