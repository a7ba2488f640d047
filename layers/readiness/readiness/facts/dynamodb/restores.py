"""All known restores of the table, and the tables that were restored from it."""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import ANY_RESOURCE, fact
from readiness.facts.backup.recovery_points import BackupRestores
from readiness.facts.cloudtrail.restore_events import RestoreEvents
from readiness.facts.dynamodb.table import DESCRIBE, Table, TableDescription, describe
from readiness.facts.recorded import attested
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.attested import RestoreDrill
from readiness.facts.recorded.now import Now
from readiness.model import Fact, Reason, Unavailable

LOOKED_AT = 50
LIST = "dynamodb:ListTables"


class SimilarNames(Fact):
    """Tables whose names begin with the table's name, without the table itself, sorted."""

    names: tuple[str, ...]


@fact("dynamodb:ListTables", resources={"dynamodb:ListTables": ANY_RESOURCE})
def similar_names(aws: Aws, table: Table) -> SimilarNames:
    """List all tables whose names begin with the name of the table. Tables with other names are not read here."""
    pages = aws.client("dynamodb").get_paginator("list_tables")
    names = [name for page in pages.paginate() for name in Answer(page, LIST).texts("TableNames")]
    return SimilarNames(tuple(sorted(name for name in names if name.startswith(table.name) and name != table.name)))


class RestoreTarget(Fact):
    """A table that may be a restored copy. Its key is its ARN."""

    name: str
    arn: str


@fact()
def restore_targets(
    table: Table,
    similar: SimilarNames | Unavailable,
    events: RestoreEvents | Unavailable,
    attestations: Attestations | Unavailable,
) -> Each[RestoreTarget]:
    """Return at most 50 tables: those that CloudTrail or attestations name, then those with similar names."""
    names: list[str] = []
    if isinstance(events, RestoreEvents):
        names += [event.target for event in events.of]
    if isinstance(attestations, Attestations):
        records = [attested.read(word.rule, word.evidence) for word in attestations.words]
        names += [record.target_table for record in records if isinstance(record, RestoreDrill)]
    if isinstance(similar, SimilarNames):
        names += similar.names
    prefix = table.arn.removesuffix(table.name)
    chosen = [name for name in dict.fromkeys(names) if name != table.name][:LOOKED_AT]
    unlisted = similar if isinstance(similar, Unavailable) else None
    return Each({prefix + name: RestoreTarget(name, prefix + name) for name in chosen}, unlisted)


class RestoredTable(Fact):
    """A restored copy: its creation time, its source (a backup or PITR), and its progress."""

    name: str
    created: datetime
    from_backup: bool
    in_progress: bool


@fact(DESCRIBE, resources={DESCRIBE: ("arn:*:dynamodb:*:*:table/*",)})
def restored_table(aws: Aws, table: Table, target: RestoreTarget) -> RestoredTable | None:
    """Return None if the table is not a copy. RestoreDateTime is the restore point, not the time of the restore."""
    answer = describe(aws, table.arn.removesuffix(table.name) + target.name)
    summary = answer.part_or_none("RestoreSummary")
    if summary is None or summary.get("SourceTableArn", str) != table.arn:
        return None
    return RestoredTable(
        name=target.name,
        created=answer.need("CreationDateTime", datetime),
        from_backup=summary.has("SourceBackupArn"),
        in_progress=summary.need("RestoreInProgress", bool),
    )


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
