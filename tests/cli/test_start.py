"""What keeps a command from starting is said in one line, or one a mistake, that says what to do."""

from pathlib import Path

import pytest

from tests.cli.world import GOOD, World, reads, recorded
from tests.fixed_rules import RULES

WHY = ("--reason", "r", "--until", "2099-01-01")


def one_line(world: World, *arguments: str, code: int) -> str:
    ended = world.type(*arguments)
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert ended.err.startswith("readiness: ")
    assert ended.err.count("\n") == 1
    return ended.err


def test_without_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "Set AWS_PROFILE or run `aws sso login`" in one_line(world, "check", code=4)


def test_with_half_the_credentials(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert "credentials" in one_line(world, "check", code=4)


def test_without_a_region(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    assert "set AWS_DEFAULT_REGION" in one_line(world, "check", code=4)


def test_with_a_profile_that_is_not_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "prod")
    said = one_line(world, "check", code=4)
    assert "(prod)" in said
    assert "aws configure list-profiles" in said


def test_a_profile_brings_credentials_region_and_endpoint(good: World, monkeypatch: pytest.MonkeyPatch) -> None:
    endpoint = good.endpoint
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name)
    path = good.folder / "config"
    path.write_text(
        "[profile prod]\naws_access_key_id = one\naws_secret_access_key = two\nregion = us-east-1\n"
        f"endpoint_url = {endpoint}\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    monkeypatch.setenv("AWS_PROFILE", "prod")
    assert good.check().code == 0


def test_with_an_endpoint_that_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    said = one_line(world, "check", code=4)
    assert "cannot reach AWS" in said
    assert "http://127.0.0.1:9" in said


def test_with_an_endpoint_that_is_none(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    assert "nonsense" in one_line(world, "check", code=4)


@pytest.mark.parametrize(
    ("key", "there", "here"),
    [("account", "210987654321", "123456789012"), ("region", "eu-central-1", "us-east-1")],
    ids=["account", "Region"],
)
@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("check", "--record"),
        ("purge", "--yes"),
        ("pause", "--until", "2099-01-01T00:00", "--reason", "r", "--yes"),
    ],
    ids=" ".join,
)
def test_in_the_wrong_place_nothing_is_judged_or_written(
    good: World, key: str, there: str, here: str, command: tuple[str, ...]
) -> None:
    said = one_line(good, *command, "--config", good.checklist(f'{key} = "{there}"\n'), code=4)
    assert there in said
    assert here in said
    assert good.rows() == []


@pytest.mark.parametrize("command", ["validate", "check --config"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('regoin = "us-east-1"\n', "regoin: unknown key, did you mean region?"),
        ("account = 12\n", "account: found 12, expected a text"),
        ("[[tables]\n", "is not TOML"),
        (f'[[tables]]\nname = "{GOOD}"\n[[tables]]\nname = "{GOOD}"\n', f"found the table '{GOOD}' twice"),
        ("tables = []\n", "tables: "),
        ("[[tables]]\npitr = { window_days = 36 }\n", "tables[0].pitr.window_days: found 36"),
        ('[owners]\npitr-enable = "x"\n', "owners.pitr-enable: unknown rule, did you mean pitr-enabled?"),
        ('[on_call]\ntime_zone = "Middle/Earth"\n', "on_call.time_zone: found 'Middle/Earth'"),
        ('account = "12"\n', "expected the 12 digits"),
    ],
    ids=[
        *("unknown key", "wrong type", "no TOML", "a table twice", "no table"),
        *("out of bounds", "unknown rule", "no time zone", "no account"),
    ],
)
def test_a_broken_checklist(world: World, command: str, text: str, said: str) -> None:
    path = world.checklist(text)
    line = one_line(world, *command.split(), path, code=2)
    assert path in line
    assert said in line


@pytest.mark.parametrize("command", ["policy", "purge --yes", "resume --yes", "alert --test --yes"])
def test_a_broken_checklist_stops_every_command(world: World, command: str) -> None:
    path = world.checklist("account = 12\n")
    assert path in one_line(world, *command.split(), "--config", path, code=2)


def test_every_mistake_of_a_checklist_has_its_line(world: World) -> None:
    ended = world.type("validate", world.checklist('regoin = ""\naccount = 12\n[on_call]\nrunbok = ""\n'))
    assert ended.code == 2
    lines = ended.err.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("readiness: ") for line in lines)
    assert sorted(line.split(": ", 2)[2] for line in lines) == [
        "account: found 12, expected a text",
        "on_call.runbok: unknown key, did you mean runbook?",
        "regoin: unknown key, did you mean region?",
    ]


@pytest.mark.parametrize("path", ["missing.toml", "."], ids=["missing", "a folder"])
def test_a_checklist_that_can_not_be_read(world: World, path: str) -> None:
    assert "cannot be read" in one_line(world, "validate", str(world.folder / path), code=2)


def test_a_table_that_the_checklist_does_not_name(world: World) -> None:
    config = world.checklist('[[tables]]\nname = "orders"\n[[tables]]\nname = "carts"\n')
    said = one_line(world, "check", "--config", config, "--table", "cart", code=2)
    assert "it names orders, carts" in said


def test_a_setting_that_has_no_effect_any_more_is_said_to_have_none(world: World) -> None:
    ended = world.type("validate", world.checklist('[functions]\ncandidates = ["*cart*"]\n'))
    assert ended.code == 0
    assert "functions.candidates has no effect any more: move its patterns to functions.name_patterns" in ended.out


def test_the_checklist_that_is_deployed_is_valid(world: World) -> None:
    deployed = Path(__file__).parents[2] / "functions" / "monitor" / "checklist.toml"
    ended = world.type("validate", str(deployed))
    assert ended.code == 0
    assert f"valid: monitors babesclub-commerce; 0 of {len(RULES)} items have an owner" in ended.out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("chekc",), "unknown command 'chekc'. Did you mean check?"),
        (("zzz",), "the commands are check, init, validate"),
        (("check", "--bogus"), "unknown option --bogus"),
        (("--tabel",), "unknown option --tabel"),
        (("check", "--format", "xml"), "--format: found 'xml', expected text, json, junit"),
        (("check", "--fail-on", "unknown"), "expected fail or warn"),
        (("check", "--tabel", "x"), "unknown option --tabel. Did you mean --table?"),
        (("check", "--table", "a b!"), "'a b!' is not a table name"),
        (("check", "--table", "arn:aws:dynamodb:us-east-1:123456789012:table/orders"), "expected the name orders"),
        (("check", "--fail-on"), "--fail-on: a value is missing"),
        (("check", "orders"), "unexpected argument orders"),
        (("check", "--snapshot", "a", "--save-snapshot", "b"), "--save-snapshot cannot be used with --snapshot"),
        (("validate",), "FILE is missing"),
        (("alert",), "--test or --pager is missing"),
        (("alarms",), "--write or --drill is missing"),
        (("alarms", "--drill", "x", "--write", "y"), "--write cannot be used with --drill"),
        (("alarms", "--drill", "x", "--wait", "soon"), "expected a number of seconds such as 180"),
        (("alert",), "--test"),
        (("alert", "--test"), "--topic"),
        (("alert", "--test", "--topic", "on-call"), "'on-call' is not the ARN of a topic"),
        (("pause", "--reason", "x"), "--until is missing"),
        (("pause",), "--until and --reason are missing"),
        (("pause", "--untl", "4h"), "Did you mean --until?"),
        (("pause", "--until", "2099-01-01T18:30 Europe/Berln", "--reason", "x"), "Europe/Berlin"),
        (("pause", "--until", "2099-01-01T18:30Z Europe/Berlin", "--reason", "x"), "expected a span such as 30m"),
        (("pause", "--until", "0h", "--reason", "x"), "expected a span such as 30m"),
        (("pause", "--until", "2099-01-01T00:00"), "--reason"),
        (("pause", "--until", "2099-01-01T00:00", "--reason", " "), "--reason"),
        (("pause", "--until", "tomorrow", "--reason", "x"), "2026-11-24T18:30"),
        (("pause", "--until", "2020-01-01T00:00", "--reason", "x"), "in the past"),
        (("own", "pitr-enabeld", "ada"), "Did you mean pitr-enabled?"),
        (("own", "pitr-enabled"), "OWNER is missing"),
        (("own", "pitr-enabled", "ada", "--withdraw"), "cannot be used with --withdraw"),
        (("own", "pitr-enabled", " \t"), "OWNER: is empty"),
        (("own", "pitr-enabled", "x" * 1001), "OWNER: found 1001 characters, expected 1000 at most"),
        (("waive", "pitr-enabled", *WHY), "expected one of its checks: pitr-enabled/on,"),
        (("waive", "pitr-enabled/onn", *WHY), "Did you mean pitr-enabled/on?"),
        (("waive", "ptr-enabled/on", *WHY), "Did you mean pitr-enabled?"),
        (("waive", "pitr-enabled/on", "--reason", "x"), "--until is missing"),
        (("waive", "pitr-enabled/on", "--until", "2099-01-01"), "--reason is missing"),
        (("waive", "pitr-enabled/on", "--until", "2020-01-01", "--reason", "x"), "2020-01-01 23:59 UTC is in the past"),
        (("waive", "pitr-enabled/on", "--until", "2099-01-01", "--reason", ""), "--reason: is empty"),
        (("waive", "pitr-enabled/on", "--until", "2099-02-30", "--reason", "x"), "found '2099-02-30'"),
        (("waive", "pitr-enabled/on", "--until", "0001-01-01T00:00+14:00", "--reason", "x"), "expected a span such as"),
        (("waive", "pitr-enabled/on", "--resource", "", *WHY), "--resource: is empty"),
        (("waive", "pitr-enabled/on", "--withdraw", "--reason", "x"), "--reason cannot be used with --withdraw"),
        (("ack", "pitr-enabled/onn"), "Did you mean pitr-enabled/on?"),
        (("ack", "1.4", "--yes"), "expected one of its checks: pitr-enabled/on, "),
        (("own", "1.4/on", "ada"), "found the check pitr-enabled/on, expected an item: 1.4 or pitr-enabled"),
        (("ack", "pitr-enabled/on", "--note", ""), "--note: is empty"),
        (("ack", "pitr-enabled/on", "--withdraw", "--note", "x"), "--note cannot be used with --withdraw"),
        (("attest", "ttl-enabled", "--evidence", "x"), "--until"),
        (("attest", "ttl-enabled", "--evidence", "x", "--until", "2020-01-01"), "in the past"),
        (("attest", "ttl-enabled", "--evidence", " ", "--until", "2099-01-01"), "--evidence: is empty"),
        (("history", "--since", "yesterday"), "30m, 4h or 7d"),
        (("history", "--since", "99999999999d"), "30m, 4h or 7d"),
        (("history", "--rule", "pitrs"), "Did you mean pitr-enabled?"),
        (("explain", "pitr-enabeld"), "Did you mean pitr-enabled?"),
        (("explain", "1.4/wndow"), "Did you mean pitr-enabled/window?"),
        (("policy", "--rule", "d"), "dead-letters-kept and documentation-current"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_was_typed_wrongly(world: World, typed: tuple[str, ...], said: str) -> None:
    calls: list[str] = []
    with recorded(calls):
        assert said in one_line(world, *typed, code=2)
    assert reads(calls), calls
