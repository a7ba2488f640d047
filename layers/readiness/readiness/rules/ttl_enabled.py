"""TTL deletes expired quotes, rate limits and coupon holds; without it the table only grows.

TTL deletes an item within a few days of its expiry. Until then reads still return it, so code must compare the
attribute itself. The attribute must be a Number of epoch seconds: an item with milliseconds never expires. TTL is
disabled on a table that was restored from a backup.
"""

import json
from datetime import datetime, timedelta

from readiness.aws.time import minute
from readiness.checklist import fits
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, recovered, warned
from readiness.facts.dynamodb.sample import FORGOTTEN, OTHER, OURS, Expiry, Sample, Sampling
from readiness.facts.dynamodb.time_to_live import CREATING, Canaries, TimeToLive
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Call, Carry, Remedy, Wait
from readiness.rules.shared.novel import novel
from readiness.rules.shared.transitional_state import TransitionalState, continued

rule = Rule(
    "1.3",
    "TTL",
    Severity.HIGH,
    "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html",
    change_events_of=(TimeToLive,),
)

ENABLING_LIMIT = timedelta(hours=2)
CREATING_LIMIT = timedelta(minutes=60)
CANARY_LIVES = timedelta(hours=1)
LATE = timedelta(hours=72)
TOO_LATE = timedelta(days=7)


def _change(specification: object) -> Call:
    return Call("dynamodb", "UpdateTimeToLive", {"TableName": "{table}", "TimeToLiveSpecification": specification})


ENABLE = _change({"Enabled": True, "AttributeName": "{ttl_attribute}"})
ANEW = (
    _change("{Off!j}"),
    Wait("DynamoDB accepts one change of TTL per hour; an hour later: readiness fix ttl-enabled/on"),
    ENABLE,
)

# The command prints whole items: run it only where those may be shown.
FIND = (
    "aws dynamodb scan --table-name {table} --region {region} --max-items 10 --filter-expression"
    " '(begins_with(#p, :k) OR begins_with(#s, :k)) AND NOT #e BETWEEN :old AND :ms' --expression-attribute-names"
    ' \'{{"#p":"\'{PartitionKey}\'","#s":"\'{SortKey}\'","#e":"\'{ttl_attribute}\'"}}\' --expression-attribute-values'
    ' \'{{":k":{{"S":"\'{Prefix}\'"}},":ms":{{"N":"100000000000"}},":old":{{"N":"\'{Forgotten}\'"}}}}\''
)

NEVER = {
    Expiry.ABSENT: "no TTL value",
    Expiry.MILLISECONDS: "milliseconds",
    Expiry.NO_NUMBER: "not a Number",
    Expiry.TOO_OLD: "expired more than 5 years ago",
}
"""Kinds of TTL values by which DynamoDB never deletes an item."""


class Enabling(TransitionalState):
    """State of TTL that is being enabled, or of a table that is being created, which has no TTL status yet."""

    stored_as = "Enabling"


class CanarySightings(Carry):
    """Observations of canary items: since when TTL is observed, their expiry times, and whether one was deleted."""

    stored_as = "Canary"

    since: datetime
    expiries: tuple[datetime, ...]
    proven: bool


@rule.check(fix=ENABLE, version=2)
def on(ttl: TimeToLive, now: Now, before: Enabling | None) -> Verdict:
    """Is TTL enabled?

    Expired items are no longer deleted: the table and its storage costs grow.
    """
    seen = {"evidence": {"TimeToLiveStatus": ttl.status}}
    if ttl.status == "ENABLED":
        return recovered("TTL is enabled", **seen)
    change = continued(Enabling, before, ttl.status, now)
    if ttl.status == "ENABLING":
        return change.verdict(now, ENABLING_LIMIT, "TTL status is ENABLING", **seen)
    if ttl.status == CREATING:
        return change.verdict(now, CREATING_LIMIT, "table status is CREATING", ", TTL cannot be enabled yet", **seen)
    if ttl.status in {"DISABLING", "DISABLED"}:
        message = "TTL is disabled" if ttl.status == "DISABLED" else "TTL status is DISABLING, expected ENABLED"
        return failed(message, subject="TTL was disabled", **seen)
    return novel("dynamodb:DescribeTimeToLive", "TimeToLiveStatus", ttl.status)


@rule.check(fix=ANEW)
def attribute(ttl: TimeToLive, checklist: Checklist) -> Verdict:
    """Is the TTL attribute the one that the checklist names, with the same spelling?

    Items are not deleted by the attribute that the application writes; others may be deleted early.
    """
    if ttl.attribute is None:
        return not_applicable("no TTL attribute")
    seen = {"evidence": {"AttributeName": ttl.attribute}, "watched": {"AttributeName": ttl.attribute}}
    if ttl.attribute != checklist.ttl_attribute:
        message = f"TTL attribute is {ttl.attribute}, expected {checklist.ttl_attribute}"
        subject = f"TTL attribute was changed to {ttl.attribute}"
        return failed(message, subject=subject, remedy=_anew(ttl.attribute), **seen)
    message = f"TTL attribute is {ttl.attribute}"
    return recovered(message, **seen)


@rule.check(severity=Severity.MEDIUM, required=False, fix=ANEW)
def canary(
    canaries: Canaries, ttl: TimeToLive, checklist: Checklist, now: Now, before: CanarySightings | None
) -> Verdict:
    """Are expired canary items deleted within 72 hours?"""
    if ttl.status != "ENABLED" or ttl.attribute != checklist.ttl_attribute:
        return not_applicable(f"TTL is not enabled on {checklist.ttl_attribute}")
    since = before.since if before else now.at
    awaited = before.expiries if before else ()
    deleted = [expiry for expiry in awaited if expiry <= now.at and expiry not in canaries.expiries]
    carry = CanarySightings(since, canaries.expiries, bool(deleted) or (before is not None and before.proven))
    oldest = min(canaries.expiries, default=now.at + CANARY_LIVES)
    due = max(oldest, since) + LATE
    if now.at > due:
        judge = failed if now.at - max(oldest, since) > TOO_LATE else warned
        evidence = {"AttributeName": ttl.attribute}
        message = f"a canary item that expired on {oldest:%Y-%m-%d} is not deleted, expected within 72 hours"
        return judge(message, evidence=evidence, carry=carry, remedy=_anew(ttl.attribute))
    if carry.proven:
        return passed("expired canary items are deleted", carry=carry)
    return not_applicable(f"no canary item has expired yet, the first result is due on {due:%Y-%m-%d}", carry=carry)


@rule.check(
    decide=(
        "Decide which of these items must expire, and correct the code that writes them: the attribute is a "
        "Number of seconds since 1970. The command prints whole items."
    ),
    severity=Severity.MEDIUM,
    required=False,
    fix=FIND,
)
def values(sample: Sample | None, sampling: Sampling | None, checklist: Checklist) -> Verdict:
    """Do the application's items that must expire have a TTL value that DynamoDB deletes by?"""
    if sample is None or sampling is None:
        return not_applicable("no items are sampled (the sample setting of the checklist is off)")
    expiries = {prefix: counts for prefix, counts in sample.expiries.items() if prefix != OURS}
    expiring = {prefix for prefix in expiries if fits(prefix, checklist.sample.expiring)}
    wrong = {
        (prefix, expiry): count
        for prefix, counts in expiries.items()
        for expiry, count in counts.items()
        if expiry in NEVER and (expiry is not Expiry.ABSENT or prefix in expiring)
    }
    evidence = {"ScannedCount": sample.items, "AsOf": minute(sample.at)}
    if not wrong:
        if not expiring:
            return not_applicable(f"no items that must expire among {sample.items} sampled")
        return passed(f"all {sample.items} sampled items that must expire have a valid TTL value", evidence=evidence)
    never = [f"{count} of {_named(prefix)} ({NEVER[expiry]})" for (prefix, expiry), count in wrong.items()]
    first = max(prefix for prefix, _ in wrong)  # OTHER comes before all letters: no key begins with it
    found = {
        "PartitionKey": sampling.partition_key,
        "SortKey": sampling.sort_key,
        "Prefix": "" if first == OTHER else _named(first),
        "Forgotten": int((sample.at - FORGOTTEN).timestamp()),
        "Counts": {f"{_named(prefix)} {expiry}": count for (prefix, expiry), count in wrong.items()},
    }
    message = f"TTL never deletes {', '.join(never)}, among {sample.items} sampled items"
    return warned(message, evidence={**evidence, **found})


def _anew(attribute: str) -> Remedy:
    """Return the remedy that disables TTL on this attribute and enables it on the attribute of the checklist."""
    return Remedy(steps=ANEW, values={"Off": json.dumps({"Enabled": False, "AttributeName": attribute})})


def _named(prefix: str) -> str:
    return prefix if prefix == OTHER else f"{prefix}#"
