"""The alarms on DynamoDB metrics, indexed by table: there may be thousands of others. Pure."""

from collections import defaultdict
from collections.abc import Mapping

from readiness.alarms.dynamodb import NAMESPACE, TABLE, table_of
from readiness.alarms.series import Query, Series
from readiness.engine.each import Each
from readiness.engine.fact import fact
from readiness.facts.cloudwatch.alarms import Alarm, watchers
from readiness.model import Fact


class DynamodbAlarms(Fact):
    """The alarms that watch a series of a table, by table name.

    `account` alarms watch a series without a table, `querying` alarms use Metrics Insights, and the metrics of `opaque`
    alarms are not known. Alarms that scale capacity are left out.
    """

    of: Mapping[str, tuple[Alarm, ...]]
    account: tuple[Alarm, ...]
    querying: tuple[Alarm, ...]
    opaque: tuple[Alarm, ...]

    def watching(self, one: Series) -> list[Alarm]:
        """Return the alarms that watch the series, by its exact dimensions."""
        near = self.of.get(table_of(one), ()) if table_of(one) else self.account
        return watchers(dict.fromkeys((*near, *self.querying)), one)

    def about(self, table: str) -> list[Alarm]:
        """Return the alarms on any series of the table, and those on the account as a whole."""
        querying = (alarm for alarm in self.querying if any(_admits(query, table) for query in alarm.insights))
        return list(dict.fromkeys((*self.of.get(table, ()), *self.account, *querying)))


@fact()
def dynamodb_alarms(alarms: Each[Alarm]) -> DynamodbAlarms:
    """Index all alarms once for all tables, so that the work is not the product of both."""
    of: defaultdict[str, list[Alarm]] = defaultdict(list)
    account: list[Alarm] = []
    known = [alarm for alarm in alarms if not alarm.scales]
    for alarm in known:
        tables = {table_of(one) for one in alarm.watches if one.namespace == NAMESPACE}
        if "" in tables:
            account.append(alarm)
        for table in sorted(tables - {""}):
            of[table].append(alarm)
    return DynamodbAlarms(
        of={table: tuple(found) for table, found in of.items()},
        account=tuple(account),
        querying=tuple(alarm for alarm in known if any(query.namespace == NAMESPACE for query in alarm.insights)),
        opaque=tuple(alarm for alarm in known if alarm.opaque),
    )


def _admits(query: Query, table: str) -> bool:
    """True if the query may match series of the table."""
    named = query.schema is None or TABLE in query.schema
    return named and all(label.admits(table) for label in query.labels if label.key == TABLE)
