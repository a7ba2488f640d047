"""`readiness explain`."""

from collections.abc import Iterator

from readiness.aws.command import lines
from readiness.cli.exits import Exit
from readiness.cli.names import named
from readiness.cli.terminal import say
from readiness.engine.rule import Check
from readiness.printable import wrapped
from readiness.report.controls import control_list
from readiness.report.permissions import actions
from readiness.rules import ASKED

COLUMNS = 80
INDENT = "  "
REMEDIATION = f"{INDENT}remediation: "


def run(about: str) -> Exit:
    """Print the page of a rule or of one check; without an id, the list of rules."""
    say("\n".join(_page(about) if about else _list()))
    return Exit.OK


def _list() -> Iterator[str]:
    width = max(len(rule.id) for rule in ASKED)
    return (f"{rule.item}  {rule.id:{width}}  {rule.title}" for rule in ASKED)


def _page(about: str) -> Iterator[str]:
    rule, checks = (found := named(about)).rule, found.checks
    yield f"{rule.item}  {rule.title}  ({rule.id})"
    for paragraph in rule.page.split("\n\n"):
        yield ""
        yield from _wrapped(paragraph, "")
    yield from ("", f"Reference: {rule.reference}")
    for check in checks:
        yield from _check(check)


def _check(check: Check) -> Iterator[str]:
    yield ""
    advisory = "" if check.required else ", advisory"
    yield f"{check.id}  {check.severity}{advisory}"
    yield from _wrapped(check.question, INDENT)
    yield from _wrapped(f"permissions: {', '.join(sorted(actions([check]))) or 'none'}", INDENT)
    if check.controls:
        yield from _wrapped(f"controls: {control_list(check.controls)}", INDENT)
    if check.command:
        first, *rest = lines(check.command, COLUMNS - len(REMEDIATION))
        yield f"{REMEDIATION}{first}"
        yield from (f"{INDENT}{each}" for each in rest)


def _wrapped(text: str, indent: str) -> list[str]:
    return wrapped(" ".join(text.split()), COLUMNS, indent, indent)
