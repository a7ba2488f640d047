import re
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from readiness.checklist.file import load
from readiness.engine.each import Each
from readiness.facts.backup.decision import OnDemand, Planned, RecoveryAlone
from readiness.facts.backup.on_demand import BackupSchedules, OnDemandBackup, OnDemandBackups
from readiness.facts.backup.plans import PlanRule, RuleCopy
from readiness.facts.backup.recovery_points import BY_HAND, BackupJob, BackupVault, RecoveryPoints
from readiness.facts.dynamodb.recovery import Recovery
from readiness.facts.iam.principals import Principal
from readiness.facts.recorded.now import Now
from readiness.iam.evaluate import Identity
from readiness.model import Omission, Reason, Status, Unavailable, Unreadable
from readiness.rules import backups_scheduled as rule
from readiness.rules.backups_scheduled.cadence import regularly
from tests.aws.account import ARN, TABLE
from tests.rules.backups import (
    DAILY,
    PLAN_ARN,
    ROLE,
    THE_TABLE,
    ahead,
    by_hand,
    decision,
    every,
    job,
    jobs,
    made,
    on_demand,
    plan_rule,
    points,
    rules,
    schedule,
    schedules,
    selected_by,
    selecting,
    vault,
    vault_arn,
    vaults,
)
from tests.rules.facts import AT, NOW, OFF, ago, checklist, description, recovery

PASS, WARN, FAIL, NONE = Status.PASS, Status.WARN, Status.FAIL, Status.NOT_APPLICABLE
DENIED = Unavailable(Reason.ACCESS_DENIED, "backup:GetBackupPlan")
WANTED = Planned(cadence_hours=24, retention_days=35)
OTHER = selecting(arn=f"{PLAN_ARN}-other", id="other", name="other")
NEW = description(created=ago(hours=3))
HOURLY = ahead(*(0.5 + hour for hour in range(10)))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.mark.parametrize(
    ("decided_on", "status"),
    [
        pytest.param(date(2026, 11, 24), PASS, id="today passes"),
        pytest.param(date(2025, 11, 24), PASS, id="a year ago passes"),
        pytest.param(date(2025, 11, 23), WARN, id="more than a year ago is fragile"),
        pytest.param(date(2026, 11, 25), FAIL, id="tomorrow fails, wherever that was written"),
    ],
)
def test_when_it_was_decided(decided_on: date, status: Status) -> None:
    verdict = rule.decided(checklist(backup_decision=decision(decided_on=decided_on)), NOW)
    assert verdict.status is status
    assert verdict.evidence == {"Mode": "pitr_only", "DecidedOn": decided_on.isoformat()}


def test_tomorrow_is_today_further_east() -> None:
    tomorrow = checklist(backup_decision=decision(decided_on=date(2026, 11, 25)))
    assert rule.decided(tomorrow, Now(AT.replace(hour=10))).status is PASS


def test_nobody_decided() -> None:
    verdict = rule.decided(checklist(), NOW)
    assert (verdict.status, verdict.omission, verdict.evidence) == (FAIL, Omission.NOT_RECORDED, {})


def test_what_the_remedy_has_you_write_is_a_decision(tmp_path: Path) -> None:
    [line] = re.findall(r"backup_decision = {{.*?}}", rule.DECIDE)
    file = tmp_path / "checklist.toml"
    file.write_text(f"[[tables]]\n{line}".replace("{{", "{").replace("}}", "}").replace("YYYY-MM-DD", "2026-11-24"))
    decided = load(file, []).tables[0].backup_decision
    assert decided
    assert (decided.mode, decided.decided_on) == ("pitr_only", date(2026, 11, 24))


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(recovery(), PASS, id="recovery with the wanted window passes"),
        pytest.param(recovery(window_days=34), FAIL, id="recovery that reaches back a day less fails"),
        pytest.param(OFF, FAIL, id="recovery that is off fails"),
    ],
)
def test_recovery_alone(found: Recovery, status: Status) -> None:
    assert rule.recoverable(RecoveryAlone(35), found).status is status


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param([made(ago(hours=30))], PASS, id="as old as a quarter more than the cadence passes"),
        pytest.param([made(ago(hours=30, seconds=1))], FAIL, id="a second older fails"),
        pytest.param([made(ago(days=90)), made(ago(hours=1))], PASS, id="the newest counts, whatever the order"),
        pytest.param([], FAIL, id="none fails"),
        pytest.param([made(ago(hours=1), "CREATING")], FAIL, id="one that is being made does not count"),
        pytest.param([made(ago(hours=1), "DELETED")], FAIL, id="one that was deleted does not count"),
        pytest.param(
            [made(ago(hours=1), table_id="another")], FAIL, id="one of a former table of the name does not count"
        ),
    ],
)
def test_on_demand_backups(found: list[OnDemandBackup], status: Status) -> None:
    assert rule.on_demand(OnDemand(24), on_demand(*found), description(), NOW).status is status


def test_a_backup_that_could_not_be_read_hides_no_young_one() -> None:
    why = Unavailable(Reason.INCOMPLETE_ANSWER)
    young, old = made(ago(hours=1)), made(ago(days=2))
    assert rule.on_demand(OnDemand(24), OnDemandBackups((young,), why), description(), NOW).status is PASS
    with pytest.raises(Unreadable):
        rule.on_demand(OnDemand(24), OnDemandBackups((old,), why), description(), NOW)


def test_a_new_table_may_be_without_a_backup_at_first() -> None:
    young, old = description(created=ago(hours=30)), description(created=ago(hours=31))
    assert rule.on_demand(OnDemand(24), on_demand(), young, NOW).status is WARN
    assert rule.on_demand(OnDemand(24), on_demand(), old, NOW).status is FAIL


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(schedules(schedule()), PASS, id="a schedule by the name of the table passes"),
        pytest.param(schedules(schedule(table=ARN)), PASS, id="a schedule by its ARN passes"),
        pytest.param(schedules(schedule(ends=ago(days=-1))), PASS, id="one that ends tomorrow passes"),
        pytest.param(schedules(schedule(ends=AT)), WARN, id="one that is over is none"),
        pytest.param(schedules(schedule(enabled=False)), WARN, id="one that is off is none"),
        pytest.param(schedules(schedule(begins=ago(days=-1))), WARN, id="one that begins tomorrow is none"),
        pytest.param(schedules(schedule(expression="rate(30 days)")), FAIL, id="one that runs too seldom fails"),
        pytest.param(
            schedules(schedule(expression="rate(30 days)"), schedule(expression="rate(1 hour)")),
            PASS,
            id="of two the one that runs often is enough",
        ),
        pytest.param(schedules(schedule(expression="cron(0 5 * * ? *)")), PASS, id="one of every day passes"),
        pytest.param(
            schedules(schedule(expression="cron(0 5 ? * MON-FRI *)")), FAIL, id="one of weekdays leaves weekends"
        ),
        pytest.param(
            schedules(schedule(expression="cron(0 5 ? * 2-6 *)"), schedule(expression="cron(0 5 ? * SAT,SUN *)")),
            PASS,
            id="two fill each other's gaps",
        ),
        pytest.param(schedules(schedule(expression="cron(0 5 L * ? *)")), WARN, id="what is not evaluated is told so"),
        pytest.param(schedules(schedule(table=f"{TABLE}-staging")), WARN, id="one for another table is none"),
        pytest.param(schedules(), WARN, id="none is fragile"),
    ],
)
def test_what_makes_them(found: BackupSchedules, status: Status) -> None:
    verdict = rule.on_demand_schedule(THE_TABLE, OnDemand(24), found, NOW)
    assert verdict.status is status
    assert verdict.evidence["ScheduleExpression"] == "rate(1440 minutes)"
    assert verdict.evidence["Arn"] == "arn:aws:scheduler:::aws-sdk:dynamodb:createBackup"


def test_one_plan_that_certainly_selects_the_table_is_enough() -> None:
    found = selected_by(selecting(), unlisted=DENIED)
    assert rule.selected(THE_TABLE, WANTED, found).status is PASS


def test_a_plan_that_could_not_be_read_may_select_it() -> None:
    with pytest.raises(Unreadable):
        rule.selected(THE_TABLE, WANTED, selected_by(unlisted=DENIED))


@pytest.mark.parametrize(
    ("hours", "schedule"),
    [
        pytest.param(6, "cron(0 0/6 ? * * *)", id="every six hours"),
        pytest.param(23, "cron(0 0/23 ? * * *)", id="almost daily, and at midnight too"),
        pytest.param(24, "cron(0 5 ? * * *)", id="daily"),
        pytest.param(168, "cron(0 5 ? * * *)", id="more often than wanted is no harm"),
    ],
)
def test_no_plan_selects_it_and_the_remedy_makes_one(hours: int, schedule: str) -> None:
    verdict = rule.selected(THE_TABLE, Planned(hours, 90), selected_by())
    assert verdict.status is FAIL
    assert verdict.evidence == {"ScheduleExpression": schedule, "DeleteAfterDays": 90, "IamRoleArn": ROLE}


def principals(*arns: str, unlisted: Unavailable | None = None) -> Each[Principal]:
    one = {arn: Principal(arn, "", Identity(arn, "role", (), None, (), (), ()), (), (), "") for arn in arns}
    return Each(one, unlisted)


def test_the_role_of_a_plan_exists() -> None:
    assert rule.role(THE_TABLE, selecting(), principals(ROLE)).status is PASS


def test_a_role_that_was_deleted_fails_every_job() -> None:
    other = "arn:aws:iam::123456789012:role/backup"
    verdict = rule.role(THE_TABLE, selecting(roles=(other, ROLE)), principals(ROLE))
    assert verdict.status is FAIL
    assert {name: verdict.evidence[name] for name in ("RoleName", "Path")} == {"RoleName": "backup", "Path": "/"}
    deleted = rule.role(THE_TABLE, selecting(), principals(other))
    assert deleted.evidence["Path"] == "/service-role/"
    assert deleted.evidence["RoleName"] == "AWSBackupDefaultServiceRole"


def test_a_role_is_not_missing_where_not_all_could_be_read() -> None:
    with pytest.raises(Unreadable):
        rule.role(THE_TABLE, selecting(), principals(unlisted=DENIED))


@pytest.mark.parametrize(
    ("each", "horizon", "status"),
    [
        pytest.param([plan_rule()], DAILY[-1], PASS, id="once a day passes"),
        pytest.param([plan_rule(next_runs=HOURLY)], HOURLY[-1], PASS, id="more often than wanted passes"),
        pytest.param(
            [plan_rule(next_runs=ahead(2, 27, 51))], None, PASS, id="the day on which clocks are put back passes"
        ),
        pytest.param([plan_rule(next_runs=ahead(2, 28, 52))], None, FAIL, id="every 26 hours fails"),
        pytest.param(
            [plan_rule(next_runs=ahead(2, 26, 50, 74, 146, 170, 194, 218, 242, 314))],
            ahead(314)[0],
            FAIL,
            id="on weekdays alone fails, for the weekend is a gap",
        ),
        pytest.param(
            [
                plan_rule(name="weekdays", next_runs=ahead(2, 26, 50)),
                plan_rule(name="weekends", next_runs=ahead(74, 98)),
            ],
            None,
            PASS,
            id="two rules that take turns pass together",
        ),
        pytest.param([plan_rule(next_runs=ahead(170, 194))], None, FAIL, id="one that only begins in a week fails"),
        pytest.param([plan_rule(next_runs=())], None, FAIL, id="one that never runs again fails"),
        pytest.param([plan_rule(next_runs=ahead(2))], None, WARN, id="from one run nothing follows"),
    ],
)
def test_how_often_a_plan_runs(each: list[PlanRule], horizon: datetime | None, status: Status) -> None:
    verdict = rule.scheduled(THE_TABLE, WANTED, every(rules(*each, horizon=horizon)), NOW)
    assert verdict.status is status
    assert verdict.evidence["BackupPlanId"] == "daily"


def test_what_is_not_foreseen_is_a_gap_up_to_there() -> None:
    hourly, daily = plan_rule(next_runs=HOURLY[:9]), plan_rule(next_runs=HOURLY[9:])
    plan = rules(hourly, daily, horizon=HOURLY[-1])
    assert regularly(plan, [hourly], AT, 0) is PASS  # a gap of one hour, which the clock change allows
    assert [regularly(plan, [daily], AT, hours) for hours in (8, 9)] == [FAIL, WARN]  # 9.5 hours, and one run alone
    assert [regularly(plan, [], AT, hours) for hours in (8, 9)] == [FAIL, WARN]


def test_of_several_plans_one_is_enough() -> None:
    monthly = rules(plan_rule(next_runs=ahead(400, 1100)), plan=OTHER, horizon=None)
    assert rule.scheduled(THE_TABLE, WANTED, every(monthly, rules()), NOW).status is PASS
    assert rule.scheduled(THE_TABLE, WANTED, every(monthly), NOW).status is FAIL


@pytest.mark.parametrize("check", [rule.scheduled, rule.retained])
def test_a_plan_that_could_not_be_read_may_be_the_one(check: Any) -> None:
    poor = rules(plan_rule(next_runs=(), retention_days=1), horizon=None)
    with pytest.raises(Unreadable):
        check(THE_TABLE, WANTED, every(poor, unlisted=DENIED), NOW)
    with pytest.raises(Unreadable):
        check(THE_TABLE, WANTED, every(unlisted=DENIED), NOW)
    assert check(THE_TABLE, WANTED, every(rules(), unlisted=DENIED), NOW).status is PASS
    assert check(THE_TABLE, WANTED, every(), NOW).status is NONE


@pytest.mark.parametrize(
    ("each", "status"),
    [
        pytest.param([plan_rule(retention_days=35)], PASS, id="just as long passes"),
        pytest.param([plan_rule(retention_days=34)], FAIL, id="a day less fails"),
        pytest.param([plan_rule(retention_days=None)], PASS, id="for ever passes"),
        pytest.param(
            [plan_rule(retention_days=7), plan_rule(name="monthly", next_runs=ahead(300), retention_days=365)],
            FAIL,
            id="what is kept long is made too seldom",
        ),
        pytest.param(
            [plan_rule(retention_days=35), plan_rule(name="more", next_runs=ahead(8, 32), retention_days=1)],
            PASS,
            id="what is kept shortly comes on top",
        ),
        pytest.param(
            [plan_rule(name="hourly", next_runs=HOURLY[:9], retention_days=1), plan_rule(next_runs=HOURLY[9:])],
            WARN,
            id="how often the long kept ones are made is hidden behind the others",
        ),
    ],
)
def test_how_long_backups_are_kept(each: list[PlanRule], status: Status) -> None:
    horizon = max(moment for one in each for moment in one.next_runs)
    assert rule.retained(THE_TABLE, WANTED, every(rules(*each, horizon=horizon)), NOW).status is status


@pytest.mark.parametrize(
    ("found", "days", "status"),
    [
        pytest.param(vault(), 35, PASS, id="a vault without a lock takes anything"),
        pytest.param(vault(locked=True, min_days=35, max_days=35), 35, PASS, id="within its bounds passes"),
        pytest.param(vault(locked=True, min_days=36), 35, FAIL, id="shorter than the vault allows fails every job"),
        pytest.param(vault(locked=True, max_days=34), 35, FAIL, id="longer than the vault allows fails every job"),
        pytest.param(vault(locked=True, max_days=36500), None, FAIL, id="for ever is longer than any bound"),
        pytest.param(vault(locked=True, min_days=36500), None, PASS, id="for ever is never too short"),
    ],
)
def test_what_the_vault_takes(found: BackupVault, days: int | None, status: Status) -> None:
    verdict = rule.vault(THE_TABLE, rules(plan_rule(retention_days=days)), vaults(babesclub_prod=found))
    assert verdict.status is status


def test_a_vault_that_does_not_exist_fails() -> None:
    verdict = rule.vault(THE_TABLE, rules(), vaults(other=vault()))
    assert (verdict.status, verdict.watched["Vaults"]) == (FAIL, {})


def test_only_what_is_configured_is_watched_of_a_plan() -> None:
    lock = vault(locked=True, min_days=7, immutable_from=ago(days=3))
    verdict = rule.vault(THE_TABLE, rules(), vaults(babesclub_prod=lock))
    assert verdict.watched == {
        "BackupPlanName": "babesclub-daily",
        "Rules": [
            {
                "RuleName": "daily",
                "ScheduleExpression": "cron(0 5 * * ? *) Etc/UTC",
                "TargetBackupVaultName": "babesclub-prod",
                "DeleteAfterDays": 35,
            }
        ],
        "Vaults": {"babesclub-prod": {"Locked": True, "MinRetentionDays": 7, "MaxRetentionDays": None}},
    }
    assert verdict.evidence["LockDate"] == {"babesclub-prod": "2026-11-21T03:00:00+00:00"}
    later = rules(plan_rule(next_runs=ahead(1, 25)), plan=selecting(last_run=AT))
    assert rule.vault(THE_TABLE, later, vaults(babesclub_prod=lock)).watched == verdict.watched


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(points(ago(hours=26)), PASS, id="two hours older than the cadence passes"),
        pytest.param(points(ago(hours=26, seconds=1)), FAIL, id="a second older fails"),
        pytest.param(points(ago(days=6)), FAIL, id="days within the windows that AWS tolerates fail"),
        pytest.param(points(ago(days=30), ago(hours=1)), PASS, id="the newest counts, whatever the order"),
        pytest.param(points(ago(hours=1), status="AVAILABLE"), PASS, id="one that is available passes"),
        pytest.param(points(ago(hours=1), status="PARTIAL"), FAIL, id="a partial one does not count"),
        pytest.param(points(ago(hours=1), status="EXPIRED"), FAIL, id="an expired one does not count"),
        pytest.param(points(ago(hours=1), status="DELETING"), FAIL, id="one that is being deleted does not count"),
        pytest.param(points(ago(hours=1), status="CREATING"), FAIL, id="one that is being made does not count"),
        pytest.param(points(), FAIL, id="none fails"),
    ],
)
def test_the_newest_recovery_point(found: RecoveryPoints, status: Status) -> None:
    verdict = rule.backed_up(THE_TABLE, WANTED, found, jobs(), every(rules()), description(), NOW)
    assert verdict.status is status
    assert verdict.evidence["BackupVaultName"] == "babesclub-prod"


def test_the_backup_of_a_former_table_does_not_count() -> None:
    former = points(ago(hours=4))
    assert rule.backed_up(THE_TABLE, WANTED, former, jobs(), every(rules()), NEW, NOW).status is WARN
    older = description(created=ago(hours=27))
    assert rule.backed_up(THE_TABLE, WANTED, points(ago(hours=30)), jobs(), every(rules()), older, NOW).status is FAIL


@pytest.mark.parametrize(
    ("took", "age", "status"),
    [
        pytest.param([minutes(20)] * 5, hours(26), PASS, id="jobs of a quarter of an hour leave two hours"),
        pytest.param([minutes(20)] * 5, hours(26.1), FAIL, id="and no more"),
        pytest.param([hours(5), *[minutes(20)] * 4], hours(29), PASS, id="as long as the longest of five jobs"),
        pytest.param([hours(5), *[minutes(20)] * 4], hours(29.1), FAIL, id="no longer than the longest"),
        pytest.param([hours(5), *[minutes(20)] * 5], hours(28), FAIL, id="a sixth job does not count"),
    ],
)
def test_a_backup_may_be_as_late_as_jobs_of_the_table_take(
    took: list[timedelta], age: timedelta, status: Status
) -> None:
    ended = [job(created=ago(days=9 - at), took=each) for at, each in enumerate(took)]
    found = points(AT - age)
    verdict = rule.backed_up(THE_TABLE, WANTED, found, jobs(*ended), every(rules()), description(), NOW)
    assert verdict.status is status


def test_a_schedule_that_has_not_begun_is_not_said_to_be_over() -> None:
    found = schedules(schedule(begins=ago(days=-1)))
    verdict = rule.on_demand_schedule(THE_TABLE, OnDemand(24), found, NOW)
    assert verdict.message == "backup schedule nightly has not started yet"


def test_how_long_jobs_of_a_former_table_took_says_nothing_of_this_one() -> None:
    former = jobs(job(created=ago(days=12), took=hours(9)))
    found, anew = points(ago(hours=28)), description(created=ago(days=5))
    assert rule.backed_up(THE_TABLE, WANTED, found, former, every(rules()), anew, NOW).status is FAIL


def test_a_job_begun_by_hand_says_nothing_of_how_long_the_plan_takes() -> None:
    long = jobs(job(created=ago(days=3), rule=BY_HAND, took=hours(9)), job("FAILED", ago(days=2), took=hours(9)))
    found = points(ago(hours=28))
    assert rule.backed_up(THE_TABLE, WANTED, found, long, every(rules()), description(), NOW).status is FAIL


def test_a_late_backup_that_is_being_made_warns() -> None:
    found, running = points(ago(hours=28)), jobs(job("RUNNING", ago(hours=3)))
    assert rule.backed_up(THE_TABLE, WANTED, found, running, every(rules()), description(), NOW).status is WARN
    hanging = jobs(job("RUNNING", ago(hours=27)))
    assert rule.backed_up(THE_TABLE, WANTED, found, hanging, every(rules()), description(), NOW).status is FAIL


@pytest.mark.parametrize("state", ["FAILED", "COMPLETED"])
def test_a_job_that_is_over_makes_no_late_backup(state: str) -> None:
    """Of a job that completed it may not be known when."""
    found, over = points(ago(hours=28)), jobs(job(state, ago(hours=3)))
    assert rule.backed_up(THE_TABLE, WANTED, found, over, every(rules()), description(), NOW).status is FAIL


def test_without_a_plan_a_job_is_begun_as_the_console_does() -> None:
    found = points(ago(hours=27))
    verdict = rule.backed_up(THE_TABLE, WANTED, found, jobs(), every(), description(), NOW)
    assert (verdict.status, verdict.evidence["IamRoleArn"]) == (FAIL, ROLE)


def test_a_young_backup_passes_whatever_the_jobs_say() -> None:
    unread = every(unlisted=DENIED)
    young, old = points(ago(hours=24)), points(ago(hours=27))
    assert rule.backed_up(THE_TABLE, WANTED, young, DENIED, unread, description(), NOW).status is PASS
    with pytest.raises(Unreadable):
        rule.backed_up(THE_TABLE, WANTED, old, DENIED, unread, description(), NOW)


APART = vault_arn("air-gapped")
ABROAD = "arn:aws:backup:eu-west-1:123456789012:backup-vault:copies"


@pytest.mark.parametrize(
    ("copies", "found", "status"),
    [
        pytest.param([RuleCopy(APART, 35)], {"air_gapped": vault(arn=APART, min_days=7)}, PASS, id="within its bounds"),
        pytest.param(
            [RuleCopy(APART, 35)],
            {"air_gapped": vault(arn=APART, min_days=60)},
            FAIL,
            id="an air-gapped vault that keeps longer than the rule fails every job",
        ),
        pytest.param([RuleCopy(APART, 35)], {}, FAIL, id="a vault for copies that is gone"),
        pytest.param(
            [RuleCopy(APART, 35)],
            {"air_gapped": vault(arn=APART, state="CREATING")},
            FAIL,
            id="a vault that is not available yet",
        ),
        pytest.param([RuleCopy(ABROAD, 35)], {}, PASS, id="a vault of another Region is not looked at"),
        pytest.param(
            [RuleCopy(APART, 35), RuleCopy(APART, 400)],
            {"air_gapped": vault(arn=APART, max_days=365)},
            FAIL,
            id="one copy that is kept too long is enough",
        ),
    ],
)
def test_every_vault_that_a_rule_writes_to_counts(
    copies: list[RuleCopy], found: dict[str, BackupVault], status: Status
) -> None:
    verdict = rule.vault(THE_TABLE, rules(plan_rule(copies=tuple(copies))), vaults(babesclub_prod=vault(), **found))
    assert verdict.status is status
    assert verdict.evidence["NotLookedAt"] == [copy.vault_arn for copy in copies if copy.vault_arn == ABROAD]


@pytest.mark.parametrize(
    ("last", "found", "ended", "status"),
    [
        pytest.param(ago(hours=22), points(ago(hours=22)), jobs(), PASS, id="a backup of the last run passes"),
        pytest.param(
            ago(hours=22), points(ago(hours=22, minutes=9)), jobs(), PASS, id="one begun just before it was told passes"
        ),
        pytest.param(ago(hours=22), points(ago(hours=46)), jobs(), FAIL, id="an old backup alone is a stale schedule"),
        pytest.param(
            ago(hours=22), points(), jobs(job("EXPIRED")), FAIL, id="no backup, and a job that is over, fails"
        ),
        pytest.param(ago(minutes=60), points(), jobs(), PASS, id="within the start window it may still begin"),
        pytest.param(ago(minutes=61), points(), jobs(), FAIL, id="a minute later it does not begin any more"),
        pytest.param(
            ago(hours=3), points(), jobs(job("RUNNING", ago(hours=3))), PASS, id="a job that is under way passes"
        ),
        pytest.param(
            ago(hours=3), points(), jobs(job("RUNNING", ago(hours=27))), FAIL, id="a job of another run does not count"
        ),
        pytest.param(None, points(), jobs(), NONE, id="a plan that never ran has made nothing"),
        pytest.param(ago(days=101), points(), jobs(), NONE, id="it ran before it selected the table"),
    ],
)
def test_the_last_run_of_a_plan(last: datetime | None, found: RecoveryPoints, ended: Any, status: Status) -> None:
    plan = rules(plan=selecting(last_run=last))
    assert rule.ran(THE_TABLE, plan, found, ended, description(), NOW).status is status


def test_a_run_before_the_table_was_made_is_none() -> None:
    assert rule.ran(THE_TABLE, rules(), points(), jobs(), NEW, NOW).status is NONE


def test_denied_jobs_hide_only_a_run_that_nothing_came_of() -> None:
    assert rule.ran(THE_TABLE, rules(), points(ago(hours=22)), DENIED, description(), NOW).status is PASS
    with pytest.raises(Unreadable):
        rule.ran(THE_TABLE, rules(), points(), DENIED, description(), NOW)


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param([job()], PASS, id="a job that completed passes"),
        pytest.param([job("FAILED")], FAIL, id="one that failed fails"),
        pytest.param([job("ABORTED")], FAIL, id="one that was aborted fails"),
        pytest.param([job("EXPIRED")], FAIL, id="one that never began fails"),
        pytest.param([job("PARTIAL")], WARN, id="one that did a part is fragile"),
        pytest.param([job("FAILED", ago(days=2)), job()], PASS, id="the newest of a rule counts"),
        pytest.param([job(), job("FAILED", ago(days=2))], PASS, id="whatever the order"),
        pytest.param([job("FAILED"), job("RUNNING", ago(hours=1))], FAIL, id="one under way has not ended"),
        pytest.param(
            [job("FAILED"), job(created=ago(hours=1), rule="other")], FAIL, id="another rule makes up for none"
        ),
        pytest.param([job("FAILED"), job("PARTIAL", rule="other")], FAIL, id="the worst of the rules counts"),
        pytest.param([job("FAILED"), by_hand("COMPLETED", ago(hours=1))], PASS, id="one by hand makes up for it"),
        pytest.param([job("FAILED"), by_hand("COMPLETED", ago(days=1))], FAIL, id="but not for a later one"),
        pytest.param([by_hand("FAILED", ago(hours=1))], FAIL, id="one by hand that failed fails"),
        pytest.param([job("FAILED", ago(days=401))], NONE, id="one of a former table does not count"),
        pytest.param([job("RUNNING")], NONE, id="none that ended says nothing"),
        pytest.param([], NONE, id="none says nothing"),
    ],
)
def test_how_the_newest_jobs_ended(found: list[BackupJob], status: Status) -> None:
    assert rule.jobs(jobs(*found), description()).status is status


def test_the_remedy_asks_why_the_worst_one_failed() -> None:
    verdict = rule.jobs(jobs(job("PARTIAL"), job("FAILED", rule="other")), description())
    assert verdict.evidence["BackupJobId"] == "FAILED-job"
