"""The declared exceptions of the matrix, each with its reason."""

from collections.abc import Mapping

OTHERWISE: Mapping[tuple[str, str], str] = {
    ("DescribeAlarmHistory", "endless pages"): "the fact reads a few pages only, so it has nothing to wait for",
    ("DescribeNotificationsForBudget", "unknown members"): "the notification is what the next call asks for, and"
    " botocore leaves unknown members out of every real answer",
    ("GetPolicy", "gone"): "a policy that is attached exists: what it allows is not known, rather than nothing",
    ("GetPolicyVersion", "gone"): "a policy has a default version: what it allows is not known, rather than nothing",
    ("GetBucketLocation", "malformed body"): "botocore parses the body outside of its parsers: the fact is MALFORMED,"
    " and logged with a traceback",
    (
        "ListTargetsByRule",
        "a token that repeats",
    ): "of the two lists of the fact the first is named, because the error of botocore has no operation",
    ("LookupEvents", "endless pages"): "the fact reads ten pages only, and says STALE because there are more",
    ("Scan", "a token that repeats"): "the fact reads one page of each segment",
    ("Scan", "empty page with a token"): "the fact reads one page of each segment",
    ("Scan", "endless pages"): "the fact reads one page of each segment",
}
"""Cells that are only held to raise nothing that ends a run, and to leave what does not need the call as it was."""

RESTATED: Mapping[str, str] = {
    "alarms-wired/user-errors": "of several reasons why no alarm reaches on-call, one that was read is named",
    "backups-scheduled/retained": "of several backup plans, one that was read is named",
    "backups-scheduled/selected": "of several backup plans, those that were read are named",
}
"""Checks whose status another answer proves, in other words."""

NOT_SAID: Mapping[str, str] = {
    "DescribeBudgets": "it lists all budgets of the account, which exists",
    "DescribeMetricFilters": "it lists by metric, and no log group is named that may be missing",
    "ListRuleNamesByTarget": "it lists the rules of the default event bus, which exists",
    "ListRules": "it lists the rules of the default event bus, which exists",
    "ListBackupVaults": "it lists all vaults",
    "ListSchedules": "it lists the schedules of all groups",
}
"""Operations whose model has an error for a missing resource, but which name no resource."""

ELSEWHERE: Mapping[str, str] = {
    "BatchWriteItem": "the command line only: purge",
    "DeleteParameter": "the command line only: purge",
    "GetCallerIdentity": "made before a run: without an answer it does not start",
    "GetItem": "the command line only: what people wrote",
    "PutItem": "the command line only: what people write",
    "SendMessage": "made by the function after a run, for a second look: without it the invocation fails",
}
"""Operations of the product that no run makes for itself."""

UNANSWERED = ("connect timeout", "malformed body", "members of other types", "no endpoint", "read timeout")
REFUSED = ("denied", "gone", "refused", "server error", "throttled for ever")

TWICE: Mapping[tuple[str, str], str] = {
    **{
        ("DeleteItem", fault): "the message was published, and stays in the outbox: at least once is what remains"
        for fault in (*UNANSWERED, *REFUSED)
    },
    ("Publish", "malformed body"): "SNS may have taken the message, and has no token that makes a second one harmless",
    ("Publish", "read timeout"): "the same, and botocore repeats the call",
}
"""Cells of the run's own calls in which a message may be told more than once."""

UNREAD: Mapping[tuple[str, str], str] = {
    ("PutParameter", "members of other types"): "nothing of the answer is read",
}
"""Cells of the run's own calls that lead to nothing."""

LINES: Mapping[tuple[str, str], str] = {
    ("Publish", "refused"): "the message and the safe one in its place are refused, each a line",
}
"""Cells of the run's own calls with more than one line of the same text."""

BESIDES: Mapping[str, tuple[str, ...]] = {
    "DescribeAlarms": ("the run could not be recorded",),
}
"""The lines of what has to fail too, so that a run makes the call at all."""
