"""Verdicts of checks that need a setting which only the owner of the table knows, or a record."""

from readiness.checklist.defaults import is_unused, value_of
from readiness.engine.rule import Verdict, not_applicable, not_configured, not_recorded
from readiness.facts.recorded.checklist import Checklist
from readiness.model import Remedy

LIST_FUNCTIONS = (
    "aws lambda list-functions --region {region} --query 'Functions[].FunctionName' --output text;"
    " echo 'add the functions that use the table to names in [functions] of the checklist'"
)
RECORD = "readiness manifest . --table {table} --record"


def unset(checklist: Checklist, *settings: str) -> Verdict | None:
    """Return the verdict where one of these settings is missing; None where all are set."""
    lacking = [setting for setting in settings if not value_of(checklist, setting)]
    if not lacking:
        return None
    unconfigured = [setting for setting in lacking if not is_unused(setting, checklist.not_used)]
    if unconfigured:
        return not_configured(f"{' and '.join(unconfigured)} {_are(unconfigured)} not configured in the checklist")
    return not_applicable(f"{' and '.join(lacking)} {_are(lacking)} listed in not_used of the checklist")


def unselected(checklist: Checklist) -> Verdict | None:
    """Return the verdict where no setting selects the functions of the table."""
    wanted = checklist.functions
    if wanted.names or wanted.name_patterns or wanted.tags:
        return None
    return unset(checklist, "functions.name_patterns")


def undocumented(checklist: Checklist) -> Verdict | None:
    """Return the verdict where no setting names a document about the table."""
    wanted = checklist.documentation
    return None if wanted.plan or wanted.runbooks else unset(checklist, "documentation.plan", "documentation.runbooks")


def no_manifest() -> Verdict:
    """Return the same verdict for every check that needs the application's manifest, so that it is shown once."""
    return not_recorded("the manifest of the application's repository is not recorded", remedy=Remedy(RECORD))


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
