"""Other people's secrets pass through this process: nothing that comes out of it may hold one."""

import json
import logging
from pathlib import Path

import pytest
from msgspec import structs

from readiness.alerts import AlertTopic
from readiness.checklist import SampleSettings
from readiness.report import as_json, as_text
from readiness.report.content import Report, ReportSubject, table_report
from readiness.report.snapshot_file import save
from readiness.run import Deployment, Outcome, Run, Trigger, emit
from readiness.state.overlay import Overlay
from tests.aws import backups, costs, shop
from tests.aws.account import ACCOUNT, ARN, REGION, TABLE
from tests.fixed_rules import RULES
from tests.run.world import RECOVERY_ALONE, World

SECRET = "hunter2-" + "x" * 8
"""Every secret begins like this, so that one search finds them all."""


def secret(what: str) -> str:
    return f"{SECRET}-{what}"


@pytest.fixture
def entrusted(world: World) -> World:
    """Functions, policies and queues that fail in many ways, with a secret wherever AWS has room for one."""
    client = world.account.client
    shop.furnish(client, world.topic)
    conditions = {"StringEquals": {"aws:PrincipalTag/token": secret("condition")}}
    role = shop.role(
        client,
        "leaky",
        shop.allow(["dynamodb:*"], "*", Condition=conditions, Sid="Leak"),
        shop.allow(["secretsmanager:GetSecretValue"], f"arn:aws:secretsmanager:*:*:secret:{secret('name')}"),
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
    world.want(backup_decision=structs.replace(RECOVERY_ALONE, mode="aws_backup"))
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


def test_no_secret_is_stored_logged_emitted_or_published(
    entrusted: World, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, "readiness")
    look(entrusted)
    variables = {"COMMERCE_TABLE": secret("pasted by mistake again"), "API_KEY": secret("rotated")}
    entrusted.account.client("lambda").update_function_configuration(
        FunctionName="babesclub-cart", Environment={"Variables": variables}
    )
    outcome = look(entrusted)
    logged = "".join(str(vars(record)) for record in caplog.records)
    said = [json.dumps(entrusted.heard()), json.dumps(entrusted.rows(), default=str), logged, *capsys.readouterr()]
    assert "env-vars-set" in said[0]
    assert "babesclub-cart-2" in said[1]
    assert "babesclub-dynamodb" in said[1], "the budget is kept, and whom it tells is not"
    assert "ITEM" in said[1], "prefixes are kept, and keys are not"
    assert outcome.committed
    assert not [text[text.index(SECRET) - 200 :][:300] for text in said if SECRET in text]


def test_no_secret_is_rendered_or_saved(entrusted: World, tmp_path: Path) -> None:
    outcome = look(entrusted)
    snapshot = tmp_path / "snapshot.json"
    save(outcome.scan.snapshot, entrusted.settings, snapshot)
    assert "babesclub-cart-2" in snapshot.read_text()
    assert SECRET not in snapshot.read_text()
    overlay = Overlay(outcome.state, entrusted.settings, outcome.scan.at)
    subject = ReportSubject(TABLE, "id", ACCOUNT, REGION, outcome.scan.at, "digest")
    report = Report((table_report(subject, outcome.scan.evaluation, overlay),))
    for rendered in (as_json.render(report), as_text.render(report)):
        assert "babesclub-cart-2" in rendered
        assert SECRET not in rendered


def look(world: World) -> Outcome:
    """A run as the function makes it, with all that it prints."""
    topic = AlertTopic(world.account.client("sns"), world.topic)
    run = Run(
        rules=RULES,
        aws=world.account.aws,
        settings=world.settings,
        trigger=Trigger("schedule", "run"),
        deployment=Deployment("", topic),
        remaining=lambda: 60.0,
    )
    (outcome,) = run.run()
    emit(run, outcome)
    return outcome
