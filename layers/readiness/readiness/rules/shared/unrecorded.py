"""What the application's repository says is known once somebody has recorded it of this very table."""

from readiness.engine.rule import Verdict, not_recorded
from readiness.model import Remedy

RECORD = "readiness manifest . --table {table} --record"


def no_manifest() -> Verdict:
    """In every check that needs it in the same words, so that it is shown once."""
    return not_recorded("nobody has recorded what the application's repository says", remedy=Remedy(RECORD))
