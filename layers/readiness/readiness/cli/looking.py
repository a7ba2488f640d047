"""A look from here: what is found of each table, laid over what the table remembers."""

import difflib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from readiness.aws.client import Aws
from readiness.checklist import Settings, TableSettings
from readiness.cli.start import judged_by
from readiness.cli.terminal import progress, say
from readiness.model import Gone
from readiness.report import as_text
from readiness.report.content import Report, Subject, TableReport, table_report
from readiness.run.look import Look, Looking
from readiness.run.monitor import Memory, afresh, past_of, store_of
from readiness.state.overlay import Overlay
from readiness.state.store import Remembered, StoreUnavailable

NEAREST = 3


@dataclass(frozen=True)
class Seen:
    """One table: what was looked at, what it remembered before (None: it can't be read), and the report on both."""

    look: Look
    remembered: Remembered | None
    report: TableReport


def look_around(looking: Looking, *, fresh: bool, config: Path | None = None) -> list[Seen]:
    """All tables of the checklist, which is that of `config`. `fresh`: what is kept for a day is asked again."""
    at, aws, settings = datetime.now(UTC), looking.aws, looking.settings
    with progress(f"reading {', '.join(table.name for table in settings.tables)}"):
        memories = {table.name: _read(aws, table) for table in settings.tables}
        past = past_of(aws, settings, afresh(memories) if fresh else memories, looking.checks, at)
        looks = list(looking.look(at, past))
    return [_seen(aws, settings, look, memories[look.table.name], judged_by(config)) for look in looks]


def _seen(aws: Aws, settings: Settings, look: Look, memory: Memory, checklist: str) -> Seen:
    remembered = _known(memory)
    return Seen(look, remembered, report_on(settings, look, remembered, checklist, nearest_to(aws, look)))


def show(report: Report) -> None:
    """The report for people on stdout, in colour where that is a terminal."""
    if sys.stdout.isatty():
        as_text.show(report, sys.stdout)
    else:
        say(as_text.render(report))


def report_on(
    settings: Settings, look: Look, remembered: Remembered | None, checklist: str, nearest: Iterable[str] = ()
) -> TableReport:
    """The report on one look, judged by that checklist.

    What was said of another table holds no more once it is known which this is.
    """
    about = remembered.about(look.table_id) if remembered and look.table_id else remembered
    return table_report(_subject(look, settings, checklist), look.judgement, Overlay(about, settings, look.at), nearest)


def _read(aws: Aws, table: TableSettings) -> Memory:
    try:
        return store_of(aws, table, writer="cli").read()
    except StoreUnavailable as error:
        return error


def _known(memory: Memory) -> Remembered | None:
    """What the table remembers, which is nothing if it does not exist; None where it can't be read."""
    if isinstance(memory, StoreUnavailable):
        return Remembered() if isinstance(memory.why, Gone) else None
    return memory


def _subject(look: Look, settings: Settings, checklist: str) -> Subject:
    table = look.table
    at = look.at.replace(microsecond=0)
    place = (table.name, look.table_id, table.account, table.region)
    return Subject(*place, at, settings.digest, exists=not look.missing, checklist=checklist)


def nearest_to(aws: Aws, look: Look) -> Iterable[str]:
    """Names like that of a table which does not exist; none where they can't be listed."""
    from botocore.exceptions import BotoCoreError, ClientError

    if not look.missing:
        return ()
    try:
        pages = aws.client("dynamodb").get_paginator("list_tables").paginate()
        names = [name for page in pages for name in page["TableNames"]]
    except (BotoCoreError, ClientError):
        return ()
    return difflib.get_close_matches(look.table.name, names, n=NEAREST, cutoff=0.4)
