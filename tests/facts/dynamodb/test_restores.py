"""What tells of a restore: CloudTrail, the copies themselves, AWS Backup, and people."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from msgspec.structs import replace

from readiness.engine.each import Each
from readiness.facts.backup.recovery_points import BackupRestore, BackupRestores, backup_restores
from readiness.facts.cloudtrail.restore_events import RestoreEvent, RestoreEvents, restore_events
from readiness.facts.dynamodb.restores import (
    MORE,
    Restore,
    RestoredTable,
    RestoreTarget,
    SimilarNames,
    restore_targets,
    restored_table,
    restores,
    similar_names,
)
from readiness.facts.dynamodb.table import Table
from readiness.facts.recorded.attestations import Attestations, Attested
from readiness.facts.recorded.attested import RestoreDrill, written
from readiness.facts.recorded.now import Now
from readiness.model import Reason, Unavailable
from tests.aws import drills
from tests.aws.account import ARN, TABLE, Account, make_table
from tests.aws.completed import complete
from tests.aws.drills import COPY, ROLE
from tests.rules.facts import AT, NOW, ago, description

complete()

DENIED = Unavailable(Reason.ACCESS_DENIED, "cloudtrail:LookupEvents", "AccessDenied")
PLAN = "arn:aws:backup:us-east-1:123456789012:restore-testing-plan:monthly"


def now() -> Now:
    """Moto's clock is the real one."""
    return Now(datetime.now(UTC) + timedelta(minutes=1))


def target(name: str) -> RestoreTarget:
    return RestoreTarget(name, ARN.replace(TABLE, name))


def test_a_restore_is_known_by_its_target_and_its_role_and_by_no_session(furnished: Account, table: Table) -> None:
    drills.restore(furnished.client)
    (event,) = restore_events(furnished.aws, table, now()).of
    assert (event.target, event.by) == (COPY, ROLE)
    assert event.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("source", "targets"),
    [({"SourceTableName": TABLE}, [COPY]), ({"SourceTableArn": ARN}, [COPY]), ({"SourceTableName": "orders"}, [])],
    ids=["by its name", "by its ARN", "another table"],
)
def test_a_restore_of_the_table(furnished: Account, table: Table, source: dict[str, str], targets: list[str]) -> None:
    make_table(furnished.client("dynamodb"), "orders")
    drills.restore(furnished.client, **source)
    assert [event.target for event in restore_events(furnished.aws, table, now()).of] == targets


def test_a_restore_that_failed_is_none(furnished: Account, table: Table) -> None:
    with pytest.raises(ClientError):
        drills.restore(furnished.client, TABLE)
    assert restore_events(furnished.aws, table, now()) == RestoreEvents((), whole=True)


def test_the_newest_comes_first_and_all_pages_are_read(furnished: Account, table: Table) -> None:
    for number in range(60):
        drills.restore(furnished.client, f"{COPY}-{number}")
    found = restore_events(furnished.aws, table, now())
    assert [event.target for event in found.of] == [f"{COPY}-{number}" for number in reversed(range(60))]
    assert furnished.calls.count("cloudtrail:LookupEvents") == 2
    assert found.whole


def test_what_is_older_than_cloudtrail_remembers_is_not_asked_for(furnished: Account, table: Table) -> None:
    drills.restore(furnished.client)
    drills.age(timedelta(days=90, minutes=2))
    assert restore_events(furnished.aws, table, now()).of == ()


def event(number: int, **other: Any) -> dict[str, Any]:
    parameters = {"sourceTableName": TABLE, "targetTableName": f"copy-{number}"}
    record = {"requestParameters": parameters, "userIdentity": {"arn": "arn:aws:iam::1:user/jane"}, **other}
    return {"EventTime": ago(days=number), "CloudTrailEvent": json.dumps(record)}


def test_no_more_than_ten_pages_are_read(account: Account, table: Table) -> None:
    """An eleventh would have no answer."""
    pages = [{"Events": [event(number)], "NextToken": str(number)} for number in range(10)]
    account.answer("cloudtrail", "LookupEvents", *pages)
    found = restore_events(account.aws, table, NOW)
    assert (len(found.of), found.whole) == (10, False)


def test_an_empty_page_is_not_the_last(account: Account, table: Table) -> None:
    account.answer("cloudtrail", "LookupEvents", {"Events": [], "NextToken": "1"}, {"Events": [event(1)]})
    assert restore_events(account.aws, table, NOW).of == (
        RestoreEvent(ago(days=1), "copy-1", "arn:aws:iam::1:user/jane"),
    )


@pytest.mark.parametrize(
    ("identity", "by"),
    [({"invokedBy": "backup.amazonaws.com"}, "backup.amazonaws.com"), ({}, "")],
    ids=["a service", "nobody who is named"],
)
def test_who_is_no_person(account: Account, table: Table, identity: dict[str, str], by: str) -> None:
    account.answer("cloudtrail", "LookupEvents", {"Events": [event(1, userIdentity=identity)]})
    assert restore_events(account.aws, table, NOW).of[0].by == by


def test_an_event_without_parameters_is_about_no_table(account: Account, table: Table) -> None:
    account.answer("cloudtrail", "LookupEvents", {"Events": [event(1, requestParameters=None)]})
    assert restore_events(account.aws, table, NOW).of == ()


def test_names_like_the_tables(furnished: Account, table: Table) -> None:
    for name in (COPY, "orders", f"{TABLE}2", "old-babesclub-commerce"):
        make_table(furnished.client("dynamodb"), name)
    assert similar_names(furnished.aws, table) == SimilarNames((COPY, f"{TABLE}2"))


def test_all_pages_of_names_are_read(account: Account, table: Table) -> None:
    pages = [
        {"TableNames": ["a"], "LastEvaluatedTableName": "abc"},
        {"TableNames": [], "LastEvaluatedTableName": "abd"},
    ]
    account.answer("dynamodb", "ListTables", *pages, {"TableNames": [COPY, TABLE]})
    assert similar_names(account.aws, table).names == (COPY,)


def attested(**other: Any) -> Attested:
    drill = RestoreDrill(
        at=ago(days=3),
        source_point_in_time=ago(days=4),
        target_table="fire-drill",
        items_sampled=500,
        items_matched=500,
        duration_seconds=900,
        outcome="succeeded",
    )
    return Attested("restore-drilled", "jane", ago(days=2), ago(days=-88), written(replace(drill, **other)))


def events(*targets: str) -> RestoreEvents:
    return RestoreEvents(
        tuple(RestoreEvent(ago(days=number), name, ROLE) for number, name in enumerate(targets, 1)), whole=True
    )


def test_candidates_are_those_that_anything_names(table: Table) -> None:
    found = restore_targets(table, SimilarNames((COPY,)), events("drill", COPY, TABLE), Attestations((attested(),)))
    assert [each.name for each in found] == [COPY, "drill", "fire-drill"]


def test_of_too_many_candidates_those_of_events_are_kept(table: Table) -> None:
    similar = SimilarNames(tuple(f"{TABLE}-{number:03}" for number in range(80)))
    names = [each.name for each in restore_targets(table, similar, events("drill"), Attestations(()))]
    assert len(names) == 50
    assert names[-1] == "drill"


def test_names_that_can_not_be_listed_hide_no_event(table: Table) -> None:
    found, unread = restore_targets(table, DENIED, events("drill"), Attestations(())).readable()
    assert ([each.name for each in found], unread) == (["drill"], DENIED)


def test_a_denied_event_history_is_no_gap_among_the_names(table: Table) -> None:
    assert [each.name for each in restore_targets(table, SimilarNames((COPY,)), DENIED, Attestations(()))] == [COPY]


def test_a_copy_is_as_old_as_it_is_and_not_as_what_it_shows(furnished: Account, table: Table) -> None:
    drills.restore(furnished.client)
    created = ago(days=365)

    def change(answer: dict[str, Any]) -> None:
        answer["Table"]["CreationDateTime"] = created
        answer["Table"]["RestoreSummary"]["RestoreDateTime"] = ago(days=1)

    furnished.alter("dynamodb", "DescribeTable", change)
    found = restored_table(furnished.aws, table, target(COPY))
    assert found == RestoredTable(COPY, created, from_backup=False, in_progress=False)


def test_a_copy_from_a_backup_says_so(furnished: Account, table: Table) -> None:
    dynamodb = furnished.client("dynamodb")
    backup = dynamodb.create_backup(TableName=TABLE, BackupName="before")["BackupDetails"]["BackupArn"]
    dynamodb.restore_table_from_backup(TargetTableName=COPY, BackupArn=backup)
    found = restored_table(furnished.aws, table, target(COPY))
    assert found is not None
    assert found.from_backup


def test_a_table_that_is_no_copy_of_it(furnished: Account, table: Table) -> None:
    make_table(furnished.client("dynamodb"), "orders")
    drills.restore(furnished.client, "orders-drill", SourceTableName="orders")
    assert restored_table(furnished.aws, table, target("orders")) is None
    assert restored_table(furnished.aws, table, target("orders-drill")) is None


def test_restores_by_aws_backup(account: Account, table: Table) -> None:
    drills.backup_restored()
    drills.age(timedelta(days=1))
    drills.backup_restored(CreatedBy={"RestoreTestingPlanArn": PLAN}, ValidationStatus="SUCCESSFUL")
    drills.backup_restored("FAILED")
    drills.backup_restored("RUNNING")
    drills.backup_restored(ValidationStatus="FAILED")
    drills.backup_restored(arn=ARN.replace(TABLE, "orders"))
    found = backup_restores(account.aws, table).of
    assert [(each.target, each.plan) for each in found] == [
        ("awsbackup-restore-test", PLAN),
        ("awsbackup-restore-test", ""),
    ]


def test_of_many_restores_by_aws_backup_the_newest_are_kept(account: Account, table: Table) -> None:
    for _ in range(55):
        drills.backup_restored()
    assert len(backup_restores(account.aws, table).of) == 20
    assert account.calls == ["backup:ListRestoreJobsByProtectedResource"] * 2


BACKUPS = BackupRestores((BackupRestore(ago(days=9), "test", PLAN),))
COPIED = RestoredTable(COPY, ago(days=5), from_backup=False, in_progress=False)


def copies(*of: RestoredTable | Unavailable, unlisted: Unavailable | None = None) -> Each[RestoredTable]:
    return Each({str(number): each for number, each in enumerate(of)}, unlisted)


def test_all_that_tells_of_restores() -> None:
    found = restores(description(), Attestations((attested(),)), events("drill"), copies(COPIED), BACKUPS, NOW)
    assert found.attested == (Restore(ago(days=3), "fire-drill", "the word of jane"),)
    assert found.seen == (
        Restore(ago(days=1), "drill", f"CloudTrail, by {ROLE}"),
        Restore(ago(days=5), COPY, "the copy itself"),
        Restore(ago(days=9), "test", PLAN, point_in_time=False),
    )
    assert found.unread is None


@pytest.mark.parametrize(
    "word",
    [
        attested(outcome="failed"),
        replace(attested(), evidence="we did it"),
        replace(attested(), until=AT),
        replace(attested(), rule="load-tested"),
    ],
    ids=["one that failed", "prose", "what has expired", "another rule"],
)
def test_what_was_attested_counts_only_where_it_is_a_record_that_holds(word: Attested) -> None:
    found = restores(description(), Attestations((word,)), events(), copies(), BackupRestores(()), NOW)
    assert found.attested == ()


def test_restores_of_another_table_that_had_the_name_are_left_out() -> None:
    new = description(created=ago(days=4))
    found = restores(new, Attestations(()), events("drill"), copies(COPIED), BACKUPS, NOW)
    assert [each.target for each in found.seen] == ["drill"]


def test_a_restore_that_is_under_way_has_not_succeeded_yet() -> None:
    running = replace(COPIED, name="drill", in_progress=True)
    found = restores(description(), Attestations(()), events("drill"), copies(running), BackupRestores(()), NOW)
    assert found.seen == ()


def test_a_memory_that_can_not_be_read_hides_nothing_that_aws_tells(table: Table) -> None:
    found = restores(description(), DENIED, events("drill"), copies(), BackupRestores(()), NOW)
    assert ([each.target for each in found.seen], found.unread) == (["drill"], DENIED)
    assert [each.name for each in restore_targets(table, SimilarNames(()), events("drill"), DENIED)] == ["drill"]


@pytest.mark.parametrize(
    ("asked", "copied", "backups", "why"),
    [
        pytest.param(DENIED, copies(), BACKUPS, DENIED, id="CloudTrail"),
        pytest.param(replace(events(), whole=False), copies(), BACKUPS, MORE, id="more events than are read"),
        pytest.param(events(), copies(COPIED, DENIED), BACKUPS, DENIED, id="one copy"),
        pytest.param(events(), copies(unlisted=DENIED), BACKUPS, DENIED, id="the names"),
        pytest.param(events(), copies(), DENIED, DENIED, id="AWS Backup"),
    ],
)
def test_what_could_not_be_read_is_named(
    asked: RestoreEvents | Unavailable,
    copied: Each[RestoredTable],
    backups: BackupRestores | Unavailable,
    why: Unavailable,
) -> None:
    assert restores(description(), Attestations(()), asked, copied, backups, NOW).unread == why
