"""Reads each format back: the status of each finding, by table, check and resource."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

from markdown_it import MarkdownIt
from markdown_it.token import Token

Key = tuple[str, str, str]
"""The table, the check such as `pitr-enabled/on`, and the resource."""

Read = dict[Key, str]
"""The status of each finding, such as `FAIL`, and `FAIL waived` for one that a waiver covers."""

OWN = "arn:aws:dynamodb:us-east-1:123456789012:table/{}"


def keyed(found: Iterator[tuple[Key, str]]) -> Read:
    """The findings by key, each of which is unique."""
    pairs = list(found)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def from_json(text: str) -> Iterator[tuple[Key, str]]:
    for table in json.loads(text)["tables"]:
        for rule in (*table["rules"], *table["monitor"]):
            for found in rule["findings"]:
                key = (table["table"], f"{rule['id']}/{found['check']}", found["resource"])
                yield key, waived(found["status"], found["waiver"])


def waived(status: str, waiver: object) -> str:
    return f"{status} waived" if waiver and status in {"FAIL", "WARN"} else status


def from_junit(text: str) -> Iterator[tuple[Key, str]]:
    for suite in ET.fromstring(text):  # noqa: S314  our own
        for case in suite.iter("testcase"):
            rule = case.attrib["classname"].removeprefix(f"{suite.attrib['name']}.")
            check, _, resource = case.attrib["name"].partition(" ")
            key = (suite.attrib["name"], f"{rule}/{check}", resource or OWN.format(suite.attrib["name"]))
            results = list(case)
            yield key, junit_status(results[0]) if results else "PASS"


def junit_status(result: ET.Element) -> str:
    status, message = result.attrib["type"], result.attrib["message"]
    assert (result.tag == "failure") is (status == "FAIL" and not message.startswith("FAIL: waived"))
    return waived(status, message.startswith(f"{status}: waived"))


def from_csv(text: str) -> Iterator[tuple[Key, str]]:
    for row in csv.DictReader(io.StringIO(text, newline=""), strict=True):
        key = (row["table"], row["check"], row["resource"].removeprefix("'"))
        yield key, waived(row["status"], row["waiver"])


def from_markdown(text: str) -> Iterator[tuple[Key, str]]:
    table = ""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "inline" and token.content.startswith("Readiness of "):
            table = cell(token).removeprefix("Readiness of ").partition(": ")[0]
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(cell(token))
        elif token.type == "table_close":
            for status, check, _severity, resource, *_ in rows[1:]:
                yield (table, check, resource or OWN.format(table)), status.replace("(waived)", "waived")
            rows = []


def cell(token: Token) -> str:
    return "".join(child.content for child in token.children or ()).replace("\u2060", "")


def from_asff(text: str) -> Iterator[tuple[Key, str]]:
    statuses = {"PASSED": {"PASS"}, "FAILED": {"FAIL"}, "WARNING": {"WARN"}}
    for finding in json.loads(text):
        fields, compliance = finding["ProductFields"], finding["Compliance"]
        key = (fields["readiness/Table"], compliance["SecurityControlId"], finding["Resources"][0]["Id"])
        status = fields["readiness/Status"]
        assert status in statuses.get(compliance["Status"], {"UNKNOWN", "NOT_APPLICABLE"})
        yield key, waived(status, fields.get("readiness/Waiver"))


def from_ocsf(text: str) -> Iterator[tuple[Key, str]]:
    statuses = {"Pass": "PASS", "Fail": "FAIL", "Warning": "WARN", "Unknown": "UNKNOWN"}
    for event in json.loads(text):
        table = event["finding_info"]["uid"].split("/")[3]
        status = statuses.get(event["compliance"]["status"], "NOT_APPLICABLE")
        key = (table, event["compliance"]["control"], event["resources"][0]["uid"])
        yield key, waived(status, event["status"] == "Suppressed")


SYMBOLS = {"x": "FAIL", "-": "FAIL", "?": "UNKNOWN", "~": "waived", "!": "WARN", "+": "PASS", ".": "NOT_APPLICABLE"}


def from_text(text: str) -> Iterator[tuple[Key, str]]:
    """Text has no resource where it is a table, and only tables that exist."""
    table = ""
    key: Key | None = None
    status = ""
    for line in text.splitlines():
        if head := re.match(r"(\S+)   \d{12}   \S+   ", line):
            table = head[1]
        elif found := re.match(r"  (\S) ([a-z-]+/[a-z-]+)(?=  [A-Z]+$|$)", line):
            if key:
                yield key, status
            key, status = (table, found[2], ""), SYMBOLS[found[1]]
        elif key and line.startswith("    Resource  "):
            key = (*key[:2], line.removeprefix("    Resource  "))
    if key:
        yield key, status


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.table = ""
        self.found: list[tuple[Key, str]] = []

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        self.table = named.get("data-table", self.table)
        if "data-check" in named:
            status = f"{named['data-status']}{' waived' if 'data-waived' in named else ''}"
            self.found.append(((self.table, named["data-check"], named["data-resource"]), status))


def from_html(text: str) -> Iterator[tuple[Key, str]]:
    page = _Page()
    page.feed(text)
    page.close()
    return iter(page.found)


READERS: dict[str, Callable[[str], Iterator[tuple[Key, str]]]] = {
    "json": from_json,
    "junit": from_junit,
    "csv": from_csv,
    "markdown": from_markdown,
    "asff": from_asff,
    "ocsf": from_ocsf,
    "text": from_text,
    "html": from_html,
}
