"""`python -m readiness`: the command line, where the folder of installed commands is not on the path."""

from readiness.cli import command

command()
