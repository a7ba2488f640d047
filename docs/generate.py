"""Write the pages that are made from the code; with `--check`, say which are stale and exit 1."""

import re
import sys
from pathlib import Path

from readiness.cli.arguments import INTERVALS
from readiness.cli.cost import FUNCTIONS, INTERVAL, assumed, bill
from readiness.cli.cost.counts import between, shipped
from readiness.cli.cost.month import Usage, billed, together
from readiness.engine.control import Control, Framework
from readiness.report import as_json, rules_page
from readiness.rules import ASKED, RULES

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
ALERTS = ROOT / "docs" / "alerts.md"
HOME = ROOT / "docs" / "index.md"
RULES_FOLDER = ROOT / "docs" / "rules"
ALERT = ROOT / "tests" / "alerts" / "golden" / "pitr_off.txt"
MARKED = re.compile(r"(?<=<!-- alert -->\n)```text\n.*?```", re.DOTALL)
OTHER_TOOLS = ROOT / "docs" / "other-tools.md"
CONTROLS = re.compile(r"(?<=<!-- controls: )(.*?)( -->\n)(?:\|.*\n)+")
TABLE = re.compile(r"(?<=<!-- rules -->\n)(?:\|.*\n)+")
COST = ROOT / "docs" / "cost.md"
DEPLOY = ROOT / "docs" / "deploy.md"
DOLLARS = re.compile(r"\$\d+\.\d\d(?= a month for one table)")
BILL = re.compile(r"(?<=<!-- bill -->\n)```\n.*?```", re.DOTALL)
MONTHS = re.compile(r"(?<=<!-- months -->\n)(?:\|.*\n)+")
OURS = "babesclub-commerce"


def main(*, check: bool) -> int:
    """The exit code."""
    pages = {
        README: _costing(_readme(README.read_text(encoding="utf-8"))),
        ALERTS: _alert(ALERTS.read_text(encoding="utf-8")),
        HOME: _costing(_alert(HOME.read_text(encoding="utf-8"))),
        DEPLOY: _costing(DEPLOY.read_text(encoding="utf-8")),
        COST: _costing(_bill(COST.read_text(encoding="utf-8"))),
        OTHER_TOOLS: _other_tools(OTHER_TOOLS.read_text(encoding="utf-8")),
        ROOT / "docs" / "rules.md": rules_page.rules_page(ASKED),
        **{RULES_FOLDER / f"{rule.id}.md": rules_page.rule_page(rule) for rule in ASKED},
        ROOT / "docs" / "report.schema.json": as_json.schema(),
    }
    stale = [path for path, text in pages.items() if not _is(path, text)]
    former = [path for path in RULES_FOLDER.glob("*.md") if path not in pages]
    for path in [*stale, *former]:
        if check:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: run `make docs`\n")
        elif path in pages:
            path.parent.mkdir(exist_ok=True)
            path.write_text(pages[path], encoding="utf-8")
        else:
            path.unlink()
    return int(check and bool(stale or former))


def _readme(text: str) -> str:
    """Return the text with the table of rules as they are now."""
    rows = [f"| {rule.item} | `{rule.id}` | {rule.title} | {' '.join(rule.why.split())} |" for rule in RULES]
    table = "\n".join(["| item | rule | | why |", "|---|---|---|---|", *rows, ""])
    return TABLE.sub(lambda _: table, text)


def _alert(text: str) -> str:
    """Return the text with the sample alert as it is now."""
    alert = f"```text\n{ALERT.read_text(encoding='utf-8')}```"
    return MARKED.sub(lambda _: alert, text)


def _costing(text: str) -> str:
    """Return the text with the cost of a month as it is now."""
    return DOLLARS.sub(f"${_month(FUNCTIONS, INTERVAL):.2f}", text)


def _bill(text: str) -> str:
    """Return the text with the bill of a month, and the sums for other settings."""
    lines = bill.text(OURS, _usage(FUNCTIONS, INTERVAL))
    rows = [
        f"| {functions} | {' | '.join(f'{_month(functions, interval):.2f}' for interval in INTERVALS)} |"
        for functions in (FUNCTIONS, 20, 100)
    ]
    named = " | ".join(f"every {interval} min" for interval in INTERVALS)
    table = "\n".join([f"| functions | {named} |", f"|---|{'---|' * len(INTERVALS)}", *rows, ""])
    shown = "```\n" + "\n".join(lines) + "\n```"
    return MONTHS.sub(lambda _: table, BILL.sub(lambda _: shown, text))


def _month(functions: int, interval: int) -> float:
    return together(billed(_usage(functions, interval)))


def _usage(functions: int, interval: int) -> Usage:
    counts = between(shipped(), functions)
    return Usage(counts=counts, interval=interval, items=len(RULES), seconds=assumed(functions))


def _other_tools(text: str) -> str:
    """Return the text with the tables of controls as the checks declare them now."""
    return CONTROLS.sub(lambda found: f"{found[1]}{found[2]}{_controls(Framework(found[1]))}", text)


def _controls(framework: Framework) -> str:
    """Return the table of the controls of one framework, by their ids."""
    checks: dict[tuple[str, str], list[str]] = {}
    for check in (check for rule in ASKED for check in rule.checks):
        for control in (each for each in check.controls if each.framework is framework):
            checks.setdefault((control.id, _replaced(control)), []).append(
                f"[`{check.id}`](rules/{check.rule.id}.md#{check.name})"
            )
    rows = [
        f"| `{name}` | {', '.join(found)} | {replaced} |"
        for (name, replaced), found in sorted(checks.items(), key=_number)
    ]
    return "\n".join(["| control | check | replaced |", "|---|---|---|", *rows, ""])


def _number(row: tuple[tuple[str, str], object]) -> list[tuple[int, str]]:
    """Return the parts of the id for sorting, so that DynamoDB.2 comes before DynamoDB.10."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", row[0][0])]


def _replaced(control: Control) -> str:
    if control.only_if:
        return f"if {control.only_if.text}"
    return "related" if control.related else "yes"


def _is(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv))
