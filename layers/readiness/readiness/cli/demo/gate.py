"""The demo's way from "not complete" to "complete": corrections, records of people, and the gate before and after."""

import contextlib
import json
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from readiness.cli import main
from readiness.cli.demo import functions
from readiness.cli.demo.account import GOOD, Account
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


@dataclass(frozen=True)
class Helpers:
    """The tests' helpers that create compliant resources."""

    shop: Any
    drills: Any


@dataclass(frozen=True)
class CompletenessGate:
    """The gate. `run` makes a scheduled run of the monitor."""

    account: Account
    checklist: Path
    helpers: Helpers
    run: Callable[[], None]

    def steps(self) -> Iterator[tuple[str, Callable[[], None]]]:
        """Yield the title and the action of each step."""
        yield "Gate before cutover: not complete. The report lists what is missing", self._ask
        self._mend()
        yield "The findings were fixed. The next run reports it", self.run
        yield "Restore drill and load test were done. Their evidence is attested", self._attest
        yield "The manifest of the application's repository is recorded", self._record_manifest
        yield "Every item gets an owner", self._own
        yield "Gate after the next run: complete", self._pass
        yield "The checklist is signed off. The history shows the changes and records of an item", self._sign

    def _type(self, *words: str) -> None:
        """Print a command and run it."""
        say(f"\n  $ {shlex.join(('readiness', *words))}")
        with contextlib.suppress(SystemExit):
            main([*words, "--table", GOOD, "--config", str(self.checklist)])

    def _ask(self) -> None:
        self._type("check", "--require-complete")

    def _mend(self) -> None:
        self.account.allow_monitor()
        functions.mend(self.account.admin, self.helpers.shop)
        self.helpers.drills.furnish(self.account.admin.client, self._tested_until())

    def _tested_until(self) -> datetime:
        return datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(hours=1)

    def _attest(self) -> None:
        until = f"{datetime.now(UTC) + timedelta(days=90):%Y-%m-%d}"
        for rule, record in (
            ("restore-drilled", self.helpers.drills.restored(datetime.now(UTC))),
            ("load-tested", self.helpers.drills.tested(self._tested_until())),
        ):
            fields = [f"{name}={_typed(value)}" for name, value in msgspec.structs.asdict(record).items() if value]
            self._type("attest", rule, *fields, "--until", until, "--yes")

    def _record_manifest(self) -> None:
        root = self.checklist.parent / "shop"
        listed = "\n".join(f"- `{prefix}#`" for prefix in PREFIXES)
        written = {path: text.format(prefixes=listed) for path, text in DOCUMENTS.items()}
        for name in self.helpers.shop.FUNCTIONS:
            document = self.helpers.shop.document(*self.helpers.shop.runtime(name))
            written[f"config/iam/{name}.json"] = json.dumps(document, indent=2)
        for path, text in written.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
        self._type("manifest", str(root), "--record", "--yes")

    def _own(self) -> None:
        for rule in RULES:
            self._type("own", rule.id, OWNERS[rule.item[0]], "--yes")

    def _pass(self) -> None:
        self.run()
        self._ask()

    def _sign(self) -> None:
        self._type("sign", "--yes")
        self._type("history", "--rule", "pitr-enabled")


def _typed(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
