"""The remediation commands for a trail that does not log every API call that can change a finding. Pure.

An existing trail is changed, because a second copy of management events is charged by event. It gets one more event
selector: an event is logged if any selector matches, so its other selectors stay.
"""

import json
from collections.abc import Sequence
from typing import Any

from readiness.aws.arn import partition_of, region_of
from readiness.facts.cloudtrail.trails import TrailChange, TrailSight
from readiness.facts.dynamodb.table import Table
from readiness.model import Remedy

TRAIL = "changes"
WRITES = {"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True, "DataResources": []}
WRITES_ADVANCED = {
    "Name": "All write management events",
    "FieldSelectors": [
        {"Field": "eventCategory", "Equals": ["Management"]},
        {"Field": "readOnly", "Equals": ["false"]},
    ],
}
NAMED = "{TrailARN} --region {HomeRegion}"


def _select(option: str, member: str, selector: dict[str, Any]) -> str:
    """Return a command that reads the selectors and writes them again with one more."""
    more = json.dumps(selector, separators=(",", ":")).replace("{", "{{").replace("}", "}}")
    return (
        f"aws cloudtrail get-event-selectors --trail-name {NAMED} --query {member} | jq '. + [{more}]' > selectors.json"
        f" && aws cloudtrail put-event-selectors --trail-name {NAMED} --{option} file://selectors.json"
    )


COMMANDS = {
    TrailChange.ALL_REGIONS: f"aws cloudtrail update-trail --name {NAMED} --is-multi-region-trail"
    " --include-global-service-events",
    TrailChange.SELECT: _select("event-selectors", "EventSelectors", WRITES),
    TrailChange.SELECT_ADVANCED: _select("advanced-event-selectors", "AdvancedEventSelectors", WRITES_ADVANCED),
    TrailChange.LOG: f"aws cloudtrail start-logging --name {NAMED}",
    TrailChange.DELIVER: f"aws cloudtrail get-trail --name {NAMED}",
}

# A bucket with a new name, so that no existing bucket policy is replaced.
CREATE = (
    'bucket=cloudtrail-{account}-$(date +%s) && aws s3 mb "s3://$bucket" --region {region}'
    ' && aws s3api put-bucket-policy --bucket "$bucket" --region {region} --policy'
    ' "$(printf \'%s\' {BucketPolicy} | sed "s/BUCKET/$bucket/g")"'
    ' && aws cloudtrail create-trail --name {TrailName} --s3-bucket-name "$bucket" --is-multi-region-trail'
    " --include-global-service-events --region {region}"
    " && aws cloudtrail start-logging --name {TrailName} --region {region}"
)


def hand_over(trails: Sequence[TrailSight], table: Table) -> Remedy:
    """Return the change of the trail that lacks least; the creation of one where the account owns none.

    The bucket of a new trail accepts only its deliveries:
    https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
    """
    own = sorted((each for each in trails if not each.owner), key=lambda each: (len(each.changes), each.name))
    if own:
        commands = [COMMANDS[each] for each in COMMANDS if each in own[0].changes]
        return Remedy(" && ".join(commands), {"TrailARN": own[0].arn, "HomeRegion": region_of(own[0].arn)})
    partition = partition_of(table.arn)
    source = f"arn:{partition}:cloudtrail:{table.region}:{table.account}:trail/{TRAIL}"
    by_cloudtrail: dict[str, Any] = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
    statements = [
        {
            **by_cloudtrail,
            "Action": "s3:GetBucketAcl",
            "Resource": f"arn:{partition}:s3:::BUCKET",
            "Condition": {"StringEquals": {"aws:SourceArn": source}},
        },
        {
            **by_cloudtrail,
            "Action": "s3:PutObject",
            "Resource": f"arn:{partition}:s3:::BUCKET/AWSLogs/{table.account}/*",
            "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control", "aws:SourceArn": source}},
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":"))
    return Remedy(CREATE, {"BucketPolicy": policy, "TrailName": TRAIL})
