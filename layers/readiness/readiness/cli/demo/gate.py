"""The demo's way from "not complete" to "complete": corrections, records of people, and the gate before and after."""

import contextlib
import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from readiness.cli import main
from readiness.cli.demo import functions
from readiness.cli.demo.account import Account, helper
from readiness.cli.terminal import say
from readiness.rules import RULES

OWNERS = {"1": "platform@example.com", "2": "shop@example.com", "3": "on-call@example.com", "5": "platform@example.com"}
"""Owners by chapter of the checklist."""

PREFIXES = ("CART", "COUPON", "QUOTE", "SESSION", "READINESS")
DOCUMENTS = {
    "notes/backend/cart-checkout-plan.md": "# Cart and checkout\n\n## Keys\n\n{prefixes}\n",
    "notes/backend/restore-runbook.md": "# Restore the table\n\nCompare a sample of `CART#`, then delete the copy.\n",
    "src/cart.py": 'def key(cart: str) -> str:\n    return f"CART#{{cart}}"\n',
    ".env": "COMMERCE_TABLE=babesclub-commerce\n",
    "README_ENV.md": "- `COMMERCE_TABLE`: `babesclub-commerce`\n",
}


def steps(account: Account, checklist: Path, run: Callable[[], None]) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield the title and the action of each step. `run` makes a scheduled run of the monitor."""

    def type_command(*words: str) -> None:
        """Print a command and run it."""
        say(f"\n  $ {shlex.join(('readiness', *words))}")
        with contextlib.suppress(SystemExit):
            main(words)

    def attest() -> None:
        until = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"
        for rule, fields in drill_records().items():
            type_command("attest", rule, *fields, "--until", until, "--yes")

    def own() -> None:
        for rule in RULES:
            type_command("own", rule.id, OWNERS[rule.item[0]], "--yes")

    def check() -> None:
        type_command("check", "--require-complete")

    def run_and_check() -> None:
        run()
        check()

    def sign() -> None:
        type_command("sign", "--yes")
        type_command("history", "--rule", "pitr-enabled")

    yield "Gate before cutover: not complete. The report lists what is missing", check
    account.allow_monitor()
    functions.correct(account.admin)
    helper("drills").furnish(account.admin.client, tested_until())
    yield "The findings were fixed. The next run reports it", run
    yield "Restore drill and load test were done. Their evidence is attested", attest
    root = repository(checklist.with_name("shop"))
    yield (
        "The manifest of the application's repository is recorded",
        lambda: type_command("manifest", str(root), "--record", "--yes"),
    )
    yield "Every item gets an owner", own
    yield "Gate after the next run: complete", run_and_check
    yield "The checklist is signed off. The history shows the changes and records of an item", sign


def drill_records() -> Mapping[str, list[str]]:
    """Return the fields of the restore drill and the load test that were done, as `readiness attest` takes them."""
    drills = helper("drills")
    records = {"restore-drilled": drills.restored(datetime.now(UTC)), "load-tested": drills.tested(tested_until())}
    return {
        rule: [f"{name}={_typed(value)}" for name, value in msgspec.structs.asdict(record).items() if value]
        for rule, record in records.items()
    }


def tested_until() -> datetime:
    """Return the end of the load test."""
    return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)


def repository(root: Path) -> Path:
    """Write the application's repository and return its folder."""
    listed = "\n".join(f"- `{prefix}#`" for prefix in PREFIXES)
    files = {path: text.format(prefixes=listed) for path, text in DOCUMENTS.items()}
    shop = helper("shop")
    for name in shop.FUNCTIONS:
        files[f"config/iam/{name}.json"] = json.dumps(shop.document(*shop.runtime(name)), indent=2)
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    return root


def _typed(value: Any) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%S}" if isinstance(value, datetime) else str(value)
