"""Facts of a table that meets every rule; a test changes what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec.structs import fields, replace

from readiness.checklist import Pitr
from readiness.facts.dynamodb.key import TableKey
from readiness.facts.dynamodb.recovery import Recovery
from readiness.facts.dynamodb.table import Encryption, TableDescription
from readiness.facts.recorded.checklist import Checklist
from readiness.facts.recorded.now import Now

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
NOW = Now(AT)
KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def ago(**span: float) -> datetime:
    return AT - timedelta(**span)


def checklist(**other: Any) -> Checklist:
    pitr = {each.name: other.pop(each.name) for each in fields(Pitr) if each.name in other}
    return Checklist(pitr=Pitr(**pitr), **other)


def encryption(**other: Any) -> Encryption:
    return replace(Encryption("ENABLED", "KMS", KEY, None), **other)


def description(**other: Any) -> TableDescription:
    good = TableDescription(
        table_id="6f0c3e1a-7f0e-4a55-9d3a-1f0d7a1f2b3c",
        created=ago(days=400),
        status="ACTIVE",
        billing_mode="PAY_PER_REQUEST",
        last_on_demand=None,
        max_reads=None,
        max_writes=None,
        deletion_protected=True,
        encryption=encryption(),
        indexes=(),
        vector_indexes=(),
        keys=("PK, SK",),
        table_class="STANDARD",
        warm_reads=12_000,
        warm_writes=4_000,
        stream_arn=None,
        archive=None,
        replicas=(),
        consistency="EVENTUAL",
        disassociation_protected=True,
    )
    return replace(good, **other)


def key(**other: Any) -> TableKey:
    good = TableKey(KEY, "CUSTOMER", "Enabled", "AWS_KMS", KEY, multi_region=False, expires=None, deleted_on=None)
    return replace(good, **other)


def recovery(**other: Any) -> Recovery:
    return replace(Recovery(enabled=True, window_days=35, earliest=ago(days=35), latest=ago(minutes=5)), **other)


OFF = Recovery(enabled=False, window_days=35, earliest=None, latest=None)
