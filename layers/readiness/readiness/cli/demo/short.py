"""The demo: a table that is not ready, fixed, ready; then somebody disables PITR: the page, the fix, resolved."""

import contextlib
import io
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import TYPE_CHECKING

from readiness.cli import main
from readiness.cli.demo import functions
from readiness.cli.demo.account import GOOD, Account, helper
from readiness.cli.demo.applying import applied
from readiness.cli.demo.gate import drill_records, repository, tested_until
from readiness.cli.terminal import say

if TYPE_CHECKING:
    from readiness.cli.demo.story import Story

Lines = Sequence[str]

WIDTH = 78
OWNER = "platform@example.com"
VALID = timedelta(days=90)
CALLED_BEFORE = timedelta(seconds=39)
SUMMARY = re.compile(r"\d+ (pass|fail|unknown|not recorded|warning)")


def steps(story: "Story") -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the title and the action of each step. Together they print at most 120 lines."""
    neglect(story.account)
    yield f"1. {GOOD} is not ready", lambda: _type("check")
    yield "2. Fix what fails, and record what no AWS API shows", lambda: _fix(story)
    yield "3. Ready: the monitor runs, and the checklist is complete", lambda: _run(story)
    yield "4. Somebody disables PITR. On-call receives", lambda: _disable(story)
    yield "5. On-call fixes it", lambda: _type("fix", "1.4", "--apply", "--yes", show=_read_again)
    yield "6. PITR stays enabled. On-call receives", lambda: _recover(story)
    yield "Next", _next


def neglect(account: Account) -> None:
    """Disable PITR, and delete the alarm on throttling."""
    client = account.admin.client
    functions.correct(account.admin)
    helper("tables").switch_recovery(client, GOOD, on=False)
    client("cloudwatch").delete_alarms(AlarmNames=[f"{GOOD} throttled"])


def _type(*words: str, show: Callable[[Lines], Lines] = list) -> None:
    """Print a command as it is typed, run it, and print what `show` returns of its output."""
    say(_typed(words))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), contextlib.suppress(SystemExit):
        main(words)
    for line in show(printed.getvalue().rstrip("\n").splitlines()):
        say(line)


def _typed(words: Sequence[str]) -> str:
    """Return the command in lines of at most `WIDTH` columns."""
    lines = ["$ readiness"]
    for word in map(shlex.quote, words):
        if len(lines[-1]) + len(word) >= WIDTH:
            lines[-1] += " \\"
            lines.append("   ")
        lines[-1] += f" {word}"
    return "\n".join(lines)


def _read_again(lines: Lines) -> Lines:
    """Return the results after the changes."""
    return lines[lines.index("Read again:") + 1 :] if "Read again:" in lines else lines


def _failed(lines: Lines) -> Lines:
    """Return the lines of errors."""
    return [line for line in lines if line.startswith("readiness: ")]


def _summary(lines: Lines) -> Lines:
    """Return the counts below the items."""
    below = dropwhile(lambda line: not SUMMARY.match(line), lines)
    return list(takewhile(bool, below)) or lines


def _fix(story: "Story") -> None:
    for item in ("1.4", "3.1"):
        _type("fix", item, "--apply", "--yes", show=_read_again)
    helper("drills").furnish(story.account.admin.client, tested_until())
    until = f"{datetime.now(UTC) + VALID:%Y-%m-%d}"
    for rule, fields in drill_records().items():
        _type("attest", rule, *fields, "--until", until, "--yes", show=_failed)
    repository(Path("shop"))
    _type("manifest", "shop", "--record", "--yes")
    with story.checklist.open("a", encoding="utf-8") as file:
        file.write(f'\n[owners]\ndefault = "{OWNER}"\n')
    say(f"$ printf '[owners]\\ndefault = \"{OWNER}\"\\n' >> {story.checklist.name}")


def _run(story: "Story") -> None:
    story.function.invoke("schedule.json")
    story.account.received()
    _type("check", "--require-complete", show=_summary)


def _disable(story: "Story") -> None:
    called = story.function.next_run - CALLED_BEFORE
    event, _ = applied(story.account, story.function.event("change-recovery.json"), called)
    story.function.process(event)
    _mail(story)


def _recover(story: "Story") -> None:
    for _ in range(3):
        story.function.invoke("schedule.json")
    _mail(story)


def _mail(story: "Story") -> None:
    """Print the messages since the last call, as a subscriber of the topic by email reads them."""
    received = story.account.received()
    for message in received:
        say(f"Subject: {message['Subject']}\n\n{story.account.mailed().rstrip()}")
    if not received:
        say("No message was sent.")


def _next() -> None:
    say(
        "readiness demo --verbose                 all features\n"
        "readiness init --write checklist.toml    a first checklist of your own table\n"
        "readiness check --table NAME             check it; reads only, as boto3 is set up"
    )
