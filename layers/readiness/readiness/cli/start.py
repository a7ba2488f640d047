"""How every command starts: which rules, which tables, which account."""

import difflib
from collections.abc import Collection, Sequence
from pathlib import Path

from readiness.aws.client import Aws, connect
from readiness.checklist import Settings, defaults, load
from readiness.cli.exits import Usage
from readiness.engine.rule import Check, Rule
from readiness.rules import ASKED, RULES
from readiness.run import assert_expected


def chosen(ids: Sequence[str]) -> list[Rule]:
    """The rules of these ids, in the order of the checklist; all where none is named. Usage: there is no such rule."""
    known = [rule.id for rule in ASKED]
    for name in ids:
        if name not in known:
            msg = f"there is no rule {name!r}{nearest(name, known)}"
            raise Usage(msg)
    return [rule for rule in ASKED if not ids or rule.id in ids]


def check_of(name: str) -> Check:
    """The check of that id. Usage: there is none."""
    (rule,) = chosen([name.partition("/")[0]])
    found = next((check for check in rule.checks if check.id == name), None)
    if found is None:
        msg = f"there is no check {name!r}{nearest(name, [check.id for check in rule.checks])}"
        raise Usage(msg)
    return found


def nearest(name: str, known: Collection[str]) -> str:
    """What a person who typed `name` may have meant; all that there is, where nothing is like it."""
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"


def settings_for(table: str, config: Path | None) -> Settings:
    """The checklist file, or the defaults; of it the one table where one is named."""
    if config is None:
        return defaults(table) if table else Settings()
    settings = load(config, [rule.id for rule in RULES], table)
    return settings.only(table) if table else settings


def judged_by(config: Path | None) -> str:
    """What every report says of where the wishes come from."""
    return str(config) if config else "built-in defaults"


def account_for(settings: Settings) -> Aws:
    """The account and Region that boto3's configuration leads to. CannotStart: they are not those of the checklist."""
    aws = connect()
    assert_expected(aws, settings)
    return aws
