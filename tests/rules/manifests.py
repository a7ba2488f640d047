"""What the repository of a shop says that is as it should be; a test changes what it is about."""

from datetime import datetime
from typing import Any

from msgspec.structs import replace

from readiness.facts.recorded.manifest import (
    ApplicationManifest,
    Document,
    File,
    Policy,
    Prefix,
    RecordedManifest,
    Repository,
    Variables,
    kept,
    written,
)
from readiness.iam.statement import statements
from tests.aws import shop
from tests.aws.account import TABLE
from tests.rules.facts import ago, description

BY = "arn:aws:iam::123456789012:role/deploy"
HEAD = "0123456789abcdef0123456789abcdef01234567"
PLAN = "notes/backend/cart-checkout-plan.md"
RUNBOOK = "notes/backend/restore-runbook.md"
PREFIXES = ("CART", "COUPON", "QUOTE", "READINESS")


def file(path: str, changed: datetime | None = None, commit: str | None = HEAD) -> File:
    return File(path=path, changed=changed or ago(days=20), commit=commit)


def document(path: str = PLAN, prefixes: tuple[str, ...] = PREFIXES, **other: Any) -> Document:
    return replace(Document(file=file(path), headings=("Keys", "Access patterns"), prefixes=prefixes), **other)


def prefix(name: str, added: datetime | None = None) -> Prefix:
    return Prefix(name=name, path="src/cart.py", added=added or ago(days=90), commit=HEAD)


def variables(path: str = ".env", names: tuple[str, ...] = ("COMMERCE_TABLE",), **other: Any) -> Variables:
    return replace(Variables(file=file(path), names=names, as_wanted=("COMMERCE_TABLE",)), **other)


def policy(name: str, *written: dict[str, Any]) -> Policy:
    document = {"Version": "2012-10-17", "Statement": list(written)}
    return Policy(
        name=name, file=file(f"config/iam/{name}.json"), statements=kept(statements(document, name, whole=True))
    )


def repository(**other: Any) -> Repository:
    good = Repository(
        commit=HEAD,
        plan=document(),
        runbooks=(document(RUNBOOK, ("CART",)),),
        code=tuple(prefix(name) for name in ("CART", "COUPON", "QUOTE")),
        env=variables(),
        env_readme=variables("README_ENV.md"),
        wanted={"COMMERCE_TABLE": TABLE},
        policies=(),
    )
    return replace(good, **other)


def current(now: datetime) -> Repository:
    """As it should be on any day, with all documents of that day."""
    return repository(
        plan=document(file=file(PLAN, now)),
        runbooks=(document(RUNBOOK, ("CART",), file=file(RUNBOOK, now)),),
        policies=tuple(policy(name, *shop.runtime(name)) for name in shop.FUNCTIONS),
    )


def recorded(of: Repository | None = None, **other: Any) -> RecordedManifest:
    good = RecordedManifest(BY, ago(days=2), description().table_id, written(of or repository()))
    return replace(good, **other)


def manifest(**other: Any) -> ApplicationManifest:
    return ApplicationManifest(BY, ago(days=2), repository(**other))
