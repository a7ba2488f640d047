"""A scan without a run: the findings of each table, with what the table remembers. Writes nothing."""

import difflib
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

import msgspec
from msgspec.structs import replace

from readiness.aws.client import Aws
from readiness.checklist import Settings, TableSettings
from readiness.cli.exits import Defective
from readiness.cli.terminal import progress, say
from readiness.engine.collect import Progress
from readiness.engine.rule import Rule
from readiness.model import Gone
from readiness.report import as_text
from readiness.report.as_text import View
from readiness.report.content import Report, ReportSubject, TableReport, table_report
from readiness.rules.shared.few import few
from readiness.scan import Defects, Scan, checks_of, scan
from readiness.state.announce import announce
from readiness.state.overlay import Overlay
from readiness.state.past import Memory, past_of, without_kept_answers
from readiness.state.store import Remembered, StoreUnavailable, store_of

NEAREST = 3
SIMILAR = 0.4
"""The least similarity of a name to that of a table that does not exist, as difflib measures it."""

MOST_SERVICES = 3
"""The services that the progress names."""

LISTED = 10
"""The existing tables of a report."""


class ScannedTable(msgspec.Struct, frozen=True):
    """One table: its scan, what it remembered before (None: it can't be read), and the report on both."""

    scan: Scan
    remembered: Remembered | None
    report: TableReport


def scan_tables(
    rules: Sequence[Rule],
    aws: Aws,
    settings: Settings,
    defects: Defects,
    *,
    fresh: bool = False,
    source: str = "",
) -> list[ScannedTable]:
    """Scan all tables of the checklist. `fresh`: answers that are kept are fetched too. `source` is for the report."""
    at = datetime.now(UTC)
    with progress(f"reading {', '.join(table.name for table in settings.tables)}") as update:
        memories = {table.name: _read(aws, table) for table in settings.tables}
        known = without_kept_answers(memories) if fresh else memories
        past = past_of(aws, settings, known, checks_of(rules), at)
        scans = scan(rules, aws, settings, past, at, defects=defects, progress=partial(tell, update))
    return [
        ScannedTable(each, known, report_on(settings, each, known, source, existing=tables_of(aws, each)))
        for each in scans
        for known in [_known(memories[each.table.name])]
    ]


def tell(update: Callable[[str], None], done: Progress) -> None:
    """Show how many facts were read, and which services have not answered yet."""
    update(f"{done.read} of {done.planned} facts, waiting for {few(done.services, MOST_SERVICES)}")


def raise_defects(defects: Defects) -> None:
    """Raise Defective if a fact or a check raised an exception."""
    if defects.names:
        raise Defective(f"{', '.join(defects.names)} failed, so the result is UNKNOWN")


def show(report: Report, view: View) -> None:
    """Print the report on stdout, in colour on a terminal."""
    if sys.stdout.isatty():
        as_text.show(report, sys.stdout, view)
    else:
        say(as_text.render(report, view))


def report_on(
    settings: Settings,
    scan: Scan,
    remembered: Remembered | None,
    checklist: str,
    *,
    existing: Sequence[str] = (),
    snapshot: str = "",
) -> TableReport:
    """Return the report on one scan, judged by that checklist, offline if the facts are those of a snapshot file.

    Records about another table of the same name do not apply. `existing` are the names that `tables_of` returns.
    """
    about = remembered.about(scan.table_id) if remembered and scan.table_id else remembered
    place = (scan.table.name, scan.table_id, scan.table.account, scan.table.region)
    at = scan.at.replace(microsecond=0)
    subject = ReportSubject(*place, at, settings.digest, exists=not scan.missing, checklist=checklist)
    subject = replace(subject, snapshot=snapshot, runbook=settings.on_call.runbook)
    nearest = difflib.get_close_matches(scan.table.name, existing, n=NEAREST, cutoff=SIMILAR)
    return table_report(subject, scan.evaluation, _overlay(about, settings, scan), nearest, existing[:LISTED])


def _overlay(remembered: Remembered | None, settings: Settings, scan: Scan) -> Overlay:
    """Return the annotations with their ends, as far as runs have announced them."""
    if remembered is None:
        return Overlay(None, settings, scan.at)
    announcement = announce(remembered, scan.at, settings.limits)
    fresh = announcement.fresh if remembered.version else frozenset()
    return Overlay(announcement.remembered, settings, scan.at, fresh)


def _read(aws: Aws, table: TableSettings) -> Memory:
    try:
        return store_of(aws, table, writer="cli").read()
    except StoreUnavailable as error:
        return error


def _known(memory: Memory) -> Remembered | None:
    """Return the stored state, which is empty if the table does not exist; None if it cannot be read."""
    if isinstance(memory, StoreUnavailable):
        return Remembered() if isinstance(memory.why, Gone) else None
    return memory


def table_names(aws: Aws) -> list[str]:
    """Return the names of all tables of the account and Region."""
    pages = aws.client("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"]]


def tables_of(aws: Aws, scan: Scan) -> Sequence[str]:
    """Return the existing tables if that of the scan does not exist, the most similar name first.

    None are returned if the table exists, or if the tables cannot be listed.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    if not scan.missing:
        return ()
    try:
        names = table_names(aws)
    except (BotoCoreError, ClientError):
        return ()
    matcher = difflib.SequenceMatcher(b=scan.table.name)

    def similarity(name: str) -> float:
        matcher.set_seq1(name)
        return matcher.ratio()

    return sorted(names, key=lambda name: (-similarity(name), name))
