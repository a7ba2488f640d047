"""The folder of the application's sources: a Git checkout, or a plain folder without commits."""

import os
import shutil
import subprocess  # nosec B404
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from readiness.checklist import fits
from readiness.cli.exits import Usage
from readiness.cli.terminal import reading
from readiness.facts.recorded.manifest import File

SKIPPED = frozenset({"node_modules"})
"""Subfolders of a plain folder that are skipped, as hidden ones are."""

Change = tuple[str, datetime]
"""A commit and its date."""


@dataclass(frozen=True)
class Tree:
    """A plain folder of sources, without commits. Paths are relative to the root, with slashes."""

    root: Path

    @property
    def head(self) -> str | None:
        """The checked out commit."""
        return None

    @cached_property
    def paths(self) -> Collection[str]:
        """The paths of all files outside hidden and skipped folders. Usage: a folder cannot be read."""

        def fail(error: OSError) -> None:
            raise Usage(f"{error.filename}: cannot be read: {error.strerror}")

        found = []
        for folder, folders, names in os.walk(self.root, onerror=fail):
            folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
            found += [(Path(folder) / name).relative_to(self.root).as_posix() for name in names]
        return found

    def last_change(self, _path: str) -> Change | None:
        """Return the last change of a file; None if the file differs from all commits."""
        return None

    def first_line(self, _pattern: str, _files: Collection[str], _but: Collection[str]) -> Change | None:
        """Return the first commit with a line that matches the extended regex, in `files` without `but`."""
        return None


@dataclass(frozen=True)
class Checkout(Tree):
    """A Git checkout, or a folder of one. It is read by `git` commands, which change nothing."""

    @cached_property
    def head(self) -> str:
        """The checked out commit. Usage: there is none."""
        return self.git("rev-parse", "--verify", "HEAD").strip()

    @cached_property
    def paths(self) -> Collection[str]:
        """The paths of all existing files that are committed or not ignored."""
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return tuple({path for path in listed.split("\0") if path and (self.root / path).is_file()})

    def last_change(self, path: str) -> Change | None:
        """Return the last change of a file; None if it differs from the last commit."""
        return None if path in self._modified else self._newest("--max-count=1", "--", f":(literal){path}")

    def first_line(self, pattern: str, files: Collection[str], but: Collection[str]) -> Change | None:
        """Return the first commit with such a line. Merges do not count: one of their parents has the line."""
        where = [*_both(files), *(f":(exclude){each}" for each in _both(but))]
        return self._newest("--reverse", "--extended-regexp", f"-G{pattern}", "--", *where)

    @cached_property
    def _modified(self) -> frozenset[str]:
        return frozenset(self.git("diff", "--name-only", "--relative", "-z", self.head).split("\0"))

    def _newest(self, *arguments: str) -> Change | None:
        """Return the first commit that `git log` lists."""
        commit, _, at = self.git("log", "--format=%H %cI", *arguments).partition("\n")[0].partition(" ")
        return (commit, datetime.fromisoformat(at).astimezone(UTC)) if at else None

    def git(self, *arguments: str) -> str:
        """Run git and return its output. Usage: git is not installed, or fails."""
        program = shutil.which("git")
        if program is None:
            raise Usage(f"{self.root}: is a Git checkout, but git is not installed")
        process = subprocess.run(  # noqa: S603  no shell, and paths stand behind `--`  # nosec B603
            [program, "-C", str(self.root), *arguments],
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            check=False,
        )
        if process.returncode:
            why = process.stderr.decode(errors="replace").strip().partition("\n")[0]
            raise Usage(f"{self.root}: git {arguments[0]}: {why}")
        return process.stdout.decode(errors="surrogateescape")


def tree_of(root: Path) -> Tree:
    """Open the folder. Usage: it is not a folder, or a checkout without its full history."""
    if not root.is_dir():
        raise Usage(f"{root}: not a folder")
    if not any((folder / ".git").exists() for folder in (root.resolve(), *root.resolve().parents)):
        return Tree(root)
    checkout = Checkout(root)
    if checkout.git("rev-parse", "--is-shallow-repository").strip() == "true":
        raise Usage(f"{root}: shallow clone without the dates of changes: run `git fetch --unshallow`")
    return checkout


def file_of(tree: Tree, path: str) -> File:
    """Return a file with its last change. Usage: it cannot be read."""
    change = tree.last_change(path)
    if change:
        return File(path=path, changed=change[1], commit=change[0])
    with reading(tree.root / path):
        changed = int((tree.root / path).stat().st_mtime)
    return File(path=path, changed=datetime.fromtimestamp(changed, UTC))


def bytes_of(tree: Tree, path: str) -> bytes:
    """Return the content of a file. Usage: it cannot be read."""
    with reading(tree.root / path):
        return (tree.root / path).read_bytes()


def text_of(tree: Tree, path: str) -> str:
    """Return the content of a file as text. Usage: it cannot be read, or is not UTF-8."""
    try:
        return bytes_of(tree, path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Usage(f"{tree.root / path}: not UTF-8") from None


def matching(tree: Tree, patterns: Collection[str], but: Collection[str] = ()) -> list[str]:
    """Return the sorted paths that match one of the patterns and none of `but`."""
    wanted, unwanted = _both(patterns), _both(but)
    return sorted(path for path in tree.paths if fits(path, wanted) and not fits(path, unwanted))


def _both(patterns: Collection[str]) -> list[str]:
    """Return each pattern with and without `**/`, which also matches no folder at all."""
    return [form for pattern in patterns for form in (pattern, pattern.replace("**/", ""))]
