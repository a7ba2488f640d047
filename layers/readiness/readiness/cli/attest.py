"""`readiness attest`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from readiness.cli.exits import Exit, Usage
from readiness.cli.start import nearest
from readiness.cli.words import Where, future, minute, text
from readiness.facts.recorded import attested
from readiness.rules import RULES
from readiness.state.people import Attestation


def run(rule: str, fields: Sequence[str], evidence: str | None, until: datetime, **where: Any) -> Exit:
    """Say in each table what no API shows of an item; it holds until then."""
    known = list(dict.fromkeys([*(each.id for each in RULES), *attested.RECORDS]))
    if rule not in known:
        msg = f"there is no rule {rule!r}{nearest(rule, known)}"
        raise Usage(msg)
    ends = future("--until", until)
    attestation = partial(Attestation, rule=rule, evidence=_evidence(rule, fields, evidence), until=ends)
    for place in Where(**where).places():
        place.record(attestation, f"attest {rule} until {minute(ends)}", f"{rule} is attested until {minute(ends)}")
    return Exit.OK


def _evidence(rule: str, fields: Sequence[str], evidence: str | None) -> str:
    """As fields where a rule reads them, else as prose."""
    from readiness.cli.fields import record, shown

    if rule in attested.RECORDS:
        if evidence is not None:
            msg = f"--evidence: {rule} is attested in fields that can be judged: {shown(rule)}"
            raise Usage(msg)
        return attested.written(record(rule, fields, datetime.now(UTC)))
    if fields:
        msg = f"found {fields[0]!r}, expected --evidence: {rule} is attested in prose"
        raise Usage(msg)
    if evidence is None:
        msg = "--evidence is missing: say what was seen, and where it is kept"
        raise Usage(msg)
    return text("--evidence", evidence, "what was seen, and where it is kept")
