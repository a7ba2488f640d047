"""The commands and their options. What a command does is in the module of its name, whose `run` takes the options.

A module is loaded only when its command runs.
"""

import argparse
import importlib
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from readiness import __version__
from readiness.cli.exits import Exit, Usage

ABOUT = "Ticks the production checklist of a DynamoDB table, and says what fails and how to mend it."

EXITS = (
    "exit codes: 0 nothing fails unwaived, 1 something does, 2 usage or configuration,"
    " 3 something is UNKNOWN and nothing fails, 4 could not start or not record,"
    " 5 not complete (with --require-complete), 70 a defect of Readiness, 130 interrupted"
)

DRILL_EXITS = (
    "exit codes: 0 written, or delivered; 1 not delivered: an action failed, or SNS counts no delivery; 2 usage, or an"
    " alarm that does not exist or whose drill proves nothing; 3 something could not be seen; 4 could not start or not"
    " record"
)

DRILL_SECONDS = 180


class Parser(ArgumentParser):
    """Parses as argparse does; what is wrong with the arguments is raised as Usage."""

    def error(self, message: str) -> NoReturn:
        """Say it, and where to read what would be right."""
        msg = f"{message} (see `{self.prog} --help`)"
        raise Usage(msg)


def run(arguments: Sequence[str]) -> Exit:
    """Run the command that the arguments name. Usage: they name none, or not rightly."""
    if not arguments:
        parser().print_help()
        return Exit.USAGE
    typed = vars(parser().parse_args(arguments))
    command: Callable[..., Exit] = importlib.import_module(f"readiness.cli.{typed.pop('command')}").run
    return command(**typed)


def parser() -> ArgumentParser:
    """Of the whole command line."""
    whole = Parser(prog="readiness", description=ABOUT, allow_abbrev=False)
    whole.add_argument("--version", action="version", version=__version__, help="print the version")
    whole.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of a defect")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")

    def command(name: str, about: str, epilog: str | None = None) -> ArgumentParser:
        return commands.add_parser(
            name, help=about, description=f"{about[:1].upper()}{about[1:]}.", epilog=epilog, allow_abbrev=False
        )

    _check(command("check", "judge the account as it is now", EXITS))
    _validate(command("validate", "say what is wrong with a checklist file, without AWS"))
    _explain(command("explain", "say why a rule is there, how it is judged and how to mend it"))
    _policy(command("policy", "print the least IAM policy that judging takes"))
    _alert(command("alert", "send a test message the way an alert goes, and say whether anybody is subscribed"))
    _alarms(
        command("alarms", "write the alarms that a table lacks, or prove by a drill that one is heard", DRILL_EXITS)
    )
    _pause(command("pause", "tell nothing for a while, as during a deployment; what changed is summed up after it"))
    _resume(command("resume", "end a pause before its time"))
    _purge(command("purge", "remove everything of Readiness from the table"))
    _demo(command("demo", "tell the whole story on an embedded account: no AWS, no credentials"))
    return whole


def _demo(demo: ArgumentParser) -> None:
    demo.add_argument("--event", type=Path, metavar="FILE", help="instead, run the function once with this event")


def _check(check: ArgumentParser) -> None:
    _where(check)
    option = check.add_argument
    option("--format", choices=("text", "json"), default="text", help="how the report is printed")
    option("--output", type=Path, metavar="FILE", help="write the report there")
    _rules(check)
    facts = check.add_mutually_exclusive_group()
    facts.add_argument("--save-snapshot", type=Path, metavar="FILE", help="keep the facts, to judge them again")
    facts.add_argument("--snapshot", type=Path, metavar="FILE", help="judge the facts of this file, without AWS")
    option("--fresh", action="store_true", help="ask again what is asked once a day, as what costs a cent a call")
    option("--record", action="store_true", help="remember it in the table, and tell what changed")
    option("--require-complete", action="store_true", help="exit 5 while the checklist is not complete")
    option("--fail-on", choices=("fail", "warn"), default="fail", help="from which status on to exit 1")


def _validate(validate: ArgumentParser) -> None:
    validate.add_argument("config", type=Path, metavar="FILE", help="the checklist file")


def _explain(explain: ArgumentParser) -> None:
    explain.add_argument(
        "about",
        nargs="?",
        default="",
        metavar="ID",
        help="a rule, or a check as in pitr-enabled/window; none lists them",
    )


def _policy(policy: ArgumentParser) -> None:
    _rules(policy)
    _where(policy)


def _alert(alert: ArgumentParser) -> None:
    alert.add_argument("--test", action="store_true", required=True, help="send a marked test message")
    alert.add_argument("--topic", default="", metavar="ARN", help="the topic; without it, the checklist's")
    _where(alert)
    _writes(alert)


def _alarms(alarms: ArgumentParser) -> None:
    what = alarms.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--write", type=Path, metavar="FILE", help="a CloudFormation template of the alarms, budget and backups lacking"
    )
    what.add_argument("--drill", default="", metavar="NAME", help="set this alarm to ALARM, and watch who is told")
    alarms.add_argument(
        "--wait",
        type=_seconds,
        default=DRILL_SECONDS,
        metavar="SECONDS",
        help=f"how long a drill watches, {DRILL_SECONDS} by default: SNS counts with a minute or more of delay",
    )
    _where(alarms)
    _writes(alarms)


def _pause(pause: ArgumentParser) -> None:
    pause.add_argument(
        "--until", type=_instant, required=True, metavar="TIME", help="until when, in UTC, as in 2026-11-24T18:30"
    )
    pause.add_argument("--reason", required=True, metavar="TEXT", help="why, for those who wonder at the silence")
    _where(pause)
    _writes(pause)


def _resume(resume: ArgumentParser) -> None:
    _where(resume)
    _writes(resume)


def _purge(purge: ArgumentParser) -> None:
    _where(purge)
    _writes(purge)


def _where(command: ArgumentParser) -> None:
    command.add_argument("--table", default="", metavar="NAME", help="the table; without it, all of the checklist file")
    command.add_argument("--config", type=Path, metavar="FILE", help="the checklist file; without it, the defaults")


def _rules(command: ArgumentParser) -> None:
    command.add_argument(
        "--rule", dest="rules", action="append", default=[], metavar="ID", help="only this rule; may be repeated"
    )


def _writes(command: ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask")
    command.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")


def _seconds(text: str) -> int:
    if not text.isdecimal():
        msg = f"found {text!r}, expected a number of seconds such as {DRILL_SECONDS}"
        raise ArgumentTypeError(msg)
    return int(text)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        msg = f"found {text!r}, expected a time in UTC such as 2026-11-24T18:30"
        raise ArgumentTypeError(msg) from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
