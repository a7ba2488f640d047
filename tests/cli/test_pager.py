"""`readiness alert --pager`, the test of the pager by `readiness alert --test`, and `readiness purge` with a pager."""

from collections.abc import Iterator

import pytest
from moto import mock_aws
from msgspec.structs import replace

from readiness.alerts.entries import context_of
from readiness.cli.exits import Failed
from readiness.cli.pager import resolve_all, send_test, show, shown, targets, with_pager
from readiness.cli.start import ChosenSettings
from readiness.facts.dynamodb.table import tables
from readiness.report.foot import DEFAULTS
from readiness.state.store import Mirror, MirrorEntry, Remembered, store_of
from tests.aws.account import TABLE
from tests.cli.world import GOOD
from tests.cli.world import World as Typed
from tests.run.paged import Paged
from tests.run.world import World, new_environment

ON = "pitr-enabled/on"


@pytest.fixture
def paged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Paged]:
    new_environment(monkeypatch)
    with mock_aws():
        world = World()
        world.subscribe()
        yield Paged(world)


def stored(paged: Paged) -> Remembered:
    return store_of(paged.world.account.aws, paged.world.settings.tables[0], "cli").read()


def test_what_should_be_open_and_what_was_sent_is_shown_with_its_time(
    paged: Paged, capsys: pytest.CaptureFixture[str]
) -> None:
    paged.world.recovery(on=False)
    paged.run()
    assert show(paged.world.account.aws, ChosenSettings(paged.world.settings, "./checklist.toml")) == 0
    at = f"{paged.world.now:%Y-%m-%d %H:%M} UTC"
    said = capsys.readouterr().out
    assert f"{TABLE}: pager events-v2\n" in said
    assert f"should be open    {ON}: open was sent at {at}, is sent once more after 10 minutes\n" in said
    assert "event-bus/readiness-prod-pager" in said


def test_what_was_not_sent_is_shown_as_such(paged: Paged) -> None:
    settings, now = paged.world.settings, paged.world.now
    paged.world.recovery(on=False)
    paged.run()
    state = stored(paged)
    waiting = Mirror(keys={ON: MirrorEntry(open=True, unsure=True)})
    assert f"{ON}: open was not accepted, the next run sends it" in "\n".join(
        shown(replace(state, mirrors={"events-v2": waiting}), settings, now)
    )
    assert f"{ON}: not sent" in "\n".join(shown(replace(state, mirrors={}), settings, now))
    struck = replace(settings, on_call=replace(settings.on_call, pager="none"))
    lines = list(shown(state, struck, now))
    assert lines[0].startswith(f"{TABLE}: no pager (on_call.pager in the checklist)")
    assert f"{TABLE}: pager events-v2, no longer in the checklist" in lines
    assert any("should be closed" in each and ON in each for each in lines)


def test_a_test_incident_is_opened_and_closed_at_the_pager(paged: Paged, capsys: pytest.CaptureFixture[str]) -> None:
    settings, aws = paged.world.settings, paged.world.account.aws
    [table] = tables(aws, settings)
    waited: list[set[str]] = []
    place = context_of(table, settings, dashboard="", table_id="test")
    send_test(aws, settings, place, lambda _seconds: waited.append(paged.incidents.checks))
    assert waited == [{"test"}]
    assert paged.incidents.checks == set()
    assert "a test incident was opened and closed at pager events-v2" in capsys.readouterr().out


def test_a_pager_that_no_run_has_recorded_or_that_refuses_is_a_failure(paged: Paged) -> None:
    settings, aws = paged.world.settings, paged.world.account.aws
    [table] = tables(aws, settings)
    place = context_of(table, settings, dashboard="", table_id="test")
    alarms = replace(settings, on_call=replace(settings.on_call, pager="cloudwatch"))
    with pytest.raises(Failed, match="no run has recorded where pager cloudwatch is"):
        send_test(aws, alarms, place, lambda _seconds: None)
    paged.world.account.refuse("events", "PutEvents", "AccessDeniedException")
    with pytest.raises(Failed, match="was not accepted"):
        send_test(aws, settings, place, lambda _seconds: None)


def test_a_purge_closes_all_incidents_first(paged: Paged, capsys: pytest.CaptureFixture[str]) -> None:
    paged.world.recovery(on=False)
    paged.run()
    assert paged.incidents.checks
    resolve_all(paged.world.account.aws, paged.world.settings, stored(paged))
    assert paged.incidents.checks == set()
    assert capsys.readouterr().out == f"{TABLE}: all incidents at pager events-v2 were closed\n"


def test_incidents_that_a_purge_cannot_close_are_counted(paged: Paged, capsys: pytest.CaptureFixture[str]) -> None:
    paged.world.recovery(on=False)
    paged.run()
    paged.world.account.refuse("events", "PutEvents", "ResourceNotFoundException")
    resolve_all(paged.world.account.aws, paged.world.settings, stored(paged))
    assert "did not accept that incidents are closed: close them there" in capsys.readouterr().out


def test_without_a_checklist_file_the_pager_is_the_one_that_a_run_has_recorded(
    paged: Paged, capsys: pytest.CaptureFixture[str]
) -> None:
    paged.world.recovery(on=False)
    paged.run()
    none = replace(paged.world.settings, on_call=replace(paged.world.settings.on_call, pager="none"))
    assert show(paged.world.account.aws, ChosenSettings(none, DEFAULTS)) == 0
    said = capsys.readouterr().out
    assert f"should be open    {ON}: open was sent" in said
    assert "no longer in the checklist" not in said
    assert with_pager(ChosenSettings(none, DEFAULTS), stored(paged)).on_call.pager == "events-v2"
    assert with_pager(ChosenSettings(none, "./checklist.toml"), stored(paged)).on_call.pager == "none"


@pytest.mark.parametrize("target", ["", "garbage", "arn:aws:events:", "arn:aws:events:!!:123456789012:event-bus/x"])
def test_a_row_with_another_target_than_a_pager_stops_neither_a_purge_nor_the_test(
    paged: Paged, target: str, capsys: pytest.CaptureFixture[str]
) -> None:
    settings, aws = paged.world.settings, paged.world.account.aws
    state = replace(stored(paged), mirrors={"events-v2": Mirror(target=target)})
    resolve_all(aws, settings, state)
    assert "did not accept that incidents are closed: close them there" in capsys.readouterr().out
    assert targets(state) == {}


def test_without_a_pager_that_is_said(world: Typed) -> None:
    world.good_table()
    ended = world.type("alert", "--pager")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == f"{GOOD}: no pager (on_call.pager in the checklist); 0 incidents would be open\n"
