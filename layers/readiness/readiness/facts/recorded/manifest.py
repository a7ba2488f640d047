"""What the application's repository says of a table: as `readiness manifest` reads it, and as JSON, both ways.

No value of a variable, no text of a document and, of what conditions compare with, digests alone are among it, but for
what a template leaves open.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from readiness.iam.condition import Condition, digested
from readiness.iam.statement import Statement

VERSION = 1

LEFT_OPEN = re.compile(r"\b(PARTITION|REGION|ACCOUNT)\b")
"""What a template leaves open, between colons or within a name."""

Instant = Annotated[datetime, Meta(tz=True)]


class Newer(ValueError):
    """A later release wrote this, in a form that we don't know."""


class File(Struct, frozen=True, kw_only=True):
    """A file, when it was last changed, and by which commit.

    Without a commit it is not committed as it stands, or in no repository of git: then the date is the file's own.
    """

    path: str
    changed: Instant
    commit: str | None = None


class Document(Struct, frozen=True, kw_only=True):
    """A page of Markdown: its headings in their order, and the prefixes of keys that it names, sorted."""

    file: File
    headings: tuple[str, ...]
    prefixes: tuple[str, ...]


class Variables(Struct, frozen=True, kw_only=True):
    """The variables that a file sets or documents, by their names alone, sorted.

    `as_wanted` are those of the checklist's that have exactly the value that it wants.
    """

    file: File
    names: tuple[str, ...]
    as_wanted: tuple[str, ...]


class Prefix(Struct, frozen=True, kw_only=True):
    """A prefix of keys in the code: in which file, and which commit was the first to have it; None outside of git."""

    name: str
    path: str
    added: Instant | None = None
    commit: str | None = None


class Policy(Struct, frozen=True, kw_only=True):
    """A reviewed policy. Where its ARNs or conditions have PARTITION, REGION or ACCOUNT, those of the table are meant.

    Earlier releases recorded nothing of what conditions compare with.
    """

    name: str
    file: File
    statements: tuple[Statement, ...]


class Repository(Struct, frozen=True, kw_only=True):
    """All of it, as of a `commit`; None outside of git.

    `plan`, `env` and `env_readme` are None where there is no such file. `wanted` are the variables with which `env` and
    `env_readme` were compared, and the values that the checklist then wanted. `unresolved` are places of the code, as
    path and line, that make keys of what is known only when they run.
    """

    version: int = VERSION
    commit: str | None
    plan: Document | None
    runbooks: tuple[Document, ...]
    code: tuple[Prefix, ...]
    env: Variables | None
    env_readme: Variables | None
    wanted: Mapping[str, str]
    policies: tuple[Policy, ...]
    unresolved: tuple[str, ...] = ()

    @property
    def documents(self) -> tuple[Document, ...]:
        """The plan, if there is one, and the runbooks."""
        return (self.plan, *self.runbooks) if self.plan else self.runbooks

    @property
    def prefixes(self) -> frozenset[str]:
        """Those that the code makes keys of, or that any of the documents names."""
        return self.documented | {prefix.name for prefix in self.code}

    @property
    def documented(self) -> frozenset[str]:
        """The prefixes that any of the documents names."""
        return frozenset(prefix for document in self.documents for prefix in document.prefixes)


def kept(reviewed: Iterable[Statement]) -> tuple[Statement, ...]:
    """Of reviewed statements, whose conditions have their values, what is recorded."""
    return tuple(replace(each, by_value=tuple(map(_kept, each.by_value))) for each in reviewed)


def _kept(compared: Condition) -> Condition:
    """With what a template leaves open, which is filled in for a table, and with digests of the rest."""
    opened = tuple(value for value in compared.values or () if LEFT_OPEN.search(value))
    if not opened:
        return replace(compared, values=None)
    plain = [value for value in compared.values or () if value not in opened]
    return replace(compared, values=opened, digests=digested(compared.key, plain))


def written(repository: Repository) -> dict[str, Any]:
    """As JSON has it."""
    content: dict[str, Any] = msgspec.to_builtins(repository)
    return content


def read(content: Mapping[str, Any]) -> Repository:
    """What `written` wrote. ValueError: it is nothing of the kind; Newer: a later release wrote it."""
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        msg = f"version {version}, and this release reads up to {VERSION}"
        raise Newer(msg)
    return msgspec.convert(content, Repository)
