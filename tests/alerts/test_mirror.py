"""The row of a pager after its events were accepted."""

from datetime import UTC, datetime

from readiness.alerts.mirror import Sending
from readiness.state.store.mirror import Mirror, MirrorEntry

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)


def test_only_a_second_sending_makes_an_incident_sure() -> None:
    unsure = MirrorEntry(open=True, unsure=True, sent_at=NOW)
    before = Mirror(keys={"new": unsure, "again": unsure, "swept": unsure})
    after = Sending(before, ("new", "again", "swept"), ("new",), ("again",), sweeps=True).after(before.keys, NOW)
    assert {key: each.unsure for key, each in after.keys.items()} == {"new": True, "again": False, "swept": True}
