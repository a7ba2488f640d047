"""Which tables are copies of the table, for one that was restored says of what."""

from datetime import datetime

from readiness.aws.answer import Answer
from readiness.aws.client import Aws
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudtrail.restore_events import RestoreEvents
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded import attested
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.attested import RestoreDrill
from readiness.model import Fact, Unavailable

LOOKED_AT = 50
LIST = "dynamodb:ListTables"


class SimilarNames(Fact):
    """The tables whose names begin with that of the table, the table itself left out: sorted."""

    names: tuple[str, ...]


@fact("dynamodb:ListTables")
def similar_names(aws: Aws, table: Table) -> SimilarNames:
    """All pages; a table of no such name is no copy that anybody would know by its name."""
    pages = aws.client("dynamodb").get_paginator("list_tables")
    names = [name for page in pages.paginate() for name in Answer(page, LIST).texts("TableNames")]
    return SimilarNames(tuple(sorted(name for name in names if name.startswith(table.name) and name != table.name)))


class RestoreTarget(Fact):
    """A table that may be a copy of the table. Its key is its ARN."""

    name: str
    arn: str


@fact()
def restore_targets(
    table: Table,
    similar: SimilarNames | Unavailable,
    events: RestoreEvents | Unavailable,
    attestations: Attestations | Unavailable,
) -> Each[RestoreTarget]:
    """Those that CloudTrail or people name, and those of similar names: 50 at most, in this order.

    A copy of another name, of which nothing could be read that names it, is not looked for.
    """
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
    """A copy of the table: when it was made, whether from a backup, and whether that is still under way."""

    name: str
    created: datetime
    from_backup: bool
    in_progress: bool


@fact("dynamodb:DescribeTable")
def restored_table(aws: Aws, table: Table, target: RestoreTarget) -> RestoredTable | None:
    """None: it is no copy of the table. RestoreDateTime is the instant that a copy shows, and not when it was made.

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_RestoreSummary.html
    """
    answered = aws.client("dynamodb").describe_table(TableName=target.name)
    answer = Answer(answered, "dynamodb:DescribeTable").part("Table")
    summary = answer.part_or_none("RestoreSummary")
    if summary is None or summary.get("SourceTableArn", str) != table.arn:
        return None
    return RestoredTable(
        name=target.name,
        created=answer.need("CreationDateTime", datetime),
        from_backup=summary.has("SourceBackupArn"),
        in_progress=summary.need("RestoreInProgress", bool),
    )
