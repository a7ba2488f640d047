"""What only the shop itself can say, and has not said: a check that needs it has nothing to compare with."""

from functools import reduce
from typing import Any

from readiness.checklist.defaults import is_unused
from readiness.engine.rule import Verdict, not_applicable, not_configured
from readiness.facts.recorded.checklist import Checklist


def unset(checklist: Checklist, *settings: str) -> Verdict | None:
    """The verdict where one of these settings is not said; None where all are."""
    lacking = [setting for setting in settings if not _said(checklist, setting)]
    if not lacking:
        return None
    unsaid = [setting for setting in lacking if not is_unused(setting, checklist.not_used)]
    if unsaid:
        return not_configured(f"{' and '.join(unsaid)} {_are(unsaid)} not configured in the checklist")
    return not_applicable(f"the checklist has no use for {' and '.join(lacking)}")


def unselected(checklist: Checklist) -> Verdict | None:
    """The verdict where nothing says which functions belong to the table."""
    wanted = checklist.functions
    if wanted.names or wanted.name_patterns or wanted.tags:
        return None
    return unset(checklist, "functions.name_patterns")


def undocumented(checklist: Checklist) -> Verdict | None:
    """The verdict where no document is named in which the table is described."""
    wanted = checklist.documentation
    return None if wanted.plan or wanted.runbooks else unset(checklist, "documentation.plan", "documentation.runbooks")


def _said(checklist: Any, setting: str) -> Any:
    return reduce(getattr, setting.split("."), checklist)


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
