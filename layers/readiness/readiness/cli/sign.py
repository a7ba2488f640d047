"""`readiness sign`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from readiness.aws.time import minute
from readiness.cli.exits import Exit, Failed
from readiness.cli.records import CommandTable, command_tables
from readiness.cli.scanning import ScannedTable, raise_defects, scan_tables, show
from readiness.cli.start import selecting
from readiness.cli.terminal import say
from readiness.cli.times import END_OF_DAY
from readiness.printable import line
from readiness.report import as_text
from readiness.report.as_text import View
from readiness.report.content import Report
from readiness.rules import RULES
from readiness.scan import Defects
from readiness.state import signature
from readiness.state.people import Signoff, Word
from readiness.state.store import Remembered
from readiness.state.store.head import STATE
from readiness.state.store.rows import Write, WriteCondition
from readiness.state.table_id import another


def run(days: int, *, withdraw: bool, **options: Any) -> Exit:
    """Show each table's report and record the sign-off of the complete checklist, or withdraw it."""
    incomplete = []
    for table in command_tables(**options):
        if withdraw:
            table.withdraw(
                Signoff, action="withdraw the sign-off", missing="not signed off", result="sign-off withdrawn"
            )
            continue
        defects = Defects()
        (scanned,) = scan_tables(RULES, table.aws, table.settings, defects, source=table.source)
        report = Report((scanned.report,))
        view = View(table=selecting(options["table"], options["config"]), config=str(options["config"] or ""))
        if not scanned.report.complete:
            say(as_text.render_foot(report, view))
            incomplete.append(f"{table.name}: not signed: the checklist is not complete")
            continue
        show(report, view)
        raise_defects(defects)
        _sign(table, scanned, days)
    if incomplete:
        raise Failed(Exit.INCOMPLETE, "\n".join(incomplete))
    return Exit.OK


def _sign(table: CommandTable, shown: ScannedTable, days: int) -> None:
    if table.settings.signoff.four_eyes:
        _require_another_owner(table, shown)
    until = datetime.combine(datetime.now(UTC).date() + timedelta(days=days), END_OF_DAY, UTC)
    checks = signature.digests(shown.scan.evaluation)
    word = partial(Signoff, account=table.aws.account, until=until, digest=signature.digest(checks), checks=checks)
    table.record(
        word,
        f"sign off the checklist as shown here, until {minute(until)},",
        f"signed off until {minute(until)}; every report names the results that change",
        on=partial(_unchanged, table, shown),
    )


def _require_another_owner(table: CommandTable, shown: ScannedTable) -> None:
    """Raise Failed if the caller owns all items, by the ARN or by the user or session name at its end."""
    names = {table.aws.who.casefold(), table.aws.who.rpartition("/")[2].casefold()}
    if {(rule.owner or "").casefold() for rule in shown.report.rules} <= names:
        text = f"you ({table.aws.who}) own every item, and signoff.four_eyes requires another person to sign"
        raise Failed(Exit.CANNOT_START, f"{table.name}: {text}")


def _unchanged(table: CommandTable, shown: ScannedTable) -> Sequence[Write]:
    """Return the write condition that no result has changed since the report was shown. Failed: one has changed.

    Runs without changes raise the version too, so the version at the time of the report is no condition. The results
    are compared instead, and the condition is on the version that was compared.
    """
    now = table.store.read()
    changed = list(_changed(shown.remembered or Remembered(), now))
    if changed:
        since = f"{now.verified_at:%Y-%m-%d %H:%M:%S} UTC" if now.verified_at else "a time that is not recorded"
        text = f"changed while you read: {', '.join(changed)} (last recorded by {now.writer} at {since})"
        raise Failed(Exit.CANNOT_START, f"{table.name}: {text}; not signed")
    values = {"version": now.version, "tableId": now.table_id}
    return [table.rows.check(STATE, WriteCondition("#version = :version AND #tableId = :tableId", values))]


def _changed(shown: Remembered, now: Remembered) -> Iterator[str]:
    """Yield the items with other recorded results since, and the records that were made or withdrawn."""
    if another(shown.table_id, now.table_id):
        yield "the table was replaced"
    rules = shown.signs.keys() | now.signs.keys()
    yield from sorted(rule for rule in rules if shown.signs.get(rule) != now.signs.get(rule))
    before, after = _words(shown), _words(now)
    yield from (f"{_called(word)} by {line(word.by)}" for word in after if word not in before)
    yield from (f"{_called(word)} withdrawn" for word in before if word not in after)


def _words(remembered: Remembered) -> list[Word]:
    return [*remembered.owners, *remembered.waivers, *remembered.attestations]


def _called(word: Word) -> str:
    return " ".join([word.kind.lower(), *(line(part) for part in word.about if isinstance(part, str))])
