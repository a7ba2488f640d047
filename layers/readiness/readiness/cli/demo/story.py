"""The steps of the demo. Every run calls the Lambda handler with an event of `events/`."""

import contextlib
import io
import json
import logging
import os
import runpy
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

from readiness import entry
from readiness.cli.demo import functions, gate, short
from readiness.cli.demo.account import BAD, GOOD, Account, embedded, helper
from readiness.cli.demo.applying import applied
from readiness.cli.exits import Exit, Failed, Usage
from readiness.cli.terminal import heading, reading, say

PACKED = Path(__file__).with_name("checkout")
CHECKOUT = PACKED if PACKED.is_dir() else Path(__file__).parents[5]
"""The folder with the embedded account, the function and the events: that of the wheel, or the checkout itself."""

HANDLER = CHECKOUT / "functions" / "monitor" / "app.py"
ABOUT_THE_TABLE = ("billing-on-demand", "encryption-kms", "ttl-enabled", "pitr-enabled")
THROTTLED = f"{GOOD} throttled"
WRITTEN = 2400
"""Characters that are shown of a template."""

SHOWN = 160
"""Characters that are shown of an item or of JSON."""

APART = timedelta(minutes=1)
"""The time between two runs. Runs in quicker succession count as one for the confirmation of a recovery."""


CALLED_BEFORE = timedelta(seconds=30)
"""The time from a call until the run that its event starts."""


class Lambda:
    """The Lambda function in this process."""

    def __init__(self) -> None:
        """Import the handler. Failed: the package is installed without the checkout."""
        if not HANDLER.exists():
            raise Failed(Exit.CANNOT_START, f"the demo needs a checkout of the project: {HANDLER} does not exist")
        self._handler: Callable[[Any, Any], Any] = runpy.run_path(str(HANDLER))["handler"]
        # The log line of a run is for CloudWatch Logs: here the output that people read is shown.
        logging.getLogger("readiness").setLevel(logging.ERROR)
        self._runs = 0
        # The demo does not wait for the schedule: its clock advances with each run.
        entry.clock = lambda: datetime.now(UTC) + APART * self._runs

    @property
    def next_run(self) -> datetime:
        """The time of the next run."""
        return datetime.now(UTC) + APART * (self._runs + 1)

    def invoke(self, event: str) -> list[str]:
        """Invoke the handler with an event of `events/` and return the lines that it printed."""
        return self.process(self.event(event))

    def process(self, event: Any) -> list[str]:
        """Invoke the handler with an event and return the lines that it printed."""
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            self.answer(event)
        return printed.getvalue().splitlines()

    def event(self, name: str) -> Any:
        """Return an event of `events/`."""
        return json.loads((CHECKOUT / "events" / name).read_text(encoding="utf-8"))

    def answer(self, event: Any) -> Any:
        """Invoke the handler with an event and return its result."""
        self._runs += 1
        context = SimpleNamespace(
            aws_request_id=f"demo-{self._runs}",
            function_name="readiness-monitor",
            memory_limit_in_mb=512,
            invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:readiness-monitor",
            get_remaining_time_in_millis=lambda: 60_000,
        )
        return self._handler(event, context)


def run_demo(*, verbose: bool) -> None:
    """Run the demo, all on stdout in its order. ImportError: the packages of the account are missing."""
    with furnished() as story, contextlib.redirect_stderr(sys.stdout):
        for title, step in story.steps() if verbose else short.steps(story):
            heading(f"== {title}")
            step()


def run_event(file: Path) -> None:
    """Make the change of one event after a first run, process the event, and show the results. Usage: it is none."""
    event = _read(file)
    with furnished() as story:
        story.function.invoke("schedule.json")
        story.account.received()
        before = {row["SK"]["S"] for row in story.account.rows()}
        event, changes = applied(story.account, event, story.function.next_run - CALLED_BEFORE)
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed):
                result = story.function.answer(event)
        except entry.BadEvent as error:
            raise Usage(f"{file}: {error}") from None
        heading(f"== {file.name}: the change, and the message")
        for line in changes:
            say(f"  {line}")
        say("")
        if not story.show_messages():
            say("\n  The next scheduled run: some checks report a change only if a second run confirms it.\n")
            story.function.invoke("schedule.json")
            story.show_messages()
        heading("== Items written")
        _show([row for row in story.account.rows() if row["SK"]["S"] not in before])
        heading("== Result and output of the function")
        say(json.dumps(result))
        say(printed.getvalue().rstrip("\n"))


def _read(file: Path) -> Any:
    """Return the content of a JSON file. Usage: it cannot be read, or is not JSON."""
    try:
        with reading(file):
            return json.loads(file.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise Usage(f"{file}, line {error.lineno}: not JSON: {error.msg}") from None
    except (ValueError, RecursionError):
        raise Usage(f"{file}: not JSON") from None


@dataclass(frozen=True)
class Story:
    """The account, the function and its checklist, and what happens to them."""

    account: Account
    function: Lambda
    checklist: Path

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the title and the action of each step."""
        account, tables = self.account, helper("tables")
        client = account.admin.client
        yield (
            "Two tables that are not ready: of one the functions and roles fail, of the other the table itself",
            self._check_both,
        )
        yield "The first scheduled run reports that monitoring has started", self._run
        tables.switch_recovery(client, GOOD, on=False)
        account.expire_by("ttl")
        yield "Somebody disables PITR and changes the TTL attribute", self._run
        yield "The next run finds no change. No message sent", self._run
        tables.switch_recovery(client, GOOD, on=True)
        account.expire_by("expiresAt")
        yield "Both are corrected", self._run
        client("cloudwatch").delete_alarms(AlarmNames=[THROTTLED])
        yield "Somebody deletes the alarm on throttling", self._run
        yield "The missing alarm is written as a template, for review and deployment", self._write
        helper("stack").deploy(client, self._template.read_text(encoding="utf-8"), OnCallTopicArn=account.topic_arn)
        yield "The template was deployed. The next run reports it", self._run
        yield "A drill tests the alarm: it is set to ALARM, and the notification arrives", self._drill
        functions.allow_everything(account.admin, "babesclub-checkout")
        yield (
            "Somebody allows a role all DynamoDB actions. The second run reports it: IAM is eventually consistent",
            lambda: self._run(times=2),
        )
        account.allow_monitor("dynamodb:DescribeContinuousBackups")
        yield "Somebody denies the monitor a permission: UNKNOWN, no CRITICAL alert", self._check_denied
        yield from gate.steps(account, self.checklist, self._run)
        yield "Items in the table, and metrics of the last run", self._show_results

    def show_messages(self) -> bool:
        """Show the messages that were sent since the last call. Return False if there are none."""
        received = self.account.received()
        if not received:
            why = "" if self.account.is_subscribed() else ": the topic has no subscription"
            say(f"  No message was sent{why}.")
        for message in received:
            say(f"  {message['Subject']}\n")
            say("\n".join(f"  {line}".rstrip() for line in self.account.mailed().splitlines()))
            say(f"\n  The queue received the same as JSON: {message['Message'][:SHOWN]}...")
        return bool(received)

    @property
    def _template(self) -> Path:
        return self.checklist.with_name("alarms.yaml")

    def _run(self, times: int = 1) -> None:
        for _ in range(times):
            self.function.invoke("schedule.json")
        self.show_messages()

    def _check(self, table: str, *rules: str) -> None:
        from readiness.cli import check

        check.run(table=table, config=None if table == GOOD else self.checklist, rules=rules)
        say("")

    def _check_both(self) -> None:
        self._check(GOOD)
        self._check(BAD, *ABOUT_THE_TABLE)

    def _check_denied(self) -> None:
        self._check(GOOD, "pitr-enabled")
        self._run()

    def _write(self) -> None:
        from readiness.cli import alarms

        alarms.run(self._template, "", 0, GOOD, self.checklist, yes=True, dry_run=False)
        say("")
        say(f"{self._template.read_text()[:WRITTEN].rpartition(chr(10))[0]}\n...")

    def _drill(self) -> None:
        from readiness.cli import alarms

        [alarm] = helper("stack").read(self._template.read_text(encoding="utf-8"))["Resources"].values()
        alarms.run(None, alarm["Properties"]["AlarmName"], 30, GOOD, self.checklist, yes=True, dry_run=False)
        for message in self.account.received():
            say(f"  the queue received: {message['Message'][:SHOWN]}...")

    def _show_results(self) -> None:
        _show(self.account.rows())
        say("")
        for line in self.function.invoke("schedule.json"):
            if "_aws" in line:
                say(f"  {line}")


@contextlib.contextmanager
def furnished() -> Iterator[Story]:
    """Start the account with its tables and functions, in a folder with the checklist file."""
    sys.path.insert(0, str(CHECKOUT))
    helper("completed").complete()
    with embedded() as account, TemporaryDirectory() as folder, contextlib.chdir(folder):
        functions.furnish(account.admin, account.topic_arn)
        helper("costs").furnish(account.admin.client, account.topic_arn)
        helper("backups").furnish(account.admin.client)
        checklist = Path("checklist.toml")
        checklist.write_text(_checklist(), encoding="utf-8")
        os.environ |= {
            "LAMBDA_TASK_ROOT": str(HANDLER.parent),
            "READINESS_CHECKLIST": str(checklist),
            "READINESS_TABLE": GOOD,
            "READINESS_TOPIC_ARN": account.topic_arn,
        }
        yield Story(account, Lambda(), checklist)


def _checklist() -> str:
    """Return the settings that people decide: the backup decision, and who may disable PITR."""
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    decision = f'mode = "aws_backup", decided_by = "the CTO", decided_on = {today}, reason = "35 days to look back"'
    entries = (
        f"""
[[tables.pitr.allowed_togglers]]
principal = "arn:aws:iam::123456789012:user/{name}"
owner = "platform@example.com"
reviewed_on = {today}
"""
        for name in ("admin", "monitor")
    )
    return f'[[tables]]\nname = "{GOOD}"\nbackup_decision = {{ {decision} }}\n{"".join(entries)}'


def _show(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        shown = {name: value for name, value in row.items() if name not in {"PK", "SK"}}
        item = json.dumps(shown, default=lambda compressed: f"{len(compressed)} bytes")
        say(f"  {row['PK']['S']}  {row['SK']['S']}\n      {item[:SHOWN]}")
