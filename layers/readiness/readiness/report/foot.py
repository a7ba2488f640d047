"""The foot of a report on the terminal: the counts, what is missing until it is complete, and what to type next."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from readiness.alerts.words import counted
from readiness.aws.time import minute
from readiness.facts.recorded.attested import RECORDS
from readiness.model import Omission, Severity, Status
from readiness.printable import line, quoted
from readiness.report.content import TableReport
from readiness.report.items import Kind, kind_of_item, severity_of, unconfigured, worst_first

DEFAULTS = "built-in defaults"
"""The `checklist` of a report without a checklist file."""

CALLED = {
    Kind.FAIL: "fail",
    Kind.NOT_RECORDED: "not recorded",
    Kind.UNKNOWN: "unknown",
    Kind.WAIVED: "waived",
    Kind.PASS: "pass",
    Kind.NOT_CONFIGURED: "not configured",
    Kind.NOT_APPLICABLE: "not applicable",
}

MOST_ITEMS = 3
"""The items that are listed; of more, the number."""

ALARMS = (
    "alarms-wired/throttling",
    "alarms-wired/index-throttling",
    "alarms-wired/user-errors",
    "alarms-wired/read-spikes",
    "alarms-wired/write-spikes",
    "write-failures-audited/alarmed",
)
"""The checks whose failures `readiness alarms --write` corrects with an alarm."""

WRITE_ALARMS = "readiness alarms --write alarms.yaml"

SETTINGS = re.compile(r"(.+) (?:is|are) not configured in the checklist")

MANIFEST = re.compile(r"readiness manifest \S+")

ALONE = re.compile("readiness (explain|init) ")
"""The commands that take no options of a table, or have them."""

Step = tuple[str, str]
"""A command, and what it does."""


def counts(table: TableReport) -> str:
    """Return the items by what their lines say, such as `3 fail (1 critical, 2 high), 8 pass`."""
    kinds = Counter(map(kind_of_item, table.rules))
    severities = {Kind.FAIL: f" ({_severities(table)})"}
    ordered = (Kind.FAIL, Kind.NOT_RECORDED, Kind.UNKNOWN, Kind.WAIVED, Kind.WARN, *list(Kind)[Kind.PASS :])
    return ", ".join(f"{number_of(kind, kinds[kind])}{severities.get(kind, '')}" for kind in ordered if kinds[kind])


def unmet(table: TableReport) -> str:
    """Return the items that are not met, such as `Fail: 1.4; not recorded: 3.4, 5.1`; empty if there are none."""
    items: dict[Kind, list[str]] = {}
    for rule in table.rules:
        items.setdefault(kind_of_item(rule), []).append(rule.item)
    kinds = (Kind.FAIL, Kind.NOT_RECORDED, Kind.UNKNOWN, Kind.NOT_CONFIGURED)
    text = "; ".join(f"{CALLED[kind]}: {', '.join(items[kind])}" for kind in kinds if kind in items)
    return text[:1].upper() + text[1:]


def number_of(kind: Kind, number: int) -> str:
    """Return the number of items or findings of a kind, such as `2 warnings`, `3 not recorded`."""
    return counted(number, "warning") if kind is Kind.WARN else f"{number} {CALLED[kind]}"


def lacking(table: TableReport) -> Iterator[str]:
    """Yield what is missing until the checklist is complete, beside what the lines of its items say."""
    for lack, items in by_lack(table).items():
        if lack in set(Status) or SETTINGS.fullmatch(lack):
            continue
        if lack == "no owner":
            yield f"{_listed(items)} without owner"
        elif items == [""]:
            yield lack
        else:
            yield f"{_listed(items)}{':' if len(items) <= MOST_ITEMS else ''} {lack}"


def by_lack(table: TableReport) -> dict[str, list[str]]:
    """Return what is missing with the items that lack it; the item is empty for what the whole table lacks."""
    found: dict[str, list[str]] = {}
    for entry in table.incomplete:
        item, _, lack = entry.rpartition(": ")
        found.setdefault(lack, []).append(item)
    return found


def summary(table: TableReport) -> str:
    """Return the counts, what is missing, and which checklist judged."""
    lacks = "; ".join(map(line, lacking(table)))  # one may name a row, which somebody else can have written
    complete = "Complete." if table.complete else f"Not complete{f': {lacks}' if lacks else ''}."
    return f"{counts(table)}. {complete} {judged(table)}"


def judged(table: TableReport) -> str:
    """Return what judged: the checklist file, the defaults, or the facts of a snapshot file."""
    if table.snapshot:
        return f"Judged offline from {line(table.snapshot)}, taken {minute(table.observed_at)}"
    return f"Judged by {'the ' if table.checklist == DEFAULTS else ''}{line(table.checklist)}"


def not_configured(table: TableReport) -> str:
    """Return the settings that nobody has configured, once, and the command that fills them in; else nothing."""
    found = [SETTINGS.fullmatch(message) for message in unconfigured(table.rules)]
    settings = dict.fromkeys(name for each in found if each for name in each[1].split(" and "))
    if not settings:
        return ""
    return f"Not configured: {', '.join(settings)}. `readiness init` writes a checklist with them"


def steps(table: TableReport, selected: str, *, verbose: bool) -> list[Step]:
    """Return what to type next. `selected` are the options that select the table, such as `--table orders`."""
    ordered = worst_first(table.rules)
    kinds = {rule.item: kind_of_item(rule) for rule in ordered}
    found: list[Step] = []
    if failing := [item for item, kind in kinds.items() if kind is Kind.FAIL]:
        found.append((f"readiness fix {failing[0]}", "show the change; --apply makes it"))
    if alarms := missing_alarms(table):
        found.append((WRITE_ALARMS, f"a template of the {counted(alarms, 'alarm')} missing"))
    found += _records(table)
    if table.checklist == DEFAULTS:
        found.append((f"readiness init --table {quoted(table.table)}", "write a checklist file"))
    if unknown := [item for item, kind in kinds.items() if kind is Kind.UNKNOWN]:
        found.append((f"readiness explain {unknown[0]}", "what is checked, and permissions"))
    if table.complete and table.signoff is None:
        found.append(("readiness sign", "sign off the complete checklist"))
    if not verbose and any(not kind.quiet for kind in kinds.values()):
        offline = f" --snapshot {quoted(table.snapshot)}" if table.snapshot else ""
        found.append((f"readiness check -v{offline}", "every finding, evidence, remedy"))
    more = f" {selected}" if selected else ""
    return [(command if ALONE.match(command) else f"{command}{more}", about) for command, about in found]


def missing_alarms(table: TableReport) -> int:
    """Return the number of alarms that a template can add."""
    return sum(
        finding.status is Status.FAIL and lacks_alarm(f"{rule.id}/{finding.check}", finding.evidence)
        for rule in table.rules
        for finding in rule.findings
    )


def lacks_alarm(check: str, evidence: Mapping[str, Any]) -> bool:
    """Return True if the failure of the check says that there is no alarm, and not that one reaches nobody.

    The evidence then has the `Metrics` of a new alarm, or an empty text as the names of `Alarms`.
    """
    return check in ALARMS and (not evidence or "Metrics" in evidence or evidence.get("Alarms") == "")


def selection(table: str, config: str) -> str:
    """Return the options that select the table, quoted for a shell; an empty value needs no option."""
    options = [("--table", table), ("--config", config)]
    return " ".join(f"{option} {quoted(value)}" for option, value in options if value)


def _records(table: TableReport) -> list[Step]:
    """Return the commands that record what is not recorded, each with the items that wait for it."""
    items: dict[str, list[str]] = {}
    for rule in table.rules:
        for finding in rule.findings:
            if finding.reason == Omission.NOT_RECORDED and (typed := _recording(rule.id, finding.remediation)):
                items.setdefault(typed, []).append(rule.item)
    return [(command, f"record it, for {', '.join(dict.fromkeys(waiting))}") for command, waiting in items.items()]


def _recording(rule: str, remediation: str) -> str:
    """Return the command that records what the rule lacks; empty if it is a setting of the checklist."""
    if rule in RECORDS:
        return f"readiness attest {rule}"
    manifest = MANIFEST.search(remediation)
    return f"{manifest[0]} --record" if manifest else ""


def _severities(table: TableReport) -> str:
    failing = Counter(severity_of(rule) for rule in table.rules if kind_of_item(rule) is Kind.FAIL)
    ordered = sorted(Severity, key=lambda severity: -severity.rank)
    return ", ".join(f"{failing[severity]} {severity.lower()}" for severity in ordered if failing[severity])


def _listed(items: list[str]) -> str:
    return ", ".join(items) if len(items) <= MOST_ITEMS else f"{len(items)} items"
