"""Settings that only the owner of a table knows. Only the table `babesclub-commerce` has defaults for them."""

from collections.abc import Mapping
from functools import reduce
from typing import Any

OURS = "babesclub-commerce"

NOTHING: Mapping[str, Any] = {
    "tags": {},
    "functions.name_patterns": [],
    "functions.tags": {},
    "functions.environment": {},
    "functions.dead_letters_required": [],
    "write_failures.namespace": "",
    "write_failures.domains": [],
    "drills.staging_table": "",
    "documentation.plan": "",
    "documentation.runbooks": [],
    "documentation.env": [],
    "documentation.env_readme": "",
    "documentation.iam": "",
}
"""The empty value of each such setting, by its name in the file."""

FITS_ANY = frozenset({"documentation.env"})
"""Settings that keep their default for every table, because most applications use the same names."""

SECTIONS = ("documentation", "functions", "write_failures")
"""Sections that `not_used` can name as a whole."""

FOR_ALL_TABLES = ("documentation", "functions")
"""Sections that apply to every table that has no such section of its own."""


def is_unused(setting: str, not_used: tuple[str, ...]) -> bool:
    """Return True if `not_used` names the setting or its section."""
    return setting in not_used or setting.partition(".")[0] in not_used


def value_of(settings: Any, setting: str) -> Any:
    """Return the value of a setting by its name; None if the file has no such section."""
    return reduce(lambda part, name: getattr(part, name, None), setting.split("."), settings)


def settled(raw: Mapping[str, Any], name: str = "") -> Mapping[str, Any]:
    """Return the content of the file with an empty value for each setting that has no default for its table.

    `name` is the name of the deployed table; it applies if the file has one table only, with another name. A setting
    with an empty value counts as not used. Malformed content is returned unchanged, so that it can be reported.
    """
    tables = raw.get("tables", [{}])
    parts = [raw.get(section, {}) for section in FOR_ALL_TABLES]
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in (*tables, *parts)):
        return raw
    alone = name if len(tables) == 1 and name not in [each.get("name") for each in tables] else ""
    return {**raw, "tables": [_settled(table, raw, alone or str(table.get("name", OURS))) for table in tables]}


def _settled(table: Mapping[str, Any], raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    said = {setting: _place(setting, table, raw) for setting in NOTHING}
    if not all(isinstance(place, dict) for place in said.values()):
        return table
    empty = [setting for setting in NOTHING if said[setting].get(_key(setting)) == NOTHING[setting]]
    not_used = table.get("not_used", [])
    unused = (*not_used, *empty) if isinstance(not_used, list) else tuple(empty)
    unsaid = [setting for setting in NOTHING if _key(setting) not in said[setting]]
    filled = [each for each in unsaid if (name != OURS and each not in FITS_ANY) or is_unused(each, unused)]
    general = {section for section in FOR_ALL_TABLES if section not in table}
    filled += [each for each in NOTHING if each.partition(".")[0] in general and is_unused(each, unused)]
    whole = dict(table) | ({"not_used": list(unused)} if isinstance(not_used, list) and empty else {})
    for setting in filled:
        section = setting.rpartition(".")[0]
        if section:
            whole[section] = {**whole.get(section, said[setting]), _key(setting): NOTHING[setting]}
        else:
            whole[setting] = NOTHING[setting]
    return whole


def _place(setting: str, table: Mapping[str, Any], raw: Mapping[str, Any]) -> Any:
    """Return the section of the file that contains the setting, or would contain it."""
    section = setting.rpartition(".")[0]
    if not section:
        return table
    return table.get(section, raw.get(section, {}) if section in FOR_ALL_TABLES else {})


def _key(setting: str) -> str:
    return setting.rpartition(".")[2]
