"""Whether a restore was tried, what of it was compared, and what is left of it."""

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from readiness.checklist import DrillSettings
from readiness.engine.each import Each
from readiness.engine.rule import Status
from readiness.facts.dynamodb.restores import Restore, RestoredTable, Restores
from readiness.facts.recorded.attestations import Attestations, Attested
from readiness.facts.recorded.attested import RestoreDrill
from readiness.model import Omission, Unavailable, Unreadable
from readiness.rules.restore_drilled import SeenRestores, attested, compared, drilled, left_over, rule
from tests.rules.drills import COPY, DENIED, DRILL, SAID, SEEN, attestations, restores
from tests.rules.drills import attested as word
from tests.rules.facts import AT, NOW, ago, checklist, description
from tests.rules.functions import THE_TABLE

BY_PLAN = Restore(ago(days=4), "test", "arn:aws:backup:us-east-1:1:restore-testing-plan:monthly", point_in_time=False)
OLD = replace(SEEN, at=ago(days=90, seconds=1))


def carried(*seen: Restore) -> SeenRestores:
    return SeenRestores(tuple((each.at, each.target, each.told_by) for each in seen))


def judged(known: Restores, before: SeenRestores | None = None) -> tuple[Status, str]:
    try:
        verdict = drilled(known, description(), checklist(), NOW, before)
    except Unreadable:
        return Status.UNKNOWN, ""
    return verdict.status, verdict.message


@pytest.mark.parametrize(
    ("known", "before", "status", "said"),
    [
        pytest.param(restores(SEEN), None, Status.PASS, "source: CloudTrail", id="an event passes"),
        pytest.param(restores(attested=(SAID,)), None, Status.PASS, "source: the word of jane", id="a word passes"),
        pytest.param(
            restores(SEEN, attested=(SAID,)),
            None,
            Status.PASS,
            "source: the word of jane, CloudTrail",
            id="what is told twice is stronger",
        ),
        pytest.param(restores(replace(SEEN, at=ago(days=90))), None, Status.PASS, "", id="one 90 days ago"),
        pytest.param(restores(OLD), None, Status.FAIL, "last restore to", id="one a second older"),
        pytest.param(restores(), None, Status.FAIL, "expected one within 90 days", id="none at all"),
        pytest.param(restores(BY_PLAN), None, Status.WARN, "only a restore from a backup", id="only AWS Backup's"),
        pytest.param(restores(SEEN, BY_PLAN), None, Status.PASS, "CloudTrail", id="AWS Backup's besides another"),
        pytest.param(restores(replace(BY_PLAN, at=ago(days=91))), None, Status.FAIL, "", id="AWS Backup's too old"),
        pytest.param(restores(), carried(SEEN), Status.PASS, "CloudTrail", id="one that CloudTrail has forgotten"),
        pytest.param(restores(), carried(OLD), Status.FAIL, "last restore", id="one forgotten and too old"),
        pytest.param(restores(unread=DENIED), None, Status.UNKNOWN, "", id="CloudTrail denied and nothing known"),
        pytest.param(restores(unread=DENIED), carried(OLD), Status.UNKNOWN, "", id="denied, and what is known is old"),
        pytest.param(restores(unread=DENIED), carried(SEEN), Status.PASS, "", id="denied, and one is remembered"),
        pytest.param(restores(attested=(SAID,), unread=DENIED), None, Status.PASS, "jane", id="denied, and a record"),
        pytest.param(restores(BY_PLAN, unread=DENIED), None, Status.UNKNOWN, "", id="denied, and only AWS Backup's"),
        pytest.param(
            restores(attested=(replace(SAID, at=AT + timedelta(seconds=1)),)), None, Status.FAIL, "", id="one to come"
        ),
    ],
)
def test_drilled(known: Restores, before: SeenRestores | None, status: Status, said: str) -> None:
    found, message = judged(known, before)
    assert found is status
    assert said in message


@pytest.mark.parametrize(
    ("known", "omission"),
    [
        pytest.param(restores(), Omission.NOT_RECORDED, id="nothing tells of a drill"),
        pytest.param(restores(OLD), None, id="one that is too old was recorded"),
        pytest.param(restores(replace(BY_PLAN, at=ago(days=91))), None, id="one by AWS Backup was seen"),
    ],
)
def test_a_drill_that_nobody_recorded_is_told_from_one_that_is_too_old(
    known: Restores, omission: Omission | None
) -> None:
    verdict = drilled(known, description(), checklist(), NOW, None)
    assert (verdict.status, verdict.omission) == (Status.FAIL, omission)


@pytest.mark.parametrize("name", ["drilled", "compared", "attested"])
def test_every_remedy_of_a_drill_ends_with_its_attestation_and_names_one_copy(name: str) -> None:
    (check,) = (each for each in rule.checks if each.name == name)
    assert "readiness attest restore-drilled --table {table} --until" in check.fix
    assert re.findall(r"--(?:target-)?table-name (\S+)", check.fix) in (["{table}-drill"], ["{TargetTableName}"])
    assert compared(THE_TABLE, Attestations(()), checklist(), NOW).evidence["TargetTableName"].endswith("-drill")


def test_a_word_that_holds_no_longer_is_mended_by_another_drill_and_a_word_of_it() -> None:
    (check,) = (each for each in rule.checks if each.id == "restore-drilled/attested")
    assert check.fix.startswith("aws dynamodb restore-table-to-point-in-time")
    assert "readiness attest restore-drilled" in check.fix


def test_a_table_that_is_made_anew_was_never_restored() -> None:
    new = description(created=ago(days=1))
    assert drilled(restores(attested=(SAID,)), new, checklist(), NOW, carried(SEEN)).status is Status.FAIL


def test_the_checklist_says_how_long_a_restore_stays_good() -> None:
    weekly = checklist(drills=DrillSettings(restore_within_days=3))
    assert drilled(restores(SEEN), description(), weekly, NOW, None).status is Status.FAIL


def test_what_aws_told_is_carried_over_once_and_the_newest_only() -> None:
    many = [replace(SEEN, at=ago(days=number)) for number in range(1, 25)]
    carry = drilled(restores(*many[:12]), description(), checklist(), NOW, carried(*many[6:])).carry
    assert carry == carried(*many[:20])


def test_what_people_attest_and_what_aws_backup_did_is_not_carried_over() -> None:
    verdict = drilled(restores(BY_PLAN, attested=(SAID,)), description(), checklist(), NOW, None)
    assert verdict.carry == SeenRestores(())


@pytest.mark.parametrize(
    ("drill", "status", "said"),
    [
        pytest.param(DRILL, Status.PASS, "500 items in", id="as many as were sampled"),
        pytest.param(
            replace(DRILL, items_sampled=100, items_matched=100), Status.PASS, "", id="as few as the checklist wants"
        ),
        pytest.param(replace(DRILL, items_sampled=99, items_matched=99), Status.WARN, "expected 100", id="one too few"),
        pytest.param(replace(DRILL, items_matched=499), Status.WARN, "1 of 500 items in", id="one that differs"),
        pytest.param(replace(DRILL, items_sampled=0, items_matched=0), Status.WARN, "0 items", id="none"),
        pytest.param(replace(DRILL, outcome="failed"), Status.FAIL, "failed", id="a drill that failed"),
        pytest.param(replace(DRILL, at=ago(days=91)), Status.WARN, "no attestation", id="one too old"),
    ],
)
def test_compared(drill: RestoreDrill, status: Status, said: str) -> None:
    verdict = compared(THE_TABLE, attestations(word(drill)), checklist(), NOW)
    assert verdict.status is status
    assert said in verdict.message


def test_of_several_drills_the_last_counts() -> None:
    earlier, later = replace(DRILL, outcome="failed", at=ago(days=8)), word(DRILL)
    assert compared(THE_TABLE, attestations(later, word(earlier)), checklist(), NOW).status is Status.PASS


@pytest.mark.parametrize(
    "words",
    [(), (word("we did"),), (word(DRILL, until=AT),), (word(DRILL, rule="load-tested"),)],
    ids=["nothing", "prose", "what has expired", "what was said of another rule"],
)
def test_without_a_record_nothing_was_compared(words: tuple[Attested, ...]) -> None:
    verdict = compared(THE_TABLE, Attestations(words), checklist(), NOW)
    assert verdict.status is Status.WARN
    assert verdict.evidence["ItemsWanted"] == 100


def copies(*of: RestoredTable | Unavailable, unlisted: Unavailable | None = None) -> Each[RestoredTable]:
    return Each({str(number): each for number, each in enumerate(of)}, unlisted)


NEW = RestoredTable(COPY, ago(days=7), from_backup=False, in_progress=False)
LEFT = replace(NEW, name="babesclub-commerce-old", created=ago(days=7, seconds=1))


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(copies(), Status.PASS, id="no copy"),
        pytest.param(copies(NEW), Status.PASS, id="one of seven days to the minute"),
        pytest.param(copies(NEW, LEFT), Status.WARN, id="one that is older"),
        pytest.param(copies(replace(LEFT, from_backup=True)), Status.WARN, id="one from a backup"),
        pytest.param(copies(LEFT, DENIED), Status.WARN, id="one that is older beside one that is denied"),
    ],
)
def test_left_over(found: Each[RestoredTable], status: Status) -> None:
    assert left_over(found, NOW).status is status


def test_the_oldest_that_is_left_over_goes_first() -> None:
    older = replace(LEFT, name="z", created=ago(days=300))
    verdict = left_over(copies(LEFT, older), NOW)
    assert verdict.evidence["TableName"] == "z"
    assert verdict.watched == {"TableNames": ["babesclub-commerce-old", "z"]}


@pytest.mark.parametrize("found", [copies(NEW, DENIED), copies(unlisted=DENIED)], ids=["one copy", "the names"])
def test_what_could_not_be_read_may_be_left_over(found: Each[RestoredTable]) -> None:
    with pytest.raises(Unreadable):
        left_over(found, NOW)


def test_what_was_attested_may_have_expired() -> None:
    assert attested(attestations(), NOW).status is Status.NOT_APPLICABLE
    assert attested(attestations(word(DRILL)), NOW).status is Status.PASS
    assert attested(attestations(word(DRILL, until=AT)), NOW).status is Status.FAIL
    assert attested(attestations(word("we did")), NOW).status is Status.WARN


def test_what_expired_was_renewed() -> None:
    expired = word(DRILL, at=ago(days=200), until=ago(days=20))
    assert attested(attestations(expired, word(DRILL)), NOW).status is Status.PASS
