"""`readiness attest`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from readiness.aws.time import minute
from readiness.cli.exits import Exit, Usage
from readiness.cli.start import nearest
from readiness.cli.words import Where, future, text
from readiness.facts.recorded import attested
from readiness.rules import RULES
from readiness.state.people import Attestation


def run(rule: str, fields: Sequence[str], evidence: str | None, until: datetime, **where: Any) -> Exit:
    """Record evidence for an item in each table, valid until then."""
    known = list(dict.fromkeys([*(each.id for each in RULES), *attested.RECORDS]))
    if rule not in known:
        msg = f"unknown rule {rule!r}{nearest(rule, known)}"
        raise Usage(msg)
    ends = future("--until", until)
    attestation = partial(Attestation, rule=rule, evidence=_evidence(rule, fields, evidence), until=ends)
    for place in Where(**where).places():
        place.record(attestation, f"attest {rule} until {minute(ends)}", f"{rule} attested until {minute(ends)}")
    return Exit.OK


def _evidence(rule: str, fields: Sequence[str], evidence: str | None) -> str:
    """Return the evidence: the fields if the rule reads fields, else the text."""
    from readiness.cli.fields import record, shown

    if rule in attested.RECORDS:
        if evidence is not None:
            msg = f"--evidence: {rule} takes fields: {shown(rule)}"
            raise Usage(msg)
        return attested.written(record(rule, fields, datetime.now(UTC)))
    if fields:
        msg = f"found {fields[0]!r}, expected --evidence: {rule} takes no fields"
        raise Usage(msg)
    if evidence is None:
        msg = "--evidence is missing: describe the evidence, and where it is kept"
        raise Usage(msg)
    return text("--evidence", evidence, "the evidence, and where it is kept")
