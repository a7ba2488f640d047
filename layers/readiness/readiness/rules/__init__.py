"""The checklist: one module per item, in the order of the items; and what is asked of the monitor itself."""

from readiness.rules import (
    alarms_wired,
    backups_scheduled,
    billing_on_demand,
    change_events_arrive,
    cost_monitored,
    dead_letters_kept,
    documentation_current,
    encryption_kms,
    env_vars_set,
    iam_least_privilege,
    load_tested,
    pitr_enabled,
    restore_drilled,
    ttl_enabled,
    write_failures_audited,
)

RULES = (
    billing_on_demand.rule,
    encryption_kms.rule,
    ttl_enabled.rule,
    pitr_enabled.rule,
    env_vars_set.rule,
    iam_least_privilege.rule,
    write_failures_audited.rule,
    alarms_wired.rule,
    dead_letters_kept.rule,
    cost_monitored.rule,
    backups_scheduled.rule,
    restore_drilled.rule,
    load_tested.rule,
    documentation_current.rule,
)

OWN = (change_events_arrive.rule,)
"""No items: what they say is the monitor's own health."""

ASKED = (*RULES, *OWN)
"""All that a look asks."""
