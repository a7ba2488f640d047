"""How the table is backed up, on moto: what each decision leads to, and what stays unknown when a call fails."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness.aws.client import Aws
from readiness.checklist import Settings, TableSettings
from readiness.engine.collect import Past, collect
from readiness.engine.evaluate import TableEvaluation, evaluate
from readiness.engine.snapshot import ROOT, Place, Snapshot
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.now import Now
from readiness.model import Finding, Status
from readiness.report.snapshot_file import load, save
from readiness.rules.backups_scheduled import rule
from tests.aws.account import ARN, TABLE, Account, good_table
from tests.aws.backups import PLAN, ROLE, VAULT, furnish, make_plan, plan_for, run, select
from tests.aws.completed import complete
from tests.rules.backups import decision

complete()

PASS, FAIL, UNKNOWN, NONE = Status.PASS, Status.FAIL, Status.UNKNOWN, Status.NOT_APPLICABLE
OF_PLANS = {"selected", "scheduled", "retained", "vault", "role", "ran"}
BY_TAG = [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"}]


def settings(mode: str, *names: str) -> Settings:
    decided = decision(mode, decided_on=datetime.now(UTC).date())
    return Settings(tables=tuple(TableSettings(name=name, backup_decision=decided) for name in names or (TABLE,)))


def taken(account: Account, wanted: Settings) -> Snapshot:
    now = Now(datetime.now(UTC) + timedelta(seconds=1))
    given: dict[type, dict[Place, Any]] = {Aws: {ROOT: account.aws}, Settings: {ROOT: wanted}, Now: {ROOT: now}}
    return collect(rule.checks, Past(given), defect=_no_defect)


def judged(snapshot: Snapshot) -> Iterator[TableEvaluation]:
    return evaluate([rule], snapshot, Table, _names, _no_defect)


def findings(account: Account, mode: str) -> dict[str, Finding]:
    """Of each check that has one; each stands on the table or on its one plan."""
    [judgement] = judged(taken(account, settings(mode)))
    return {asked.check.name: finding for asked in judgement.asked for finding in asked.findings}


def statuses(account: Account, mode: str = "aws_backup") -> dict[str, Status]:
    return {name: finding.status for name, finding in findings(account, mode).items()}


def of(found: dict[str, Status], status: Status) -> set[str]:
    return {name for name, each in found.items() if each is status}


def _names(table: Table) -> dict[str, object]:
    return {"table": table.name, "arn": table.arn, "account": table.account, "region": table.region, "window_days": 35}


def _no_defect(who: str, error: Exception) -> None:
    raise AssertionError(who) from error


@pytest.fixture
def planned(furnished: Account) -> Account:
    """The table is backed up by a plan, which has run."""
    run(furnish(furnished.client))
    furnished.calls.clear()
    return furnished


def test_a_plan_as_it_should_be(planned: Account) -> None:
    found = statuses(planned)
    assert of(found, PASS) == OF_PLANS | {"decided", "backed-up", "jobs"}
    assert of(found, NONE) == found.keys() - of(found, PASS)


def test_recovery_alone(furnished: Account) -> None:
    assert of(statuses(furnished, "pitr_only"), PASS) == {"decided", "recoverable"}
    assert not {call for call in furnished.calls if call.startswith(("backup:", "scheduler:", "iam:"))} - {
        "iam:GetAccountAuthorizationDetails"
    }


def test_on_demand(furnished: Account) -> None:
    table = {"TableName": TABLE, "BackupName": "nightly"}
    furnished.client("dynamodb").create_backup(**table)
    found = statuses(furnished, "on_demand")
    assert (of(found, PASS), of(found, Status.WARN)) == ({"decided", "on-demand"}, {"on-demand-schedule"})
    assert not {call for call in furnished.calls if call.startswith("backup:")}


def test_a_decision_that_is_to_come_is_none(furnished: Account) -> None:
    early = decision(decided_on=date(2100, 1, 1))
    wanted = Settings(tables=(TableSettings(backup_decision=early),))
    [judgement] = judged(taken(furnished, wanted))
    assert judgement.status(rule) is FAIL


def test_the_plan_loses_the_table_with_its_tag(furnished: Account) -> None:
    plan = furnish(furnished.client, f"{ARN}-staging")
    select(furnished.client, plan, ListOfTags=BY_TAG)
    dynamodb = furnished.client("dynamodb")
    dynamodb.tag_resource(ResourceArn=ARN, Tags=[{"Key": "backup", "Value": "daily"}])
    assert statuses(furnished)["selected"] is PASS
    dynamodb.untag_resource(ResourceArn=ARN, TagKeys=["backup"])
    assert statuses(furnished)["selected"] is FAIL


def test_a_tag_is_not_enough_without_the_opt_in(furnished: Account) -> None:
    plan = furnish(furnished.client, f"{ARN}-staging")
    select(furnished.client, plan, ListOfTags=BY_TAG)
    furnished.client("dynamodb").tag_resource(ResourceArn=ARN, Tags=[{"Key": "backup", "Value": "daily"}])
    furnished.client("backup").update_region_settings(ResourceTypeOptInPreference={"DynamoDB": False})
    assert statuses(furnished)["selected"] is FAIL


def test_what_breaks_a_plan(planned: Account) -> None:
    planned.client("iam").delete_role(RoleName=ROLE)
    planned.client("backup").delete_backup_vault(BackupVaultName=VAULT)
    assert of(statuses(planned), FAIL) == {"role", "vault"}


def test_a_run_that_nothing_came_of(furnished: Account) -> None:
    """Of a plan that selects the table since long ago, which nothing on moto does."""
    furnished.alter("dynamodb", "DescribeTable", lambda answer: answer["Table"].update(CreationDateTime=_LONG_AGO))
    furnished.alter("backup", "ListBackupSelections", _selected_long_ago)
    run(plan_for(furnished.client), state="FAILED", at=datetime.now(UTC) - timedelta(hours=2))
    assert of(statuses(furnished), FAIL) == {"backed-up", "ran", "jobs"}


_LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _selected_long_ago(answer: dict[str, Any]) -> None:
    for selection in answer["BackupSelectionsList"]:
        selection["CreationDate"] = _LONG_AGO


NEEDED_BY = {
    ("backup", "ListBackupPlans"): {"selected", "scheduled", "retained", "vault", "role", "ran"},
    ("backup", "ListBackupSelections"): {"selected", "scheduled", "retained", "vault", "role", "ran"},
    ("backup", "GetBackupSelection"): {"selected", "scheduled", "retained", "vault", "role", "ran"},
    ("backup", "GetBackupPlan"): {"scheduled", "retained", "vault", "ran"},
    ("backup", "ListBackupVaults"): {"vault"},
    ("backup", "ListRecoveryPointsByResource"): {"backed-up", "ran"},
    ("backup", "ListBackupJobs"): {"jobs"},
    ("backup", "DescribeRegionSettings"): set(),
    ("dynamodb", "ListTagsOfResource"): set(),
    ("dynamodb", "DescribeTable"): {"backed-up", "ran", "jobs"},
    ("iam", "GetAccountAuthorizationDetails"): {"role"},
}
"""Which checks need a call, where a plan names the table: a backup that is young enough needs no plan."""


@pytest.mark.parametrize(("service", "operation"), NEEDED_BY, ids=":".join)
def test_a_denied_call_makes_only_what_needs_it_unknown(planned: Account, service: str, operation: str) -> None:
    planned.refuse(service, operation, "AccessDeniedException")
    found = statuses(planned)
    assert of(found, UNKNOWN) == NEEDED_BY[service, operation]
    assert not of(found, FAIL)


@pytest.mark.parametrize(("service", "operation"), NEEDED_BY, ids=":".join)
def test_a_denied_call_hides_no_failure_that_another_proves(planned: Account, service: str, operation: str) -> None:
    planned.client("iam").delete_role(RoleName=ROLE)
    planned.client("backup").delete_backup_vault(BackupVaultName=VAULT)
    planned.refuse(service, operation, "AccessDeniedException")
    assert of(statuses(planned), FAIL) == {"role", "vault"} - NEEDED_BY[service, operation]


@pytest.mark.parametrize("call", [("dynamodb", "ListTagsOfResource"), ("backup", "DescribeRegionSettings")])
def test_what_decides_about_a_tag_could_not_be_read(furnished: Account, call: tuple[str, str]) -> None:
    plan = furnish(furnished.client, f"{ARN}-staging")
    select(furnished.client, plan, ListOfTags=BY_TAG)
    furnished.client("dynamodb").tag_resource(ResourceArn=ARN, Tags=[{"Key": "backup", "Value": "daily"}])
    furnished.refuse(*call, "AccessDeniedException")
    found = findings(furnished, "aws_backup")["selected"]
    assert found.unavailable
    assert (found.status, found.unavailable.permission) == (UNKNOWN, ":".join(call))


@pytest.mark.parametrize("call", [("dynamodb", "ListBackups"), ("scheduler", "ListSchedules")])
def test_what_was_made_on_demand_could_not_be_read(furnished: Account, call: tuple[str, str]) -> None:
    furnished.client("dynamodb").create_backup(TableName=TABLE, BackupName="nightly")
    furnished.refuse(*call, "AccessDeniedException")
    unread = {"ListBackups": "on-demand", "ListSchedules": "on-demand-schedule"}[call[1]]
    assert of(statuses(furnished, "on_demand"), UNKNOWN) == {unread}


def test_another_plan_that_could_not_be_read_hides_nothing(planned: Account) -> None:
    other = make_plan(planned.client, "another")
    select(planned.client, other, Resources=["*"])
    planned.client("backup").meta.events.register("after-call.backup.GetBackupSelection", _deny_everything_about("*"))
    [judgement] = judged(taken(planned, settings("aws_backup")))
    by_check = {asked.check.name: {each.status for each in asked.findings} for asked in judgement.asked}
    assert by_check["selected"] == by_check["scheduled"] == by_check["retained"] == {PASS}
    assert by_check["vault"] == by_check["role"] == by_check["ran"] == {PASS, UNKNOWN}


def _deny_everything_about(resource: str) -> Any:
    def after(http_response: Any, parsed: dict[str, Any], **_event: object) -> None:
        if parsed.get("BackupSelection", {}).get("Resources") == [resource]:
            parsed.clear()
            parsed.update(Error={"Code": "AccessDeniedException", "Message": "refused"}, ResponseMetadata={})
            http_response.status_code = 400

    return after


def test_several_tables_share_what_is_read_of_the_account(planned: Account) -> None:
    good_table(planned, "orders")
    planned.calls.clear()
    first, second = judged(taken(planned, settings("aws_backup", TABLE, "orders")))
    selected = [
        asked.findings[0].status for each in (first, second) for asked in each.asked if asked.check.name == "selected"
    ]
    assert selected == [PASS, FAIL]
    assert {planned.calls.count(f"backup:{name}") for name in ("ListBackupPlans", "GetBackupSelection")} == {1}
    assert planned.calls.count("backup:ListBackupJobs") == 2


def test_a_table_that_is_gone(account: Account) -> None:
    assert set(statuses(account).values()) == {FAIL}


def test_what_was_seen_is_judged_alike_offline(planned: Account, tmp_path: Path) -> None:
    wanted = settings("aws_backup")
    snapshot = taken(planned, wanted)
    save(snapshot, wanted, tmp_path / "snapshot.json")
    [online], [offline] = judged(snapshot), judged(load(tmp_path / "snapshot.json").snapshot)
    assert [asked.findings for asked in online.asked] == [asked.findings for asked in offline.asked]
    assert PLAN in (tmp_path / "snapshot.json").read_text()
