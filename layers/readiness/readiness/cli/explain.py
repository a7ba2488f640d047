"""`readiness explain`."""

from collections.abc import Iterator

from readiness.cli.exits import Exit
from readiness.cli.names import named
from readiness.cli.terminal import say
from readiness.engine.rule import Check
from readiness.report.permissions import actions
from readiness.rules import ASKED


def run(about: str) -> Exit:
    """Print the page of a rule or of one check; without an id, the list of rules."""
    say("\n".join(_page(about) if about else _list()))
    return Exit.OK


def _list() -> Iterator[str]:
    width = max(len(rule.id) for rule in ASKED)
    return (f"{rule.item}  {rule.id:{width}}  {rule.title}" for rule in ASKED)


def _page(about: str) -> Iterator[str]:
    rule, checks = (found := named(about)).rule, found.checks
    yield from (f"{rule.item}  {rule.title}  ({rule.id})", "", rule.page, "", f"Reference: {rule.reference}")
    for check in checks:
        yield from _check(check)


def _check(check: Check) -> Iterator[str]:
    yield ""
    advisory = "" if check.required else ", advisory"
    yield f"{check.id}  {check.severity}{advisory}"
    yield f"  {' '.join(check.question.split())}"
    yield f"  permissions: {', '.join(sorted(actions([check]))) or 'none'}"
    if check.command:
        yield f"  remediation: {check.command}"
