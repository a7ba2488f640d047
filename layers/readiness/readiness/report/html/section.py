"""The section of one table: its head, a table of its items, their timelines, and the findings of each item."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from markupsafe import Markup

from readiness.alerts.words import counted
from readiness.aws.arn import is_table, short
from readiness.aws.command import lines
from readiness.aws.time import lasted, minute, second
from readiness.model import Status
from readiness.printable import clip, printable
from readiness.report import foot
from readiness.report.as_text import signoff_text, void_text
from readiness.report.content import FindingLine, RuleLine, TableReport
from readiness.report.controls import control_list
from readiness.report.html import strip
from readiness.report.html.element import element, joined, link, pairs, pill, tone, verbatim
from readiness.report.items import Kind, groups, kind_of, kind_of_item, quiet_text
from readiness.report.timeline import DAYS, Timeline

EVIDENCE = 2_000
"""Characters of one value of evidence. The report as JSON has all of them."""

HEADLINE = 240
"""Characters of the finding that represents an item."""

COMMAND = 96
"""Columns of a command."""

TABLE = """\
<section class="table" id="{id}" aria-labelledby="{id}-name" data-table="{table}" data-account="{account}" \
data-region="{region}" data-status="{status}">
{head}
<h3>Items</h3>
{overview}
<div class="timeline">
<h3>Last {days} days</h3>
{strips}</div>
<h3>Findings</h3>
{items}{monitor}{void}</section>
"""

HEAD = """\
<h2 id="{id}-name">{name} {pill}</h2>
{missing}<div class="head">{facts}</div>
<p class="score"><b>{score}</b> {counts}</p>
{incomplete}"""

OVERVIEW = """\
<table class="overview">
<thead><tr><th scope="col">Item</th><th scope="col">Status</th><th scope="col" class="wide">Since</th>\
<th scope="col" class="wide">Owner</th><th scope="col">Finding</th></tr></thead>
<tbody>
{}</tbody>
</table>"""

OVERVIEW_ROW = """\
<tr class="{tone}"><th scope="row"><a href="#{id}">{item} {title}</a></th><td>{pill}</td><td class="wide">{since}</td>\
<td class="wide">{owner}</td><td>{finding}</td></tr>
"""

ITEM = """\
<section class="item {tone}" id="{id}" aria-labelledby="{id}-name" data-rule="{rule}" data-item="{item}" \
data-status="{status}">
<h4 id="{id}-name">{item} {title} {pill}</h4>
{facts}{findings}{quiet}{changes}</section>
"""

FINDING = """\
<article class="finding {tone}" {address}>
<h5>{pill} {check}{place} <span class="severity">{severity}</span></h5>
<p>{message}</p>
{details}{remedy}</article>
"""

QUIET = """\
<details>
<summary>Findings that pass or do not apply: {number}</summary>
<table>
<thead><tr><th scope="col">Status</th><th scope="col">Check</th><th scope="col">Finding</th>\
<th scope="col">Resource</th></tr></thead>
<tbody>
{rows}</tbody>
</table>
</details>
"""

SCORED = frozenset({Status.PASS, Status.NOT_APPLICABLE})
"""The statuses of the items that the score counts."""

Anchors = Mapping[str, str]
"""The id of the section of each item, by rule id."""


def anchor(number: int) -> str:
    """Return the id of the section of the table with that number, from 0 on."""
    return f"table-{number + 1}"


def table_section(table: TableReport, timeline: Timeline, number: int) -> Markup:
    """Return the section of the table, which is the `number`th of the report from 0 on."""
    name = anchor(number)
    anchors = {rule.id: f"{name}-item-{count}" for count, rule in enumerate(chain(table.rules, table.monitor), 1)}
    return element(
        TABLE,
        id=name,
        table=verbatim(table.table),
        account=verbatim(table.account),
        region=verbatim(table.region),
        status=table.status,
        head=_head(table, name),
        overview=_overview(table, anchors),
        days=DAYS,
        strips=strip.strips(table, timeline, anchors),
        items=joined(_item(rule, table, timeline, anchors) for rule in table.rules),
        monitor=_monitor(table, timeline, anchors),
        void=_void(table),
    )


def _head(table: TableReport, name: str) -> Markup:
    passing = sum(rule.status in SCORED for rule in table.rules)
    facts = [
        ("Account", table.account),
        ("Region", table.region),
        ("Observed", second(table.observed_at)),
        ("TableId", table.table_id or "not read"),
        ("Checklist", f"{foot.judged(table)} (digest {table.checklist_digest})"),
        ("Sign-off", signoff_text(table.signoff) if table.signoff else "none"),
        ("Runbook", link(table.runbook, table.runbook) if table.runbook else ""),
    ]
    return element(
        HEAD,
        id=name,
        name=printable(table.table),
        pill=pill(table.status, Kind[table.status]),
        missing="" if table.exists else _missing(table),
        facts=pairs(facts),
        score=f"{passing} of {counted(len(table.rules), 'item')} pass or do not apply",
        counts=foot.counts(table),
        incomplete=_incomplete(table),
    )


def _missing(table: TableReport) -> Markup:
    names = ", ".join(map(printable, table.existing_tables)) or "none, or they cannot be listed (dynamodb:ListTables)"
    text = "The table does not exist in this account and Region. Tables there, the nearest first:"
    return element('<p class="note">{} {}.</p>', text, names)


def _incomplete(table: TableReport) -> Markup:
    """Return what is missing until the checklist is complete, each with the items that lack it."""
    if table.complete:
        return element('<p class="note">The checklist is complete.</p>\n')
    lacks = (
        element("<li>{}{}</li>", lack, f": {named}" if (named := ", ".join(filter(None, items))) else "")
        for lack, items in foot.by_lack(table).items()
    )
    return element('<div class="note"><p>The checklist is not complete:</p><ul>{}</ul></div>\n', joined(lacks))


def _overview(table: TableReport, anchors: Anchors) -> Markup:
    rows = (
        element(
            OVERVIEW_ROW,
            tone=tone(kind_of_item(rule)),
            id=anchors[rule.id],
            item=rule.item,
            title=rule.title,
            pill=pill(rule.status, kind_of_item(rule)),
            since=minute(rule.since) if rule.since else "-",
            owner=printable(rule.owner or "no owner"),
            finding=clip(_headline(rule), HEADLINE),
        )
        for rule in table.rules
    )
    return element(OVERVIEW, joined(rows))


def _headline(rule: RuleLine) -> str:
    """Return the worst finding of the item, and the number of the others that someone has to look at."""
    found = groups(rule)
    if kind_of_item(rule).quiet or not found:
        return quiet_text(rule)
    return f"{found[0].text}{f', and {len(found) - 1} more' if len(found) > 1 else ''}"


def _monitor(table: TableReport, timeline: Timeline, anchors: Anchors) -> Markup:
    if not table.monitor:
        return Markup()
    items = joined(_item(rule, table, timeline, anchors) for rule in table.monitor)
    return element("<h3>The monitor itself</h3>\n{}", items)


def _void(table: TableReport) -> Markup:
    if not table.void:
        return Markup()
    records = joined(element("<li>{}</li>", void_text(each)) for each in table.void)
    return element("<h3>Void records</h3>\n<ul>{}</ul>\n", records)


def _item(rule: RuleLine, table: TableReport, timeline: Timeline, anchors: Anchors) -> Markup:
    name = anchors[rule.id]
    kind = kind_of_item(rule)
    past = timeline.items.get(rule.id)
    loud = [each for each in rule.findings if not kind_of(each).quiet]
    quiet = [each for each in rule.findings if kind_of(each).quiet]
    return element(
        ITEM,
        tone=tone(kind),
        id=name,
        rule=verbatim(rule.id),
        item=rule.item,
        title=rule.title,
        status=rule.status,
        pill=pill(rule.status, kind),
        facts=pairs(_facts(rule, table.observed_at, strip.summary(past) if past else "")),
        findings=joined(_finding(rule, each) for each in sorted(loud, key=kind_of)),
        quiet=_quiet(rule, quiet),
        changes=strip.changes(past) if past else "",
    )


def _facts(rule: RuleLine, at: datetime, days: str) -> Iterator[tuple[str, Any]]:
    yield "Rule", rule.id
    yield "Owner", rule.owner or "no owner"
    yield "Since", f"{minute(rule.since)} ({lasted(at - rule.since)})" if rule.since else ""
    yield "Last 90 days", days
    for each in rule.attestations[:1]:
        ends = "attested until" if each.status == "VALID" else "attestation expired on"
        yield "Attested", f"{ends} {minute(each.until)}, by {each.by}: {clip(each.evidence, EVIDENCE)}"
    yield "Controls", control_list(dict.fromkeys(control for each in rule.findings for control in each.controls))
    yield "Reference", link(rule.reference, rule.reference)


def _address(rule: RuleLine, finding: FindingLine) -> Markup:
    """Return the attributes by which a program finds the finding."""
    return element(
        'data-check="{}" data-resource="{}" data-status="{}"{}',
        verbatim(f"{rule.id}/{finding.check}"),
        verbatim(finding.resource),
        finding.status,
        Markup(' data-waived="true"') if kind_of(finding) is Kind.WAIVED else "",
    )


def _finding(rule: RuleLine, finding: FindingLine) -> Markup:
    kind = kind_of(finding)
    return element(
        FINDING,
        tone=tone(kind),
        address=_address(rule, finding),
        pill=pill(finding.status, kind),
        check=f"{rule.id}/{finding.check}",
        place="" if is_table(finding.resource) else f": {short(finding.resource)}",
        severity="" if finding.status is Status.UNKNOWN else finding.severity,
        message=finding.message,
        details=pairs(_details(finding)),
        remedy=_remedy(finding.remediation) if finding.remediation else "",
    )


def _details(finding: FindingLine) -> Iterator[tuple[str, Any]]:
    yield "Resource", finding.resource
    yield "Evidence", _evidence(finding.evidence)
    yield "As of", minute(finding.as_of) if finding.as_of else ""
    yield "Permission", finding.permission
    yield "Controls", control_list(finding.controls)
    if waiver := finding.waiver:
        soon = "" if waiver.announced else " (takes effect with the next run, which announces it)"
        yield "Waiver", f"until {minute(waiver.until)} by {waiver.by}: {waiver.reason}{soon}"
    if ack := finding.acknowledgement:
        yield "Acknowledged", f"by {ack.by} on {minute(ack.at)}{f': {ack.note}' if ack.note else ''}"


def _evidence(evidence: Mapping[str, Any]) -> Markup:
    if not evidence:
        return Markup()
    values = joined(element("<li>{} <b>{}</b></li>", name, _value(evidence[name])) for name in sorted(evidence))
    return element('<ul class="evidence">{}</ul>', values)


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, sort_keys=True, ensure_ascii=False)
    return clip(text, EVIDENCE)


def _remedy(command: str) -> Markup:
    shown = Markup("\n").join(map(verbatim, lines(command, COMMAND)))
    return element('<div class="remedy"><p>Remedy</p><pre tabindex="0">{}</pre></div>\n', shown)


def _quiet(rule: RuleLine, findings: Sequence[FindingLine]) -> Markup:
    """Return the findings that need nothing, which open on request."""
    if not findings:
        return Markup()
    rows = (
        element(
            "<tr {}><td>{}</td><td>{}</td><td>{}{}{}</td><td>{}</td></tr>\n",
            _address(rule, each),
            pill(each.status, kind_of(each)),
            each.check,
            each.message,
            element('<p class="remark">As of {}</p>', minute(each.as_of)) if each.as_of else "",
            element('<p class="remark">Controls: {}</p>', control_list(each.controls)) if each.controls else "",
            each.resource,
        )
        for each in findings
    )
    return element(QUIET, number=len(findings), rows=joined(rows))
