"""An account in which every fact has something to read: all that the rules ask about is there, and of several kinds."""

import json
from typing import Any

import pytest
from moto.awslambda.models import LambdaBackend
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.responses import ActionResult
from msgspec import structs

from readiness.checklist import BackupDecision, OnCall, SampleSettings
from readiness.rules import ASKED
from tests.answers.wider import other, widen
from tests.aws import alarms, backups, costs, functions, shop
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE, encrypt
from tests.aws.alarm_actions import act
from tests.run.world import World

ANYBODY: dict[str, Any] = {"AWS": "*"}


def furnish(world: World) -> None:
    """Everything is there, and most of it is as it should be."""
    client = world.account.client
    decision = BackupDecision("aws_backup", "the CTO", world.now.date(), "out of reach of who may delete the table")
    world.want(backup_decision=decision, sample=SampleSettings(enabled=True))
    world.settings = structs.replace(world.settings, on_call=OnCall(event_bridge=True))
    world.item("CART#1")
    world.documented()
    world.drilled()
    _keyed(world)
    _streamed(world)
    topic = _topic(world)
    shop.furnish(client, topic)
    costs.furnish(client, topic)
    backups.run(backups.furnish(client))
    client("dynamodb").create_backup(TableName=TABLE, BackupName="by-hand")
    _versions(world)
    _sources(world)
    _alarms(world, topic)
    _watched(world)
    _trail(world)
    _scaled(world)
    widen(world)
    act()
    world.now = world.now.replace(microsecond=0)


def _keyed(world: World) -> None:
    """A key of the account encrypts the table; it is rotated, and roles may decrypt by their own policies."""
    kms = world.account.client("kms")
    key = kms.create_key(Description="cart and checkout")["KeyMetadata"]
    kms.enable_key_rotation(KeyId=key["KeyId"])
    encrypt(world.account, key["Arn"])


def _streamed(world: World) -> None:
    """The table has an index, a stream, and a policy of its own."""
    dynamodb = world.account.client("dynamodb")
    index = {
        "IndexName": "by-mail",
        "KeySchema": [{"AttributeName": "mail", "KeyType": "HASH"}],
        "Projection": {"ProjectionType": "ALL"},
    }
    dynamodb.update_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": "mail", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": index}],
    )
    functions.stream(world.account)
    own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "dynamodb:GetItem"}
    dynamodb.put_resource_policy(ResourceArn=ARN, Policy=json.dumps(shop.document({**own, "Resource": ARN})))


def _topic(world: World) -> str:
    """Alarms go to an encrypted topic; a queue, a function and a web hook listen, one of them by a filter."""
    sns, sqs, kms = (world.account.client(name) for name in ("sns", "sqs", "kms"))
    key = kms.create_key(Policy=json.dumps(_for_services("kms:*", "*")))["KeyMetadata"]["Arn"]
    topic: str = sns.create_topic(Name="alarms", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    queue = shop.dead_letters(world.account.client, "pages", KmsMasterKeyId=key)
    url = sqs.get_queue_url(QueueName="pages")["QueueUrl"]
    policy = json.dumps(_for_services("sqs:SendMessage", queue))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    redrive = json.dumps({"deadLetterTargetArn": queue})
    heard = {"FilterPolicy": json.dumps({"NewStateValue": ["ALARM"]}), "FilterPolicyScope": "MessageBody"}
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue, Attributes={"RedrivePolicy": redrive, **heard})
    sns.subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15550100")
    shop.function(world.account.client, "pager", shop.role(world.account.client, "pager"), Environment={})
    world.account.client("lambda").add_permission(
        FunctionName="pager", StatementId="topic", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com"
    )
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=functions.arn_of("pager"))
    return topic


def _for_services(action: str, resource: str) -> dict[str, Any]:
    services = ["cloudwatch.amazonaws.com", "sns.amazonaws.com", "lambda.amazonaws.com", "budgets.amazonaws.com"]
    return shop.document(
        {"Effect": "Allow", "Principal": {"Service": services}, "Action": action, "Resource": resource},
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": action, "Resource": "*"},
    )


def _versions(world: World) -> None:
    """An alias splits its calls between two versions, and keeps what fails."""
    cart, client = shop.FUNCTIONS[0], world.account.client("lambda")
    client.tag_resource(Resource=functions.arn_of(cart), Tags={"Project": "BabesClub"})
    one = client.publish_version(FunctionName=cart)["Version"]
    client.update_function_configuration(FunctionName=cart, Description="newer")
    two = client.publish_version(FunctionName=cart)["Version"]
    functions.alias(world.account, cart, "live", two, **{f"v{one}": 0.1})
    kept = f"arn:aws:sqs:{REGION}:{ACCOUNT}:babesclub-dead-letters"
    client.put_function_event_invoke_config(
        FunctionName=cart,
        Qualifier="live",
        MaximumRetryAttempts=2,
        DestinationConfig={"OnFailure": {"Destination": kept}},
    )
    client.create_function_url_config(FunctionName=shop.FUNCTIONS[1], AuthType="AWS_IAM")


def _sources(world: World) -> None:
    """A queue with dead letters of its own, and the table's stream, are polled."""
    client = world.account.client
    kept = f"arn:aws:sqs:{REGION}:{ACCOUNT}:babesclub-dead-letters"
    redrive = json.dumps({"deadLetterTargetArn": kept, "maxReceiveCount": 5})
    orders = shop.dead_letters(client, "orders", RedrivePolicy=redrive, MessageRetentionPeriod="86400")
    stream = client("dynamodb").describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    for source, more in (
        (orders, {}),
        (
            stream,
            {
                "StartingPosition": "LATEST",
                "DestinationConfig": {"OnFailure": {"Destination": kept}},
                "MaximumRetryAttempts": 5,
                "BisectBatchOnFunctionError": True,
            },
        ),
    ):
        client("lambda").create_event_source_mapping(FunctionName=shop.FUNCTIONS[1], EventSourceArn=source, **more)


def _alarms(world: World, topic: str) -> None:
    """A composite alarm, one alarm by Metrics Insights, one on the bill, and a rule on state changes."""
    cloudwatch = world.account.client("cloudwatch")
    alarms.combine(world.account, "anything", f'ALARM("{TABLE} throttled") OR ALARM("DynamoDB UserErrors")', topic)
    query = 'SELECT SUM(ThrottledRequests) FROM SCHEMA("AWS/DynamoDB", Operation, TableName)'
    cloudwatch.put_metric_alarm(
        AlarmName="insights",
        Metrics=[{"Id": "q", "Expression": f"{query} WHERE TableName = '{TABLE}'", "Period": 60, "ReturnData": True}],
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=5,
        DatapointsToAlarm=2,
        AlarmActions=[topic, functions.arn_of("pager")],
    )
    shop.alarm(world.account.client, topic, "AWS/Billing", "EstimatedCharges", {"Currency": "USD"})
    events = world.account.client("events")
    pattern = {"source": ["aws.cloudwatch"], "detail-type": ["CloudWatch Alarm State Change"]}
    events.put_rule(Name="alarms", EventPattern=json.dumps(pattern))
    events.put_targets(Rule="alarms", Targets=[{"Id": "topic", "Arn": topic}])


def _watched(world: World) -> None:
    """There are datapoints of what alarms watch."""
    metric = {"MetricName": "SuccessfulRequestLatency", "Value": 3.0}
    dimensions = [{"Name": "TableName", "Value": TABLE}, {"Name": "Operation", "Value": "GetItem"}]
    world.account.client("cloudwatch").put_metric_data(
        Namespace="AWS/DynamoDB", MetricData=[{**metric, "Dimensions": dimensions}]
    )


def _trail(world: World) -> None:
    world.account.client("s3").create_bucket(Bucket="trail")
    cloudtrail = world.account.client("cloudtrail")
    cloudtrail.create_trail(Name="all", S3BucketName="trail", IsMultiRegionTrail=True)
    cloudtrail.start_logging(Name="all")


def _scaled(world: World) -> None:
    """A scalable target is left from when capacity was provisioned."""
    world.account.client("application-autoscaling").register_scalable_target(
        ServiceNamespace="dynamodb",
        ResourceId=f"table/{TABLE}",
        ScalableDimension="dynamodb:table:ReadCapacityUnits",
        MinCapacity=5,
        MaxCapacity=50,
    )


def mute(patch: pytest.MonkeyPatch) -> None:
    """One alarm is muted at night, as the server itself says."""
    name, alarm = "night", "DynamoDB UserErrors"
    summary = {"AlarmMuteRuleArn": alarms.MUTE_RULE + name, "Status": "ACTIVE", "MuteType": "RECURRING"}
    rule = {
        "Name": name,
        "AlarmMuteRuleArn": alarms.MUTE_RULE + name,
        "Rule": {"Schedule": {"Expression": "cron(0 2 * * *)", "Duration": "PT4H", "Timezone": "UTC"}},
        "MuteTargets": {"AlarmNames": [alarm]},
        "Status": "ACTIVE",
    }
    for operation, answer in (
        ("list_alarm_mute_rules", {"AlarmMuteRuleSummaries": [summary]}),
        ("get_alarm_mute_rule", rule),
    ):
        patch.setattr(CloudWatchResponse, operation, lambda _self, answer=answer: ActionResult(answer), raising=False)


def idle(patch: pytest.MonkeyPatch) -> None:
    """No function runs of what is written to the table's stream: moto would look for Docker each time."""
    patch.setattr(LambdaBackend, "send_dynamodb_items", lambda *_items, **_more: None)


RULES = tuple(ASKED)

ACCOUNTS = (furnish, other)
"""What furnishes each of them."""
