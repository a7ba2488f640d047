"""Find key prefixes in Python code: in f-strings, concatenations, formats and joins, with constants resolved."""

import ast
import re
import string
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence

from readiness.cli.exits import Usage
from readiness.cli.manifest import parts
from readiness.cli.manifest.parts import UNKNOWN, Constants, SourceScan, Ways

PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ 0]*\d*(?:\.\d+)?([a-zA-Z%])")

Piece = tuple[str, str | int | None]
"""A piece of a format string, and the position or name of the field after it; None if there is none."""

Arguments = Mapping[str | int, ast.expr]
"""The arguments of a format string by position or name."""


def tree_of(path: str, source: bytes) -> ast.Module:
    """Parse Python source. Usage: it is not valid Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what Python thinks of their style is theirs
        try:
            return ast.parse(source)
        except (RecursionError, MemoryError):  # MemoryError: the stack of the parser is full
            raise parts.too_deep(path) from None
        except (SyntaxError, ValueError) as error:  # ValueError: it has null bytes
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
            raise Usage(f"{path}{line}: not valid Python: {getattr(error, 'msg', error)}") from None


def constants_of(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield names and class members to which a string is assigned."""
    members = {id(each) for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for each in node.body}
    for node in ast.walk(tree):
        for name, text in _assigned(node):
            if id(node) in members:
                yield parts.member(name), text
            if id(node) not in members or parts.is_constant(name):
                yield name, text


def imported_by(tree: ast.Module) -> frozenset[str]:
    """Return the names that the module imports."""
    imports = (node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom))
    return frozenset(alias.name for node in imports for alias in node.names)


def _assigned(node: ast.AST) -> Iterator[tuple[str, str]]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        yield from ((target.id, value.value) for target in targets if isinstance(target, ast.Name))


def scan(path: str, tree: ast.Module, *constants: Constants) -> SourceScan:
    """Scan a file. `constants` are those of the file first, then those of other files. Usage: too deep."""
    visitor = Visitor(constants)
    try:
        visitor.visit(tree)
    except RecursionError:
        raise parts.too_deep(path) from None
    return visitor.scan


class Visitor(ast.NodeVisitor):
    """Visits every expression except docstrings."""

    def __init__(self, constants: Sequence[Constants]) -> None:
        """Start with an empty scan."""
        self.scan = SourceScan()
        self._constants = constants
        self._parameters: list[str] = []

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> None:
        """Visit a function; its parameters hide constants of the same name."""
        given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        self._parameters += [each.arg for each in given]
        self.generic_visit(node)
        del self._parameters[len(self._parameters) - len(given) :]

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  ast calls it so
    visit_Lambda = visit_FunctionDef  # noqa: N815  likewise

    def visit_Expr(self, node: ast.Expr) -> None:
        """Skip a string that is a statement: it is a docstring."""
        if not isinstance(node.value, ast.Constant):
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Visit an f-string, and the expressions in its braces."""
        self._see(node)
        for part in node.values:
            if isinstance(part, ast.FormattedValue) or part is node.values[0]:
                self.visit(part)

    def visit_BinOp(self, node: ast.BinOp | ast.Call) -> None:
        """Visit a concatenation, a format with `%`, or a call of `format` or `join`."""
        self._see(node)
        self.generic_visit(node)

    visit_Call = visit_BinOp  # noqa: N815  likewise

    def visit_Constant(self, node: ast.Constant) -> None:
        """Visit any other string."""
        if isinstance(node.value, str):
            self._see(node)

    def _see(self, node: ast.expr) -> None:
        self.scan.see(self._ways(node), node.lineno)

    def _ways(self, node: ast.expr) -> Ways:  # noqa: PLR0911  one line per kind of expression
        match node:
            case ast.Constant(value=str() as text):
                return [(text,)]
            case ast.JoinedStr(values=values):
                return parts.one_after_another(map(self._ways, values))
            case ast.FormattedValue(value=value, format_spec=None) | ast.Attribute(value=value, attr="value"):
                return self._ways(value)
            case ast.Name(id=name):
                return UNKNOWN if name in self._parameters else parts.named(name, *self._constants)
            case ast.Attribute(value=ast.Name(id=owner) | ast.Attribute(attr=owner), attr=name):
                return parts.member_of(owner, name, self._constants)
            case ast.BinOp(op=ast.Add(), left=left, right=right):
                return parts.one_after_another([self._ways(left), self._ways(right)])
            case ast.BinOp(op=ast.Mod(), left=left, right=right):
                args = right.elts if isinstance(right, ast.Tuple) else [right]
                return self._formatted(left, _percent, dict(enumerate(args)))
            case ast.Call(func=ast.Attribute(attr="format", value=text), args=args, keywords=keywords):
                by_name: Arguments = {each.arg: each.value for each in keywords if each.arg}
                return self._formatted(text, _braces, {**by_name, **dict(enumerate(args))})
            case ast.Call(func=ast.Attribute(attr="join", value=by), args=[ast.List(elts=elts) | ast.Tuple(elts=elts)]):
                return parts.joined(self._ways(by), [self._ways(each) for each in elts])
            case _:
                return UNKNOWN

    def _formatted(self, text: ast.expr, fields: Callable[[str], Iterator[Piece]], arguments: Arguments) -> Ways:
        """Return the values of a format string with its known arguments."""
        ways: list[parts.Parts] = []
        for way in self._ways(text):
            if len(way) == 1 and way[0] is not None:
                ways += parts.one_after_another(self._filled(fields(way[0]), arguments))
        return ways or UNKNOWN

    def _filled(self, pieces: Iterator[Piece], arguments: Arguments) -> Iterator[Ways]:
        for before, name in pieces:
            yield [(before,)]
            if name is not None:
                yield self._ways(arguments[name]) if name in arguments else UNKNOWN


def _percent(text: str) -> Iterator[Piece]:
    """Split a format string of `%`."""
    end = place = 0
    for each in PERCENT.finditer(text):
        before, end = text[end : each.start()], each.end()
        if each[2] == "%":
            yield f"{before}%", None
        else:
            yield before, each[1] or place
            place += 1
    yield text[end:], None


def _braces(text: str) -> Iterator[Piece]:
    """Split a format string of `str.format`; an invalid one has no fields."""
    place = 0
    try:
        for before, name, _, _ in string.Formatter().parse(text):
            if not name and name is not None:
                yield before, place
                place += 1
            else:
                yield before, int(name) if name and name.isdecimal() else name
    except ValueError:
        yield text, None
