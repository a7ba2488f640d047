"""`readiness diff`: compare two snapshot files, or two recorded runs."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from readiness.aws.time import minute
from readiness.cli.exits import Exit, Failed, Usage
from readiness.cli.failures import stored
from readiness.cli.records import CommandTable, command_tables
from readiness.cli.terminal import say
from readiness.printable import printable
from readiness.report import difference, history, snapshot_file
from readiness.rules import ASKED
from readiness.scan import Defects, Scan, evaluated

Row = Mapping[str, Any]
Comparison = tuple[list[str], list[str]]
"""The lines of the head, and those of the differences."""

RUN = "RUN#"
CHANGES = ("DRIFT#", "ATTEMPT#")


def run(before: Path | datetime, after: Path | datetime, table: str, config: Path | None) -> Exit:
    """Print the differences. Exit 1: there are some. Usage: a file is compared with a time."""
    if isinstance(before, Path) and isinstance(after, Path):
        if table or config:
            raise Usage("snapshots have their own tables and settings: --table and --config cannot be used with files")
        return _printed([_of_snapshots(before, after)])
    if isinstance(before, Path) or isinstance(after, Path):
        raise Usage("expected two snapshot files, or two times")
    return _printed([_of_runs(each, before, after) for each in command_tables(table, config)])


def _printed(compared: Sequence[Comparison]) -> Exit:
    for number, (head, lines) in enumerate(compared):
        say("\n".join([*([""] if number else []), *head, *(lines or ["", "No differences."])]))
    return Exit.FAILS if any(lines for _, lines in compared) else Exit.OK


def _of_snapshots(*paths: Path) -> Comparison:
    saved = [_loaded(path) for path in paths]
    head = [
        f"{side}  {printable(str(path))}  account {printable(one.aws.account)},"
        f" {printable(one.aws.region)}, {minute(one.at)}"
        for side, path, one in zip("AB", paths, saved, strict=True)
    ]
    return head, [*_results(*saved), *_facts(*saved)]


def _results(before: snapshot_file.Saved, after: snapshot_file.Saved) -> Iterator[str]:
    old, new = _scans(before), _scans(after)
    for rule in ASKED:
        if (rule.id in old) != (rule.id in new):
            yield f"{rule.item}  {rule.id}: not compared, {'B' if rule.id in old else 'A'} lacks its facts"
        elif rule.id in old:
            for table in sorted(old[rule.id].keys() & new[rule.id].keys()):
                sides = (each[rule.id][table].evaluation for each in (old, new))
                yield from difference.finding_lines(difference.findings_changed(*sides))


def _facts(before: snapshot_file.Saved, after: snapshot_file.Saved) -> Iterator[str]:
    if before.settings != after.settings:
        yield from ("", f"Checklist: digest {before.settings.digest} -> {after.settings.digest}")
    facts = list(difference.fact_lines(difference.facts_changed(before.snapshot, after.snapshot)))
    if facts:
        yield from ("", "Facts that differ", *facts)


def _loaded(path: Path) -> snapshot_file.Saved:
    try:
        return snapshot_file.load(path)
    except snapshot_file.SnapshotError as error:
        raise Usage(str(error)) from None


def _scans(saved: snapshot_file.Saved) -> Mapping[str, Mapping[str, Scan]]:
    """Return the scans of each rule by table; without rules whose facts the snapshot lacks."""
    found: dict[str, Mapping[str, Scan]] = {}
    for rule in ASKED:
        try:
            scans = list(evaluated([rule], saved.settings, saved.snapshot, saved.at, Defects()))
        except KeyError:
            continue
        found[rule.id] = {each.table.name: each for each in scans}
    return found


def _of_runs(table: CommandTable, *times: datetime) -> Comparison:
    """Compare the statuses of two runs, and list the changes that were recorded after A until B."""
    with stored(table.name):
        runs = list(table.rows.query(RUN))
        rows = {table.rows.sort_key_of(row): row for prefix in CHANGES for row in table.rows.query(prefix)}
        table_id = table.table_id
    before, after = (_last(runs, at, table.name) for at in times)
    head = [
        f"{side}  {table.name}, account {table.aws.account}, {table.aws.region}, run of {minute(_at(one))}"
        for side, one in (("A", before), ("B", after))
    ]
    subject = history.HistorySubject(table.name, table_id, table.aws.account, table.aws.region)
    told = history.table_history(subject, rows, _at(before))
    between = tuple(each for each in told.entries if _at(before) < each.at <= _at(after))
    changes = history.as_text([replace(told, entries=between, illegible=())]).splitlines()[1:]
    return head, [*_statuses(before, after), *(changes if between else ())]


def _statuses(before: Row, after: Row) -> Iterator[str]:
    for rule in ASKED:
        was, now = (each["statuses"].get(rule.id, difference.MISSING) for each in (before, after))
        if was != now:
            yield from ("", f"{rule.item}  {rule.id}  {was} -> {now}")


def _last(runs: Sequence[Row], at: datetime, table: str) -> Row:
    """Return the last run at or before that time. Failed: there is none."""
    found = [run for run in runs if _at(run) <= at]
    if found:
        return found[-1]
    first = f"; the first is of {minute(_at(runs[0]))}" if runs else ""
    text = f"no recorded run at or before {minute(at)}{first} (runs are kept for 30 days)"
    raise Failed(Exit.CANNOT_START, f"{table}: {text}")


def _at(run: Row) -> datetime:
    return datetime.fromisoformat(run["at"])
