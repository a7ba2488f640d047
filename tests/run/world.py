"""A table, a topic that a queue listens to, and runs of the monitor a minute apart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from msgspec import structs
from msgspec.structs import replace

from readiness.alerts import fallback
from readiness.alerts.topic import AlertTopic
from readiness.changes.call import ApiCall
from readiness.checklist import BackupDecision, Settings, TableSettings
from readiness.engine.rule import Rule
from readiness.facts.cloudtrail.change_rules import ChangeRoute
from readiness.facts.recorded import manifest
from readiness.facts.recorded.attestations import Drill
from readiness.facts.recorded.attested import Record
from readiness.report.permissions import actions
from readiness.run import Deployment, Outcome, Run, Trigger, mirroring
from readiness.state import identity
from readiness.state.people import Attestation, Manifest
from readiness.state.store import Store, parameter, store_of, words
from tests.aws import drills
from tests.aws.account import TABLE, Account, good_table
from tests.aws.admitting import admit
from tests.aws.completed import complete
from tests.fixed_rules import RULES
from tests.rules.manifests import current
from tests.run.history import without_pauses

OF_FUNCTIONS = {"iam:GetAccountAuthorizationDetails", "lambda:ListFunctions"}

TABLE_RULES = tuple(
    replace(rule, checks=[check for check in rule.checks if not actions([check]) & OF_FUNCTIONS])
    for rule in RULES
    if rule.item.startswith("1.")
)
"""What is asked of the table itself: most of what a run does is the same whatever it judges, and takes longer."""


RECOVERY_ALONE = BackupDecision("pitr_only", "the CTO", datetime.now(UTC).date(), "recovery is enough")


def new_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows runs in an execution environment that has published and written nothing yet."""
    monkeypatch.setattr(fallback, "_published", set())
    monkeypatch.setattr(identity, "_written", set())
    monkeypatch.setattr(parameter, "_keys", {})
    monkeypatch.setattr(mirroring, "opened_alone", {})
    without_pauses(monkeypatch)


@dataclass
class World:
    """What happens between runs, and what they leave behind."""

    account: Account = field(default_factory=Account)
    settings: Settings = field(
        default_factory=lambda: Settings(tables=(TableSettings(backup_decision=RECOVERY_ALONE),))
    )
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    topic: str = ""
    queue: str = ""
    runs: int = 0
    earliest: datetime | None = None
    theirs: set[str] = field(default_factory=set)
    route: ChangeRoute = field(default_factory=ChangeRoute)
    pagers: dict[str, str] | None = None

    def __post_init__(self) -> None:
        complete()
        good_table(self.account)
        self.account.alter("dynamodb", "DescribeContinuousBackups", self._reach_back)
        self.topic = self.account.client("sns").create_topic(Name="on-call")["TopicArn"]
        sqs = self.account.client("sqs")
        self.queue = sqs.create_queue(QueueName="on-call")["QueueUrl"]

    def subscribe(self) -> None:
        sqs, sns = self.account.client("sqs"), self.account.client("sns")
        arn = sqs.get_queue_attributes(QueueUrl=self.queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        kept = {"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn})}
        admit(sqs, self.queue, self.topic)
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn, Attributes=kept)

    def item(self, partition: str, sort: str = "META", **attributes: Any) -> None:
        """One of the application's."""
        self.theirs.add(partition)
        item = {"PK": {"S": partition}, "SK": {"S": sort}, **attributes}
        self.account.client("dynamodb").put_item(TableName=TABLE, Item=item)

    def documented(self) -> None:
        """What the application's repository says is recorded, and is as it should be."""
        content = manifest.written(current(self.now))
        words.say(self.store.rows, Manifest(by="maria", at=self.now, table_id=self.table_id, content=content))

    @property
    def table_id(self) -> str:
        described: str = self.account.client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableId"]
        return described

    def run(self, rules: Sequence[Rule] = TABLE_RULES, **how: Any) -> Outcome:
        """One run, a minute after the last."""
        (outcome,) = self.run_all(rules, **how)
        return outcome

    def run_all(
        self,
        rules: Sequence[Rule] = TABLE_RULES,
        *,
        release: str = "",
        alarm: str = "",
        lasts: float = 60.0,
        calls: Sequence[ApiCall] = (),
    ) -> list[Outcome]:
        """`calls` are those of the change events that start it."""
        self.runs += 1
        self.now += timedelta(minutes=1)
        topic = AlertTopic(self.account.client("sns"), self.topic)
        run = Run(
            rules=rules,
            aws=self.account.aws,
            settings=self.settings,
            trigger=Trigger("change" if calls else "schedule", f"run-{self.runs}", calls),
            deployment=Deployment(release, topic, persist_alarm=alarm, route=self.route, pagers=self.pagers),
            remaining=lambda: lasts,
            clock=lambda: self.now,
        )
        return run.run()

    def heard(self) -> list[dict[str, Any]]:
        """The documents that arrived since the last call."""
        sqs = self.account.client("sqs")
        heard = []
        while messages := sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                heard.append(json.loads(json.loads(message["Body"])["Message"]))
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
        return heard

    def recovery(self, *, on: bool, table: str = TABLE) -> None:
        self.account.client("dynamodb").update_continuous_backups(
            TableName=table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": on}
        )

    def _reach_back(self, answer: dict[str, Any]) -> None:
        """A table of moto's is seconds old; one that was watched for long can be restored from long ago."""
        recovery = answer["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        if self.earliest and recovery["PointInTimeRecoveryStatus"] == "ENABLED":
            recovery["EarliestRestorableDateTime"] = self.earliest

    def delete_table(self) -> None:
        dynamodb = self.account.client("dynamodb")
        dynamodb.update_table(TableName=TABLE, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=TABLE)

    def rows(self, prefix: str = "") -> list[dict[str, Any]]:
        """Our rows, in the order of their sort keys; whatever is not the application's has to be ours."""
        items = self.account.client("dynamodb").scan(TableName=TABLE)["Items"]
        items = [item for item in items if item["PK"]["S"] not in self.theirs]
        assert all(item["PK"]["S"].startswith("READINESS#") for item in items)
        return sorted((item for item in items if item["SK"]["S"].startswith(prefix)), key=lambda item: item["SK"]["S"])

    def want(self, **table: Any) -> None:
        """Change what the checklist wants of the table."""
        wanted = structs.replace(self.settings.tables[0], **table)
        self.settings = structs.replace(self.settings, tables=(wanted,))

    def drilled(self) -> None:
        """The table was restored, and somebody has compared the copy; and it stood a load."""
        self.now += timedelta(minutes=1)
        ended = self.now - timedelta(hours=1)
        drills.furnish(self.account.client, ended)
        self.attest("restore-drilled", drills.restored(self.now))
        self.attest("load-tested", drills.tested(ended))

    def attest(self, rule: str, record: Record | Drill, *, days: int = 90) -> None:
        """Maria says so now, and that it is good for so long."""
        table_id = self.account.client("dynamodb").describe_table(TableName=TABLE)["Table"]["TableId"]
        until, evidence = self.now + timedelta(days=days), msgspec.json.encode(record).decode()
        word = Attestation(by="maria", at=self.now, table_id=table_id, rule=rule, evidence=evidence, until=until)
        words.say(self.store.rows, word)

    @property
    def store(self) -> Store:
        return store_of(self.account.aws, self.settings.tables[0], "a person")
