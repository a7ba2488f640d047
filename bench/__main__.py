"""`python -m bench`: measure all rows, print a table, and write build/bench.json.

`python -m bench ROW ...` measures some, and writes no file. `--runs 5` is how often each is measured. `--write` writes
the table of build/bench.json into docs/performance.md, without measuring.
"""

import argparse
import json
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from bench import table
from bench.figure import RUNS, Figure, read
from bench.served import ROOT
from readiness import __version__

ROWS = ("check", "parts", "calls", "latency", "cold_start", "size", "cost", "growth")
RESULT = ROOT / "build" / "bench.json"
PAGE = ROOT / "docs" / "performance.md"


def main() -> int:
    """Return 0, also where figures are above their limits: a machine under load is no reason to fail."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"some of: {', '.join(ROWS)}")
    parser.add_argument("--runs", type=int, default=RUNS, help=f"runs of each figure, default {RUNS}")
    parser.add_argument("--write", action="store_true", help="write the last result into docs/performance.md")
    options = parser.parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if options.write:
        table.write(PAGE, "bench", table.markdown(load(RESULT)))
        return 0
    measure(options.rows or list(ROWS), options.runs)
    return 0


def measure(rows: list[str], runs: int) -> None:
    """Measure the rows in turn, each in a process of its own, which prints its figures."""
    shutil.rmtree(ROOT / "build" / "bench", ignore_errors=True)
    started = time.monotonic()
    figures: list[Figure] = []
    for name in rows:
        done = subprocess.run(
            [sys.executable, "-m", f"bench.{name}", str(runs)], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"{name} failed:\n{done.stderr}")
        found = read(done.stdout)
        figures += found
        print(table.text(found), flush=True)
    print(f"{time.monotonic() - started:.0f} seconds")
    if set(rows) == set(ROWS):
        save(RESULT, figures)


def save(path: Path, figures: list[Figure]) -> None:
    """Write the figures as JSON, with the day and the release that they are of."""
    about = {"at": f"{datetime.now(UTC):%Y-%m-%d}", "python": platform.python_version(), "release": __version__}
    path.parent.mkdir(exist_ok=True)
    content = {**about, "figures": [{**asdict(each), **table.summary(each)} for each in figures]}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> list[Figure]:
    """Return the figures of a file."""
    names = Figure.__dataclass_fields__
    content = json.loads(path.read_text(encoding="utf-8"))
    return [Figure(**{name: each[name] for name in names}) for each in content["figures"]]


if __name__ == "__main__":
    sys.exit(main())
