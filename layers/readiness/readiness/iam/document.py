"""A policy as it was read: its statements, or why it has none, and a digest of all of it. The text is not kept."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from readiness.iam.statement import Malformed, Statement, about, statements


@dataclass(frozen=True)
class Document:
    """`malformed` says why it can't be read. The digest is of everything that it says, kept or not."""

    digest: str
    statements: tuple[Statement, ...]
    malformed: str = ""


@dataclass
class Reader:
    """Reads documents, equal ones once, and keeps what concerns these services, by their IAM prefixes."""

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
            return Document(digest, tuple(about(self.services, statements(document, name))))
        except Malformed as why:
            return Document(digest, (), str(why))


def said(documents: Iterable[Document]) -> tuple[Statement, ...]:
    """What they say together. Malformed: one of them can't be read, so nobody knows."""
    found: list[Statement] = []
    for document in documents:
        if document.malformed:
            raise Malformed(document.malformed)
        found += document.statements
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
