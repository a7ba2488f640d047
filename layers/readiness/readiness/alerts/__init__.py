"""Alerts: at most one message per run and table, composed from plain data and published to an SNS topic."""
