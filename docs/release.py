"""Make a release of what is committed: `release.py VERSION`. Sets the version, dates the changelog, commits and tags.

The golden state is written by the code that is released, with its version: later releases must read it whole. The
gate runs on exactly what is committed and tagged.
"""

import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHANGELOG = "CHANGELOG.md"
PACKAGE = "layers/readiness/readiness/__init__.py"
VERSION = re.compile(r'__version__ = "(\d+)\.(\d+)\.(\d+)"')
UNRELEASED = "## Unreleased\n"


def main(wanted: str, root: Path = ROOT) -> None:
    """Exit with a line of text if the release cannot be made. Then nothing is changed."""
    changelog, package = (root / CHANGELOG).read_text(encoding="utf-8"), (root / PACKAGE).read_text(encoding="utf-8")
    _assert_releasable(wanted, root, changelog, package)
    today = datetime.now(UTC).date()
    released = changelog.replace(UNRELEASED, f"{UNRELEASED}\n## {wanted} ({today})\n", 1)
    try:
        (root / CHANGELOG).write_text(released, encoding="utf-8")
        (root / PACKAGE).write_text(VERSION.sub(f'__version__ = "{wanted}"', package), encoding="utf-8")
        for command in ([sys.executable, "-m", "tests.golden.state"], [sys.executable, "docs/generate.py"]):
            subprocess.run(command, cwd=root, check=True)
        subprocess.run(["make", "check"], cwd=root, check=True)  # noqa: S607
        _git(root, "commit", "--quiet", "--all", "--message", f"Release {wanted}")
    except (subprocess.CalledProcessError, KeyboardInterrupt) as error:
        _git(root, "reset", "--quiet", "--hard")
        sys.exit(f"release.py: nothing was released: {_reason(error)}")
    _git(root, "tag", "--annotate", f"v{wanted}", "--message", f"Readiness {wanted}")
    sys.stdout.write(f"committed and tagged v{wanted}: push both\n")


def _assert_releasable(wanted: str, root: Path, changelog: str, package: str) -> None:
    parts = VERSION.search(package)
    if not re.fullmatch(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}", wanted) or not parts:
        sys.exit(f"release.py: VERSION: found {wanted!r}, expected a version such as 0.2.0")
    if tuple(map(int, wanted.split("."))) <= tuple(map(int, parts.groups())):
        sys.exit(f"release.py: VERSION: found {wanted!r}, expected a version after {'.'.join(parts.groups())}")
    _, heading, rest = changelog.partition(UNRELEASED)
    if not heading or not rest.partition("\n## ")[0].strip():
        sys.exit("release.py: CHANGELOG.md has nothing under Unreleased")
    if _git(root, "status", "--porcelain"):
        sys.exit("release.py: there are changes that are not committed")
    if _git(root, "tag", "--list", f"v{wanted}"):
        sys.exit(f"release.py: there is a tag v{wanted} already")


def _reason(error: BaseException) -> str:
    """Return what git printed, or which command failed."""
    said: str = getattr(error, "stderr", None) or ""
    return said.strip() or str(error) or "interrupted"


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout  # noqa: S607


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
