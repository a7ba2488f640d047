"""Policy documents: their statements, or why they cannot be read, and a digest. The text is not kept."""

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from readiness.iam.statement import Malformed, Statement, about, statements
from readiness.model import Unsaved


class PolicyDocument(Struct, frozen=True):
    """A document. `malformed`: why it cannot be read; `rest`: all statements, encoded, where some are left out."""

    digest: str
    statements: tuple[Statement, ...]
    malformed: str = ""
    rest: bytes = b""


class PolicyReader(Struct):
    """Reads documents, equal ones once. `services` are the IAM prefixes whose statements are kept decoded."""

    services: frozenset[str]
    _known: dict[tuple[str, str], PolicyDocument] = field(default_factory=dict)

    def read(self, name: str, document: object) -> PolicyDocument:
        """Return the document as botocore decodes it, under the name of its policy."""
        key = name, digest(document)
        if key not in self._known:
            self._known[key] = self._read(name, document, key[1])
        return self._known[key]

    def _read(self, name: str, document: object, digest: str) -> PolicyDocument:
        try:
            written = statements(document, name)
        except Malformed as why:
            return PolicyDocument(digest, (), str(why))
        kept = tuple(about(self.services, written))
        return PolicyDocument(digest, kept, rest=b"" if kept == written else _packed(written))


class Aside(Unsaved):
    """A principal's statements for all services. In memory only, never saved."""

    def __init__(self, documents: Iterable[PolicyDocument], boundary: PolicyDocument | None) -> None:
        """Keep the documents as they were read, without malformed ones."""
        self._documents = tuple(documents)
        self._boundary = boundary

    @property
    def statements(self) -> tuple[Statement, ...]:
        """Return the statements of all policies."""
        return tuple(statement for document in self._documents for statement in _whole(document))

    @property
    def boundary(self) -> tuple[Statement, ...] | None:
        """Return the statements of the permissions boundary, None without one."""
        return None if self._boundary is None else _whole(self._boundary)


def _whole(document: PolicyDocument) -> tuple[Statement, ...]:
    if not document.rest:
        return document.statements
    return msgspec.json.decode(zlib.decompress(document.rest), type=tuple[Statement, ...])


def said(documents: Iterable[PolicyDocument]) -> tuple[Statement, ...]:
    """Return the statements of all documents. Raise Malformed where one cannot be read."""
    found: list[Statement] = []
    for document in documents:
        if document.malformed:
            raise Malformed(document.malformed)
        found += document.statements
    return tuple(found)


def _packed(written: tuple[Statement, ...]) -> bytes:
    """Return the statements encoded, at a tenth of their size."""
    return zlib.compress(msgspec.json.encode(written), level=1)


def digest(value: object) -> str:
    """Return a digest that does not depend on the order of lists, which has no meaning in a policy."""
    return hashlib.sha256(repr(_ordered(value)).encode()).hexdigest()[:16]


def _ordered(value: Any) -> Any:
    if isinstance(value, Mapping):
        return [(key, _ordered(value[key])) for key in sorted(value)]
    if isinstance(value, (list, tuple)):
        return sorted(map(_ordered, value), key=repr)
    return value
