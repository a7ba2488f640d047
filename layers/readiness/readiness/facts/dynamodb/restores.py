"""All known restores of the table. Pure."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.backup.restores import BackupRestores
from readiness.facts.cloudtrail.restore_events import RestoreEvents
from readiness.facts.dynamodb.restored_tables import RestoredTable
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded import attested
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.attested import RestoreDrill
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Reason, Unavailable

RULE = "restore-drilled"


MORE = Unavailable(Reason.STALE, "cloudtrail:LookupEvents", "CloudTrail has more restore events than are read")


class Restore(Struct, frozen=True):
    """A restore: its time, its target table and its source of evidence. `point_in_time` False: from a backup."""

    at: datetime
    target: str
    told_by: str
    point_in_time: bool = True


class Restores(Fact):
    """Restores that people `attested`, and those from AWS, AWS Backup last; none of a former table of that name."""

    attested: tuple[Restore, ...]
    seen: tuple[Restore, ...]
    unread: Unavailable | None


@fact(on=Table)
def restores(  # noqa: PLR0913, PLR0917  each is a separate source of restores
    description: TableDescription,
    attestations: Attestations | Unavailable,
    events: RestoreEvents | Unavailable,
    copies: Each[RestoredTable],
    backups: BackupRestores | Unavailable,
    now: Now,
) -> Restores:
    """Return the restores of all sources that could be read."""
    restored, unread = copies.readable()
    running = {copy.name for copy in restored if copy.in_progress}
    found: list[Restore] = []
    if isinstance(events, RestoreEvents):
        found += [Restore(each.at, each.target, f"CloudTrail, by {each.by}") for each in events.of]
        unread = unread or (None if events.whole else MORE)
    found += [Restore(each.created, each.name, "the copy itself", not each.from_backup) for each in restored]
    if isinstance(backups, BackupRestores):
        found += [Restore(each.at, each.target, each.plan or "AWS Backup", point_in_time=False) for each in backups.of]
    said = [] if isinstance(attestations, Unavailable) else _attested(attestations, now)
    denied = [each for each in (attestations, events, backups) if isinstance(each, Unavailable)]
    return Restores(
        attested=tuple(said),
        seen=tuple(each for each in found if each.at >= description.created and each.target not in running),
        unread=next(iter(denied), unread),
    )


def _attested(attestations: Attestations, now: Now) -> Iterator[Restore]:
    for word in attestations.of(RULE):
        record = attested.read(RULE, word.evidence)
        if isinstance(record, RestoreDrill) and record.outcome == "succeeded" and word.until > now.at:
            yield Restore(record.at, record.target_table, f"the word of {word.by}")
