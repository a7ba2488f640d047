"""The text of a table's first alert: the status of every item, and what to type."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from textwrap import wrap

from readiness.alerts.alert import Alert, AlertEntry
from readiness.alerts.phrase import named
from readiness.alerts.rows import Parts, closing, labelled, links, own, sentence, unbroken
from readiness.aws.time import minute
from readiness.engine.rule import MONITOR
from readiness.model import Status
from readiness.printable import clip, line, printable, quoted

LABEL, ITEM, TITLE, MESSAGE = 18, 5, 24, 42
COMMAND = 70
MOST = 12

GROUPS = {
    Status.UNKNOWN: "Unknown",
    Status.WARN: "Warning",
    Status.PASS: "Pass",
    Status.NOT_APPLICABLE: "Not applicable",
}


def started(alert: Alert) -> Parts:
    """Return the text of a table's first alert."""
    place, counts = alert.place, alert.first or {}
    failing = counts.get(Status.FAIL, 0) - alert.unrecorded
    monitor = [entry for entry in alert.failing if entry.item == MONITOR]
    worst = next(iter(alert.failing), None)
    blocks = [
        [
            *_labelled(f"Fail ({failing})", _failures([entry for entry in alert.failing if entry.item != MONITOR])),
            *(_labelled("Monitor", _failures(monitor)) if monitor else []),
            *_labelled(f"Not recorded ({alert.unrecorded})", _missing(alert.missing)),
            *chain.from_iterable(_group(alert, status) for status in GROUPS),
        ],
        [
            f"Next     readiness check --table {quoted(place.table)} -v   shows each finding and its remedy",
            *([f"         {own('fix', worst.event.check, place)}   shows how to fix the worst"] if worst else []),
        ],
    ]
    told = "You receive a message when one of these changes, and none otherwise."
    head = [sentence(f"Monitoring of {place.table} started at {minute(alert.at)}.")]
    return Parts(head, [*blocks, [told]], [links(place), closing(place, (), alert.at)])


def _labelled(label: str, lines: Iterable[str]) -> list[str]:
    """Return the lines with the label before the first; the label alone if there is none."""
    return [each.rstrip() for each in labelled(label, [*lines] or [""], LABEL)]


def _failures(failing: Sequence[AlertEntry]) -> Iterator[str]:
    """Yield a line for each check that fails: item, title, message and severity."""
    for entry in failing[:MOST]:
        bad = [each for each in entry.differences if each.after and each.after.fails]
        found = named(entry, entry.message) if len(bad) == 1 else f"{entry.message}, and {len(bad) - 1} more"
        head, *rest = wrap(printable(found or entry.question), MESSAGE) or [""]
        yield f"{entry.item:<{ITEM}}{entry.title:<{TITLE}}{head:<{MESSAGE + 1}}{entry.event.severity}"
        yield from (f"{'':<{ITEM + TITLE}}{each}" for each in rest)
    if len(failing) > MOST:
        yield f"... and {len(failing) - MOST} more checks"


def _missing(missing: tuple[AlertEntry, ...]) -> Iterator[str]:
    """Yield what is not recorded: the items of each command that records them."""
    items: dict[str, dict[str, None]] = {}
    for entry in missing:
        items.setdefault(_recording(entry), {})[entry.item] = None
    width = max((len(" ".join(each)) for each in items.values()), default=0) + 2
    for command, each in items.items():
        yield f"{' '.join(each):<{width}}{command}"


def _recording(entry: AlertEntry) -> str:
    """Return the command that records it; without its options if it is long; what is missing if there is none."""
    command = unbroken(entry.remedy)
    if len(command) > COMMAND:
        command = f"{command.partition(' --')[0]} ..."
    return command if command and len(command) <= COMMAND else clip(line(entry.message), COMMAND)


def _group(alert: Alert, status: Status) -> Iterator[str]:
    """Yield the line of the items with that status; nothing if there are none, except for UNKNOWN and PASS."""
    number = (alert.first or {}).get(status, 0)
    items = [item for item, each in alert.items.items() if each is status]
    if number or status in {Status.UNKNOWN, Status.PASS}:
        yield f"{f'{GROUPS[status]} ({number})':<{LABEL}}{' '.join(items)}".rstrip()
