"""Find key prefixes in JavaScript and TypeScript: in template literals, concatenations, `join` and `concat`.

What is read are the tokens of the language, and of its expressions those alone that put texts together.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readiness.cli.manifest import parts
from readiness.cli.manifest.parts import NAME, UNKNOWN, Constants, SourceScan, Ways

QUOTED = re.compile(rf"[\"'`]({NAME})#")
COMMENT = re.compile(r"""(//[^\n]*|/\*.*?\*/)|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`""", re.DOTALL)
"""A comment, or a string, which may contain text that looks like a comment."""
TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)"""
    r"""|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<name>[A-Za-z_$][\w$]*)"""
    r"""|(?P<other>\d[\w.]*|.)""",
    re.DOTALL,
)
REGEX = re.compile(r"/(?:[^/\\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/\w*")
BEFORE_REGEX = frozenset("(,=:[!&|?{};+")
CONSTANT = re.compile(
    r"""\b([A-Za-z_$][\w$]*)["']?\s*(:\s*[\w<>]+\s*=|[:=])\s*("[^"\\\n]*"|'[^'\\\n]*'|`[^`\\$\n]*`)"""
)
"""A variable, or a member of an object or an enumeration, to which a string is assigned."""

IMPORTED = re.compile(r"\bimport\b([^;'\"]*)\bfrom\b|\{([^{}]*)\}\s*=\s*(?:await\s+import|require)\b")
WORD = re.compile(r"[\w$]+")

OPENING = {"(": ")", "[": "]", "{": "}"}
CLOSING = frozenset(OPENING.values())


@dataclass(frozen=True)
class Token:
    """A token. `kind` is text, template, name or other; the pieces of a template are texts and tokens."""

    kind: str
    value: str
    line: int
    pieces: tuple["str | tuple[Token, ...]", ...] = ()


def constants_of(text: str) -> Iterator[tuple[str, str]]:
    """Yield names to which a string is assigned."""
    for name, sign, value in CONSTANT.findall(text):
        yield parts.member(name), value[1:-1]
        if sign.endswith("=") or parts.is_constant(name):
            yield name, value[1:-1]


def imported_by(text: str) -> frozenset[str]:
    """Return the names that the module imports."""
    return frozenset(name for names in IMPORTED.findall(text) for name in WORD.findall(" ".join(names)))


def scan(path: str, text: str, *constants: Constants) -> SourceScan:
    """Scan a file. `constants` are those of the file first, then those of other files. Usage: too deep."""
    reader = ScriptReader(constants)
    reader.scan.prefixes |= set(QUOTED.findall(COMMENT.sub(lambda found: "" if found[1] else found[0], text)))
    try:
        reader.read(_tokens(text)[0])
    except RecursionError:
        raise parts.too_deep(path) from None
    return reader.scan


class ScriptReader:
    """Reads every string expression."""

    def __init__(self, constants: Sequence[Constants]) -> None:
        """Start with an empty scan."""
        self.scan = SourceScan()
        self._constants = constants

    def read(self, tokens: Sequence[Token]) -> None:
        """Read every expression of the tokens, and those inside template literals."""
        for at, token in enumerate(tokens):
            for piece in token.pieces:
                if not isinstance(piece, str):
                    self.read(piece)
            if at and tokens[at - 1].value in {"+", "."}:
                continue
            ways, end = self._sum(tokens, at)
            if end > at:
                self.scan.see(ways, token.line)

    def _whole(self, tokens: Sequence[Token]) -> Ways:
        ways, end = self._sum(tokens, 0)
        return ways if tokens and end == len(tokens) else UNKNOWN

    def _sum(self, tokens: Sequence[Token], at: int) -> tuple[Ways, int]:
        """Return the values of the concatenation that begins there, and its end; no progress if there is none."""
        ways, end = self._operand(tokens, at)
        pieces = [ways]
        while end > at and _is(tokens, end, "+"):
            more, after = self._operand(tokens, end + 1)
            pieces.append(more if after > end + 1 else UNKNOWN)
            if after == end + 1:
                break
            end = after
        return parts.one_after_another(pieces), end

    def _operand(self, tokens: Sequence[Token], at: int) -> tuple[Ways, int]:
        if at >= len(tokens):
            return UNKNOWN, at
        token = tokens[at]
        if token.kind != "other":
            return self._called(self._simple(token), tokens, at + 1)
        if token.value in {"[", "("}:
            end = _closed(tokens, at)
            inside = [self._whole(each) for each in _elements(tokens[at + 1 : end - 1])]
            if token.value == "[":
                return self._joined(inside, tokens, end)
            return self._called(inside[0] if len(inside) == 1 else UNKNOWN, tokens, end)
        return UNKNOWN, at

    def _simple(self, token: Token) -> Ways:
        if token.kind == "name":
            return parts.named(token.value, *self._constants)
        if token.kind == "text":
            return [(token.value,)]
        pieces = (self._whole(each) if not isinstance(each, str) else [(each,)] for each in token.pieces)
        return parts.one_after_another(pieces)

    def _joined(self, elements: Sequence[Ways], tokens: Sequence[Token], at: int) -> tuple[Ways, int]:
        if not (_is(tokens, at, ".") and _is(tokens, at + 1, "join") and _is(tokens, at + 2, "(")):
            return self._called(UNKNOWN, tokens, at)
        end = _closed(tokens, at + 2)
        return self._called(parts.joined(self._whole(tokens[at + 3 : end - 1]), elements), tokens, end)

    def _called(self, ways: Ways, tokens: Sequence[Token], at: int) -> tuple[Ways, int]:
        """Apply the members and calls that follow; only `concat` concatenates strings."""
        while at < len(tokens):
            if _is(tokens, at, ".") and _is(tokens, at + 1, "concat") and _is(tokens, at + 2, "("):
                end = _closed(tokens, at + 2)
                more = (self._whole(each) for each in _elements(tokens[at + 3 : end - 1]))
                ways, at = parts.one_after_another([ways, *more]), end
            elif _is(tokens, at, ".") and at + 1 < len(tokens) and tokens[at + 1].kind == "name":
                ways, at = parts.member_of(tokens[at - 1].value, tokens[at + 1].value, self._constants), at + 2
            elif tokens[at].value in {"(", "["}:
                ways, at = UNKNOWN, _closed(tokens, at)
            else:
                break
        return ways, at


def _is(tokens: Sequence[Token], at: int, value: str) -> bool:
    return at < len(tokens) and tokens[at].value == value and tokens[at].kind in {"name", "other"}


def _closed(tokens: Sequence[Token], at: int) -> int:
    """Return the position after the matching closing bracket, or the end if there is none."""
    depth = 0
    for end in range(at, len(tokens)):
        if tokens[end].kind == "other":
            depth += (tokens[end].value in OPENING) - (tokens[end].value in CLOSING)
        if depth == 0:
            return end + 1
    return len(tokens)


def _elements(tokens: Sequence[Token]) -> list[Sequence[Token]]:
    """Split the tokens at commas."""
    elements: list[Sequence[Token]] = []
    begin = at = 0
    while at < len(tokens):
        if _is(tokens, at, ","):
            elements.append(tokens[begin:at])
            begin = at = at + 1
        elif tokens[at].kind == "other" and tokens[at].value in OPENING:
            at = _closed(tokens, at)
        else:
            at += 1
    return [*elements, tokens[begin:]] if tokens[begin:] else elements


def _tokens(text: str, at: int = 0, line: int = 1, *, inside: bool = False) -> tuple[tuple[Token, ...], int]:
    """Yield all tokens up to the end; `inside` a template literal, up to the brace that closes the expression."""
    tokens: list[Token] = []
    depth = 0
    while at < len(text):
        if inside and depth == 0 and text[at] == "}":
            return tuple(tokens), at + 1
        if text[at] == "`":
            found, end = _template(text, at, line)
            tokens.append(found)
        else:
            token, end = _token(text, at, line, tokens)
            tokens += [token] if token else []
            depth += (text[at] == "{") - (text[at] == "}")
        line += text.count("\n", at, end)
        at = end
    return tuple(tokens), at


def _token(text: str, at: int, line: int, before: Sequence[Token]) -> tuple[Token | None, int]:
    may_be_regex = not before or before[-1].value in BEFORE_REGEX or before[-1].value == "return"
    if text[at] == "/" and text[at : at + 2] not in {"//", "/*"} and may_be_regex and (regex := REGEX.match(text, at)):
        return Token("other", "/", line), regex.end()
    found = TOKEN.match(text, at)
    if found is None or found.lastgroup == "blank":
        return None, found.end() if found else at + 1
    kind = str(found.lastgroup)
    return Token(kind, found[0][1:-1] if kind == "text" else found[0], line), found.end()


def _template(text: str, at: int, line: int) -> tuple[Token, int]:
    pieces: list[str | tuple[Token, ...]] = []
    begin = end = at + 1
    while end < len(text) and text[end] != "`":
        if text.startswith("${", end):
            pieces.append(text[begin:end])
            inner, begin = _tokens(text, end + 2, line + text.count("\n", at, end), inside=True)
            pieces.append(inner)
            end = begin
        else:
            end += 2 if text[end] == "\\" else 1
    return Token("template", "`", line, (*pieces, text[begin:end])), end + 1
