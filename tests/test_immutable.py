"""Facts are shared by checks, threads and tables, and memories by the steps of a decision: nobody may change them."""

import importlib
import pkgutil
from collections.abc import Iterator

from msgspec import Struct

import readiness

THAT_GATHER = {
    "readiness.alerts.deliver.DeliveryResult",
    "readiness.changes.history.History",
    "readiness.engine.rule.Rule",
    "readiness.engine.snapshot.Snapshot",
    "readiness.facts.sns.paging.Paging",
    "readiness.run.mirroring.MirrorRow",
    "readiness.scan.Defects",
}
"""Classes whose objects are filled while they are used."""


def classes(base: type[Struct]) -> Iterator[type[Struct]]:
    for each in base.__subclasses__():
        yield each
        yield from classes(each)


def test_every_value_is_immutable_except_what_gathers_others() -> None:
    for module in pkgutil.walk_packages(readiness.__path__, "readiness."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    ours = [each for each in classes(Struct) if each.__module__.startswith("readiness.")]
    assert len(ours) > 400
    mutable = {f"{each.__module__}.{each.__qualname__}" for each in ours if not each.__struct_config__.frozen}
    assert mutable == THAT_GATHER
