"""Log groups and their retention."""

from readiness.aws.client import Aws
from readiness.cli.fix.effects import Effect, Values, client, created
from readiness.model import Call


def _retention(aws: Aws, call: Call) -> tuple[Values, Values]:
    name, days = call.parameters["logGroupName"], call.parameters["retentionInDays"]
    answer = client(aws, call).describe_log_groups(logGroupNamePrefix=name)
    found = [group for group in answer.get("logGroups", []) if group.get("logGroupName") == name]
    kept = found[0].get("retentionInDays", "never expire") if found else None
    return {"retentionInDays": kept}, {"retentionInDays": days}


EFFECTS = {
    "CreateLogGroup": Effect(created("logGroupName"), "logs:DescribeLogGroups"),
    "PutRetentionPolicy": Effect(
        _retention,
        "logs:DescribeLogGroups",
        "If the logs were kept longer, CloudWatch Logs deletes the older ones within 72 hours.",
    ),
}
