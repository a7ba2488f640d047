"""What people said of a table: who, when, why, and until when. Each is kept in the table it is about.

The dates are data: a word that ended is still there to be read, and whoever reads it compares `until` with now.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

Instant = Annotated[datetime, Meta(tz=True)]


class Word(Struct, frozen=True, kw_only=True):
    """What one person said, when, about the table of that `TableId`.

    `kind` is the sort of word, and `about` what it is said of: of these there is one at a time.
    """

    kind: ClassVar[str]

    by: str
    at: Instant
    table_id: str

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """Nothing but the table, unless a kind says otherwise."""
        return ()


class Owner(Word, frozen=True, kw_only=True):
    """Who an item belongs to."""

    kind = "OWNER"

    rule: str
    owner: str

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """The item."""
        return (self.rule,)


class Waiver(Word, frozen=True, kw_only=True):
    """A failing check that is accepted until then, on one resource or, where none is named, on all."""

    kind = "WAIVER"

    check: str
    reason: str
    until: Instant
    resource: str | None = None

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """The check, and the resource if one is named."""
        return (self.check, self.resource) if self.resource else (self.check,)


class Acknowledgement(Word, frozen=True, kw_only=True):
    """Somebody is on it: no reminders for what failed before."""

    kind = "ACK"

    check: str
    note: str = ""

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """The check."""
        return (self.check,)


class Pause(Word, frozen=True, kw_only=True):
    """Nothing is told until then, as during a deployment."""

    kind = "PAUSE"

    reason: str
    until: Instant


class Attestation(Word, frozen=True, kw_only=True):
    """A person's statement of what no API shows, with its evidence; it holds until then."""

    kind = "ATTESTATION"

    rule: str
    evidence: str
    until: Instant

    @property
    def about(self) -> tuple[str | datetime, ...]:
        """The item, and when: an attestation never replaces another."""
        return (self.rule, self.at)


class Manifest(Word, frozen=True, kw_only=True):
    """What the application's repository says."""

    kind = "MANIFEST"

    content: Mapping[str, Any]


class Signoff(Word, frozen=True, kw_only=True):
    """That the whole checklist stood complete, until when that counts, and what it stood on.

    `checks` has a digest of the verdicts and watched values of each check, empty where not all of it was seen: by that
    it can be said what changed since. `digest` is one of them all.
    """

    kind = "SIGNOFF"

    account: str
    until: Instant
    digest: str
    checks: Mapping[str, str]
