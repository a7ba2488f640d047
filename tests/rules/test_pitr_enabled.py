import json
import shlex
import subprocess
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from readiness.aws.time import minute
from readiness.checklist import AllowedToggler
from readiness.engine.each import Each
from readiness.engine.evaluate import CheckFindings, CheckRunner
from readiness.engine.snapshot import ROOT, Place, Snapshot
from readiness.facts.backup.newest import NewestBackup
from readiness.facts.dynamodb.recovery import Recovery
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.iam.pitr_admins import UPDATE_PITR, PitrAdmins
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.iam.evaluate import Access
from readiness.iam.holders import Holder
from readiness.model import Gone, Omission, Reason, Status, Unavailable, Unreadable, Verdict
from readiness.rules import pitr_enabled
from readiness.rules.pitr_enabled import (
    RecoveryStart,
    deletion_protection,
    filled,
    fresh,
    kept,
    on,
    rule,
    togglers,
    togglers_reviewed,
    window,
)
from readiness.state.compare import ruleset_digest
from tests.rules.facts import AT, NOW, OFF, ago, checklist, description, recovery

ARN = "arn:aws:dynamodb:us-east-1:123456789012:table/babesclub-commerce"
TABLE = Table("babesclub-commerce", ARN, "123456789012", "us-east-1")
FULL = RecoveryStart(earliest=ago(days=35, minutes=5), seen=ago(minutes=5))


def test_on_passes() -> None:
    assert on(recovery(), NOW, None, None).status is Status.PASS


def test_off_fails_and_remembers_what_could_be_restored() -> None:
    verdict = on(OFF, NOW, FULL, None)
    assert verdict.status is Status.FAIL
    assert (verdict.message, verdict.subject) == ("PITR is disabled", "PITR was disabled")
    assert verdict.carry == FULL


@pytest.mark.parametrize(
    ("newest", "impact"),
    [
        pytest.param(
            NewestBackup(ago(hours=26), "AWS Backup"), [f"Newest other backup: {minute(ago(hours=26))} (AWS Backup)."]
        ),
        pytest.param(None, [], id="there is none"),
        pytest.param(Unavailable(Reason.ACCESS_DENIED, "backup:ListRecoveryPointsByResource"), [], id="denied"),
    ],
)
def test_off_names_the_newest_other_backup_if_it_can_be_read(newest: Any, impact: list[str]) -> None:
    verdict = on(OFF, NOW, FULL, newest)
    assert verdict.status is Status.FAIL
    assert list(verdict.impact) == [f"Restore points from before {minute(NOW.at)} are lost.", *impact]


def test_a_window_that_fills_says_when_it_is_full() -> None:
    (remains,) = on(recovery(earliest=ago(days=5)), NOW, None, None).impact
    assert remains.endswith(f"the window is full on {ago(days=5) + timedelta(days=35):%Y-%m-%d}.")
    assert on(recovery(earliest=ago(days=35)), NOW, None, None).impact == ()


@pytest.mark.parametrize(
    ("now", "before"),
    [
        pytest.param(recovery(), None, id="nothing is known of before"),
        pytest.param(recovery(), FULL, id="the window rolls"),
        pytest.param(recovery(earliest=ago(days=9)), RecoveryStart(ago(days=9), ago(minutes=5)), id="the window fills"),
        pytest.param(recovery(earliest=ago(days=7), window_days=7), FULL, id="the window was made shorter"),
        pytest.param(
            recovery(earliest=ago(days=9)),
            RecoveryStart(ago(days=9, minutes=15), ago(minutes=5)),
            id="ten minutes more than went by are tolerated",
        ),
        pytest.param(recovery(earliest=None), FULL, id="AWS does not say where it starts"),
    ],
)
def test_a_start_that_time_explains_is_no_reset(now: Recovery, before: RecoveryStart | None) -> None:
    verdict = on(now, NOW, before, None)
    assert (verdict.status, verdict.incident) == (Status.PASS, None)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(FULL, id="between two looks"),
        pytest.param(RecoveryStart(ago(days=36), ago(days=1)), id="the looks between saw it off"),
    ],
)
def test_off_and_on_is_an_incident_that_names_the_lost_days(before: RecoveryStart) -> None:
    verdict = on(recovery(earliest=ago(minutes=3)), NOW, before, None)
    assert verdict.status is Status.PASS
    assert verdict.incident
    assert "days before 2026-11-24 02:57 UTC are lost" in verdict.incident.after
    assert f"{before.earliest:%Y-%m-%d}" in verdict.incident.before
    assert verdict.carry == RecoveryStart(ago(minutes=3), AT)


def test_eleven_minutes_more_than_went_by_are_a_reset() -> None:
    before = RecoveryStart(ago(days=9, minutes=16), ago(minutes=5))
    assert on(recovery(earliest=ago(days=9)), NOW, before, None).incident


def test_what_moves_by_itself_is_not_watched() -> None:
    for verdict in (on(recovery(), NOW, None, None), filled(recovery(), checklist(), NOW), fresh(recovery(), NOW)):
        assert not verdict.watched


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(recovery(), Status.PASS, id="35 of 35 days pass"),
        pytest.param(recovery(window_days=34), Status.FAIL, id="34 of 35 fail"),
        pytest.param(OFF, Status.NOT_APPLICABLE, id="off is another check's"),
    ],
)
def test_window(found: Recovery, status: Status) -> None:
    assert window(found, checklist()).status is status


@pytest.mark.parametrize(
    ("found", "days", "status"),
    [
        pytest.param(recovery(earliest=AT), 0, Status.PASS, id="no days are demanded"),
        pytest.param(recovery(earliest=ago(days=14)), 14, Status.PASS, id="as many as are demanded"),
        pytest.param(recovery(earliest=ago(days=13, hours=23)), 14, Status.WARN, id="fewer"),
        pytest.param(recovery(earliest=None), 1, Status.WARN, id="none yet"),
        pytest.param(OFF, 14, Status.NOT_APPLICABLE, id="off is another check's"),
    ],
)
def test_filled(found: Recovery, days: int, status: Status) -> None:
    assert filled(found, checklist(days_before_cutover=days), NOW).status is status


@pytest.mark.parametrize(
    ("latest", "status"),
    [
        pytest.param(ago(minutes=15), Status.PASS, id="15 minutes behind"),
        pytest.param(ago(minutes=16), Status.WARN, id="16 minutes behind"),
        pytest.param(ago(hours=24), Status.WARN, id="a day behind"),
        pytest.param(ago(hours=24, seconds=1), Status.FAIL, id="more than a day behind"),
        pytest.param(None, Status.WARN, id="nothing yet"),
    ],
)
def test_fresh(latest: datetime | None, status: Status) -> None:
    assert fresh(recovery(latest=latest), NOW).status is status


def test_freshness_is_not_asked_of_what_is_off() -> None:
    assert fresh(OFF, NOW).status is Status.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("protected", "wish", "status"),
    [
        (True, "fail", Status.PASS),
        (False, "warn", Status.WARN),
        (False, "fail", Status.FAIL),
    ],
)
def test_deletion_protection(protected: bool, wish: str, status: Status) -> None:  # noqa: FBT001  a column of the table
    found = description(deletion_protected=protected)
    assert deletion_protection(found, checklist(deletion_protection=wish)).status is status


def test_a_table_that_is_being_deleted_fails() -> None:
    assert kept(TABLE, description(), recovery()).status is Status.PASS
    assert kept(TABLE, description(status="DELETING"), recovery()).status is Status.FAIL


@pytest.mark.parametrize(
    ("seen", "left"),
    [
        pytest.param(recovery(), "$DeletedTableBackup for 35 days", id="PITR was enabled"),
        pytest.param(OFF, "no backup", id="PITR was disabled"),
        pytest.param(Unavailable(Reason.ACCESS_DENIED), "", id="it cannot be read"),
        pytest.param(Gone("the table is gone"), "", id="it is gone"),
    ],
)
def test_a_deletion_says_what_is_left(seen: Any, left: str) -> None:
    verdict = kept(TABLE, description(status="DELETING"), seen)
    assert left in " ".join(verdict.impact)
    assert bool(verdict.impact) is bool(left)


DENIED = Unavailable(Reason.ACCESS_DENIED, "iam:GetAccountAuthorizationDetails")


def role(name: str) -> str:
    return f"arn:aws:iam::123456789012:role/{name}"


def holder(name: str, access: Access = Access.DIRECT, action: str = UPDATE_PITR, resource: str = ARN) -> Holder:
    return Holder(role(name), access, action, resource)


def entry(pattern: str, days: int = 0) -> AllowedToggler:
    return AllowedToggler(pattern, "jane@example.com", (AT - timedelta(days=days)).date())


def listing(*patterns: str) -> Checklist:
    return checklist(allowed_togglers=tuple(entry(pattern) for pattern in patterns or (role("breakglass"),)))


def judged(*holders: Holder, wanted: Checklist | None = None) -> dict[str | None, Verdict]:
    verdicts = list(togglers(PitrAdmins(holders), wanted or listing()))
    return {verdict.resource: verdict for verdict in verdicts}


@pytest.mark.parametrize(
    ("pattern", "status"),
    [
        pytest.param(role("breakglass"), Status.PASS, id="by its ARN"),
        pytest.param(role("aws-reserved/*/AWSReservedSSO_Admin_????"), Status.FAIL, id="by no pattern that fits it"),
        pytest.param(role("break*"), Status.PASS, id="by a pattern"),
        pytest.param("breakglass", Status.FAIL, id="not by its name alone"),
    ],
)
def test_a_holder_is_on_the_list(pattern: str, status: Status) -> None:
    assert [verdict.status for verdict in judged(holder("breakglass"), wanted=listing(pattern)).values()] == [status]


def test_nobody_outside_the_list_is_one_good_verdict_on_the_table() -> None:
    found = judged(holder("breakglass"))
    assert [verdict.status for verdict in found.values()] == [Status.PASS]
    assert not found[None].watched


@pytest.mark.parametrize(
    ("access", "status"),
    [
        (Access.DIRECT, Status.FAIL),
        (Access.CONDITIONAL, Status.WARN),
        (Access.BOUNDED, Status.WARN),
        (Access.INDIRECT, Status.WARN),
    ],
)
def test_one_outside_the_list_is_a_finding_of_its_own(access: Access, status: Status) -> None:
    found = judged(holder("breakglass"), holder("deploy", access, "iam:PassRole", role("admin")))
    assert {resource: verdict.status for resource, verdict in found.items()} == {role("deploy"): status}
    assert f"(iam:PassRole on {role('admin')})" in found[role("deploy")].message
    assert found[role("deploy")].watched == {"Access": access}


def test_of_many_who_may_directly_is_watched_and_a_detour_is_not() -> None:
    many = [holder(f"deploy-{number}") for number in range(51)]
    before = judged(*many)[None]
    assert judged(*many, holder("ci", Access.INDIRECT))[None].watched == before.watched
    assert judged(*many, holder("ci"))[None].watched != before.watched


def test_of_many_those_are_shown_that_need_no_detour_and_all_are_counted() -> None:
    detours = [holder(f"a{number:03}", Access.INDIRECT) for number in range(60)]
    found = judged(*detours, holder("z"))
    assert len(found) == 1 + 50
    assert list(found)[:3] == [None, role("z"), role("a000")]
    assert found[None].message.startswith(
        "outside pitr.allowed_togglers, 61 principals can disable PITR, 1 of them directly: role/z, "
    )
    assert found[None].message.endswith("role/a008 and 51 more")
    assert len(found[None].evidence["Principals"]) == 10


def test_without_a_list_there_is_one_failure_and_no_finding_per_principal() -> None:
    assert [verdict.status for verdict in judged(holder("deploy"), wanted=checklist()).values()] == [
        Status.NOT_APPLICABLE
    ]
    verdict = reviewed(*(holder(f"r{number:02}") for number in range(12)))
    assert (verdict.status, verdict.omission) == (Status.FAIL, Omission.NOT_RECORDED)
    assert verdict.message.startswith("12 principals can disable PITR, 12 of them directly: role/r00, ")
    assert "role/r09 and 2 more; pitr.allowed_togglers" in verdict.message


def test_without_a_list_root_alone_is_no_failure() -> None:
    assert reviewed().status is Status.PASS


def test_without_a_list_the_lines_that_would_make_one_are_offered() -> None:
    found = reviewed(holder("breakglass"), Holder('arn:aws:iam::123456789012:role/"*"/ci', Access.INDIRECT, "a", "b"))
    lines = found.evidence["AllowedTogglers"]
    entries = tomllib.loads(f"[[tables]]\n{lines}")["tables"][0]["pitr"]["allowed_togglers"]
    assert [(each["principal"], each["reviewed_on"]) for each in entries] == [
        (role("breakglass"), NOW.at.date()),
        ('arn:aws:iam::123456789012:role/"?"/ci', NOW.at.date()),
    ]
    pasted = tuple(AllowedToggler(each["principal"], each["owner"], each["reviewed_on"]) for each in entries)
    assert reviewed(holder("breakglass"), entries=pasted).status is Status.PASS


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(PitrAdmins((holder("ci"),)), id="somebody may directly"),
        pytest.param(PitrAdmins((holder("ci", Access.INDIRECT),)), id="somebody may indirectly"),
        pytest.param(PitrAdmins((holder("ci", Access.BOUNDED),)), id="somebody is held back by a boundary"),
        pytest.param(PitrAdmins((holder("ci"),), {role("odd"): DENIED}), id="somebody may, and others are not known"),
        pytest.param(PitrAdmins(()), id="nobody may"),
        pytest.param(PitrAdmins((), unlisted=DENIED), id="nobody is known"),
    ],
)
@pytest.mark.parametrize("days", [0, 200])
def test_writing_a_list_never_makes_the_verdict_worse(found: PitrAdmins, days: int) -> None:
    ranks = [
        worst(found, checklist()),
        worst(found, checklist(allowed_togglers=(entry(role("breakglass"), days),))),
    ]
    assert ranks[0] >= ranks[1]


def worst(found: PitrAdmins, wanted: Checklist) -> int:
    """The rank of the worst that both checks on the list say."""
    said = (asked(found, wanted, name) for name in ("togglers", "togglers-reviewed"))
    return max(finding.status.rank for each in said for finding in each.findings)


@pytest.mark.parametrize(
    ("days", "status"),
    [
        pytest.param(180, Status.PASS, id="180 days ago"),
        pytest.param(181, Status.WARN, id="181 days ago"),
    ],
)
def test_the_list_was_reviewed(days: int, status: Status) -> None:
    entries = (entry(role("fresh")), entry(role("breakglass"), days))
    assert reviewed(holder("x"), entries=entries).status is status


def test_who_answers_for_what_was_not_reviewed_is_named() -> None:
    message = reviewed(holder("x"), entries=(entry(role("fresh")), entry(role("breakglass"), 200))).message
    assert message.endswith(f"{role('breakglass')} (owner jane@example.com, 2026-05-08)")


def test_the_remedy_for_a_stale_list_is_its_own_entries_as_of_today() -> None:
    entries = (entry(role("break*"), 200), entry(role("fresh")))
    (finding,) = asked(PitrAdmins((holder("x"),)), checklist(allowed_togglers=entries), "togglers-reviewed").findings
    printf, template, lines, *comment = words(finding.remedy.command)
    assert (printf, template, comment) == ("printf", "%s\\n", [])
    assert tomllib.loads(f"[[tables]]\n{lines}")["tables"][0]["pitr"]["allowed_togglers"] == [
        {"principal": role("break*"), "owner": "jane@example.com", "reviewed_on": NOW.at.date()}
    ]


def test_a_stale_list_of_what_nobody_can_passes() -> None:
    assert reviewed(entries=(entry(role("breakglass"), 200),)).status is Status.PASS


def test_the_review_is_judged_without_iam_and_the_missing_list_is_not() -> None:
    blind = PitrAdmins((), unlisted=DENIED)
    assert togglers_reviewed(blind, listing(), NOW).status is Status.PASS
    with pytest.raises(Unreadable):
        togglers_reviewed(blind, checklist(), NOW)


def test_who_could_not_be_read_is_unknown_beside_those_who_are_known() -> None:
    found = asked(PitrAdmins((holder("deploy"),), {role("odd"): DENIED}))
    assert {finding.resource: finding.status for finding in found.findings} == {
        role("deploy"): Status.FAIL,
        role("odd"): Status.UNKNOWN,
    }
    assert not found.complete


def test_that_nobody_could_be_read_is_unknown() -> None:
    (finding,) = asked(PitrAdmins((), unlisted=DENIED)).findings
    assert (finding.resource, finding.status) == (ARN, Status.UNKNOWN)


@pytest.mark.parametrize(
    ("arn", "words"),
    [
        (role("ci/deploy"), ["put-role-policy", "--role-name", "deploy"]),
        ("arn:aws:iam::123456789012:user/jane", ["put-user-policy", "--user-name", "jane"]),
    ],
)
def test_the_remedy_denies_without_a_condition_the_way_that_was_found(arn: str, words: list[str]) -> None:
    command = _remedy(Holder(arn, Access.INDIRECT, "iam:PassRole", role("admin")))
    assert command[2:5] == words
    assert json.loads(command[-1])["Statement"] == [
        {"Effect": "Deny", "Action": "iam:PassRole", "Resource": role("admin")}
    ]


@pytest.mark.parametrize("path", ["a'$(reboot)'/", 'x"},{"Effect":"Allow","Action":"*","Resource":"*/', "x\\/"])
def test_a_path_made_to_deceive_stays_a_part_of_its_arn(path: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_Role.html: a path may hold any of these signs."""
    document = json.loads(_remedy(holder("deploy", resource=role(f"{path}admin")))[-1])
    assert [said["Effect"] for said in document["Statement"]] == ["Deny"]
    assert document["Statement"][0]["Resource"].startswith(role(path[:1]))


def reviewed(*holders: Holder, entries: tuple[AllowedToggler, ...] = ()) -> Verdict:
    return togglers_reviewed(PitrAdmins(holders), checklist(allowed_togglers=entries), NOW)


def asked(found: PitrAdmins, wanted: Checklist | None = None, name: str = "togglers") -> CheckFindings:
    """What the check says of a table of which all is as it should be but this."""
    place = frozenset({(Table, ARN)})
    facts: Mapping[type, Any] = {
        TableDescription: description(),
        PitrAdmins: found,
        Checklist: wanted or listing(),
    }
    table = Table("babesclub-commerce", ARN, "123456789012", "us-east-1")
    account: dict[type, dict[Place, Any]] = {Table: {ROOT: Each({ARN: table})}, Now: {ROOT: NOW}}
    snapshot = Snapshot({**account, **{kind: {place: fact} for kind, fact in facts.items()}})
    (check,) = (check for check in rule.checks if check.name == name)
    return CheckRunner(snapshot, place, {"table": table.name}, _undisturbed).ask(check)


def _remedy(outside: Holder) -> list[str]:
    """The words that a shell makes of it."""
    (found,) = asked(PitrAdmins((outside,))).findings
    return shlex.split(found.remedy.command)


def words(command: str) -> list[str]:
    """The words that bash makes of it."""
    told = subprocess.run(
        ["/bin/bash", "-c", f"for word in {command.partition('  #')[0]}; do printf '%s\\0' \"$word\"; done"],
        capture_output=True,
        check=True,
        text=True,
    )
    return told.stdout.split("\0")[:-1]


def _undisturbed(check: str, error: Exception) -> None:
    raise AssertionError(check) from error


def test_a_backup_decision_does_not_let_the_check_of_pitr_be_evaluated_again() -> None:
    (check,) = (each for each in pitr_enabled.rule.checks if each.name == "on")
    assert ruleset_digest(check, "of the table", "of on-call") == "1:"
