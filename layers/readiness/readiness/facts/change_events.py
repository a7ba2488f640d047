"""The change events of resources that several facts read, and the age of what they tell of at once."""

from datetime import timedelta

from readiness.engine.fact import Keeps, Source

EVENTS_ARRIVE = "change-events-arrive"
"""The rule that says if they arrive, where EventBridge rules send them."""

WHILE_EVENTS_ARRIVE = Keeps(timedelta(days=1), otherwise=timedelta(), while_passing=(EVENTS_ARRIVE,))
"""The age of answers whose changes the change events report; without these, each run reads them."""


def needs_events(source: Source) -> bool:
    """Return True if answers of the fact are reused only while change events arrive."""
    return source.keeps is not None and EVENTS_ARRIVE in source.keeps.while_passing


KEY = (
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:ScheduleKeyDeletion",
    "kms:CancelKeyDeletion",
    "kms:DisableKeyRotation",
    "kms:EnableKeyRotation",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:DeleteImportedKeyMaterial",
    "kms:ImportKeyMaterial",
)

FUNCTION_POLICY = (
    "lambda:AddPermission20150331v2",
    "lambda:RemovePermission20150331v2",
    "lambda:PutResourcePolicy",
    "lambda:DeleteResourcePolicy",
)

FUNCTION = ("lambda:CreateFunction20150331", "lambda:DeleteFunction20150331")
"""A function that is created again under its name has nothing of the former one. A version can be deleted alone."""

QUEUE = ("sqs:DeleteQueue", "sqs:SetQueueAttributes")

TOPIC = ("sns:DeleteTopic", "sns:SetTopicAttributes")

SUBSCRIPTIONS = ("sns:Subscribe", "sns:Unsubscribe")

FILTER = ("sns:SetSubscriptionAttributes",)
