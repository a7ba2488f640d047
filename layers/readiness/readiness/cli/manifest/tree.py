"""A folder with the application's sources: a checkout of git, or a plain one that knows nothing of commits."""

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Protocol

from readiness.checklist import fits
from readiness.cli.exits import Usage
from readiness.facts.recorded.manifest import File

SKIPPED = frozenset({"node_modules"})
"""Folders that a plain folder is not searched for; those that are hidden are not either."""

Change = tuple[str, datetime]
"""A commit and its date."""


class Tree(Protocol):
    """What is asked of either. Paths are relative to the root, with slashes."""

    @property
    def root(self) -> Path:
        """The folder."""

    @property
    def head(self) -> str | None:
        """The commit that is checked out."""

    @property
    def paths(self) -> Collection[str]:
        """Of all files that belong to it."""

    def last_change(self, path: str) -> Change | None:
        """Of a file as it stands; None where no commit has it so."""

    def first_line(self, pattern: str, files: Collection[str], but: Collection[str]) -> Change | None:
        """The first commit that has a line which the extended regular expression fits, in such files but some."""


def tree_of(root: Path) -> Tree:
    """Usage: it is no folder, or a checkout whose history can't be read."""
    if not root.is_dir():
        msg = f"{root}: is no folder that can be read"
        raise Usage(msg)
    if not any((folder / ".git").exists() for folder in (root.resolve(), *root.resolve().parents)):
        return Folder(root)
    checkout = Checkout(root)
    if checkout.git("rev-parse", "--is-shallow-repository").strip() == "true":
        msg = f"{root}: is a shallow clone, which does not say when something was changed: `git fetch --unshallow`"
        raise Usage(msg)
    return checkout


def file_of(tree: Tree, path: str) -> File:
    """A file of the tree. Usage: it can't be read."""
    change = tree.last_change(path)
    if change:
        return File(path=path, changed=change[1], commit=change[0])
    try:
        own = (tree.root / path).stat().st_mtime
    except OSError as error:
        raise unreadable(tree, path, error) from None
    return File(path=path, changed=datetime.fromtimestamp(int(own), UTC))


def bytes_of(tree: Tree, path: str) -> bytes:
    """What a file holds. Usage: it can't be read."""
    try:
        return (tree.root / path).read_bytes()
    except OSError as error:
        raise unreadable(tree, path, error) from None


def text_of(tree: Tree, path: str) -> str:
    """The same as text. Usage: it can't be read, or is not UTF-8."""
    try:
        return bytes_of(tree, path).decode("utf-8-sig")
    except UnicodeDecodeError:
        msg = f"{tree.root / path}: is not UTF-8"
        raise Usage(msg) from None


def matching(tree: Tree, patterns: Collection[str], but: Collection[str] = ()) -> list[str]:
    """The paths that fit one of the patterns and none of the others, sorted."""
    wanted, unwanted = _both(patterns), _both(but)
    return sorted(path for path in tree.paths if fits(path, wanted) and not fits(path, unwanted))


def unreadable(tree: Tree, path: str, error: OSError) -> Usage:
    """What to raise where the system does not let a file be read."""
    return Usage(f"{tree.root / path}: can't be read: {error.strerror}")


@dataclass(frozen=True)
class Folder:
    """A plain folder."""

    root: Path

    @property
    def head(self) -> None:
        """There is no commit."""

    @cached_property
    def paths(self) -> Collection[str]:
        """All but those in folders that are hidden or not the application's own."""
        return tuple(self._walk())

    def last_change(self, path: str) -> None:
        """No commit has it."""

    def first_line(self, pattern: str, files: Collection[str], but: Collection[str]) -> None:
        """No commit has it."""

    def _walk(self) -> Iterator[str]:
        def fail(error: OSError) -> None:
            msg = f"{error.filename}: can't be read: {error.strerror}"
            raise Usage(msg)

        for folder, folders, names in os.walk(self.root, onerror=fail):
            folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
            for name in names:
                yield (Path(folder) / name).relative_to(self.root).as_posix()


@dataclass(frozen=True)
class Checkout:
    """A checkout of git, or a folder of one: asked by git itself, and left as it is."""

    root: Path

    @cached_property
    def head(self) -> str:
        """Usage: nothing is committed."""
        return self.git("rev-parse", "--verify", "HEAD").strip()

    @cached_property
    def paths(self) -> Collection[str]:
        """All that is committed or may be; not what git is told to ignore, nor what is deleted."""
        listed = self.git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        return tuple({path for path in listed.split("\0") if path and (self.root / path).is_file()})

    def last_change(self, path: str) -> Change | None:
        """What differs from the last commit is not as any commit has it."""
        return None if path in self._modified else self._newest("--max-count=1", "--", f":(literal){path}")

    def first_line(self, pattern: str, files: Collection[str], but: Collection[str]) -> Change | None:
        """Merges aside, as git does: what a merge brings was brought by one of its parents."""
        where = [*_both(files), *(f":(exclude){each}" for each in _both(but))]
        return self._newest("--reverse", "--extended-regexp", f"-G{pattern}", "--", *where)

    @cached_property
    def _modified(self) -> frozenset[str]:
        return frozenset(self.git("diff", "--name-only", "--relative", "-z", self.head).split("\0"))

    def _newest(self, *arguments: str) -> Change | None:
        """The first that git lists."""
        commit, _, at = self.git("log", "--format=%H %cI", *arguments).partition("\n")[0].partition(" ")
        return (commit, datetime.fromisoformat(at).astimezone(UTC)) if at else None

    def git(self, *arguments: str) -> str:
        """What git answers. Usage: it is not there, or refuses."""
        program = shutil.which("git")
        if program is None:
            msg = f"{self.root}: is a checkout of git, and there is no git here to say when something was changed"
            raise Usage(msg)
        asked = subprocess.run(  # noqa: S603  no shell, and paths stand behind `--`
            [program, "-C", str(self.root), *arguments],
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            check=False,
        )
        if asked.returncode:
            why = asked.stderr.decode(errors="replace").strip().partition("\n")[0]
            msg = f"{self.root}: git {arguments[0]}: {why}"
            raise Usage(msg)
        return asked.stdout.decode(errors="surrogateescape")


def _both(patterns: Collection[str]) -> list[str]:
    """Each pattern, and as it is where `**/` is no folder at all."""
    return [form for pattern in patterns for form in (pattern, pattern.replace("**/", ""))]
