"""The route of change events as the stack makes it: a trail, rules, a queue, and a function that polls it."""

from collections.abc import Callable
from typing import Any

from readiness.facts.cloudtrail.change_rules import ChangeRoute
from tests.aws import shop

Client = Callable[[str], Any]

RULES = ("TableChanges", "RoleChanges", "RouteChanges", "AlarmChanges")
"""As in template.yaml."""

FUNCTION = "readiness-monitor"


def furnish(client: Client) -> ChangeRoute:
    """Make all parts, and return what the stack's function knows of them."""
    client("s3").create_bucket(Bucket="trail")
    client("cloudtrail").create_trail(Name="all", S3BucketName="trail", IsMultiRegionTrail=True)
    client("cloudtrail").start_logging(Name="all")
    queue = shop.dead_letters(client, "changes")
    for name in RULES:
        client("events").put_rule(Name=name, EventPattern='{"source": ["aws.dynamodb"]}')
        client("events").put_targets(Rule=name, Targets=[{"Id": "changes", "Arn": queue}])
    shop.function(client, FUNCTION, shop.role(client, f"{FUNCTION}-role"), Environment={"Variables": {}})
    client("lambda").create_event_source_mapping(EventSourceArn=queue, FunctionName=FUNCTION)
    return ChangeRoute(RULES, queue, "readiness")
