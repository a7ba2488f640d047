"""The change events of resources that several facts read."""

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

QUEUE = ("sqs:DeleteQueue", "sqs:SetQueueAttributes")

TOPIC = ("sns:DeleteTopic", "sns:SetTopicAttributes")

SUBSCRIPTIONS = ("sns:Subscribe", "sns:Unsubscribe")

FILTER = ("sns:SetSubscriptionAttributes",)
