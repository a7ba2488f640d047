"""An account that something is wrong with: what a check says of it, and the remedy, executed as it is printed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from readiness.aws.command import rendered
from readiness.cli.fix import roles
from readiness.cli.fix.alarms import Topics
from readiness.cli.fix.plan import FindingPlan, parts_of, planned
from readiness.engine.rule import Check
from readiness.model import Finding, Status
from readiness.rules import ASKED
from tests.aws.shell import Shell
from tests.run.world import World

Findings = Mapping[str, Finding]


@dataclass
class Patient:
    """`world` is the account, `shell` where its remedies are typed."""

    shell: Shell
    world: World = field(default_factory=World)

    def client(self, service: str) -> Any:
        """To set things up, and to break them."""
        return self.world.account.client(service)

    def say(self, name: str) -> dict[str, Finding]:
        """What the check of that id says now, by resource."""
        check = named(name)
        rule = replace(check.rule, checks=[check])
        outcome = self.world.run([rule])
        findings = [finding for asked in outcome.scan.evaluation.asked for finding in asked.findings]
        return {finding.resource: finding for finding in findings}

    def bad(self, name: str) -> list[Finding]:
        """Those that fail or warn; AssertionError where none does."""
        found = [finding for finding in self.say(name).values() if finding.status in {Status.FAIL, Status.WARN}]
        assert found, f"{name} finds nothing wrong"
        return found

    def heal(self, name: str, *, after: timedelta = timedelta(), answer: str = "", **environment: str) -> None:
        """Follow every remedy of the check, each once. AssertionError: the check is not content afterwards.

        `after` is how long answers are kept, or AWS takes, until what was mended shows; `answer` is what a command of
        ours that asks is told.
        """
        for finding in {repr(each.remedy): each for each in self.bad(name)}.values():
            self.mend(name, finding, answer=answer, **environment)
        self.world.now += after
        self.content(name)

    def mend(self, name: str, finding: Finding, *, answer: str = "", **environment: str) -> FindingPlan:
        """Let `readiness fix` make its changes, put the policies that it writes, and type what is left to a person."""
        aws = self.world.account.aws
        plan = planned(
            aws, named(name), finding, parts_of([finding]), Topics("", self.world.settings.on_call.topic_arn)
        )
        assert not plan.lacks
        for policy in roles.merged(aws, plan.documents):
            (self.shell.folder / policy.path).write_text(policy.text)
            self.shell.type(policy.command)
        for change in plan.changes:
            change.make(aws)
        for command in map(rendered, plan.by_hand):
            self.shell.type(command)
        if plan.decide:
            self.shell.type(finding.remedy.command, answer=answer, **environment)
        return plan

    def edit(self, script: str) -> None:
        """Let whoever is asked to edit a file do this, in which `$1` is the file."""
        self.shell.editor.write_text(f"#!/bin/sh\n{script}\n")

    def content(self, name: str) -> None:
        """AssertionError: the check is not."""
        left = [each for each in self.say(name).values() if each.status in {Status.FAIL, Status.WARN, Status.UNKNOWN}]
        assert not left, [f"{each.status} {each.message}" for each in left]


def named(name: str) -> Check:
    """The check of that id."""
    return next(check for rule in ASKED for check in rule.checks if check.id == name)
