"""A policy as it was read: its statements, or why it has none, and a digest of all of it. The text is not kept."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.iam.statement import Malformed, Statement, about, statements


class Document(Struct, frozen=True):
    """`malformed` says why it can't be read. The digest is of everything that it says, kept or not.

    `rest` are all statements, packed, where those that are at hand leave out what is said of other services: few are
    ever asked for.
    """

    digest: str
    statements: tuple[Statement, ...]
    malformed: str = ""
    rest: bytes = b""


class Reader(Struct):
    """Reads documents, equal ones once, and keeps at hand what concerns these services, by their IAM prefixes."""

    services: frozenset[str]
    _known: dict[tuple[str, str], Document] = field(default_factory=dict)

    def read(self, name: str, document: object) -> Document:
        """Decoded as botocore hands it over, under the name of its policy."""
        key = name, digest(document)
        if key not in self._known:
            self._known[key] = self._read(name, document, key[1])
        return self._known[key]

    def _read(self, name: str, document: object, digest: str) -> Document:
        try:
            written = statements(document, name)
        except Malformed as why:
            return Document(digest, (), str(why))
        kept = tuple(about(self.services, written))
        return Document(digest, kept, rest=b"" if kept == written else packed(written))


class Aside:
    """What a principal's policies and its boundary say of every service. It is for this process, and never saved."""

    def __init__(self, documents: Iterable[Document], boundary: Document | None) -> None:
        """As they were read, without any that is malformed."""
        self._documents = tuple(documents)
        self._boundary = boundary

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Those of all its policies."""
        return tuple(statement for document in self._documents for statement in _whole(document))

    @property
    def boundary(self) -> tuple[Statement, ...] | None:
        """Those of its boundary, None without one."""
        return None if self._boundary is None else _whole(self._boundary)


def _whole(document: Document) -> tuple[Statement, ...]:
    return unpacked(document.rest) if document.rest else document.statements


def said(documents: Iterable[Document]) -> tuple[Statement, ...]:
    """What they say together. Malformed: one of them can't be read, so nobody knows."""
    found: list[Statement] = []
    for document in documents:
        if document.malformed:
            raise Malformed(document.malformed)
        found += document.statements
    return tuple(found)


def packed(written: tuple[Statement, ...]) -> bytes:
    """Statements in a tenth of their room."""
    return zlib.compress(msgspec.json.encode(written), level=1)


def unpacked(rest: bytes) -> tuple[Statement, ...]:
    """The statements that were packed."""
    return msgspec.json.decode(zlib.decompress(rest), type=tuple[Statement, ...])


def digest(value: object) -> str:
    """The same for whatever order AWS has put lists in: none of a policy's lists means anything by its order."""
    return hashlib.sha256(repr(_ordered(value)).encode()).hexdigest()[:16]


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, _ordered(value[key])) for key in sorted(value)]
    if isinstance(value, (list, tuple)):
        return sorted(map(_ordered, value), key=repr)
    return value
