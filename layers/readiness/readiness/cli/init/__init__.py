"""`readiness init`: write a first checklist file from what the account shows. Nothing is recorded."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from readiness.aws.client import Aws, connect
from readiness.checklist import defaults
from readiness.cli.exits import Defective, Exit, Failed, Usage
from readiness.cli.failures import answered, called
from readiness.cli.init.content import checklist, unread
from readiness.cli.init.observed import Observed, observed
from readiness.cli.scanning import scan_tables, table_names
from readiness.cli.terminal import agreed, say, writing
from readiness.facts.dynamodb.tags import PERMISSION, tags_of
from readiness.rules import RULES
from readiness.scan import Defects

READ = frozenset({"ttl-enabled", "pitr-enabled", "env-vars-set", "alarms-wired"})
"""The rules that need the facts of the file."""

LISTED = 10
"""The number of tables that an error names."""


def run(table: str, write: Path | None, *, yes: bool) -> Exit:
    """Print the file, or write it. Exit 3: something could not be read; the file says what."""
    aws = connect(complete=True)
    seen = _observed(aws, table or _only_table(aws))
    text = "\n".join(checklist(seen)) + "\n"
    lacks = list(unread(seen))
    for line in lacks:
        say(f"readiness: {line}", sys.stderr)
    if write is None:
        say(text.rstrip("\n"))
    elif not _write(write, text, seen, yes=yes):
        return Exit.OK
    return Exit.UNKNOWN if lacks else Exit.OK


def _only_table(aws: Aws) -> str:
    """Return the name of the only table of the account and Region. Usage: there are several tables, or none."""
    with called("tables", "dynamodb:ListTables"):
        names = sorted(table_names(aws))
    if len(names) == 1:
        return names[0]
    if not names:
        raise Usage(f"account {aws.account} has no tables in {aws.region}")
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    raise Usage(
        f"--table is missing; tables of account {aws.account} in {aws.region}: {', '.join(names[:LISTED])}{more}"
    )


def _observed(aws: Aws, table: str) -> Observed:
    """Return the facts about the table. Failed: the table does not exist."""
    defects = Defects()
    rules = [rule for rule in RULES if rule.id in READ]
    (scanned,) = scan_tables(rules, aws, defaults(table), defects)
    if defects.names:
        raise Defective(f"{', '.join(defects.names)} failed; nothing written")
    if scanned.scan.missing:
        near = ", ".join(scanned.report.existing_tables)
        hint = f"; tables there, the most similar first: {near}" if near else ""
        text = f"{table}: the table does not exist in account {aws.account}, {aws.region}{hint}"
        raise Failed(Exit.CANNOT_START, text)
    tags = answered(PERMISSION, lambda: tags_of(aws, scanned.scan.table))
    return observed(scanned.scan, tags, datetime.now(UTC).date())


def _write(path: Path, text: str, seen: Observed, *, yes: bool) -> bool:
    """Write the file and return True; an existing one is replaced only after a confirmation."""
    there = path.exists()
    action = f"overwrite {path} with a first checklist of {seen.table.name} in account {seen.table.account}"
    if there and not agreed(action, yes=yes, dry_run=False, kept=f"{path} is unchanged"):
        return False
    with writing("--write", path):
        path.write_text(text, encoding="utf-8")
    say(
        f"{path}: first checklist of {seen.table.name} in account {seen.table.account}, {seen.table.region}\n"
        f"Next   fill in what its comments ask for: the owners, the decisions\n"
        f"       readiness validate {path}\n"
        f"       readiness check --config {path}"
    )
    return True
