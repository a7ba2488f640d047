"""How many calls a run makes for a table with five functions, once it has a memory."""

from collections import Counter

import pytest
from msgspec import structs

from readiness.checklist import TableSettings
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.rules import ASKED
from tests.aws import costs, shop
from tests.aws.account import TABLE, encrypt, good_table
from tests.run.world import World

NAMES = tuple(f"babesclub-{name}" for name in ("cart", "checkout", "mail", "pay", "ship"))
MOST = 45


@pytest.fixture
def watched(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """A table of which all that a checklist can ask for is there, and whose change events arrive."""
    monkeypatch.setattr(shop, "FUNCTIONS", NAMES)
    world.subscribe()
    client = world.account.client
    shop.furnish(client, world.topic)
    costs.furnish(client, world.topic)
    world.drilled()
    world.documented()
    key = client("kms").create_key()["KeyMetadata"]
    client("kms").enable_key_rotation(KeyId=key["KeyId"])
    encrypt(world.account, key["Arn"])
    client("s3").create_bucket(Bucket="trail")
    client("cloudtrail").create_trail(Name="all", S3BucketName="trail", IsMultiRegionTrail=True)
    client("cloudtrail").start_logging(Name="all")
    queue = shop.dead_letters(client, "changes")
    world.route = ChangeRoute(("TableChanges", "RoleChanges", "RouteChanges", "AlarmChanges"), queue, "readiness")
    for name in world.route.rules or ():
        client("events").put_rule(Name=name, EventPattern='{"source": ["aws.dynamodb"]}')
        client("events").put_targets(Rule=name, Targets=[{"Id": "changes", "Arn": queue}])
    variables = {"Variables": {"READINESS_TABLE": "its own"}}
    shop.function(client, "monitor", shop.role(client, "monitor"), Environment=variables)
    client("lambda").create_event_source_mapping(EventSourceArn=queue, FunctionName="monitor")
    return world


def test_an_unchanged_run_makes_few_calls_and_the_first_none_twice(watched: World) -> None:
    calls = watched.account.calls
    calls.clear()
    watched.run(ASKED)
    first = Counter(calls)
    of_functions = ("GetFunctionConfiguration", "ListAliases", "ListVersionsByFunction")
    assert {first[f"lambda:{operation}"] for operation in of_functions} == {len(NAMES)}
    assert first["logs:DescribeLogGroups"] == 1
    for _ in range(2):
        calls.clear()
        watched.run(ASKED)
        assert len(calls) <= MOST, Counter(calls)
        assert {call for call in calls if call.startswith("lambda:")} == {
            "lambda:ListEventSourceMappings",
            "lambda:ListFunctions",
        }


def test_without_rules_that_send_change_events_the_aliases_are_read_in_each_run(watched: World) -> None:
    """A trail alone lets the rule pass: somebody records from a terminal, and there is no stack."""
    watched.route = ChangeRoute()
    watched.run(ASKED)
    watched.account.calls.clear()
    watched.run(ASKED)
    calls = Counter(watched.account.calls)
    assert (calls["lambda:ListAliases"], calls["lambda:GetFunctionConfiguration"]) == (len(NAMES), 0)
    assert not watched.rows("STATE#FACT#Aliases"), "nor does `readiness check` find them"


def test_a_function_of_two_tables_is_read_once_for_both(world: World) -> None:
    """Of its configuration each table wants other variables, so each reads it for itself, and keeps it."""
    good_table(world.account, "orders")
    world.settings = structs.replace(world.settings, tables=(*world.settings.tables, TableSettings("orders")))
    client = world.account.client
    variables = {"COMMERCE_TABLE": TABLE, "ORDERS": "orders"}
    shop.function(client, "babesclub-cart", shop.role(client, "cart"), Environment={"Variables": variables})
    read: list[tuple[int, int]] = []
    for _ in range(3):
        world.account.calls.clear()
        world.run_all(ASKED)
        calls = Counter(world.account.calls)
        read.append((calls["lambda:ListAliases"], calls["lambda:GetFunctionConfiguration"]))
    assert read == [(1, 2), (1, 0), (1, 0)]
