"""The items of the checklist whose CRITICAL alerts no subscription of the alert topic receives. Makes no call."""

import json
from collections.abc import Iterable

from readiness.alarms.filter_policy import lets_through
from readiness.engine.rule import Rule
from readiness.engine.snapshot import ROOT, Snapshot
from readiness.facts.sns.subscriptions import ATTRIBUTES, Filtering, Subscription
from readiness.facts.sns.topics import Topic
from readiness.model import Gone, Severity, Unavailable
from readiness.state.drift import EventKind


def filtered_items(rules: Iterable[Rule], snapshot: Snapshot, topic: str, table: str) -> list[str]:
    """Return the ids of the rules with a CRITICAL check whose failure each filter policy of the topic rejects.

    Empty if the scan did not read all confirmed subscriptions of the topic with their filter policies, which it reads
    for topics that alarms on the table name, or if there is none.
    """
    filters = _filters(snapshot, topic)
    critical = (rule for rule in rules if any(check.severity is Severity.CRITICAL for check in rule.checks))
    return [rule.id for rule in critical if filters and not any(_receives(each, rule.id, table) for each in filters)]


def _filters(snapshot: Snapshot, topic: str) -> list[Filtering]:
    """Return the filter policies of the topic's confirmed subscriptions; empty if not all are known."""
    place = ROOT | {(Topic, topic)}
    if place not in snapshot.answers.get(Subscription, {}) or Filtering not in snapshot.answers:
        return []
    listing = snapshot.listing(Subscription, place)
    if listing is None or isinstance(listing, Unavailable | Gone) or listing.unlisted:
        return []
    found = [snapshot.answer(Filtering, place | {(Subscription, key)}) for key in listing.answers()]
    known = [each for each in found if isinstance(each, Filtering)]
    return known if len(known) == len(found) else []


def _receives(filtering: Filtering, rule: str, table: str) -> bool:
    """Return False if the subscription certainly does not receive that a CRITICAL check of the rule fails."""
    if filtering.scope != ATTRIBUTES:
        return True
    attributes = {"severity": Severity.CRITICAL, "table": table, "kind": EventKind.REGRESSED, "rules": (rule,)}
    message = {name: value if isinstance(value, tuple) else str(value) for name, value in attributes.items()}
    return lets_through(json.loads(filtering.policy), message) != "no"
