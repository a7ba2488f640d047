"""The store of one table's memory, in that table. Only this code accesses it. docs/protocol.md sections 3 to 5."""

from readiness.state.store.change import MOST_DRIFTS, Change, DriftRecord, RuleRecord, RunRecord, drift_keys
from readiness.state.store.entry import OutboxEntry, message_id
from readiness.state.store.errors import StoreUnavailable, WriteConflict
from readiness.state.store.housekeeping import count, purge
from readiness.state.store.ledger import Store, store_of
from readiness.state.store.parameter import TableIdParameter
from readiness.state.store.remembered import Canary, KeptFact, Remembered, read
from readiness.state.store.rows import Rows
from readiness.state.store.words import ConcurrentUpdate

__all__ = [
    "MOST_DRIFTS",
    "Canary",
    "Change",
    "ConcurrentUpdate",
    "DriftRecord",
    "KeptFact",
    "OutboxEntry",
    "Remembered",
    "Rows",
    "RuleRecord",
    "RunRecord",
    "Store",
    "StoreUnavailable",
    "TableIdParameter",
    "WriteConflict",
    "count",
    "drift_keys",
    "message_id",
    "purge",
    "read",
    "store_of",
]
