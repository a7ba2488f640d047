"""The store of one table's memory, in that table. Only this code accesses it. docs/protocol.md sections 3 to 5."""

from readiness.state.store.change import MOST_DRIFTS, Change, DriftRecord, RuleRecord, RunRecord, drift_keys
from readiness.state.store.entry import DamagedEntry, OutboxEntry, message_id
from readiness.state.store.errors import StoreUnavailable, WriteConflict
from readiness.state.store.head import STATE, EmittedItems
from readiness.state.store.housekeeping import count, purge
from readiness.state.store.kept_rows import ENDED
from readiness.state.store.ledger import Store, parameters_of, store_of
from readiness.state.store.mirror import MIRROR, Mirror, MirrorEntry
from readiness.state.store.parameter import Parameters, Registered
from readiness.state.store.reading import read
from readiness.state.store.remembered import (
    Canary,
    EndingCall,
    KeptFact,
    KeptFactsEnded,
    Remembered,
    place_of,
    sort_key_of,
)
from readiness.state.store.rows import Rows
from readiness.state.store.words import ConcurrentUpdate

__all__ = [
    "ENDED",
    "MIRROR",
    "MOST_DRIFTS",
    "STATE",
    "Canary",
    "Change",
    "ConcurrentUpdate",
    "DamagedEntry",
    "DriftRecord",
    "EmittedItems",
    "EndingCall",
    "KeptFact",
    "KeptFactsEnded",
    "Mirror",
    "MirrorEntry",
    "OutboxEntry",
    "Parameters",
    "Registered",
    "Remembered",
    "Rows",
    "RuleRecord",
    "RunRecord",
    "Store",
    "StoreUnavailable",
    "WriteConflict",
    "count",
    "drift_keys",
    "message_id",
    "parameters_of",
    "place_of",
    "purge",
    "read",
    "sort_key_of",
    "store_of",
]
