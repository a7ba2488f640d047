"""What is there in some accounts only: replicas, imported keys, streams, schedules, destinations of other kinds."""

import json
from typing import Any

from msgspec.structs import replace

from readiness.checklist import BackupDecision
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from tests.aws import alarms, backups, functions, shop
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE, encrypt, make_table
from tests.aws.admitting import admit
from tests.aws.managed import publish
from tests.run.world import World

Json = dict[str, Any]

THERE = "eu-west-1"


def widen(world: World) -> None:
    """What the account may have besides all that the rules ask about."""
    _destinations(world)
    _clicks(world)
    _queried(world)
    _copied(world)
    _limited(world)
    _people(world)
    _selectors(world)


def other(world: World) -> None:
    """A global table in the middle of a change, that is backed up on demand, under a key of imported material."""
    decision = BackupDecision(
        "on_demand", "the CTO", world.now.date(), "it is small", cadence_hours=24, retention_days=35
    )
    world.want(backup_decision=decision)
    world.item("CART#1")
    topic = world.account.client("sns").create_topic(Name="alarms")["TopicArn"]
    shop.furnish(world.account.client, topic)
    _imported(world)
    _replicated(world)
    _scheduled(world)
    _changes(world)
    world.recovery(on=False)
    world.now = world.now.replace(microsecond=0)


def _destinations(world: World) -> None:
    """Failed events go to a topic that is encrypted, a bus, a bucket and a function, each by a qualifier of its own."""
    client, cart = world.account.client, shop.FUNCTIONS[0]
    key = client("kms").create_key(Description="failures")["KeyMetadata"]["Arn"]
    topic = client("sns").create_topic(Name="failures", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    queue = shop.dead_letters(client, "failures-read")
    admit(client("sqs"), client("sqs").get_queue_url(QueueName="failures-read")["QueueUrl"], topic)
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    bus = client("events").create_event_bus(Name="failures")["EventBusArn"]
    shop.function(client, "failures", shop.role(client, "failures"))
    client("lambda").add_permission(
        FunctionName="failures", StatementId="cart", Action="lambda:InvokeFunction", Principal=ACCOUNT
    )
    client("s3").create_bucket(Bucket="failures")
    for name, qualifier, to in (
        (cart, "$LATEST", topic),
        (cart, "1", bus),
        (shop.FUNCTIONS[1], "$LATEST", functions.arn_of("failures")),
    ):
        client("lambda").put_function_event_invoke_config(
            FunctionName=name, Qualifier=qualifier, DestinationConfig={"OnFailure": {"Destination": to}}
        )


def _clicks(world: World) -> None:
    """A stream of Kinesis is polled; of what fails, a bucket is told."""
    client = world.account.client
    client("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    client("lambda").create_event_source_mapping(
        FunctionName=shop.FUNCTIONS[1],
        EventSourceArn=f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/clicks",
        StartingPosition="LATEST",
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:s3:::failures"}},
        MaximumRecordAgeInSeconds=3600,
    )


def _queried(world: World) -> None:
    """An alarm chooses tables by a tag."""
    query = 'SELECT SUM(ReadThrottleEvents) FROM SCHEMA("AWS/DynamoDB", TableName) WHERE tag."Project" = \'BabesClub\''
    world.account.client("cloudwatch").put_metric_alarm(
        AlarmName="by tag",
        Metrics=[{"Id": "q", "Expression": query, "Period": 60, "ReturnData": True}],
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
    )


def _copied(world: World) -> None:
    """A plan that selects by a tag copies what it makes to another Region, and to a vault behind an air gap."""
    client = world.account.client
    apart = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:apart"
    copies = [
        {
            "DestinationBackupVaultArn": f"arn:aws:backup:{THERE}:{ACCOUNT}:backup-vault:far",
            "Lifecycle": {"DeleteAfterDays": 90},
        }
    ]
    weekly = {
        **backups.DAILY,
        "RuleName": "weekly",
        "ScheduleExpression": "cron(0 4 ? * SUN *)",
        "CopyActions": copies,
        "TargetLogicallyAirGappedBackupVaultArn": apart,
    }
    plan = backups.make_plan(client, "copies", weekly)
    tag = {"ConditionType": "STRINGEQUALS", "ConditionKey": "Project", "ConditionValue": "BabesClub"}
    backups.select(client, plan, ListOfTags=[tag])


def _limited(world: World) -> None:
    """What may be consumed of the table is limited, of which moto knows nothing."""
    limits = {"MaxReadRequestUnits": 4_000, "MaxWriteRequestUnits": 4_000}
    _described(world, OnDemandThroughput=limits)


def _described(world: World, **members: Any) -> None:
    """Let DescribeTable say this of the table too."""

    def change(answer: Json) -> None:
        if answer["Table"]["TableName"] == TABLE:
            answer["Table"].update(members)

    world.account.alter("dynamodb", "DescribeTable", change)


def _people(world: World) -> None:
    """A role with a policy that is managed and a boundary, and a user who is in a group; some policies are AWS's."""
    iam = world.account.client("iam")
    reads = json.dumps(shop.document(shop.allow(["dynamodb:DescribeTable", "dynamodb:GetItem"], ARN)))
    policy = iam.create_policy(PolicyName="reads", PolicyDocument=reads)["Policy"]["Arn"]
    trust = json.dumps(shop.document(shop.TRUSTS_LAMBDA))
    iam.create_role(RoleName="reader", AssumeRolePolicyDocument=trust, PermissionsBoundary=policy)
    iam.attach_role_policy(RoleName="reader", PolicyArn=policy)
    iam.create_group(GroupName="support")
    iam.put_group_policy(GroupName="support", PolicyName="reads", PolicyDocument=reads)
    iam.create_user(UserName="maria")
    iam.add_user_to_group(GroupName="support", UserName="maria")
    iam.attach_user_policy(UserName="maria", PolicyArn=policy)
    logs, reading = publish("AWSLambdaBasicExecutionRole", "AmazonDynamoDBReadOnlyAccess")
    iam.attach_role_policy(RoleName=f"{shop.FUNCTIONS[0]}-role", PolicyArn=logs)
    iam.attach_group_policy(GroupName="support", PolicyArn=reading)
    iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=trust, PermissionsBoundary=reading)


def _selectors(world: World) -> None:
    """A trail that chooses by advanced selectors."""
    cloudtrail = world.account.client("cloudtrail")
    cloudtrail.create_trail(Name="chosen", S3BucketName="trail", IsMultiRegionTrail=True)
    chosen = [{"Name": "all", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]
    cloudtrail.put_event_selectors(TrailName="chosen", AdvancedEventSelectors=chosen)
    cloudtrail.start_logging(Name="chosen")


def _imported(world: World) -> None:
    """The key's material was imported and expires. Moto imports none."""
    kms = world.account.client("kms")
    key = kms.create_key(Description="imported")["KeyMetadata"]
    encrypt(world.account, key["Arn"])
    until = world.now.replace(year=world.now.year + 1)
    world.account.alter(
        "kms",
        "DescribeKey",
        lambda answer: answer["KeyMetadata"].update(
            Origin="EXTERNAL", ValidTo=until, ExpirationModel="KEY_MATERIAL_EXPIRES"
        ),
    )
    rotation = {"KeyId": key["KeyId"], "RotationDate": world.now, "RotationType": "ON_DEMAND"}
    material = {"KeyMaterialId": "m1", "ValidTo": until, "KeyMaterialState": "CURRENT", "ImportState": "IMPORTED"}
    world.account.alter("kms", "ListKeyRotations", lambda answer: answer.update(Rotations=[{**rotation, **material}]))


def _replicated(world: World) -> None:
    """A replica in another Region."""
    make_table(world.account.aws.client("dynamodb", THERE))
    there = {"RegionName": THERE, "ReplicaStatus": "ACTIVE", "ReplicaArn": ARN.replace(REGION, THERE)}
    _described(world, Replicas=[there], GlobalTableVersion="2019.11.21", MultiRegionConsistency="EVENTUAL")


def _scheduled(world: World) -> None:
    """A schedule makes backups, and one was made."""
    client = world.account.client
    client("dynamodb").create_backup(TableName=TABLE, BackupName="nightly")
    client("scheduler").create_schedule(
        Name="nightly",
        ScheduleExpression="rate(1 day)",
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={
            "Arn": "arn:aws:scheduler:::aws-sdk:dynamodb:createBackup",
            "RoleArn": f"arn:aws:iam::{ACCOUNT}:role/scheduler",
            "Input": json.dumps({"TableName": TABLE, "BackupName": "nightly"}),
        },
    )


def _changes(world: World) -> None:
    """The stack's rules, of which one is off and one calls nothing."""
    client = world.account.client
    queue = shop.dead_letters(client, "changes")
    world.route = replace(ChangeRoute(), rules=("TableChanges", "AlarmChanges"), queue=queue, stack="readiness")
    for name in world.route.rules or ():
        client("events").put_rule(Name=name, EventPattern=json.dumps({"source": ["aws.dynamodb"]}))
    client("events").put_targets(Rule="TableChanges", Targets=[{"Id": "changes", "Arn": queue}])
    client("events").disable_rule(Name="AlarmChanges")
    alarms.combine(world.account, "nothing", f'ALARM("{TABLE} throttled")', queue)
