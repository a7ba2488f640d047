"""Exceptions from the scanners stand where they apply, each with its reason; `make scan` runs the scanners."""

import re
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[1]
NOSEC = re.compile(r"# noqa: S\d+  (?P<why>\S.+?)  # nosec B\d+$|^import \w+  # nosec B404$")


@pytest.mark.parametrize("name", ["template.yaml", "template-us-east-1.yaml"])
def test_a_check_that_is_skipped_has_a_reason(name: str) -> None:
    resources = yaml_parse((ROOT / name).read_text())["Resources"]
    skipped = [each for of in resources.values() for each in of.get("Metadata", {}).get("checkov", {}).get("skip", ())]
    assert all(set(each) == {"id", "comment"} for each in skipped)
    assert [each["id"] for each in skipped if len(each["comment"].split()) < 5] == []


def test_a_finding_that_is_accepted_in_code_has_a_reason() -> None:
    files = [*(ROOT / "layers/readiness").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    accepted = [line for file in files for line in file.read_text().splitlines() if "nosec" in line]
    assert accepted
    assert [line for line in accepted if not NOSEC.search(line)] == []


def test_no_lock_names_a_registry_or_a_path_of_a_machine() -> None:
    for lock in (*(ROOT / "locks").glob("*.txt"), ROOT / "layers/readiness/requirements.txt"):
        assert not re.search(r"https?://|file:|--(extra-)?index-url|--find-links", lock.read_text()), lock.name
