"""The report as one HTML file: what a browser, a screen reader, a printer and a program find in it."""

import os
import re
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from readiness.model import Status
from readiness.report import as_html
from readiness.report.content import (
    AcknowledgementLine,
    ControlLine,
    FindingLine,
    Report,
    TableReport,
    VoidLine,
    WaiverLine,
)
from readiness.report.html import strip
from readiness.report.timeline import DAYS, Basis, Row, Timeline
from tests.report.pages import HISTORY, REPORT, TIMELINES, WHOLE, drawn, drift, on, run
from tests.report.samples import BAD, GOOD, MISSING, NOW, finding
from tests.report.tree import Node, tree

GOLDEN = Path(__file__).parent / "golden" / "page.outline"
SHEET = as_html.SHEET.read_text()
HOSTILE = (
    pytest.param("<script>alert(1)</script>", id="markup"),
    pytest.param("\"><img src=https://evil.example onerror='alert(1)'>", id="the end of an attribute"),
    pytest.param("</style></script></title><!--<svg/onload=alert(1)>", id="the end of a style"),
    pytest.param("{0} {tables} {{x}} %s &amp; &#60;b&#62;", id="a template"),
    pytest.param("a\x00b\x1b[31m\r\nc\u202ed\u2066e\u2028f\ud800g", id="control characters"),
    pytest.param("n" * 2048, id="a long name"),
)


@cache
def page() -> Node:
    return tree(as_html.render(REPORT, TIMELINES))


def offline(*tables: TableReport) -> Node:
    """The page of tables whose rows were not read, such as those of a snapshot."""
    return tree(as_html.render(Report(tables), {}))


def shown(table: TableReport, timeline: Timeline = HISTORY) -> Node:
    return tree(as_html.render(Report((table,)), {table.table: timeline}))


def outline(node: Node) -> list[str]:
    """The landmarks, headings and table headers, as a screen reader lists them."""
    lines = []
    for each in node:
        if each.tag in {"header", "nav", "main", "footer"}:
            lines.append(each.tag)
        elif re.fullmatch("h[1-6]", each.tag):
            level = int(each.tag[1])
            lines.append(f"{'  ' * level}{each.tag} {each.text}")
        elif each.tag == "thead":
            lines.append(f"{' ' * 10}table {' | '.join(header.text for header in each.all('th'))}")
    return lines


def test_golden_outline_is_as_it_was_approved() -> None:
    text = "\n".join(outline(page())) + "\n"
    if os.environ.get("READINESS_GOLDEN") == "write":
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def test_headings_are_in_order_and_ids_are_unique() -> None:
    several = offline(GOOD, BAD, MISSING)
    for each in (page(), several):
        levels = [int(node.tag[1]) for node in each if re.fullmatch("h[1-6]", node.tag)]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))
        ids = [node.attributes["id"] for node in each.all(id="*")]
        assert len(ids) == len(set(ids))
        inner = [node.attributes["href"][1:] for node in each.all("a") if node.attributes["href"].startswith("#")]
        named = [node.attributes["aria-labelledby"] for node in each.all(aria_labelledby="*")]
        assert inner
        assert {*inner, *named} <= set(ids)
        assert all(header.attributes["scope"] in {"row", "col"} for header in each.all("th"))
        assert (each.one("html").attributes["lang"], len(each.all("main"))) == ("en", 1)


def test_a_program_reads_every_finding_back() -> None:
    for table in (WHOLE, BAD, MISSING):
        section = offline(table).one("section", data_table=table.table)
        assert section.attributes["data-status"] == table.status
        assert (section.attributes["data-account"], section.attributes["data-region"]) == (table.account, table.region)
        expected, found = [], []
        for rule in (*table.rules, *table.monitor):
            item = section.one("section", data_rule=rule.id)
            assert (item.attributes["data-item"], item.attributes["data-status"]) == (rule.item, rule.status)
            expected += [(f"{rule.id}/{each.check}", each.resource, each.status) for each in rule.findings]
            found += [
                tuple(node.attributes[f"data-{name}"] for name in ("check", "resource", "status"))
                for node in item.all(data_check="*")
            ]
        assert sorted(found) == sorted(expected)


def test_the_head_says_what_was_checked_and_what_is_missing() -> None:
    text = page().text
    for said in (
        "Account 123456789012",
        "Region us-east-1",
        "Observed 2026-11-24 03:00:00 UTC",
        "7 of 14 items pass or do not apply",
        "The checklist is not complete:",
        "no owner: 5.1",
        "Signed by li@example.com on 2026-10-25 03:00 UTC, results changed since: pitr-enabled/on",
        "Judged by ./checklist.toml",
    ):
        assert said in text
    assert "The checklist is complete." in shown(replace(GOOD, complete=True, incomplete=())).text


def test_a_finding_has_its_message_evidence_remedy_and_waiver() -> None:
    pitr = page().one("article", data_check="pitr-enabled/on")
    assert "PITR is disabled" in pitr.text
    assert "CRITICAL" in pitr.text
    assert "EarliestRestorableDateTime null PointInTimeRecoveryStatus DISABLED" in pitr.text
    command = pitr.one("pre").text.replace("\\ ", "")
    assert command.startswith("aws dynamodb update-continuous-backups --table-name babesclub-commerce")
    kept = page().one("article", data_check="encryption-kms/on").text
    assert "until 2027-01-31 00:00 UTC by maria: the key moves in January" in kept
    assert "dynamodb:DescribeTimeToLive" in page().one("article", data_check="ttl-enabled/on").text


@pytest.mark.parametrize("status", [Status.PASS, Status.FAIL])
def test_a_finding_that_rests_on_an_earlier_response_says_when_it_was_read(status: Status) -> None:
    found = replace(finding("on", status, "it was read"), as_of=NOW)
    for line, said in ((found, "As of 2026-11-24 03:00 UTC"), (replace(found, as_of=None), "")):
        rule = replace(GOOD.rules[0], findings=(line,))
        text = " ".join(shown(replace(GOOD, rules=(rule,))).text.split())
        assert said in text
        assert ("As of" in text) is bool(said)


def test_an_item_has_its_owner_its_age_and_what_people_said() -> None:
    assert "Owner no owner" in page().one("section", data_rule="restore-drilled").text
    assert "Since 2026-11-24 02:00 UTC (1 h 0 min)" in page().one("section", data_rule="pitr-enabled").text
    attested = "attested until 2027-02-02 03:00 UTC, by li@example.com: 2,000 requests a second"
    assert attested in page().one("section", data_rule="load-tested").text
    ack = AcknowledgementLine("ada", NOW, "ticket 7")
    text = shown(with_finding(replace(finding("mode", Status.FAIL, "x"), acknowledgement=ack))).text
    assert "by ada on 2026-11-24 03:00 UTC: ticket 7" in text


def test_an_item_and_each_finding_name_the_controls_that_they_answer_for() -> None:
    recovery = "AWS Security Hub DynamoDB.2; AWS Config dynamodb-pitr-enabled; AWS Well-Architected REL09 (related)"
    item = page().one("section", data_rule="pitr-enabled")
    assert f"Controls {recovery}; AWS Security Hub DynamoDB.6 (related) Reference" in item.text
    assert f"Controls {recovery}" in item.one("article", data_check="pitr-enabled/on").text
    assert "Controls: AWS Security Hub DynamoDB.2" in item.one("tr", data_check="pitr-enabled/togglers").text


def test_findings_that_need_nothing_open_on_request_and_the_others_are_shown() -> None:
    for closed in page().all("details"):
        assert {each.attributes["data-status"] for each in closed.all(data_check="*")} <= {"PASS", "NOT_APPLICABLE"}
    assert {each.attributes["data-status"] for each in page().all("article")} == {"FAIL", "UNKNOWN", "WARN"}


def test_the_health_of_the_monitor_and_void_records_are_shown_apart() -> None:
    void = VoidLine("WAIVER", "pitr-enabled/on", "maria", NOW)
    text = shown(replace(GOOD, monitor=(replace(GOOD.rules[0], id="own"),), void=(void,))).text
    assert "The monitor itself" in text
    assert "Void (recorded for another table): WAIVER pitr-enabled/on, by maria" in text


def test_a_table_that_does_not_exist_is_said_to_with_those_that_do() -> None:
    text = offline(MISSING).text
    assert "The table does not exist in this account and Region." in text
    assert "babesclub-commerce, babesclub-staging, orders." in text


def test_several_tables_are_in_one_file_with_links_to_each() -> None:
    both = offline(GOOD, replace(BAD, table="orders"))
    assert [each.attributes["data-table"] for each in both.all(data_table="*")] == [GOOD.table, "orders"]
    assert [each.text for each in both.one("nav").all("a")] == [GOOD.table, "orders"]
    assert page().all("nav") == []


def test_each_day_has_a_letter_a_text_and_its_status() -> None:
    strip = page().one("li", data_timeline="pitr-enabled")
    days = strip.all("span", data_day="*")
    assert len(days) == DAYS
    fails = [each for each in days if each.attributes["data-status"] == "FAIL"]
    assert [(each.attributes["data-day"], each.text) for each in fails] == [
        ("2026-11-15", "F"),
        ("2026-11-16", "F"),
        ("2026-11-24", "F"),
    ]
    assert fails[0].attributes["title"].startswith("2026-11-15: FAIL in all 2 runs; 1 change recorded")
    assert {each.text for each in days if each.attributes["data-status"] == "NO_RUN"} == {"\u25cb"}
    label = strip.one("div", role="img").attributes["aria-label"]
    assert label.startswith("1.4 PITR: FAIL 3 days, PASS 21 days, no run 6 days, no record 60 days; FAIL 2026-11-24")


def test_the_text_of_a_timeline_says_in_how_many_runs() -> None:
    rows = [run(on(2, hour), {"pitr-enabled": "FAIL"} if hour == 5 else {}) for hour in range(10)]
    text = shown(WHOLE, drawn(*rows)).one("section", data_rule="pitr-enabled").text
    assert "FAIL 2026-11-22 (1 of 10 runs);" in text


def test_every_day_that_can_be_shown_is_in_the_legend() -> None:
    letters = {each.text for each in page().one("ul", aria_label="Legend").all("span")}
    assert letters == set(strip.SYMBOLS.values())
    assert set(strip.SYMBOLS) == {*Status, *Basis} - {Basis.RUNS}


def test_the_timeline_says_what_it_is_made_of() -> None:
    text = page().one("div", **{"class": "timeline"}).text
    assert "These are records, not proof: whoever can write to the table can write, change or delete them." in text
    assert "48 runs and 10 changes are recorded." in text
    assert strip.NONE in shown(WHOLE, drawn()).text


def test_what_the_timeline_leaves_out_is_named() -> None:
    rows: list[tuple[str, Row]] = [(f"RUN#{number}", {}) for number in range(5)]
    text = shown(WHOLE, drawn(*rows, run(on(1), {}, tableId="former"))).text
    assert "not in the format of Readiness or lie in the future: RUN#0, RUN#1, RUN#2 and 2 more." in text
    assert "Not shown: 1 record of a former table of this name." in text


@pytest.mark.parametrize("why", ["access was denied (dynamodb:Query)", ""])
def test_a_report_without_records_says_why_and_has_everything_else(why: str) -> None:
    text = shown(WHOLE, Timeline(why=why)).text if why else offline(WHOLE).text
    assert f"There is no timeline: {why or 'a snapshot file has no records of earlier runs'}." in text
    assert "PITR is disabled" in text


def test_the_changes_of_an_item_are_listed_with_who_made_them() -> None:
    changes = page().one("section", data_rule="ttl-enabled").one("details", **{"class": "changes"}).text
    assert "2 recorded changes in the last 90 days" in changes
    assert "RECOVERED ttl-enabled/on babesclub-commerce: FAIL -> PASS or not present, by maria@example.com" in changes
    many = [drift(on(2, 1, minute), "pitr-enabled/on", None, "FAIL") for minute in range(30)]
    text = shown(WHOLE, drawn(*many)).text
    assert "and 10 more: readiness history" in text


def everywhere(text: str) -> tuple[TableReport, Timeline]:
    """A table all of whose texts somebody else has chosen."""
    line = replace(
        finding("mode", Status.FAIL, text, fix=text),
        resource=text,
        evidence={text: {text: [text, None]}},
        permission=text,
        waiver=WaiverLine(text, text, NOW),
        acknowledgement=AcknowledgementLine(text, NOW, text),
        controls=(ControlLine(text, text, related=True),),
    )
    rule = replace(WHOLE.rules[0], findings=(line, replace(line, status=Status.PASS)), owner=text, reference=text)
    said = {"table": text, "account": text, "region": text, "table_id": text, "checklist": text, "runbook": text}
    change = drift(on(1), "billing-on-demand/mode", None, "FAIL", actor={"who": text})
    change[1]["after"][text] = {"status": text, "watched": {text: text}}
    void = VoidLine(text, text, text, NOW)
    table = replace(WHOLE, rules=(rule,), monitor=(replace(rule, id="own"),), incomplete=(text,), void=(void,), **said)
    timeline = replace(drawn(change, ("RUN#" + text, {})), why="")
    return table, timeline


@pytest.mark.parametrize("text", HOSTILE)
def test_text_of_others_stays_text(text: str) -> None:
    table, timeline = everywhere(text)
    html = as_html.render(Report((table, table)), {table.table: timeline})
    root = tree(html)
    assert {each.tag for each in root} <= {each.tag for each in page()} | {"nav"}
    assert not [name for each in root for name in each.attributes if name.startswith("on")]
    assert all(each.isprintable() or each == "\n" for each in html)
    html.encode()
    said = " ".join(re.sub(r"[\x00-\x1f\x7f\u2028\u202e\u2066\ud800]", " ", text).split())
    assert said in root.text
    assert {each.attributes["data-resource"] for each in root.all(data_check="*")} == {
        "".join(each if each.isprintable() else " " for each in text)
    }


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example"]
)
def test_an_address_that_is_not_one_of_the_web_is_no_link(address: str) -> None:
    root = shown(replace(WHOLE, runbook=address))
    assert f"Runbook {address}" in root.text
    assert address not in {each.attributes["href"] for each in root.all("a")}


def test_nothing_is_loaded_and_nothing_runs() -> None:
    html = as_html.render(REPORT, TIMELINES)
    root = page()
    policy = root.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';")
    assert not root.all("script") + root.all("link") + root.all("img") + root.all("iframe") + root.all("form")
    loading = {"src", "srcset", "background", "poster", "data", "action", "style"}
    assert not [name for each in root for name in each.attributes if name in loading]
    assert not re.search(r"url\(|@import|@font-face|image-set", html)
    assert {each.attributes["rel"] for each in root.all("a") if not each.attributes["href"].startswith("#")} == {
        "noopener noreferrer"
    }


def test_text_has_enough_contrast_in_both_themes() -> None:
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w{6})", block)) for block in SHEET.split("@media", 2)[:2])
    pairs = [(ink, paper) for ink in ("ink", "dim", "link") for paper in ("page", "panel")]
    pairs += [(tone, "page") for tone in ("fail", "warn", "unknown", "pass", "recorded")]
    pairs += [("on", "fail"), ("on", "unknown"), ("pass", "pass-tint"), ("warn", "warn-tint")]
    for theme in (light, dark):
        poor = [(ink, paper) for ink, paper in pairs if contrast(theme[ink], theme[paper]) < 4.5]
        assert poor == []


def test_every_class_has_a_style_or_is_one_of_a_tone() -> None:
    used = {name for each in page() for name in each.attributes.get("class", "").split()}
    styled = set(re.findall(r"\.([a-z][\w-]*)", SHEET))
    assert used - styled <= {"no-run", "no-record", "not-evaluated"}


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio."""
    darker, lighter = sorted(map(_luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    values = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in values)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def with_finding(line: FindingLine) -> TableReport:
    """A table whose first item has this finding alone."""
    return replace(WHOLE, rules=(replace(WHOLE.rules[0], findings=(line,)), *WHOLE.rules[1:]))


def test_an_item_without_findings_is_shown() -> None:
    rule = replace(GOOD.rules[0], status=Status.UNKNOWN, unwaived=Status.UNKNOWN, findings=())
    drawn_page = as_html.render(Report((replace(GOOD, rules=(rule,)),)), {})
    assert 'data-status="UNKNOWN"' in drawn_page
