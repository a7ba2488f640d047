"""Settings of the table: PITR, TTL, deletion protection and tags."""

from readiness.aws.client import Aws
from readiness.cli.fix.effects import Effect, Values, client, same_names, settings
from readiness.model import Call


def _recovery(aws: Aws, call: Call) -> tuple[Values, Values]:
    answer = client(aws, call).describe_continuous_backups(TableName=call.parameters["TableName"])
    now = answer["ContinuousBackupsDescription"].get("PointInTimeRecoveryDescription", {})
    wanted = call.parameters["PointInTimeRecoverySpecification"]
    after = {"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": wanted["RecoveryPeriodInDays"]}
    return same_names({"PointInTimeRecoveryStatus": "DISABLED", **now}, after)


def _expiry(aws: Aws, call: Call) -> tuple[Values, Values]:
    answer = client(aws, call).describe_time_to_live(TableName=call.parameters["TableName"])
    now = answer.get("TimeToLiveDescription", {})
    wanted = call.parameters["TimeToLiveSpecification"]
    status = now.get("TimeToLiveStatus")
    before = {"TimeToLiveStatus": status, "AttributeName": None if status == "DISABLED" else now.get("AttributeName")}
    if not wanted["Enabled"]:
        return before, {"TimeToLiveStatus": "DISABLED", "AttributeName": None}
    return before, {"TimeToLiveStatus": "ENABLED", "AttributeName": wanted["AttributeName"]}


def _protection(aws: Aws, call: Call) -> tuple[Values, Values]:
    described = client(aws, call).describe_table(TableName=call.parameters["TableName"])["Table"]
    wanted = settings(call, "TableName")
    return {name: described.get(name, False) for name in wanted}, wanted


def _tags(aws: Aws, call: Call) -> tuple[Values, Values]:
    pages = client(aws, call).get_paginator("list_tags_of_resource")
    listed = [tag for page in pages.paginate(ResourceArn=call.parameters["ResourceArn"]) for tag in page["Tags"]]
    now = {f"tag {tag['Key']}": tag["Value"] for tag in listed}
    return same_names(now, {f"tag {tag['Key']}": tag["Value"] for tag in call.parameters["Tags"]})


EFFECTS = {
    "UpdateContinuousBackups": Effect(
        _recovery,
        "dynamodb:DescribeContinuousBackups",
        "Restore points from before PITR was disabled stay lost: the recovery window starts anew. PITR is billed by"
        " the size of the table.",
    ),
    "UpdateTimeToLive": Effect(
        _expiry,
        "dynamodb:DescribeTimeToLive",
        "Items whose expiry has passed are deleted within a few days, and cannot be restored without PITR or a backup."
        " DynamoDB accepts one change of TTL per hour.",
    ),
    "UpdateTable": Effect(_protection, "dynamodb:DescribeTable"),
    "TagResource": Effect(_tags, "dynamodb:ListTagsOfResource"),
}
