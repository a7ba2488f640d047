"""The commands and their options. Each command is the function `run` of the module of the same name.

A module is imported only when its command runs.
"""

import argparse
import importlib
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, NoReturn

from readiness import __version__
from readiness.checklist.consistency import NAMED, TABLE_NAME
from readiness.cli.exits import Exit, Usage
from readiness.cli.mistakes import explained, refuse_unknown_command, refuse_unknown_option
from readiness.cli.times import earlier, file_or_time, later, span_of
from readiness.report.formats import SUFFIXES, listed

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

FIX_EXITS = (
    "exit codes: 0 the plan was shown or declined, or no finding fails after the changes; 1 a finding fails after"
    " --apply, or needs a person; 2 wrong usage, or a value is missing; 3 a result is UNKNOWN; 4 cannot start, or a"
    " call was denied or failed. The policy of a role is written to a file, and never applied; a restore is"
    " planned only."
)

DRILL_SECONDS = 180

TABLE_ARN = re.compile(r"arn:[^:]+:dynamodb:")
TOPIC_ARN = re.compile(r"arn:[^:]+:sns:[^:]+:\d{12}:[A-Za-z0-9_.-]{1,256}", re.ASCII)

FIELDS = (
    "restore-drilled and load-tested take fields, which their rules evaluate; without fields, the required ones are"
    " listed. All other items take --evidence."
)

INSTALLED = (
    "bash: readiness completion bash > ~/.local/share/bash-completion/completions/readiness;"
    " zsh: readiness completion zsh > FOLDER/_readiness, where FOLDER is in fpath before compinit runs;"
    " fish: readiness completion fish > ~/.config/fish/completions/readiness.fish"
)

COSTING = (
    "Prices are list prices of us-east-1 without free tiers. Without access to the table, the counts are those measured"
    " on an embedded account; the output says which."
)

SIGNING = (
    "exit codes: 0 signed, or declined; 4 results changed while you read them, or the sign-off could not be recorded;"
    " 5 the checklist is not complete. Sign-off is for people, not for pipelines."
)
LONGEST_SIGNOFF = 90

INTERVALS = (1, 5, 15, 30, 60)
"""The intervals in minutes that template.yaml allows."""

MOST_FUNCTIONS = 10_000

LONGEST_TEXT = 1000
"""Characters of a text that a person writes; reports and messages show all of it."""


def _seconds(text: str) -> int:
    if text.isdecimal():
        return int(text)
    if span := span_of(text):
        return int(span.total_seconds())
    raise ArgumentTypeError(
        f"found {text!r}, expected a number of seconds such as {DRILL_SECONDS}, or a span such as 3m"
    )


def _functions(text: str) -> int:
    if text.isascii() and text.isdecimal() and int(text) <= MOST_FUNCTIONS:
        return int(text)
    raise ArgumentTypeError(f"found {text!r}, expected a number of functions from 0 to {MOST_FUNCTIONS}")


def _days(text: str) -> int:
    if text.isascii() and text.isdecimal() and 1 <= int(text) <= LONGEST_SIGNOFF:
        return int(text)
    raise ArgumentTypeError(f"found {text!r}, expected a number of days from 1 to {LONGEST_SIGNOFF}")


def _text(text: str) -> str:
    from readiness.printable import line  # late, because it takes longer than all other imports of this module

    if not line(text):
        raise ArgumentTypeError("is empty, expected a text")
    if len(text) > LONGEST_TEXT:
        raise ArgumentTypeError(f"found {len(text)} characters, expected {LONGEST_TEXT} at most")
    return text


def _table(text: str) -> str:
    if not text:  # the default
        return text
    if TABLE_ARN.match(text):
        raise ArgumentTypeError(f"found an ARN, expected the name {text.rpartition('/')[2]}")
    if not TABLE_NAME.fullmatch(text):
        raise ArgumentTypeError(f"{text!r} is not a table name, expected {NAMED}")
    return text


def _topic(text: str) -> str:
    if text and not TOPIC_ARN.fullmatch(text):  # it is empty by default
        example = "arn:aws:sns:us-east-1:123456789012:on-call"
        raise ArgumentTypeError(f"{text!r} is not the ARN of a topic, expected one such as {example}")
    return text


class CommandParser(ArgumentParser):
    """An argparse parser that raises Usage for wrong arguments. `commands` are the parsers of its commands by name."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Take the arguments of ArgumentParser."""
        super().__init__(*args, **options)
        self.commands: dict[str, ArgumentParser] = {}

    def error(self, message: str) -> NoReturn:
        """Raise Usage with the message and the command that shows the help."""
        raise Usage(f"{explained(message)} (see `{self.prog} --help`)")


def run(arguments: Sequence[str]) -> Exit:
    """Run the command that the arguments name. Usage: there is no such command, or its options are wrong."""
    if not arguments:
        parser().print_help()
        return Exit.USAGE
    whole = parser()
    leading = [*takewhile(lambda each: each.startswith("-"), arguments)]
    refuse_unknown_option(whole, leading)
    if rest := arguments[len(leading) :]:
        name, *options = rest
        refuse_unknown_command(name, list(whole.commands))
        refuse_unknown_option(whole.commands[name], options)
    typed = _typed(whole, arguments)
    command: Callable[..., Exit] = importlib.import_module(f"readiness.cli.{typed.pop('command')}").run
    return command(**typed)


def _typed(whole: ArgumentParser, arguments: Sequence[str]) -> dict[str, Any]:
    """Return the arguments by name. argparse reads FIELD=VALUE in one place only; they may also follow an option."""
    named, rest = whole.parse_known_args(arguments)
    typed = vars(named)
    if rest and ("fields" not in typed or any(each.startswith("-") for each in rest)):
        whole.error(f"unrecognized arguments: {' '.join(rest)}")
    return {**typed, "fields": [*typed["fields"], *rest]} if "fields" in typed else typed


def parser() -> CommandParser:
    """Return the parser of the command line."""
    whole = CommandParser(prog="readiness", description=ABOUT, allow_abbrev=False)
    whole.add_argument("--version", action="version", version=__version__, help="print the version")
    whole.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an internal error"
    )
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND", title="commands")

    def command(name: str, about: str, epilog: str | None = None) -> ArgumentParser:
        description = f"{about[:1].upper()}{about[1:]}."
        made = commands.add_parser(name, help=about, description=description, epilog=epilog, allow_abbrev=False)
        whole.commands[name] = made
        return made

    _add_checks(command)
    _add_alerting(command)
    _add_records(command)
    _add_others(command)
    return whole


def _add_checks(command: Callable[..., ArgumentParser]) -> None:
    check = command("check", "check the tables now and print a report", EXITS)
    _tables(check)
    check.add_argument("--format", choices=tuple(SUFFIXES), help="format of the report on stdout, default text")
    output = f"write the report to this file in the format of its suffix ({listed(SUFFIXES.values())}); may be repeated"
    check.add_argument("--output", type=Path, action="append", default=[], metavar="FILE", help=output)
    _rules(check)
    facts = check.add_mutually_exclusive_group()
    facts.add_argument("--save-snapshot", type=Path, metavar="FILE", help="save the collected facts to a file")
    facts.add_argument("--snapshot", type=Path, metavar="FILE", help="check the facts of this file, without AWS calls")
    check.add_argument("-v", "--verbose", action="store_true", help="show every finding, its evidence and its remedy")
    order = "the worst items first, or as the checklist has them; default: worst"
    check.add_argument("--order", choices=("worst", "checklist"), default="worst", help=order)
    _flag(check, "--fresh", "do not use cached answers of calls that are made once a day")
    _flag(check, "--record", "record the results in the table, and send an alert on changes")
    _flag(check, "--require-complete", "exit 5 if the checklist is not complete")
    check.add_argument("--fail-on", choices=("fail", "warn"), default="fail", help="lowest status for exit code 1")

    about = "write a first checklist file from what the account shows of a table; nothing is recorded"
    init = command("init", about, "exit codes: 0 all read, 3 something could not be read, and the file says what")
    init.add_argument(
        "--table", type=_table, default="", metavar="NAME", help="the table; default: the only one of the account"
    )
    init.add_argument("--write", type=Path, metavar="FILE", help="write the file instead of printing it")
    _flag(init, "--yes", "overwrite an existing file without confirmation")

    validate = command("validate", "check checklist files for errors, without AWS calls")
    validate.add_argument("configs", nargs="+", type=Path, metavar="FILE", help="a checklist file")

    explain = command("explain", "show why a rule exists, its checks and their remediation")
    about = "a rule such as 1.4 or pitr-enabled, or a check such as 1.4/window; without it, the list of rules"
    explain.add_argument("about", nargs="?", default="", metavar="ID", help=about)

    about = "show how to fix an item or a check: the calls, the values before and after, and what cannot be undone"
    fix = command("fix", about, FIX_EXITS)
    fix.add_argument("about", metavar="ID", help="an item such as 1.4 or pitr-enabled, or a check such as 1.4/on")
    _flag(fix, "--apply", "make the changes, read again, and show the new status")
    _flag(fix, "--yes", "do not ask for confirmation")
    topic = "the topic of on-call for alarms; default: the checklist's, or that of alarms that reach on-call"
    fix.add_argument("--topic", type=_topic, default="", metavar="ARN", help=topic)
    _tables(fix)

    about = "show what a month of the monitor costs, from its recorded runs, beside AWS Config"
    cost = command("cost", about, COSTING)
    interval = "minutes between two scheduled runs; default: as recorded in the table, else 5"
    cost.add_argument("--interval", type=int, choices=INTERVALS, metavar="MINUTES", help=interval)
    functions = "functions in scope; default: as recorded in the table, else 5"
    cost.add_argument("--functions", type=_functions, metavar="N", help=functions)
    _tables(cost)

    policy = command("policy", "print the least IAM policy that the checks need")
    _rules(policy)
    _tables(policy)


def _add_alerting(command: Callable[..., ArgumentParser]) -> None:
    alert = command("alert", "send a test message to the alert topic and the pager, or show what the pager was sent")
    what = alert.add_mutually_exclusive_group(required=True)
    sent = "send a marked test message, and open and close a test incident at the pager"
    what.add_argument("--test", action="store_true", help=sent)
    shown = "show which incidents should be open at the pager, and what was sent when"
    what.add_argument("--pager", action="store_true", help=shown)
    alert.add_argument(
        "--topic",
        type=_topic,
        default="",
        metavar="ARN",
        help="the topic; default: the checklist's, or that of the deployed monitor",
    )
    _confirmed(alert)

    alarms = command("alarms", "write a template of missing alarms, or test that an alarm reaches on-call", DRILL_EXITS)
    action = alarms.add_mutually_exclusive_group(required=True)
    template = "write a CloudFormation template of the missing alarms, budget and backup plans"
    action.add_argument("--write", type=Path, metavar="FILE", help=template)
    action.add_argument("--drill", default="", metavar="NAME", help="set this alarm to ALARM and watch the deliveries")
    wait = f"how long a drill watches, default {DRILL_SECONDS}: SNS metrics are delayed by a minute or more"
    alarms.add_argument("--wait", type=_seconds, default=DRILL_SECONDS, metavar="SECONDS", help=wait)
    _confirmed(alarms)

    pause = command("pause", "pause alerts, such as during a deployment; the changes are reported after the pause")
    until = "end of the pause: a span such as 4h, or a time such as 2026-11-24T18:30 (UTC)"
    pause.add_argument("--until", type=later, required=True, metavar="TIME", help=until)
    pause.add_argument("--reason", type=_text, required=True, metavar="TEXT", help="the reason")
    _confirmed(pause)

    _confirmed(command("resume", "end a pause early"))


def _add_records(command: Callable[..., ArgumentParser]) -> None:
    until = "end of validity: a day, a span such as 7d, or a time such as 2026-11-24T18:30 (UTC)"
    failing = "the check, such as 1.4/window or pitr-enabled/window"

    own = command("own", "record the owner of an item; it overrides the checklist file")
    own.add_argument("rule", metavar="RULE", help="the item, such as 1.4 or pitr-enabled")
    owner = "the owner, such as an email address or a team"
    own.add_argument("owner", type=_text, nargs="?", metavar="OWNER", help=owner)
    _withdrawn(own)

    about = "record evidence that no AWS API shows, such as a restore drill, with an expiry date"
    attest = command("attest", about, FIELDS)
    attest.add_argument("rule", metavar="RULE", help="the item, such as 5.1 or restore-drilled")
    attest.add_argument("fields", nargs="*", metavar="FIELD=VALUE", help="the fields of its record; times are in UTC")
    evidence = "the evidence and where it is kept, for all other items"
    attest.add_argument("--evidence", type=_text, metavar="TEXT", help=evidence)
    attest.add_argument("--until", type=later, required=True, metavar="DATE", help=until)
    _confirmed(attest)

    waive = command("waive", "accept a failing check until a date")
    waive.add_argument("check", metavar="CHECK", help=failing)
    resource = "only this resource; default: all resources of the check"
    waive.add_argument("--resource", type=_text, metavar="ARN", help=resource)
    waive.add_argument("--reason", type=_text, metavar="TEXT", help="why the failure is accepted")
    waive.add_argument("--until", type=later, metavar="DATE", help=until)
    _withdrawn(waive)

    ack = command("ack", "acknowledge a failing check: no more reminders for the current failures")
    ack.add_argument("check", metavar="CHECK", help=failing)
    ack.add_argument("--note", type=_text, metavar="TEXT", help="what is being done")
    _withdrawn(ack)

    sign = command("sign", "sign off the complete checklist", SIGNING)
    days = f"days of validity, at most {LONGEST_SIGNOFF}, which is the default"
    sign.add_argument("--days", type=_days, default=LONGEST_SIGNOFF, metavar="N", help=days)
    _withdrawn(sign)


def _add_others(command: Callable[..., ArgumentParser]) -> None:
    history = command("history", "list changes and records, newest first")
    since = "a day, a time such as 2026-11-24T18:30 (UTC), or a span such as 7d; default: all"
    history.add_argument("--since", type=earlier, metavar="WHEN", help=since)
    history.add_argument(
        "--rule", default="", metavar="ID", help="only entries of this item and its checks, or of this check"
    )
    history.add_argument("--format", choices=("text", "json"), default="text", help="output format")
    _tables(history)

    about = "compare two snapshot files, or two recorded runs: results, and facts of snapshots"
    diff = command("diff", about, "exit codes: 0 no difference, 1 differences, 2 wrong usage, 4 cannot read")
    sides = "a file of `check --save-snapshot`, or a time: the last recorded run at or before it"
    diff.add_argument("before", type=file_or_time, metavar="A", help=sides)
    diff.add_argument("after", type=file_or_time, metavar="B", help="the same, to compare with A")
    _tables(diff)

    manifest = command("manifest", "read the application's repository: print its manifest, or record it")
    manifest.add_argument("path", type=Path, metavar="PATH", help="the folder of the repository")
    _flag(manifest, "--record", "record the manifest in the table instead of printing it")
    _confirmed(manifest)

    purge = command("purge", "remove all items of Readiness from the table, and its parameters")
    kept = "keep what people recorded (owners, waivers, attestations, ...) and its history"
    _flag(purge, "--keep-words", kept)
    _confirmed(purge)

    completion = command("completion", "print the completion script of a shell", INSTALLED)
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell")

    demo = command("demo", "show all features on an embedded account: no AWS account, no credentials")
    parts = demo.add_mutually_exclusive_group()
    parts.add_argument("--verbose", action="store_true", help="show all features, items and metrics too")
    event = "make the change of this event there and process it, instead of the demo"
    parts.add_argument("--event", type=Path, metavar="FILE", help=event)


def _flag(command: ArgumentParser, name: str, about: str) -> None:
    command.add_argument(name, action="store_true", help=about)


def _tables(command: ArgumentParser) -> None:
    tables = "the table; default: all tables of the checklist file"
    command.add_argument("--table", type=_table, default="", metavar="NAME", help=tables)
    config = "the checklist file; default: ./checklist.toml if it exists, else built-in defaults"
    command.add_argument("--config", type=Path, metavar="FILE", help=config)


def _rules(command: ArgumentParser) -> None:
    rules = "only this rule or check, such as 1.4 or pitr-enabled/on; may be repeated"
    command.add_argument("--rule", dest="rules", action="append", default=[], metavar="ID", help=rules)


def _confirmed(command: ArgumentParser) -> None:
    """Add the options of commands that write."""
    _tables(command)
    _flag(command, "--yes", "do not ask for confirmation")
    _flag(command, "--dry-run", "show what would be done, without doing it")


def _withdrawn(command: ArgumentParser) -> None:
    """Add the options of commands that record or withdraw."""
    _flag(command, "--withdraw", "withdraw the record; the history keeps it")
    _confirmed(command)
