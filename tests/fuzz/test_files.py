"""Whatever a file holds: the command ends with exit code 2, and says which file is wrong and why."""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import tomlkit
from hypothesis import example, given
from hypothesis import strategies as st

from readiness.cli import main
from readiness.cli.exits import Exit
from readiness.report import snapshot_file
from tests.cli.repositories import FILES, TEMPLATE, write
from tests.engine.test_snapshot_file import SETTINGS, offline
from tests.fuzz.values import DEPTH, FEW, JSON, WHOLE_TEXTS, changed

CHECKLIST = (Path(__file__).parents[2] / "functions/monitor/checklist.toml").read_text(encoding="utf-8")
LONGEST_LINE = 1_000


class Ran:
    """A command that was run: its exit code, and what it wrote to stderr."""

    def __init__(self, *arguments: str) -> None:
        with io.TextIOWrapper(io.BytesIO(), encoding="utf-8") as out, io.TextIOWrapper(io.BytesIO(), "utf-8") as err:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), pytest.raises(SystemExit) as ended:
                main(arguments)
            err.seek(0)
            self.code, self.err = ended.value.code, err.read()

    def wrong(self, path: Path, *also: str) -> bool:
        """Return True if the command refused the file in lines that name it, and False if it accepted the file."""
        assert self.code != Exit.DEFECT, self.err
        if self.code != Exit.USAGE:
            return False
        lines = self.err.split("\n")[:-1]
        assert lines
        for line in lines:
            assert line.startswith("readiness: ")
            assert any(name in line for name in (path.name, *also)), line
            assert line.isprintable(), repr(line)
        return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


TOML = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(),
        WHOLE_TEXTS,
        st.datetimes(),
        st.dates(),
        st.times(),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WHOLE_TEXTS, inner, max_size=3),
    max_leaves=6,
)
WHOLE: Mapping[str, Any] = tomlkit.parse(CHECKLIST).unwrap()
ONE_TABLE = {**WHOLE, "tables": WHOLE["tables"][0]}


@st.composite
def checklists(draw: st.DrawFn) -> bytes:
    """The text of a checklist with other values, unknown or missing keys, or other lines."""
    match draw(st.integers(0, 4)):
        case 0:
            return draw(st.binary(max_size=60))
        case 1:
            return "\n".join(draw(st.lists(st.sampled_from(CHECKLIST.split("\n")) | WHOLE_TEXTS, max_size=20))).encode()
        case _:
            content = draw(changed(ONE_TABLE, TOML))
            table = content.get("tables", {})
            content["tables"] = [table] * draw(st.integers(0, 2)) if draw(st.integers(0, 4)) else table
            try:
                return tomlkit.dumps(content).encode()
            except (ValueError, TypeError):  # tomlkit cannot write all values
                return b"[[tables]]\nname = 5\n"


@given(text=checklists())
@example(text=b"a = " + b"[" * DEPTH)
@example(text=b"\xff\xfe")
@example(text=b"a = " + b"9" * 5_000)
@example(text=b"\x00")
@example(text=b'[on_call]\ntime_zone = "../../etc/passwd"\n')
@example(text=b'[on_call]\ntime_zone = "' + b"x" * 5_000 + b'"\n')
@example(text=b'[on_call]\ntime_zone = "Europe"\n')
@example(text=b'[on_call]\ntime_zone = "\\u0000"\n')
@example(text=b'[[tables]]\nname = ["' + b"x" * 9_000 + b'"]\n')
@example(text=b'[owners]\n"' + b"x" * 9_000 + b'" = ""\n')
@example(text=b'account = "\\u202e\\u0007"\n')
def test_a_wrong_checklist_is_told_with_its_file(folder: Path, text: bytes) -> None:
    path = folder / "checklist.toml"
    path.write_bytes(text)
    Ran("validate", str(path)).wrong(path)


@pytest.mark.parametrize("kind", ["missing", "folder", "loop"])
def test_a_checklist_that_is_no_file_is_told(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "checklist.toml"
    if kind == "folder":
        path.mkdir()
    if kind == "loop":
        path.symlink_to(path)
    assert Ran("validate", str(path)).wrong(path)


@pytest.fixture(scope="module")
def saved(folder: Path) -> dict[str, Any]:
    path = folder / "good.json"
    snapshot_file.save(offline(), SETTINGS, path)
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


@st.composite
def altered(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The document with other values in its members, or in some facts."""
    whole = draw(changed(document)) if draw(st.booleans()) else dict(document)
    facts = whole.get("facts")
    if isinstance(facts, list) and facts:
        whole["facts"] = list(facts)
        for number in draw(st.lists(st.integers(0, len(facts) - 1), max_size=3)):
            whole["facts"][number] = draw(changed(facts[number]))
    return whole


@given(data=st.data())
def test_a_wrong_snapshot_is_told_with_its_file(folder: Path, saved: dict[str, Any], data: st.DataObject) -> None:
    path = folder / "snapshot.json"
    path.write_text(json.dumps(data.draw(altered(saved) | st.just(saved), label="document")), encoding="utf-8")
    told(path)


def told(path: Path) -> None:
    try:
        snapshot_file.load(path)
    except snapshot_file.SnapshotError as error:
        said = str(error)
        assert said.startswith(f"{path}: ")
        assert said.isprintable(), repr(said)
        assert len(said) < LONGEST_LINE


@given(content=JSON)
@example(content={"schema": "readiness.snapshot", "version": 1, "carried": [], "facts": [{"type": [], "place": []}]})
@example(content={"schema": "readiness.snapshot", "version": 1, "carried": {"a": 1}, "facts": []})
@example(content={"schema": "readiness.snapshot", "version": 10**400})
@example(content={"schema": "readiness.snapshot", "version": True})
def test_any_json_in_place_of_a_snapshot_is_told(folder: Path, content: Any) -> None:
    path = folder / "any.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    told(path)
    assert Ran("check", "--snapshot", str(path)).wrong(path)


def deep(levels: int) -> str:
    return '{"schema": "readiness.snapshot", "version": 1, "facts": ' + "[" * levels + "]" * levels + "}"


@pytest.mark.parametrize("text", [deep(900), deep(100_000), "\xff", "", "9" * 10_000], ids=len)
def test_a_file_that_no_snapshot_looks_like_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "snapshot.json"
    path.write_bytes(text.encode("latin-1"))
    assert Ran("check", "--snapshot", str(path)).wrong(path)


PIECES = st.sampled_from(
    [
        'f"CART#{cart}"',
        '"{}#{}".format(*x, **y)',
        '"%(a)s#" % {**z}',
        '"#".join(parts)',
        "`QUOTE#${id}`",
        "`${`${`",
        "/*",
        "'",
        '"',
        "\\",
        "match x:\n case 1: pass",
        "def f(:",
        "class A(B): C = 'D'\n",
        "KEY=\n",
        "export A='b\n",
        "# Keys\n",
        "```\n",
        "<!-- ",
        "| a | b |\n|---|",
        "\r\n",
        "\x0c",
    ]
)
SOURCES = st.lists(PIECES | WHOLE_TEXTS, max_size=8).map("".join) | st.sampled_from(
    ["(" * DEPTH, "[" * 300 + "]" * 300, "a = " + "-" * DEPTH + "1", "`${" * DEPTH, "> " * DEPTH, "x" + ".y" * 5_000]
)
POLICY = json.loads(TEMPLATE)
POLICIES = st.one_of(
    changed({"Version": POLICY["Version"], "Statement": POLICY["Statement"][0]}).map(json.dumps),
    changed(POLICY["Statement"][0]).map(lambda one: json.dumps({"Statement": [one]})),
    JSON.map(json.dumps),
    WHOLE_TEXTS,
    st.sampled_from(["[" * DEPTH, '{"Statement":' * 5_000, "9" * 5_000]),
)


@given(path=st.sampled_from(sorted(FILES)), text=SOURCES, policy=POLICIES)
@example(path="web/quote.ts", text="(" * DEPTH, policy="")
@example(path="src/cart.py", text="(" * DEPTH, policy="{}")
@example(path="src/cart.py", text="a = " + "-" * 5_000 + "1", policy=TEMPLATE)
@example(path="src/cart.py", text="x" + ".y" * 5_000, policy=TEMPLATE)
@example(path="src/cart.py", text="a = " + "+".join(['"b"'] * 3_000), policy=TEMPLATE)
@example(path=".env", text="A=1", policy="[" * 5_000)
@example(path=".env", text="A=1", policy="9" * 5_000)
def test_a_repository_is_read_or_its_wrong_file_told(folder: Path, path: str, text: str, policy: str) -> None:
    root = folder / "repository"
    shutil.rmtree(root, ignore_errors=True)
    write(root, **FILES | {path: text})
    write(root, **{"config/iam/quote.json": policy})
    Ran("manifest", str(root)).wrong(root, "src/cart.py", path)


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\x00"), min_size=1, max_size=20) | st.sampled_from(
    ["-rf", "--help", "a\nb.py", "\x1b[2J.py", "*.py", "~", ":(glob)x.py"]
)


@FEW
@given(
    name=NAMES.filter(lambda name: name not in {".", ".."}), kind=st.sampled_from(["file", "folder", "loop", "bytes"])
)
@example(name="a\nb.py", kind="bytes")
def test_any_path_is_read_or_told(folder: Path, name: str, kind: str) -> None:
    root = folder / "paths"
    shutil.rmtree(root, ignore_errors=True)
    for home in ("src", "config/iam"):
        (root / home).mkdir(parents=True)
        where = root / home / f"{name}{'.py' if home == 'src' else '.json'}"
        if kind == "folder":
            where.mkdir()
        elif kind == "loop":
            where.symlink_to(where)
        else:
            where.write_bytes(b"\xff\x00" if kind == "bytes" else b"{}")
    (root / "src" / os.fsdecode(b"\xff.py")).write_bytes(b"x = 1")
    assert Ran("manifest", str(root)).code in {Exit.OK, Exit.USAGE}
