"""What CloudWatch gets for its calls, from the checklist file to the page."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from moto import mock_aws
from msgspec import structs
from msgspec.structs import replace

from readiness.checklist import TableSettings
from readiness.widget import answer as answering
from readiness.widget.answer import WidgetEnvironment, answer
from tests.aws.account import TABLE
from tests.aws.tables import KEYS
from tests.cli.world import tables
from tests.run.world import World
from tests.widget.samples import NOW

ARN = "arn:aws:lambda:us-east-1:123456789012:function:readiness-widget"
OTHER = "babesclub-events"


@pytest.fixture
def world() -> Iterator[World]:
    """One run was made. What an execution environment keeps is forgotten."""
    with mock_aws():
        for kept in (answering._settings, answering._client):  # noqa: SLF001  as a new execution environment has it
            kept.cache_clear()
        world = World()
        world.run()
        yield world


def environment(folder: Path, text: str = "", interval: int = 300) -> WidgetEnvironment:
    file = folder / "checklist.toml"
    file.write_text(text or tables(TABLE))
    return WidgetEnvironment(TABLE, file, timedelta(seconds=interval))


def drawn(world: World, where: WidgetEnvironment, theme: str = "light", after: timedelta = timedelta(minutes=3)) -> str:
    return answer({"widgetContext": {"theme": theme}}, where, ARN, world.now + after)


def test_the_checklist_is_drawn_as_the_last_run_left_it(world: World, tmp_path: Path) -> None:
    html = drawn(world, environment(tmp_path))
    assert "1.4 PITR" in html
    assert "as of 3 min ago" in html
    assert "--late:720s" in html


def test_how_soon_it_is_stale_depends_on_the_interval(world: World, tmp_path: Path) -> None:
    assert "--late:10620s" in drawn(world, environment(tmp_path, interval=3600))


def test_the_answer_is_text_that_lambda_can_hand_over(world: World, tmp_path: Path) -> None:
    html = drawn(world, environment(tmp_path))
    assert type(html) is str
    assert json.loads(json.dumps(html)) == html


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_is_that_of_the_dashboard(world: World, tmp_path: Path, theme: str) -> None:
    assert f'class="rdns rdns-{theme}"' in drawn(world, environment(tmp_path), theme)


@pytest.mark.parametrize(
    "event", [{}, [], None, "draw", {"widgetContext": None}, {"widgetContext": {"theme": "sepia"}}, {"describe": False}]
)
def test_whoever_calls_is_shown_the_light_one(world: World, tmp_path: Path, event: object) -> None:
    assert 'class="rdns rdns-light"' in answer(event, environment(tmp_path), ARN, world.now)


def test_what_it_is_is_described_in_markdown_without_looking(tmp_path: Path) -> None:
    missing = WidgetEnvironment(TABLE, tmp_path / "missing.toml", timedelta(minutes=5))
    assert answer({"describe": True}, missing, ARN, NOW).startswith("## Readiness\n")


def test_every_table_of_the_checklist_is_drawn_in_its_order(world: World, tmp_path: Path) -> None:
    world.account.client("dynamodb").create_table(TableName=OTHER, BillingMode="PAY_PER_REQUEST", **KEYS)
    html = drawn(world, environment(tmp_path, tables(OTHER, TABLE, "babesclub-gone")))
    places = [html.index(f">{name}</span>") for name in (OTHER, TABLE, "babesclub-gone")]
    assert places == sorted(places)
    assert "has not completed a run" in html
    assert "The table does not exist" in html


def test_the_table_of_the_stack_is_drawn_whatever_the_only_one_of_the_file_is_called(
    world: World, tmp_path: Path
) -> None:
    assert "1.4 PITR" in drawn(world, environment(tmp_path, tables("another")))


def test_key_attributes_are_those_of_the_checklist(world: World, tmp_path: Path) -> None:
    dynamodb = world.account.client("dynamodb")
    keys = {"pk": "HASH", "sk": "RANGE"}
    dynamodb.create_table(
        TableName=OTHER,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys.items()],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
    )
    settings = TableSettings(name=OTHER, partition_key="pk", sort_key="sk")
    world.settings = structs.replace(world.settings, tables=(settings,))
    world.run()
    text = f'[[tables]]\nname = "{OTHER}"\npartition_key = "pk"\nsort_key = "sk"\n'
    html = answer({}, replace(environment(tmp_path, text), table=OTHER), ARN, world.now)
    assert "1.4 PITR" in html


def test_owners_are_not_this_functions_to_judge(world: World, tmp_path: Path) -> None:
    text = tables(TABLE) + '[owners]\n"no-such-rule" = "maria"\n'
    assert "1.4 PITR" in drawn(world, environment(tmp_path, text))


def test_a_broken_checklist_is_drawn_and_not_raised(tmp_path: Path, world: World) -> None:
    html = drawn(world, environment(tmp_path, "[[tables]]\nname = 7\n"))
    assert "tables[0].name: found 7, expected a text" in html


def test_the_runbook_of_the_checklist_is_linked(world: World, tmp_path: Path) -> None:
    text = tables(TABLE) + '[on_call]\nrunbook = "https://wiki.example.com/commerce?a=1&b=2"\n'
    assert 'href="https://wiki.example.com/commerce?a=1&amp;b=2"' in drawn(world, environment(tmp_path, text))


def test_the_environment_is_read_as_the_template_sets_it() -> None:
    variables = {"READINESS_TABLE": TABLE, "READINESS_CHECKLIST": "monitor/checklist.toml", "READINESS_INTERVAL": "15"}
    assert WidgetEnvironment.read(variables) == WidgetEnvironment(
        TABLE, Path("monitor/checklist.toml"), timedelta(minutes=15)
    )


@pytest.mark.parametrize("module", ["aws_lambda_powertools", "boto3", "botocore", "pydantic", "readiness.rules"])
def test_it_starts_without(module: str) -> None:
    script = f"import sys, readiness.widget.answer; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
