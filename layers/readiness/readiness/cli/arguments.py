"""The commands and their options. What a command does is in the module of its name, whose `run` takes the options.

A module is loaded only when its command runs.
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

END_OF_DAY = time(23, 59, 59)

FIELDS = (
    "restore-drilled and load-tested are attested in fields, which their rules judge; what is missing is listed when"
    " none is given. All other items take --evidence."
)

SIGNING = (
    "exit codes: 0 signed, or not agreed; 4 something changed while you read, or it could not be recorded;"
    " 5 the checklist is not complete. Nobody but a person signs."
)
LONGEST_SIGNOFF = 90


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
    typed = _typed(parser(), arguments)
    command: Callable[..., Exit] = importlib.import_module(f"readiness.cli.{typed.pop('command')}").run
    return command(**typed)


def _typed(whole: ArgumentParser, arguments: Sequence[str]) -> dict[str, Any]:
    """What was typed, by name. argparse takes all FIELD=VALUE from one place alone; more may stand behind an option."""
    named, rest = whole.parse_known_args(arguments)
    typed = vars(named)
    if rest and ("fields" not in typed or any(each.startswith("-") for each in rest)):
        whole.error(f"unrecognized arguments: {' '.join(rest)}")
    return {**typed, "fields": [*typed["fields"], *rest]} if "fields" in typed else typed


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
    _own(command("own", "record who an item belongs to; it wins over the checklist file"))
    _attest(
        command("attest", "record what no API shows, such as a restore that was tried, until when it holds", FIELDS)
    )
    _waive(command("waive", "record that a failing check is accepted, and until when"))
    _ack(command("ack", "record that you are on it: what fails of a check is not told again and again"))
    _sign(command("sign", "record that the whole checklist stands complete", SIGNING))
    _history(command("history", "list what changed and what people said of it, newest first"))
    _manifest(command("manifest", "say what the application's repository says of the table, or record it"))
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
        "--until", type=_end, required=True, metavar="TIME", help="until when, in UTC, as in 2026-11-24T18:30"
    )
    pause.add_argument("--reason", required=True, metavar="TEXT", help="why, for those who wonder at the silence")
    _where(pause)
    _writes(pause)


def _resume(resume: ArgumentParser) -> None:
    _where(resume)
    _writes(resume)


def _own(own: ArgumentParser) -> None:
    own.add_argument("rule", metavar="RULE", help="the item, as in pitr-enabled")
    own.add_argument("owner", nargs="?", metavar="OWNER", help="who it belongs to, such as an address or a team")
    _withdrawn(own)
    _where(own)
    _writes(own)


def _attest(attest: ArgumentParser) -> None:
    attest.add_argument("rule", metavar="RULE", help="the item, as in restore-drilled")
    attest.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="what its record holds; times are in UTC")
    attest.add_argument("--evidence", metavar="TEXT", help="what was seen and where it is kept, for all other items")
    _ends(attest, required=True)
    _where(attest)
    _writes(attest)


def _waive(waive: ArgumentParser) -> None:
    _asked(waive)
    waive.add_argument("--resource", metavar="ARN", help="only what the check finds on this; without it, on all")
    waive.add_argument("--reason", metavar="TEXT", help="why it is accepted, for those who wonder at the silence")
    _ends(waive, required=False)
    _withdrawn(waive)
    _where(waive)
    _writes(waive)


def _ack(ack: ArgumentParser) -> None:
    _asked(ack)
    ack.add_argument("--note", metavar="TEXT", help="what is being done about it")
    _withdrawn(ack)
    _where(ack)
    _writes(ack)


def _sign(sign: ArgumentParser) -> None:
    sign.add_argument(
        "--days",
        type=_days,
        default=LONGEST_SIGNOFF,
        metavar="N",
        help=f"how long it counts, {LONGEST_SIGNOFF} at most, which it is without",
    )
    _withdrawn(sign)
    _where(sign)
    _writes(sign)


def _history(history: ArgumentParser) -> None:
    history.add_argument(
        "--since", type=_since, metavar="WHEN", help="from when on: a day, a time in UTC, or as in 7d; without it, all"
    )
    history.add_argument("--rule", default="", metavar="ID", help="only what is about this item or a check of it")
    history.add_argument("--format", choices=("text", "json"), default="text", help="how it is printed")
    _where(history)


def _manifest(manifest: ArgumentParser) -> None:
    manifest.add_argument("path", type=Path, metavar="PATH", help="the folder of the repository")
    manifest.add_argument("--record", action="store_true", help="remember it in the table, instead of printing it")
    _where(manifest)
    _writes(manifest)


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


def _asked(command: ArgumentParser) -> None:
    command.add_argument("check", metavar="CHECK", help="the check, as in pitr-enabled/window")


def _ends(command: ArgumentParser, *, required: bool) -> None:
    command.add_argument(
        "--until",
        type=_end,
        required=required,
        metavar="DATE",
        help="the last day on which it holds, or a time in UTC as in 2026-11-24T18:30",
    )


def _withdrawn(command: ArgumentParser) -> None:
    command.add_argument("--withdraw", action="store_true", help="take back what was said; its record stays")


def _writes(command: ArgumentParser) -> None:
    command.add_argument("--yes", action="store_true", help="do not ask")
    command.add_argument("--dry-run", action="store_true", help="show what would be done, and do nothing")


def _seconds(text: str) -> int:
    if not text.isdecimal():
        msg = f"found {text!r}, expected a number of seconds such as {DRILL_SECONDS}"
        raise ArgumentTypeError(msg)
    return int(text)


def _end(text: str) -> datetime:
    """A day lasts until its end."""
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
