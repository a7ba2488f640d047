"""An account that the command line reaches as it reaches a real one: by an endpoint, credentials and a Region."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.endpoint import Endpoint
from botocore.session import Session
from moto.core.models import DEFAULT_ACCOUNT_ID

from readiness.aws.client import Aws, Caller
from readiness.checklist import TableSettings
from readiness.cli import main
from readiness.facts.recorded import manifest
from readiness.facts.recorded.attested import Record, written
from readiness.state.people import Attestation, Manifest, Owner, Waiver, Word
from readiness.state.store import store_of, words
from tests.aws import costs, drills, shop
from tests.aws.admitting import admit
from tests.aws.tables import make_bad, make_good, reach_back, switch_recovery
from tests.rules.manifests import current

GOOD = "babesclub-commerce"
BAD = "babesclub-staging"
REGION = "us-east-1"
PREPARED_BY = "those who prepared"
SESSION = Session()


def tables(*names: str, mode: str = "pitr_only") -> str:
    """The part of a checklist file about these tables: how each is backed up was decided today."""
    decision = f'mode = "{mode}", decided_by = "the CTO", reason = "recovery is enough"'
    today = datetime.now(UTC).date()
    return "".join(
        f'[[tables]]\nname = "{name}"\nbackup_decision = {{ {decision}, decided_on = {today} }}\n' for name in names
    )


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """What was printed, on one line."""
        return " ".join(self.out.split())

    @property
    def report(self) -> Any:
        return json.loads(self.out)

    @property
    def table(self) -> Any:
        (table,) = self.report["tables"]
        return table

    def rule(self, name: str) -> Any:
        return next(rule for rule in self.table["rules"] if rule["id"] == name)


@cache
def client(service: str, endpoint: str) -> Any:
    """An administrator's: making one takes longer than most tests."""
    return SESSION.create_client(
        service, REGION, endpoint_url=endpoint, aws_access_key_id="admin", aws_secret_access_key="admin"
    )


class World:
    """The account, and what is typed."""

    def __init__(self, endpoint: str, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys = capsys
        self.endpoint = endpoint
        self.folder = folder
        self.options: tuple[str, ...] = ()

    def client(self, service: str) -> Any:
        return client(service, self.endpoint)

    def type(self, *arguments: str) -> Ended:
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        out, err = self._capsys.readouterr()
        assert isinstance(ended.value.code, int)
        assert "Traceback" not in out + err
        return Ended(ended.value.code, out, err)

    def check(self, *arguments: str, table: str = GOOD) -> Ended:
        decided = [] if {"--config", "--snapshot"} & set(arguments) else ["--config", self.decided(table)]
        return self.type("check", "--table", table, "--format", "json", *decided, *arguments)

    def decided(self, table: str = GOOD) -> str:
        """A checklist file that says of the table what no default can."""
        path = self.folder / f"{table}.toml"
        path.write_text(tables(table))
        return str(path)

    def checklist(self, text: str) -> str:
        path = self.folder / "checklist.toml"
        path.write_text(text)
        return str(path)

    def good_table(self, name: str = GOOD) -> None:
        make_good(self.client, name)

    def functions(self) -> None:
        """Those behind the good table, and somebody who hears their alarms."""
        topic = self.client("sns").create_topic(Name="alarms")["TopicArn"]
        self.client("sns").subscribe(TopicArn=topic, Protocol="sms", Endpoint="+15550100")
        shop.furnish(self.client, topic)
        costs.furnish(self.client, topic)

    def drills(self) -> None:
        """The good table was restored, and somebody has compared the copy; and it stood a load."""
        now = datetime.now(UTC)
        ended = now - timedelta(hours=1)
        drills.furnish(self.client, ended)
        self.attested("restore-drilled", drills.restored(now))
        self.attested("load-tested", drills.tested(ended))

    def documented(self) -> None:
        """What the application's repository says of the good table is recorded, and all is as it should be."""
        now = datetime.now(UTC)
        self._say(Manifest(by=PREPARED_BY, at=now, table_id=self.table_id(), content=manifest.written(current(now))))

    def bad_table(self, name: str = BAD) -> None:
        make_bad(self.client, name)

    def recovery(self, *, on: bool, table: str = GOOD) -> None:
        """Recovery that is on reaches back as that of an old table does."""
        switch_recovery(self.client, table, on=on)
        if on:
            reach_back(table)

    def unprotect(self, table: str = GOOD) -> None:
        """A table whose deletion protection is off has a WARN."""
        self.client("dynamodb").update_table(TableName=table, DeletionProtectionEnabled=False)

    def rows(self, table: str = GOOD) -> list[dict[str, Any]]:
        """All but what people had to say to make a table good."""
        return [item for item in self.items(table) if item.get("by") != {"S": PREPARED_BY}]

    def items(self, table: str = GOOD) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.client("dynamodb").scan(TableName=table)["Items"]
        return items

    def topic(self, *, subscribed: bool) -> str:
        sns = self.client("sns")
        arn: str = sns.create_topic(Name="on-call")["TopicArn"]
        if subscribed:
            sqs = self.client("sqs")
            url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
            queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
            admit(sqs, url, arn)
            sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue)
        return arn

    def heard(self) -> list[dict[str, Any]]:
        sqs = self.client("sqs")
        url = sqs.get_queue_url(QueueName="on-call")["QueueUrl"]
        received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return [json.loads(message["Body"]) for message in received]

    def owned(self, rule: str, owner: str) -> None:
        self._say(Owner(by="maria", at=datetime.now(UTC), table_id=self.table_id(), rule=rule, owner=owner))

    def attested(self, rule: str, record: Record) -> None:
        now, until = datetime.now(UTC), datetime.now(UTC) + timedelta(days=90)
        evidence = written(record)
        self._say(
            Attestation(by=PREPARED_BY, at=now, table_id=self.table_id(), rule=rule, evidence=evidence, until=until)
        )

    def waived(self, check: str, *, resource: str | None = None, ends: timedelta = timedelta(days=3)) -> None:
        now = datetime.now(UTC)
        self._say(
            Waiver(
                by="maria",
                at=now,
                table_id=self.table_id(),
                check=check,
                reason="moving house",
                until=now + ends,
                resource=resource,
            )
        )

    def table_id(self, table: str = GOOD) -> str:
        described: str = self.client("dynamodb").describe_table(TableName=table)["Table"]["TableId"]
        return described

    def _say(self, word: Word) -> None:
        aws = Aws(DEFAULT_ACCOUNT_ID, REGION, caller=Caller(Session(), REGION))
        words.say(store_of(aws, TableSettings(), "maria").rows, word)


@contextmanager
def answering(answers: Mapping[str, Any]) -> Iterator[None]:
    """The endpoint answers these operations so, whoever asks for them."""
    with pytest.MonkeyPatch.context() as patch:
        asked = Endpoint.make_request

        def make_request(self: Endpoint, model: Any, request: Any) -> Any:
            if model.name in answers:
                return AWSResponse("", 400 if "Error" in answers[model.name] else 200, HTTPHeaders(), None), answers[
                    model.name
                ]
            return asked(self, model, request)

        patch.setattr(Endpoint, "make_request", make_request)
        yield


def refusing(*operations: str, code: str = "AccessDeniedException") -> AbstractContextManager[None]:
    """The endpoint refuses these operations, whoever asks for them."""
    refusal = {"Error": {"Code": code, "Message": "refused"}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return answering(dict.fromkeys(operations, refusal))


@contextmanager
def recorded(calls: list[str]) -> Iterator[None]:
    """Every operation that is asked for meanwhile is added to `calls`."""
    with pytest.MonkeyPatch.context() as patch:
        asked = Endpoint.make_request

        def make_request(self: Endpoint, model: Any, request: Any) -> Any:
            calls.append(model.name)
            return asked(self, model, request)

        patch.setattr(Endpoint, "make_request", make_request)
        yield


def reads(calls: Sequence[str]) -> bool:
    """Whether they change nothing anywhere."""
    return all(call.startswith(("Describe", "Get", "List", "Lookup", "Query")) for call in calls)
