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

WHOLE = frozenset({"every_remedy", "hostile", "table", "validated"})
"""Modules whose tests all run in `make test`."""

SHORT = {
    "alarms_wired": "test_an_alarm_on_concurrency_is_made_of_the_limit_of_the_account",
    "backups_scheduled": "test_a_schedule_that_runs_too_seldom_gets_one_beside_it",
    "change_events_arrive": "test_a_rule_that_calls_nothing",
    "cost_monitored": "test_tags_that_do_not_divide_the_costs",
    "dead_letters_kept": "test_a_dead_letter_queue_that_lets_nobody_in_lets_that_queue_in",
    "documentation_current": "test_what_nobody_recorded_is_recorded",
    "drills": "test_a_load_test_that_nobody_recorded_is_recorded",
    "encryption_kms": "test_a_key_that_is_not_rotated",
    "env_vars_set": "test_a_variable_is_set_and_all_others_stay",
    "iam_least_privilege": "test_a_role_that_is_gone_is_made_again_with_its_path",
    "links": "test_a_function_that_listens_is_let_in",
    "pitr_enabled": "test_who_is_not_on_the_list_is_denied_and_keeps_what_it_has_besides",
    "write_failures_audited": "test_failed_writes_are_counted_in_the_one_group_that_lacks_it",
}
"""The one test of each other module that runs in `make test`; the others are marked slow."""

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
    "alarms-wired/trained": "AWS trains a model by itself; what it has learned is shown",
    "alarms-wired/fed": "why there is no data is for a person to find; the alarm is shown",
    "write-failures-audited/functions": "which functions belong is for the checklist to say",
    "dead-letters-kept/functions": "which functions belong is for the checklist to say",
    "dead-letters-kept/used": "whoever waits for the answer has to try again, and that is code",
    "dead-letters-kept/delivered": "events that were lost do not come back; where they were to go is shown",
    "dead-letters-kept/subscribed": "the topic and a subscription are made; whoever is asked has to confirm",
    "dead-letters-kept/other-source": "what a broker's records are sent to is for a person to choose",
    "dead-letters-kept/filtered": "who may use the key is for its owner to say",
    "documentation-current/sampled": "the stack is deployed by SAM, which no emulator is asked to do here",
}
"""The reasons, in words, by check."""


BY_HAND = {
    "alarms-wired/drilled": "the drill asks before it sets an alarm off, and is answered",
    "alarms-wired/concurrency": "moto has no settings of an account, so the limit is typed in",
    "alarms-wired/confirmed": "a person confirms the subscription",
}
"""Of these a test types the remedy and asks again too, with something of its own in between."""


def all_checks() -> set[str]:
    """Those that say something of which a remedy is printed."""
    return {check.id for rule in ASKED for check in rule.checks}


def executed() -> set[str]:
    """Those that a test breaks, whose remedy it types, and which it asks again."""
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.glob("test_*.py")]
    return {name for text in texts for found in HEALED.findall(text) for name in found if name} | BY_HAND.keys()


def validated() -> set[str]:
    """Those that AWS would take, as far as its model says."""
    return set(VALIDATED) - executed()
