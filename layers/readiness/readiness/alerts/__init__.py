"""Alerts: at most one message per run and table, composed from plain data and published to an SNS topic."""

from readiness.alerts.compose import compose, safe_message, test_message
from readiness.alerts.news import News, Taken, Told, Trouble, What, Whereabouts
from readiness.alerts.topic import Refused, Topic

__all__ = [
    "News",
    "Refused",
    "Taken",
    "Told",
    "Topic",
    "Trouble",
    "What",
    "Whereabouts",
    "compose",
    "safe_message",
    "test_message",
]
