"""Policies of roles: written to files and shown. `readiness fix` never puts one: what a role needs is for its owner."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from readiness.aws.client import Aws, existing
from readiness.cli.exits import Usage
from readiness.cli.failures import called
from readiness.cli.fix.effects import client_in, statements_of
from readiness.cli.terminal import reading, writing
from readiness.model import Call, Gone
from readiness.printable import quoted


class RolePolicy(Struct, frozen=True):
    """An inline policy, with the statements that the role has under that name already."""

    role: str
    name: str
    text: str

    @property
    def path(self) -> Path:
        """The file, in the current folder."""
        return _file(self.role, self.name)

    @property
    def command(self) -> str:
        """The command that puts the file."""
        named = f"--role-name {quoted(self.role)} --policy-name {quoted(self.name)}"
        return f"aws iam put-role-policy {named} --policy-document {quoted(f'file://{self.path}')}"

    def write(self) -> None:
        """Write the file. Usage: it exists with another content, or cannot be written."""
        if self.path.exists():
            with reading(self.path):
                if self.path.read_text(encoding="utf-8") == self.text:
                    return
            raise Usage(f"{self.path}: exists with another content: move it first")
        with writing("policy", self.path):
            self.path.write_text(self.text, encoding="utf-8")


def file_of(call: Call) -> Path:
    """Return the file of the policy that the call puts."""
    return _file(call.parameters["RoleName"], call.parameters["PolicyName"])


def _file(role: str, name: str) -> Path:
    return Path(f"{role}.{name}.json")


def merged(aws: Aws, calls: Iterable[Call]) -> Iterator[RolePolicy]:
    """Yield each policy once, with the statements of all calls that have its role and name."""
    found: dict[tuple[str, str], list[Any]] = {}
    for call in calls:
        where = call.parameters["RoleName"], call.parameters["PolicyName"]
        known = found.setdefault(where, [])
        known += [each for each in json.loads(call.parameters["PolicyDocument"])["Statement"] if each not in known]
    for (role, name), statements in found.items():
        there = list(_statements(aws, role, name))
        whole = [*there, *(each for each in statements if each not in there)]
        text = json.dumps({"Version": "2012-10-17", "Statement": whole}, indent=2) + "\n"
        yield RolePolicy(role, name, text)


def _statements(aws: Aws, role: str, name: str) -> list[Any]:
    """Return the statements of the role's policy of that name, which putting it would replace."""
    try:
        with called(f"role {role}", "iam:GetRolePolicy"), existing("the policy"):
            document = client_in(aws, "iam").get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    except Gone:
        return []
    return statements_of(document)
