"""The command of each tool, and its verdict on an item."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.peers.items import ITEMS, POLICIES, TABLE, Item
from bench.served import ROOT

Said = bool | None
"""True if an item is met; None if the tool has no check for it."""

CHECKLIST = f"""
[[tables]]
name = "{TABLE}"
deletion_protection = "fail"
backup_decision = {{ mode = "aws_backup", decided_by = "the CTO", decided_on = 2026-11-01, reason = "audit" }}
"""


@dataclass(frozen=True)
class Tool:
    """A tool: its command, the exit codes of a run that ended well, and how its output is read.

    `folder` is where it runs and writes.
    """

    name: str
    folder: Path
    command: list[str]
    ended: frozenset[int]
    read: Callable[[Path], Callable[[Item], Said]]


def readiness(folder: Path) -> Tool:
    """Return `readiness check` with the rules that have an item."""
    (folder / "checklist.toml").write_text(CHECKLIST, encoding="utf-8")
    rules = sorted({check.partition("/")[0] for item in ITEMS for check in item.checks})
    options = [each for rule in rules for each in ("--rule", rule)]
    command = [str(Path(sys.executable).with_name("readiness")), "check", "--output", "report.json", *options]
    return Tool("Readiness", folder, command, frozenset({0, 1, 3}), _readiness)


def custodian(folder: Path) -> Tool:
    """Return Cloud Custodian with a policy for each item, in one file."""
    policies = [
        {"name": name, "resource": f"aws.{resource}", "filters": filters}
        for name, (resource, filters) in POLICIES.items()
    ]
    (folder / "policies.json").write_text(json.dumps({"policies": policies}), encoding="utf-8")
    command = [*_installed("custodian"), "run", "--cache-period", "0", "-s", "out", "policies.json"]
    return Tool("Cloud Custodian", folder, command, frozenset({0}), _custodian)


def prowler(folder: Path) -> Tool:
    """Return Prowler with the checks of the items, in one Region. Exit code 3: checks have failed."""
    configured = {"aws": {"log_group_retention_days": 30}}
    (folder / "config.yaml").write_text(json.dumps(configured), encoding="utf-8")
    checks = sorted({check for item in ITEMS for check in item.prowler})
    options = ["--region", "us-east-1", "--output-formats", "json-ocsf", "--output-directory", "out"]
    named = ["--output-filename", "report", "--config-file", "config.yaml", "--no-banner", "--checks", *checks]
    return Tool("Prowler", folder, [*_installed("prowler"), "aws", *options, *named], frozenset({0, 3}), _prowler)


def fresh(folder: Path) -> Iterator[Tool]:
    """Yield the tools, each with an empty folder."""
    for make in (readiness, custodian, prowler):
        place = folder / make.__name__
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        yield make(place)


def _installed(name: str) -> list[str]:
    """Return the command of a tool's own environment. Its script may name a folder that was moved."""
    tool = ROOT / ".tools" / name / "bin"
    return [str(tool / "python"), str(tool / name)]


def _readiness(folder: Path) -> Callable[[Item], Said]:
    (table,) = json.loads((folder / "report.json").read_text(encoding="utf-8"))["tables"]
    findings = [(f"{rule['id']}/{each['check']}", each) for rule in table["rules"] for each in rule["findings"]]

    def about(item: Item, resource: str) -> bool:
        return _is(item.found_at or item.resource, resource.removesuffix(":$LATEST"))

    def said(item: Item) -> Said:
        return _met(
            finding["status"] == "PASS"
            for check, finding in findings
            if check in item.checks and about(item, finding["resource"]) and finding["status"] != "NOT_APPLICABLE"
        )

    return said


def _custodian(folder: Path) -> Callable[[Item], Said]:
    found = {
        policy: json.loads((folder / "out" / policy / "resources.json").read_text(encoding="utf-8"))
        for policy in POLICIES
    }

    def said(item: Item) -> Said:
        return not any(item.resource in _names(resource) for resource in found[item.policy]) if item.policy else None

    return said


def _names(resource: Mapping[str, Any]) -> set[str]:
    keys = ("TableName", "FunctionName", "RoleName", "AlarmName", "logGroupName")
    return {str(resource[key]) for key in keys if key in resource}


def _prowler(folder: Path) -> Callable[[Item], Said]:
    findings = json.loads((folder / "out" / "report.ocsf.json").read_text(encoding="utf-8"))

    def said(item: Item) -> Said:
        return _met(
            finding["status_code"] == "PASS"
            for finding in findings
            if finding["metadata"]["event_code"] in item.prowler
            and any(
                _is(item.resource, resource["uid"]) or _is(item.resource, resource["name"])
                for resource in finding["resources"]
            )
        )

    return said


def _is(resource: str, name: str) -> bool:
    """Return whether the name, or the end of an ARN, is that of the resource."""
    return name == resource or name.endswith((f":{resource}", f"/{resource}"))


def _met(verdicts: Iterator[bool]) -> Said:
    said = list(verdicts)
    return all(said) if said else None
