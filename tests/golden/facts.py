"""How the fixed tables say what is known of them."""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from tests.golden import rules

Facts = Mapping[Any, Any]
"""By what a check asks for: `X`, or `Each[X]`."""


def added(table: str) -> Facts:
    """What the modules of `tests/golden/rules` say of a fixed table, which they name in capitals."""
    modules = [import_module(f"{rules.__name__}.{found.name}") for found in iter_modules(rules.__path__)]
    return {kind: value for module in modules for kind, value in getattr(module, table.upper(), {}).items()}
