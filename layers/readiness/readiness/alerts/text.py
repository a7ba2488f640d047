"""The plain text of an alert. The first two lines alone say what happened, where and who did it.

At most 100 columns, except commands and addresses, which are copied; 30 lines for one change, 40 for several.
"""

from collections.abc import Sequence

from readiness.alerts.alert import Alert, AlertEntry
from readiness.alerts.first import started
from readiness.alerts.note_rows import notes
from readiness.alerts.page import page
from readiness.alerts.rejudged import reevaluated, results
from readiness.alerts.rows import Parts, closing, headlined, links, sentence
from readiness.alerts.several import listed, several
from readiness.alerts.sight import unread
from readiness.alerts.trouble import happened
from readiness.state.drift import EventKind


def body(alert: Alert) -> str:
    """Return the text of an alert."""
    parts = _parts(alert)
    last = [*_consequences(alert), *_retired(alert)]
    blocks = [parts.head, *parts.blocks, *([last] if last else []), *_notes(alert), *parts.reference]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _parts(alert: Alert) -> Parts:
    entries = alert.independent
    if alert.trouble:
        parts = happened(alert, alert.trouble)
        return parts._replace(blocks=[*parts.blocks, *_besides(alert)])
    if alert.first is not None:
        return started(alert)
    if not entries:
        return Parts([headlined(alert)], [], [links(alert.place), closing(alert.place, (), alert.at)])
    return _changes(alert, entries)


def _changes(alert: Alert, entries: Sequence[AlertEntry]) -> Parts:
    """Return the text of changes: those of one kind have a text of their own."""
    kinds = {entry.event.kind for entry in entries}
    if kinds == {EventKind.OBSCURED}:
        return unread(alert, entries)
    if kinds == {EventKind.REJUDGED}:
        return reevaluated(alert, entries)
    if len(entries) == 1:
        return page(alert, entries[0])
    changed = [entry for entry in entries if entry.event.kind is not EventKind.REJUDGED]
    parts = several(alert, changed) if len(changed) > 1 else page(alert, changed[0])
    others = [entry for entry in entries if entry.event.kind is EventKind.REJUDGED]
    return parts._replace(blocks=[*parts.blocks, *([results(alert, others)] if others else [])])


def _besides(alert: Alert) -> list[list[str]]:
    """Return the checks that an alert about the table itself lists."""
    anew = [entry for entry in alert.independent if entry.event.kind is EventKind.REJUDGED]
    others = [entry for entry in alert.independent if entry.event.kind is not EventKind.REJUDGED]
    return [*([listed(alert, others)] if others else []), *([results(alert, anew)] if anew else [])]


def _consequences(alert: Alert) -> list[str]:
    number = len(alert.consequences)
    same = "other check fails" if number == 1 else "other checks fail"
    return [f"{number} {same} for the same reason."] if number else []


def _retired(alert: Alert) -> list[str]:
    return [sentence(f"No longer evaluated: {', '.join(alert.retired)}")] if alert.retired else []


def _notes(alert: Alert) -> list[list[str]]:
    beside = bool(alert.reported or alert.trouble) or alert.first is not None
    return [[note] for note in notes(alert.notes, alert.place.time_zone, beside=beside)]
