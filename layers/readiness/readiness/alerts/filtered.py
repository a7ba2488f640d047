"""The items of the checklist whose CRITICAL alerts no subscription of the alert topic receives. Makes no call."""

import json
from collections.abc import Callable, Iterable, Mapping

from readiness.alarms.filter_policy import lets_through
from readiness.engine.rule import Rule
from readiness.engine.snapshot import ROOT, Snapshot
from readiness.facts.sns.subscriptions import ATTRIBUTES, Filtering, Subscription
from readiness.facts.sns.topics import Topic
from readiness.model import Gone, Severity, Unavailable
from readiness.state.drift import EventKind


def filtered_items(
    rules: Iterable[Rule], snapshot: Snapshot, topic: str, table: str, owner: Callable[[str], str | None]
) -> list[str]:
    """Return the ids of the rules with a CRITICAL check whose failure each filter policy of the topic rejects.

    Empty if the scan did not read all confirmed subscriptions of the topic with their filter policies, which it reads
    for topics that alarms on the table name, or if there is none. `owner` returns the owner of a rule.
    """
    filters = _filters(snapshot, topic)
    critical = (rule for rule in rules if any(check.severity is Severity.CRITICAL for check in rule.checks))
    alerts = {rule.id: _attributes(rule.id, table, owner(rule.id)) for rule in critical}
    return [rule for rule, alert in alerts.items() if filters and not any(_receives(each, alert) for each in filters)]


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


def _attributes(rule: str, table: str, owner: str | None) -> dict[str, str | tuple[str, ...]]:
    """Return the attributes of the alert that a CRITICAL check of the rule fails."""
    owned: dict[str, str | tuple[str, ...]] = {"owners": (owner,)} if owner else {}
    one = {"severity": str(Severity.CRITICAL), "table": table, "kind": str(EventKind.REGRESSED)}
    return {**one, "rules": (rule,), **owned}


def _receives(filtering: Filtering, alert: Mapping[str, str | tuple[str, ...]]) -> bool:
    """Return False if the subscription certainly does not receive that alert."""
    return filtering.scope != ATTRIBUTES or lets_through(json.loads(filtering.policy), alert) != "no"
