"""Readiness: a scheduled compliance monitor for a production DynamoDB table."""

from pathlib import Path

__version__ = "0.1.0"

_BUILT = Path(__file__).with_name("BUILT")

RELEASE = _BUILT.read_text().strip() if _BUILT.exists() else ""
"""The build time of the artifact, as text in UTC that sorts by time; empty in a checkout."""
