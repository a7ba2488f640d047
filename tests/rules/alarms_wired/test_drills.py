import pytest

from readiness.facts.recorded.attestations import Drill, Drills
from readiness.model import Status
from readiness.rules.alarms_wired import drilled
from tests.rules.facts import NOW, ago


def set_off(delivered: bool | None, **since: float) -> Drill:  # noqa: FBT001  a column of the table
    return Drill("throttled", "arn", ago(**since), "arn:aws:iam::123456789012:user/ada", delivered)


@pytest.mark.parametrize(
    ("made", "status"),
    [
        pytest.param((), Status.NOT_APPLICABLE, id="never"),
        pytest.param((set_off(True, days=180),), Status.PASS, id="somebody was reached half a year ago"),
        pytest.param((set_off(True, days=181),), Status.NOT_APPLICABLE, id="longer ago, which proves nothing now"),
        pytest.param((set_off(False, days=2),), Status.FAIL, id="nobody was reached"),
        pytest.param((set_off(None, days=2),), Status.WARN, id="nobody could see whether"),
        pytest.param((set_off(False, days=2), set_off(True, days=1)), Status.PASS, id="nobody, and then somebody"),
        pytest.param((set_off(True, days=2), set_off(False, days=1)), Status.FAIL, id="somebody, and then nobody"),
    ],
)
def test_alarms_that_were_set_off_on_purpose(made: tuple[Drill, ...], status: Status) -> None:
    verdict = drilled(Drills(made), NOW)
    assert verdict.status is status
    assert not verdict.evidence or verdict.evidence["By"].endswith("user/ada")
