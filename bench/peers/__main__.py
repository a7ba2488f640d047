"""`python -m bench.peers`: run the three tools in turn over the same account, and write build/peers.json.

The second account also has the policies that AWS manages in the answer of IAM. `--write` writes the table of
build/peers.json into docs/performance.md, without measuring.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator
from statistics import median
from typing import Any

from bench import table
from bench.measure import Cost, cost
from bench.peers import tools
from bench.peers.items import ITEMS
from bench.served import ROOT, served

RUNS = 3
ACCOUNTS = {"": "the account", "true": "with the policies that AWS manages"}
"""By the value of moto's variable."""

MANAGED = "MOTO_IAM_LOAD_MANAGED_POLICIES"
FOLDER = ROOT / "build" / "peers"
RESULT = ROOT / "build" / "peers.json"
PAGE = ROOT / "docs" / "performance.md"

Result = dict[str, Any]


def main() -> int:
    """Return 0."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs of each tool, default {RUNS}")
    parser.add_argument("--write", action="store_true", help="write the last result into docs/performance.md")
    options = parser.parse_args()
    if options.write:
        table.write(PAGE, "peers", "\n".join(_page(json.loads(RESULT.read_text(encoding="utf-8")))))
        return 0
    found = [each for managed in ACCOUNTS for each in measured(managed, options.runs)]
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print("\n".join(_page(found)))
    return 0


def measured(managed: str, runs: int) -> Iterator[Result]:
    """Yield a result for each tool: the medians, and whether each item is met."""
    os.environ[MANAGED] = managed
    costs: dict[str, list[Cost]] = {}
    results: dict[str, Result] = {}
    with served("peers") as account:
        for turn in range(runs + 1):  # the first fills the server and compiles modules
            for tool in tools.fresh(FOLDER):
                account.reset()
                spent = cost(tool.command, account.environment, tool.ended, str(tool.folder))
                costs.setdefault(tool.name, []).extend([spent] if turn else [])
                said = tool.read(tool.folder)
                results[tool.name] = {
                    "calls": sum(account.calls().values()),
                    "verdicts": {item.name: said(item) for item in ITEMS},
                }
    for name, result in results.items():
        figures = {each: median(getattr(spent, each) for spent in costs[name]) for each in ("wall", "cpu", "memory")}
        yield {"account": ACCOUNTS[managed], "tool": name, **figures, **result}


def _page(found: list[Result]) -> Iterator[str]:
    """Yield the tables: figures by account and tool, then the verdicts of the first account."""
    yield "| account | tool | wall | CPU | CPU, over Readiness | peak memory | calls | right | wrong | not told |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for account in ACCOUNTS.values():
        of_account = [each for each in found if each["account"] == account]
        for each in of_account:
            right, wrong, silent = _judged(each["verdicts"])
            first = account if each is of_account[0] else ""
            yield (
                f"| {first} | {each['tool']} | {each['wall']:.1f} s | {each['cpu']:.1f} s"
                f" | {each['cpu'] / of_account[0]['cpu']:.1f} | {each['memory']:.0f} MB | {each['calls']}"
                f" | {right} | {wrong} | {silent} |"
            )
    yield ""
    shown = [each for each in found if each["account"] == ACCOUNTS[""]]
    yield f"| item | truth | {' | '.join(each['tool'] for each in shown)} |"
    yield f"|---|---|{'---|' * len(shown)}"
    for item in ITEMS:
        said = [_word(each["verdicts"][item.name], met=item.met) for each in shown]
        yield f"| {item.name} | {'met' if item.met else 'not met'} | {' | '.join(said)} |"


def _judged(verdicts: dict[str, bool | None]) -> tuple[int, int, int]:
    """Return how many verdicts are right, wrong and missing."""
    said = [(verdicts[item.name], item.met) for item in ITEMS]
    silent = sum(verdict is None for verdict, _ in said)
    right = sum(verdict is met for verdict, met in said)
    return right, len(said) - right - silent, silent


def _word(said: bool | None, *, met: bool) -> str:  # noqa: FBT001  a verdict, which may be missing
    if said is None:
        return "not told"
    return "right" if said is met else "**wrong**"


if __name__ == "__main__":
    sys.exit(main())
