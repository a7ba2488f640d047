"""The manifest: facts from the application's repository, read by `readiness manifest` and encoded as JSON.

It holds no values of variables and no texts of documents. Condition values are digests, except placeholders.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from readiness.engine.fact import fact
from readiness.facts.dynamodb.table import Table, TableDescription
from readiness.iam.condition import Condition, digested
from readiness.iam.statement import Statement
from readiness.model import Fact, Given, Reason, Unavailable, Unreadable
from readiness.state.table_id import another

VERSION = 1

LEFT_OPEN = re.compile(r"\b(PARTITION|REGION|ACCOUNT)\b")
"""Placeholders of a template, between colons or within a name."""

Instant = Annotated[datetime, Meta(tz=True)]


class Newer(ValueError):
    """The manifest was written by a later release, in a form that this release does not know."""


class File(Struct, frozen=True, kw_only=True):
    """A file and its last change: without a `commit` it is uncommitted or outside Git, and the time the file's own."""

    path: str
    changed: Instant
    commit: str | None = None


class Document(Struct, frozen=True, kw_only=True):
    """A Markdown document: its headings in order, and the key prefixes that it names, sorted."""

    file: File
    headings: tuple[str, ...]
    prefixes: tuple[str, ...]


class Variables(Struct, frozen=True, kw_only=True):
    """The names that a file sets or documents; `as_wanted` have the value that the checklist demands."""

    file: File
    names: tuple[str, ...]
    as_wanted: tuple[str, ...]


class Prefix(Struct, frozen=True, kw_only=True):
    """A key prefix in the code: its file, and the commit that added it; None outside a Git repository."""

    name: str
    path: str
    added: Instant | None = None
    commit: str | None = None


class Policy(Struct, frozen=True, kw_only=True):
    """A reviewed policy. PARTITION, REGION and ACCOUNT in its ARNs and conditions stand for the table's."""

    name: str
    file: File
    statements: tuple[Statement, ...]


class Repository(Struct, frozen=True, kw_only=True):
    """The whole manifest, as of a `commit`; None outside a Git repository.

    `plan`, `env` and `env_readme` are None where the file does not exist. `wanted` are the variables and values that
    the checklist demanded when `env` and `env_readme` were compared. `unresolved` are places in the code, as path and
    line, whose keys are known only at run time.
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
        """Return the plan, if it exists, and the runbooks."""
        return (self.plan, *self.runbooks) if self.plan else self.runbooks

    @property
    def prefixes(self) -> frozenset[str]:
        """Return the prefixes in the code or in a document."""
        return self.documented | {prefix.name for prefix in self.code}

    @property
    def documented(self) -> frozenset[str]:
        """Return the prefixes that a document names."""
        return frozenset(prefix for document in self.documents for prefix in document.prefixes)


def kept(reviewed: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return the statements as they are recorded, with digests of their condition values."""
    return tuple(replace(each, by_value=tuple(map(_kept, each.by_value))) for each in reviewed)


def _kept(compared: Condition) -> Condition:
    """Return the condition with values that contain placeholders, and digests of the others."""
    opened = tuple(value for value in compared.values or () if LEFT_OPEN.search(value))
    if not opened:
        return replace(compared, values=None)
    plain = [value for value in compared.values or () if value not in opened]
    return replace(compared, values=opened, digests=digested(compared.key, plain))


def written(repository: Repository) -> dict[str, Any]:
    """Return the manifest as JSON objects."""
    content: dict[str, Any] = msgspec.to_builtins(repository)
    return content


def read(content: Mapping[str, Any]) -> Repository:
    """Return the manifest. ValueError: the content is no manifest; Newer: a later release wrote it."""
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        msg = f"version is {version}, this release reads up to {VERSION}"
        raise Newer(msg)
    return msgspec.convert(content, Repository)


class RecordedManifest(Given, Fact):
    """A recorded manifest: the person, the time, the TableId, and the `content` as it was written."""

    on: ClassVar[tuple[type, ...]] = (Table,)

    by: str
    at: datetime
    table_id: str
    content: Mapping[str, Any]


class ApplicationManifest(Fact):
    """The manifest that was recorded for this table: the person, the time, and its content."""

    by: str
    at: datetime
    says: Repository


@fact(absent="no manifest is recorded")
def application_manifest(
    description: TableDescription, recorded: RecordedManifest | None
) -> ApplicationManifest | None:
    """Return None without a manifest of this table. Unreadable: it is none of this or an earlier release."""
    if recorded is None or another(recorded.table_id, description.table_id):
        return None
    try:
        says = read(recorded.content)
    except ValueError as why:
        raise Unreadable({}, Unavailable(Reason.STALE, detail=f"the manifest must be recorded again: {why}")) from None
    return ApplicationManifest(recorded.by, recorded.at, says)
