"""Policy documents: their statements, or why they cannot be read, and a digest. The text is not kept."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from readiness.iam.statement import Malformed, Statement, about, statements
from readiness.model import Unsaved


class PolicyDocument(Struct, frozen=True):
    """A document. `malformed`: why it cannot be read; `rest`: all statements, encoded, where some are left out."""

    digest: str
    statements: tuple[Statement, ...]
    malformed: str = ""
    rest: bytes = b""


class PolicyReader(Struct, frozen=True):
    """Reads documents. `services` are the IAM prefixes whose statements are kept decoded."""

    services: frozenset[str]

    def read(self, name: str, document: object) -> PolicyDocument:
        """Return the document as botocore decodes it, under the name of its policy."""
        text = hashlib.sha256(json.dumps(document).encode()).digest()
        remembered = _remembered(self.services, name, text)
        if not remembered:
            remembered.append(self._read(name, document))
        return remembered[0]

    def _read(self, name: str, document: object) -> PolicyDocument:
        decides = digest(document)
        try:
            written = statements(document, name)
        except Malformed as why:
            return PolicyDocument(decides, (), str(why))
        kept = tuple(about(self.services, written))
        return PolicyDocument(decides, kept, rest=b"" if kept == written else _packed(written))


@lru_cache(maxsize=4096)
def _remembered(services: frozenset[str], name: str, text: bytes) -> list[PolicyDocument]:  # noqa: ARG001  the cache's
    """Return the cached document of a text: a process reads the same documents in each run."""
    return []


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
