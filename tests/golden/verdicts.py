"""What every check says of some fixed tables. Run as a module, it writes the golden file anew.

It refuses to while a check whose verdicts changed still has the version under which it gave the former ones: by the
version a deployed monitor knows that it judges anew, and that nothing drifted.
"""

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from readiness.checklist import BillingException
from readiness.facts.canaries import Canaries
from readiness.facts.checklist import Checklist
from readiness.facts.key import KeyRotation, ManualRotation, TableKey
from readiness.facts.now import Now
from readiness.facts.recovery import Recovery
from readiness.facts.scalable_targets import ScalableTargets
from readiness.facts.table import TableDescription
from readiness.facts.time_to_live import TimeToLive
from readiness.model import Verdict
from readiness.rule import Check
from readiness.rules import RULES
from readiness.rules.pitr_enabled import RecoveryStart
from tests.rules.facts import NOW, OFF, ago, checklist, description, encryption, key, recovery

FILE = Path(__file__).with_suffix(".json")

Facts = Mapping[type, Any]

GOOD: Facts = {
    Now: NOW,
    Checklist: checklist(),
    TableDescription: description(),
    ScalableTargets: ScalableTargets(()),
    TableKey: key(),
    KeyRotation: KeyRotation(enabled=True, period_days=365),
    TimeToLive: TimeToLive("ENABLED", "expiresAt"),
    Canaries: Canaries((ago(hours=2),)),
    Recovery: recovery(),
}

TABLES: Mapping[str, Facts] = {
    "good": GOOD,
    "neglected": {
        **GOOD,
        TableDescription: description(billing_mode="PROVISIONED", encryption=None, deletion_protected=False),
        TableKey: None,
        KeyRotation: None,
        TimeToLive: TimeToLive("DISABLED", None),
        Recovery: OFF,
    },
    "changing": {
        **GOOD,
        TableDescription: description(
            billing_mode="PROVISIONED", status="UPDATING", encryption=encryption(status="UPDATING")
        ),
        TableKey: key(state="Updating"),
        TimeToLive: TimeToLive("ENABLING", "expiresAt"),
        Recovery: recovery(earliest=ago(minutes=3), latest=None),
        RecoveryStart: RecoveryStart(ago(days=35), ago(minutes=5)),
    },
    "doomed": {
        **GOOD,
        TableDescription: description(status="DELETING", encryption=encryption(inaccessible_since=ago(days=1))),
        TableKey: key(state="PendingDeletion", origin="EXTERNAL", expires=ago(days=-3)),
        KeyRotation: KeyRotation(enabled=False, period_days=None),
        ManualRotation: ManualRotation(None),
        TimeToLive: TimeToLive("ENABLED", "ttl"),
        Recovery: recovery(window_days=7, earliest=ago(days=7), latest=ago(days=2)),
    },
    "tolerated": {
        **GOOD,
        Checklist: checklist(
            billing_exception=BillingException("a steady load", "the CTO", date(2026, 12, 31)), days_before_cutover=14
        ),
        TableDescription: description(billing_mode="PROVISIONED"),
        KeyRotation: KeyRotation(enabled=False, period_days=None),
        ManualRotation: ManualRotation(ago(days=90)),
        Canaries: Canaries((ago(hours=80),)),
        Recovery: recovery(earliest=ago(days=3), latest=ago(minutes=30)),
    },
}


def verdicts() -> dict[str, Any]:
    """Of every check: its version, and what it says of each of the tables that it can be asked about."""
    return {check.id: _of(check) for rule in RULES for check in rule.checks}


def unversioned(written: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The checks that say something else than was written, under the version that was written."""
    common = written.keys() & now.keys()
    return sorted(
        name for name in common if written[name] != now[name] and written[name]["version"] >= now[name]["version"]
    )


def _of(check: Check) -> dict[str, Any]:
    said = {name: _said(check, facts) for name, facts in TABLES.items()}
    return {"version": check.version, "verdicts": {name: verdict for name, verdict in said.items() if verdict}}


def _said(check: Check, facts: Facts) -> dict[str, Any] | None:
    shown = {name: facts.get(need.kind) for name, need in check.needs.items()}
    if any(shown[name] is None and type(None) not in need.told for name, need in check.needs.items()):
        return None
    verdict = check.function(**shown)
    assert isinstance(verdict, Verdict)
    incident = {"incident": verdict.incident.after} if verdict.incident else {}
    return {"status": verdict.status, "message": verdict.message, "watched": dict(verdict.watched), **incident}


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
