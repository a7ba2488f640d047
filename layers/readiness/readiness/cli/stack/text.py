"""A template as the text that a person reviews before deploying it: YAML, with CloudFormation's short forms."""

import json
import re
import shlex
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from readiness.cli.stack.lacking import Lacking

WIDTH = 118

PART = re.compile(r"\n((?:[A-Z]|(?<!:\n)  [A-Z]).*:\n)")
"""A line that begins a part of the document, or a resource or parameter that is not the first."""

SHORT = {
    "Ref": "!Ref",
    "Fn::Equals": "!Equals",
    "Fn::GetAtt": "!GetAtt",
    "Fn::If": "!If",
    "Fn::Not": "!Not",
    "Fn::Sub": "!Sub",
}
"""The functions of CloudFormation, as YAML has them."""


class Dumper(yaml.SafeDumper):
    """Writes functions in their short form, and what stands in two places twice."""

    def ignore_aliases(self, _data: object) -> bool:
        """CloudFormation takes no aliases from everybody's YAML, and readers look for what they name."""
        return True

    def choose_scalar_style(self) -> str:
        """Names need no quotes."""
        named = isinstance(self.event, yaml.ScalarEvent) and self.event.tag in {"!GetAtt", "!Ref"}
        return "" if named else super().choose_scalar_style()

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002  as the base class has it
        """Items of a list stand deeper than its key."""
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
    """The whole file: the header as comments, then the document, an empty line between its parts and resources."""
    comments = [f"# {line}".rstrip() for line in header]
    written = yaml.dump(document, Dumper=Dumper, sort_keys=False, width=WIDTH)
    return "\n".join(comments) + "\n" + re.sub(PART, r"\n\n\1", f"\n{written}")


@dataclass(frozen=True)
class Occasion:
    """Where and when a template was written, and for what file."""

    path: Path
    account: str
    region: str
    partition: str
    at: datetime


def header(lacking: Sequence[Lacking], document: dict[str, Any], occasion: Occasion) -> Iterator[str]:
    """What the file is for, of which tables and when, how to deploy it, and what has to be there before."""
    names = ", ".join(each.table_name for each in lacking)
    yield from wrapped(
        f"What {names} of account {occasion.account}, {occasion.region}, lacked on {occasion.at:%Y-%m-%d %H:%M} UTC."
        " Written by `readiness alarms --write`. It holds only that, so deploy it as a stack of its own: in place of an"
        " earlier template it would remove what that has made."
    )
    yield ""
    yield from _deploying(document, occasion)
    if "Budget" in document["Resources"]:
        yield ""
        yield from _about_budgets(occasion, document["Parameters"]["OnCallTopicArn"].get("Default", "the topic's ARN"))
    if "BackupRole" in document["Resources"]:
        yield ""
        yield "The vaults stay when the stack is deleted, for the sake of what is in them."


def wrapped(text: str) -> list[str]:
    """In lines that fit, names left whole."""
    return textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _deploying(document: dict[str, Any], occasion: Occasion) -> Iterator[str]:
    """With every parameter, so that who deploys sees what there is to choose."""
    yield f"  aws cloudformation deploy --region {occasion.region} --template-file {shlex.quote(str(occasion.path))} \\"
    capabilities = " --capabilities CAPABILITY_IAM" if "BackupRole" in document["Resources"] else ""
    parameters = document.get("Parameters", {})
    values = " ".join(f"{name}={shlex.quote(str(each.get('Default', 'ARN')))}" for name, each in parameters.items())
    more = " \\" if parameters else ""
    yield f"    --stack-name readiness-alarms-{occasion.at:%Y%m%d-%H%M}{capabilities}{more}"
    if parameters:
        yield f"    --parameter-overrides {values}"


def _about_budgets(occasion: Occasion, topic: str) -> Iterator[str]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "budgets.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": topic,
        "Condition": {
            "StringEquals": {"aws:SourceAccount": occasion.account},
            "ArnLike": {"aws:SourceArn": f"arn:{occasion.partition}:budgets::{occasion.account}:*"},
        },
    }
    yield from wrapped(
        "The budget tells BudgetEmail where one is given. Where none is, it tells the topic, whose policy is not"
        " touched here and must have this statement; a topic that is encrypted needs a key of yours that admits"
        " budgets.amazonaws.com to kms:GenerateDataKey* and kms:Decrypt as well:"
    )
    yield f"  {json.dumps(statement)}"
