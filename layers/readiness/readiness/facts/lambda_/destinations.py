"""Functions, event buses and buckets as destinations of failed events, and their resource-based policies.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from readiness.aws.answer import Answer
from readiness.aws.arn import name_of, part_of, qualifier_of, region_of, service_of, unqualified
from readiness.aws.client import Aws, existing
from readiness.engine.fact import fact
from readiness.facts.iam.grants import NOBODY, Grants, grants
from readiness.facts.lambda_.failure_routes import FailureTarget
from readiness.facts.lambda_.policies import policy_of
from readiness.model import Fact, Gone

NO_BUCKET = frozenset({"404", "NoSuchBucket"})


class Destination(Fact):
    """A destination that exists, and the principals that its policy allows; that of a bucket is not read."""

    kind: str
    name: str
    senders: Grants = NOBODY

    @property
    def whole(self) -> bool:
        """Return True where its policy was read."""
        return self.kind != "s3"


@fact(
    "lambda:GetFunctionConfiguration",
    "lambda:GetPolicy",
    "events:DescribeEventBus",
    "s3:GetBucketLocation",
    resources={"events:DescribeEventBus": ("arn:*:events:*:*:event-bus/*",)},
    absent="the target is not a Lambda function or an event bus",
)
def destination(aws: Aws, target: FailureTarget) -> Destination | None:
    """Return None for a queue, a topic, or a resource that no AWS API describes."""
    match service_of(target.arn):
        case "lambda":
            return _function(aws, target.arn)
        case "events":
            return _bus(aws, target.arn)
        case "s3":
            return _bucket(aws, target.arn)
        case _:
            return None


def _function(aws: Aws, arn: str) -> Destination:
    client = aws.client("lambda", region_of(arn))
    name = f"the function {arn.partition(':function:')[2]}"
    with existing(name):
        client.get_function_configuration(FunctionName=arn)
        policy = policy_of(client, unqualified(arn), qualifier_of(arn))
    return Destination("lambda", name, grants(policy, "lambda:InvokeFunction"))


def _bus(aws: Aws, arn: str) -> Destination:
    name = f"the event bus {part_of(arn, 1)}"
    with existing(name):
        answer = Answer(aws.client("events", region_of(arn)).describe_event_bus(Name=arn), "events:DescribeEventBus")
    policy = answer.get("Policy", str, "")  # absent for a bus without a policy
    return Destination("events", name, grants(policy, "events:PutEvents"))


def _bucket(aws: Aws, arn: str) -> Destination:
    """Return the bucket. Reading a bucket with that name in another account is denied."""
    from botocore.exceptions import ClientError

    name = f"the bucket {name_of(arn)}"
    try:
        aws.client("s3").get_bucket_location(Bucket=name_of(arn), ExpectedBucketOwner=aws.account)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in NO_BUCKET:
            msg = f"{name} does not exist"
            raise Gone(msg) from None
        raise
    return Destination("s3", name)
