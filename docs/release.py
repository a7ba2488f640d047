"""Make a release of what is committed: `release.py VERSION`. Sets the version, dates the changelog, commits and tags.

The golden state is written first, by the code that is released: later releases must read it whole.
"""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHANGELOG = ROOT / "CHANGELOG.md"
PACKAGE = ROOT / "layers/readiness/readiness/__init__.py"
VERSION = re.compile(r'__version__ = "(\d+)\.(\d+)\.(\d+)"')
UNRELEASED = "## Unreleased\n"


def main(wanted: str) -> None:
    """Exits with a line of text where the release can't be made; then nothing was changed."""
    changelog, package = CHANGELOG.read_text(encoding="utf-8"), PACKAGE.read_text(encoding="utf-8")
    parts = VERSION.search(package)
    if not re.fullmatch(r"\d+\.\d+\.\d+", wanted) or not parts:
        sys.exit(f"release.py: {wanted}: expected a version such as 0.2.0")
    if tuple(map(int, wanted.split("."))) <= tuple(map(int, parts.groups())):
        sys.exit(f"release.py: {wanted}: expected a version after {'.'.join(parts.groups())}")
    _, heading, rest = changelog.partition(UNRELEASED)
    if not heading or not rest.partition("\n## ")[0].strip():
        sys.exit("release.py: CHANGELOG.md has nothing under Unreleased")
    if _git("status", "--porcelain"):
        sys.exit("release.py: there are changes that are not committed")
    subprocess.run([sys.executable, "-m", "tests.golden.state"], cwd=ROOT, check=True)
    today = datetime.now(UTC).date()
    released = changelog.replace(UNRELEASED, f"{UNRELEASED}\n## {wanted} ({today})\n", 1)
    CHANGELOG.write_text(released, encoding="utf-8")
    PACKAGE.write_text(VERSION.sub(f'__version__ = "{wanted}"', package), encoding="utf-8")
    _git("commit", "--quiet", "--all", "--message", f"Release {wanted}")
    _git("tag", "--annotate", f"v{wanted}", "--message", f"Readiness {wanted}")
    sys.stdout.write(f"committed and tagged v{wanted}: push both\n")


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout  # noqa: S607


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
