"""The hooks that pre-commit runs in other repositories."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from readiness.cli import main

HOOKS: dict[str, dict[str, Any]] = {
    hook["id"]: hook for hook in yaml.safe_load((Path(__file__).parents[2] / ".pre-commit-hooks.yaml").read_text())
}


def ran(hook: str, files: list[str]) -> int:
    """The exit code of the hook with these files, as pre-commit chooses and passes them."""
    settings = HOOKS[hook]
    command, *arguments = shlex.split(settings["entry"])
    assert (command, settings["language"]) == ("readiness", "python")
    chosen = [each for each in files if re.search(settings.get("files", ""), each)]
    with pytest.raises(SystemExit) as ended:
        main([*arguments, *(chosen if settings.get("pass_filenames", True) else [])])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with two checklist files and a module with a key."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "infra").mkdir()
    (tmp_path / "checklist.toml").write_text('[[tables]]\nname = "orders"\n')
    (tmp_path / "infra" / "checklist.toml").write_text('[[tables]]\nname = "carts"\n')
    (tmp_path / "keys.py").write_text('def key(cart: str) -> str:\n    return f"CART#{cart}"\n')
    return tmp_path


FILES = ["checklist.toml", "infra/checklist.toml", "keys.py", "other-checklist.toml.md"]


def test_every_checklist_file_is_validated(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert repository.is_dir()
    assert ran("readiness-validate", FILES) == 0
    assert [line.partition(":")[0] for line in capsys.readouterr().out.splitlines()] == FILES[:2]


def test_the_errors_of_all_files_fail_the_commit(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in FILES[:2]:
        (repository / path).write_text("[[tables]]\nname = 1\n")
    assert ran("readiness-validate", FILES) == 2
    assert [line.split(":")[1].strip() for line in capsys.readouterr().err.splitlines()] == FILES[:2]


def test_the_manifest_is_read(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert repository.is_dir()
    assert ran("readiness-manifest", FILES) == 0
    assert '"name": "CART"' in capsys.readouterr().out
