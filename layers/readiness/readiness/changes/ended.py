"""The kept answers that change events end."""

from collections.abc import Iterable, Mapping

from readiness.changes.call import ApiCall
from readiness.engine.fact import Source
from readiness.state.kept import is_ended
from readiness.state.store import ENDED, EndingCall, KeptFactsEnded, Remembered

DOMAIN = ".amazonaws.com"


def answers_ended(
    calls: Iterable[ApiCall], run_id: str, state: Remembered, sources: Mapping[str, Source]
) -> KeptFactsEnded | None:
    """Return the calls that end a kept answer, for the row of the run; None if they end none, or are in that row.

    `sources` are those of the facts that are kept, by stored name.
    """
    row = f"{ENDED}{run_id}"
    if any(each.sort_key == row for each in state.ended):
        return None
    made = (
        EndingCall(f"{call.source.removesuffix(DOMAIN)}:{call.name}", call.service, call.names)
        for call in calls
        if not call.refused
    )
    kept = [fact for fact in state.facts if fact.type in sources]
    ending = tuple(
        call for call in made if any(is_ended(fact, [KeptFactsEnded(row, (call,))], sources) for fact in kept)
    )
    return KeptFactsEnded(row, ending) if ending else None
