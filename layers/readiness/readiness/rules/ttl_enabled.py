"""Quotes, rate limits and coupon holds go away by themselves; without that the table only ever grows.

Time to live deletes within a few days, not at the second: until then an expired item is still read, so code has to look
at the attribute too. The attribute must be a Number of epoch seconds; milliseconds are silently never due. A table that
was restored from a backup has it off.
"""

import json
from datetime import datetime, timedelta

from readiness.checklist import fits
from readiness.engine.rule import Rule, Severity, Verdict, failed, not_applicable, passed, warned
from readiness.facts.dynamodb.canaries import Canaries
from readiness.facts.dynamodb.sample import FORGOTTEN, OTHER, OURS, Expiry, Sample, Sampling
from readiness.facts.dynamodb.time_to_live import CREATING, TimeToLive
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now
from readiness.model import Carry, Remedy
from readiness.rules.shared.novel import novel
from readiness.rules.shared.transition import Transition, continued

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

ENABLE = (
    "aws dynamodb update-time-to-live --table-name {table} --region {region}"
    " --time-to-live-specification Enabled=true,AttributeName={ttl_attribute}"
)

# AWS takes no second change within the hour. A name may hold what means something in the CLI's own notation.
DISABLE = "aws dynamodb update-time-to-live --table-name {table} --region {region} --time-to-live-specification {Off}"
ANEW = f"{DISABLE} && sleep 3600 && {ENABLE}"

# What it prints are whole items: it is for those who may see them.
FIND = (
    "aws dynamodb scan --table-name {table} --region {region} --max-items 10 --filter-expression"
    " '(begins_with(#p, :k) OR begins_with(#s, :k)) AND NOT #e BETWEEN :old AND :ms' --expression-attribute-names"
    ' \'{{"#p":"\'{PartitionKey}\'","#s":"\'{SortKey}\'","#e":"\'{ttl_attribute}\'"}}\' --expression-attribute-values'
    ' \'{{":k":{{"S":"\'{Prefix}\'"}},":ms":{{"N":"100000000000"}},":old":{{"N":"\'{Forgotten}\'"}}}}\''
)

NEVER = frozenset({Expiry.ABSENT, Expiry.MILLISECONDS, Expiry.NO_NUMBER, Expiry.TOO_OLD})
"""How items say when they expire that are never deleted."""


class Enabling(Transition):
    """Time to live that was being switched on, or a table that was being created, of which AWS tells none yet."""

    stored_as = "Enabling"


class Canary(Carry):
    """Since when time to live is seen at work, which canaries were there, and whether one was ever deleted."""

    stored_as = "Canary"

    since: datetime
    expiries: tuple[datetime, ...]
    proven: bool


@rule.check(fix=ENABLE, version=2)
def on(ttl: TimeToLive, now: Now, before: Enabling | None) -> Verdict:
    """Time to live is on."""
    seen = {"evidence": {"TimeToLiveStatus": ttl.status}}
    if ttl.status == "ENABLED":
        return passed("time to live is on", **seen)
    if ttl.status == "ENABLING":
        enabling = continued(Enabling, before, ttl.status, now)
        judge = failed if enabling.overdue(now, ENABLING_LIMIT) else warned
        message = f"time to live is being switched on since {enabling.since:%Y-%m-%d %H:%M} UTC"
        return judge(message, carry=enabling, **seen)
    if ttl.status == CREATING:
        creating = continued(Enabling, before, ttl.status, now)
        judge = failed if creating.overdue(now, CREATING_LIMIT) else warned
        message = f"the table is being created since {creating.since:%Y-%m-%d %H:%M} UTC and has no time to live yet"
        return judge(message, carry=creating, **seen)
    if ttl.status == "DISABLING":
        return failed("time to live is being switched off", **seen)
    if ttl.status == "DISABLED":
        return failed("time to live is off", **seen)
    return novel("dynamodb:DescribeTimeToLive", "TimeToLiveStatus", ttl.status)


@rule.check(fix=ANEW)
def attribute(ttl: TimeToLive, checklist: Checklist) -> Verdict:
    """It goes by the attribute in which the application says when an item expires, spelled exactly so."""
    if ttl.attribute is None:
        return not_applicable("no attribute says when items expire")
    seen = {"evidence": {"AttributeName": ttl.attribute}, "watched": {"AttributeName": ttl.attribute}}
    if ttl.attribute != checklist.ttl_attribute:
        message = f"expired items are deleted by {ttl.attribute}, not by {checklist.ttl_attribute}"
        return failed(message, remedy=_anew(ttl.attribute), **seen)
    return passed(f"expired items are deleted by {ttl.attribute}", **seen)


@rule.check(severity=Severity.MEDIUM, required=False, fix=ANEW)
def canary(canaries: Canaries, ttl: TimeToLive, checklist: Checklist, now: Now, before: Canary | None) -> Verdict:
    """An item of ours that has expired is deleted within a few days."""
    if ttl.status != "ENABLED" or ttl.attribute != checklist.ttl_attribute:
        return not_applicable("nothing of ours can expire while time to live is not on")
    since = before.since if before else now.at
    awaited = before.expiries if before else ()
    deleted = [expiry for expiry in awaited if expiry <= now.at and expiry not in canaries.expiries]
    carry = Canary(since, canaries.expiries, bool(deleted) or (before is not None and before.proven))
    oldest = min(canaries.expiries, default=now.at + CANARY_LIVES)
    due = max(oldest, since) + LATE
    if now.at > due:
        judge = failed if now.at - max(oldest, since) > TOO_LATE else warned
        evidence = {"AttributeName": ttl.attribute}
        message = f"an item that expired on {oldest:%Y-%m-%d} is still there"
        return judge(message, evidence=evidence, carry=carry, remedy=_anew(ttl.attribute))
    if carry.proven:
        return passed("expired items of ours are deleted", carry=carry)
    return not_applicable(f"first proof due on {due:%Y-%m-%d}", carry=carry)


@rule.check(severity=Severity.MEDIUM, required=False, fix=FIND)
def values(sample: Sample | None, sampling: Sampling | None, checklist: Checklist) -> Verdict:
    """Items of the application that have to expire say when, in a form that is deleted by."""
    if sample is None or sampling is None:
        return not_applicable("no items are looked at: the checklist's sample is off")
    expiries = {prefix: counts for prefix, counts in sample.expiries.items() if prefix != OURS}
    expiring = {prefix for prefix in expiries if fits(prefix, checklist.sample.expiring)}
    wrong = {
        (prefix, expiry): count
        for prefix, counts in expiries.items()
        for expiry, count in counts.items()
        if expiry in NEVER and (expiry is not Expiry.ABSENT or prefix in expiring)
    }
    evidence = {"ScannedCount": sample.items, "AsOf": f"{sample.at:%Y-%m-%d %H:%M} UTC"}
    if not wrong:
        if not expiring:
            return not_applicable(f"of {sample.items} items none has to expire")
        return passed(f"of {sample.items} items all that have to expire say when", evidence=evidence)
    said = [f"{count} of {_named(prefix)} ({expiry})" for (prefix, expiry), count in wrong.items()]
    first = max(prefix for prefix, _ in wrong)  # OTHER comes before all letters: no key begins with it
    found = {
        "PartitionKey": sampling.partition_key,
        "SortKey": sampling.sort_key,
        "Prefix": "" if first == OTHER else _named(first),
        "Forgotten": int((sample.at - FORGOTTEN).timestamp()),
        "Counts": {f"{_named(prefix)} {expiry}": count for (prefix, expiry), count in wrong.items()},
    }
    message = (
        f"of {sample.items} items some will never be deleted, by when they say that they expire: {', '.join(said)}"
    )
    return warned(message, evidence={**evidence, **found})


def _anew(attribute: str) -> Remedy:
    """Switch it off by that attribute, and on by the application's."""
    return Remedy(ANEW, {"Off": json.dumps({"Enabled": False, "AttributeName": attribute})})


def _named(prefix: str) -> str:
    return prefix if prefix == OTHER else f"{prefix}#"
