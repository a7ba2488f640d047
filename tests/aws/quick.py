"""botocore and moto without the work that they repeat for every test.

A test has an account of its own: a session, its clients, and moto's table and key. Most of what each of them costs is
computed from the same input as in the test before. Here it is computed once per process; the results are the same.
"""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import botocore.hooks
import botocore.session
from botocore.loaders import Loader
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.utilities import bytesize

LOADER = Loader()
"""Reads each of botocore's models of the services once: a session with a loader of its own reads them anew."""

FAR_FROM_LIMIT = 100_000
"""Bytes. Items of DynamoDB may have four times as many."""


def quicken() -> None:
    """Let the modules of this process reuse what they have computed. Idempotent."""
    if botocore.session.create_loader is not _loader:
        botocore.session.create_loader = _loader
        botocore.hooks.accepts_kwargs = _accepts_kwargs  # type: ignore[assignment]
        botocore.hooks.EventAliaser.__init__ = _with_shared_names(botocore.hooks.EventAliaser.__init__)  # type: ignore[method-assign]
        rsa.generate_private_key = cache(rsa.generate_private_key)
        LimitedSizeDict.__setitem__ = _set_item(LimitedSizeDict.__setitem__)  # type: ignore[method-assign]


def _loader(search_path_string: str | None = None) -> Loader:
    """Return the one loader. No test names a path of its own."""
    assert search_path_string is None
    return LOADER


@cache
def _takes_keywords(function: Any) -> bool:
    return inspect.getfullargspec(function)[2] is not None


def _accepts_kwargs(function: Any) -> bool:
    """Return True if the callable takes any keyword. Of a method, its function is kept: that outlives the test."""
    return _takes_keywords(getattr(function, "__func__", function)) if inspect.isroutine(function) else True


def _with_shared_names(initialize: Callable[..., None]) -> Callable[..., None]:
    """Names of events are translated by one dictionary, and each translation is kept for all sessions."""
    names: dict[str, str] = {}

    def shared(aliaser: Any, event_emitter: Any, event_aliases: Any = None) -> None:
        initialize(aliaser, event_emitter, event_aliases)
        aliaser._alias_name_cache = names  # noqa: SLF001  botocore has no other way to it

    return shared


def _set_item(checked: Callable[..., None]) -> Callable[..., None]:
    """Measure the whole item only when it may be near DynamoDB's limit, not with each of its attributes."""

    def set_item(item: Any, key: str, value: Any) -> None:
        before = item.bytes if hasattr(item, "bytes") else sum(_size(*each) for each in item.items())
        item.bytes = before + _size(key, value)
        if item.bytes > FAR_FROM_LIMIT:
            checked(item, key, value)
        else:
            dict.__setitem__(item, key, value)

    return set_item


def _size(key: str, value: Any) -> int:
    size: int = bytesize(key) + (value.size() if type(value) is DynamoType else bytesize(str(value)))
    return size
