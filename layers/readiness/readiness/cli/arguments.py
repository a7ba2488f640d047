"""The commands and their options. Each command is the function `run` of the module of the same name.

A module is imported only when its command runs.
"""

import argparse
import importlib
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NoReturn

from readiness import __version__
from readiness.cli.exits import Exit, Usage

ABOUT = "Checks a DynamoDB table against the production checklist, and shows what fails and its remediation."

EXITS = (
    "exit codes: 0 no failure without a waiver, 1 failures, 2 wrong usage or configuration,"
    " 3 no failures, but results are UNKNOWN, 4 cannot start or cannot record,"
    " 5 not complete (with --require-complete), 70 internal error of Readiness, 130 interrupted"
)

DRILL_EXITS = (
    "exit codes: 0 written, or delivered; 1 not delivered: an action failed, or SNS counts no delivery; 2 wrong usage,"
    " or an alarm that does not exist or cannot be tested; 3 the result could not be read; 4 cannot start or cannot"
    " record"
)

DRILL_SECONDS = 180

END_OF_DAY = time(23, 59, 59)

FIELDS = (
    "restore-drilled and load-tested take fields, which their rules evaluate; without fields, the required ones are"
    " listed. All other items take --evidence."
)

SIGNING = (
    "exit codes: 0 signed, or declined; 4 results changed while you read them, or the sign-off could not be recorded;"
    " 5 the checklist is not complete. Sign-off is for people, not for pipelines."
)
LONGEST_SIGNOFF = 90


class CommandParser(ArgumentParser):
    """An argparse parser that raises Usage for wrong arguments."""

    def error(self, message: str) -> NoReturn:
        """Raise Usage with the message and the command that shows the help."""
        msg = f"{message} (see `{self.prog} --help`)"
        raise Usage(msg)


def run(arguments: Sequence[str]) -> Exit:
    """Run the command that the arguments name. Usage: there is no such command, or its options are wrong."""
    if not arguments:
        parser().print_help()
        return Exit.USAGE
    typed = _typed(parser(), arguments)
    command: Callable[..., Exit] = importlib.import_module(f"readiness.cli.{typed.pop('command')}").run
    return command(**typed)


def _typed(whole: ArgumentParser, arguments: Sequence[str]) -> dict[str, Any]:
    """Return the arguments by name. argparse reads FIELD=VALUE in one place only; they may also follow an option."""
    named, rest = whole.parse_known_args(arguments)
    typed = vars(named)
    if rest and ("fields" not in typed or any(each.startswith("-") for each in rest)):
        whole.error(f"unrecognized arguments: {' '.join(rest)}")
    return {**typed, "fields": [*typed["fields"], *rest]} if "fields" in typed else typed


def parser() -> ArgumentParser:
    """Return the parser of the command line."""
    whole = CommandParser(prog="readiness", description=ABOUT, allow_abbrev=False)
    whole.add_argument("--version", action="version", version=__version__, help="print the version")
    whole.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an internal error"
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")

    def command(name: str, about: str, epilog: str | None = None) -> ArgumentParser:
        return commands.add_parser(
            name, help=about, description=f"{about[:1].upper()}{about[1:]}.", epilog=epilog, allow_abbrev=False
        )

    _check(command("check", "check the tables now and print a report", EXITS))
    _validate(command("validate", "check a checklist file for errors, without AWS calls"))
    _explain(command("explain", "show why a rule exists, its checks and their remediation"))
    _policy(command("policy", "print the least IAM policy that the checks need"))
    _alert(command("alert", "send a test message to the alert topic, and check for confirmed subscriptions"))
    _alarms(command("alarms", "write a template of missing alarms, or test that an alarm reaches on-call", DRILL_EXITS))
    _pause(command("pause", "pause alerts, such as during a deployment; the changes are reported after the pause"))
    _resume(command("resume", "end a pause early"))
    _own(command("own", "record the owner of an item; it overrides the checklist file"))
    _attest(
        command("attest", "record evidence that no AWS API shows, such as a restore drill, with an expiry date", FIELDS)
    )
    _waive(command("waive", "accept a failing check until a date"))
    _ack(command("ack", "acknowledge a failing check: no more reminders for the current failures"))
    _sign(command("sign", "sign off the complete checklist", SIGNING))
    _history(command("history", "list changes and records, newest first"))
    _manifest(command("manifest", "read the application's repository: print its manifest, or record it"))
    _purge(command("purge", "remove all items of Readiness from the table"))
    _demo(command("demo", "show all features on an embedded account: no AWS account, no credentials"))
    return whole


def _demo(demo: ArgumentParser) -> None:
    demo.add_argument("--event", type=Path, metavar="FILE", help="run the function once with this event instead")


def _check(check: ArgumentParser) -> None:
    _where(check)
    option = check.add_argument
    option("--format", choices=("text", "json"), default="text", help="format of the report")
    option("--output", type=Path, metavar="FILE", help="write the report to this file")
    _rules(check)
    facts = check.add_mutually_exclusive_group()
    facts.add_argument("--save-snapshot", type=Path, metavar="FILE", help="save the collected facts to a file")
    facts.add_argument("--snapshot", type=Path, metavar="FILE", help="check the facts of this file, without AWS calls")
    option("--fresh", action="store_true", help="do not use cached answers of calls that are made once a day")
    option("--record", action="store_true", help="record the results in the table, and send an alert on changes")
    option("--require-complete", action="store_true", help="exit 5 if the checklist is not complete")
    option("--fail-on", choices=("fail", "warn"), default="fail", help="lowest status for exit code 1")


def _validate(validate: ArgumentParser) -> None:
    validate.add_argument("config", type=Path, metavar="FILE", help="the checklist file")


def _explain(explain: ArgumentParser) -> None:
    explain.add_argument(
        "about",
        nargs="?",
        default="",
        metavar="ID",
        help="a rule, or a check such as pitr-enabled/window; without it, the list of rules",
    )


def _policy(policy: ArgumentParser) -> None:
    _rules(policy)
    _where(policy)


def _alert(alert: ArgumentParser) -> None:
    alert.add_argument("--test", action="store_true", required=True, help="send a marked test message")
    alert.add_argument("--topic", default="", metavar="ARN", help="the topic; default: the checklist's")
    _where(alert)
    _writes(alert)


def _alarms(alarms: ArgumentParser) -> None:
    what = alarms.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--write",
        type=Path,
        metavar="FILE",
        help="write a CloudFormation template of the missing alarms, budget and backup plans",
    )
    what.add_argument("--drill", default="", metavar="NAME", help="set this alarm to ALARM and watch the deliveries")
    alarms.add_argument(
        "--wait",
        type=_seconds,
        default=DRILL_SECONDS,
        metavar="SECONDS",
        help=f"how long a drill watches, default {DRILL_SECONDS}: SNS metrics are delayed by a minute or more",
    )
    _where(alarms)
    _writes(alarms)


def _pause(pause: ArgumentParser) -> None:
    pause.add_argument(
        "--until", type=_end, required=True, metavar="TIME", help="end of the pause, in UTC, such as 2026-11-24T18:30"
    )
    pause.add_argument("--reason", required=True, metavar="TEXT", help="the reason")
    _where(pause)
    _writes(pause)


def _resume(resume: ArgumentParser) -> None:
    _where(resume)
    _writes(resume)


def _own(own: ArgumentParser) -> None:
    own.add_argument("rule", metavar="RULE", help="the item, such as pitr-enabled")
    own.add_argument("owner", nargs="?", metavar="OWNER", help="the owner, such as an email address or a team")
    _withdrawn(own)
    _where(own)
    _writes(own)


def _attest(attest: ArgumentParser) -> None:
    attest.add_argument("rule", metavar="RULE", help="the item, such as restore-drilled")
    attest.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="the fields of its record; times are in UTC")
    attest.add_argument("--evidence", metavar="TEXT", help="the evidence and where it is kept, for all other items")
    _ends(attest, required=True)
    _where(attest)
    _writes(attest)


def _waive(waive: ArgumentParser) -> None:
    _asked(waive)
    waive.add_argument("--resource", metavar="ARN", help="only this resource; default: all resources of the check")
    waive.add_argument("--reason", metavar="TEXT", help="why the failure is accepted")
    _ends(waive, required=False)
    _withdrawn(waive)
    _where(waive)
    _writes(waive)


def _ack(ack: ArgumentParser) -> None:
    _asked(ack)
    ack.add_argument("--note", metavar="TEXT", help="what is being done")
    _withdrawn(ack)
    _where(ack)
    _writes(ack)


def _sign(sign: ArgumentParser) -> None:
    sign.add_argument(
        "--days",
        type=_days,
        default=LONGEST_SIGNOFF,
        metavar="N",
        help=f"days of validity, at most {LONGEST_SIGNOFF}, which is the default",
    )
    _withdrawn(sign)
    _where(sign)
    _writes(sign)


def _history(history: ArgumentParser) -> None:
    history.add_argument(
        "--since",
        type=_since,
        metavar="WHEN",
        help="a day, a time in UTC, or a number of days such as 7d; default: all",
    )
    history.add_argument("--rule", default="", metavar="ID", help="only entries of this item and its checks")
    history.add_argument("--format", choices=("text", "json"), default="text", help="output format")
    _where(history)


def _manifest(manifest: ArgumentParser) -> None:
    manifest.add_argument("path", type=Path, metavar="PATH", help="the folder of the repository")
    manifest.add_argument(
        "--record", action="store_true", help="record the manifest in the table instead of printing it"
    )
    _where(manifest)
    _writes(manifest)


def _purge(purge: ArgumentParser) -> None:
    _where(purge)
    _writes(purge)


def _where(command: ArgumentParser) -> None:
    command.add_argument(
        "--table", default="", metavar="NAME", help="the table; default: all tables of the checklist file"
    )
    command.add_argument("--config", type=Path, metavar="FILE", help="the checklist file; default: built-in defaults")


def _rules(command: ArgumentParser) -> None:
    command.add_argument(
        "--rule", dest="rules", action="append", default=[], metavar="ID", help="only this rule; may be repeated"
    )


def _asked(command: ArgumentParser) -> None:
    command.add_argument("check", metavar="CHECK", help="the check, such as pitr-enabled/window")


def _ends(command: ArgumentParser, *, required: bool) -> None:
    command.add_argument(
        "--until",
        type=_end,
        required=required,
        metavar="DATE",
        help="last day of validity, or a time in UTC such as 2026-11-24T18:30",
    )


def _withdrawn(command: ArgumentParser) -> None:
    command.add_argument("--withdraw", action="store_true", help="withdraw the record; the history keeps it")


def _writes(command: ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask for confirmation")
    command.add_argument("--dry-run", action="store_true", help="show what would be done, without doing it")


def _seconds(text: str) -> int:
    if not text.isdecimal():
        msg = f"found {text!r}, expected a number of seconds such as {DRILL_SECONDS}"
        raise ArgumentTypeError(msg)
    return int(text)


def _end(text: str) -> datetime:
    """Return the end of a day, or the time."""
    try:
        return datetime.combine(date.fromisoformat(text), END_OF_DAY, UTC)
    except ValueError:
        return _instant(text)


def _days(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= LONGEST_SIGNOFF:
        return int(text)
    msg = f"found {text!r}, expected a number of days from 1 to {LONGEST_SIGNOFF}"
    raise ArgumentTypeError(msg)


def _since(text: str) -> datetime:
    try:
        days = re.fullmatch(r"(\d+)d", text, re.ASCII)
        return datetime.now(UTC) - timedelta(days=int(days[1])) if days else _instant(text)
    except (ArgumentTypeError, OverflowError):
        msg = f"found {text!r}, expected a day such as 2026-11-24, a time in UTC such as 2026-11-24T18:30, or 7d"
        raise ArgumentTypeError(msg) from None


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        msg = f"found {text!r}, expected a time in UTC such as 2026-11-24T18:30"
        raise ArgumentTypeError(msg) from None
