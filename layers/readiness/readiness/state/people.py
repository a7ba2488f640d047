"""Annotations: records that people make about a table, with author, time, reason and end. Stored in that table.

An annotation is not deleted when it expires. The reader compares `until` with the current time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]


class Word(Struct, frozen=True, kw_only=True):
    """An annotation by one person about the table with that `TableId`.

    `kind` is the kind of annotation. One annotation is stored for each combination of `kind` and `about`.
    """

    kind: ClassVar[str]

    by: str
    at: Instant
    table_id: str

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """Return the key parts after the kind: none, unless the kind defines some."""
        return ()


class Announced(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The announcement of an annotation: a digest of its content, and the time of the run that announced it.

    `ends`: a later run announced that the annotation ends soon.
    """

    digest: str
    at: Instant
    ends: bool = False


class Owner(Word, frozen=True, kw_only=True):
    """The owner of an item of the checklist."""

    kind = "OWNER"

    rule: str
    owner: str

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """Return the rule id."""
        return (self.rule,)


class Waiver(Word, frozen=True, kw_only=True):
    """A failing check that is accepted until `until`, on one resource or, if `resource` is None, on all resources."""

    kind = "WAIVER"

    check: str
    reason: str
    until: Instant
    resource: str | None = None

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """Return the check id, and the resource if one is named."""
        return (self.check, self.resource) if self.resource else (self.check,)


class Acknowledgement(Word, frozen=True, kw_only=True):
    """An acknowledgement of a failure. It stops reminders of failures that began earlier."""

    kind = "ACK"

    check: str
    note: str = ""

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """Return the check id."""
        return (self.check,)


class Pause(Word, frozen=True, kw_only=True):
    """A pause of all messages until `until`, for example during a deployment."""

    kind = "PAUSE"

    reason: str
    until: Instant


class Attestation(Word, frozen=True, kw_only=True):
    """A person's statement, with evidence, of a fact that no API returns. It is valid until `until`."""

    kind = "ATTESTATION"

    rule: str
    evidence: str
    until: Instant

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """Return the rule id and the time: an attestation never replaces another."""
        return (self.rule, self.at)


class Manifest(Word, frozen=True, kw_only=True):
    """The manifest of the application's repository."""

    kind = "MANIFEST"

    content: Mapping[str, Any]


class Signoff(Word, frozen=True, kw_only=True):
    """A sign-off of the complete checklist, valid until `until`.

    `checks` holds a digest of the verdicts and watched values of each check; empty if the scan could not read all its
    resources. A later scan compares these digests to report the changes since the sign-off. `digest` covers all checks.
    """

    kind = "SIGNOFF"

    account: str
    until: Instant
    digest: str
    checks: Mapping[str, str]


WORDS = (Owner, Waiver, Acknowledgement, Pause, Attestation, Manifest, Signoff)
"""All kinds of annotations."""
