"""A scan without a run: the findings of each table, with what the table remembers. Writes nothing."""

import difflib
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from readiness.aws.client import Aws
from readiness.checklist import Settings, TableSettings
from readiness.cli.start import judged_by
from readiness.cli.terminal import progress, say
from readiness.engine.rule import Rule
from readiness.model import Gone
from readiness.report import as_text
from readiness.report.content import Report, ReportSubject, TableReport, table_report
from readiness.scan import Defects, Scan, checks_of, scan
from readiness.state.overlay import Overlay
from readiness.state.past import Memory, past_of, without_kept_answers
from readiness.state.store import Remembered, StoreUnavailable, store_of

NEAREST = 3


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
    config: Path | None = None,
) -> list[ScannedTable]:
    """Scan all tables of the checklist, which is that of `config`. `fresh`: answers that are kept are fetched too."""
    at = datetime.now(UTC)
    with progress(f"reading {', '.join(table.name for table in settings.tables)}"):
        memories = {table.name: _read(aws, table) for table in settings.tables}
        known = without_kept_answers(memories) if fresh else memories
        past = past_of(aws, settings, known, checks_of(rules), at)
        scans = scan(rules, aws, settings, past, at, defects=defects)
    return [_scanned(aws, settings, each, memories[each.table.name], judged_by(config)) for each in scans]


def _scanned(aws: Aws, settings: Settings, scan: Scan, memory: Memory, checklist: str) -> ScannedTable:
    remembered = _known(memory)
    return ScannedTable(scan, remembered, report_on(settings, scan, remembered, checklist, nearest_to(aws, scan)))


def show(report: Report) -> None:
    """Print the report on stdout, in colour on a terminal."""
    if sys.stdout.isatty():
        as_text.show(report, sys.stdout)
    else:
        say(as_text.render(report))


def report_on(
    settings: Settings, scan: Scan, remembered: Remembered | None, checklist: str, nearest: Iterable[str] = ()
) -> TableReport:
    """Return the report on one scan, judged by that checklist.

    What was said of another table holds no more once it is known which this is.
    """
    about = remembered.about(scan.table_id) if remembered and scan.table_id else remembered
    subject = _subject(scan, settings, checklist)
    return table_report(subject, scan.evaluation, Overlay(about, settings, scan.at), nearest)


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


def _subject(scan: Scan, settings: Settings, checklist: str) -> ReportSubject:
    table = scan.table
    at = scan.at.replace(microsecond=0)
    place = (table.name, scan.table_id, table.account, table.region)
    return ReportSubject(*place, at, settings.digest, exists=not scan.missing, checklist=checklist)


def nearest_to(aws: Aws, scan: Scan) -> Iterable[str]:
    """Return existing names similar to that of a table that does not exist; none if they cannot be listed."""
    from botocore.exceptions import BotoCoreError, ClientError

    if not scan.missing:
        return ()
    try:
        pages = aws.client("dynamodb").get_paginator("list_tables").paginate()
        names = [name for page in pages for name in page["TableNames"]]
    except (BotoCoreError, ClientError):
        return ()
    return difflib.get_close_matches(scan.table.name, names, n=NEAREST, cutoff=0.4)
