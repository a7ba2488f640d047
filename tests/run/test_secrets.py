"""Other people's secrets pass through this process: nothing that comes out of it may hold one."""

import json
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from moto.sns.models import sns_backends
from msgspec import structs

from readiness.alerts.bus import EventBus
from readiness.alerts.topic import AlertTopic
from readiness.checklist import SampleSettings
from readiness.cli import check, main, records
from readiness.engine.rule import Rule
from readiness.report.formats import SUFFIXES
from readiness.report.snapshot_file import save
from readiness.run import Deployment, Outcome, Run, Trigger, emit
from readiness.widget import answer as answering
from readiness.widget.answer import WidgetEnvironment, answer
from tests.aws import backups, costs, shop
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.aws.rows import text_of
from tests.cli.world import tables
from tests.fixed_rules import ASKED
from tests.run.world import RECOVERY_ALONE, TABLE_RULES, World

SECRET = "hunter2xxxxxxxx"
"""Every secret begins like this, so that one search finds them all."""

BUS = f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/findings"
ARN_OF_WIDGET = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:readiness-widget"


def secret(what: str) -> str:
    return f"{SECRET}-{what}"


REASON = secret("reason")
"""People write it into the checklist, which a snapshot holds."""

REFUSED = (
    f"User: arn:aws:sts::{ACCOUNT}:assumed-role/readiness/{secret('session')} is not authorized to perform this on"
    f" resource: arn:aws:kms:{REGION}:{ACCOUNT}:key/{secret('resource')} because no identity-based policy allows it"
)
"""An error as AWS words it."""


@pytest.fixture
def entrusted(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """Functions, policies and queues that fail in many ways, with a secret wherever AWS has room for one.

    Sids and resources of statements that a finding reports are shown, and reasons of waivers and exceptions.
    """
    for module in (check, records):
        monkeypatch.setattr(module, "account_for", lambda _settings: world.account.aws)
    for kept in (answering._settings, answering._client):  # noqa: SLF001  as a new execution environment has it
        kept.cache_clear()
    client = world.account.client
    shop.furnish(client, world.topic)
    conditions = {"StringEquals": {"aws:PrincipalTag/token": secret("condition")}}
    role = shop.role(
        client,
        "leaky",
        shop.allow(["dynamodb:*"], "*", Condition=conditions, Sid="Leak"),
        shop.allow(
            ["secretsmanager:GetSecretValue"], f"arn:aws:secretsmanager:*:*:secret:{secret('name')}", Sid=f"{SECRET}Sid"
        ),
        shop.allow(
            ["dynamodb:*", "dynamodb:TransactWriteItems", "logs:*", "iam:PassRole", "ssm:GetParameter"],
            *(ARN, "*", f"arn:aws:ssm:*:*:parameter/{secret('parameter')}"),
        ),
    )
    for number, table in enumerate(("", "babesclub-commerce-staging", secret("pasted by mistake"), f"{ARN}/index/x")):
        shop.function(
            client,
            f"babesclub-cart-{number}",
            role,
            Description=secret("description"),
            Environment={
                "Variables": {
                    "COMMERCE_TABLE": table,
                    "API_KEY": secret("key"),
                    "DATABASE_URL": f"postgres://shop:{secret('password')}@db:table/babesclub-commerce",
                    "CONFIG": json.dumps({"table": "babesclub-commerce", "token": secret("json")}),
                }
            },
        )
        client("lambda").add_permission(
            FunctionName=f"babesclub-cart-{number}",
            StatementId=secret("statement"),
            Action="lambda:InvokeFunction",
            Principal="alexa-appkit.amazon.com",
            EventSourceToken=secret("event-source-token"),
        )
    policy = json.dumps(shop.document(shop.allow(["sqs:*"], "*", Principal="*", Condition=conditions)))
    queue = client("sqs").get_queue_url(QueueName="babesclub-dead-letters")["QueueUrl"]
    client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    client("sns").subscribe(TopicArn=world.topic, Protocol="email", Endpoint=f"{secret('mail')}@example.com")
    costs.tag(client, Project="BabesClub", Token=secret("tag"), **{secret("tag-key"): "x"})
    costs.budget(client, f"{secret('budget-mail')}@example.com", FilterExpression=costs.DYNAMODB)
    costs.subscription(client, costs.monitor(client), f"{secret('anomaly-mail')}@example.com")
    client("dynamodb").tag_resource(
        ResourceArn=ARN, Tags=[{"Key": "backup", "Value": "daily"}, {"Key": "contact", "Value": secret("tag")}]
    )
    backups.select(
        client,
        backups.furnish(client),
        SelectionName="leak",
        Conditions={"StringEquals": [{"ConditionKey": "aws:ResourceTag/backup", "ConditionValue": "daily"}]},
        Resources=["*"],
    )
    decision = structs.replace(RECOVERY_ALONE, mode="aws_backup", reason=REASON)
    world.want(backup_decision=decision)
    client("iam").update_role(RoleName="leaky", Description=secret("role description"))
    client("kms").create_key(Description=secret("key description"))
    hook = client("sns").create_topic(Name="hook")["TopicArn"]
    client("sns").subscribe(
        TopicArn=hook, Protocol="https", Endpoint=f"https://example.com/hook?token={secret('endpoint')}"
    )
    shop.put_alarm(
        client,
        "leak",
        AlarmDescription=secret("alarm description"),
        AlarmActions=[hook],
        Tags=[{"Key": "owner", "Value": secret("alarm tag")}],
    )
    for service, operation, code in (
        ("backup", "ListBackupJobs", "AccessDeniedException"),
        ("cloudtrail", "DescribeTrails", "AccessDeniedException"),
        ("lambda", "ListFunctionUrlConfigs", "ServiceException"),
        ("logs", "DescribeMetricFilters", "ThrottlingException"),
        ("sns", "ListSubscriptionsByTopic", "Undocumented"),
    ):
        world.account.refuse(service, operation, code, message=REFUSED)
    world.want(sample=SampleSettings(enabled=True))
    world.item(f"CART#{secret('key')}", f"ITEM#{secret('sort-key')}", email={"S": secret("attribute")})
    world.item(secret("whole-key"), expiresAt={"S": secret("expiry")})
    world.documented()
    client("logs").put_metric_filter(
        logGroupName="/aws/lambda/babesclub-cart",
        filterName="leak",
        filterPattern=f'{{ $.token = "{secret("pattern")}" }}',
        metricTransformations=[{"metricName": "Other", "metricNamespace": "Shop", "metricValue": "1"}],
    )
    return world


@pytest.fixture
def printed(
    entrusted: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Mapping[str, str]:
    """All outputs of two runs and of the commands after them, by name."""
    caplog.set_level(logging.DEBUG, "readiness")
    events = put_on_bus(entrusted)
    look(entrusted, ASKED)
    variables = {"COMMERCE_TABLE": secret("pasted by mistake again"), "API_KEY": secret("rotated")}
    entrusted.account.client("lambda").update_function_configuration(
        FunctionName="babesclub-cart", Environment={"Variables": variables}
    )
    outcome = look(entrusted, ASKED)
    assert outcome.committed
    emitted = "".join(capsys.readouterr())
    file = tmp_path / "checklist.toml"
    file.write_text(tables(TABLE))
    snapshot = tmp_path / "snapshot.json"
    save(outcome.scan.snapshot, entrusted.settings, snapshot)
    return {
        "stored rows": text_of(entrusted.rows()),
        "logs": "".join(str(vars(record)) for record in caplog.records),
        "metrics": emitted,
        "messages": "".join(map(json.dumps, delivered(entrusted.topic))),
        "events": "".join(events),
        "snapshot": snapshot.read_text(),
        "report as text": typed(capsys, "check", "--verbose", "--debug", *on(file)),
        "report as JSON": typed(capsys, "check", "--debug", "--format", "json", *on(file)),
        "report in every format": in_every_format(capsys, tmp_path, file),
        "report of the snapshot": typed(capsys, "check", "--verbose", "--debug", "--snapshot", str(snapshot)),
        "history as text": typed(capsys, "history", "--debug", *on(file)),
        "history as JSON": typed(capsys, "history", "--format", "json", *on(file)),
        "widget": answer({}, WidgetEnvironment(TABLE, file, timedelta(minutes=5)), ARN_OF_WIDGET, entrusted.now),
    }


def delivered(topic: str) -> list[dict[str, str]]:
    """Every message of the topic in all its bodies, with subject and attributes, as moto keeps them."""
    return [
        {"subject": str(subject), "bodies": str(body), "attributes": str(more)}
        for _, body, subject, *more in sns_backends[ACCOUNT][REGION].topics[topic].sent_notifications
    ]


def in_every_format(capsys: pytest.CaptureFixture[str], folder: Path, checklist: Path) -> str:
    """Return what one command writes into a file of each format."""
    files = [folder / f"report{suffix}" for suffix in SUFFIXES.values()]
    outputs = [option for file in files for option in ("--output", str(file))]
    typed(capsys, "check", "--verbose", *outputs, *on(checklist))
    return "".join(file.read_text(encoding="utf-8") for file in files)


def put_on_bus(world: World) -> list[str]:
    """The requests to EventBridge from now on."""
    asked: list[str] = []

    def put(params: dict[str, bytes], **_event: object) -> tuple[AWSResponse, dict[str, object]]:
        asked.append(params["body"].decode())
        entries = [{"EventId": "1"} for _ in json.loads(params["body"])["Entries"]]
        return AWSResponse("", 200, HTTPHeaders(), None), {"FailedEntryCount": 0, "Entries": entries}

    world.account.session.get_component("event_emitter").register("before-call.eventbridge.PutEvents", put)
    return asked


def on(file: Path) -> tuple[str, ...]:
    return "--table", TABLE, "--config", str(file)


def typed(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the output of a command, errors included."""
    with pytest.raises(SystemExit):
        main(arguments)
    return "".join(capsys.readouterr())


SHOWS = {
    "report in every format": "babesclub-cart-2",
    "stored rows": "babesclub-cart-2",
    "logs": TABLE,
    "metrics": "ItemStatus",
    "messages": "env-vars-set",
    "events": "env-vars-set",
    "snapshot": "babesclub-cart-2",
    "report as text": "babesclub-cart-2",
    "report as JSON": "babesclub-cart-2",
    "report of the snapshot": "babesclub-cart-2",
    "history as text": "env-vars-set",
    "history as JSON": "env-vars-set",
    "widget": "Environment variables",
}
"""A text of the account that each output shows: an empty output would hold no secret either."""


def test_no_output_holds_a_secret(printed: Mapping[str, str]) -> None:
    assert printed.keys() == SHOWS.keys()
    assert [name for name, text in printed.items() if SHOWS[name] not in text] == []
    assert {name: around(text) for name, text in printed.items() if SECRET in text.replace(REASON, "")} == {}


def test_the_reason_of_a_decision_is_in_the_checklist_of_a_snapshot_and_nowhere_else(
    printed: Mapping[str, str],
) -> None:
    assert {name for name, text in printed.items() if REASON in text} == {"snapshot"}


def test_what_is_no_secret_is_kept(printed: Mapping[str, str]) -> None:
    assert "babesclub-dynamodb" in printed["stored rows"], "the budget is kept, and whom it tells is not"
    assert "ITEM" in printed["stored rows"], "prefixes are kept, and keys are not"


@pytest.mark.parametrize(
    ("service", "operation"),
    [("dynamodb", "Query"), ("dynamodb", "TransactWriteItems"), ("sns", "Publish"), ("sns", "GetTopicAttributes")],
    ids=lambda name: name,
)
def test_no_error_of_the_monitors_own_calls_is_told_in_the_words_of_aws(
    world: World,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
    service: str,
    operation: str,
) -> None:
    """They name the session of the caller, the resource, and for KMS and SNS what the request held."""
    caplog.set_level(logging.DEBUG, "readiness")
    world.run()
    world.account.refuse(service, operation, "AccessDeniedException", message=REFUSED)
    world.recovery(on=False)
    look(world, TABLE_RULES)
    logged = "".join(str(vars(record)) for record in caplog.records)
    said = [json.dumps(delivered(world.topic)), logged, *capsys.readouterr(), text_of(world.rows())]
    assert "AccessDeniedException" in "".join(said)
    assert [around(text) for text in said if SECRET in text] == []


def around(text: str) -> str:
    """The first secret and what is near it."""
    text = text.replace(REASON, "")
    return text[max(0, text.index(SECRET) - 200) :][:300]


def look(world: World, rules: Sequence[Rule]) -> Outcome:
    """A run as the function makes it, with all that it prints."""
    world.now += timedelta(minutes=1)
    topic = AlertTopic(world.account.client("sns"), world.topic)
    run = Run(
        rules=rules,
        aws=world.account.aws,
        settings=world.settings,
        trigger=Trigger("schedule", "run"),
        deployment=Deployment("", topic, bus=EventBus(world.account.aws, BUS)),
        remaining=lambda: 60.0,
        clock=lambda: world.now,
    )
    (outcome,) = run.run()
    emit(run, outcome)
    return outcome
