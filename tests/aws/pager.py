"""A pager that takes PagerDuty's Events API v2, and what brings events of a bus to it.

The receiver checks the published form of events: https://developer.pagerduty.com/docs/events-api-v2-overview. moto does
not call API destinations, so a stand-in does what the rule, target and connection of the template say. ministack does,
in tests/e2e/test_pager.py.
"""

import json
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from jsonschema import Draft202012Validator
from samtranslator.yaml_helper import yaml_parse

from tests.aws.account import ACCOUNT, Account
from tests.aws.receiver import listening, self_signed

Json = dict[str, Any]

ROUTING_KEY = "0123456789abcdef0123456789abcdef"
BUS = "readiness-prod-pager"

TEXT: Json = {"type": "string"}
SCHEMA: Json = {
    "type": "object",
    "required": ["routing_key", "event_action"],
    "additionalProperties": False,
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32},
        "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": {"type": "string", "minLength": 1, "maxLength": 255},
        "client": TEXT,
        "client_url": {"type": "string", "format": "uri"},
        "links": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["href"],
                "properties": {"href": {"type": "string", "pattern": "^https?://"}, "text": TEXT},
            },
        },
        "images": {"type": "array"},
        "payload": {
            "type": "object",
            "required": ["summary", "source", "severity"],
            "additionalProperties": False,
            "properties": {
                "summary": {"type": "string", "minLength": 1, "maxLength": 1024},
                "source": {"type": "string", "minLength": 1},
                "severity": {"enum": ["critical", "error", "warning", "info"]},
                "timestamp": {"type": "string", "format": "date-time"},
                "component": TEXT,
                "group": TEXT,
                "class": TEXT,
                "custom_details": {"type": "object"},
            },
        },
    },
    "if": {"properties": {"event_action": {"const": "trigger"}}},
    "then": {"required": ["payload"]},
    "else": {"required": ["dedup_key"]},
}
MOST_BYTES = 512_000
VALIDATOR = Draft202012Validator(SCHEMA)


@dataclass
class Incidents:
    """The incidents at the pager. `opened` holds the last event of each that is open, by its key."""

    opened: dict[str, Json] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)

    def receive(self, body: bytes) -> tuple[int, Json]:
        """Return the status and the answer, as the Events API gives them."""
        event = json.loads(body)
        errors = [error.message for error in VALIDATOR.iter_errors(event)]
        if errors or len(body) > MOST_BYTES or event["routing_key"] != ROUTING_KEY:
            return 400, {"status": "invalid event", "message": "Event object is invalid", "errors": errors}
        self.events.append(event)
        if event["event_action"] == "trigger":
            self.opened[event["dedup_key"]] = event
        elif event["event_action"] == "resolve":
            self.opened.pop(event["dedup_key"], None)
        return 202, {"status": "success", "message": "Event processed", "dedup_key": event["dedup_key"]}

    @property
    def checks(self) -> set[str]:
        """The keys of open incidents, without the place of the table."""
        return {key.split("/", 3)[3] for key in self.opened}


@contextmanager
def receiving(certificate: Path, key: Path, incidents: Incidents) -> Iterator[str]:
    """Listen by HTTPS, and return the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, answer = incidents.receive(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def log_message(self, *_arguments: object) -> None:
            """Print nothing."""

    with listening(Handler, certificate, key) as url:
        yield url


@contextmanager
def pager(folder: Path, incidents: Incidents) -> Iterator[Callable[[bytes], int]]:
    """Listen by HTTPS, and return what posts to it."""
    certificate, key = self_signed(folder)
    with receiving(certificate, key, incidents) as url:
        trusted = ssl.create_default_context(cafile=str(certificate))

        def post(body: bytes) -> int:
            request = Request(url, body, {"Content-Type": "application/json"})
            with urlopen(request, timeout=10, context=trusted) as answer:
                status: int = answer.status
                return status

        yield post


@dataclass
class ApiDestination:
    """What EventBridge does with the events of the pager's bus, as the template says. `undelivered` are dead letters.

    `late` keeps events back until `arrive` is called.
    """

    post: Callable[[bytes], int]
    late: bool = False
    waiting: list[bytes] = field(default_factory=list)
    undelivered: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        template = yaml_parse((Path(__file__).parents[2] / "template.yaml").read_text(encoding="utf-8"))
        self.rule, self.connection = (
            template["Resources"][name]["Properties"] for name in ("PagerRule", "PagerConnection")
        )

    def take(self, entry: Mapping[str, Any]) -> None:
        """Deliver an event that PutEvents accepted, if the rule matches it."""
        pattern = self.rule["EventPattern"]
        event = {
            "source": [entry["Source"]],
            "detail-type": [entry["DetailType"]],
            "account": [{"Ref": "AWS::AccountId"}],
        }
        (target,) = self.rule["Targets"]
        assert target["InputPath"] == "$.detail"
        if event == pattern:
            body = json.loads(entry["Detail"])
            for each in self.connection["AuthParameters"]["InvocationHttpParameters"]["BodyParameters"]:
                assert each["Value"] == {"Fn::Sub": "{{resolve:secretsmanager:${PagerSecretArn}}}"}
                body[each["Key"]] = ROUTING_KEY
            self.waiting.append(json.dumps(body).encode())
        if not self.late:
            self.arrive()

    def arrive(self) -> None:
        """Call the pager with all events that wait."""
        for body in self.waiting:
            if self.post(body) >= 400:
                self.undelivered.append(body)
        self.waiting = []

    def listen(self, account: Account) -> str:
        """Make the bus, take what is put on it, and return its ARN."""
        arn: str = account.client("events").create_event_bus(Name=BUS)["EventBusArn"]
        asked: list[Json] = []
        events = account.client("events").meta.events

        def ask(params: Json, **_event: object) -> None:
            asked[:] = params["Entries"]

        def answered(parsed: Json, **_event: object) -> None:
            for entry, answer in zip(asked, parsed.get("Entries", ()), strict=False):
                if "EventId" in answer and entry["EventBusName"] == arn:
                    self.take(entry)

        events.register("provide-client-params.eventbridge.PutEvents", ask)
        events.register("after-call.eventbridge.PutEvents", answered)
        assert arn == f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/{BUS}"
        return arn
