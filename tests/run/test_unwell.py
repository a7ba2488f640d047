"""Metrics of a run about the monitor itself, and the alarms and widgets that use them."""

import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from msgspec.structs import replace

from readiness.alerts.bus import EventBus
from readiness.alerts.topic import AlertTopic
from readiness.engine.rule import Rule
from readiness.facts.dynamodb.table import TableDescription
from readiness.metrics import DIMENSIONS, TABLE_DIMENSIONS
from readiness.model import Severity, Verdict
from readiness.run import Deployment, Run, Trigger, emit
from tests.aws.account import ACCOUNT, REGION, TABLE
from tests.fixed_rules import RULES
from tests.run.replay import INTERVAL, evaluated, states
from tests.run.world import TABLE_RULES, World
from tests.test_dashboard import widgets
from tests.test_template import Resources, alarms, resources

__all__ = ["resources", "widgets"]

Json = dict[str, Any]

NEWER, OLDER = "2026-11-24T02:00:00Z", "2026-11-20T02:00:00Z"


@dataclass
class Monitor:
    """Runs as the function makes them. `documents` is what they printed for CloudWatch, at the time of the world."""

    world: World
    capsys: pytest.CaptureFixture[str]
    rules: Sequence[Rule] = TABLE_RULES
    documents: list[Json] = field(default_factory=list)
    bus: EventBus | None = None

    def run(self, *, release: str = "", lasts: float = 60.0, after: timedelta = INTERVAL) -> Json:
        """One run of the schedule; returns the document of the table."""
        self.world.now += after
        topic = AlertTopic(self.world.account.client("sns"), self.world.topic)
        run = Run(
            rules=self.rules,
            aws=self.world.account.aws,
            settings=self.world.settings,
            trigger=Trigger("schedule", f"run at {self.world.now}"),
            deployment=Deployment(release, topic, bus=self.bus),
            remaining=lambda: lasts,
            clock=lambda: self.world.now,
        )
        for outcome in run.run():
            emit(run, outcome)
        printed = [json.loads(line) for line in self.capsys.readouterr().out.splitlines()]
        for document in printed:
            document["_aws"]["Timestamp"] = 1000 * self.world.now.timestamp()
        self.documents += printed
        (found,) = [document for document in printed if "Unwell" in document]
        return dict(found)


@pytest.fixture
def monitor(world: World, capsys: pytest.CaptureFixture[str]) -> Monitor:
    monitor = Monitor(world, capsys)
    monitor.run()
    return monitor


def reasons(document: Json) -> str:
    (unwell,) = document["Unwell"]
    said: str = document.get("reasons", "")
    assert unwell == len(said.split(", ") if said else []), "the metric counts the reasons"
    return said


def test_a_run_without_trouble_emits_each_metric_of_the_table_and_names_no_reason(monitor: Monitor) -> None:
    assert reasons(monitor.run()) == ""
    emitted = [name for document in monitor.documents for name in document if name in DIMENSIONS]
    of_table = [name for name, dimensions in DIMENSIONS.items() if dimensions == TABLE_DIMENSIONS]
    assert {name: emitted.count(name) for name in of_table} == dict.fromkeys(of_table, 2)


def refused(monitor: Monitor) -> Json:
    monitor.world.account.refuse("sns", "Publish", "ThrottledException")
    monitor.world.recovery(on=False)
    return monitor.run()


def unheard(monitor: Monitor) -> Json:
    sns = monitor.world.account.client("sns")
    for each in sns.list_subscriptions()["Subscriptions"]:
        sns.unsubscribe(SubscriptionArn=each["SubscriptionArn"])
    return monitor.run()


def defective(monitor: Monitor) -> Json:
    def broken(table: TableDescription) -> Verdict:
        """Is this a defect?"""
        raise RuntimeError(table.table_id)

    rule = next(rule for rule in TABLE_RULES if rule.id == "billing-on-demand")
    monitor.rules = (replace(rule, checks=[replace(rule.checks[0], function=broken)]), *TABLE_RULES[1:])
    return monitor.run()


def overtaken(monitor: Monitor) -> Json:
    lose(monitor.world)
    return monitor.run()


def lose(world: World) -> None:
    """Let every commit meet one of another run."""
    reasons = [{"Code": "ConditionalCheckFailed"}]
    answer = {"Error": {"Code": "TransactionCanceledException", "Message": ""}, "CancellationReasons": reasons}

    def before(**_event: object) -> tuple[AWSResponse, Json]:
        return AWSResponse("", 400, HTTPHeaders(), None), {"ResponseMetadata": {"HTTPStatusCode": 400}, **answer}

    events = world.account.client("dynamodb").meta.events
    events.register("before-call.dynamodb.TransactWriteItems", before)


def denied(monitor: Monitor) -> Json:
    monitor.world.account.refuse("dynamodb", "TransactWriteItems", "AccessDeniedException")
    return monitor.run()


def older(monitor: Monitor) -> Json:
    monitor.run(release=NEWER)
    return monitor.run(release=OLDER)


def hurried(monitor: Monitor) -> Json:
    return monitor.run(lasts=19.0)


@pytest.mark.parametrize(
    ("happens", "reason"),
    [
        pytest.param(refused, "messagesWaiting 1", id="SNS refuses the message"),
        pytest.param(unheard, "noSubscribers 1", id="nobody is subscribed"),
        pytest.param(defective, "ruleErrors 1", id="a check raises an exception"),
        pytest.param(overtaken, "notCommitted 1", id="other runs always commit first"),
        pytest.param(denied, "notCommitted 1", id="the table can not be written"),
        pytest.param(older, "newerRelease 1", id="a newer release wrote the table"),
        pytest.param(hurried, "mostChecksUnknown", id="there is no time to read anything"),
    ],
)
def test_each_trouble_is_one_reason(monitor: Monitor, happens: Callable[[Monitor], Json], reason: str) -> None:
    document = happens(monitor)
    name, *_ = reason.split()
    assert reasons(document).startswith(reason)
    assert document[name] >= 1


def test_two_problems_are_counted_as_two(monitor: Monitor) -> None:
    unheard(monitor)
    monitor.world.recovery(on=False)
    assert reasons(monitor.run()) == "messagesWaiting 1, noSubscribers 1"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ResourceNotFoundException", "ThrottlingException"])
def test_a_bus_that_refuses_events_is_a_reason_and_the_alert_arrives(monitor: Monitor, code: str) -> None:
    calls = []

    def refuse(**call: Any) -> tuple[AWSResponse, Json]:
        calls.append(call)
        error = {"Error": {"Code": code, "Message": "refused"}}
        return AWSResponse("", 400, HTTPHeaders(), None), {"ResponseMetadata": {"HTTPStatusCode": 400}, **error}

    monitor.world.account.session.get_component("event_emitter").register("before-call.eventbridge.PutEvents", refuse)
    monitor.bus = EventBus(monitor.world.account.aws, f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/findings")
    monitor.world.heard()
    monitor.world.recovery(on=False)
    said = reasons(monitor.run())
    (heard,) = monitor.world.heard()
    assert (said, len(calls)) == (f"eventsRefused {len(heard['events'])}", 2)
    assert heard["events"][0]["check"] == "pitr-enabled/on"


NOTIFYING = tuple(
    replace(rule, checks=[check for check in rule.checks if check.name == "redriven"])
    for rule in RULES
    if rule.id == "alarms-wired"
)
"""A rule that reads the subscriptions of the topics that alarms on the table notify."""


def filtered_by(monitor: Monitor, policy: Json, **more: str) -> Json:
    """A run after the filter policy of the on-call's subscription was changed."""
    sns = monitor.world.account.client("sns")
    for each in sns.list_subscriptions()["Subscriptions"]:
        for name, value in {"FilterPolicy": json.dumps(policy), **more}.items():
            arn = each["SubscriptionArn"]
            sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
    return monitor.run()


@pytest.fixture
def notifying(monitor: Monitor) -> Monitor:
    """An alarm on the table notifies the topic of the alerts too."""
    monitor.rules = (*TABLE_RULES, *NOTIFYING)
    monitor.world.account.client("cloudwatch").put_metric_alarm(
        AlarmName="system-errors",
        Namespace="AWS/DynamoDB",
        MetricName="SystemErrors",
        Dimensions=[{"Name": "TableName", "Value": TABLE}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanOrEqualToThreshold",
        AlarmActions=[monitor.world.topic],
    )
    monitor.run()
    return monitor


CRITICAL_ITEMS = sum(any(check.severity is Severity.CRITICAL for check in rule.checks) for rule in TABLE_RULES)


@pytest.mark.parametrize(
    ("policy", "items"),
    [
        pytest.param({"severity": ["HIGH"]}, CRITICAL_ITEMS, id="only HIGH"),
        pytest.param({"severity": ["LOW"], "kind": ["NOTE"]}, CRITICAL_ITEMS, id="only notes"),
        pytest.param({"table": ["another"]}, CRITICAL_ITEMS, id="only another table"),
        pytest.param({"rules": ["pitr-enabled"]}, CRITICAL_ITEMS - 1, id="only one item"),
        pytest.param({"severity": ["CRITICAL"]}, 0, id="only CRITICAL"),
        pytest.param({"severity": [{"anything-but": "LOW"}]}, 0, id="all but LOW"),
        pytest.param({}, 0, id="no filter"),
    ],
)
def test_a_filter_that_no_critical_alert_passes_is_a_reason(notifying: Monitor, policy: Json, items: int) -> None:
    assert reasons(filtered_by(notifying, policy)) == (f"criticalFiltered {items}" if items else "")


@pytest.mark.parametrize(
    ("owners", "items"),
    [
        pytest.param({"pitr-enabled": "maria"}, CRITICAL_ITEMS - 1, id="she owns one item"),
        pytest.param({"default": "maria"}, 0, id="she owns all items"),
    ],
)
def test_a_filter_on_owners_passes_the_alerts_of_their_items(
    notifying: Monitor, owners: dict[str, str], items: int
) -> None:
    notifying.world.settings = replace(notifying.world.settings, owners=owners)
    assert reasons(filtered_by(notifying, {"owners": ["maria"]})) == (f"criticalFiltered {items}" if items else "")


def test_a_second_subscription_that_receives_critical_alerts_is_enough(notifying: Monitor) -> None:
    filtered_by(notifying, {"severity": ["HIGH"]})
    sns = notifying.world.account.client("sns")
    sns.subscribe(TopicArn=notifying.world.topic, Protocol="sms", Endpoint="+15550100")
    assert reasons(notifying.run()) == ""


def test_a_filter_that_cannot_be_read_is_no_reason(notifying: Monitor) -> None:
    filtered_by(notifying, {"severity": ["HIGH"]})
    notifying.world.account.refuse("sns", "GetSubscriptionAttributes", "AuthorizationErrorException")
    assert reasons(notifying.run()) == ""


def test_a_filter_on_the_body_is_no_reason(notifying: Monitor) -> None:
    assert reasons(filtered_by(notifying, {"severity": ["HIGH"]}, FilterPolicyScope="MessageBody")) == ""


def test_one_check_that_can_not_be_read_is_no_trouble_of_the_monitor(monitor: Monitor) -> None:
    monitor.world.account.refuse("dynamodb", "DescribeTimeToLive", "AccessDeniedException")
    document = monitor.run()
    assert reasons(document) == ""
    assert 50 < document["judgedPercent"] < 100


@pytest.mark.parametrize(
    ("points", "ignoring", "breaching"),
    [
        pytest.param("0-X-X", "OK", "OK", id="no point to fill in"),
        pytest.param("----0", "OK", "OK", id="the only point is good"),
        pytest.param("-----", "former", "ALARM", id="no point at all"),
        pytest.param("0XX-X", "ALARM", "ALARM", id="three bad ones with a gap"),
        pytest.param("--X--", "former", "ALARM", id="the only point is bad"),
    ],
)
def test_alarms_are_replayed_as_in_the_examples_of_cloudwatch(points: str, ignoring: str, breaching: str) -> None:
    alarm = {"EvaluationPeriods": 3, "ComparisonOperator": "GreaterThanThreshold", "Threshold": 0}
    values = [{"0": 0.0, "X": 1.0, "-": None}[point] for point in points]
    assert evaluated({**alarm, "TreatMissingData": "ignore"}, values, "former") == ignoring
    assert evaluated({**alarm, "TreatMissingData": "breaching"}, values, "former") == breaching


@pytest.fixture
def punctual(monitor: Monitor) -> Monitor:
    """The schedule hits the middle of each interval."""
    seconds = INTERVAL.total_seconds()
    start = (monitor.world.now.timestamp() // seconds + 1.5) * seconds
    monitor.world.now = datetime.fromtimestamp(start, tz=monitor.world.now.tzinfo)
    monitor.documents.clear()
    return monitor


def test_one_odd_run_does_not_page_and_three_in_a_row_do(punctual: Monitor, resources: Resources) -> None:
    for lasts in (60, 60, 19, 60, 19, 19, 60, 19, 19, 19, 60):
        punctual.run(lasts=lasts)
    assert states(alarms(resources)["UnwellAlarm"], punctual.documents) == ["OK"] * 9 + ["ALARM", "OK"]


def test_an_odd_run_of_a_change_event_beside_those_of_the_schedule_does_not_page(
    punctual: Monitor, resources: Resources
) -> None:
    for _ in range(3):
        punctual.run()
        punctual.run(lasts=19.0, after=timedelta(minutes=1))
        punctual.world.now -= timedelta(minutes=1)
    assert states(alarms(resources)["UnwellAlarm"], punctual.documents) == ["OK"] * 3


def test_a_run_that_could_not_examine_a_trouble_does_not_end_it(punctual: Monitor, resources: Resources) -> None:
    unheard(punctual)
    punctual.run()
    punctual.run()
    denied(punctual)
    assert states(alarms(resources)["UnwellAlarm"], punctual.documents)[2:] == ["ALARM", "ALARM"]


def test_missing_runs_leave_the_trouble_as_it_is_and_are_told_by_their_own_alarm(
    punctual: Monitor, resources: Resources
) -> None:
    for _ in range(3):
        punctual.run(lasts=19.0)
    punctual.run(after=6 * INTERVAL)
    own = alarms(resources)
    assert states(own["UnwellAlarm"], punctual.documents)[2:] == ["ALARM"] * 6 + ["OK"]
    assert states(own["RunCompletedAlarm"], punctual.documents)[-2:] == ["ALARM", "OK"]


def test_a_table_that_can_not_be_written_is_told_at_once_and_when_it_is_over(
    punctual: Monitor, resources: Resources
) -> None:
    """Missing runs in between change nothing: the state of the alarm is the memory."""
    closed = [True]
    punctual.run()
    punctual.world.account.refuse_while(closed, "dynamodb", "TransactWriteItems", "AccessDeniedException")
    punctual.run()
    closed.clear()
    punctual.run(after=6 * INTERVAL)
    assert states(alarms(resources)["PersistFailedAlarm"], punctual.documents) == ["OK"] + ["ALARM"] * 6 + ["OK"]


QUERY_WORDS = {"as", "by", "changes", "desc", "fields", "filter", "limit", "message", "sort", "stats"}


def test_the_dashboard_queries_only_fields_that_a_run_logs(
    monitor: Monitor, widgets: list[Json], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "readiness")
    document = hurried(monitor)
    (line,) = [vars(record) for record in caplog.records if record.getMessage() == "run"]
    queries = [widget["properties"]["query"] for widget in widgets if widget["type"] == "log"]
    assert len(queries) == 3
    for query in queries:
        source, _, commands = query.partition(" | ")
        assert source == "SOURCE '<MonitorLogs>'"
        logged = line if "filter message = 'run'" in commands else document
        assert set(re.findall(r"(?<![@\w'])[a-zA-Z]\w*(?![\w(])", commands)) - QUERY_WORDS <= set(logged), query
