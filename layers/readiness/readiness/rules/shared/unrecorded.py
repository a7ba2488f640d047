"""The verdict of checks that need the manifest of the application's repository, recorded for this table."""

from readiness.engine.rule import Verdict, not_recorded
from readiness.model import Remedy

RECORD = "readiness manifest . --table {table} --record"


def no_manifest() -> Verdict:
    """Return the same verdict for every check that needs it, so that it is shown once."""
    return not_recorded("the manifest of the application's repository is not recorded", remedy=Remedy(RECORD))
