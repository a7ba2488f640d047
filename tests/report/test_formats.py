"""All formats of one report say the same, and whatever somebody may have chosen as a name breaks none of them."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from botocore.session import Session
from botocore.validate import ParamValidator
from hypothesis import example, given
from markdown_it import MarkdownIt
from msgspec.structs import replace

from readiness import __version__
from readiness.aws.arn import is_table
from readiness.model import Status
from readiness.printable import line, quoted
from readiness.report.as_text import View
from readiness.report.content import AcknowledgementLine, ControlLine, FindingLine, Report, TableReport
from readiness.report.export import as_plain, exported
from readiness.report.formats import SUFFIXES
from readiness.report.rendering import Extras, render
from tests.fuzz.values import TEXTS
from tests.report.reading import READERS, Key, Read, keyed
from tests.report.samples import ARN, BAD, GOOD, MISSING, NOW, REPORTS, WAIVER, finding

HOSTILE = (
    "\x1b[31m\x00\x0b\ufffe\ud800",
    "]]> <!-- <script>alert(1)</script> &lt; &#60; &amp",
    "\u202eright to left\u2066 \u2028 line \u0085 break\r\nnew",
    "a|b \\| c `code` ``two`` | d",
    "[x](https://evil.example) ![x](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example www.evil.example evil@evil.example @everyone #1",
    '=HYPERLINK("https://evil.example","x")',
    "+1|cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1+1)",
    "\t=1",
    "\r=1",
    "＝1",  # noqa: RUF001  a spreadsheet takes it for a formula
    "\"quoted\", 'twice'",
    "# head\n\n---\n\n| a |\n|---|\n",
    "{{ x }} ${x} $x$ ~~x~~ **x** __x__ \\",
    "x" * 3000,
)
"""What somebody may choose as a name, a tag, a reason or an owner."""

QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead-letters"
REPLICA = "arn:aws:dynamodb:eu-central-1:123456789012:table/babesclub-commerce"
CONTROLS = (ControlLine("AWS Security Hub", "DynamoDB.2", related=False), ControlLine("Prowler", "x", related=True))
ACK = AcknowledgementLine("maria", NOW, "looking")


def of_every_status(resource: str) -> tuple[FindingLine, ...]:
    """One finding of each status and with each kind of waiver, about this resource."""
    found = [replace(finding(f"is-{status.value.lower().replace('_', '-')}", status, str(status))) for status in Status]
    found += [
        replace(finding("failing-waived", Status.FAIL, "it fails"), waiver=WAIVER),
        replace(finding("warning-waived", Status.WARN, "it is fragile"), waiver=WAIVER),
        replace(finding("passing-waived", Status.PASS, "it passes"), waiver=WAIVER),
        replace(finding("acknowledged", Status.FAIL, "it fails"), acknowledgement=ACK),
        replace(finding("not-recorded", Status.FAIL, "nobody has recorded it"), reason="NOT_RECORDED"),
        replace(finding("denied", Status.UNKNOWN, "denied"), reason="ACCESS_DENIED", permission="sns:ListTopics"),
    ]
    return tuple(replace(each, resource=resource, controls=CONTROLS) for each in found)


def with_rule(table: TableReport, *found: FindingLine) -> TableReport:
    """The table, whose first item has these findings."""
    first, *others = table.rules
    return replace(table, rules=(replace(first, findings=found, owner="platform", since=NOW), *others))


def with_hostile(text: str) -> FindingLine:
    """A finding that has the text wherever somebody else may choose one."""
    waiver = replace(WAIVER, reason=text, by=text)
    resource = f"{QUEUE}{text[:99]}".replace("\ud800", "")
    named = replace(finding("is-hostile", Status.FAIL, text, fix=quoted(text)), waiver=waiver, resource=resource)
    return replace(named, evidence={text: [text, {text: text}], "Number": float("nan")})


ORDINARY = Report(
    (
        with_rule(BAD, *(each for arn in (ARN, QUEUE, REPLICA) for each in of_every_status(arn))),
        replace(GOOD, table="orders", monitor=(replace(BAD.rules[0], id="change-events-arrive", item="MON"),)),
        MISSING,
    )
)

DANGEROUS = Report(
    tuple(
        with_rule(replace(BAD, table=f"table-{number}", checklist=text, incomplete=(text,)), with_hostile(text))
        for number, text in enumerate(HOSTILE)
    )
)


def read(name: str, report: Report) -> Read:
    return keyed(READERS[name](render(name, report, Extras(View(verbose=True)))))


def expected(report: Report) -> Read:
    """What the report has: the source of all formats."""
    found = ((each.table.table, each.check, line(each.found.resource)) for each in exported(report))
    statuses = (f"{each.found.status}{' waived' if each.is_waived else ''}" for each in exported(report))
    return dict(zip(found, statuses, strict=True))


def without_resource(found: Read) -> Read:
    """As text has it, which names no table as a resource, and shows of a waived finding that it is waived."""

    def key(table: str, check: str, resource: str) -> Key:
        return (table, check, "" if is_table(resource) else line(resource)[:120])

    return {key(*each): "waived" if "waived" in status else status for each, status in found.items()}


@pytest.mark.parametrize("report", [ORDINARY, DANGEROUS], ids=["ordinary", "dangerous"])
@pytest.mark.parametrize("name", sorted(SUFFIXES.keys() - {"text"}))
def test_each_format_has_the_status_of_each_finding(name: str, report: Report) -> None:
    found = {(table, check, line(resource)): status for (table, check, resource), status in read(name, report).items()}
    assert found == expected(report)


@given(text=TEXTS)
@example(text="\\|`")
def test_no_text_changes_what_is_read_back(text: str) -> None:
    report = Report((with_rule(BAD, with_hostile(text)),))
    for name in sorted(SUFFIXES.keys() - {"text", "html"}):
        found = [status for _, status in READERS[name](render(name, report, Extras()))]
        assert found == list(expected(report).values()), name


def test_text_has_the_status_of_each_finding_of_a_table_that_exists() -> None:
    tables = replace(
        ORDINARY, tables=tuple(replace(with_rule(each, *of_every_status(QUEUE))) for each in (BAD, GOOD)[:1])
    )
    assert read("text", tables) == without_resource(expected(tables))


@pytest.mark.parametrize("name", sorted(SUFFIXES.keys() - {"text", "html", "json"}))
def test_each_format_reads_as_it_was_approved(name: str) -> None:
    """READINESS_GOLDEN=write writes it anew. Text and HTML have golden files of their own."""
    file = Path(__file__).parent / "golden" / f"bad{SUFFIXES[name]}"
    text = render(name, REPORTS["bad"], Extras()).replace(f'"{__version__}"', '"VERSION"') + "\n"
    if os.environ.get("READINESS_GOLDEN") == "write":
        file.write_text(text, newline="")
    assert text == file.read_bytes().decode()


def test_every_format_is_read_back() -> None:
    assert READERS.keys() == SUFFIXES.keys()


@pytest.mark.parametrize("name", SUFFIXES)
def test_no_format_has_a_character_that_moves_a_cursor_or_turns_a_line(name: str) -> None:
    text = render(name, DANGEROUS, Extras(View(verbose=True)))
    text.encode()
    allowed = "\r\n\u2060"
    plain = text if name != "json" else json.dumps(json.loads(text)["tables"][0]["table"])
    assert {each for each in plain if not each.isprintable() and each not in allowed} == set()


def test_what_has_no_place_in_utf_8_does_not_prevent_the_report_as_json() -> None:
    (message,) = {
        found["message"]
        for found in json.loads(render("json", DANGEROUS, Extras()))["tables"][0]["rules"][0]["findings"]
    }
    assert message == "\x1b[31m\x00\x0b\ufffe?"


DOCS = Path(__file__).parents[2] / "docs"
OTHER_TOOLS = (DOCS / "other-tools.md").read_text(encoding="utf-8")


def test_the_formats_are_documented_with_their_suffixes() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\.[\w.]+)` \|", (DOCS / "commands.md").read_text(), re.MULTILINE)
    assert dict(rows) == SUFFIXES


# --- JUnit -----------------------------------------------------------------------------------------------------------

CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"skipped", "failure"},
}
ATTRIBUTES = {
    "testsuites": {"name", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "skipped", "time", "timestamp"},
    "testcase": {"name", "classname", "time"},
    "property": {"name", "value"},
    "failure": {"type", "message"},
    "skipped": {"type", "message"},
}
"""What the report uses of junit-10.xsd of the xUnit plugin of Jenkins."""


@pytest.mark.parametrize("report", [ORDINARY, DANGEROUS], ids=["ordinary", "dangerous"])
def test_junit_has_only_what_the_schema_of_jenkins_has(report: Report) -> None:
    root = ET.fromstring(render("junit", report, Extras()))  # noqa: S314  our own
    assert root.tag == "testsuites"
    for element in root.iter():
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        assert set(element.attrib) == ATTRIBUTES.get(element.tag, set())
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
        assert int(suite.attrib["failures"]) == len(suite.findall("testcase/failure"))
        assert int(suite.attrib["skipped"]) == len(suite.findall("testcase/skipped"))
        names = [(case.attrib["classname"], case.attrib["name"]) for case in suite.iter("testcase")]
        assert len(names) == len(set(names)), "CI systems take two cases of a name for one"
    assert int(root.attrib["failures"]) == sum(int(suite.attrib["failures"]) for suite in root)


# --- CSV -------------------------------------------------------------------------------------------------------------


def test_csv_is_as_rfc_4180_has_it() -> None:
    text = render("csv", DANGEROUS, Extras()) + "\n"
    lines = text.split("\r\n")
    assert (lines[-1], len(lines)) == ("", len(expected(DANGEROUS)) + 2), "no cell has a line break"
    assert "\n" not in text.replace("\r\n", "")
    rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("text", [each for each in HOSTILE if line(each)[:1] in set("=+-@＝")])  # noqa: RUF001
def test_no_cell_is_a_formula(text: str) -> None:
    report = Report((with_rule(BAD, with_hostile(text)),))
    for row in csv.reader(io.StringIO(render("csv", report, Extras()), newline="")):
        assert not [cell for cell in row if cell[:1] in set("=+-@\t\r＝＋－＠")]  # noqa: RUF001
    assert f"'{line(text)}" in next(csv.DictReader(io.StringIO(render("csv", report, Extras())))).values()


# --- Markdown --------------------------------------------------------------------------------------------------------


def test_markdown_has_no_link_no_image_no_html_and_no_other_cell() -> None:
    text = render("markdown", DANGEROUS, Extras())
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    inline = {child.type for token in tokens for child in token.children or ()}
    assert inline <= {"text", "code_inline", "text_special", "softbreak"}
    blocks = {token.content.strip() for token in tokens if token.type == "html_block"}
    assert {re.sub(r"\d+", "N", each) for each in blocks} == {
        "<details><summary>N passed or not applicable</summary>",
        "</details>",
    }
    cells = [token.type for token in tokens if token.type in {"tr_open", "td_open", "th_open"}]
    assert len(cells) == cells.count("tr_open") * 7
    assert {token.tag for token in tokens if token.type == "heading_open"} == {"h2"}


def test_github_makes_no_address_of_what_markdown_has() -> None:
    """Its extensions make a link of what looks like one, even without brackets."""
    text = render("markdown", DANGEROUS, Extras())
    prose = re.sub(r"`[^`]*`", "", text)
    assert not re.search(r"(?<!\\):(?=//)|www(?<!\\)\.|@(?!\u2060)|(?<!\\)#\d", prose, re.IGNORECASE)


# --- ASFF and OCSF ---------------------------------------------------------------------------------------------------

SHAPE = Session().get_service_model("securityhub").shape_for("AwsSecurityFinding")
LIMITS = {"Title": 256, "Description": 1024, "Id": 512, "GeneratorId": 512}
CLASS = json.loads((Path(__file__).parent / "ocsf-compliance-finding-1.6.0.json").read_text())


@pytest.mark.parametrize("report", [ORDINARY, DANGEROUS], ids=["ordinary", "dangerous"])
def test_asff_is_what_security_hub_accepts(report: Report) -> None:
    for found in json.loads(render("asff", report, Extras())):
        assert ParamValidator().validate(found, SHAPE).generate_report() == ""
        assert [name for name, most in LIMITS.items() if not 1 <= len(found[name]) <= most] == []
        assert 1 <= len(found["Remediation"]["Recommendation"]["Text"]) <= 512
        assert 1 <= len(found["Resources"][0]["Id"]) <= 512
        assert all(len(name) <= 128 and 1 <= len(text) <= 2048 for name, text in found["ProductFields"].items())
        assert found["Types"] == ["Software and Configuration Checks/AWS Security Best Practices"]
        assert found["ProductArn"] == "arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default"
        assert len(json.dumps(found)) < 240_000


def test_asff_is_cut_at_the_limits_of_security_hub_and_never_empty() -> None:
    report = Report((with_rule(GOOD, finding("on", Status.FAIL, "x" * 2000), finding("window", Status.FAIL, "")),))
    long, empty, *_ = json.loads(render("asff", report, Extras()))
    assert {name: len(long[name]) for name in ("Title", "Description")} == {"Title": 256, "Description": 1024}
    assert empty["Description"] == GOOD.rules[0].title


def test_evidence_whose_keys_are_no_text_is_json() -> None:
    assert as_plain({1: {2: "x"}}) == {"1": {"2": "x"}}


def test_asff_names_our_check_and_the_controls_that_it_answers_for() -> None:
    found = json.loads(render("asff", ORDINARY, Extras()))[0]
    assert found["Compliance"]["SecurityControlId"] == "billing-on-demand/is-pass"
    assert found["Compliance"]["RelatedRequirements"] == ["AWS Security Hub DynamoDB.2"]


AWS = """\
#!/bin/sh
jq length "${4#file://}" >> calls
"""


@pytest.mark.skipif(not shutil.which("jq"), reason="the command needs jq")
def test_the_documented_command_imports_all_findings_in_parts_of_at_most_100(tmp_path: Path) -> None:
    (shown,) = re.findall(r"```\n(readiness check --output findings.asff.json\n.*?)```", OTHER_TOOLS, re.DOTALL)
    for name, script in (("aws", AWS), ("readiness", "#!/bin/sh\n")):
        (tmp_path / name).write_text(script)
        (tmp_path / name).chmod(0o755)
    findings = json.loads(render("asff", ORDINARY, Extras()))
    (tmp_path / "findings.asff.json").write_text(json.dumps((findings * 5)[:201]))
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(["/bin/bash", "-ec", shown], check=True, cwd=tmp_path, env={"PATH": path})
    assert (tmp_path / "calls").read_text().split() == ["100", "100", "1"]


def test_a_finding_has_the_same_id_in_each_report_and_another_for_another_resource() -> None:
    later = replace(
        ORDINARY,
        tables=tuple(replace(each, observed_at=each.observed_at.replace(year=2027)) for each in ORDINARY.tables),
    )
    for name, path in (("asff", ("Id",)), ("ocsf", ("finding_info", "uid"))):
        ids = []
        for report in (ORDINARY, later):
            found = json.loads(render(name, report, Extras()))
            ids.append([each[path[0]] if len(path) == 1 else each[path[0]][path[1]] for each in found])
        assert ids[0] == ids[1]
        assert len(set(ids[0])) == len(ids[0])


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (ARN, "AwsDynamoDbTable"),
        (f"{ARN}/index/by-owner", "Other"),
        (QUEUE, "AwsSqsQueue"),
        ("arn:aws:sns:us-east-1:123456789012:on-call", "AwsSnsTopic"),
        ("arn:aws:lambda:us-east-1:123456789012:function:cart:7", "AwsLambdaFunction"),
        ("arn:aws:lambda:us-east-1:123456789012:event-source-mapping:1b5f", "Other"),
        ("arn:aws:iam::123456789012:role/service/cart", "AwsIamRole"),
        ("arn:aws:kms:us-east-1:123456789012:key/1b5f", "AwsKmsKey"),
        ("arn:aws:cloudwatch:us-east-1:123456789012:alarm:throttling", "AwsCloudWatchAlarm"),
        ("arn:aws:backup:us-east-1:123456789012:backup-plan:1b5f", "AwsBackupBackupPlan"),
        ("no ARN", "Other"),
    ],
)
def test_a_resource_has_the_type_of_security_hub(resource: str, kind: str) -> None:
    report = Report((with_rule(GOOD, replace(finding("on", Status.FAIL, "it is off"), resource=resource)),))
    assert json.loads(render("asff", report, Extras()))[0]["Resources"][0]["Type"] == kind


@pytest.mark.parametrize(
    ("region", "partition"), [("us-east-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_the_product_is_that_of_the_partition_of_the_account(region: str, partition: str) -> None:
    arn = f"arn:{partition}:dynamodb:{region}:123456789012:table/orders"
    table = replace(GOOD, table="orders", region=region, rules=(replace(GOOD.rules[0], findings=of_every_status(arn)),))
    found = json.loads(render("asff", Report((table,)), Extras()))[0]
    assert found["ProductArn"] == f"arn:{partition}:securityhub:{region}:123456789012:product/123456789012/default"
    assert found["Resources"] == [{"Type": "AwsDynamoDbTable", "Id": arn, "Partition": partition, "Region": region}]


@pytest.mark.parametrize("report", [ORDINARY, DANGEROUS], ids=["ordinary", "dangerous"])
def test_ocsf_is_a_compliance_finding_of_the_published_schema(report: Report) -> None:
    check = jsonschema.Draft202012Validator(CLASS)
    for event in json.loads(render("ocsf", report, Extras())):
        assert [error.message for error in check.iter_errors(event)] == []
        assert event["class_uid"] == 2003
        assert event["type_uid"] == 200301
        assert event["compliance"]["requirements"] in (["AWS Security Hub DynamoDB.2"], [])
        json.dumps(event, allow_nan=False)


def test_work_on_a_finding_is_what_people_have_recorded() -> None:
    events = json.loads(render("ocsf", ORDINARY, Extras()))
    states = {event["compliance"]["control"].partition("/")[2]: event["status"] for event in events}
    assert states["acknowledged"] == "In Progress"
    assert (states["failing-waived"], states["warning-waived"]) == ("Suppressed", "Suppressed")
    assert (states["is-pass"], states["passing-waived"], states["is-not-applicable"]) == ("Resolved",) * 3
    assert (states["is-fail"], states["is-warn"], states["is-unknown"]) == ("New",) * 3
