"""Which remedies are executed, which are validated, and which can't be run, and why."""

import re
from pathlib import Path

from readiness.rules import ASKED
from tests.remedies.test_validated import VALIDATED

FOLDER = Path(__file__).parent
HEALED = re.compile(
    r'\b(?:heal|content|attest|renew)\([^()"]*"([a-z-]+/[a-z-]+)"|^CHECK = "([a-z-]+/[a-z-]+)"', re.MULTILINE
)
"""By what a test names a check whose remedy it has typed, and which it asked again."""

AGAIN = "a load test has to be made anew, by a person"

NOT_RUNNABLE = {
    "billing-on-demand/settled": "AWS alone ends a change; of a table without authority, another check has the remedy",
    "pitr-enabled/filled": "time alone fills a window",
    "pitr-enabled/fresh": "AWS alone catches up; a backup bridges the time until then, and is validated",
    "env-vars-set/updated": "why an update failed is shown, and the next update is for a person",
    "iam-least-privilege/shared": "what a function needs under a role of its own is for a person to grant",
    "backups-scheduled/decided": "a decision is for a person",
    "backups-scheduled/ran": "a plan that ran once is of the past; the next run, or the job's own check, mends it",
    "load-tested/peak": AGAIN,
    "load-tested/throttled": AGAIN,
    "load-tested/hot-keys": AGAIN,
    "load-tested/unchanged": AGAIN,
    "load-tested/keyed-alike": "keys of a table can't be changed: a staging table is made anew by whoever owns it",
    "documentation-current/sampled": "the stack is deployed by SAM, which no emulator is asked to do here",
}
"""The reasons, in words, by check."""

OTHERS = {"alarms-wired", "write-failures-audited", "dead-letters-kept"}
"""Rules whose remedies are not counted yet."""


def all_checks() -> set[str]:
    """Those that say something of which a remedy is printed."""
    return {check.id for rule in ASKED for check in rule.checks if rule.id not in OTHERS}


def executed() -> set[str]:
    """Those that a test breaks, whose remedy it types, and which it asks again."""
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("test_*.py")]
    return {name for text in texts for found in HEALED.findall(text) for name in found if name}


def validated() -> set[str]:
    """Those that AWS would take, as far as its model says."""
    return set(VALIDATED) - executed()
