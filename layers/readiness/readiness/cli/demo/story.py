"""The steps of the demo. Every run calls the Lambda handler with an event of `events/`."""

import contextlib
import importlib.util
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from readiness import entry
from readiness.cli.demo import functions, gate
from readiness.cli.demo.account import BAD, GOOD, Account, embedded
from readiness.cli.exits import Exit, Failed, Usage
from readiness.cli.terminal import heading, say

CHECKOUT = Path(__file__).parents[5]
HANDLER = CHECKOUT / "functions" / "monitor" / "app.py"
ABOUT_THE_TABLE = ("billing-on-demand", "encryption-kms", "ttl-enabled", "pitr-enabled")
THROTTLED = f"{GOOD} throttled"
WRITTEN = 2400
"""Characters that are shown of a template."""

SHOWN = 160
"""Characters that are shown of an item or of JSON."""

APART = timedelta(minutes=1)
"""The time between two runs. Runs in quicker succession count as one for the confirmation of a recovery."""


@dataclass(frozen=True)
class LambdaContext:
    """The Lambda context object."""

    aws_request_id: str
    function_name: str = "readiness-monitor"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:readiness-monitor"

    def get_remaining_time_in_millis(self) -> int:
        """Return the remaining time at the start of an invocation."""
        return 60_000


class Lambda:
    """The Lambda function in this process."""

    def __init__(self) -> None:
        """Import the handler. Failed: the package is installed without the checkout."""
        if not HANDLER.exists():
            raise Failed(Exit.CANNOT_START, f"the demo needs a checkout of the project: {HANDLER} does not exist")
        spec = importlib.util.spec_from_file_location("readiness_monitor", HANDLER)
        if spec is None or spec.loader is None:
            raise Failed(Exit.CANNOT_START, f"{HANDLER} is not a Python module")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        # The log line of a run is for CloudWatch Logs: here the output that people read is shown.
        logging.getLogger("readiness").setLevel(logging.WARNING)
        self._handler: Callable[[Any, Any], Any] = module.handler
        self._runs = 0
        entry.clock = self._clock

    def _clock(self) -> datetime:
        """Return a time that advances with each run: the demo does not wait for the schedule."""
        return datetime.now(UTC) + APART * self._runs

    def invoke(self, event: str) -> list[str]:
        """Invoke the handler with an event of `events/` and return the lines that it printed."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.answer(json.loads((CHECKOUT / "events" / event).read_text()))
        return said.getvalue().splitlines()

    def answer(self, event: Any) -> Any:
        """Invoke the handler with an event and return its result."""
        self._runs += 1
        return self._handler(event, LambdaContext(f"demo-{self._runs}"))


def tell() -> None:
    """Run the demo on stdout. ImportError: there is no checkout."""
    with _furnished() as (account, function, checklist):
        for title, step in _steps(account, function, checklist):
            heading(f"== {title}")
            step()
    heading("== Next steps")
    say(
        "  .venv/bin/readiness explain pitr-enabled      why an item exists, and its checks\n"
        "  .venv/bin/readiness check --table NAME        check your account, read-only, as boto3 is configured\n"
        "  .venv/bin/readiness policy                    the least IAM policy for it\n"
        "  make build                                    build function and layer; see the README to deploy them"
    )


def tell_event(file: Path) -> None:
    """Process one event after a first run, and show the results. Usage: the file contains no event."""
    try:
        event = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Usage(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Usage(f"{file}: not JSON: {error}") from None
    with _furnished() as (account, function, _):
        function.invoke("schedule.json")
        account.heard()
        before = {row["SK"]["S"] for row in account.rows()}
        heading(f"== Result of {file.name}, and output of the function")
        try:
            say(json.dumps(function.answer(event)))
        except entry.BadEvent as error:
            raise Usage(f"{file}: {error}") from None
        heading("== Items written")
        _show([row for row in account.rows() if row["SK"]["S"] not in before])
        heading("== Messages sent")
        _hear(account)


@contextlib.contextmanager
def _furnished() -> Iterator[tuple[Account, Lambda, Path]]:
    """Return the account, the function and its checklist."""
    sys.path.insert(0, str(CHECKOUT))
    importlib.import_module("tests.aws.completed").complete()
    shop, costs, backups = map(importlib.import_module, ("tests.aws.shop", "tests.aws.costs", "tests.aws.backups"))
    with embedded() as account, TemporaryDirectory() as folder:
        functions.furnish(account.admin, shop, account.topic_arn)
        costs.furnish(account.admin.client, account.topic_arn)
        backups.furnish(account.admin.client)
        checklist = Path(folder) / "checklist.toml"
        checklist.write_text(_checklist(), encoding="utf-8")
        os.environ |= {
            "LAMBDA_TASK_ROOT": str(HANDLER.parent),
            "READINESS_CHECKLIST": str(checklist),
            "READINESS_TABLE": GOOD,
            "READINESS_TOPIC_ARN": account.topic_arn,
        }
        yield account, Lambda(), checklist


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


def _steps(account: Account, function: Lambda, checklist: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    yield (
        f"{GOOD} meets the items about the table, but its functions do not; {BAD} meets few items",
        lambda: _check_both(checklist),
    )
    yield "The first scheduled run reports that monitoring has started", lambda: _run(account, function)
    account.switch_recovery(on=False)
    account.expire_by("ttl")
    yield (
        "Somebody disables PITR and changes the TTL attribute",
        lambda: _run(account, function),
    )
    yield "The next run finds no change. No message sent", lambda: _run(account, function)
    account.switch_recovery(on=True)
    account.expire_by("expiresAt")
    yield "Both are corrected. The message also reports the lost restore points", lambda: _run(account, function)
    account.delete_alarm(THROTTLED)
    yield "Somebody deletes the alarm on throttling", lambda: _run(account, function)
    template = checklist.with_name("alarms.yaml")
    yield "The missing alarm is written as a template, for review and deployment", lambda: _write(checklist, template)
    _deploy(account, template)
    yield "The template was deployed. The next run reports it", lambda: _run(account, function)
    yield (
        "A drill tests the alarm: it is set to ALARM, and the notification arrives",
        lambda: _drill(account, checklist, template),
    )
    functions.allow_everything(account.admin, "babesclub-checkout")
    yield (
        "Somebody allows a role all DynamoDB actions. The second run reports it: IAM is eventually consistent",
        lambda: _run(account, function, times=2),
    )
    account.deny_monitor("dynamodb:DescribeContinuousBackups")
    yield (
        "Somebody denies the monitor a permission: UNKNOWN, no CRITICAL alert",
        lambda: _blind(account, function, checklist),
    )
    helpers = gate.Helpers(*map(importlib.import_module, ("tests.aws.shop", "tests.aws.drills")))
    yield from gate.CompletenessGate(account, checklist, helpers, lambda: _run(account, function)).steps()
    yield "Items in the table, and metrics of the last run", lambda: _written(account, function)


def _check_both(checklist: Path) -> None:
    from readiness.cli import check

    check.run(table=GOOD, config=checklist)
    say("")
    check.run(table=BAD, config=checklist, rules=ABOUT_THE_TABLE)
    say("")


def _write(checklist: Path, template: Path) -> None:
    from readiness.cli import alarms

    alarms.run(template, "", 0, GOOD, checklist, yes=True, dry_run=False)
    say("")
    say(f"{template.read_text()[:WRITTEN].rpartition(chr(10))[0]}\n...")


def _deploy(account: Account, template: Path) -> None:
    """Deploy the template: the embedded account has no CloudFormation."""
    stack = importlib.import_module("tests.aws.stack")
    stack.deploy(account.admin.client, template.read_text(encoding="utf-8"), OnCallTopicArn=account.topic_arn)


def _drill(account: Account, checklist: Path, template: Path) -> None:
    from readiness.cli import alarms

    stack = importlib.import_module("tests.aws.stack")
    [alarm] = stack.read(template.read_text(encoding="utf-8"))["Resources"].values()
    alarms.run(None, alarm["Properties"]["AlarmName"], 30, GOOD, checklist, yes=True, dry_run=False)
    for message in account.heard():
        say(f"  the queue received: {message['Message'][:SHOWN]}...")


def _run(account: Account, function: Lambda, times: int = 1) -> None:
    for _ in range(times):
        function.invoke("schedule.json")
    _hear(account)


def _hear(account: Account) -> None:
    heard = account.heard()
    if not heard:
        say("  No message was sent.")
    for message in heard:
        say(f"  {message['Subject']}\n")
        say("\n".join(f"  {line}".rstrip() for line in account.mailed().splitlines()))
        say(f"\n  The queue received the same as JSON: {message['Message'][:SHOWN]}...")


def _blind(account: Account, function: Lambda, checklist: Path) -> None:
    from readiness.cli import check

    check.run(table=GOOD, config=checklist, rules=["pitr-enabled"])
    say("")
    _run(account, function)


def _written(account: Account, function: Lambda) -> None:
    _show(account.rows())
    say("")
    for line in function.invoke("schedule.json"):
        if "_aws" in line:
            say(f"  {line}")


def _show(rows: Iterable[dict[str, Any]]) -> None:
    for row in rows:
        said = json.dumps({name: value for name, value in row.items() if name not in {"PK", "SK"}})
        say(f"  {row['PK']['S']}  {row['SK']['S']}\n      {said[:SHOWN]}")
