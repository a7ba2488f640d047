"""The settings of one table, from the checklist file."""

from msgspec.structs import asdict

from readiness.checklist import DocumentationSettings, FunctionSettings, Settings, TableSettings
from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table


class Checklist(TableSettings, frozen=True):
    """The settings of the table, or else of all tables. A changed setting re-evaluates checks, and is no drift."""

    functions: FunctionSettings = FunctionSettings()
    documentation: DocumentationSettings = DocumentationSettings()


@fact()
def checklist(table: Table, settings: Settings) -> Checklist:
    """Return the settings of the table."""
    return Checklist(**asdict(settings.wanted(table.name)))
