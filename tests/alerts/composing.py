"""Messages and changes that the tests of several modules use."""

from readiness.alerts import compose as alert
from readiness.alerts.alert import Alert, AlertEntry
from readiness.model import Message, Severity, Status, Verdict
from readiness.state.drift import Difference, EventKind
from tests.alerts.samples import TABLE, difference, event, known, reported, ttl


def composed(what: Alert) -> Message:
    """The message there must be."""
    message = alert.compose(what)
    assert message is not None
    return message


def low(kind: EventKind, found: str = "time to live is off") -> AlertEntry:
    """A change of a check that hardly matters."""
    return ttl(event(kind, "ttl-enabled/on", difference(None, known(Status.FAIL)), severity=Severity.LOW), found)


def switched(moved: Difference | None = None, kind: EventKind = EventKind.REGRESSED) -> AlertEntry:
    """A change that the rule has words of its own for."""
    verdict = Verdict(Status.FAIL, "recovery is off", subject="recovery was switched off")
    what = event(kind, "pitr-enabled/on", moved or difference(None, known(Status.FAIL)))
    return reported(what, {TABLE: verdict})
