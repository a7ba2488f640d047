"""Render `docs/rules.md`, the index of rules and checks, and `docs/rules/`, a page for each rule, from the rules."""

from collections.abc import Iterator, Sequence

from readiness.aws.command import lines
from readiness.engine.rule import Check, Rule
from readiness.report.controls import control_list
from readiness.report.permissions import actions

HEAD = """\
# Rules

Each item of the checklist is a rule with several checks. An advisory check can fail the item, but does not make it
UNKNOWN if its data cannot be read. A confirmed check must give the same result in two runs before it is reported.

`readiness explain 1.4` prints a rule, and `readiness explain pitr-enabled/on` a check. On the page of a rule, *Reads*
lists the permissions that a check needs, and *Change events* the API calls after which it is evaluated at once. Names
in braces in a command, such as `{table}`, are values of the finding: alerts, reports and `readiness fix` show the
command with its values.

*Controls* are those of other standards and tools that a check answers for: if the check passes, so does the control,
for the same resource. A related control is stricter or covers more. [Other tools](other-tools.md) has all of them."""

NOT_CHECKED = {
    "billing-on-demand": (
        "the peak of the last days compared with an on-demand maximum, and the cost compared with provisioned capacity"
    ),
    "encryption-kms": "the state of the KMS keys of older backups",
    "iam-least-privilege": "the condition values of a role compared with the reviewed ones",
    "write-failures-audited": "code that neither logs nor re-raises a failed write, and synthetic failures",
    "alarms-wired": "CloudWatch Logs alarms, and alarm topics in other accounts or Regions",
    "dead-letters-kept": "consumers of a dead-letter queue that delete messages they cannot process",
    "cost-monitored": (
        "budgets and cost anomaly monitors in other accounts of the organization, and AWS managed monitors of a tag"
    ),
    "backups-scheduled": (
        "on-demand backups made by a function or a runbook, their retention, and copies in other Regions or accounts"
    ),
    "restore-drilled": "restores to another Region, and the settings that a restored copy lacks",
    "load-tested": "item types that changed since the load test, and account quotas of a table",
}
"""What a rule does not check, by its id."""

EVERYWHERE = "replicas of a global table in other Regions, except their PITR, protection and replication (1.4)"

EVENTS = 8
"""Change events that a page names of each check; of more it gives the number."""


def rules_page(rules: Sequence[Rule]) -> str:
    """Return the index as Markdown."""
    gaps = [f"- **{rule.item}** {NOT_CHECKED[rule.id]}" for rule in rules if rule.id in NOT_CHECKED]
    not_checked = "\n".join(["## Not checked", "", *gaps, f"- {EVERYWHERE}"])
    return "\n\n".join([HEAD, *(_entry(rule) for rule in rules), not_checked]) + "\n"


def rule_page(rule: Rule) -> str:
    """Return the page of a rule as Markdown."""
    parts = [
        f"# {rule.item} {rule.title}",
        f"`{rule.id}`, {rule.severity}. [AWS documentation]({rule.reference})",
        rule.page,
        "\n".join(_table(rule.checks, "")),
        *(part for check in rule.checks for part in _check(check)),
    ]
    if rule.id in NOT_CHECKED:
        parts += ["## Not checked", f"This rule does not check {NOT_CHECKED[rule.id]}."]
    return "\n\n".join([*parts, "[All rules](../rules.md)"]) + "\n"


def _entry(rule: Rule) -> str:
    page = f"rules/{rule.id}.md"
    heading = f"## {rule.item} {rule.title}"
    about = f"[`{rule.id}`]({page}), {rule.severity}. {' '.join(rule.why.split())}"
    return "\n\n".join([heading, about, "\n".join(_table(rule.checks, page))])


def _table(checks: Sequence[Check], page: str) -> Iterator[str]:
    yield "| check | severity | question |"
    yield "|---|---|---|"
    for check in checks:
        yield f"| [`{check.name}`]({page}#{check.name}) | {check.severity} | {check.question} |"


def _check(check: Check) -> Iterator[str]:
    yield f"## {check.name}"
    yield check.question
    yield "\n".join(_properties(check))
    if check.decide or check.command:
        yield f"**Remediation:** {check.decide}".rstrip()
    if check.command:
        yield "\n".join(["```bash", *lines(check.command), "```"])


def _properties(check: Check) -> Iterator[str]:
    yield f"- **Check:** `{check.id}`, {check.severity}{_mode(check)}"
    if check.impact:
        yield f"- **If it fails:** {check.impact}"
    if check.controls:
        yield f"- **Controls:** {control_list(check.controls)}"
    if permissions := sorted(actions([check])):
        yield f"- **Reads:** {_listed(permissions)}"
    if events := check.events:
        more = f", and {len(events) - EVENTS} more" if len(events) > EVENTS else ""
        yield f"- **Change events:** {_listed(events[:EVENTS])}{more}"


def _mode(check: Check) -> str:
    confirmed = ", reported after two runs with the same result" if check.confirm > 1 else ""
    return confirmed if check.required else f", advisory{confirmed}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
