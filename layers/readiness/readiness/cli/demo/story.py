"""What the demo tells, in order. Every run goes through the Lambda's own handler, with the events of `events/`."""

import contextlib
import importlib.util
import io
import json
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
"""Characters of a template: its header, and how it begins."""

SHOWN = 160
"""Characters of a row or of JSON: the rest is more of the same."""

APART = timedelta(minutes=1)
"""Between two runs. Looks that follow each other faster are taken for one, and good news has to wait for the next."""


@dataclass(frozen=True)
class Context:
    """What Lambda hands to a handler besides the event."""

    aws_request_id: str
    function_name: str = "readiness-monitor"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:readiness-monitor"

    def get_remaining_time_in_millis(self) -> int:
        """As at the start of an invocation."""
        return 60_000


class Lambda:
    """The function as the stack runs it, in this process."""

    def __init__(self) -> None:
        """Failed: this is an installed package without the checkout around it."""
        if not HANDLER.exists():
            raise Failed(Exit.CANNOT_START, f"the demo runs from a checkout of the project: {HANDLER} is not there")
        spec = importlib.util.spec_from_file_location("readiness_monitor", HANDLER)
        if spec is None or spec.loader is None:
            raise Failed(Exit.CANNOT_START, f"{HANDLER} is no Python module")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._handler: Callable[[Any, Any], Any] = module.handler
        self._runs = 0
        entry.clock = self._clock

    def _clock(self) -> datetime:
        """The demo does not wait for its schedule."""
        return datetime.now(UTC) + APART * self._runs

    def invoke(self, event: str) -> list[str]:
        """Run it with an event of `events/`; the lines that it printed."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            self.answer(json.loads((CHECKOUT / "events" / event).read_text()))
        return said.getvalue().splitlines()

    def answer(self, event: Any) -> Any:
        """Run it with any event; what it returns."""
        self._runs += 1
        return self._handler(event, Context(f"demo-{self._runs}"))


def tell() -> None:
    """The whole story, on stdout. ImportError: this is not a checkout."""
    with _furnished() as (account, function, checklist):
        for title, step in _steps(account, function, checklist):
            heading(f"== {title}")
            step()
    heading("== Now you")
    say(
        "  .venv/bin/readiness explain pitr-enabled      why an item is there and how it is judged\n"
        "  .venv/bin/readiness check --table NAME        your account, read-only, as boto3 is configured\n"
        "  .venv/bin/readiness policy                    the least policy that this takes\n"
        "  make build                                    the function and its layer; the README says how to deploy"
    )


def tell_event(file: Path) -> None:
    """What one event leads to in an account that was looked at once. Usage: there is no event in the file."""
    try:
        event = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"{file}: can't be read: {error.strerror}"
        raise Usage(msg) from None
    except ValueError as error:
        msg = f"{file}: is not JSON: {error}"
        raise Usage(msg) from None
    with _furnished() as (account, function, _):
        function.invoke("schedule.json")
        account.heard()
        before = {row["SK"]["S"] for row in account.rows()}
        heading(f"== The function's answer to {file.name}, and what it printed")
        try:
            say(json.dumps(function.answer(event)))
        except entry.BadEvent as error:
            msg = f"{file}: {error}"
            raise Usage(msg) from None
        heading("== What it wrote")
        _show([row for row in account.rows() if row["SK"]["S"] not in before])
        heading("== Who was told")
        _hear(account)


@contextlib.contextmanager
def _furnished() -> Iterator[tuple[Account, Lambda, Path]]:
    """The account, the function as the stack runs it, and its checklist."""
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
    """What of the file that the stack deploys is for people to say: how tables are backed up, who may do what."""
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
        f"{GOOD} meets the items about itself, but the functions behind it do not; {BAD} meets hardly any",
        lambda: _check_both(checklist),
    )
    yield "The first run on the schedule says that it is watching", lambda: _run(account, function)
    account.switch_recovery(on=False)
    account.expire_by("ttl")
    yield (
        "Somebody switches point-in-time recovery off, and moves TTL to another attribute",
        lambda: _run(account, function),
    )
    yield "The next run has nothing new to say", lambda: _run(account, function)
    account.switch_recovery(on=True)
    account.expire_by("expiresAt")
    yield "Both are put back: the recovery, and the window that is lost all the same", lambda: _run(account, function)
    account.delete_alarm(THROTTLED)
    yield "Somebody deletes the alarm on throttling", lambda: _run(account, function)
    template = checklist.with_name("alarms.yaml")
    yield "What is lacking is written as a template, to be reviewed and deployed", lambda: _write(checklist, template)
    _deploy(account, template)
    yield "It was deployed, and the next run sees it", lambda: _run(account, function)
    yield (
        "A drill proves the last link: the alarm is set off, and what it says arrives",
        lambda: _drill(account, checklist, template),
    )
    functions.allow_everything(account.admin, "babesclub-checkout")
    yield (
        "Somebody lets the checkout do anything: told by the second look that sees it, for IAM takes its time",
        lambda: _run(account, function, times=2),
    )
    account.deny_monitor("dynamodb:DescribeContinuousBackups")
    yield (
        "Somebody denies the monitor a call: UNKNOWN, and no page for it",
        lambda: _blind(account, function, checklist),
    )
    helpers = gate.Helpers(*map(importlib.import_module, ("tests.aws.shop", "tests.aws.drills")))
    yield from gate.Gate(account, checklist, helpers, lambda: _run(account, function)).steps()
    yield "What is written in the table, and the metrics of the last run", lambda: _written(account, function)


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
    """As CloudFormation would, which the embedded account has not."""
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
        say("  (the queue that listens to the topic stays empty)")
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
