"""`readiness completion`: print a script with which a shell completes commands, options, files and ids.

The script has the ids of this release, and completes without starting Python.
"""

from argparse import Action

import shtab

from readiness.cli.arguments import parser
from readiness.cli.exits import Exit
from readiness.cli.terminal import say
from readiness.rules import ASKED

RULES = [rule.id for rule in ASKED]
CHECKS = [check.id for rule in ASKED for check in rule.checks]
IDS = {"RULE": RULES, "CHECK": CHECKS, "ID": [*RULES, *CHECKS]}
"""The ids that an argument takes, by its name in the help."""

FILES = {"FILE": shtab.FILE, "A": shtab.FILE, "B": shtab.FILE, "PATH": shtab.DIRECTORY}
"""The files that an argument takes, by its name in the help."""


def run(shell: str) -> Exit:
    """Print the script of the shell."""
    whole = parser()
    for each in [whole, *whole.commands.values()]:
        for action in each._actions:  # noqa: SLF001  argparse has no other list of them
            _complete(action)
    say(shtab.complete(whole, shell))
    return Exit.OK


def _complete(action: Action) -> None:
    """Add to the argument what shtab completes it with. This parser parses nothing, so its choices limit nothing."""
    name = str(action.metavar)
    if name in IDS:
        action.choices = IDS[name]
    elif name in FILES:
        action.complete = FILES[name]  # type: ignore[attr-defined]
