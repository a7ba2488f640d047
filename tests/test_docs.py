"""What the README and the pages beside it show works, and is all there is."""

import json
import re
import shlex
import sys
from datetime import UTC, datetime
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest
from moto import mock_aws
from samtranslator.yaml_helper import yaml_parse

from readiness.alerts.compose import compose
from readiness.alerts.phrase import TROUBLES
from readiness.aws.client import Aws
from readiness.checklist import Settings
from readiness.checklist.file import load
from readiness.cli.arguments import parser
from readiness.cli.fields import record
from readiness.cli.names import check_of, named
from readiness.engine.collect import Past, collect
from readiness.engine.evaluate import evaluate
from readiness.engine.snapshot import ROOT
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.attested import RestoreDrill
from readiness.model import Reason, Severity, Status
from readiness.rules import RULES
from readiness.state.drift import EventKind
from tests.alerts.samples import GOLDEN
from tests.aws.account import TABLE, Account, good_table

ROOT_FOLDER = Path(__file__).parents[1]
README = (ROOT_FOLDER / "README.md").read_text(encoding="utf-8")
ALERTS = (ROOT_FOLDER / "docs" / "alerts.md").read_text(encoding="utf-8")


SUBJECTS = (*Severity, "RESOLVED", "UNKNOWN", "NOTE", "TEST")
"""What the subject of a message begins with."""


def blocks(language: str, page: str) -> list[str]:
    text = (ROOT_FOLDER / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def module(name: str, code: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    made = module_from_spec(spec_from_loader(name, None) or pytest.fail(name))
    monkeypatch.setitem(sys.modules, name, made)
    exec(compile(code, name, "exec"), made.__dict__)  # noqa: S102  it is our own text
    return made


@pytest.mark.parametrize(("streamed", "status"), [(False, Status.PASS), (True, Status.FAIL)])
def test_the_rule_that_it_adds_judges(monkeypatch: pytest.MonkeyPatch, *, streamed: bool, status: Status) -> None:
    fact, rule, _fixture = blocks("python", "add-a-rule.md")
    module("readiness.facts.dynamodb.stream", fact, monkeypatch)
    added = module("readiness.rules.streams_off", rule, monkeypatch).rule
    with mock_aws():
        account = Account()
        good_table(account)
        if streamed:
            specification = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
            account.client("dynamodb").update_table(TableName=TABLE, StreamSpecification=specification)
        past = Past({Aws: {ROOT: account.aws}, Settings: {ROOT: Settings()}})
        snapshot = collect(added.checks, past)
        (judgement,) = evaluate([added], snapshot, Table, lambda table: {"table": table.name}, print)
    assert added.id == "streams-off"
    assert judgement.status(added) is status


def test_the_checklist_that_it_shows_is_one(tmp_path: Path) -> None:
    (shown,) = blocks("toml", "checklist.md")
    file = tmp_path / "checklist.toml"
    file.write_text(shown)
    assert load(file, [rule.id for rule in RULES]).tables[0].name == TABLE


def test_the_readme_is_short_and_its_first_screen_says_what_it_reads_and_costs() -> None:
    lines = README.splitlines()
    assert len(lines) < 120
    first = "\n".join(lines[:25])
    assert "**It reads**" in first
    assert "**It costs**" in first
    assert re.search(r"!\[.+?\]\(docs/.+?\.png\)", first)


TYPED = (
    "README.md",
    "docs/checklist.md",
    "docs/commands.md",
    "docs/deploy.md",
    "docs/faq.md",
    "docs/getting-started.md",
    "docs/install.md",
    "docs/runbook.md",
)


@pytest.mark.parametrize("page", TYPED)
def test_the_commands_that_a_page_names_exist(page: str) -> None:
    named = set(re.findall(r"readiness ([a-z]+)\b", (ROOT_FOLDER / page).read_text(encoding="utf-8")))
    known = parser().format_help()
    assert named
    assert [command for command in named if f"\n    {command}" not in known] == []


@pytest.mark.parametrize("page", [page for page in TYPED if page != "docs/faq.md"])
def test_the_commands_that_a_page_shows_can_be_typed(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("before.json", "after.json"):
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    text = (ROOT_FOLDER / page).read_text(encoding="utf-8")
    shown = "\n".join(re.findall(r"^ *```\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)).replace("\\\n", " ")
    lines = re.findall(r"^ *(?:\w+=\S+ )*(?:\.venv/bin/)?readiness (.*)", shown, re.MULTILINE)
    commands = [line.partition(" > ")[0] for line in lines]
    typed = [vars(parser().parse_args(shlex.split(command, comments=True))) for command in commands]
    assert typed
    for each in typed:
        for name in ("about", "check", "rule"):
            if each.get(name):
                named(each[name])


def test_what_people_may_put_on_record_is_typed_so() -> None:
    commands = (ROOT_FOLDER / "docs" / "commands.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```\n(readiness own.*?)```", commands, re.DOTALL)
    lines = [shlex.split(line) for line in shown.replace("\\\n", " ").splitlines()]
    typed = [vars(parser().parse_args(line[1:])) for line in lines]
    assert [each["command"] for each in typed] == ["own", "attest", "waive", "ack", "sign", "history"]
    assert [check_of(each["check"]).id for each in typed if "check" in each] == [
        "pitr-enabled/togglers",
        "pitr-enabled/on",
    ]
    (attested,) = [each for each in typed if each["command"] == "attest"]
    assert isinstance(record(attested["rule"], attested["fields"], datetime(2027, 1, 1, tzinfo=UTC)), RestoreDrill)


def test_every_parameter_of_the_stack_is_documented_with_its_default() -> None:
    text = (ROOT_FOLDER / "docs" / "deploy.md").read_text(encoding="utf-8")
    parameters = yaml_parse((ROOT_FOLDER / "template.yaml").read_text(encoding="utf-8"))["Parameters"]
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:`(.+?)`)? *\|", text, re.MULTILINE))
    assert rows == {name: str(each["Default"]) for name, each in parameters.items()}


def test_every_rule_is_in_its_table() -> None:
    assert {rule.id for rule in RULES} <= set(re.findall(r"`([a-z-]+)`", README))


def test_the_files_that_it_links_to_are_there() -> None:
    links = [link.partition("#") for link in re.findall(r"\]\(([^)]+)\)", README) if "://" not in link]
    assert links
    assert [path for path, _, _ in links if not (ROOT_FOLDER / path).exists()] == []
    headings = [(path, f"\n## {anchor.replace('-', ' ')}\n") for path, _, anchor in links if anchor]
    assert [
        each for each in headings if each[1] not in (ROOT_FOLDER / each[0]).read_text(encoding="utf-8").lower()
    ] == []


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_every_field_of_a_message_is_documented(name: str) -> None:
    message = compose(GOLDEN[name])
    assert message is not None
    document = json.loads(message.bodies["sqs"])
    named = set(re.findall(r"`([a-z_]+)`", ALERTS))
    assert set(document) - named == set()
    assert {field for event in document["events"] for field in event} - named == set()
    assert set(document["trouble"] or ()) - named == set()


def test_the_runbook_has_each_message_alarm_and_reason() -> None:
    text = (ROOT_FOLDER / "docs" / "runbook.md").read_text(encoding="utf-8")
    code = set(re.findall(r"`([^`\n]+)`", text))
    subjects = [each.removeprefix("... ") for each in code if each.startswith("... ")]
    assert [words for words in TROUBLES.values() if not any(subject in words for subject in subjects)] == []
    assert [subject for subject in SUBJECTS if f"`[{subject}" not in text] == []
    resources = yaml_parse((ROOT_FOLDER / "template.yaml").read_text(encoding="utf-8"))["Resources"]
    alarms = {
        name.removesuffix("Alarm") for name, each in resources.items() if each["Type"] == "AWS::CloudWatch::Alarm"
    }
    assert alarms - code == set()
    assert set(Reason) - code == set()


def test_every_kind_of_event_is_documented() -> None:
    assert [kind for kind in EventKind if f"`{kind}`" not in ALERTS] == []


PACKAGE = ROOT_FOLDER / "layers/readiness/readiness"
PAGES = (
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/decisions/README.md",
    *(f"docs/{path.name}" for path in sorted((ROOT_FOLDER / "docs").glob("*.md")) if path.name != "add-a-rule.md"),
)
"""Without the pages of the rules, which are generated, and the one that names files which its reader writes."""
PATH = re.compile(r"\b(?:docs|tests|layers|functions|events)/[\w./-]*\w\.(?:md|py|toml|json|yaml)\b")


@pytest.mark.parametrize("page", PAGES)
def test_what_the_documents_refer_to_is_there(page: str) -> None:
    text = (ROOT_FOLDER / page).read_text(encoding="utf-8")
    links = {link.partition("#")[0] for link in re.findall(r"\]\(([^):]+)\)", text)} - {""}
    paths = {(ROOT_FOLDER / page).parent / link for link in links} | {ROOT_FOLDER / path for path in PATH.findall(text)}
    assert [str(path) for path in paths if not path.exists()] == []


def test_the_rooms_of_the_architecture_are_those_of_the_package() -> None:
    text = (ROOT_FOLDER / "docs/architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`.+?) \|", text, re.MULTILINE)
    named = {name.rstrip("/") for row in rows for name in re.findall(r"`([\w./]+)`", row)}
    rooms = {path.name for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert rooms - {"__init__.py"} <= named
