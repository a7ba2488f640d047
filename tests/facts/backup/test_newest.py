"""The newest backup of a table besides PITR."""

from datetime import datetime, timedelta

import pytest

from readiness.facts.backup.newest import NewestBackup, newest_backup
from readiness.facts.backup.on_demand import OnDemandBackup, OnDemandBackups
from readiness.facts.backup.recovery_points import RecoveryPoint, RecoveryPoints
from readiness.model import Reason, Unavailable
from tests.rules.facts import NOW, description

TABLE_ID = description().table_id
DENIED = Unavailable(Reason.ACCESS_DENIED, "dynamodb:ListBackups")


def ago(hours: int) -> datetime:
    return NOW.at - timedelta(hours=hours)


def points(*states: tuple[int, str]) -> RecoveryPoints:
    return RecoveryPoints(tuple(RecoveryPoint(status, ago(hours)) for hours, status in states))


def made(*states: tuple[int, str], table_id: str = TABLE_ID) -> OnDemandBackups:
    return OnDemandBackups(tuple(OnDemandBackup(table_id, status, ago(hours)) for hours, status in states))


@pytest.mark.parametrize(
    ("in_backup", "on_demand", "newest"),
    [
        pytest.param(None, None, None, id="the backup decision makes none known"),
        pytest.param(DENIED, DENIED, None, id="neither can be read"),
        pytest.param(points(), made(), None, id="there is none"),
        pytest.param(points((5, "COMPLETED")), DENIED, NewestBackup(ago(5), "AWS Backup"), id="one cannot be read"),
        pytest.param(points((5, "COMPLETED")), made((3, "AVAILABLE")), NewestBackup(ago(3), "on demand"), id="both"),
        pytest.param(points((5, "COMPLETED"), (2, "DELETING")), None, NewestBackup(ago(5), "AWS Backup"), id="usable"),
        pytest.param(None, made((3, "AVAILABLE"), table_id="former"), None, id="of a former table of this name"),
    ],
)
def test_the_newest_backup_that_can_be_restored(
    in_backup: RecoveryPoints | Unavailable | None,
    on_demand: OnDemandBackups | Unavailable | None,
    newest: NewestBackup,
) -> None:
    assert newest_backup(description(), in_backup, on_demand) == newest
