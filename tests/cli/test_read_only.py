"""The commands that ask nothing of AWS: what is there, why, and what it takes."""

import json
import re

import pytest

from readiness.engine.rule import Rule
from readiness.report.permissions import actions
from tests.cli.world import World
from tests.fixed_rules import ASKED

COMMANDS = (
    "check",
    "init",
    "validate",
    "explain",
    "fix",
    "cost",
    "policy",
    "alert",
    "alarms",
    "pause",
    "resume",
    "own",
    "attest",
    "waive",
    "ack",
    "sign",
    "history",
    "diff",
    "manifest",
    "purge",
    "completion",
    "demo",
)


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """Nothing but this process is asked."""
    assert world.endpoint
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")


def test_explain_lists_the_checklist(world: World) -> None:
    ended = world.type("explain")
    assert ended.code == 0
    assert [line.split()[1] for line in ended.out.splitlines()] == [rule.id for rule in ASKED]


@pytest.mark.parametrize("rule", ASKED, ids=lambda rule: rule.id)
def test_explain_says_why_how_and_what_mends_it(world: World, rule: Rule) -> None:
    out = world.type("explain", rule.id).out
    said = " ".join(out.replace(" \\\n", " ").split())
    assert rule.why in said
    assert rule.reference in said
    for check in rule.checks:
        assert check.id in said
        assert " ".join(check.command.split()) in said
    page = out.partition("\nReference: ")[0]
    assert max(map(len, page.splitlines())) <= 80


def test_explain_says_it_of_one_check_alone(world: World) -> None:
    out = world.type("explain", "pitr-enabled/window").out
    assert "pitr-enabled/window" in out
    assert "pitr-enabled/on" not in out


def test_the_policy_allows_what_the_facts_declare_and_to_read_the_stored_items_and_nothing_else(world: World) -> None:
    document = json.loads(world.type("policy", "--table", "orders").out)
    *of_facts, stored = document["Statement"]
    assert (stored["Action"], stored["Resource"]) == (["dynamodb:Query"], ["arn:*:dynamodb:*:*:table/orders"])
    assert stored["Condition"]["ForAllValues:StringLike"] == {"dynamodb:LeadingKeys": ["READINESS#*"]}
    allowed = {action for statement in of_facts for action in statement["Action"]}
    assert allowed == actions(check for rule in ASKED for check in rule.checks) - {"dynamodb:Scan", "sts:AssumeRole"}
    assert {statement["Effect"] for statement in document["Statement"]} == {"Allow"}
    assert "arn:*:dynamodb:*:*:table/orders" in json.dumps(document)


def test_the_policy_allows_to_assume_the_role_that_the_checklist_names_and_no_other(world: World) -> None:
    role = "arn:aws:iam::999999999999:role/costs"
    file = world.checklist(f'[cost]\npayer_role_arn = "{role}"\n')
    document = json.loads(world.type("policy", "--config", file).out)
    assert [each["Resource"] for each in document["Statement"] if each["Action"] == ["sts:AssumeRole"]] == [[role]]


def test_the_policy_allows_to_look_at_items_where_the_checklist_says_so(world: World) -> None:
    file = world.checklist('[[tables]]\nname = "orders"\nttl_attribute = "ttl"\n[tables.sample]\nenabled = true\n')
    document = json.loads(world.type("policy", "--config", file).out)
    (scan,) = [each for each in document["Statement"] if "dynamodb:Scan" in each["Action"]]
    assert scan["Resource"] == ["arn:*:dynamodb:*:*:table/orders"]
    assert scan["Condition"]["ForAllValues:StringEquals"] == {"dynamodb:Attributes": ["PK", "SK", "ttl"]}


def test_the_policy_of_one_rule_is_smaller(world: World) -> None:
    document = json.loads(world.type("policy", "--rule", "ttl-enabled").out)
    allowed = {action for statement in document["Statement"] for action in statement["Action"]}
    assert allowed == {"dynamodb:DescribeTable", "dynamodb:DescribeTimeToLive"}


def test_the_version_is_that_of_the_package(world: World) -> None:
    ended = world.type("--version")
    assert (ended.code, ended.out) == (0, "0.1.0\n")


def test_help_lists_every_command(world: World) -> None:
    ended = world.type("--help")
    assert ended.code == 0
    assert tuple(re.findall(r"^    (\w+)", ended.out, re.MULTILINE)) == COMMANDS


def test_typing_nothing_shows_the_help(world: World) -> None:
    ended = world.type()
    assert ended.code == 2
    assert "commands:" in ended.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_every_command_has_its_help(world: World, command: str) -> None:
    ended = world.type(command, "--help")
    assert ended.code == 0
    lines = iter(ended.out.partition("options:\n")[2].partition("\n\n")[0].splitlines())
    for line in (line for line in lines if not line.startswith(" " * 10)):
        explained = line if re.search(r"\S  +\S", line) else next(lines)
        assert re.search(r" {2,}[a-z]", explained), line
