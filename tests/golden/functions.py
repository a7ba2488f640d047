"""What stands behind each of the fixed tables: its functions, their roles and logs, and where failed events go.

Of each axis one element is shown: one function, one role, one queue. The last table is used by no function at all.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from readiness.alarms.route import PAGES, Route
from readiness.alarms.series import series
from readiness.checklist import ITEM_ACTIONS, FunctionSettings
from readiness.engine.each import Each
from readiness.facts.cloudwatch.alarm_indexes import (
    OF_ACCOUNT,
    DynamodbAlarms,
    FunctionAlarms,
    QueueAlarms,
    dynamodb_alarms,
    function_alarms,
    queue_alarms,
    throttles_of,
)
from readiness.facts.cloudwatch.alarms import Alarm
from readiness.facts.cloudwatch.failure_metrics import (
    FailureDimensions,
    FailureFilter,
    FailureFilters,
    FailureMetric,
    FailureSeries,
)
from readiness.facts.cloudwatch.log_groups import FunctionLogGroup, LogGroup
from readiness.facts.dynamodb.key import KeyPolicy
from readiness.facts.dynamodb.resource_policy import ResourcePolicy, StreamPolicy
from readiness.facts.dynamodb.table import Table
from readiness.facts.iam.grants import Grants
from readiness.facts.iam.table_roles import RolePolicies, RoleReview, TableRole
from readiness.facts.lambda_.failure_routes import FailureTarget, SendingRoles
from readiness.facts.lambda_.failure_targets import Destination, KeyOfTarget, TargetListeners, TargetQueue, TargetTopic
from readiness.facts.lambda_.function_sources import FunctionSource, SourceQueue, StreamRetention
from readiness.facts.lambda_.functions import Function
from readiness.facts.lambda_.invocation_paths import (
    DlqFunction,
    InvocationPath,
    InvocationPaths,
    InvokeConfig,
    InvokeConfigs,
    Qualifier,
)
from readiness.facts.lambda_.live_versions import Configuration, EnvironmentVariables, LiveVersion
from readiness.facts.lambda_.metrics import AsyncMetrics, Invocations
from readiness.facts.lambda_.table_functions import Selected, TableFunction, Unclassified
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.sns.paging import Routes
from readiness.facts.sqs.dead_letter_queues import DeadLetterQueue, DlqAttributes, RedriveQueue
from readiness.iam.statement import Statement, statements
from readiness.model import Gone
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.golden.alarms import CHANGING_ALARMS, DOOMED_ALARMS, GOOD_ALARMS, NEGLECTED_ALARMS, TOLERATED_ALARMS
from tests.golden.facts import Facts
from tests.rules.alarms import FAILURES, SILENT, alarm, failures_alarm, queue_alarm, routes
from tests.rules.dead_letters import (
    DAY,
    DEAD,
    KEPT,
    POLLED,
    TOPIC,
    metrics,
    polled,
    qualifier,
    redriven,
    roles,
    source,
    target,
    target_queue,
    target_topic,
    waiting,
    way,
    ways,
)
from tests.rules.dead_letters import allow as allowed
from tests.rules.facts import KEY, ago, checklist
from tests.rules.functions import (
    CHECKOUT,
    THE_TABLE,
    configuration,
    each,
    function,
    live_version,
    table_function,
    unclassified,
    variables,
)
from tests.rules.roles import (
    BY_LAMBDA,
    ITEMS,
    LOGS,
    NO_MONITOR_ROWS,
    Document,
    allow,
    document,
    principal,
    review,
    role,
)

FIFO = f"{DEAD}.fifo"
OWN_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/8e2b6f3c-0d7a-4f0e-9b51-6c1f2a3d4e5f"
LEFT_TO_IAM = Grants(admitted=(f"arn:aws:iam::{ACCOUNT}:root",))
DECRYPTS = allow("kms:Decrypt", KEY, Condition={"StringEquals": {"kms:ViaService": f"dynamodb.{REGION}.amazonaws.com"}})
STREAM = f"{ARN}/stream/2026-11-01T00:00:00.000"
ON_ITS_OWN = series(FAILURES, "WriteFailure", Domain="quote")
SHARED = role(functions=("cart", "checkout"))


def key_policy(*principals: str) -> KeyPolicy:
    return KeyPolicy((Statement(allow=True, actions=("kms:*",), resources=("*",), principals=principals),))


def table_policy(*written: Document) -> ResourcePolicy:
    return ResourcePolicy(statements(document(*written), "resource policy"))


def stream_policy(*written: Document) -> StreamPolicy:
    return StreamPolicy(STREAM, statements(document(*written), "resource policy"))


def may(policies: Mapping[str, Document], wanted: Checklist | None = None, **other: Any) -> Facts:
    """What is found in the role that two functions share, with those policies."""
    who = principal(policies, **other)
    return {RolePolicies: RolePolicies(who), RoleReview: review(who, wanted, SHARED)}


LAMBDA_ALARMS = (
    alarm("lambda-throttles", replace(throttles_of("checkout")[1], statistic="Sum")),
    alarm("lambda-concurrency", replace(OF_ACCOUNT[0], statistic="Maximum"), threshold=800),
)


def alarms(*known: Alarm, **other: Route) -> Facts:
    """Every one of these pages, but for those that are named with another route."""
    found = each(*known)
    return {
        Each[Alarm]: found,
        QueueAlarms: queue_alarms(found),
        DynamodbAlarms: dynamodb_alarms(found),
        FunctionAlarms: function_alarms(found),
        Routes: routes(*known, **other),
    }


def logs_to(group: LogGroup | None, *filters: tuple[str, ...]) -> Facts:
    """The log group of the function, if there is one, and the dimensions of each filter that counts failed writes."""
    name = "/aws/lambda/checkout"
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{name}"
    return {
        FunctionLogGroup: FunctionLogGroup(name, arn, ("checkout",)),
        Each[FunctionLogGroup]: each(FunctionLogGroup(name, arn, ("checkout",))),
        LogGroup: group,
        Each[LogGroup]: Each({arn: group}),
        FailureFilters: FailureFilters(
            tuple(FailureFilter(name, dimensions, sees=("quote",)) for dimensions in filters)
        ),
    }


def running(*versions: Configuration) -> Each[Configuration]:
    return Each({f"{CHECKOUT}:{version.version}": version for version in versions})


def polls(found: FunctionSource, queue: SourceQueue | None = None, redrive: RedriveQueue | None = None) -> Facts:
    """What the function is invoked for, and the queues behind it if it is one."""
    return {
        FunctionSource: found,
        Each[FunctionSource]: Each({found.mapping.arn: found}),
        SourceQueue: queue,
        RedriveQueue: redrive,
        StreamRetention: StreamRetention(DAY) if found.kind == "dynamodb" else None,
    }


def sends_to(
    arn: str,
    queue: TargetQueue | Gone | None = None,
    topic: TargetTopic | None = None,
    key: KeyOfTarget | None = None,
    receiver: Destination | None = None,
) -> Facts:
    """Where failed events go, and what is known of the place."""
    return {
        FailureTarget: target(arn),
        DeadLetterQueue: waiting(arn) if queue else None,
        DlqAttributes: DlqAttributes(queue.queue) if isinstance(queue, TargetQueue) else queue,
        TargetQueue: queue,
        TargetTopic: topic,
        TargetListeners: TargetListeners(PAGES) if topic else None,
        Destination: receiver,
        KeyOfTarget: key,
    }


GOOD: Facts = {
    Table: THE_TABLE,
    Each[Function]: each(function(), function("cart")),
    TableFunction: table_function(),
    Each[TableFunction]: each(table_function(), table_function(name="cart")),
    Each[Unclassified]: each(),
    Selected: Selected(("babesclub-images",)),
    LiveVersion: live_version(),
    EnvironmentVariables: variables(),
    Configuration: configuration(log_format="JSON"),
    Each[Configuration]: running(configuration(log_format="JSON")),
    TableRole: SHARED,
    Each[TableRole]: each(SHARED),
    **may({"cart": document(ITEMS, LOGS, DECRYPTS, *NO_MONITOR_ROWS)}),
    KeyPolicy: key_policy(f"arn:aws:iam::{ACCOUNT}:root"),
    ResourcePolicy: ResourcePolicy(()),
    StreamPolicy: stream_policy(),
    **logs_to(LogGroup("STANDARD", 90), ("Domain",)),
    Invocations: Invocations({"cart": 900, "checkout": 120}),
    FailureSeries: FailureSeries("quote", ON_ITS_OWN),
    FailureMetric: FailureMetric({"quote": False}),
    FailureDimensions: FailureDimensions(()),
    **alarms(failures_alarm("quote"), queue_alarm("checkout-dead-letters"), *LAMBDA_ALARMS, *GOOD_ALARMS),
    DlqFunction: KEPT,
    Qualifier: qualifier(),
    Each[Qualifier]: each(qualifier()),
    InvocationPath: way(),
    InvokeConfigs: InvokeConfigs({}),
    InvocationPaths: ways("$LATEST"),
    AsyncMetrics: metrics(AsyncEventsReceived=120),
    **polls(source("sqs", source=POLLED), polled(), redriven()),
    **sends_to(DEAD, target_queue(key=OWN_KEY), key=KeyOfTarget(OWN_KEY, "Enabled", LEFT_TO_IAM)),
    SendingRoles: roles(allowed("sqs:SendMessage", on=DEAD), allowed("kms:GenerateDataKey", "kms:Decrypt", on=OWN_KEY)),
}

NEGLECTED_SETTINGS = FunctionSettings(names=("checkout", "chekout"), dead_letters_required=("*cart*", "*refund*"))
NEGLECTED: Facts = {
    **GOOD,
    Each[Unclassified]: each(unclassified()),
    EnvironmentVariables: variables(named={}, holders=("TABLE_NAME",)),
    Configuration: configuration(),
    **may(
        {"AdministratorAccess": document(allow("*", "*"))},
        managed=("AdministratorAccess",),
        trust=document({"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}),
    ),
    ResourcePolicy: table_policy(allow("dynamodb:GetItem", ARN, Principal="*")),
    StreamPolicy: stream_policy(allow("dynamodb:GetRecords", STREAM, Principal={"Service": "redshift.amazonaws.com"})),
    **logs_to(None),
    **alarms(*NEGLECTED_ALARMS),
    InvocationPath: way(keepers=(), unkept=("$LATEST",)),
    **polls(
        source(
            state="Disabled",
            filter_error="KMSDisabledException",
            on_failure=None,
            retries=None,
            max_age_seconds=None,
            bisects=False,
        )
    ),
    **sends_to(DEAD, Gone("the queue checkout-dead-letters does not exist")),
    AsyncMetrics: metrics(AsyncEventsReceived=120, AsyncEventsDropped=3),
}

CHANGING: Facts = {
    **GOOD,
    LiveVersion: live_version(version="7", aliases=("canary", "live")),
    EnvironmentVariables: variables(named={"COMMERCE_TABLE": f"{TABLE}-staging"}),
    Configuration: configuration(version="7", update="InProgress", log_format="JSON", log_level="WARN"),
    **may({"cart": document(ITEMS)}),
    KeyPolicy: key_policy(f"arn:aws:iam::{ACCOUNT}:role/deploy"),
    **logs_to(LogGroup("STANDARD", None)),
    FailureDimensions: FailureDimensions(((("Domain", "quote"), ("service", "checkout")),)),
    **alarms(
        failures_alarm("quote", state="INSUFFICIENT_DATA"), queue_alarm("checkout-dead-letters"), *CHANGING_ALARMS
    ),
    Qualifier: qualifier("live", "7"),
    InvocationPath: way(name="live", asynchronous=(), keepers=(), unkept=("7",)),
    InvocationPaths: ways("$LATEST", aliased=True),
    **polls(source(state="Updating", on_failure=TOPIC)),
    **sends_to(TOPIC, topic=target_topic(subscribers=0)),
    SendingRoles: roles(allowed("sns:Publish", on=TOPIC)),
}

DOOMED: Facts = {
    **GOOD,
    EnvironmentVariables: variables(named={"COMMERCE_TABLE": f'"{TABLE}"'}),
    Configuration: configuration(update="Failed", log_format="JSON", log_level="FATAL"),
    RolePolicies: Gone("the role cart does not exist"),
    RoleReview: None,
    ResourcePolicy: table_policy(allow("dynamodb:*", ARN, Principal={"AWS": "arn:aws:iam::999999999999:root"})),
    StreamPolicy: stream_policy(allow("dynamodb:GetRecords", STREAM, Principal={"AWS": "999999999999"})),
    **logs_to(LogGroup("INFREQUENT_ACCESS", 1)),
    **alarms(
        failures_alarm("quote"),
        alarm("dead", series("AWS/SQS", "NumberOfMessagesSent", QueueName="checkout-dead-letters.fifo")),
        *DOOMED_ALARMS,
        **{"quote-write-failures": SILENT},
    ),
    InvocationPath: way(keepers=(FIFO,)),
    InvokeConfigs: InvokeConfigs({"$LATEST": InvokeConfig(None, 0, None)}),
    AsyncMetrics: metrics(AsyncEventsReceived=120, AsyncEventsDropped=9, DeadLetterErrors=9),
    **polls(
        source("sqs", source=POLLED, result="PROBLEM: Function call failed"),
        polled(max_receives=1),
        redriven(retention_seconds=4 * DAY),
    ),
    **sends_to(
        FIFO,
        target_queue(arn=FIFO, retention_seconds=DAY, key=OWN_KEY),
        key=KeyOfTarget(OWN_KEY, "PendingDeletion", Grants()),
    ),
    SendingRoles: roles(),
}

TOLERATED_SETTINGS = FunctionSettings(
    stream_consumers=("checkout",),
    actions={"checkout": (*ITEM_ACTIONS, "dynamodb:Scan"), "*": ITEM_ACTIONS},
    dead_letters_required=("*checkout*",),
)
TOLERATED: Facts = {
    **GOOD,
    EnvironmentVariables: variables(named={}),
    Configuration: configuration(log_level="ERROR"),
    **may(
        {"cart": document(LOGS), "wide": document(allow(["dynamodb:*", "logs:*", "iam:PassRole"], "*", Sid="All"))},
        checklist(functions=TOLERATED_SETTINGS),
        boundary=document(ITEMS, LOGS),
        trust=document(
            BY_LAMBDA["Statement"][0],
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/deploy"},
                "Action": "sts:AssumeRole",
            },
        ),
    ),
    **logs_to(None),
    Invocations: Invocations({"cart": 0, "checkout": 0}),
    FailureMetric: FailureMetric({"quote": True}),
    **alarms(
        failures_alarm("quote", state="ALARM", state_since=ago(days=3)),
        queue_alarm("orders-dead-letters"),
        *TOLERATED_ALARMS,
    ),
    InvocationPath: way(synchronous=("apigateway.amazonaws.com",), asynchronous=(), keepers=(TOPIC,)),
    AsyncMetrics: metrics(),
    **polls(source("sqs", source=POLLED), polled(redrives_to=None)),
    **sends_to(TOPIC, topic=target_topic(subscribers=2), receiver=Destination("events", "the event bus failures")),
    SendingRoles: roles(allowed("sns:Publish", on=TOPIC, conditions=("Bool aws:SecureTransport",))),
}

DESERTED: Facts = {
    Table: THE_TABLE,
    Checklist: checklist(),
    Each[Function]: each(function("newsletter")),
    Each[TableFunction]: each(),
    Each[Unclassified]: each(),
    Selected: Selected(()),
    Each[TableRole]: each(),
    FailureSeries: FailureSeries("quote", ON_ITS_OWN),
    FailureFilters: FailureFilters(()),
    Each[FunctionLogGroup]: each(),
    Each[LogGroup]: Each({}),
    FailureMetric: FailureMetric({"quote": False}),
    FailureDimensions: FailureDimensions(()),
    **alarms(failures_alarm("coupon")),
}
