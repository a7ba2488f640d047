import pytest
from msgspec.structs import replace

from readiness.facts.recorded.manifest import VERSION, application_manifest
from readiness.model import Reason, Unreadable
from readiness.state.table_id import UNKNOWN
from tests.rules.facts import description
from tests.rules.manifests import BY, manifest, recorded


def test_what_was_recorded_of_the_table_is_read() -> None:
    assert application_manifest(description(), recorded()) == manifest()


def test_nothing_was_recorded() -> None:
    assert application_manifest(description(), None) is None


def test_what_was_recorded_of_another_table_of_that_name_is_not_believed() -> None:
    assert application_manifest(description(table_id="made anew"), recorded()) is None


def test_what_was_recorded_while_nobody_knew_which_table_it_is_is_of_this_one() -> None:
    assert application_manifest(description(), replace(recorded(), table_id=UNKNOWN)) == manifest()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        pytest.param({"version": VERSION + 1}, f"version is {VERSION + 1}", id="of a later release"),
        pytest.param({"version": VERSION, "plan": "edited by hand"}, "plan", id="of nobody's making"),
        pytest.param({}, "missing", id="empty"),
    ],
)
def test_what_can_not_be_read_has_to_be_recorded_anew(content: dict[str, object], why: str) -> None:
    with pytest.raises(Unreadable) as unread:
        application_manifest(description(), recorded(content=content))
    assert unread.value.first.reason is Reason.STALE
    assert "must be recorded again" in unread.value.first.detail
    assert why in unread.value.first.detail
    assert BY not in unread.value.first.detail
