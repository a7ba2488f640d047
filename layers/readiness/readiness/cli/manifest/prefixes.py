"""Prefixes of keys, such as `CART` of `CART#42`: where documents name them, and where code makes keys of them."""

import ast
import re
import warnings

from readiness.cli.exits import Usage

NAME = r"[A-Z][A-Z0-9_]{1,30}"
ANYWHERE = re.compile(rf"(?<![A-Za-z0-9_#])({NAME})#")
AT_THE_START = re.compile(rf"({NAME})#")
QUOTED = re.compile(rf"[\"'`]({NAME})#")


def named_in(text: str) -> set[str]:
    """Those that a text names: of `CART#1#ITEM#2` the first, for it is what the key begins with."""
    return set(ANYWHERE.findall(text))


def made_by(path: str, source: bytes) -> set[str]:
    """Those with which a string of the source begins. Usage: what is named `.py` is no Python."""
    if path.endswith(".py"):
        return _made_by_python(path, source)
    return set(QUOTED.findall(source.decode(errors="replace")))


def line_of(prefix: str) -> str:
    """An extended regular expression for the lines in which a string begins with it."""
    return f"[\"'`]{prefix}#"


def _made_by_python(path: str, source: bytes) -> set[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python thinks of their style is theirs
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError) as error:  # ValueError: it has null bytes
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            msg = f"{path}{line}: is not Python: {getattr(error, 'msg', error)}"
            raise Usage(msg) from None
    strings = Strings()
    strings.visit(tree)
    return {found[1] for each in strings.found if (found := AT_THE_START.match(each))}


class Strings(ast.NodeVisitor):
    """Finds what strings begin with; docstrings make no keys."""

    def __init__(self) -> None:
        """Nothing is visited yet."""
        self.found: list[str] = []

    def visit_Expr(self, node: ast.Expr) -> None:
        """A string that stands alone is a docstring."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Only the first part of an f-string is what it begins with; in its braces there may be others."""
        for part in node.values:
            if isinstance(part, ast.FormattedValue) or part is node.values[0]:
                self.visit(part)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Any other string."""
        if isinstance(node.value, str):
            self.found.append(node.value)
