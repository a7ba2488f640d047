"""What only the shop itself can say of a table: for `babesclub-commerce` there are defaults, for any other none."""

from collections.abc import Mapping
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
"""By its name in the file, what such a setting is while nobody has said it."""

FITS_ANY = frozenset({"documentation.env"})
"""What is called the same in most shops keeps its default for every table."""

SECTIONS = ("documentation", "functions", "write_failures")
"""Parts of the file that a table may have no use for as a whole."""

FOR_ALL_TABLES = ("documentation", "functions")
"""What the file says of these for all tables holds for each that does not say them itself."""


def is_unused(setting: str, not_used: tuple[str, ...]) -> bool:
    """Whether the table is said to have no use for the setting."""
    return setting in not_used or setting.partition(".")[0] in not_used


def settled(raw: Mapping[str, Any], name: str = "") -> Mapping[str, Any]:
    """The file as it is to be read: no table but our own gets a default of ours.

    `name` is that of the table where the file has only one, under another name. An empty setting says that there is no
    use for it. What is not of the form of a checklist stays as it is, to be explained.
    """
    tables = raw.get("tables", [{}])
    parts = [raw.get(section, {}) for section in FOR_ALL_TABLES]
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in (*tables, *parts)):
        return raw
    alone = name if len(tables) == 1 and name not in {each.get("name") for each in tables} else ""
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
    filled += [each for each in NOTHING if _is_general(each, table) and is_unused(each, unused)]
    whole = dict(table) | ({"not_used": list(unused)} if isinstance(not_used, list) and empty else {})
    for setting in filled:
        section = setting.rpartition(".")[0]
        if section:
            whole[section] = {**whole.get(section, said[setting]), _key(setting): NOTHING[setting]}
        else:
            whole[setting] = NOTHING[setting]
    return whole


def _place(setting: str, table: Mapping[str, Any], raw: Mapping[str, Any]) -> Any:
    """The part of the file that says it, if any does."""
    section = setting.rpartition(".")[0]
    if not section:
        return table
    return table.get(section, raw.get(section, {}) if section in FOR_ALL_TABLES else {})


def _is_general(setting: str, table: Mapping[str, Any]) -> bool:
    """Whether it is said for all tables, if at all: a table that has no use for it goes without."""
    section = setting.rpartition(".")[0]
    return section in FOR_ALL_TABLES and section not in table


def _key(setting: str) -> str:
    return setting.rpartition(".")[2]
