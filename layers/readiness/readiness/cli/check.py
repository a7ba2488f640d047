"""`readiness check`: check the account as it is now, or the facts of a snapshot file."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.cli.exits import Exit, Failed, Usage, first
from readiness.cli.names import chosen
from readiness.cli.scanning import raise_defects, report_on, scan_tables, show, tables_of, tell
from readiness.cli.start import ChosenSettings, account_for, chosen_settings, selecting
from readiness.cli.terminal import progress, say, writing
from readiness.engine.rule import Rule
from readiness.model import Status
from readiness.printable import line
from readiness.report.as_text import View
from readiness.report.content import Report, TableReport
from readiness.report.foot import by_lack
from readiness.report.formats import SUFFIXES, format_of, listed
from readiness.report.rendering import Extras, render
from readiness.report.timeline import Timeline
from readiness.scan import Defects, Scan, evaluated

TEXT, HTML = "text", "html"


@dataclass(frozen=True)
class Options:
    """The options. An empty `table` means all tables of the checklist, empty `rules` all rules."""

    table: str = ""
    config: Path | None = None
    format: str | None = None
    output: Sequence[Path] = ()
    rules: Sequence[str] = ()
    save_snapshot: Path | None = None
    snapshot: Path | None = None
    fresh: bool = False
    record: bool = False
    require_complete: bool = False
    fail_on: Literal["fail", "warn"] = "fail"
    verbose: bool = False
    order: Literal["worst", "checklist"] = "worst"

    @property
    def view(self) -> View:
        """The options of the report."""
        table = "" if self.snapshot else selecting(self.table, self.config)
        return View(self.verbose, self.order, table, str(self.config or ""))

    @property
    def files(self) -> list[tuple[Path, str]]:
        """The files to write, each with its format: that of its suffix, else `--format`."""
        return [(path, format_of(path) or self.format or TEXT) for path in self.output]

    @property
    def printed(self) -> str | None:
        """The format of stdout: `--format`. None: it is written to a file instead."""
        name = self.format or TEXT
        return None if name in {each for _, each in self.files} else name


def run(**typed: Any) -> Exit:
    """Print the report and return the exit code. The keywords are the fields of `Options`."""
    options = Options(**typed)
    _consistent(options)
    defects = Defects()
    problems: list[str] = []
    timelines: dict[str, Timeline] = {}
    report = Report(tuple(_judged(options, defects, problems, timelines)))
    _print(report, options, timelines)
    if options.require_complete and options.printed != TEXT:
        _list(report)
    raise_defects(defects)
    if problems:
        raise Failed(Exit.CANNOT_START, "\n".join(problems))
    return first(_exits(report, options))


def _consistent(options: Options) -> None:
    for path in options.output:
        _consistent_output(path, options.format)
    if options.record and (options.rules or options.snapshot):
        raise Usage("--record records all rules: it cannot be used with --rule or --snapshot")
    if options.snapshot and (options.table or options.config or options.fresh):
        raise Usage(
            "--snapshot uses the tables and settings of the file: it cannot be used with --table, --config or --fresh"
        )


def _consistent_output(path: Path, wanted: str | None) -> None:
    """Refuse a file whose suffix is none of a format, unless `--format` names one, or is that of another format."""
    found = format_of(path)
    if found is None and wanted is None:
        raise Usage(
            f"--output {path}: the suffix names no format, expected {listed(SUFFIXES.values())}, or use --format"
        )
    if found and wanted and found != wanted:
        raise Usage(
            f"--output {path}: the suffix names the format {found}, but --format is {wanted}:"
            f" use {SUFFIXES[wanted]}, or leave out --format"
        )


def _judged(
    options: Options, defects: Defects, problems: list[str], timelines: dict[str, Timeline]
) -> Iterator[TableReport]:
    """Return the reports of the tables.

    Errors of recording are added to `problems`, and the timelines of a report as HTML to `timelines`.
    """
    rules = chosen(options.rules)
    if options.snapshot:
        return _offline(options.snapshot, rules, defects)
    selected = chosen_settings(options.table, options.config)
    settings, source = selected
    aws = account_for(settings)
    if options.record:
        reports = _recorded(aws, selected, defects, problems, options)
    else:
        scanned = scan_tables(rules, aws, settings, defects, fresh=options.fresh, source=source)
        _keep(scanned[0].scan, settings, options.save_snapshot)
        reports = (each.report for each in scanned)
    if HTML in {options.printed, *(name for _, name in options.files)}:
        return _with_timelines(aws, settings, reports, timelines)
    return reports


def _with_timelines(
    aws: Aws, settings: Settings, reports: Iterator[TableReport], timelines: dict[str, Timeline]
) -> Iterator[TableReport]:
    from readiness.cli.timelines import stored_timeline

    for table, report in zip(settings.tables, reports, strict=True):
        timelines[report.table] = stored_timeline(aws, table, report)
        yield report


def _offline(path: Path, rules: Sequence[Rule], defects: Defects) -> Iterator[TableReport]:
    from readiness.report import snapshot_file

    try:
        saved = snapshot_file.load(path)
    except snapshot_file.SnapshotError as error:
        raise Usage(str(error)) from None
    try:
        scans = list(evaluated(rules, saved.settings, saved.snapshot, saved.at, defects))
    except KeyError:
        raise Usage(
            f"{path}: facts are missing: save a new snapshot, or select the rules of this one with --rule"
        ) from None
    for scan in scans:
        yield report_on(saved.settings, scan, None, f"snapshot {path}", snapshot=str(path))


def _recorded(
    aws: Aws, selected: ChosenSettings, defects: Defects, problems: list[str], options: Options
) -> Iterator[TableReport]:
    from readiness.cli.record import record, recorded, remembered_after, unrecorded

    settings, source = selected
    with progress(f"reading and recording {', '.join(table.name for table in settings.tables)}") as update:
        outcomes = record(aws, settings, defects, partial(tell, update), fresh=options.fresh)
    _keep(outcomes[0].scan, settings, options.save_snapshot)
    for outcome in outcomes:
        name = outcome.scan.table.name
        if problem := unrecorded(outcome):
            problems.append(f"{name}: not recorded: {problem}")
        elif outcome.committed:
            say(f"readiness: {name}: {recorded(outcome, settings.on_call.topic_arn)}", sys.stderr)
        existing = tables_of(aws, outcome.scan)
        yield report_on(settings, outcome.scan, remembered_after(outcome), source, existing=existing)


def _keep(scan: Scan, settings: Settings, path: Path | None) -> None:
    if path is not None:
        from readiness.report import snapshot_file

        with writing("--save-snapshot", path):
            snapshot_file.save(scan.snapshot, settings, path)


def _print(report: Report, options: Options, timelines: Mapping[str, Timeline]) -> None:
    extras = Extras(options.view, timelines)
    for path, name in options.files:
        text = render(name, report, extras)
        with writing("--output", path):
            path.write_text(text + "\n", encoding="utf-8", newline="")
    if options.printed == TEXT:
        show(report, options.view)
    elif options.printed:
        say(render(options.printed, report, extras))


def _list(report: Report) -> None:
    """Print what is missing to stderr, one line for each, with the items that lack it."""
    for table in report.tables:
        for lack, items in by_lack(table).items():
            named = ", ".join(filter(None, items))
            say(f"readiness: {table.table}: not complete: {line(lack)}{': ' if named else ''}{named}", sys.stderr)


def _exits(report: Report, options: Options) -> Iterator[Exit]:
    for table in report.tables:
        statuses = {rule.unwaived for rule in table.rules or table.monitor}
        if Status.FAIL in statuses or (options.fail_on == "warn" and Status.WARN in statuses):
            yield Exit.FAILS
        if Status.UNKNOWN in statuses:
            yield Exit.UNKNOWN
        if options.require_complete and not table.complete:
            yield Exit.INCOMPLETE
