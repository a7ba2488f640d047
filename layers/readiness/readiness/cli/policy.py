"""`readiness policy`."""

import json
from collections.abc import Sequence
from pathlib import Path

from readiness.cli.exits import Exit
from readiness.cli.names import chosen
from readiness.cli.start import settings_for
from readiness.cli.terminal import say
from readiness.report import permissions


def run(rules: Sequence[str], table: str, config: Path | None) -> Exit:
    """Print the least IAM policy for the facts of the chosen rules; of all rules, for the stored items too."""
    checks = [check for rule in chosen(rules) for check in rule.checks]
    settings = settings_for(table, config)
    names = [each.name for each in settings.tables]
    # Without a configured staging table the policy uses the default name, so that it need not be changed later.
    staging = [each.drills.staging(each.name) or f"{each.name}-staging" for each in settings.tables]
    sampled = {
        each.name: (each.partition_key, each.sort_key, each.ttl_attribute)
        for each in settings.tables
        if each.sample.enabled
    }
    policy = permissions.policy(checks, names, settings.cost.payer_role_arn, staging, sampled)
    if not rules:
        policy["Statement"].append(permissions.stored_items(names))
    say(json.dumps(policy, indent=2))
    return Exit.OK
