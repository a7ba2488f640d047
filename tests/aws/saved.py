"""What moto holds, saved when it is first made and put back for every other test that begins with the same account."""

import copy
import copyreg
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from moto.core.base_backend import BackendDict
from moto.ssm.models import ParameterDict

Saved = list[tuple[Any, str, str, Any, dict[str, Any]]]
"""Of each backend: its service, account and Region, the backend that it was, and a copy of what it held."""

SAVED: dict[str, tuple[float, Saved]] = {}
"""By name, when it was saved, and what."""

FRESH = 180.0
"""Seconds. What is older is made anew: a table's backups reach as far as the time at which moto made them."""

# Backends hold locks, which nobody has while nothing is asked.
copyreg.pickle(type(threading.Lock()), lambda _lock: (threading.Lock, ()))
copyreg.pickle(type(threading.RLock()), lambda _lock: (threading.RLock, ()))


def _parameters(content: dict[str, Any], attributes: dict[str, Any]) -> ParameterDict:
    parameters = ParameterDict.__new__(ParameterDict)
    defaultdict.__init__(parameters, list, content)
    vars(parameters).update(attributes)
    return parameters


# It is no dictionary that can be made anew from its factory, as every other one is.
copyreg.pickle(ParameterDict, lambda held: (_parameters, (dict(held), vars(held))))


def once(name: str, make: Callable[[], object]) -> None:
    """Let moto hold what it holds after `make`, which always begins with the same account."""
    at, saved = SAVED.get(name, (0.0, []))
    if saved and time.monotonic() - at < FRESH:
        _put_back(saved)
    else:
        started = time.monotonic()
        make()
        SAVED[name] = started, _save()


def _save() -> Saved:
    instances: list[Any] = BackendDict._instances  # type: ignore[misc]  # noqa: SLF001  as moto's own reset does
    held = [
        (service, account, region, backend)
        for service in list(instances)
        for account, regions in dict.items(service)
        for region, backend in dict.items(regions)
    ]
    copies = _copied([vars(backend) for *_, backend in held], {id(backend): backend for *_, backend in held})
    return [(*each, content) for each, content in zip(held, copies, strict=True)]


def _put_back(saved: Saved) -> None:
    BackendDict.reset()
    living = [service[account][region] for service, account, region, _, _ in saved]
    copies = _copied(
        [content for *_, content in saved],
        {id(was): backend for (*_, was, _), backend in zip(saved, living, strict=True)},
    )
    for backend, content in zip(living, copies, strict=True):
        vars(backend).clear()
        vars(backend).update(content)


def _copied(contents: list[dict[str, Any]], backends: dict[int, Any]) -> list[dict[str, Any]]:
    """Copies, in which what refers to a backend refers to the one that is named instead of it."""
    return copy.deepcopy(contents, backends)
