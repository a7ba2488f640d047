"""`make release`, on a small project with the same files."""

import importlib.util
import os
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = "layers/readiness/readiness/__init__.py"
WRITES = "from pathlib import Path\nPath({to!r}).write_text(Path({package!r}).read_text())\n"
FILES = {
    "CHANGELOG.md": "# Changes\n\n## Unreleased\n\n- A feature.\n\n## 0.1.0 (2026-01-01)\n\n- All.\n",
    PACKAGE: '__version__ = "0.1.0"\n',
    "tests/golden/state.py": WRITES.format(to="tests/golden/state.json", package=PACKAGE),
    "tests/golden/state.json": "",
    "tests/__init__.py": "",
    "tests/golden/__init__.py": "",
    ".gitignore": "__pycache__/\n",
    "docs/generate.py": WRITES.format(to="docs/page.md", package=PACKAGE),
    "docs/page.md": "",
    "Makefile": "check:\n\tgrep 0.2.0 docs/page.md tests/golden/state.json\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Maria")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "maria@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    git(tmp_path, "init", "--quiet")
    commit(tmp_path)
    return tmp_path


def git(project: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=project, check=True, capture_output=True, text=True).stdout  # noqa: S607


def commit(project: Path) -> None:
    git(project, "add", "--all")
    git(project, "commit", "--quiet", "--message", "Work")


def release(project: Path, version: str) -> None:
    spec = importlib.util.spec_from_file_location("release", ROOT / "docs" / "release.py")
    assert spec
    assert spec.loader
    module: ModuleType = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.main(version, project)


def assert_unchanged(project: Path) -> None:
    assert git(project, "log", "--format=%s") == "Work\n"
    assert {name: (project / name).read_text(encoding="utf-8") for name in FILES} == FILES


def test_a_release_is_checked_and_tagged_with_its_version_everywhere(project: Path) -> None:
    """The golden state and the generated pages contain the version; otherwise the released commit fails its gate."""
    release(project, "0.2.0")
    assert git(project, "tag") == "v0.2.0\n"
    assert git(project, "status", "--porcelain") == ""
    assert git(project, "log", "-1", "--format=%s") == "Release 0.2.0\n"
    for name in (PACKAGE, "docs/page.md", "tests/golden/state.json"):
        assert git(project, "show", f"v0.2.0:{name}") == '__version__ = "0.2.0"\n'
    changelog = git(project, "show", "v0.2.0:CHANGELOG.md")
    assert changelog.index("## Unreleased\n\n## 0.2.0 (") < changelog.index("- A feature.")


@pytest.mark.parametrize(
    ("version", "told"),
    [
        pytest.param("", "VERSION: found ''", id="no version"),
        pytest.param("v0.2.0", "VERSION: found 'v0.2.0'", id="the name of a tag"),
        pytest.param("0.02.0", "VERSION: found '0.02.0'", id="a leading zero"),
        pytest.param("0.1.0", "expected a version after 0.1.0", id="the present version"),
        pytest.param("0.3.0", "nothing was released", id="a gate that fails"),
    ],
)
def test_nothing_is_changed_if_a_release_can_not_be_made(project: Path, version: str, told: str) -> None:
    with pytest.raises(SystemExit, match=told):
        release(project, version)
    assert_unchanged(project)


def test_a_tag_that_exists_is_reported_before_anything_is_changed(project: Path) -> None:
    git(project, "tag", "v0.2.0")
    with pytest.raises(SystemExit, match=r"a tag v0\.2\.0 already"):
        release(project, "0.2.0")
    assert_unchanged(project)


def test_a_commit_that_git_rejects_changes_nothing(project: Path) -> None:
    hook = project / ".git" / "hooks" / "pre-commit"
    hook.write_text("#!/bin/sh\necho rejected by a hook >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    with pytest.raises(SystemExit, match="rejected by a hook"):
        release(project, "0.2.0")
    assert_unchanged(project)


def test_work_that_is_not_committed_is_not_lost(project: Path) -> None:
    (project / "docs" / "page.md").write_text("work", encoding="utf-8")
    with pytest.raises(SystemExit, match="not committed"):
        release(project, "0.2.0")
    assert (project / "docs" / "page.md").read_text(encoding="utf-8") == "work"


def test_a_changelog_without_changes_is_reported(project: Path) -> None:
    (project / "CHANGELOG.md").write_text("# Changes\n\n## Unreleased\n\n## 0.1.0 (2026-01-01)\n\n- All.\n")
    commit(project)
    with pytest.raises(SystemExit, match="nothing under Unreleased"):
        release(project, "0.2.0")
