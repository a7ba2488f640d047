"""The facts of a scan that a first checklist file needs. Pure."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct

from readiness.engine.each import Each
from readiness.engine.snapshot import ROOT
from readiness.facts.dynamodb.consumption import Consumption
from readiness.facts.dynamodb.recovery import Recovery
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.dynamodb.time_to_live import TimeToLive
from readiness.facts.iam.pitr_admins import PitrAdmins
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.table_functions import TableFunction, Unclassified
from readiness.model import Unavailable
from readiness.scan import Scan

STREAM = "reads the table's stream"
ENVIRONMENT = "its environment names the table"


class Observed(Struct, frozen=True, kw_only=True):
    """The facts about one table, each Unavailable where it could not be read.

    `tags` are all tags of the table without those of AWS. `functions` are those of the table, `others` those that can
    write to it for no other reason.
    """

    table: Table
    day: date
    description: TableDescription | Unavailable
    time_to_live: TimeToLive | Unavailable
    recovery: Recovery | Unavailable
    tags: Mapping[str, str] | Unavailable
    functions: Each[TableFunction]
    others: Each[Unclassified]
    variables: Mapping[str, tuple[str, ...]]
    admins: PitrAdmins | Unavailable
    consumption: Consumption | Unavailable

    def reasons(self, function: TableFunction) -> str:
        """Return why the function is one of the table's; an environment variable by its name, if it has the name."""
        names = self.variables[function.arn]
        named = f"{' and '.join(names)} in its environment names the table" if names else ENVIRONMENT
        return ", ".join(named if signal == ENVIRONMENT else signal for signal in function.signals)


def observed(scan: Scan, tags: Mapping[str, str] | Unavailable | None, day: date) -> Observed:
    """Return the facts of the scan about its table."""
    home, snapshot = scan.evaluation.home, scan.snapshot
    functions = snapshot.each(Function, ROOT).readable()[0]
    return Observed(
        table=scan.table,
        day=day,
        description=snapshot.answer(TableDescription, home),
        time_to_live=snapshot.answer(TimeToLive, home),
        recovery=snapshot.answer(Recovery, home),
        tags=tags
        if isinstance(tags, Unavailable)
        else {key: tag for key, tag in sorted((tags or {}).items()) if not key.startswith("aws:")},
        functions=snapshot.each(TableFunction, home),
        others=snapshot.each(Unclassified, home),
        variables={each.arn: each.variables for each in functions},
        admins=snapshot.answer(PitrAdmins, home),
        consumption=snapshot.answer(Consumption, home),
    )
