"""Render a template as YAML with CloudFormation's short forms, for review before deployment."""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from readiness.aws.client import Aws
from readiness.cli.stack.lacking import MissingResources
from readiness.printable import quoted, wrapped

WIDTH = 118

PART = re.compile(r"\n((?:[A-Z]|(?<!:\n)  [A-Z]).*:\n)")
"""A line that begins a section of the document, or a resource or parameter after the first."""

SHORT = {
    "Ref": "!Ref",
    "Fn::Equals": "!Equals",
    "Fn::GetAtt": "!GetAtt",
    "Fn::If": "!If",
    "Fn::Not": "!Not",
    "Fn::Sub": "!Sub",
}
"""The short forms of CloudFormation's intrinsic functions."""


class Dumper(yaml.SafeDumper):
    """A YAML dumper that writes functions in their short form, without aliases."""

    def ignore_aliases(self, _data: object) -> bool:
        """Write repeated values in full: they are easier to review than YAML aliases."""
        return True

    def choose_scalar_style(self) -> str:
        """Write names without quotes."""
        named = isinstance(self.event, yaml.ScalarEvent) and self.event.tag in {"!GetAtt", "!Ref"}
        return "" if named else super().choose_scalar_style()

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  as the base class has it
        """Indent list items below their key."""
        super().increase_indent(flow, indentless=False)


def _mapping(dumper: yaml.SafeDumper, mapping: dict[str, Any]) -> yaml.Node:
    if len(mapping) != 1 or not SHORT.keys() >= mapping.keys():
        return dumper.represent_mapping("tag:yaml.org,2002:map", mapping)
    [(name, value)] = mapping.items()
    if isinstance(value, str):
        return dumper.represent_scalar(SHORT[name], value)
    if name == "Fn::GetAtt":
        return dumper.represent_scalar(SHORT[name], ".".join(value))
    return dumper.represent_sequence(SHORT[name], value, flow_style=True)


Dumper.add_representer(dict, _mapping)


def rendered(document: dict[str, Any], header: Sequence[str]) -> str:
    """Return the file: the header as comments, then the document with empty lines between sections and resources."""
    comments = [f"# {line}".rstrip() for line in header]
    written = yaml.dump(document, Dumper=Dumper, sort_keys=False, width=WIDTH)
    return "\n".join(comments) + "\n" + re.sub(PART, r"\n\n\1", f"\n{written}")


def header(
    lacking: Sequence[MissingResources], document: dict[str, Any], aws: Aws, path: Path, at: datetime
) -> Iterator[str]:
    """Yield the header: the purpose of the file, how to deploy it, and its prerequisites."""
    names = ", ".join(each.table_name for each in lacking)
    yield from wrapped(
        f"Missing resources of {names} in account {aws.account}, {aws.region}, on {at:%Y-%m-%d %H:%M} UTC. Written by"
        " `readiness alarms --write`. Deploy it as a new stack: an update of an earlier stack would delete the"
        " resources of the earlier template.",
        WIDTH,
    )
    yield ""
    yield f"  aws cloudformation deploy --region {aws.region} --template-file {quoted(str(path))} \\"
    capabilities = " --capabilities CAPABILITY_IAM" if "BackupRole" in document["Resources"] else ""
    parameters = document.get("Parameters", {})
    values = " ".join(f"{name}={quoted(str(each.get('Default', 'ARN')))}" for name, each in parameters.items())
    more = " \\" if parameters else ""
    yield f"    --stack-name readiness-alarms-{at:%Y%m%d-%H%M}{capabilities}{more}"
    if parameters:
        yield f"    --parameter-overrides {values}"
    if "Budget" in document["Resources"]:
        yield ""
        yield from _about_budgets(aws, parameters["OnCallTopicArn"].get("Default", "the topic's ARN"))
    if "BackupRole" in document["Resources"]:
        yield ""
        yield "Backup vaults are retained when the stack is deleted."


def _about_budgets(aws: Aws, topic: str) -> Iterator[str]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "budgets.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {
            "StringEquals": {"aws:SourceAccount": aws.account},
            "ArnLike": {"aws:SourceArn": f"arn:{aws.partition}:budgets::{aws.account}:*"},
        },
    }
    yield from wrapped(
        "The budget notifies BudgetEmail. Without BudgetEmail it notifies the topic, whose policy must have the"
        " following statement; this template does not change the policy. An encrypted topic also needs a customer"
        " managed key that allows budgets.amazonaws.com kms:GenerateDataKey* and kms:Decrypt:",
        WIDTH,
    )
    yield f"  {json.dumps(statement)}"
