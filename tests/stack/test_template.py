"""The template: what it holds, that cfn-lint takes it, and that what it makes is what was lacking."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

from readiness.alarms.series import series
from readiness.aws.client import Aws
from readiness.checklist import BackupDecision
from readiness.cli.stack.backups import schedule
from readiness.cli.stack.lacking import MissingResources
from readiness.cli.stack.template import template
from readiness.cli.stack.text import header, rendered
from readiness.facts.cloudwatch.alarms import Alarm, alarms
from tests.aws import stack
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE, Account

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:on-call"
DECISION = BackupDecision("aws_backup", "ada", date(2026, 11, 1), "the auditors ask for it", 12, 90)
PREFIX = ARN.removesuffix(TABLE)
EVERYTHING = MissingResources(
    TABLE,
    ARN,
    throttling=True,
    indexes=("by-session", "by_session"),
    user_errors=True,
    reads=True,
    writes=True,
    budget=True,
    write_failures=(series("BabesClub/Commerce", "WriteFailure", Domain="quote"),),
    backup=DECISION,
)
LONG = "a.very-long_name." * 15

LACKING = {
    "everything": [EVERYTHING],
    "alarms": [dataclasses.replace(EVERYTHING, budget=False, backup=None)],
    "throttling of the table": [MissingResources(TABLE, ARN, throttling=True)],
    "throttling of an index": [MissingResources(TABLE, ARN, indexes=("by-session",))],
    "user errors": [MissingResources(TABLE, ARN, user_errors=True)],
    "write failures": [MissingResources(TABLE, ARN, write_failures=EVERYTHING.write_failures)],
    "spikes": [MissingResources(TABLE, ARN, reads=True, writes=True)],
    "a budget": [MissingResources(TABLE, ARN, budget=True)],
    "backups": [MissingResources(TABLE, ARN, backup=DECISION)],
    "several tables": [
        EVERYTHING,
        MissingResources(LONG, PREFIX + LONG, throttling=True, user_errors=True, backup=DECISION),
    ],
    "a table named like another's index": [
        MissingResources("a", f"{PREFIX}a", indexes=("b",)),
        MissingResources("a-index-b", f"{PREFIX}a-index-b", throttling=True),
        MissingResources("a-throttling1", f"{PREFIX}a-throttling1", throttling=True, indexes=("b",)),
    ],
    "tables of like names": [
        MissingResources(name, PREFIX + name, throttling=True, backup=DECISION) for name in ("a-b", "a.b", "aB")
    ],
}


def text(lacking: list[MissingResources], topic: str = TOPIC, path: Path = Path("lacking.yaml")) -> str:
    document = template(lacking, topic, {})
    at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    return rendered(document, list(header(lacking, document, Aws(ACCOUNT, REGION), path, at)))


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account()


@pytest.fixture
def managed(monkeypatch: pytest.MonkeyPatch, account: Account) -> Account:
    """With the policies that AWS manages, which take moto a while."""
    monkeypatch.setenv("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")
    return account


@pytest.mark.parametrize("topic", [TOPIC, ""], ids=["topic known", "topic unknown"])
def test_cfn_lint_takes_it(topic: str, tmp_path: Path) -> None:
    for number, lacking in enumerate(LACKING.values()):
        (tmp_path / f"{number}.yaml").write_text(text(lacking, topic))
    lint = [str(Path(sys.executable).with_name("cfn-lint")), "--regions", REGION, "--", str(tmp_path / "*.yaml")]
    done = subprocess.run(lint, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_cfn_lint_would_not_take_everything(tmp_path: Path) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(text([EVERYTHING]).replace("ThresholdMetricId", "ThresholdMetric"))
    lint = [str(Path(sys.executable).with_name("cfn-lint")), "--regions", REGION, "--", str(file)]
    assert subprocess.run(lint, capture_output=True, check=False).returncode


@pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING)
def test_the_text_says_what_the_document_says(lacking: list[MissingResources]) -> None:
    assert stack.read(text(lacking)) == json.loads(json.dumps(template(lacking, TOPIC, {})))


@pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING)
def test_nothing_is_named_like_another(lacking: list[MissingResources]) -> None:
    resources = template(lacking, TOPIC, {})["Resources"]
    named = [
        (resource["Type"], properties.get(key))
        for resource in resources.values()
        for properties in [resource["Properties"]]
        for key in ("AlarmName", "BackupVaultName")
        if key in properties
    ]
    assert len(set(named)) == len(named)
    assert all(name.isalnum() for name in resources)
    of_tables = sum(each.throttling + len(each.indexes) + each.reads + each.writes for each in lacking)
    made = [kind for kind, _ in named if kind == "AWS::CloudWatch::Alarm"]
    failures = {one for each in lacking for one in each.write_failures}
    assert len(made) == of_tables + any(each.user_errors for each in lacking) + len(failures)


@pytest.mark.parametrize(
    ("lacking", "parameters", "types"),
    [
        ("throttling of the table", {"OnCallTopicArn"}, {"AWS::CloudWatch::Alarm"}),
        ("a budget", {"OnCallTopicArn", "BudgetAmount", "BudgetEmail"}, {"AWS::Budgets::Budget"}),
        (
            "backups",
            set(),
            {"AWS::Backup::BackupVault", "AWS::Backup::BackupPlan", "AWS::Backup::BackupSelection", "AWS::IAM::Role"},
        ),
    ],
)
def test_what_is_not_lacking_is_not_in_it(lacking: str, parameters: set[str], types: set[str]) -> None:
    document = template(LACKING[lacking], TOPIC, {})
    assert set(document.get("Parameters", {})) == parameters
    assert {resource["Type"] for resource in document["Resources"].values()} == types


def test_what_is_the_accounts_is_made_once_for_all_tables() -> None:
    orders = dataclasses.replace(EVERYTHING, table_name="orders", table_arn=f"{PREFIX}orders")
    both = [EVERYTHING, dataclasses.replace(orders, throttling=False, indexes=(), reads=False, writes=False)]
    types = [resource["Type"] for resource in template(both, TOPIC, {})["Resources"].values()]
    assert (types.count("AWS::Budgets::Budget"), types.count("AWS::IAM::Role")) == (1, 1)
    assert types.count("AWS::CloudWatch::Alarm") == len(
        ["table", "index", "index", "reads", "writes", "errors", "quote"]
    )


def watching(account: Account, *of: Any) -> Alarm:
    """The one alarm that watches a series."""
    (found,) = [alarm for alarm in alarms(account.aws) if alarm.watching(series(*of[:3], **of[3]))]
    return found


def deployed(account: Account, name: str = "alarms", **parameters: str) -> None:
    stack.deploy(account.client, text(LACKING[name]), **parameters)


def backed_up(account: Account) -> dict[str, Any]:
    """What was selected for backups. Moto has no CreateBackupSelection."""
    made = {"SelectionId": "1", "BackupPlanId": "1", "CreationDate": datetime.now(UTC)}
    account.answer("backup", "CreateBackupSelection", made)
    asked: list[dict[str, Any]] = []
    account.client("backup").meta.events.register(
        "provide-client-params.backup.CreateBackupSelection", lambda params, **_event: asked.append(params)
    )
    deployed(account, "backups")
    selection: dict[str, Any] = asked[0]["BackupSelection"]
    return selection


@pytest.mark.parametrize("metric", ["ReadThrottleEvents", "WriteThrottleEvents"])
@pytest.mark.parametrize(
    "dimensions",
    [
        {"TableName": TABLE},
        {"TableName": TABLE, "GlobalSecondaryIndexName": "by-session"},
        {"TableName": TABLE, "GlobalSecondaryIndexName": "by_session"},
    ],
    ids=["table", "index", "like index"],
)
def test_throttling_is_watched_by_the_exact_dimensions(
    account: Account, metric: str, dimensions: dict[str, str]
) -> None:
    deployed(account)
    alarm = watching(account, "AWS/DynamoDB", metric, "Sum", dimensions)
    assert (alarm.periods, alarm.datapoints, alarm.period_seconds) == (5, 2, 60)
    assert (alarm.threshold, alarm.operator) == (0, "GreaterThanThreshold")
    assert (alarm.actions, alarm.actions_enabled) == ((TOPIC,), True)


def test_user_errors_have_no_dimensions(account: Account) -> None:
    deployed(account)
    alarm = watching(account, "AWS/DynamoDB", "UserErrors", "Sum", {})
    assert (alarm.periods, alarm.datapoints, alarm.period_seconds, alarm.threshold) == (3, 2, 300, 50)
    assert alarm.actions == (TOPIC,)


@pytest.mark.parametrize("metric", ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"])
def test_consumption_is_compared_with_what_is_usual(account: Account, metric: str) -> None:
    deployed(account)
    alarm = watching(account, "AWS/DynamoDB", metric, "Sum", {"TableName": TABLE})
    assert (alarm.operator, alarm.periods, alarm.datapoints) == ("GreaterThanUpperThreshold", 3, 2)
    (made,) = account.client("cloudwatch").describe_alarms(AlarmNames=[alarm.name])["MetricAlarms"]
    band = next(query for query in made["Metrics"] if "Expression" in query)
    assert made["ThresholdMetricId"] == band["Id"]
    assert band["Expression"] == "ANOMALY_DETECTION_BAND(m1, 4)"


def test_sums_are_filled(account: Account) -> None:
    """Of what DynamoDB publishes only while there is something to count."""
    deployed(account)
    made = account.client("cloudwatch").describe_alarms()["MetricAlarms"]
    returned = [
        query["Expression"]
        for alarm in made
        if "ThresholdMetricId" not in alarm
        for query in alarm["Metrics"]
        if query["ReturnData"]
    ]
    assert sorted(returned) == ["FILL(m1, 0)", *["FILL(m1, 0) + FILL(m2, 0)"] * 3]


def test_every_alarm_carries_the_name_of_what_it_is_about(account: Account) -> None:
    deployed(account)
    assert sorted(alarm.name for alarm in alarms(account.aws)) == [
        "BabesClub/Commerce WriteFailure quote",
        "babesclub-commerce-read-spike",
        "babesclub-commerce-throttling",
        "babesclub-commerce-write-spike",
        "babesclub-commerce/by-session-throttling",
        "babesclub-commerce/by_session-throttling",
        "dynamodb-user-errors",
    ]


@pytest.mark.parametrize(
    ("parameters", "amount", "kind", "address"),
    [
        ({}, "100", "SNS", TOPIC),
        ({"BudgetEmail": "costs@example.com", "BudgetAmount": "250"}, "250", "EMAIL", "costs@example.com"),
    ],
    ids=["the topic", "by e-mail"],
)
def test_the_budget_counts_dynamodb_and_tells_somebody(
    account: Account, parameters: dict[str, str], amount: str, kind: str, address: str
) -> None:
    asked: list[Any] = []
    account.client("budgets").meta.events.register(
        "provide-client-params.budgets.CreateBudget", lambda params, **_event: asked.append(params)
    )
    deployed(account, "a budget", **parameters)
    read = account.client("budgets").describe_budgets(AccountId=ACCOUNT, ShowFilterExpression=True)
    (budget,) = read["Budgets"]
    assert (budget["BudgetType"], budget["TimeUnit"], budget["BudgetLimit"]["Amount"]) == ("COST", "MONTHLY", amount)
    assert budget["FilterExpression"] == {"Dimensions": {"Key": "SERVICE", "Values": ["Amazon DynamoDB"]}}
    assert [
        (told["Notification"]["NotificationType"], told["Notification"]["Threshold"], told["Subscribers"])
        for told in asked[0]["NotificationsWithSubscribers"]
    ] == [
        ("FORECASTED", 100, [{"SubscriptionType": kind, "Address": address}]),
        ("ACTUAL", 80, [{"SubscriptionType": kind, "Address": address}]),
    ]


def test_backups_are_made_as_decided_and_outlive_the_stack(managed: Account) -> None:
    backed_up(managed)
    backup = managed.client("backup")
    (listed,) = backup.list_backup_plans()["BackupPlansList"]
    (rule,) = backup.get_backup_plan(BackupPlanId=listed["BackupPlanId"])["BackupPlan"]["Rules"]
    assert (rule["ScheduleExpression"], rule["Lifecycle"]) == ("cron(0 0/12 ? * * *)", {"DeleteAfterDays": 90})
    assert backup.describe_backup_vault(BackupVaultName=rule["TargetBackupVaultName"])
    resources = template(LACKING["backups"], TOPIC, {})["Resources"]
    vault = next(each for each in resources.values() if each["Type"] == "AWS::Backup::BackupVault")
    assert (vault["DeletionPolicy"], vault["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_the_selection_names_the_table_by_its_arn_and_a_role_that_may(managed: Account) -> None:
    selection = backed_up(managed)
    assert selection["Resources"] == [ARN]
    iam = managed.client("iam")
    role = next(role for role in iam.list_roles()["Roles"] if role["Arn"] == selection["IamRoleArn"])
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "backup.amazonaws.com"}
    (attached,) = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert attached["PolicyName"] == "AWSBackupServiceRolePolicyForBackup"


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (1, "cron(0 0/1 ? * * *)"),
        (5, "cron(0 0/4 ? * * *)"),
        (6, "cron(0 0/6 ? * * *)"),
        (23, "cron(0 0/12 ? * * *)"),
        (24, "cron(0 5 ? * * *)"),
        (167, "cron(0 5 ? * * *)"),
        (168, "cron(0 5 ? * SUN *)"),
        (1_000, "cron(0 5 ? * SUN *)"),
    ],
)
def test_the_schedule_is_never_rarer_than_decided(hours: int, expected: str) -> None:
    assert schedule(hours) == expected


def test_who_deploys_it_has_to_name_a_topic_that_is_not_known(account: Account) -> None:
    with pytest.raises(ValueError, match="OnCallTopicArn"):
        stack.deploy(account.client, text([MissingResources(TABLE, ARN, reads=True)], topic=""))
    stack.deploy(account.client, text([MissingResources(TABLE, ARN, reads=True)], topic=""), OnCallTopicArn=TOPIC)
    assert [alarm.actions for alarm in alarms(account.aws)] == [(TOPIC,)]


def test_its_head_says_what_for_when_and_how() -> None:
    head = text(LACKING["everything"], path=Path("my stack.yaml")).partition("\nAWSTemplateFormatVersion")[0]
    assert all(line.startswith("#") for line in head.strip().splitlines())
    said = " ".join(line.lstrip("# ").rstrip("\\ ") for line in head.splitlines())
    assert f"Missing resources of {TABLE} in account {ACCOUNT}, {REGION}, on 2026-11-24 03:00 UTC." in said
    assert f"aws cloudformation deploy --region {REGION} --template-file 'my stack.yaml'" in said
    assert "--capabilities CAPABILITY_IAM" in said
    assert f"--parameter-overrides OnCallTopicArn={TOPIC} BudgetAmount=100 BudgetEmail=''" in said


def test_its_head_has_the_statement_that_lets_budgets_tell_the_topic() -> None:
    """https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html."""
    (line,) = [line for line in text(LACKING["a budget"]).splitlines() if line.startswith("#   {")]
    assert json.loads(line.lstrip("# ")) == {
        "Effect": "Allow",
        "Principal": {"Service": "budgets.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": TOPIC,
        "Condition": {
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
            "ArnLike": {"aws:SourceArn": f"arn:aws:budgets::{ACCOUNT}:*"},
        },
    }


@pytest.mark.parametrize(
    ("lacking", "said"),
    [("spikes", "CAPABILITY_IAM"), ("spikes", "budgets.amazonaws.com"), ("backups", "--parameter-overrides")],
)
def test_its_head_does_not_speak_of_what_is_not_in_it(lacking: str, said: str) -> None:
    assert said not in text(LACKING[lacking])


def test_a_name_can_not_be_taken_for_yaml() -> None:
    """Tables may be called such things."""
    for name in ("1e3", "0x1f", "yes", "2026-11-24", "null"):
        document = stack.read(text([MissingResources(name, PREFIX + name, throttling=True)]))
        (resource,) = document["Resources"].values()
        queries = resource["Properties"]["Metrics"]
        assert queries[1]["MetricStat"]["Metric"]["Dimensions"] == [{"Name": "TableName", "Value": name}]


def test_what_is_called_so_already_gets_another_name() -> None:
    taken = {
        "AWS::CloudWatch::Alarm": {f"{TABLE}-throttling", f"{TABLE}-throttling-2"},
        "AWS::Budgets::Budget": {"amazon-dynamodb"},
    }
    resources = template([EVERYTHING], TOPIC, taken)["Resources"]
    names = [each["Properties"].get("AlarmName") for each in resources.values() if each["Type"].endswith("::Alarm")]
    assert f"{TABLE}-throttling-3" in names
    assert f"{TABLE}/by-session-throttling" in names
    assert resources["Budget"]["Properties"]["Budget"]["BudgetName"] == "amazon-dynamodb-2"
