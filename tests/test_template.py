"""The stack as CloudFormation will see it, after the SAM transform."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.events.models import EventPattern
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from readiness.changes.relevance import GLOBAL
from readiness.checklist import TableSettings
from readiness.entry import Environment
from readiness.metrics import DIMENSIONS, TABLE_DIMENSIONS
from readiness.report import permissions
from readiness.rules import ASKED
from tests.changes.trail import alarm_changed, call, delivered
from tests.facts.declared import sources

ROOT = Path(__file__).parents[1]
UNSCOPED = {
    "FactsReadCosts",
    "FactsReadIdentities",
    "FactsReadListings",
    "FactsReadLogGroups",
    "FactsReadMetrics",
    "FactsReadScaling",
    "Traces",
}
"""Statements whose actions take no resource, as the Service Authorization Reference has it.

Those on metrics could name alarms, but "composite alarms are not returned if you don't have
cloudwatch:DescribeAlarms scoped to *" (API_DescribeAlarms), and the others take datasets, which ours are not.
DescribeMetricFilters takes a log group, but is asked for all that count in one metric. Those on anomalies take one
monitor or subscription, but are asked for all.
"""

ABSENT = {"Ref": "AWS::NoValue"}

Resources = dict[str, dict[str, Any]]


def transformed() -> Resources:
    """The resources of the stack after the SAM transform."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    for resource in template["Resources"].values():
        for place in ("CodeUri", "ContentUri"):
            if place in resource["Properties"]:
                resource["Properties"][place] = "s3://bucket/key"
    session = boto3.Session(region_name="us-east-1")
    document = Translator({}, Parser(), boto_session=session).translate(template, {})
    found: Resources = document["Resources"]
    return found


@pytest.fixture(scope="module")
def resources() -> Resources:
    return transformed()


def of_type(resources: Resources, kind: str) -> dict[str, dict[str, Any]]:
    """Properties by logical id."""
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


def alarms(resources: Resources) -> dict[str, dict[str, Any]]:
    return of_type(resources, "AWS::CloudWatch::Alarm")


def statements(resources: Resources, role: str = "MonitorRole") -> Iterator[dict[str, Any]]:
    """Every statement of a role, conditional ones included."""
    for policy in resources[role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield statement["Fn::If"][1] if "Fn::If" in statement else statement


def actions(statement: dict[str, Any]) -> set[str]:
    found = statement["Action"]
    return {found} if isinstance(found, str) else set(found)


def declared() -> set[str]:
    """The IAM actions that the facts say their calls take."""
    return {action for source in sources() for action in source.actions}


def test_the_role_reads_just_what_the_facts_declare(resources: Resources) -> None:
    reads = [actions(each) for each in statements(resources) if each["Sid"].startswith("FactsRead")]
    assert set().union(*reads) == declared()


def scoped(arn: str) -> str:
    """Without partition, Region and account, of which the policy of the command line knows nothing."""
    partition, region, account = "${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"
    head = arn.replace(partition, "*").replace(region, "*").replace(account, "*")
    return ":".join(("*" if place in {1, 3, 4} else part) for place, part in enumerate(head.split(":", 5)))


def patterns_of(resource: Any) -> list[str]:
    """The ARN patterns of a statement; `${Staging}` and the payer's role by their names."""
    if isinstance(resource, list):
        return [pattern for each in resource for pattern in patterns_of(each)]
    if isinstance(resource, dict):
        text = resource["Fn::Sub"] if "Fn::Sub" in resource else resource["Ref"]
        return [text[0] if isinstance(text, list) else text]
    return [resource]


def uncovered(patterns: Iterable[str]) -> set[str]:
    """Those that no other covers."""
    found = set(patterns)
    return {arn for arn in found if not any(fnmatchcase(arn, other) for other in found - {arn})}


def test_the_role_reads_just_the_resources_that_the_facts_declare(resources: Resources) -> None:
    allowed: dict[str, list[str]] = {}
    for statement in statements(resources):
        if statement["Sid"].startswith("FactsRead"):
            for action in actions(statement):
                allowed.setdefault(action, []).extend(map(scoped, patterns_of(statement["Resource"])))
    checks = [check for rule in ASKED for check in rule.checks]
    document = permissions.policy(checks, ["${TableName}"], "PayerRoleArn", ["${Staging}"], {"${TableName}": ()})
    declared_ = {
        action: {scoped(arn) for arn in statement["Resource"]}
        for statement in document["Statement"]
        for action in statement["Action"]
    }
    assert {action: uncovered(found) for action, found in allowed.items()} == declared_


def test_the_monitor_writes_nothing_but_its_own_rows(resources: Resources) -> None:
    (own,) = [each for each in statements(resources) if each["Sid"] == "OwnRows"]
    assert own["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["READINESS#*"]},
        "Null": {"dynamodb:LeadingKeys": "false"},
    }
    others = [each for each in statements(resources) if each["Sid"] != "OwnRows"]
    assert not {action for each in others for action in actions(each) if action.startswith("dynamodb:")} - declared()


def test_only_what_takes_no_resource_is_allowed_on_all(resources: Resources) -> None:
    wide = {each["Sid"] for each in statements(resources) if each["Resource"] == "*"}
    assert wide == UNSCOPED


def test_the_table_that_load_is_put_on_is_the_named_one_or_that_of_the_table(resources: Resources) -> None:
    (staging,) = [each for each in statements(resources) if each["Sid"] == "FactsReadStaging"]
    named = {"Fn::If": ["HasStagingTable", {"Ref": "StagingTableName"}, {"Fn::Sub": "${TableName}-staging"}]}
    patterns = [each["Fn::Sub"] for each in staging["Resource"]]
    assert [variables for _, variables in patterns] == [{"Staging": named}] * 2
    assert [pattern.partition(":table/")[2] for pattern, _ in patterns] == ["${Staging}", "${Staging}/index/*"]


def test_the_table_is_described_in_every_region_that_it_may_be_replicated_to(resources: Resources) -> None:
    (replicas,) = [each for each in statements(resources) if each["Sid"] == "FactsReadReplicas"]
    assert actions(replicas) == {"dynamodb:DescribeContinuousBackups", "dynamodb:DescribeTable"}
    assert replicas["Resource"]["Fn::Sub"].endswith(":dynamodb:*:${AWS::AccountId}:table/${TableName}")


def test_no_role_is_assumed_but_the_one_that_is_named(resources: Resources) -> None:
    (policy,) = resources["MonitorRole"]["Properties"]["Policies"]
    written = policy["PolicyDocument"]["Statement"]
    (payer,) = [each["Fn::If"] for each in written if "sts:AssumeRole" in json.dumps(each)]
    assert payer[0] == "HasPayerRole"
    assert (payer[1]["Resource"], payer[2]) == ({"Ref": "PayerRoleArn"}, ABSENT)


def test_items_are_read_only_where_that_is_wished_and_nothing_of_them_but_keys_and_expiry(resources: Resources) -> None:
    (policy,) = resources["MonitorRole"]["Properties"]["Policies"]
    written = policy["PolicyDocument"]["Statement"]
    ((condition, sample, otherwise),) = [each["Fn::If"] for each in written if "dynamodb:Scan" in json.dumps(each)]
    assert (condition, otherwise) == ("IsSampled", ABSENT)
    assert (sample["Sid"], actions(sample)) == ("FactsReadSample", {"dynamodb:Scan"})
    assert sample["Resource"]["Fn::Sub"].endswith(":table/${TableName}")
    keys = TableSettings()
    assert sample["Condition"] == {
        "ForAllValues:StringEquals": {
            "dynamodb:Attributes": [keys.partition_key, keys.sort_key, keys.ttl_attribute],
        },
        "StringEquals": {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"},
    }
    template = yaml_parse((ROOT / "template.yaml").read_text())
    assert template["Parameters"]["SampleItems"]["Default"] == "false"


def test_no_statement_allows_a_whole_service(resources: Resources) -> None:
    roles = of_type(resources, "AWS::IAM::Role")
    assert not [
        action for role in roles for each in statements(resources, role) for action in actions(each) if ":*" in action
    ]


def test_no_role_takes_managed_policies(resources: Resources) -> None:
    assert set(of_type(resources, "AWS::IAM::Role")) == {"MonitorRole", "PagerRole", "ScheduleRole", "WidgetRole"}
    assert not [role for role in of_type(resources, "AWS::IAM::Role").values() if role.get("ManagedPolicyArns")]


def test_each_metric_of_the_table_has_one_alarm_on_the_one_dimension_that_is_emitted(resources: Resources) -> None:
    ours = [each for each in alarms(resources).values() if each["Namespace"] == "Readiness"]
    assert sorted(each["MetricName"] for each in ours) == sorted(
        metric for metric, dimensions in DIMENSIONS.items() if dimensions == TABLE_DIMENSIONS
    )
    assert all(each["Dimensions"] == [{"Name": "table", "Value": {"Ref": "TableName"}}] for each in ours)


def test_no_variable_adds_a_dimension_to_the_metrics(resources: Resources) -> None:
    variables = resources["Monitor"]["Properties"]["Environment"]["Variables"]
    assert "POWERTOOLS_SERVICE_NAME" not in variables


def test_the_function_knows_how_often_it_runs(resources: Resources) -> None:
    variables = resources["Monitor"]["Properties"]["Environment"]["Variables"]
    assert variables["READINESS_INTERVAL_MINUTES"] == {"Ref": "Interval"}


def test_the_function_reads_each_variable_that_the_stack_sets_for_it(resources: Resources) -> None:
    names = [name for name in resources["Monitor"]["Properties"]["Environment"]["Variables"] if "READINESS_" in name]
    found = Environment.read({name: "7" if name.endswith("MINUTES") else name for name in names})
    assert [name for name in names if name not in repr(found)] == ["READINESS_INTERVAL_MINUTES"]


def test_a_silent_monitor_alarms_after_three_intervals(resources: Resources) -> None:
    alarm = alarms(resources)["RunCompletedAlarm"]
    assert alarm["TreatMissingData"] == "breaching"
    assert (alarm["DatapointsToAlarm"], alarm["EvaluationPeriods"]) == (1, 1)
    assert alarm["Period"] == {"Fn::FindInMap": ["Intervals", {"Ref": "Interval"}, "Seconds"]}


def test_the_alarm_that_is_a_memory_changes_only_when_told(resources: Resources) -> None:
    alarm = alarms(resources)["PersistFailedAlarm"]
    assert alarm["TreatMissingData"] == "ignore"
    assert alarm["AlarmActions"] == alarm["OKActions"]
    assert {"Ref": "SecondRouteTopic"} in alarm["AlarmActions"]


def test_every_alarm_about_the_monitor_takes_the_second_route(resources: Resources) -> None:
    for name, alarm in alarms(resources).items():
        assert {"Ref": "SecondRouteTopic"} in alarm["AlarmActions"], name
        assert alarm["AlarmActions"] == alarm["OKActions"], name


def test_alarms_can_publish_to_both_topics_and_no_key_silences_both(resources: Resources) -> None:
    topics = of_type(resources, "AWS::SNS::Topic")
    assert {name: topic.get("KmsMasterKeyId") for name, topic in topics.items()} == {
        "OnCallTopic": {"Fn::If": ["HasOwnTopicKey", {"Ref": "TopicKey"}, {"Ref": "AWS::NoValue"}]},
        "SecondRouteTopic": None,
    }
    assert resources["TopicKey"]["Condition"] == "HasOwnTopicKey"
    key = resources["TopicKey"]["Properties"]["KeyPolicy"]["Statement"]
    assert [each["Action"] for each in key if each["Principal"] == {"Service": "cloudwatch.amazonaws.com"}] == [
        ["kms:Decrypt", "kms:GenerateDataKey*"]
    ]
    policies = of_type(resources, "AWS::SNS::TopicPolicy").values()
    assert {json.dumps(topic) for policy in policies for topic in policy["Topics"]} == {
        json.dumps({"Ref": name}) for name in topics
    }


def test_no_event_is_lost_and_none_is_run_twice(resources: Resources) -> None:
    configs = of_type(resources, "AWS::Lambda::EventInvokeConfig").values()
    queue = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    assert {config["FunctionName"]["Ref"]: config["MaximumEventAgeInSeconds"] for config in configs} == {
        "Monitor": 300,
        "Widget": 60,
    }
    assert all(config["MaximumRetryAttempts"] == 0 for config in configs)
    assert all(config["DestinationConfig"]["OnFailure"]["Destination"] == queue for config in configs)
    schedule = resources["Schedule"]["Properties"]
    assert schedule["Target"]["DeadLetterConfig"]["Arn"] == queue
    assert schedule["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 240}
    for role in ("MonitorRole", "ScheduleRole", "WidgetRole"):
        assert [each for each in statements(resources, role) if actions(each) == {"sqs:SendMessage"}], role


def patterns(resources: Resources) -> dict[str, str]:
    """As JSON, the form that is counted, by the logical ids of the rules."""
    rules = of_type(resources, "AWS::Events::Rule")
    return {name: json.dumps(rule["EventPattern"], separators=(",", ":")) for name, rule in rules.items()}


def matching(found: dict[str, str], event: dict[str, Any]) -> list[str]:
    asked: Any = event  # moto's type of an event lacks what other services send
    return [name for name, pattern in found.items() if EventPattern.load(pattern).matches_event(asked)]


CALLS = sorted({(event.partition(":")[0], event.partition(":")[2]) for each in sources() for event in each.events})


@pytest.mark.parametrize(("source", "name"), CALLS)
def test_every_call_that_can_move_a_rule_sets_off_one_look(resources: Resources, source: str, name: str) -> None:
    assert len(matching(patterns(resources), delivered(call(source, name)))) == 1


def test_no_pattern_names_a_call_that_no_fact_declares(resources: Resources) -> None:
    for rule in of_type(resources, "AWS::Events::Rule").values():
        detail = rule["EventPattern"].get("detail", {})
        services = {source.removesuffix(".amazonaws.com") for source in detail.get("eventSource", ())}
        names = [name for source, name in CALLS if source in services]
        assert services == {source for source, _ in CALLS if source in services}
        for each in detail.get("eventName", ()):
            prefix = each["prefix"] if isinstance(each, dict) else None
            assert any(name.startswith(prefix) if prefix else name == each for name in names), each


@pytest.mark.parametrize(
    ("source", "name"),
    [("dynamodb", "DescribeTable"), ("lambda", "Invoke"), ("iam", "CreateUser"), ("sts", "AssumeRole")],
)
def test_what_moves_nothing_sets_off_none(resources: Resources, source: str, name: str) -> None:
    assert matching(patterns(resources), delivered(call(source, name))) == []


def test_an_alarm_that_is_changed_sets_off_a_look_without_a_trail(resources: Resources) -> None:
    changed = alarm_changed("throttling")
    assert matching(patterns(resources), changed) == ["AlarmChanges"]
    rung = {**changed, "detail-type": "CloudWatch Alarm State Change"}
    assert matching(patterns(resources), rung) == []


def test_what_us_east_1_alone_records_is_forwarded_and_nothing_else() -> None:
    forwarder = yaml_parse((ROOT / "template-us-east-1.yaml").read_text())["Resources"]
    for source, name in CALLS:
        away = matching(patterns(forwarder), delivered(call(source, name)))
        assert bool(away) is (f"{source}.amazonaws.com" in GLOBAL), name


def test_every_pattern_is_within_the_default_quota(resources: Resources) -> None:
    """2,048 characters: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html."""
    assert {name for name, pattern in patterns(resources).items() if len(pattern) > 2048} == set()


def test_every_event_reaches_the_function_or_the_dead_letters(resources: Resources) -> None:
    dead = {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    changes = {name: each for name, each in of_type(resources, "AWS::Events::Rule").items() if name != "PagerRule"}
    for rule in changes.values():
        (target,) = rule["Targets"]
        assert rule["State"] == "ENABLED"
        assert (target["Arn"], target["DeadLetterConfig"]["Arn"]) == ({"Fn::GetAtt": ["Changes", "Arn"]}, dead)
    queue = resources["Changes"]["Properties"]
    assert queue["RedrivePolicy"] == {"deadLetterTargetArn": dead, "maxReceiveCount": 5}
    rules = [{"Fn::GetAtt": [name, "Arn"]} for name in changes]
    for policy in ("ChangesPolicy", "DeadLettersPolicy"):
        allowed = resources[policy]["Properties"]["PolicyDocument"]["Statement"]
        (events,) = [each for each in allowed if each.get("Principal") == {"Service": "events.amazonaws.com"}]
        assert events["Condition"] == {"ArnEquals": {"aws:SourceArn": rules}}, policy


def test_a_burst_is_gathered_and_a_message_is_not_seen_twice_while_a_run_lasts(resources: Resources) -> None:
    (source,) = of_type(resources, "AWS::Lambda::EventSourceMapping").values()
    assert (source["BatchSize"], source["MaximumBatchingWindowInSeconds"]) == (1000, 20)
    assert source["ScalingConfig"] == {"MaximumConcurrency": 2}
    assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    queue = resources["Changes"]["Properties"]
    longest = 6 * resources["Monitor"]["Properties"]["Timeout"] + source["MaximumBatchingWindowInSeconds"]
    assert (queue["DelaySeconds"], queue["VisibilityTimeout"]) == (0, longest)


def test_the_schedule_is_on_and_says_when_it_was_due(resources: Resources) -> None:
    schedule = resources["Schedule"]["Properties"]
    assert schedule["State"] == "ENABLED"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert json.loads(schedule["Target"]["Input"]) == {
        "trigger": "schedule",
        "scheduledAt": "<aws.scheduler.scheduled-time>",
        "executionId": "<aws.scheduler.execution-id>",
    }


def test_every_interval_has_the_rate_and_the_alarm_period_it_says() -> None:
    template = yaml_parse((ROOT / "template.yaml").read_text())
    intervals = template["Mappings"]["Intervals"]
    assert sorted(intervals) == sorted(template["Parameters"]["Interval"]["AllowedValues"])
    for minutes, row in intervals.items():
        assert row["Seconds"] == 60 * int(minutes)
        number, unit = row["Rate"].removeprefix("rate(").removesuffix(")").split()
        assert int(number) * {"minute": 1, "minutes": 1, "hour": 60}[unit] == int(minutes)


@pytest.mark.parametrize("function", ["Monitor", "Widget"])
def test_the_log_is_ours_and_ends(function: str, resources: Resources) -> None:
    logs, role = f"{function}Logs", f"{function}Role"
    assert resources[function]["Properties"]["LoggingConfig"]["LogGroup"] == {"Ref": logs}
    assert resources[logs]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}
    (log,) = [each for each in statements(resources, role) if each["Sid"] == "Log"]
    assert log["Resource"] == {"Fn::GetAtt": [logs, "Arn"]}


def test_the_widget_may_read_our_rows_and_nothing_else(resources: Resources) -> None:
    allowed = {each["Sid"]: each for each in statements(resources, "WidgetRole")}
    assert set(allowed) == {"OwnRows", "Failures", "Log", "TableKey"}
    assert actions(allowed["OwnRows"]) == {"dynamodb:Query"}
    (monitor,) = [each for each in statements(resources) if each["Sid"] == "OwnRows"]
    assert allowed["OwnRows"]["Condition"] == monitor["Condition"]
    assert allowed["OwnRows"]["Resource"] == monitor["Resource"]


def test_the_widget_reads_the_checklist_and_the_interval_of_the_monitor(resources: Resources) -> None:
    properties = resources["Widget"]["Properties"]
    assert properties["Environment"]["Variables"] == {
        "READINESS_TABLE": {"Ref": "TableName"},
        "READINESS_CHECKLIST": "monitor/checklist.toml",
        "READINESS_INTERVAL": {"Ref": "Interval"},
    }
    assert (ROOT / "functions" / "monitor" / "checklist.toml").is_file()
    module, _, handler = properties["Handler"].partition(".")
    assert f"def {handler}(" in (ROOT / "functions" / f"{module}.py").read_text()


def test_the_table_is_not_in_the_stack(resources: Resources) -> None:
    assert not of_type(resources, "AWS::DynamoDB::Table")


def test_concurrency_is_reserved_only_on_request(resources: Resources) -> None:
    assert resources["Monitor"]["Properties"]["ReservedConcurrentExecutions"] == {
        "Fn::If": ["HasReserved", {"Ref": "ReservedConcurrency"}, ABSENT]
    }


def test_the_signing_key_can_be_encrypted_with_a_customer_managed_key(resources: Resources) -> None:
    """For a SecureString of the standard tier, PutParameter needs kms:Encrypt and GetParameter kms:Decrypt."""
    policy = resources["SigningKeyPolicy"]
    assert (policy["Type"], policy["Condition"]) == ("AWS::IAM::ManagedPolicy", "HasSigningKey")
    assert policy["Properties"]["Roles"] == [{"Ref": "MonitorRole"}]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert actions(statement) == {"kms:Decrypt", "kms:Encrypt"}
    assert statement["Resource"] == {"Ref": "SigningKeyArn"}
    assert statement["Condition"] == {
        "StringEquals": {"kms:ViaService": {"Fn::Sub": "ssm.${AWS::Region}.${AWS::URLSuffix}"}}
    }
    variables = resources["Monitor"]["Properties"]["Environment"]["Variables"]
    assert variables["READINESS_SIGNING_KEY_ARN"] == {"Ref": "SigningKeyArn"}


def test_events_can_be_put_on_the_bus_that_is_named_and_on_no_other(resources: Resources) -> None:
    policy = resources["EventBusPolicy"]
    assert (policy["Type"], policy["Condition"]) == ("AWS::IAM::ManagedPolicy", "HasEventBus")
    assert policy["Properties"]["Roles"] == [{"Ref": "MonitorRole"}]
    (statement,) = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (actions(statement), statement["Resource"]) == ({"events:PutEvents"}, {"Ref": "EventBusArn"})
    variables = resources["Monitor"]["Properties"]["Environment"]["Variables"]
    assert variables["READINESS_EVENT_BUS_ARN"] == {"Ref": "EventBusArn"}


def test_the_policy_of_the_role_fits_into_what_iam_takes(resources: Resources) -> None:
    """A role's inline policies hold 10,240 characters at most, white space not counted; names make them longer."""
    policies = resources["MonitorRole"]["Properties"]["Policies"]
    longest = {"${TableName}": "t" * 255, "${AWS::Partition}": "aws-us-gov", "${AWS::Region}": "ap-southeast-2"}
    text = json.dumps(policies, separators=(",", ":"))
    for name, value in {**longest, "${Staging}": "s" * 255, "${AWS::AccountId}": "1" * 12}.items():
        text = text.replace(name, value)
    assert len(text) < 10_240


def test_a_deployment_without_an_environment_is_that_of_production_and_resets_no_parameter() -> None:
    """`sam deploy` keeps the values of parameters that neither the file nor the command line names."""
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    assert config["default"] == config["prod"]
    assert config["default"]["global"]["parameters"]["stack_name"] == "readiness-prod"
    assert "parameter_overrides" not in config["default"]["deploy"]["parameters"]
    assert "TableName=babesclub-commerce-dev " in config["dev"]["deploy"]["parameters"]["parameter_overrides"]


@pytest.mark.parametrize(("output", "parameter"), [("Alerts", "OnCallEmail"), ("MonitorAlarms", "SecondRouteEmail")])
def test_the_outputs_name_the_parameter_without_which_nobody_is_told(output: str, parameter: str) -> None:
    said = json.dumps(yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))["Outputs"][output]["Value"])
    assert f"NOBODY: deploy again with the parameter {parameter}=ADDRESS" in said
