"""The text about results that are evaluated again because the rules or the checklist changed, not the account."""

from collections.abc import Sequence

from readiness.alerts.alert import Alert, AlertEntry, fails
from readiness.alerts.phrase import statuses
from readiness.alerts.rows import Parts, command, fixing, headlined, now, row, sentence
from readiness.alerts.several import INDENT, reference, titled
from readiness.aws.arn import is_table, short
from readiness.model import Status
from readiness.state.drift import Difference

MOST = 12

REJUDGED = "The rules or the checklist changed, not the account. These results were evaluated again:"
NEW = "There were no earlier results to compare with. All checks were evaluated again:"


def reevaluated(alert: Alert, entries: Sequence[AlertEntry]) -> Parts:
    """Return the text of an alert that has only such results."""
    return Parts([headlined(alert)], [results(alert, entries)], reference(alert, entries))


def results(alert: Alert, entries: Sequence[AlertEntry]) -> list[str]:
    """Return the lines of the results, failures first, and the remediation of the worst."""
    pairs = sorted(((one, each) for one in entries for each in one.event.differences), key=_failing_first)
    found = [row(_label(one, each), _result(one, each), INDENT) for one, each in pairs[:MOST]]
    more = [row("", f"... and {len(pairs) - MOST} more", INDENT)] if len(pairs) > MOST else []
    new = [] if pairs or alert.trouble else [row("New", titled(one, one.question), INDENT) for one in entries[:MOST]]
    first = next((one for one, _ in pairs if fails(one.event)), None)
    fix = command("Fix", fixing(first, alert.place), INDENT) if first else []
    return [sentence(NEW if alert.trouble else REJUDGED), *found, *more, *new, *fix]


def _label(entry: AlertEntry, difference: Difference) -> str:
    """Return the severity of a failure, and the status of other results."""
    _, status = statuses(difference)
    return entry.event.severity if status is Status.FAIL else status


def _result(entry: AlertEntry, difference: Difference) -> str:
    where = "" if is_table(difference.resource) else f"{short(difference.resource)}: "
    return titled(entry, f"{where}{now(difference, entry)}")


def _failing_first(pair: tuple[AlertEntry, Difference]) -> tuple[bool, int, str]:
    entry, difference = pair
    return statuses(difference)[1] is not Status.FAIL, -entry.event.severity.rank, entry.item
