"""`docs/rules.md`: every rule and its checks, rendered from the catalogue. Printed by running this module."""

import sys
from collections.abc import Iterator, Sequence

from readiness.engine.rule import Check, Rule
from readiness.report.permissions import actions
from readiness.rules import ASKED

HEAD = """\
# The rules

Each item of the checklist is a rule, and asks several questions; each is a check. A check that is advisory can fail the
item, but what it could not read does not make the item unknown. What is confirmed is read twice before it is told."""

NOT_YET = """\
## Not judged yet

- **1.1** the peak of the last days against an on-demand maximum, and whether provisioned capacity would be cheaper
- **1.2** whether the keys of older backups still live
- **2.2** whether conditions of a role compare with the values that were reviewed
- **2.3** whether the code logs or raises again each failed write, and synthetic failures
- **3.1** log alarms, and topics of other accounts or Regions that alarms call
- **3.2** whether who consumes dead letters deletes those that it can't process
- **3.3** budgets and monitors of the organization's other accounts, and what AWS's own monitors of a tag tell
- **3.4** on-demand backups that a function or a runbook makes, how long such backups are kept, and copies elsewhere
- **5.1** restores that were called for in another Region, and whether what a copy lacks was put back
- **5.2** whether the kinds of items have changed since the test, and the account's own limits of a table
- replicas of a global table in other Regions"""


def rules_page(rules: Sequence[Rule]) -> str:
    """The whole page, in Markdown."""
    return "\n\n".join([HEAD, *(_rule(rule) for rule in rules), NOT_YET]) + "\n"


def _rule(rule: Rule) -> str:
    remedies = [check for check in rule.checks if check.fix]
    parts = [
        f"## {rule.item} {rule.title}",
        f"`{rule.id}`, {rule.severity}. [Reference]({rule.reference})",
        rule.page,
        "\n".join(_table(rule.checks)),
        "How to mend it:",
        "\n".join(f"- `{check.name}`: `{check.command}`" for check in remedies),
    ]
    return "\n\n".join(parts)


def _table(checks: Sequence[Check]) -> Iterator[str]:
    yield "| check | question | severity | confirmed | advisory | reads |"
    yield "|---|---|---|---|---|---|"
    for check in checks:
        cells = (
            f"`{check.name}`",
            " ".join(check.question.split()),
            str(check.severity),
            "yes" if check.confirm > 1 else "",
            "" if check.required else "yes",
            ", ".join(f"`{action}`" for action in sorted(actions([check]))),
        )
        yield f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.stdout.write(rules_page(ASKED))
