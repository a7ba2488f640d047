"""The rules with which the tests of the run, the command line and the messages work: one that is added breaks none."""

from readiness import rules

IDS = (
    "billing-on-demand",
    "encryption-kms",
    "ttl-enabled",
    "pitr-enabled",
    "env-vars-set",
    "iam-least-privilege",
    "write-failures-audited",
    "alarms-wired",
    "dead-letters-kept",
    "cost-monitored",
    "backups-scheduled",
    "restore-drilled",
    "load-tested",
    "documentation-current",
    "change-events-arrive",
)

ASKED = tuple(rule for rule in rules.ASKED if rule.id in IDS)
RULES = tuple(rule for rule in ASKED if not rule.own)
