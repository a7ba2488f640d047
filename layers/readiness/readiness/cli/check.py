"""`readiness check`: check the account as it is now, or the facts of a snapshot file."""

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.cli.exits import Exit, Failed, Usage, first
from readiness.cli.names import chosen
from readiness.cli.scanning import nearest_to, raise_defects, report_on, scan_tables, show
from readiness.cli.start import account_for, judged_by, settings_for
from readiness.cli.terminal import progress, say, writing
from readiness.engine.rule import Rule
from readiness.model import Status
from readiness.report import as_text
from readiness.report.content import Report, TableReport
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


def run(**typed: Any) -> Exit:
    """Print the report and return the exit code. The keywords are the fields of `Options`."""
    options = Options(**typed)
    _consistent(options)
    defects = Defects()
    problems: list[str] = []
    report = Report(tuple(_judged(options, defects, problems)))
    _print(report, options)
    if options.require_complete:
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
    settings = settings_for(options.table, options.config)
    aws = account_for(settings)
    if options.record:
        return _recorded(aws, settings, defects, problems, options)
    scanned = scan_tables(rules, aws, settings, defects, fresh=options.fresh, config=options.config)
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
        yield report_on(saved.settings, scan, None, f"snapshot {path}")


def _recorded(
    aws: Aws, settings: Settings, defects: Defects, problems: list[str], options: Options
) -> Iterator[TableReport]:
    from readiness.cli.record import record, remembered_after, unrecorded

    with progress(f"reading and recording {', '.join(table.name for table in settings.tables)}"):
        outcomes = record(aws, settings, defects, fresh=options.fresh)
    _keep(outcomes[0].scan, settings, options.save_snapshot)
    for outcome in outcomes:
        if problem := unrecorded(outcome):
            problems.append(f"{outcome.scan.table.name}: not recorded: {problem}")
        after, nearest = remembered_after(outcome), nearest_to(aws, outcome.scan)
        yield report_on(settings, outcome.scan, after, judged_by(options.config), nearest)


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
        show(report)
        return
    else:
        text = as_text.render(report)
    if options.output is None:
        say(text)
        return
    with writing("--output", options.output):
        options.output.write_text(text + "\n", encoding="utf-8")


def _list(report: Report) -> None:
    """Print what is missing to stderr, one item per line, whatever the format and the output of the report."""
    for table in report.tables:
        lacks: dict[str, list[str]] = {}
        for entry in table.incomplete:
            item, _, lack = entry.rpartition(": ")
            lacks.setdefault(item, []).append(lack)
        for item, each in lacks.items():
            say(f"readiness: {table.table}: not complete: {item}{': ' if item else ''}{', '.join(each)}", sys.stderr)


def _exits(report: Report, options: Options) -> Iterator[Exit]:
    for table in report.tables:
        statuses = {rule.unwaived for rule in table.rules or table.monitor}
        if Status.FAIL in statuses or (options.fail_on == "warn" and Status.WARN in statuses):
            yield Exit.FAILS
        if Status.UNKNOWN in statuses:
            yield Exit.UNKNOWN
        if options.require_complete and not table.complete:
            yield Exit.INCOMPLETE
