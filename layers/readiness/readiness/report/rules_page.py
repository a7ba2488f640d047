"""Render `docs/rules.md`, every rule and its checks, from the rules. Run the module to print it."""

import sys
from collections.abc import Iterator, Sequence

from readiness.engine.rule import Check, Rule
from readiness.report.controls import control_list
from readiness.report.permissions import actions
from readiness.rules import ASKED

HEAD = """\
# Rules

Each item of the checklist is a rule with several checks. An advisory check can fail the item, but does not make it
UNKNOWN if its data cannot be read. A confirmed check must give the same result in two runs before it is reported.

Controls are those of other standards and tools that a check answers for: if the check passes, so does the control,
for the same resource. A related control is stricter or covers more. [Other tools](other-tools.md) has all of them."""

NOT_YET = """\
## Not checked

- **1.1** the peak of the last days compared with an on-demand maximum, and the cost compared with provisioned capacity
- **1.2** the state of the KMS keys of older backups
- **2.2** the condition values of a role compared with the reviewed ones
- **2.3** code that neither logs nor re-raises a failed write, and synthetic failures
- **3.1** CloudWatch Logs alarms, and alarm topics in other accounts or Regions
- **3.2** consumers of a dead-letter queue that delete messages they cannot process
- **3.3** budgets and cost anomaly monitors in other accounts of the organization, and AWS managed monitors of a tag
- **3.4** on-demand backups made by a function or a runbook, their retention, and copies in other Regions or accounts
- **5.1** restores to another Region, and the settings that a restored copy lacks
- **5.2** item types that changed since the load test, and account quotas of a table
- replicas of a global table in other Regions"""


def rules_page(rules: Sequence[Rule]) -> str:
    """Return the page as Markdown."""
    return "\n\n".join([HEAD, *(_rule(rule) for rule in rules), NOT_YET]) + "\n"


def _rule(rule: Rule) -> str:
    remedies = [check for check in rule.checks if check.command]
    parts = [
        f"## {rule.item} {rule.title}",
        f"`{rule.id}`, {rule.severity}. [Reference]({rule.reference})",
        rule.page,
        "\n".join(_table(rule.checks)),
        "Remediation:",
        "\n".join(f"- `{check.name}`: `{check.command}`" for check in remedies),
    ]
    if controls := [f"- `{check.name}`: {control_list(check.controls)}" for check in rule.checks if check.controls]:
        parts += ["Controls:", "\n".join(controls)]
    return "\n\n".join(parts)


def _table(checks: Sequence[Check]) -> Iterator[str]:
    yield "| check | question | severity | confirmed | advisory | reads |"
    yield "|---|---|---|---|---|---|"
    for check in checks:
        cells = (
            f"`{check.name}`",
            " ".join(filter(None, [check.question, check.impact and f"Otherwise: {check.impact}"])),
            str(check.severity),
            "yes" if check.confirm > 1 else "",
            "" if check.required else "yes",
            ", ".join(f"`{action}`" for action in sorted(actions([check]))),
        )
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(rules_page(ASKED))
