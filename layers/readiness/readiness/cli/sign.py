"""`readiness sign`."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from readiness.alerts.words import line
from readiness.cli.arguments import END_OF_DAY
from readiness.cli.exits import Defective, Exit, Failed
from readiness.cli.scanning import ScannedTable, scan_tables, show
from readiness.cli.words import Place, Where, minute
from readiness.report.content import Report
from readiness.rules import RULES
from readiness.scan import Defects
from readiness.state import signature
from readiness.state.people import Signoff, Word
from readiness.state.store import Remembered
from readiness.state.store.remembered import STATE
from readiness.state.store.rows import Condition, Write
from readiness.state.table_id import another


def run(days: int, *, withdraw: bool, **where: Any) -> Exit:
    """Show each table's checklist as it stands, and put on record that it stood complete; or take that back."""
    incomplete = []
    for place in Where(**where).places():
        if withdraw:
            place.withdraw(
                Signoff, what="withdraw the sign-off", nothing="is not signed off", then="the sign-off is withdrawn"
            )
        else:
            seen = _shown(place, where["config"])
            incomplete += [f"{place.table.name}: not complete: {lack}" for lack in seen.report.incomplete]
            if seen.report.complete:
                _sign(place, seen, days)
    if incomplete:
        raise Failed(Exit.INCOMPLETE, "\n".join(incomplete))
    return Exit.OK


def _shown(place: Place, config: Path | None) -> ScannedTable:
    defects = Defects()
    (seen,) = scan_tables(RULES, place.aws, place.settings, defects, config=config)
    show(Report((seen.report,)))
    if defects.names:
        failed = f"{', '.join(defects.names)} failed, so its answer is UNKNOWN"
        raise Defective(failed)
    return seen


def _sign(place: Place, seen: ScannedTable, days: int) -> None:
    if place.settings.signoff.four_eyes:
        _other_eyes(place, seen)
    until = datetime.combine(datetime.now(UTC).date() + timedelta(days=days), END_OF_DAY, UTC)
    checks = signature.digests(seen.scan.evaluation)
    word = partial(Signoff, account=place.aws.account, until=until, digest=signature.digest(checks), checks=checks)
    place.record(
        word,
        f"sign the checklist off until {minute(until)}, as it is shown here,",
        f"signed off until {minute(until)}; what changes from now on is named in every report",
        on=partial(_unmoved, place, seen),
    )


def _other_eyes(place: Place, seen: ScannedTable) -> None:
    """Failed: all items belong to who signs, by the whole ARN or by the name of the user or session at its end."""
    names = {place.aws.who.casefold(), place.aws.who.rpartition("/")[2].casefold()}
    if {(rule.owner or "").casefold() for rule in seen.report.rules} <= names:
        text = f"every item belongs to you ({place.aws.who}), and signoff.four_eyes wants somebody else to sign"
        raise Failed(Exit.CANNOT_START, f"{place.table.name}: {text}")


def _unmoved(place: Place, seen: ScannedTable) -> Sequence[Write]:
    """The condition that nothing has changed since it was shown.

    A run that found all as it was moves the version too: nobody has to read faster than the schedule. What it found is
    compared, and the condition is on the version that was compared. Failed: something changed.
    """
    now = place.store.read()
    moved = list(_moved(seen.remembered or Remembered(), now))
    if moved:
        since = f"{now.verified_at:%Y-%m-%d %H:%M:%S} UTC" if now.verified_at else "a time that is not recorded"
        said = f"changed while you read: {', '.join(moved)} (last recorded by {now.writer} at {since})"
        raise Failed(Exit.CANNOT_START, f"{place.table.name}: {said}; nothing was signed")
    values = {"version": now.version, "tableId": now.table_id}
    return [place.rows.check(STATE, Condition("#version = :version AND #tableId = :tableId", values))]


def _moved(shown: Remembered, now: Remembered) -> Iterator[str]:
    """The items of which a run has recorded something else since, and the words that were said or taken back."""
    if another(shown.table_id, now.table_id):
        yield "the table, which is another"
    rules = shown.signs.keys() | now.signs.keys()
    yield from sorted(rule for rule in rules if shown.signs.get(rule) != now.signs.get(rule))
    before, after = _words(shown), _words(now)
    yield from (f"{_called(word)} by {line(word.by)}" for word in after if word not in before)
    yield from (f"{_called(word)} was taken back" for word in before if word not in after)


def _words(remembered: Remembered) -> list[Word]:
    return [*remembered.owners, *remembered.waivers, *remembered.attestations]


def _called(word: Word) -> str:
    return " ".join([word.kind.lower(), *(line(part) for part in word.about if isinstance(part, str))])
