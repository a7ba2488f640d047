"""A template of what a table lacks, as it is typed: what is looked at, asked, written and said."""

import io
from pathlib import Path

import pytest
from moto.moto_api._internal.models import moto_api_backend

from readiness.facts.dynamodb import table as of_tables
from tests.aws import backups, costs, shop, stack
from tests.aws.account import ACCOUNT, ARN
from tests.cli.world import GOOD, REGION, World, reads, recorded, refusing, tables

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"
MENDED = ("alarms-wired", "cost-monitored", "backups-scheduled")


@pytest.fixture
def managed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An account with the policies that AWS manages, which take moto a while."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    moto_api_backend.reset()


@pytest.fixture
def bare(world: World) -> World:
    """A table that no alarm watches, no budget counts and no plan backs up; its costs are told apart."""
    world.good_table()
    costs.tag(world.client)
    costs.activate(world.client, *costs.TAGS)
    return world


def judged(world: World, config: str) -> dict[str, str]:
    """The status of each of the three items."""
    rules = [word for rule in MENDED for word in ("--rule", rule)]
    table = world.check("--config", config, *rules).table
    return {rule["id"]: rule["status"] for rule in table["rules"]}


def woken(world: World) -> str:
    """A topic that wakes somebody, and to which AWS Budgets may publish."""
    topic: str = world.client("sns").create_topic(Name="on-call")["TopicArn"]
    world.client("sns").subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15550100")
    costs.let_publish(world.client, topic, "budgets.amazonaws.com")
    return topic


@pytest.mark.slow
@pytest.mark.usefixtures("managed")
def test_a_table_to_which_it_was_applied_passes_the_three_rules(bare: World) -> None:
    config = bare.checklist(tables(GOOD, mode="aws_backup"))
    assert set(judged(bare, config).values()) == {"FAIL"}
    ended = bare.type("alarms", "--write", str(bare.folder / "lacking.yaml"), "--config", config)
    assert (ended.code, ended.err) == (0, "")
    stack.deploy(bare.client, (bare.folder / "lacking.yaml").read_text(), OnCallTopicArn=woken(bare))
    assert judged(bare, config) == {**dict.fromkeys(MENDED, "PASS"), "backups-scheduled": "WARN"}, "no backup yet"
    (plan,) = bare.client("backup").list_backup_plans()["BackupPlansList"]
    backups.run(plan["BackupPlanId"], ARN)
    assert set(judged(bare, config).values()) == {"PASS"}


def written(world: World, *more: str) -> tuple[int, Path]:
    file = world.folder / "lacking.yaml"
    return world.type("alarms", "--write", str(file), *more).code, file


def test_what_is_lacking_is_written_and_where_it_is_deployed_nothing_is_lacking(bare: World) -> None:
    file = bare.folder / "lacking.yaml"
    ended = bare.type("alarms", "--write", str(file))
    assert (ended.code, ended.err) == (0, "")
    assert (
        f"{file}: missing resources of {GOOD} in account {ACCOUNT}, {REGION}: 8 resources; to deploy them" in ended.out
    )
    assert "BabesclubCommerceThrottling  AWS::CloudWatch::Alarm" in ended.out
    stack.deploy(bare.client, file.read_text(), OnCallTopicArn=woken(bare))
    again = bare.type("alarms", "--write", str(file.with_name("again.yaml")))
    assert again.out == f"{GOOD}: no missing alarms, budgets or backup plans found; nothing written\n"
    assert not file.with_name("again.yaml").exists()


def test_only_what_is_lacking_is_written(bare: World) -> None:
    shop.alarm(bare.client, bare.topic(subscribed=True), "AWS/DynamoDB", "UserErrors", {})
    _, file = written(bare)
    assert "UserErrors" not in stack.read(file.read_text())["Resources"]


def test_an_index_has_an_alarm_of_its_own(bare: World) -> None:
    index = {
        "IndexName": "by-session",
        "KeySchema": [{"AttributeName": "SK", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    bare.client("dynamodb").update_table(
        TableName=GOOD,
        AttributeDefinitions=[{"AttributeName": "SK", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )
    _, file = written(bare)
    resources = stack.read(file.read_text())["Resources"].values()
    assert f"{GOOD}/by-session-throttling" in {each["Properties"].get("AlarmName") for each in resources}


def test_the_topic_is_the_one_that_other_alarms_use(bare: World) -> None:
    shop.alarm(bare.client, bare.topic(subscribed=True), "AWS/DynamoDB", "UserErrors", {})
    _, file = written(bare)
    assert stack.read(file.read_text())["Parameters"]["OnCallTopicArn"]["Default"] == TOPIC


def test_the_topic_of_the_checklist_comes_first(bare: World) -> None:
    shop.alarm(bare.client, bare.topic(subscribed=True), "AWS/DynamoDB", "UserErrors", {})
    config = bare.checklist(f'[on_call]\ntopic_arn = "{TOPIC}-of-the-checklist"\n')
    _, file = written(bare, "--config", config)
    assert stack.read(file.read_text())["Parameters"]["OnCallTopicArn"]["Default"] == f"{TOPIC}-of-the-checklist"


def test_a_topic_that_nobody_uses_is_to_be_named(bare: World) -> None:
    _, file = written(bare)
    assert "Default" not in stack.read(file.read_text())["Parameters"]["OnCallTopicArn"]


def test_several_tables_are_in_one_file(bare: World) -> None:
    bare.good_table("orders")
    _, file = written(bare, "--config", bare.checklist(tables(GOOD, "orders")))
    names = [name for name in stack.read(file.read_text())["Resources"] if name.endswith("Throttling")]
    assert names == ["BabesclubCommerceThrottling", "OrdersThrottling"]


def test_what_could_not_be_read_is_said_and_not_written(bare: World) -> None:
    with refusing("DescribeAlarms"):
        ended = bare.type("alarms", "--write", str(bare.folder / "lacking.yaml"))
    assert ended.code == 3
    assert "access was denied (cloudwatch:DescribeAlarms)" in ended.err
    assert "nothing written" in ended.out
    assert not (bare.folder / "lacking.yaml").exists()


def test_nothing_in_the_account_is_changed(bare: World) -> None:
    calls: list[str] = []
    with recorded(calls):
        written(bare)
    assert reads(calls), calls


@pytest.mark.parametrize(("answer", "overwritten"), [("n\n", False), ("", False), ("y\n", True)])
def test_a_file_that_is_there_is_not_overwritten_unasked(
    bare: World, monkeypatch: pytest.MonkeyPatch, answer: str, *, overwritten: bool
) -> None:
    file = bare.folder / "lacking.yaml"
    file.write_text("mine")
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    ended = bare.type("alarms", "--write", str(file))
    assert f"Overwrite {file} with missing resources of {GOOD} in account {ACCOUNT}" in ended.err
    assert (file.read_text() != "mine") is overwritten
    assert ended.code == (0 if answer else 2)
    assert ("nothing recorded" in ended.err) is not overwritten


def test_yes_overwrites(bare: World) -> None:
    (bare.folder / "lacking.yaml").write_text("mine")
    _, file = written(bare, "--yes")
    assert stack.read(file.read_text())["Resources"]


def test_a_dry_run_shows_and_writes_nothing(bare: World) -> None:
    file = bare.folder / "lacking.yaml"
    ended = bare.type("alarms", "--write", str(file), "--dry-run")
    assert (
        ended.out == f"would write to {file} missing resources of {GOOD} in account {ACCOUNT}, {REGION}: 8 resources\n"
    )
    assert not file.exists()


def test_a_file_that_can_not_be_written(bare: World) -> None:
    ended = bare.type("alarms", "--write", str(bare.folder / "nowhere" / "lacking.yaml"))
    assert ended.code == 2
    assert "cannot be written: No such file or directory" in ended.err


def test_a_table_that_does_not_exist_lacks_nothing(bare: World) -> None:
    ended = bare.type("alarms", "--write", str(bare.folder / "lacking.yaml"), "--table", "missing")
    assert (ended.code, ended.out, ended.err) == (
        4,
        "",
        "readiness: missing: the table does not exist in this account and Region\n",
    )


def test_a_look_that_fails_writes_nothing(bare: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_answer: object) -> None:
        raise KeyError

    monkeypatch.setattr(of_tables, "Answer", broken)
    ended = bare.type("alarms", "--write", str(bare.folder / "lacking.yaml"))
    assert (ended.code, ended.out) == (70, "")
    assert "TableDescription failed; nothing written" in ended.err


def test_the_name_of_an_alarm_that_exists_is_not_used_again(bare: World) -> None:
    """It watches something else, so one is lacking, and a stack with its name would be rolled back."""
    shop.alarm(bare.client, TOPIC, "AWS/SQS", f"{GOOD}-throttling", {})
    _, file = written(bare)
    named = {each["Properties"].get("AlarmName") for each in stack.read(file.read_text())["Resources"].values()}
    assert f"{GOOD}-throttling" not in named
    assert f"{GOOD}-throttling-2" in named
