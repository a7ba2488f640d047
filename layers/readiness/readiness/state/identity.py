"""Identity of the table behind a name: its former TableId, kept in an SSM parameter."""

import logging
from enum import Enum, auto

import msgspec

from readiness.aws.failure import failure
from readiness.scan import Scan
from readiness.state.store import Parameters, Registered, Remembered, StoreUnavailable
from readiness.state.table_id import another, is_known, known

logger = logging.getLogger(__name__)

_written: set[tuple[str, str]] = set()
"""(table, TableId) of each parameter that this execution environment knows to be up to date."""


class Continuity(Enum):
    """Relation of the table and its memory to those of earlier runs."""

    SAME = auto()
    FIRST_RUN = auto()
    TABLE_REPLACED = auto()
    MEMORY_DELETED = auto()


class TableIdentity(msgspec.Struct, frozen=True):
    """The identity of the table. SSM is called at most once for the former TableId, and only if the memory lacks it."""

    parameters: Parameters
    asked: list[str | None] = msgspec.field(default_factory=list)

    @property
    def former(self) -> str | None:
        """Return the TableId that was written last; None if there is none or it can't be read."""
        try:
            return self.registered()
        except StoreUnavailable as error:
            logger.warning("the former TableId could not be read", extra=failure(error))
            self.asked.append(None)
            return None

    def registered(self) -> str | None:
        """Return the TableId that was written last; None if there is none. StoreUnavailable: it can't be read."""
        if not self.asked:
            registered = self.parameters.read()
            self.asked.append(registered.table_id if registered else None)
        return self.asked[0]

    def table_id(self, state: Remembered, scan: Scan) -> str:
        """Return the TableId that was read, else the one in memory, else the former one, else UNKNOWN."""
        here = known(scan.table_id, state.table_id)
        return here if is_known(here) else known(self.former)

    def continuity(self, state: Remembered, scan: Scan) -> Continuity:
        """Return the relation to earlier runs; SAME if this run could not read the TableId.

        StoreUnavailable: the stored state does not tell, and SSM does not return the former TableId.
        """
        same_id = is_known(state.table_id) and state.table_id == scan.table_id
        if not scan.described or (state.seen and (same_id or scan.table_id is None)):
            return Continuity.SAME
        former = known(self.registered(), state.table_id)
        if another(former, scan.table_id):
            return Continuity.TABLE_REPLACED
        if state.seen:
            return Continuity.SAME
        return Continuity.MEMORY_DELETED if is_known(former) else Continuity.FIRST_RUN

    def before(self, state: Remembered) -> str:
        """Return the TableId that the parameter holds; if that is unknown, the one in memory."""
        return known(self.former, state.table_id)

    def remember(self, state: Remembered, scan: Scan) -> None:
        """Register the TableId after the commit, and that all rows are signed, if the parameter holds another value.

        An execution environment compares each TableId once, until all rows are signed. An error of SSM is logged,
        not raised.
        """
        if scan.table_id is None:
            return
        written = (self.parameters.table, scan.table_id)
        if state.table_id == scan.table_id and written in _written:
            return
        try:
            before = self.parameters.read()
            signed = bool(before and before.signed) or not state.unsigned
            if before != (after := Registered(scan.table_id, signed)):
                self.parameters.write(after)
        except StoreUnavailable as error:
            logger.warning("the TableId could not be written", extra=failure(error))
        else:
            if signed:
                _written.add(written)
