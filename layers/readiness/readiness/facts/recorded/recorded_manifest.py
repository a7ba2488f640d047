"""The recorded manifest of the application's repository, which the monitor cannot read itself."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded.manifest import Repository, read
from readiness.model import Fact, Given, Reason, Unavailable, Unreadable
from readiness.state.table_id import another


class RecordedManifest(Given, Fact):
    """A recorded manifest: the person, the time, the TableId, and the `content` as it was written."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    by: str
    at: datetime
    table_id: str
    content: Mapping[str, Any]


class ApplicationManifest(Fact):
    """The manifest that was recorded for this table: the person, the time, and its content."""

    by: str
    at: datetime
    says: Repository


@fact(absent="no manifest is recorded")
def application_manifest(
    description: TableDescription, recorded: RecordedManifest | None
) -> ApplicationManifest | None:
    """Return None without a manifest of this table. Unreadable: it is none of this or an earlier release."""
    if recorded is None or another(recorded.table_id, description.table_id):
        return None
    try:
        says = read(recorded.content)
    except ValueError as why:
        raise Unreadable({}, Unavailable(Reason.STALE, detail=f"the manifest must be recorded again: {why}")) from None
    return ApplicationManifest(recorded.by, recorded.at, says)
