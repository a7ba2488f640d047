"""What the application's repository says, as somebody recorded it: it can't be seen from where the monitor runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.manifest import Repository, read
from readiness.model import Fact, Given, Reason, Unavailable, Unreadable
from readiness.state.table_id import another


class RecordedManifest(Given, Fact):
    """Who recorded it and when, about the table of which TableId, and `content` as it was written."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    by: str
    at: datetime
    table_id: str
    content: Mapping[str, Any]


class ApplicationManifest(Fact):
    """What was recorded about this very table: who, when, and what."""

    by: str
    at: datetime
    says: Repository


@fact()
def application_manifest(
    description: TableDescription, recorded: RecordedManifest | None
) -> ApplicationManifest | None:
    """None: nothing was recorded, or about another table of that name, which was deleted or replaced by a restore."""
    if recorded is None or another(recorded.table_id, description.table_id):
        return None
    try:
        says = read(recorded.content)
    except ValueError as why:
        raise Unreadable({}, Unavailable(Reason.STALE, detail=f"the manifest has to be recorded anew: {why}")) from None
    return ApplicationManifest(recorded.by, recorded.at, says)
