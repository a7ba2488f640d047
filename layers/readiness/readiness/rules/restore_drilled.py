"""A restore drill shows how long a restore takes and what is missing afterwards, before it is needed.

A point-in-time restore always creates a new table with all items, without the TTL setting, tags, streams, alarms, auto
scaling and PITR of the source; expired items are restored too. The drill is complete when a sample of the copy was
compared with the source (items that do not change, or their state at the restore point) and the copy was deleted: it
costs as much as the source and holds the same data.

Attestations come first, then CloudTrail events of this Region, then the restored tables themselves. CloudTrail event
history covers 90 days: restores once seen are stored. Copies are searched for among the tables that CloudTrail or an
attestation names, and those whose names begin with the table's, 50 at most. A restore by AWS Backup is not a
point-in-time restore.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from readiness.aws.time import minute
from readiness.engine.control import well_architected
from readiness.engine.each import Each
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, not_recorded, passed, warned
from readiness.facts.cloudtrail.restore_events import RestoreEvents
from readiness.facts.dynamodb.restores import RULE, Restore, RestoredTable, Restores
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.facts.recorded import attested as records
from readiness.facts.recorded.attestations import Attestations
from readiness.facts.recorded.attested import RestoreDrill
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Unreadable
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

# Without fields, the last command lists those of the record. The name of the copy is that of a comparison.
ATTEST = 'readiness attest restore-drilled --table {table} --until "${{UNTIL:?set it to a date such as 2027-01-31}}"'
DRILL = (
    "aws dynamodb restore-table-to-point-in-time --source-table-arn {arn} --target-table-name {table}-drill"
    f" --use-latest-restorable-time --region {{region}} && {ATTEST}"
)
SAMPLE = (
    "aws dynamodb scan --table-name {TargetTableName} --max-items {ItemsWanted} --region {region} --output json"
    f" && {ATTEST}"
)


class SeenRestores(Carry):
    """The newest 20 restores seen in AWS in this or a former run: time, target table and source of information."""

    stored_as = "SeenRestores"

    of: tuple[tuple[datetime, str, str], ...]


@rule.check(
    decide=(
        "Plan a restore drill: restore the table, compare items, delete the copy, and attest it. The copy "
        "costs as much as the table."
    ),
    version=2,
    fix=DRILL,
    controls=well_architected("REL09"),
)
def drilled(
    restores: Restores, description: TableDescription, checklist: Checklist, now: Now, before: SeenRestores | None
) -> Verdict:
    """Was the table restored to a point in time within the period of the checklist?"""
    since = max(now.at - timedelta(days=checklist.drills.restore_within_days), description.created)
    seen = _seen(restores, before, description)
    carry = SeenRestores(tuple((each.at, each.target, each.told_by) for each in seen))
    known = [*restores.attested, *seen]
    if recent := [each for each in known if since <= each.at <= now.at]:
        message = f"the table was restored {_told(recent)}"
        return passed(message, subject="a restore drill was done", evidence=_evidence(recent[0]), carry=carry)
    if restores.unread:
        raise Unreadable({}, restores.unread)
    days = f"{checklist.drills.restore_within_days} days"
    backups = [each for each in restores.seen if not each.point_in_time and each.at >= since]
    if backups:
        message = f"no point-in-time restore within {days}, only a restore from a backup {_told(backups)}"
        return warned(message, evidence=_evidence(backups[0]), carry=carry)
    if not known and not restores.seen:
        message = f"no restore drill recorded, expected one within {days}"
        return not_recorded(message, carry=carry)
    last = max(known, key=lambda each: each.at, default=None)
    said = f"; last restore {_told([last])}" if last else ""
    subject = f"the last restore drill is more than {days} ago"
    return failed(f"no restore drill within {days}{said}", subject=subject, carry=carry)


@rule.check(
    decide="Compare items of the restored table with those of the source, and attest how many matched.",
    fix=SAMPLE,
    controls=well_architected("REL09"),
)
def compared(table: Table, attestations: Attestations, checklist: Checklist, now: Now) -> Verdict:
    """Does an attestation record that the required number of restored items matched the source?"""
    wanted = checklist.drills.items_compared
    since = now.at - timedelta(days=checklist.drills.restore_within_days)
    evidence: dict[str, Any] = {"TargetTableName": f"{table.name}-drill", "ItemsWanted": wanted}
    holding = [records.read(RULE, word.evidence) for word in attestations.of(RULE) if word.until > now.at]
    drills = [drill for drill in holding if isinstance(drill, RestoreDrill) and since <= drill.at <= now.at]
    if not drills:
        return warned("no attestation of a comparison with the restored table", evidence=evidence)
    drill = max(drills, key=lambda each: each.at)
    sampled, matched = drill.items_sampled, drill.items_matched
    evidence |= {"TargetTableName": drill.target_table, "ItemsSampled": sampled, "ItemsMatched": matched}
    what = f"in {drill.target_table} (restored {minute(drill.at)})"
    if drill.outcome == "failed":
        message = f"the last attested restore drill, of {minute(drill.at)}, failed"
        return failed(message, subject="a restore drill failed", evidence=evidence)
    if matched < wanted:
        return warned(f"{matched} items {what} matched the source, expected {wanted}", evidence=evidence)
    if matched < sampled:
        message = f"{sampled - matched} of {sampled} items {what} differ from the source, expected 0"
        return warned(message, evidence=evidence)
    return passed(f"{matched} items {what} matched the source", evidence=evidence)


DELETE = "aws dynamodb delete-table --table-name {TableName} --region {region}"


@rule.check(
    decide="Decide if the copy is still needed. A deleted table is lost, with its items.",
    on=Table,
    severity=Severity.LOW,
    fix=DELETE,
)
def left_over(copies: Each[RestoredTable], now: Now) -> Verdict:
    """Are restored copies of the table deleted within 7 days?"""
    readable, unread = copies.readable()
    old = sorted((copy for copy in readable if now.at - copy.created > LEFT_OVER), key=lambda copy: copy.created)
    if old:
        names = sorted(copy.name for copy in old)
        oldest = f"the oldest {old[0].name} of {minute(old[0].created)}"
        return warned(
            f"{len(old)} restored copies are older than {LEFT_OVER.days} days, {oldest}",
            evidence={"TableName": old[0].name, "TableNames": names},
            watched={"TableNames": names},
            remedy=of_each(DELETE, ({"TableName": copy.name} for copy in old)),
        )
    if unread:
        raise Unreadable({}, unread)
    return passed(f"no restored copy is older than {LEFT_OVER.days} days")


@rule.check(decide="Repeat the restore drill, and attest it.", on=Table, fix=DRILL)
def attested(attestations: Attestations, now: Now) -> Verdict:
    """Is the last attestation of a restore drill valid and readable?"""
    words = attestations.of(RULE)
    if not words:
        return not_applicable("no attestation of a restore drill")
    newest = words[0]
    said = f"attestation by {newest.by} of {minute(newest.at)}"
    if newest.until <= now.at:
        subject = "the attestation of the restore drill expired"
        return failed(f"{said} expired at {minute(newest.until)}", subject=subject)
    if records.read(RULE, newest.evidence) is None:
        return warned(f"{said} is not a record of a restore drill")
    subject = "the attestation of the restore drill is valid again"
    return passed(f"{said} is valid until {minute(newest.until)}", subject=subject)


def _seen(restores: Restores, before: SeenRestores | None, description: TableDescription) -> Sequence[Restore]:
    """Return the newest point-in-time restores seen in AWS, now or in a former run."""
    remembered = [Restore(*each) for each in before.of] if before else []
    now = [each for each in restores.seen if each.point_in_time]
    by_place = {(each.at, each.target): each for each in [*remembered, *now] if each.at >= description.created}
    return sorted(by_place.values(), key=lambda each: each.at, reverse=True)[:KEPT]


def _told(restores: Sequence[Restore]) -> str:
    """Return the first restore with all of its sources of information."""
    first = restores[0]
    tellers = dict.fromkeys(each.told_by for each in restores if each.target == first.target)
    return f"to {first.target} at {minute(first.at)} (source: {', '.join(tellers)})"


def _evidence(restore: Restore) -> dict[str, Any]:
    return {"TargetTableName": restore.target, "EventTime": minute(restore.at)}
