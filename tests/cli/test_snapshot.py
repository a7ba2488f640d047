"""What was seen once is judged again, elsewhere and without AWS."""

import json
from pathlib import Path

import pytest

from readiness import __version__
from tests.cli.world import BAD, GOOD, World, recorded, refusing, tables

NOWHERE = "http://127.0.0.1:9"


@pytest.mark.parametrize("table", ["babesclub-commerce", BAD, "babesclub-missing"], ids=["good", "bad", "missing"])
def test_the_same_is_found_offline(world: World, monkeypatch: pytest.MonkeyPatch, table: str) -> None:
    world.good_table()
    world.bad_table()
    path = str(world.folder / "snapshot.json")
    online = world.check("--save-snapshot", path, table=table)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", NOWHERE)
    calls: list[str] = []
    with recorded(calls):
        offline = world.type("check", "--snapshot", path, "--format", "json")
    assert calls == []
    assert offline.code == online.code
    for field in ("table", "table_id", "account", "region", "observed_at", "checklist_digest", "status", "counts"):
        assert offline.table[field] == online.table[field], field
    assert [rule["findings"] for rule in offline.table["rules"]] == [rule["findings"] for rule in online.table["rules"]]


def test_what_could_not_be_read_stays_unknown_offline(good: World) -> None:
    path = str(good.folder / "snapshot.json")
    with refusing("DescribeTimeToLive"):
        online = good.check("--save-snapshot", path)
    offline = good.type("check", "--snapshot", path, "--format", "json")
    assert (online.code, offline.code) == (3, 3)
    assert offline.rule("ttl-enabled")["findings"] == online.rule("ttl-enabled")["findings"]


def test_who_owns_what_is_not_known_offline(good: World) -> None:
    path = str(good.folder / "snapshot.json")
    config = good.checklist(tables(GOOD) + '[owners]\ndefault = "platform"\n')
    good.check("--save-snapshot", path, "--config", config)
    offline = good.type("check", "--snapshot", path, "--format", "json", "--require-complete")
    assert offline.code == 5
    assert {rule["owner"] for rule in offline.table["rules"]} == {None}


def test_one_rule_is_judged_offline(good: World) -> None:
    path = str(good.folder / "snapshot.json")
    good.check("--save-snapshot", path)
    offline = good.type("check", "--snapshot", path, "--format", "json", "--rule", "ttl-enabled")
    assert [rule["id"] for rule in offline.table["rules"]] == ["ttl-enabled"]


def test_nobodys_credentials_are_in_the_file(good: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    path = good.folder / "snapshot.json"
    good.check("--save-snapshot", str(path))
    assert "very-secret" not in path.read_text()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "not a snapshot of Readiness"),
        ('{"schema": "another"}', "not a snapshot of Readiness"),
        ('{"schema": "readiness.snapshot", "version": 99}', "newer release"),
        ('{"schema": "readiness.snapshot", "version": 1}', "not in the snapshot format of this release"),
    ],
    ids=["missing", "no JSON", "another's", "of a newer release", "empty"],
)
def test_a_file_that_is_no_snapshot_is_said_in_a_line(world: World, content: str | None, said: str) -> None:
    path = world.folder / "snapshot.json"
    if content is not None:
        path.write_text(content)
    ended = world.type("check", "--snapshot", str(path))
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert ended.err.count("\n") == 1


def test_a_snapshot_that_lacks_a_fact_is_said_in_a_line(good: World) -> None:
    """The file holds the facts that the rules asked for which it was taken for."""
    path = str(good.folder / "snapshot.json")
    good.check("--save-snapshot", path, "--rule", "ttl-enabled")
    ended = good.type("check", "--snapshot", path)
    assert (ended.code, ended.out) == (2, "")
    assert "facts are missing" in ended.err
    assert good.type("check", "--snapshot", path, "--rule", "ttl-enabled").code == 0


@pytest.mark.parametrize(
    "options",
    [("--table", "another"), ("--config", "checklist.toml"), ("--record",), ("--save-snapshot", "again.json")],
    ids=lambda options: options[0],
)
def test_what_makes_no_sense_offline_is_refused(good: World, options: tuple[str, ...]) -> None:
    path = good.folder / "snapshot.json"
    good.check("--save-snapshot", str(path))
    ended = good.type("check", "--snapshot", str(path), *options)
    assert (ended.code, ended.out) == (2, "")
    assert options[0] in ended.err
    assert not Path("again.json").exists()


def test_the_file_is_json_that_a_person_can_read(good: World) -> None:
    path = good.folder / "snapshot.json"
    good.check("--save-snapshot", str(path))
    facts = {fact["type"] for fact in json.loads(path.read_text())["facts"]}
    assert "Recovery" in facts


SECRET = "hunter2-hunter2"


def plant(world: World) -> None:
    """Put the secret wherever the account has a text that no check needs."""
    function = "babesclub-cart"
    world.client("lambda").update_function_configuration(
        FunctionName=function,
        Description=SECRET,
        Environment={"Variables": {"COMMERCE_TABLE": GOOD, "DATABASE_URL": f"postgres://a:{SECRET}@db/{GOOD}"}},
    )
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    condition = {"StringEquals": {"aws:UserAgent": SECRET, "aws:PrincipalTag/token": SECRET}}
    document = json.dumps({"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]})
    world.client("iam").put_role_policy(RoleName=f"{function}-role", PolicyName="cond", PolicyDocument=document)
    world.client("iam").tag_role(RoleName=f"{function}-role", Tags=[{"Key": "token", "Value": SECRET}])
    dynamodb = world.client("dynamodb")
    arn = dynamodb.describe_table(TableName=GOOD)["Table"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "token", "Value": SECRET}])
    dynamodb.put_item(TableName=GOOD, Item={"PK": {"S": f"CART#{SECRET}"}, "SK": {"S": SECRET}})
    sns = world.client("sns")
    for topic in sns.list_topics()["Topics"]:
        sns.subscribe(
            TopicArn=topic["TopicArn"],
            Protocol="https",
            Endpoint=f"https://u:{SECRET}@hooks.example.com/{SECRET}?t={SECRET}",
        )
    for alarm in world.client("cloudwatch").describe_alarms()["MetricAlarms"]:
        kept = ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period", "EvaluationPeriods")
        named = {
            name: alarm[name] for name in (*kept, "Threshold", "ComparisonOperator", "AlarmActions") if name in alarm
        }
        world.client("cloudwatch").put_metric_alarm(**named, AlarmDescription=SECRET)
    for url in world.client("sqs").list_queues()["QueueUrls"]:
        world.client("sqs").tag_queue(QueueUrl=url, Tags={"token": SECRET})


def test_a_secret_of_the_account_is_in_no_snapshot_and_in_no_difference(good: World) -> None:
    before, after = (good.folder / name for name in ("before.json", "after.json"))
    good.check("--save-snapshot", str(before))
    plant(good)
    checked = good.check("--save-snapshot", str(after))
    compared = good.type("diff", str(before), str(after))
    for text in (after.read_text(), checked.out, compared.out):
        assert SECRET not in text
    assert "babesclub-cart" in after.read_text(), "what it was planted in was read"


def test_a_snapshot_says_its_schema_and_its_release(good: World) -> None:
    path = good.folder / "snapshot.json"
    good.check("--save-snapshot", str(path), "--rule", "billing-on-demand")
    document = json.loads(path.read_text())
    assert (document["schema"], document["version"], document["release"]) == ("readiness.snapshot", 1, __version__)
