"""Which calls can move which checks: CloudTrail's event names by event source. An event only says *look*.

The names are those of the events, which Lambda's have a version in:
https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html. What is moved is a rule, with all its
checks, or one check.
"""

from collections.abc import Mapping

from readiness.changes.actor import VERSION

OWN_SIGHT = "change-events-arrive"
"""Whether events arrive at all, and runs are made: the monitor's own health."""

ACCESS = ("iam-least-privilege", "pitr-enabled/togglers", "pitr-enabled/togglers-reviewed", "dead-letters-kept")
ALARMS = ("alarms-wired", "write-failures-audited", "dead-letters-kept")
BEHIND = ("env-vars-set", "iam-least-privilege", "write-failures-audited", "dead-letters-kept")
INVOKED = ("dead-letters-kept", "iam-least-privilege", "env-vars-set", "alarms-wired")
KEYS = ("encryption-kms", "alarms-wired", "dead-letters-kept")
RECOVERY = ("pitr-enabled/on", "pitr-enabled/window", "pitr-enabled/filled")
SETTINGS = (
    "billing-on-demand",
    "encryption-kms",
    "pitr-enabled/deletion-protection",
    "pitr-enabled/kept",
    "pitr-enabled/replication",
    "load-tested",
)
TAGGED = ("cost-monitored", "backups-scheduled")
TOPICS = ("alarms-wired", "write-failures-audited", "dead-letters-kept", "cost-monitored")

Moved = Mapping[str, tuple[str, ...]]


def _all(names: str, moved: tuple[str, ...]) -> Moved:
    return dict.fromkeys(names.split(), moved)


RELEVANT: Mapping[str, Moved] = {
    "dynamodb.amazonaws.com": {
        **_all("UpdateContinuousBackups", RECOVERY),
        **_all("UpdateTimeToLive", ("ttl-enabled",)),
        **_all("UpdateTable DeleteTable", SETTINGS),
        **_all("TagResource UntagResource", TAGGED),
        **_all("PutResourcePolicy DeleteResourcePolicy", ACCESS),
        **_all("UpdateContributorInsights", ("load-tested",)),
        **_all("CreateBackup DeleteBackup", ("backups-scheduled",)),
        **_all("RestoreTableToPointInTime RestoreTableFromBackup", ("restore-drilled",)),
    },
    "kms.amazonaws.com": _all(
        "DisableKey EnableKey ScheduleKeyDeletion CancelKeyDeletion DisableKeyRotation EnableKeyRotation PutKeyPolicy"
        " RevokeGrant DeleteImportedKeyMaterial ImportKeyMaterial",
        KEYS,
    ),
    "monitoring.amazonaws.com": _all(
        "DeleteAlarms PutMetricAlarm PutCompositeAlarm DisableAlarmActions EnableAlarmActions SetAlarmState"
        " PutAlarmMuteRule DeleteAlarmMuteRule DeleteAnomalyDetector",
        ALARMS,
    ),
    "lambda.amazonaws.com": {
        **_all(
            "UpdateFunctionConfiguration20150331v2 UpdateFunctionCode20150331v2 DeleteFunction20150331"
            " CreateFunction20150331 PublishVersion20150331 UpdateAlias20150331 TagResource20170331v2"
            " UntagResource20170331v2",
            BEHIND,
        ),
        **_all(
            "CreateEventSourceMapping20150331 UpdateEventSourceMapping20150331 DeleteEventSourceMapping20150331",
            (*BEHIND, OWN_SIGHT),
        ),
        **_all("AddPermission20150331v2 RemovePermission20150331v2 PutResourcePolicy DeleteResourcePolicy", INVOKED),
        **_all("PutFunctionConcurrency20171031", ("dead-letters-kept",)),
        **_all(
            "PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig",
            ("dead-letters-kept",),
        ),
    },
    "iam.amazonaws.com": _all(
        "PutRolePolicy AttachRolePolicy DeleteRolePolicy DetachRolePolicy CreatePolicyVersion SetDefaultPolicyVersion"
        " UpdateAssumeRolePolicy DeletePolicyVersion PutRolePermissionsBoundary DeleteRolePermissionsBoundary"
        " PutUserPolicy AttachUserPolicy PutGroupPolicy AttachGroupPolicy AddUserToGroup DeleteUserPolicy"
        " DeleteUserPermissionsBoundary CreateAccessKey CreateLoginProfile UpdateLoginProfile",
        ACCESS,
    ),
    "sns.amazonaws.com": _all("DeleteTopic Subscribe Unsubscribe SetTopicAttributes SetSubscriptionAttributes", TOPICS),
    "sqs.amazonaws.com": _all("DeleteQueue SetQueueAttributes", ("dead-letters-kept", "alarms-wired")),
    "logs.amazonaws.com": _all(
        "DeleteLogGroup PutRetentionPolicy DeleteRetentionPolicy PutMetricFilter DeleteMetricFilter",
        ("write-failures-audited",),
    ),
    "backup.amazonaws.com": _all(
        "UpdateBackupPlan DeleteBackupPlan CreateBackupSelection DeleteBackupSelection DeleteRecoveryPoint"
        " PutBackupVaultLockConfiguration UpdateRegionSettings",
        ("backups-scheduled",),
    ),
    "budgets.amazonaws.com": _all(
        "CreateBudget UpdateBudget DeleteBudget CreateNotification UpdateNotification DeleteNotification"
        " CreateSubscriber UpdateSubscriber DeleteSubscriber",
        ("cost-monitored",),
    ),
    "ce.amazonaws.com": _all(
        "CreateAnomalyMonitor UpdateAnomalyMonitor DeleteAnomalyMonitor CreateAnomalySubscription"
        " UpdateAnomalySubscription DeleteAnomalySubscription UpdateCostAllocationTagsStatus",
        ("cost-monitored",),
    ),
    "scheduler.amazonaws.com": _all("UpdateSchedule DeleteSchedule", (OWN_SIGHT, "backups-scheduled")),
    "events.amazonaws.com": _all("PutRule DisableRule DeleteRule RemoveTargets", (OWN_SIGHT, "alarms-wired")),
    "cloudtrail.amazonaws.com": _all("StopLogging DeleteTrail UpdateTrail PutEventSelectors", (OWN_SIGHT,)),
}

GLOBAL = frozenset({"iam.amazonaws.com", "budgets.amazonaws.com", "ce.amazonaws.com"})
"""Recorded in one Region alone, us-east-1, since November 2021:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html#cloudtrail-concepts-global-service-events
"""


def plain(name: str) -> str:
    """The operation's name, without the version that Lambda's events bear."""
    return VERSION.sub("", name)


_MOVED = {(source, plain(name)): moved for source, names in RELEVANT.items() for name, moved in names.items()}


def moved_by(source: str, name: str) -> tuple[str, ...]:
    """The rules and checks that a call can move; none where it concerns nothing that is judged."""
    return _MOVED.get((source, plain(name)), ())


def moves(source: str, name: str, check: str) -> bool:
    """Whether a call can have moved that check."""
    return any(check == each or check.startswith(f"{each}/") for each in moved_by(source, name))


def calls_that_move(check: str) -> list[tuple[str, str]]:
    """Event source and event name of what can have moved the check, in the table's order."""
    return [(source, name) for source, names in RELEVANT.items() for name in names if moves(source, name, check)]
