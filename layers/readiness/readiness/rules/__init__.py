"""The checklist: one module per item, in the order of the items."""

from readiness.rules import billing_on_demand, encryption_kms, pitr_enabled, ttl_enabled

RULES = (
    billing_on_demand.rule,
    encryption_kms.rule,
    ttl_enabled.rule,
    pitr_enabled.rule,
)
