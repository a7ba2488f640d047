"""Mistakes in the checklist file that types do not show: contradictions, malformed ids, and unknown rules."""

import difflib
import json
import re
import zoneinfo
from collections.abc import Collection, Iterator

import msgspec

from readiness.checklist import FunctionSettings, Settings, TableSettings, fits_name
from readiness.checklist.defaults import NOTHING, SECTIONS, is_unused, value_of

Key = tuple[str | int, ...]
"""The path of a value in the file, such as `("tables", 0, "name")`."""

BARE = re.compile(r"[A-Za-z0-9_-]+")
"""A key that TOML accepts without quotation marks."""

TABLE_NAME = re.compile(r"[A-Za-z0-9_.-]{3,255}")
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html"""

NAMED = "3 to 255 letters, digits, dots, hyphens and underscores"

ACCOUNT_DIGITS = 12
ORGANIZATION = re.compile(r"o-[a-z0-9]{10,32}")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html"""


class Mistake(msgspec.Struct, frozen=True):
    """One mistake in the file, and its key."""

    key: Key
    text: str


def inconsistent(settings: Settings, rules: Collection[str] | None) -> Iterator[Mistake]:
    """Yield the mistakes in values of the correct types. `rules` are the ids that may have an owner; None: any."""
    names = [table.name for table in settings.tables]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Mistake(("tables",), f"found the table {name!r} twice, expected each once")
    if settings.account:
        yield from _no_account(("account",), settings.account)
    for number, table in enumerate(settings.tables):
        yield from _in_table(("tables", number), table)
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
    return f", did you mean {near[0]}?" if near else f"; known are {', '.join(sorted(known))}"


def _no_account(key: Key, account: str) -> Iterator[Mistake]:
    if not (account.isdecimal() and len(account) == ACCOUNT_DIGITS):
        yield Mistake(key, f"found {account!r}, expected the 12 digits of an AWS account")


def _in_table(key: Key, table: TableSettings) -> Iterator[Mistake]:
    """Yield malformed names and ids, and the names in `not_used` that are not settings or also have a value."""
    if not TABLE_NAME.fullmatch(table.name):
        yield Mistake((*key, "name"), f"found {table.name!r}, expected the name of a table: {NAMED}")
    for number, account in enumerate(table.trusted_accounts):
        yield from _no_account((*key, "trusted_accounts", number), account)
    organization = table.trusted_organization
    if organization and not ORGANIZATION.fullmatch(organization):
        expected = "expected the id of an organization such as 'o-a1b2c3d4e5'"
        yield Mistake((*key, "trusted_organization"), f"found {organization!r}, {expected}")
    known = [*NOTHING, *SECTIONS]
    for number, setting in enumerate(table.not_used):
        where = (*key, "not_used", number)
        if setting not in known:
            yield Mistake(where, f"unknown setting {setting!r}{nearest(setting, known)}")
        said = [each for each in NOTHING if is_unused(each, (setting,)) and value_of(table, each)]
        if said:
            yield Mistake(where, f"found {setting!r}, and a value of {said[0]}, expected one of the two")


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
    except (zoneinfo.ZoneInfoNotFoundError, OSError, ValueError):  # OSError: a folder such as `Europe`
        text = f"found {settings.on_call.time_zone!r}, expected a name such as 'Europe/Berlin'"
        yield Mistake(("on_call", "time_zone"), text)
