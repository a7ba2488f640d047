"""`readiness explain`."""

from collections.abc import Iterator

from readiness.cli.exits import Exit, Usage
from readiness.cli.start import chosen, nearest
from readiness.cli.terminal import say
from readiness.engine.rule import Check, Rule
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
    name, _, wanted = about.partition("/")
    (rule,) = chosen([name])
    checks = [check for check in rule.checks if wanted in ("", check.name)]
    if not checks:
        raise Usage(f"unknown check {about!r}{nearest(about, [check.id for check in rule.checks])}")
    yield from _about(rule)
    for check in checks:
        yield from _check(check)


def _about(rule: Rule) -> Iterator[str]:
    yield f"{rule.item}  {rule.title}  ({rule.id})"
    yield ""
    yield rule.page
    yield ""
    yield f"Reference: {rule.reference}"


def _check(check: Check) -> Iterator[str]:
    yield ""
    advisory = "" if check.required else ", advisory"
    yield f"{check.id}  {check.severity}{advisory}"
    yield f"  {' '.join(check.question.split())}"
    yield f"  permissions: {', '.join(sorted(actions([check]))) or 'none'}"
    if check.fix:
        yield f"  remediation: {check.command}"
