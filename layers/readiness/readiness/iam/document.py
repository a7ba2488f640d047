"""A policy as it was read: its statements, or why it has none, and a digest of all of it. The text is not kept."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from readiness.iam.statement import Malformed, Statement, about, beside, statements


@dataclass(frozen=True)
class Document:
    """`malformed` says why it can't be read. The digest is of everything that it says, kept or not.

    `rest` are the statements about other services than those that are kept, packed: few are ever asked for.
    """

    digest: str
    statements: tuple[Statement, ...]
    malformed: str = ""
    rest: bytes = field(default=b"", repr=False)


@dataclass
class Reader:
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
        kept, rest = tuple(about(self.services, written)), tuple(beside(self.services, written))
        return Document(digest, kept, rest=packed(rest) if rest else b"")


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


def unpacked(rests: Iterable[bytes]) -> tuple[Statement, ...]:
    """The statements of several documents that were packed."""
    found: list[Statement] = []
    for rest in rests:
        found += msgspec.json.decode(zlib.decompress(rest), type=tuple[Statement, ...])
    return tuple(found)


def digest(value: object) -> str:
    """The same for whatever order AWS has put lists in: none of a policy's lists means anything by its order."""
    return hashlib.sha256(repr(_ordered(value)).encode()).hexdigest()[:16]


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, _ordered(value[key])) for key in sorted(value)]
    if isinstance(value, (list, tuple)):
        return sorted(map(_ordered, value), key=repr)
    return value
