"""What is lacking, from what a look found; hand-made findings, of checks by their ids."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace as altered

from readiness.alarms.series import series
from readiness.checklist import BackupDecision
from readiness.cli.stack.lacking import EVERY_TABLE, MissingResources, missing
from readiness.model import Finding, Reason, Severity, Status, Unavailable
from tests.aws.account import ARN, TABLE

DECISION = BackupDecision("aws_backup", "ada", date(2026, 11, 1), "the auditors ask for it")
INDEX = f"{ARN}/index/by-session"
WHY = Unavailable(Reason.ACCESS_DENIED, "cloudwatch:DescribeAlarms")

LACKS = {
    "alarms-wired/throttling": {"throttling": True},
    "alarms-wired/user-errors": {"user_errors": True},
    "alarms-wired/read-spikes": {"reads": True},
    "alarms-wired/write-spikes": {"writes": True},
    "cost-monitored/alerted": {"budget": True},
    "backups-scheduled/selected": {"backup": DECISION},
}


def finding(check: str, status: Status = Status.PASS, resource: str = ARN) -> Finding:
    rule, _, name = check.partition("/")
    unavailable = WHY if status is Status.UNKNOWN else None
    return Finding(rule, name, resource, status, "could not be read", Severity.HIGH, unavailable=unavailable)


def judged(*other: Finding, arn: str = ARN, decision: BackupDecision | None = DECISION) -> MissingResources:
    """Every check passes on the table, but for these."""
    replaced = {(each.rule, each.check, each.resource) for each in other}
    passing = [finding(check) for check in EVERY_TABLE]
    kept = [each for each in passing if (each.rule, each.check, each.resource) not in replaced]
    return missing(TABLE, arn, [*kept, *other], decision)


def lacking(**what: Any) -> MissingResources:
    return MissingResources(TABLE, ARN, **what)


def test_where_all_passes_nothing_is_lacking() -> None:
    assert judged() == lacking()
    assert not lacking().anything


@pytest.mark.parametrize(("check", "what"), LACKS.items(), ids=LACKS)
def test_what_fails_is_lacking(check: str, what: dict[str, Any]) -> None:
    found = judged(finding(check, Status.FAIL))
    assert found == lacking(**what)
    assert found.anything


def test_it_is_said_of_every_check_that_is_wanted() -> None:
    assert set(LACKS) == set(EVERY_TABLE)


@pytest.mark.parametrize("status", [Status.WARN, Status.NOT_APPLICABLE])
@pytest.mark.parametrize("check", EVERY_TABLE)
def test_what_does_not_fail_is_not_lacking(check: str, status: Status) -> None:
    assert judged(finding(check, status)) == lacking()


def test_an_index_is_uncovered_while_its_table_is_not() -> None:
    found = judged(
        finding("alarms-wired/index-throttling", Status.FAIL, f"{ARN}/index/by-user"),
        finding("alarms-wired/index-throttling", Status.FAIL, INDEX),
        finding("alarms-wired/index-throttling", Status.PASS, f"{ARN}/index/by-day"),
    )
    assert replace(found, left_out=()) == lacking(indexes=("by-session", "by-user"))


@pytest.mark.parametrize(
    ("alarms", "lacks"), [("", True), ("mine", False)], ids=["no alarm", "an alarm that reaches nobody"]
)
def test_a_metric_of_failed_writes_lacks_an_alarm_where_none_watches_it(alarms: str, *, lacks: bool) -> None:
    evidence = {"Namespace": "N", "MetricName": "M", "Dimension": "Domain", "Domain": "quote", "Alarms": alarms}
    found = judged(altered(finding("write-failures-audited/alarmed", Status.FAIL, "N M quote"), evidence=evidence))
    assert found.write_failures == ((series("N", "M", Domain="quote"),) if lacks else ())
    assert bool(found.left_out) != lacks


@pytest.mark.parametrize("check", EVERY_TABLE)
def test_what_could_not_be_read_is_said_and_not_written(check: str) -> None:
    found = judged(finding(check, Status.UNKNOWN))
    assert replace(found, left_out=()) == lacking()
    assert found.left_out == (f"{TABLE}: {check}: {TABLE}: could not be read",)


def test_an_index_that_could_not_be_read_hides_no_other() -> None:
    found = judged(
        finding("alarms-wired/index-throttling", Status.UNKNOWN, INDEX), finding("alarms-wired/throttling", Status.FAIL)
    )
    assert replace(found, left_out=()) == lacking(throttling=True)
    assert found.left_out == (f"{TABLE}: alarms-wired/index-throttling: by-session: could not be read",)


@pytest.mark.parametrize("findings", [[], [finding("pitr-enabled/on", Status.FAIL)]], ids=["none", "of another rule"])
def test_a_check_that_was_not_asked_is_not_passed(findings: Sequence[Finding]) -> None:
    found = missing(TABLE, ARN, findings, DECISION)
    assert replace(found, left_out=()) == lacking()
    assert found.left_out == tuple(f"{TABLE}: {check}: not evaluated" for check in EVERY_TABLE)


@pytest.mark.parametrize(
    "decision",
    [None, BackupDecision("on_demand", "ada", date(2026, 11, 1), "a script makes them")],
    ids=["none", "another"],
)
def test_a_plan_is_written_only_where_one_was_decided(decision: BackupDecision | None) -> None:
    found = judged(finding("backups-scheduled/selected", Status.FAIL), decision=decision)
    assert replace(found, left_out=()) == lacking()
    (said,) = found.left_out
    assert "no backup_decision for AWS Backup" in said


def test_there_are_no_budgets_in_govcloud() -> None:
    arn = ARN.replace("arn:aws:", "arn:aws-us-gov:")
    found = missing(
        TABLE, arn, [*(finding(check) for check in EVERY_TABLE), finding("cost-monitored/alerted", Status.FAIL)], None
    )
    assert not found.budget
    assert any("has no budgets" in each for each in found.left_out)


def test_an_alarm_whose_link_is_broken_is_mended_and_gets_none_beside_it() -> None:
    broken = Finding(
        "alarms-wired",
        "throttling",
        ARN,
        Status.FAIL,
        "nobody hears of throttling: its actions are switched off",
        Severity.HIGH,
        evidence={"AlarmName": "throttled"},
        remediation="aws cloudwatch enable-alarm-actions --alarm-names throttled",
    )
    found = missing(TABLE, ARN, [broken], None)
    assert not found.anything
    assert (
        f"{TABLE}: alarms-wired/throttling: {broken.message}: aws cloudwatch enable-alarm-actions"
        " --alarm-names throttled" in found.left_out
    )
    without = altered(broken, evidence={"AlarmName": "throttled", "Metrics": "[]"})
    assert missing(TABLE, ARN, [without], None).throttling
