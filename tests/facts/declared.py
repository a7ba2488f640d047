"""What the facts of the product declare."""

from importlib import import_module
from pkgutil import walk_packages

import readiness.facts
from readiness.engine.fact import Source


def sources() -> list[Source]:
    """The sources of all facts, those included that no rule asks for."""
    modules = [import_module(each.name) for each in walk_packages(readiness.facts.__path__, "readiness.facts.")]
    found = [getattr(value, "__fact__", None) for module in modules for value in vars(module).values()]
    return list({source.identity: source for source in found if isinstance(source, Source)}.values())
