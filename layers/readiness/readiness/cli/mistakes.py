"""Wrong commands and options in words of ours, with the nearest name. argparse has its own words for each version."""

import difflib
import re
from argparse import ArgumentParser
from collections.abc import Sequence

from readiness.cli.exits import Usage

SIMILAR = 0.55
"""The least similarity of a suggested name, as difflib measures it; less would suggest names at random."""

SENTENCES = (
    (r"argument (?P<name>.+?): invalid choice: (?P<found>.+?) \(choose from (?P<known>.+)\)", "choice"),
    (r"argument (?P<name>.+?): not allowed with argument (?P<other>.+)", "{name} cannot be used with {other}"),
    (r"argument (?P<name>.+?): expected (?:one|at least one) argument", "{name}: a value is missing"),
    (r"argument (?P<name>.+?): ignored explicit argument .+", "{name} takes no value"),
    (r"the following arguments are required: (?P<names>.+)", "missing"),
    (r"one of the arguments (?P<names>.+) is required", "either"),
    (r"argument (?P<rest>.+)", "{rest}"),
    (r"unrecognized arguments: (?P<rest>.+)", "unexpected argument {rest}"),
)
"""The messages of argparse, and ours."""


def explained(message: str) -> str:
    """Return the message of argparse in our words."""
    for pattern, sentence in SENTENCES:
        if not (found := re.fullmatch(pattern, message, re.DOTALL)):
            continue
        if sentence == "choice":
            return f"{found['name']}: found {found['found']}, expected {_either(found['known'])}"
        if sentence == "either":
            return f"{' or '.join(found['names'].split())} is missing"
        if sentence == "missing":
            names = found["names"].split(", ")
            return f"{' and '.join(names)} {'is' if len(names) == 1 else 'are'} missing"
        return sentence.format_map(found.groupdict())
    return message


def refuse_unknown_command(name: str, commands: Sequence[str]) -> None:
    """Raise Usage if the command does not exist."""
    if name not in commands:
        near, others = _nearest(name, commands), f"; the commands are {', '.join(commands)}"
        raise Usage(f"unknown command {name!r}{near or others}")


def refuse_unknown_option(command: ArgumentParser, arguments: Sequence[str]) -> None:
    """Raise Usage if the command has no such option. Otherwise argparse would first tell what is missing."""
    known = [option for action in command._actions for option in action.option_strings]  # noqa: SLF001  it has no other list
    for each in arguments:
        if each == "--":
            return
        name = each.partition("=")[0]
        if name.startswith("--") and name not in known:
            raise Usage(f"unknown option {name}{_nearest(name, known) or f' (see `{command.prog} --help`)'}")


def _nearest(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=SIMILAR)
    return f". Did you mean {near[0]}?" if near else ""


def _either(known: str) -> str:
    *most, last = (each.strip().strip("'\"") for each in known.split(","))
    return f"{', '.join(most)} or {last}" if most else last
