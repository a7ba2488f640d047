"""Renamed checks keep their memory. Retired checks lose it."""

from collections.abc import Mapping, Sequence

from readiness.state.drift.memory import CheckState


def adopt(
    memories: Mapping[str, CheckState], formerly: Mapping[str, Sequence[str]]
) -> tuple[dict[str, CheckState], tuple[str, ...]]:
    """Return the memories under the current ids, and the ids that are retired.

    `formerly` holds the former ids of each current check, the latest first. A memory under the current id wins.
    """
    adopted = {}
    for check, former in formerly.items():
        found = next((name for name in (check, *former) if name in memories), None)
        if found is not None:
            adopted[check] = memories[found]
    renamed = {name for former in formerly.values() for name in former}
    return adopted, tuple(sorted(memories.keys() - formerly.keys() - renamed))
