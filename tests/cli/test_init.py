"""`readiness init`: a first checklist file from what the account shows."""

import json
import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness.checklist import Settings
from readiness.checklist.file import load
from readiness.cli.init.content import checklist
from readiness.cli.init.observed import STREAM, Observed
from readiness.engine.each import Each
from readiness.facts.dynamodb.consumption import READS, WRITES, Consumption
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.pitr_admins import PitrAdmins
from readiness.facts.lambda_.table_functions import TableFunction
from readiness.model import Reason, Unavailable
from tests.aws import shop
from tests.cli.world import GOOD, World, reads, recorded, refusing

ORDERS = "orders"
DAY = date(2026, 11, 30)
DENIED = Unavailable(Reason.ACCESS_DENIED, "dynamodb:DescribeTable", "")
ARN = f"arn:aws:dynamodb:us-east-1:123456789012:table/{ORDERS}"


@pytest.fixture
def orders(world: World) -> World:
    """A table of another shop, with one function that names it and one that can merely write to it."""
    world.client("dynamodb").create_table(
        TableName=ORDERS,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "at", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "at")],
        Tags=[{"Key": "team", "Value": "orders"}, {"Key": 'a "b"\n\u202e', "Value": "\\"}],
    )
    role = shop.role(world.client, "orders-role", shop.allow(["dynamodb:PutItem"], ARN))
    variables = {"ORDERS_TABLE": ORDERS, "TOKEN": "very-secret"}
    shop.function(world.client, "orders-api", role, Environment={"Variables": variables})
    shop.function(world.client, "legacy-import", role, Environment={"Variables": {}})
    return world


def user(world: World, name: str, action: str) -> None:
    world.client("iam").create_user(UserName=name)
    policy = json.dumps(shop.document(shop.allow([action], "*")))
    world.client("iam").put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy)


def written(world: World, *options: str, table: str = ORDERS) -> tuple[int, str, Settings]:
    path = world.folder / "first.toml"
    ended = world.type("init", "--table", table, "--write", str(path), *options)
    return ended.code, path.read_text(), load(path)


def test_the_file_has_what_the_account_shows_and_is_valid(orders: World) -> None:
    code, text, settings = written(orders)
    (table,) = settings.tables
    assert code == 0
    assert (settings.account, settings.region) == ("123456789012", "us-east-1")
    assert (table.name, table.partition_key, table.sort_key) == (ORDERS, "id", "at")
    assert table.tags == {"team": "orders", 'a "b"\n\u202e': "\\"}
    assert settings.functions.names == ("orders-api",)
    assert settings.functions.environment == {"ORDERS_TABLE": "{table}"}
    assert '"orders-api",  # ORDERS_TABLE in its environment names the table' in text
    assert '#   "legacy-import"' in text
    assert "very-secret" not in text
    assert all(line.isprintable() for line in text.splitlines())
    assert orders.type("validate", str(orders.folder / "first.toml")).code == 0


def test_the_principals_that_can_disable_pitr_are_those_that_the_check_finds(orders: World) -> None:
    user(orders, "admin", "dynamodb:*")
    user(orders, "reader", "dynamodb:GetItem")
    _, text, _ = written(orders)
    listed = set(re.findall(r'^# principal = "(.+)"$', text, re.MULTILINE))
    allowed = '[[tables.pitr.allowed_togglers]]\nprincipal = "nobody"\nowner = "me"\nreviewed_on = 2026-11-01\n'
    config = orders.checklist(f'[[tables]]\nname = "{ORDERS}"\n{allowed}')
    checked = orders.check("--config", config, "--rule", "pitr-enabled", table=ORDERS)
    found = [each for each in checked.rule("pitr-enabled")["findings"] if each["check"] == "togglers"]
    assert listed == {each["resource"] for each in found}
    assert listed == {"arn:aws:iam::123456789012:user/admin"}


def test_what_a_person_decides_is_valid_once_it_is_filled_in(orders: World) -> None:
    user(orders, "admin", "dynamodb:*")
    _, text, _ = written(orders)
    decided = re.sub(r"^# (\S+ += |\[\[tables\.pitr)", r"\1", text, flags=re.MULTILINE)
    decided = re.sub(r"^not_used = .*$", "", decided, flags=re.MULTILINE)
    decided = re.sub(r"^dead_letters_required = .*$", 'dead_letters_required = ["*"]', decided, flags=re.MULTILINE)
    decided = decided.replace('mode = ""', 'mode = "pitr_only"').replace('= ""', '= "somebody"')
    decided = decided.replace('topic_arn = "somebody"', 'topic_arn = ""')
    path = orders.checklist(decided)
    settings = load(Path(path))
    assert settings.tables[0].backup_decision is not None
    assert [each.principal for each in settings.tables[0].pitr.allowed_togglers] == [
        "arn:aws:iam::123456789012:user/admin"
    ]
    assert settings.owner("pitr-enabled") == "somebody"


def test_the_threshold_comes_from_the_metrics_of_the_last_14_days(orders: World) -> None:
    ago = datetime.now(UTC) - timedelta(hours=2)
    for metric, units in ((READS, 10_000.0), (WRITES, 5_000.0)):
        orders.client("cloudwatch").put_metric_data(
            Namespace="AWS/DynamoDB",
            MetricData=[
                {
                    "MetricName": metric,
                    "Dimensions": [{"Name": "TableName", "Value": ORDERS}],
                    "Timestamp": ago,
                    "Value": units,
                    "Unit": "Count",
                }
            ],
        )
    _, text, settings = written(orders)
    assert settings.tables[0].alarms.events_per_minute == 30
    assert "2,000 read and 1,000 write capacity units a minute" in " ".join(text.replace("#", " ").split())


def test_nothing_is_recorded_and_without_a_file_the_text_is_printed(orders: World) -> None:
    calls: list[str] = []
    with recorded(calls):
        ended = orders.type("init", "--table", ORDERS)
    assert ended.code == 0
    assert tomllib.loads(ended.out)["tables"][0]["name"] == ORDERS
    assert reads(calls)
    assert orders.items(ORDERS) == []


def test_an_existing_file_is_overwritten_only_after_a_confirmation(
    orders: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    path = orders.folder / "first.toml"
    path.write_text("mine")
    asked = orders.type("init", "--table", ORDERS, "--write", str(path))
    assert (asked.code, path.read_text()) == (2, "mine")
    assert f"Overwrite {path}" in asked.err
    code, text, _ = written(orders, "--yes")
    assert code == 0
    assert text.startswith("# First checklist of orders")


def test_what_cannot_be_read_is_said_in_the_file_and_by_the_exit_code(orders: World) -> None:
    with refusing("GetAccountAuthorizationDetails", "DescribeTimeToLive"):
        code, text, settings = written(orders)
    assert code == 3
    said = " ".join(text.replace("#", " ").split())
    assert "There may be others: not all policies could be read" in said
    assert "TTL could not be read" in said
    assert settings.functions.names == ("orders-api",)


def test_a_table_that_does_not_exist_is_named_with_the_nearest(orders: World) -> None:
    ended = orders.type("init", "--table", "order")
    assert (ended.code, ended.out) == (4, "")
    assert "account 123456789012, us-east-1; tables there, the most similar first: orders" in ended.err


def test_without_a_table_the_only_one_is_taken_and_several_are_listed(orders: World) -> None:
    assert f'name = "{ORDERS}"' in orders.type("init").out
    orders.bad_table()
    ended = orders.type("init")
    assert (ended.code, ended.out) == (2, "")
    assert "babesclub-staging, orders" in ended.err


def test_our_table_keeps_its_defaults(good: World) -> None:
    _, text, settings = written(good, table=GOOD)
    assert settings.tables[0].tags == Settings().tables[0].tags
    assert "Settings that are not in this file have the defaults of babesclub-commerce." in text
    assert settings.functions.name_patterns == ("babesclub-*",)


def observed(**more: Any) -> Observed:
    """A table of which little could be read."""
    little: dict[str, Any] = {
        "table": Table(ORDERS, ARN, "123456789012", "us-east-1"),
        "day": DAY,
        **dict.fromkeys(("description", "time_to_live", "recovery", "tags"), DENIED),
        "functions": Each({}),
        "others": Each({}),
        "variables": {},
        "admins": PitrAdmins(()),
        "consumption": consumption(1.0, None),
    }
    return Observed(**{**little, **more})


def consumption(reads: float, writes: float | None) -> Consumption:
    return Consumption(datetime(2026, 11, 30, tzinfo=UTC), {READS: reads, WRITES: writes})


def words(text: str) -> str:
    """The text of the comments, on one line."""
    return " ".join(text.replace("#", " ").split())


def test_a_function_that_only_reads_the_stream_needs_no_variable(tmp_path: Path) -> None:
    functions = {
        name: TableFunction(name, name, "role", signals)
        for name, signals in (("index", (STREAM,)), ("api", ("its environment names the table",)))
    }
    path = tmp_path / "checklist.toml"
    seen = observed(functions=Each(functions), variables={"index": (), "api": ("ORDERS",)})
    path.write_text("\n".join(checklist(seen)))
    functions_of = load(path).functions
    assert functions_of.stream_consumers == ("index",)
    assert functions_of.environment == {"ORDERS": "{table}"}
    assert load(path).tables[0].partition_key == "PK"
    assert "0 principals can disable PITR" in words(path.read_text())


@pytest.mark.parametrize(
    ("consumed", "limit", "why"),
    [
        pytest.param(DENIED, 100, "the default, because the consumption could not be read", id="denied"),
        pytest.param(consumption(1.0, None), 100, "CloudWatch has no consumption of the last 14 days", id="no writes"),
        pytest.param(consumption(5_000.0, 2_500.0), 15, "Usual are 1,000 read and 500 write", id="known"),
    ],
)
def test_requests_that_alarms_may_ignore_follow_from_the_consumption(consumed: Any, limit: int, why: str) -> None:
    text = "\n".join(checklist(observed(consumption=consumed)))
    assert f"events_per_minute = {limit}\n" in text
    assert why in words(text)
