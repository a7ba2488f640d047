"""The size of the function and its layer, unzipped."""

from collections.abc import Iterator
from pathlib import Path

from bench.artifact import BUILT, layer
from bench.figure import Figure, row


def figures(_runs: int) -> Iterator[Figure]:
    """Add up the files."""
    found = {"function": BUILT / "Monitor", "layer": layer().parent}
    sizes = {name: _megabytes(folder) for name, folder in found.items()}
    yield Figure("size", "function and layer", "MB", [sum(sizes.values())], limit=25)
    yield Figure("size", "function", "MB", [sizes["function"]])


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


if __name__ == "__main__":
    row(figures)
