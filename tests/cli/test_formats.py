"""One assessment of an account in all formats: every one says the same of every check and resource."""

import json
from pathlib import Path

import jsonschema
import pytest
from botocore.session import Session
from botocore.validate import ParamValidator

from readiness.aws.arn import is_table
from readiness.printable import line
from readiness.report.formats import SUFFIXES
from tests.cli.world import BAD, GOOD, Ended, World, refusing, tables
from tests.report.reading import READERS, Read, keyed

CLASS = Path(__file__).parents[1] / "report" / "ocsf-compliance-finding-1.6.0.json"


@pytest.fixture
def ended(good: World) -> Ended:
    """Two tables, one of them with failures of which one is waived, and with what could not be read."""
    good.bad_table()
    good.recovery(on=False)
    good.waived("pitr-enabled/on")
    config = good.checklist(f'{tables(GOOD)}deletion_protection = "fail"\n{tables(BAD)}')
    files = [
        option for name, suffix in SUFFIXES.items() if name != "text" for option in ("--output", f"report{suffix}")
    ]
    with refusing("DescribeTimeToLive"), pytest.MonkeyPatch.context() as patch:
        patch.chdir(good.folder)
        return good.type("check", "--config", config, "--verbose", *files)


def read(good: World, name: str) -> Read:
    return keyed(READERS[name]((good.folder / f"report{SUFFIXES[name]}").read_bytes().decode()))


def test_all_formats_of_an_account_agree(good: World, ended: Ended) -> None:
    assert ended.code == 1
    source = read(good, "json")
    assert {table for table, _, _ in source} == {GOOD, BAD}
    assert {"PASS", "FAIL", "FAIL waived", "UNKNOWN", "NOT_APPLICABLE"} <= set(source.values())
    for name in SUFFIXES.keys() - {"json", "text"}:
        assert read(good, name) == source, name
    assert sorted(READERS["text"](ended.out)) == sorted(
        ((table, check, "" if is_table(arn) else line(arn)[:120]), "waived" if "waived" in status else status)
        for (table, check, arn), status in source.items()
    )


def test_a_control_is_related_by_the_settings_of_its_own_table(good: World, ended: Ended) -> None:
    assert ended.code == 1
    found = {
        table["table"]: {control["id"]: control["related"] for control in finding["controls"]}
        for table in json.loads((good.folder / "report.json").read_text())["tables"]
        for rule in table["rules"]
        for finding in rule["findings"]
        if finding["check"] == "deletion-protection"
    }
    assert (found[GOOD]["DynamoDB.6"], found[BAD]["DynamoDB.6"]) == (False, True)


def test_what_other_tools_read_is_valid_and_names_the_controls(good: World, ended: Ended) -> None:
    assert ended.code == 1
    findings = json.loads((good.folder / "report.asff.json").read_text())
    shape = Session().get_service_model("securityhub").shape_for("AwsSecurityFinding")
    assert [each for each in findings if ParamValidator().validate(each, shape).has_errors()] == []
    check = jsonschema.Draft202012Validator(json.loads(CLASS.read_text()))
    events = json.loads((good.folder / "report.ocsf.json").read_text())
    assert [error.message for event in events for error in check.iter_errors(event)] == []
    (pitr,) = [each["Compliance"] for each in findings if f"{BAD}/pitr-enabled/on/" in each["Id"]]
    assert (pitr["Status"], pitr["SecurityControlId"]) == ("FAILED", "pitr-enabled/on")
    assert {"AWS Security Hub DynamoDB.2", "AWS Config dynamodb-pitr-enabled"} <= set(pitr["RelatedRequirements"])
    assert [
        each["compliance"]["requirements"]
        for each in events
        if f"{BAD}/pitr-enabled/on/" in each["finding_info"]["uid"]
    ] == [pitr["RelatedRequirements"]]
