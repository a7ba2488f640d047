"""`readiness check`: check the account as it is now, or the facts of a snapshot file."""

import sys
from collections.abc import Iterator, Sequence
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
from readiness.report import as_text
from readiness.report.as_text import View
from readiness.report.content import Report, TableReport
from readiness.report.foot import by_lack
from readiness.scan import Defects, Scan, evaluated


@dataclass(frozen=True)
class Options:
    """The options. An empty `table` means all tables of the checklist, empty `rules` all rules."""

    table: str = ""
    config: Path | None = None
    format: Literal["text", "json"] = "text"
    output: Path | None = None
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


def run(**typed: Any) -> Exit:
    """Print the report and return the exit code. The keywords are the fields of `Options`."""
    options = Options(**typed)
    _consistent(options)
    defects = Defects()
    problems: list[str] = []
    report = Report(tuple(_judged(options, defects, problems)))
    _print(report, options)
    if options.require_complete and (options.format == "json" or options.output):
        _list(report)
    raise_defects(defects)
    if problems:
        raise Failed(Exit.CANNOT_START, "\n".join(problems))
    return first(_exits(report, options))


def _consistent(options: Options) -> None:
    if options.record and (options.rules or options.snapshot):
        raise Usage("--record records all rules: it cannot be used with --rule or --snapshot")
    if options.snapshot and (options.table or options.config or options.fresh):
        raise Usage(
            "--snapshot uses the tables and settings of the file: it cannot be used with --table, --config or --fresh"
        )


def _judged(options: Options, defects: Defects, problems: list[str]) -> Iterator[TableReport]:
    """Return the reports of the tables. Errors of recording are added to `problems`."""
    rules = chosen(options.rules)
    if options.snapshot:
        return _offline(options.snapshot, rules, defects)
    selected = chosen_settings(options.table, options.config)
    settings, source = selected
    aws = account_for(settings)
    if options.record:
        return _recorded(aws, selected, defects, problems, options)
    scanned = scan_tables(rules, aws, settings, defects, fresh=options.fresh, source=source)
    _keep(scanned[0].scan, settings, options.save_snapshot)
    return (each.report for each in scanned)


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


def _print(report: Report, options: Options) -> None:
    if options.format == "json":
        from readiness.report import as_json

        text = as_json.render(report)
    elif options.output is None:
        show(report, options.view)
        return
    else:
        text = as_text.render(report, options.view)
    if options.output is None:
        say(text)
        return
    with writing("--output", options.output):
        options.output.write_text(text + "\n", encoding="utf-8")


def _list(report: Report) -> None:
    """Print what is missing to stderr, one line for each, with the items that lack it."""
    for table in report.tables:
        for lack, items in by_lack(table).items():
            named = ", ".join(filter(None, items))
            say(f"readiness: {table.table}: not complete: {lack}{': ' if named else ''}{named}", sys.stderr)


def _exits(report: Report, options: Options) -> Iterator[Exit]:
    for table in report.tables:
        statuses = {rule.unwaived for rule in table.rules or table.monitor}
        if Status.FAIL in statuses or (options.fail_on == "warn" and Status.WARN in statuses):
            yield Exit.FAILS
        if Status.UNKNOWN in statuses:
            yield Exit.UNKNOWN
        if options.require_complete and not table.complete:
            yield Exit.INCOMPLETE
