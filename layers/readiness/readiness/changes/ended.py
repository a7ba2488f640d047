"""The change events that end kept answers."""

from collections.abc import Iterable, Mapping

from readiness.changes.call import ApiCall
from readiness.engine.fact import Source, ending_events
from readiness.state.store import ENDED, EndingCall, KeptFactsEnded, Remembered

DOMAIN = ".amazonaws.com"


def answers_ended(
    calls: Iterable[ApiCall], run_id: str, state: Remembered, sources: Mapping[str, Source]
) -> KeptFactsEnded | None:
    """Return the calls that can end kept answers, for the row of the run; None if none can, or the row was read.

    A run that overlaps can store an answer from before the calls, so it does not matter which are stored now. `sources`
    are those of the facts that are kept, by stored name.
    """
    row = f"{ENDED}{run_id}"
    if any(each.sort_key == row for each in state.ended):
        return None
    made = (
        EndingCall(f"{call.source.removesuffix(DOMAIN)}:{call.name}", call.service, call.names)
        for call in calls
        if not call.refused
    )
    events = frozenset().union(*(ending_events(source.identity) for source in sources.values()))
    ending = tuple(call for call in made if call.event in events)
    return KeptFactsEnded(row, ending) if ending else None
