"""Checks that were renamed keep their memory, those that were retired lose it."""

from collections.abc import Mapping, Sequence

from readiness.state.drift.memory import CheckState


def adopt(
    memories: Mapping[str, CheckState], formerly: Mapping[str, Sequence[str]]
) -> tuple[dict[str, CheckState], tuple[str, ...]]:
    """The memories under today's ids, and the ids that are retired.

    `formerly` has every check of today with the ids it once had, the latest first. A memory under the id of today wins.
    """
    adopted = {}
    for check, former in formerly.items():
        found = next((name for name in (check, *former) if name in memories), None)
        if found is not None:
            adopted[check] = memories[found]
    renamed = {name for former in formerly.values() for name in former}
    return adopted, tuple(sorted(memories.keys() - formerly.keys() - renamed))
