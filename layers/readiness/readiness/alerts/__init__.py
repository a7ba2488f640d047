"""Alerts: at most one message per run and table, composed from plain data and published to an SNS topic."""

from readiness.alerts.alert import Alert, AlertContext, AlertEntry, Trouble, TroubleKind
from readiness.alerts.compose import compose, safe_message, test_message
from readiness.alerts.topic import AlertTopic, Refused

__all__ = [
    "Alert",
    "AlertContext",
    "AlertEntry",
    "AlertTopic",
    "Refused",
    "Trouble",
    "TroubleKind",
    "compose",
    "safe_message",
    "test_message",
]
