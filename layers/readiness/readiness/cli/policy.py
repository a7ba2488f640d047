"""`readiness policy`."""

import json
from collections.abc import Sequence
from pathlib import Path

from readiness.cli.exits import Exit
from readiness.cli.start import chosen, settings_for
from readiness.cli.terminal import say
from readiness.report import permissions


def run(rules: Sequence[str], table: str, config: Path | None) -> Exit:
    """Print the document, of what the chosen rules' facts declare and nothing else."""
    checks = [check for rule in chosen(rules) for check in rule.checks]
    settings = settings_for(table, config)
    names = [each.name for each in settings.tables]
    # Before one is configured the policy is made for the usual name, so that it need not be changed then.
    staging = [each.drills.staging(each.name) or f"{each.name}-staging" for each in settings.tables]
    sampled = {
        each.name: (each.partition_key, each.sort_key, each.ttl_attribute)
        for each in settings.tables
        if each.sample.enabled
    }
    say(json.dumps(permissions.policy(checks, names, settings.cost.payer_role_arn, staging, sampled), indent=2))
    return Exit.OK
