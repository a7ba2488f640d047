"""`readiness cost`: the cost of a month of the monitor, from the runs that it has recorded in its table."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from readiness.alerts.words import counted
from readiness.aws.client import CannotStart
from readiness.checklist import Settings
from readiness.cli.cost import bill, counts
from readiness.cli.cost.month import Usage
from readiness.cli.cost.recorded import Recorded, recorded
from readiness.cli.exits import Exit
from readiness.cli.failures import cause
from readiness.cli.start import account_for, settings_for
from readiness.cli.terminal import say
from readiness.rules import RULES
from readiness.state.store import StoreUnavailable, store_of

INTERVAL, FUNCTIONS = 5, 5
"""The interval of template.yaml, and a usual number of functions."""

SECONDS, SECONDS_EACH = 0.9, 0.02
"""The duration of a run where AWS answers each call in 50 ms, and what each function adds: docs/performance.md."""


class Found(Struct, frozen=True):
    """The recorded runs of a table; or None, and why there are none."""

    runs: Recorded | None
    why: str = ""


def run(interval: int | None, functions: int | None, table: str, config: Path | None) -> Exit:
    """Print the cost of a month for each table, and where each count comes from. Nothing is written."""
    settings = settings_for(table, config)
    tables = (_printed(settings.only(each.name), interval, functions) for each in settings.tables)
    say("\n\n".join("\n".join(lines) for lines in tables))
    return Exit.OK


def _printed(settings: Settings, interval: int | None, functions: int | None) -> Sequence[str]:
    found = _found(settings)
    usage = replace(_usage(found.runs, interval, functions), changes_only=settings.item_metrics == "changes")
    return [*bill.text(settings.tables[0].name, usage), "", *_sources(found, interval, functions)]


def _found(settings: Settings) -> Found:
    try:
        store = store_of(account_for(settings), settings.tables[0], writer="cli")
        runs = recorded(store.rows, datetime.now(UTC))
    except CannotStart as error:
        return Found(None, str(error).partition("\n")[0])
    except StoreUnavailable as error:
        return Found(None, cause(error))
    return Found(runs, "" if runs else "the table has fewer than two recorded runs")


def _usage(runs: Recorded | None, interval: int | None, functions: int | None) -> Usage:
    chosen = functions if functions is not None else runs.functions if runs else FUNCTIONS
    measured = counts.between(counts.shipped(), chosen)
    if runs is None:
        return Usage(counts=measured, interval=interval or INTERVAL, items=len(RULES), seconds=assumed(chosen))
    every_run = replace(measured.every_run, calls=runs.calls)
    return Usage(
        counts=replace(measured, every_run=every_run),
        interval=interval or runs.interval or INTERVAL,
        items=runs.items,
        seconds=runs.seconds + SECONDS_EACH * (chosen - runs.functions),
        other_runs=runs.other_runs,
        changes=runs.changes,
        messages=runs.messages,
        costs_pass=runs.costs_pass,
    )


def assumed(functions: int) -> float:
    """Return the seconds of a run with that number of functions, where none is recorded."""
    return SECONDS + SECONDS_EACH * functions


def _sources(found: Found, interval: int | None, functions: int | None) -> Iterator[str]:
    """Yield where each count comes from."""
    runs = found.runs
    yield "Where the counts come from"
    if runs is None:
        seconds = assumed(FUNCTIONS if functions is None else functions)
        yield f"  no recorded runs: {found.why}"
        yield f"  assumed: {seconds:.1f} seconds for a run, no changes, no alerts, and item 3.3 passes"
    else:
        each = f"each with {runs.seconds:.1f} seconds and {runs.calls:.0f} calls"
        yield f"  recorded in the table: {runs.runs} runs in {runs.days:.1f} days,"
        yield f"    {each};"
        yield f"    in 30 days {counted(runs.changes, 'change')} and {counted(runs.messages, 'alert')};"
        yield f"    item 3.3 {'passes' if runs.costs_pass else 'does not pass'}"
    yield f"  interval: {_origin('--interval', interval, runs.interval if runs else None)}"
    yield f"  functions: {_origin('--functions', functions, runs.functions if runs else None)}"
    yield "  alarms and memory: template.yaml"
    yield "  billed calls, rows and log lines of a run: measured on an embedded account"


def _origin(option: str, given: int | None, seen: int | None) -> str:
    if given is not None:
        return option
    return "recorded in the table" if seen is not None else f"assumed; {option} sets it"
