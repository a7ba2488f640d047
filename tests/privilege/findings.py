"""The findings that need each read permission: they change once its calls are denied."""

import copy
from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from readiness.model import Finding, Status
from readiness.report.permissions import OPERATIONS_OF, SERVICE_OF
from tests.answers.account import ACCOUNTS
from tests.answers.judged import Defects, Judged, account
from tests.answers.replay import Key, Rerun, standing_on
from tests.privilege.accounts import lean

DENIED = {
    "Error": {"Code": "AccessDeniedException", "Message": "denied"},
    "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}, "RequestId": "denied", "RetryAttempts": 0},
}
ACTION_OF = {
    (action.partition(":")[0], operation): action for action, names in OPERATIONS_OF.items() for operation in names
}
PREFIX_OF = {service: prefix for prefix, service in SERVICE_OF.items()}


def action_of(key: Key) -> str:
    """The IAM action that authorizes a call."""
    service, operation, _ = key
    return ACTION_OF.get((service, operation), f"{PREFIX_OF.get(service, service)}:{operation}")


def broken(judged: Judged, action: str) -> list[Finding]:
    """The findings of the account that are UNKNOWN once the action is denied, and were not before."""
    before = judged.findings
    calls = [key for key in judged.tape.asked if action_of(key) == action]
    anew = standing_on(judged.graph, {fact for key in calls for fact in judged.tape.asked[key]})
    checks = [check for check in judged.checks if {need.kind for need in check.needs.values()} & anew]
    defects = Defects()
    judged.tape.instead = {key: (400, copy.deepcopy(DENIED)) for key in calls}
    try:
        snapshot = Rerun(judged.checks, judged.past, judged.snapshot, anew, defects).run()
        found = judged.evaluated(checks, snapshot, defects)
    finally:
        judged.tape.instead = {}
    assert not defects.found, defects.found
    return [
        finding
        for address, finding in found.items()
        if finding.status is Status.UNKNOWN and (address not in before or before[address].status is not Status.UNKNOWN)
    ]


def needed_by(actions: Iterable[str]) -> Mapping[str, list[Finding]]:
    """The findings that each action is needed for, in any of the accounts."""
    found: dict[str, list[Finding]] = {action: [] for action in sorted(actions)}
    for furnished in (*ACCOUNTS, lean):
        with account(furnished) as judged:
            judged.past = replace(judged.past, carried={})  # what an earlier run measured replaces no permission
            for action in found:
                found[action] += broken(judged, action)
    return found
