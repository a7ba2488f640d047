"""`readiness attest`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from readiness.aws.time import minute
from readiness.cli.exits import Exit, Usage
from readiness.cli.names import rule_of
from readiness.cli.records import command_tables
from readiness.facts.recorded import attested
from readiness.state.people import Attestation


def run(rule: str, fields: Sequence[str], evidence: str | None, until: datetime, **options: Any) -> Exit:
    """Record evidence for an item in each table, valid until then."""
    item = rule_of(rule)
    if item.own:
        raise Usage(f"{item.id} is about the monitor, and no item of the checklist: there is nothing to attest")
    attestation = partial(Attestation, rule=item.id, evidence=_evidence(item.id, fields, evidence), until=until)
    then = f"until {minute(until)}"
    for table in command_tables(**options):
        table.record(attestation, f"attest {item.id} {then}", f"{item.id} attested {then}")
    return Exit.OK


def _evidence(rule: str, fields: Sequence[str], evidence: str | None) -> str:
    """Return the evidence: the fields if the rule reads fields, else the text."""
    from readiness.cli.fields import record, shown

    if rule in attested.RECORDS:
        if evidence is not None:
            raise Usage(f"--evidence: {rule} takes fields: {shown(rule)}")
        return attested.written(record(rule, fields, datetime.now(UTC)))
    if fields:
        raise Usage(f"found {fields[0]!r}, expected --evidence: {rule} takes no fields")
    if evidence is None:
        raise Usage("--evidence is missing: describe the evidence, and where it is kept")
    return evidence
