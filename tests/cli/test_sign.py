"""`readiness sign`: the whole checklist stood complete, and somebody says so."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.endpoint import Endpoint

from tests.aws.saved import once
from tests.cli.world import GOOD, World, reads, recorded, tables
from tests.fixed_rules import RULES

OWNED = '[owners]\ndefault = "platform"\n'


@pytest.fixture
def complete(good: World) -> World:
    """All items are met, owned, and recorded by a run."""
    good.options = ("--config", good.checklist(tables(GOOD) + OWNED))

    def record() -> None:
        assert good.check("--record", *good.options).code == 0
        assert good.check("--require-complete", *good.options).code == 0

    once("complete", record)
    return good


def sign(world: World, *options: str) -> Any:
    return world.type("sign", *(options or ("--yes",)), *world.options)


def signoff(world: World) -> dict[str, Any]:
    found: dict[str, Any] = world.check(*world.options).table["signoff"]
    return found


def row(world: World) -> list[dict[str, Any]]:
    return [row for row in world.rows() if row["SK"]["S"] == "STATE#SIGNOFF"]


def test_who_signs_is_shown_what_they_sign_and_it_is_on_record(complete: World) -> None:
    ended = sign(complete)
    assert (ended.code, ended.err) == (0, "")
    assert "Complete." in ended.out
    (kept,) = row(complete)
    assert kept["by"]["S"] == complete.client("sts").get_caller_identity()["Arn"]
    assert (kept["account"]["S"], kept["tableId"]["S"]) == ("123456789012", complete.table_id())
    assert set(kept["checks"]["M"]) == {check.id for rule in RULES for check in rule.checks}
    assert kept["until"]["S"].startswith(f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%dT23:59}")
    assert "expiresAt" not in kept


def test_a_sign_off_is_shown_while_it_counts(complete: World) -> None:
    sign(complete)
    assert (signoff(complete)["status"], signoff(complete)["changed"]) == ("VALID", [])
    shown = complete.type("check", "--table", GOOD, *complete.options).text
    assert f"Signed by {signoff(complete)['by']} on 20" in shown
    assert ", valid until 20" in shown


def test_what_changed_since_is_named(complete: World) -> None:
    sign(complete)
    complete.recovery(on=False)
    assert signoff(complete)["status"] == "CHANGED"
    assert "pitr-enabled/on" in signoff(complete)["changed"]
    assert "billing-on-demand/mode" not in signoff(complete)["changed"]
    said = complete.type("check", *complete.options).text
    assert "changed since: backups-scheduled/recoverable, pitr-enabled/" in said


def test_it_counts_as_long_as_is_said(complete: World) -> None:
    sign(complete, "--yes", "--days", "1")
    (kept,) = row(complete)
    past = {"S": "2026-01-01T00:00:00.000000Z"}
    complete.client("dynamodb").put_item(TableName=GOOD, Item={**kept, "until": past})
    assert kept["until"]["S"].startswith(f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%d}")
    assert signoff(complete)["status"] == "EXPIRED"
    assert "expired on 2026-01-01 00:00 UTC" in complete.type("check", *complete.options).text


@pytest.mark.parametrize("key", ["tableId", "account"])
def test_it_is_void_for_another_table_or_account(complete: World, key: str) -> None:
    sign(complete)
    (kept,) = row(complete)
    complete.client("dynamodb").put_item(TableName=GOOD, Item={**kept, key: {"S": "another"}})
    assert signoff(complete)["status"] == "VOID"
    assert "void: signed for another table" in complete.type("check", *complete.options).text


def test_it_is_unknown_where_it_does_not_say_of_which_table_it_is(complete: World) -> None:
    sign(complete)
    (kept,) = row(complete)
    complete.client("dynamodb").put_item(TableName=GOOD, Item={**kept, "tableId": {"S": "unknown"}})
    assert signoff(complete)["status"] == "UNKNOWN"


def test_while_the_checklist_is_not_complete_nobody_signs(complete: World) -> None:
    complete.recovery(on=False)
    calls: list[str] = []
    with recorded(calls):
        ended = sign(complete)
    assert ended.code == 5
    assert ended.err == f"readiness: {GOOD}: not signed: the checklist is not complete\n"
    assert "Fail: 1.4" in ended.text
    assert f"--config {complete.options[1]}" in ended.text
    assert len(ended.out.splitlines()) < 14
    assert reads(calls), calls


def test_a_no_is_a_no(complete: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ended = sign(complete, "--days", "9")
    assert ended.code == 0
    assert GOOD in ended.err
    assert row(complete) == []


def test_a_dry_run_shows_and_signs_nothing(complete: World) -> None:
    ended = sign(complete, "--dry-run")
    assert "would sign off the checklist as shown here, until" in ended.out
    assert row(complete) == []


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """Between what is shown and the yes."""

    def agreed(_what: str, **_asked: bool) -> bool:
        monkeypatch.setattr("readiness.cli.records.agreed", lambda *_args, **_options: True)
        happens()
        return True

    monkeypatch.setattr("readiness.cli.records.agreed", agreed)


def turned_off(world: World) -> None:
    world.recovery(on=False)
    world.check("--record", *world.options)


def disowned(world: World) -> None:
    world.type("own", "pitr-enabled", "somebody else")


@pytest.mark.parametrize(
    ("happens", "said"),
    [
        pytest.param(
            turned_off,
            "changed while you read: backups-scheduled, pitr-enabled (last recorded by cli-",
            id="the account",
        ),
        pytest.param(disowned, "changed while you read: owner pitr-enabled by arn:aws:", id="what people say"),
    ],
)
def test_nobody_signs_what_changed_while_they_read(
    complete: World, monkeypatch: pytest.MonkeyPatch, happens: Callable[[World], None], said: str
) -> None:
    meanwhile(monkeypatch, lambda: happens(complete))
    ended = sign(complete, "--days", "9")
    assert ended.code == 4
    assert said in ended.err
    assert row(complete) == []


def test_a_run_that_found_all_as_it_was_does_not_hinder_who_reads_slowly(
    complete: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    meanwhile(monkeypatch, lambda: complete.check("--record", *complete.options))
    assert sign(complete, "--days", "9").code == 0
    assert len(row(complete)) == 1


def test_a_run_at_the_very_moment_is_not_overtaken(complete: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the comparison the version is the condition."""
    asked, first = Endpoint.make_request, iter(["first"])

    def make_request(self: Endpoint, model: Any, request: Any) -> Any:
        if model.name == "TransactWriteItems" and next(first, None):
            turned_off(complete)
        return asked(self, model, request)

    monkeypatch.setattr(Endpoint, "make_request", make_request)
    ended = sign(complete)
    assert (ended.code, "try again" in ended.err) == (4, True)
    assert row(complete) == []


def test_a_sign_off_is_taken_back_and_stays_on_record(complete: World) -> None:
    sign(complete)
    assert sign(complete, "--withdraw", "--yes").code == 0
    assert signoff(complete) is None
    (former,) = [row for row in complete.rows() if row["SK"]["S"].startswith("HISTORY#")]
    assert former["ended"]["S"] == "withdrawn"


@pytest.mark.parametrize(
    ("owners", "signs"),
    [
        pytest.param({"default": "ME"}, False, id="who owns all, by the name of the session"),
        pytest.param({"default": "ARN"}, False, id="who owns all, by the whole ARN"),
        pytest.param({"default": "ME", "pitr-enabled": "ada"}, True, id="who owns all but one"),
        pytest.param({"default": "platform"}, True, id="who owns none"),
    ],
)
def test_four_eyes_are_two_people(good: World, owners: dict[str, str], *, signs: bool) -> None:
    arn = good.client("sts").get_caller_identity()["Arn"]
    names = {"ME": arn.rpartition("/")[2].upper(), "ARN": arn}
    listed = "".join(f'"{rule}" = "{names.get(owner, owner)}"\n' for rule, owner in owners.items())
    good.options = ("--config", good.checklist(f"{tables(GOOD)}[signoff]\nfour_eyes = true\n[owners]\n{listed}"))
    good.check("--record", *good.options)
    ended = sign(good)
    assert (ended.code, len(row(good))) == ((0, 1) if signs else (4, 0))
    assert ("four_eyes" in ended.err) != signs


@pytest.mark.parametrize("days", ["0", "91", "-1", "soon", "1.5"])
def test_a_number_of_days_that_can_not_be(world: World, days: str) -> None:
    ended = world.type("sign", "--days", days)
    assert (ended.code, ended.out) == (2, "")
    assert "from 1 to 90" in ended.err
