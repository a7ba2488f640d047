"""A restore that nobody has tried is a hope: the first one is slow, and finds out what is missing.

A restore to a point in time always makes a new table of the whole old one, without its time to live, tags, streams,
alarms, scaling and recovery; expired items come back with it. So the drill is done only when a sample of the copy was
compared with the original, of items that don't change or as they were at that instant, and the copy is deleted again:
it costs as much as the original, and holds what the original holds.

What people attest counts most, then what CloudTrail has of this Region, then the copies themselves. CloudTrail forgets
after 90 days: what it once told is remembered. Copies are looked for among the tables that CloudTrail or people name,
and those whose names begin with the table's, 50 at most. A restore by AWS Backup is no restore to a point in time.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.cloudtrail.restore_events import RestoreEvents
from readiness.facts.dynamodb.restored_tables import RestoredTable
from readiness.facts.dynamodb.restores import RULE, Restore, Restores
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded import attested as records
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.attested import RestoreDrill
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Remedy, Unreadable
from readiness.rules.shared.remedying import of_each

rule = Rule(
    "5.1",
    "Restore drill",
    Severity.MEDIUM,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.Tutorial.html",
    change_events_of=(RestoreEvents,),
)

KEPT = 20
LEFT_OVER = timedelta(days=7)

RESTORE = (
    "aws dynamodb restore-table-to-point-in-time --source-table-arn {arn}"
    " --target-table-name {table}-drill-$(date +%Y%m%d) --use-latest-restorable-time --region {region}"
)
DRILL = f'{RESTORE} && readiness attest restore-drilled --table {{table}} --until "${{{{UNTIL:?YYYY-MM-DD}}}}"'
SAMPLE = "aws dynamodb scan --table-name {TargetTableName} --max-items {ItemsWanted} --region {region} --output json"


class SeenRestores(Carry):
    """The newest 20 restores that AWS told of, now or once: when, to which table, and what told of it."""

    stored_as = "SeenRestores"

    of: tuple[tuple[datetime, str, str], ...]


@rule.check(version=2, fix=RESTORE)
def drilled(
    restores: Restores, description: TableDescription, checklist: Checklist, now: Now, before: SeenRestores | None
) -> Verdict:
    """The table was restored to a point in time, within as many days as the checklist says."""
    since = max(now.at - timedelta(days=checklist.drills.restore_within_days), description.created)
    seen = _seen(restores, before, description)
    carry = SeenRestores(tuple((each.at, each.target, each.told_by) for each in seen))
    known = [*restores.attested, *seen]
    if recent := [each for each in known if since <= each.at <= now.at]:
        return passed(f"the table was restored {_told(recent)}", evidence=_evidence(recent[0]), carry=carry)
    if restores.unread:
        raise Unreadable({}, restores.unread)
    days = f"{checklist.drills.restore_within_days} days"
    backups = [each for each in restores.seen if not each.point_in_time and each.at >= since]
    if backups:
        message = f"within {days} the table was restored only from a backup, {_told(backups)}"
        return warned(message, evidence=_evidence(backups[0]), carry=carry)
    if not known and not restores.seen:
        message = f"the table was not restored within {days}, and no drill is recorded"
        return not_recorded(message, carry=carry, remedy=Remedy(DRILL))
    last = max(known, key=lambda each: each.at, default=None)
    said = f"; the last restore was {_told([last])}" if last else ""
    return failed(f"the table was not restored within {days}{said}", carry=carry)


@rule.check(fix=SAMPLE)
def compared(table: Table, attestations: Attestations, checklist: Checklist, now: Now) -> Verdict:
    """A record says that as many items of the copy as the checklist wants were equal to the original's."""
    wanted = checklist.drills.items_compared
    since = now.at - timedelta(days=checklist.drills.restore_within_days)
    evidence: dict[str, Any] = {"TargetTableName": f"{table.name}-drill", "ItemsWanted": wanted}
    drills = [drill for drill in _holding(attestations, now) if since <= drill.at <= now.at]
    if not drills:
        return warned("no record says that a restored copy was compared", evidence=evidence)
    drill = max(drills, key=lambda each: each.at)
    evidence |= {
        "TargetTableName": drill.target_table,
        "ItemsSampled": drill.items_sampled,
        "ItemsMatched": drill.items_matched,
    }
    what = f"of {drill.target_table}, restored on {_utc(drill.at)},"
    if drill.outcome == "failed":
        return failed(f"the last drill that is recorded failed: that of {_utc(drill.at)}", evidence=evidence)
    if drill.items_matched < wanted:
        message = f"{what} {drill.items_matched} items were equal to the original's, and {wanted} are wanted"
        return warned(message, evidence=evidence)
    if drill.items_matched < drill.items_sampled:
        differed = drill.items_sampled - drill.items_matched
        return warned(f"{what} {differed} of {drill.items_sampled} items differed", evidence=evidence)
    return passed(f"{what} {drill.items_matched} items were equal to the original's", evidence=evidence)


DELETE = "aws dynamodb delete-table --table-name {TableName} --region {region}"


@rule.check(on=Table, severity=Severity.LOW, fix=DELETE)
def left_over(copies: Each[RestoredTable], now: Now) -> Verdict:
    """No copy of the table is there for longer than 7 days."""
    readable, unread = copies.readable()
    old = sorted((copy for copy in readable if now.at - copy.created > LEFT_OVER), key=lambda copy: copy.created)
    if old:
        names = sorted(copy.name for copy in old)
        return warned(
            f"copies of the table are still there, the oldest {old[0].name} of {_utc(old[0].created)}",
            evidence={"TableName": old[0].name, "TableNames": names},
            watched={"TableNames": names},
            remedy=of_each(DELETE, ({"TableName": copy.name} for copy in old)),
        )
    if unread:
        raise Unreadable({}, unread)
    return passed("no copy of the table is left over")


@rule.check(on=Table, fix=DRILL)
def attested(attestations: Attestations, now: Now) -> Verdict:
    """What people attested of the last drill holds still, and can be read."""
    words = attestations.of(RULE)
    if not words:
        return not_applicable("nobody has attested a drill")
    newest = words[0]
    said = f"what {newest.by} attested on {_utc(newest.at)}"
    if newest.until <= now.at:
        return failed(f"{said} held until {_utc(newest.until)}")
    if records.read(RULE, newest.evidence) is None:
        return warned(f"{said} is no record of a drill, so nothing can be told from it")
    return passed(f"{said} holds until {_utc(newest.until)}")


def _seen(restores: Restores, before: SeenRestores | None, description: TableDescription) -> Sequence[Restore]:
    """The newest restores to a point in time that AWS tells of, or told of once."""
    remembered = [Restore(*each) for each in before.of] if before else []
    now = [each for each in restores.seen if each.point_in_time]
    by_place = {(each.at, each.target): each for each in [*remembered, *now] if each.at >= description.created}
    return sorted(by_place.values(), key=lambda each: each.at, reverse=True)[:KEPT]


def _holding(attestations: Attestations, now: Now) -> list[RestoreDrill]:
    found = [records.read(RULE, word.evidence) for word in attestations.of(RULE) if word.until > now.at]
    return [record for record in found if isinstance(record, RestoreDrill)]


def _told(restores: Sequence[Restore]) -> str:
    """The first, and everything else that tells of it."""
    first = restores[0]
    tellers = dict.fromkeys(each.told_by for each in restores if each.target == first.target)
    return f"to {first.target} on {_utc(first.at)}, as told by {' and '.join(tellers)}"


def _evidence(restore: Restore) -> dict[str, Any]:
    return {"TargetTableName": restore.target, "EventTime": _utc(restore.at)}


def _utc(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
