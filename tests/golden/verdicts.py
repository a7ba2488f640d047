"""What every check says of some fixed tables. Run as a module, it writes the golden file anew.

It refuses to while a check whose verdicts changed still has the version under which it gave the former ones: by the
version a deployed monitor knows that it judges anew, and that nothing drifted.
"""

import json
import sys
from collections.abc import Mapping
from datetime import date
from inspect import isgeneratorfunction
from pathlib import Path
from typing import Any

import msgspec

from readiness.checklist import AllowedToggler, BillingException
from readiness.engine.each import Each
from readiness.engine.fact import source_of
from readiness.engine.rule import Check
from readiness.facts.dynamodb.consumption import Maxima, Peaks, ScalableTargets
from readiness.facts.dynamodb.key import KeyRotation, ManualRotation, TableKey
from readiness.facts.dynamodb.recovery import Recovery, Replica, ReplicaRecovery, ReplicaTable
from readiness.facts.dynamodb.resource_policy import ResourcePolicy
from readiness.facts.dynamodb.table import ReplicaDescription, Table, TableDescription
from readiness.facts.dynamodb.time_to_live import Canaries, TimeToLive
from readiness.facts.iam.pitr_admins import UPDATE_PITR, PitrAdmins
from readiness.facts.iam.reviewed_rights import ReviewedRights
from readiness.facts.iam.table_roles import RolePolicies, TableRole
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.manifest import ApplicationManifest
from readiness.facts.recorded.now import Now
from readiness.iam.evaluate import Access
from readiness.iam.holders import Holder
from readiness.model import Gone, Verdict
from readiness.rules import ASKED
from readiness.rules.pitr_enabled import RecoveryStart
from tests.aws.account import ACCOUNT, ARN
from tests.golden import alarms, backups, costs, documents, drills, functions, sight
from tests.golden.facts import Facts, added
from tests.rules.facts import NOW, OFF, ago, checklist, description, encryption, key, recovery
from tests.rules.table_alarms import INDEX

FILE = Path(__file__).with_suffix(".json")


def toggler(name: str, access: Access = Access.DIRECT, action: str = UPDATE_PITR, resource: str = ARN) -> Holder:
    return Holder(f"arn:aws:iam::{ACCOUNT}:{name}", access, action, resource)


def listed(pattern: str, reviewed_on: date = date(2026, 11, 1)) -> tuple[AllowedToggler, ...]:
    return (AllowedToggler(f"arn:aws:iam::{ACCOUNT}:{pattern}", "jane@example.com", reviewed_on),)


REPLICA = Replica(ARN.replace("us-east-1", "eu-west-1"), ACCOUNT, "eu-west-1", "ACTIVE")

BREAKGLASS = toggler("role/breakglass")

GOOD: Facts = {
    **functions.GOOD,
    **alarms.GOOD,
    **costs.GOOD,
    **backups.GOOD,
    **documents.GOOD,
    **sight.GOOD,
    Now: NOW,
    Checklist: checklist(allowed_togglers=listed("role/breakglass"), backup_decision=backups.GOOD_DECISION),
    **drills.GOOD,
    TableDescription: description(indexes=(INDEX.name,), keys=drills.KEYS),
    ScalableTargets: ScalableTargets(()),
    TableKey: key(),
    KeyRotation: KeyRotation(enabled=True, period_days=365),
    TimeToLive: TimeToLive("ENABLED", "expiresAt"),
    Canaries: Canaries((ago(hours=2),)),
    Recovery: recovery(),
    PitrAdmins: PitrAdmins((BREAKGLASS,)),
    Replica: REPLICA,
    ReplicaRecovery: ReplicaRecovery(enabled=True),
    ReplicaTable: ReplicaTable(deletion_protected=True, disassociation_protected=True),
    **added("good"),
}

FIXED: Mapping[str, Facts] = {
    "good": GOOD,
    "neglected": {
        **GOOD,
        **functions.NEGLECTED,
        **costs.NEGLECTED,
        **backups.NEGLECTED,
        **sight.NEGLECTED,
        Checklist: checklist(functions=functions.NEGLECTED_SETTINGS, backup_decision=backups.NEGLECTED_DECISION),
        **drills.NEGLECTED,
        **documents.NEGLECTED,
        TableDescription: description(
            status="REPLICATION_NOT_AUTHORIZED",
            billing_mode="PROVISIONED",
            vector_indexes=("by-look",),
            encryption=None,
            deletion_protected=False,
            replicas=(ReplicaDescription("eu-west-1", REPLICA.arn, "REPLICATION_NOT_AUTHORIZED", ago(hours=3), None),),
        ),
        ReplicaRecovery: ReplicaRecovery(enabled=False),
        ReplicaTable: ReplicaTable(deletion_protected=False, disassociation_protected=True),
        TableKey: None,
        KeyRotation: None,
        TimeToLive: TimeToLive("DISABLED", None),
        Recovery: OFF,
        PitrAdmins: PitrAdmins((BREAKGLASS, toggler("user/ci", Access.INDIRECT, "iam:PassRole", BREAKGLASS.arn))),
    },
    "changing": {
        **GOOD,
        **functions.CHANGING,
        **alarms.CHANGING,
        **costs.CHANGING,
        **backups.CHANGING,
        Checklist: checklist(allowed_togglers=listed("role/breakglass"), backup_decision=backups.CHANGING_DECISION),
        **drills.CHANGING,
        **documents.CHANGING,
        TableDescription: description(
            billing_mode="PROVISIONED", status="UPDATING", encryption=encryption(status="UPDATING")
        ),
        TableKey: key(state="Updating"),
        TimeToLive: TimeToLive("ENABLING", "expiresAt"),
        Recovery: recovery(earliest=ago(minutes=3), latest=None),
        RecoveryStart: RecoveryStart(ago(days=35), ago(minutes=5)),
        PitrAdmins: PitrAdmins((BREAKGLASS, toggler("role/deploy", Access.CONDITIONAL))),
    },
    "doomed": {
        **GOOD,
        **functions.DOOMED,
        **alarms.DOOMED,
        **costs.DOOMED,
        **backups.DOOMED,
        **sight.DOOMED,
        Checklist: checklist(allowed_togglers=listed("role/breakglass"), backup_decision=backups.DOOMED_DECISION),
        **drills.DOOMED,
        **documents.DOOMED,
        TableDescription: description(status="DELETING", encryption=encryption(inaccessible_since=ago(days=1))),
        TableKey: key(state="PendingDeletion", origin="EXTERNAL", expires=ago(days=-3)),
        KeyRotation: KeyRotation(enabled=False, period_days=None),
        ManualRotation: ManualRotation(None),
        TimeToLive: TimeToLive("ENABLED", "ttl"),
        Recovery: recovery(window_days=7, earliest=ago(days=7), latest=ago(days=2)),
        PitrAdmins: PitrAdmins((BREAKGLASS, toggler("role/deploy"), toggler("user/jane"))),
    },
    "tolerated": {
        **GOOD,
        **functions.TOLERATED,
        **costs.TOLERATED,
        **backups.TOLERATED,
        **drills.TOLERATED,
        Checklist: checklist(
            billing_exception=BillingException("a steady load", "the CTO", date(2026, 12, 31)),
            days_before_cutover=14,
            allowed_togglers=listed("role/*", reviewed_on=date(2026, 2, 1)),
            functions=functions.TOLERATED_SETTINGS,
            backup_decision=backups.TOLERATED_DECISION,
        ),
        TableDescription: description(billing_mode="PROVISIONED"),
        Maxima: Maxima(40, None),
        Peaks: Peaks(40, 3),
        KeyRotation: KeyRotation(enabled=False, period_days=None),
        ManualRotation: ManualRotation(ago(days=90)),
        Canaries: Canaries((ago(hours=80),)),
        Recovery: recovery(earliest=ago(days=3), latest=ago(minutes=30)),
    },
    "undecided": backups.UNDECIDED,
    "deserted": {**alarms.GOOD, **functions.DESERTED, **documents.GOOD},
}

TABLES = {name: {**facts, **added(name)} for name, facts in FIXED.items()}


def verdicts() -> dict[str, Any]:
    """Of every check: its version, and what it says of each of the tables that it can be asked about."""
    return {check.id: _of(check) for rule in ASKED for check in rule.checks}


def unversioned(written: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The checks that say something else than was written, under the version that was written."""
    common = written.keys() & now.keys()
    return sorted(
        name for name in common if written[name] != now[name] and written[name]["version"] >= now[name]["version"]
    )


def shown(check: Check, facts: Facts) -> dict[str, Any] | None:
    """The arguments for the check; None where something is absent, or gone, that it does not ask to be told of."""
    known = {**facts, ReviewedRights: _rights(facts)}
    given = {name: known.get(Each[need.kind] if need.each else need.kind) for name, need in check.needs.items()}  # type: ignore[name-defined]  # known at run time
    untold = {name: {type(None), Gone} - need.told for name, need in check.needs.items()}
    if any(type(given[name]) in untold[name] for name in given):
        return None
    return {name: value for name, value in given.items() if check.needs[name].passed}


def _rights(facts: Facts) -> ReviewedRights | None:
    """What is made of the role, its policies and the reviewed ones, where there are any."""
    if ApplicationManifest not in facts or TableRole not in facts:
        return None
    needs = (Table, TableRole, RolePolicies, ResourcePolicy, ApplicationManifest, Checklist)
    found: ReviewedRights | None = source_of(ReviewedRights).function(*map(facts.get, needs))
    return found


def said(check: Check, facts: Facts) -> list[Verdict]:
    """All that the check says of the facts; nothing where it can't be asked."""
    arguments = shown(check, facts)
    if arguments is None:
        return []
    verdicts = check.function(**arguments)
    return [verdicts] if isinstance(verdicts, Verdict) else list(verdicts)


def _of(check: Check) -> dict[str, Any]:
    about = {name: [_told(verdict) for verdict in said(check, facts)] for name, facts in TABLES.items()}
    several = isgeneratorfunction(check.function)
    return {
        "version": check.version,
        "verdicts": {name: told if several else told[0] for name, told in about.items() if told},
    }


def _told(verdict: Verdict) -> dict[str, Any]:
    """All but the texts: a better wording is no other verdict."""
    resource = {"resource": verdict.resource} if verdict.resource else {}
    incident = {"incident": verdict.incident.key} if verdict.incident else {}
    omission = {"omission": verdict.omission} if verdict.omission else {}
    told = {"status": verdict.status, "evidence": _plain(verdict.evidence), "watched": _plain(verdict.watched)}
    return {**resource, **told, **omission, **incident}


def _plain(values: Mapping[str, Any]) -> Any:
    return msgspec.to_builtins(dict(values), enc_hook=str)


def main() -> int:
    """0: the file is as it should be. 1: a version has to be raised first."""
    now = verdicts()
    written = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    if stale := unversioned(written, now):
        sys.stderr.write(f"raise the version of {', '.join(stale)} first\n")
        return 1
    FILE.write_text(json.dumps(now, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
