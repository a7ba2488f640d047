"""Write the service models that the package ships from those of botocore: `python -m deploy.models [--check]`.

botocore describes every operation of every service in 28 MB. Of each service that a run calls, one file keeps the
operations that the package declares and the shapes that they reach, without documentation. `--check` writes nothing,
and exits with 1 if a file differs.
"""

import gzip
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import botocore

from readiness.aws.models import ENDPOINTS, FOLDER
from readiness.report.permissions import operations

DATA = Path(botocore.__file__).with_name("data")

RULES = "endpoint-rule-set-1"
PAGES = "paginators-1"
MODEL = "service-2"
WAITERS = "waiters-2"
EXTRAS = "service-2.sdk-extras"

CREDENTIALS = {"sts": {"AssumeRole", "AssumeRoleWithWebIdentity"}}
"""The operations that botocore calls for the credentials of a profile."""


def main(*, check: bool) -> int:
    """Return the exit code."""
    called = {service: names | CREDENTIALS.get(service, set()) for service, names in operations().items()}
    files = {service: _service(service, frozenset(names)) for service, names in called.items()}
    files[ENDPOINTS] = _endpoints(frozenset(called))
    texts = {FOLDER / f"{name}.json": _text(document) for name, document in files.items()}
    wrong = [path for path, text in texts.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    former = [path for path in FOLDER.glob("*.json") if path not in texts]
    for path in [*wrong, *former]:
        if check:
            sys.stderr.write(f"{path.name}: not that of the installed botocore: run `make models`\n")
        elif path in texts:
            path.parent.mkdir(exist_ok=True)
            path.write_text(texts[path], encoding="utf-8")
        else:
            path.unlink()
    return int(check and bool(wrong or former))


def _service(name: str, operations: frozenset[str]) -> dict[str, Any]:
    """Return the documents of the service in the version that botocore uses, the newest, cut to the operations."""
    newest = max(path.parent for path in (DATA / name).glob(f"*/{MODEL}.json*"))
    model = _read(newest, MODEL)
    if missing := operations - model["operations"].keys():
        sys.exit(f"botocore's {name} has no operation {', '.join(sorted(missing))}")
    if extras := _read(newest, EXTRAS):
        _merge(model, extras["merge"])
    documents = {MODEL: cut(model, operations), RULES: _read(newest, RULES)}
    pages = _read(newest, PAGES).get("pagination", {})
    documents[PAGES] = {"pagination": {name: page for name, page in pages.items() if name in operations}}
    waiters = _read(newest, WAITERS)
    kept = {name: waiter for name, waiter in waiters.get("waiters", {}).items() if waiter["operation"] in operations}
    documents[WAITERS] = {"version": waiters.get("version", 2), "waiters": kept}
    return documents


def _endpoints(services: frozenset[str]) -> dict[str, Any]:
    """Return the Regions of all partitions, with the endpoints of these services."""
    found = _read(DATA, ENDPOINTS)
    prefixes = {_service_prefix(service) for service in services}
    for partition in found["partitions"]:
        known = partition["services"]
        partition["services"] = {name: known[name] for name in known if name in prefixes}
    return found


def _service_prefix(service: str) -> str:
    """Return the prefix of the service's endpoints, by which `endpoints.json` names it."""
    newest = max(path.parent for path in (DATA / service).glob(f"*/{MODEL}.json*"))
    prefix: str = _read(newest, MODEL)["metadata"]["endpointPrefix"]
    return prefix


def cut(model: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """Return the service's model with these operations, the shapes that they reach, and no documentation."""
    operations = {name: operation for name, operation in model["operations"].items() if name in names}
    shapes: dict[str, Any] = {}
    wanted = [name for operation in operations.values() for name in _references(operation)]
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            wanted.extend(_references(shapes[name]))
    return {**model, "operations": operations, "shapes": {name: shapes[name] for name in sorted(shapes)}}


def _references(node: object) -> Iterator[str]:
    """Yield the names of the shapes that a part of the model refers to."""
    if isinstance(node, list):
        for element in node:
            yield from _references(element)
    elif isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from _references(value)


def _merge(base: dict[str, Any], extra: Mapping[str, Any]) -> None:
    """Add what botocore adds to the model of a service when it loads it."""
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def _read(folder: Path, name: str) -> dict[str, Any]:
    """Return the JSON document of a file, which may be compressed; an empty one if there is none."""
    for path, opened in ((folder / f"{name}.json", open), (folder / f"{name}.json.gz", gzip.open)):
        if path.is_file():
            with opened(path, "rb") as file:
                document: dict[str, Any] = json.load(file)
            return document
    return {}


def _text(document: object) -> str:
    """Return the document as JSON, a line for each operation and shape, so that a diff shows what a service changed."""
    return _lines(_undocumented(document), 3) + "\n"


def _lines(node: object, depth: int) -> str:
    if depth and isinstance(node, dict) and node:
        members = (f"{json.dumps(key)}:{_lines(value, depth - 1)}" for key, value in node.items())
        return "{\n" + ",\n".join(members) + "\n}"
    return json.dumps(node, separators=(",", ":"))


def _undocumented(node: object) -> object:
    if isinstance(node, list):
        return [_undocumented(element) for element in node]
    if isinstance(node, dict):
        return {
            key: _undocumented(value)
            for key, value in node.items()
            if not (key == "documentation" and isinstance(value, str))
        }
    return node


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
