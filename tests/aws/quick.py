"""botocore and moto without the work that they repeat for every test.

A test has an account of its own: a session, its clients, and moto's table and key. Most of what each of them costs is
computed from the same input as in the test before. Here it is computed once per process; the results are the same.
"""

import inspect
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import botocore.endpoint
import botocore.hooks
import botocore.httpsession
import botocore.session
import botocore.utils
import moto.core.models
from botocore.client import ClientCreator
from botocore.hooks import NodeList
from botocore.loaders import Loader
from cryptography.hazmat.primitives.asymmetric import rsa
from moto.core.custom_responses_mock import CallbackResponse
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models.dynamo_type import DynamoType, LimitedSizeDict
from moto.dynamodb.models.utilities import bytesize
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from readiness.engine.pace import CallRate


def _at_once(_rate: CallRate, _operation: str) -> None:
    """Make any number of calls at once."""


LOADER = Loader()
"""Reads each of botocore's models of the services once: a session with a loader of its own reads them anew."""

FAR_FROM_LIMIT = 100_000
"""Bytes. Items of DynamoDB may have four times as many."""


waiting = CallRate.wait
"""The function that tests of the rate of calls put back: moto answers at any rate."""


def quicken() -> None:
    """Let the modules of this process reuse what they have computed. Idempotent."""
    CallRate.wait = _at_once  # type: ignore[assignment,method-assign]
    if botocore.session.create_loader is not _loader:
        botocore.session.create_loader = _loader
        botocore.hooks.accepts_kwargs = _accepts_kwargs  # type: ignore[assignment]
        botocore.hooks.EventAliaser.__init__ = _with_shared_names(botocore.hooks.EventAliaser.__init__)  # type: ignore[method-assign]
        botocore.hooks._PrefixTrie._recursive_copy = _copied  # type: ignore[attr-defined]  # noqa: SLF001
        botocore.httpsession.create_urllib3_context = cache(botocore.httpsession.create_urllib3_context)
        botocore.endpoint.get_environ_proxies = botocore.utils.get_environ_proxies = _no_proxies  # type: ignore[assignment]
        ClientCreator._create_methods = _once_per_service(ClientCreator._create_methods)  # type: ignore[attr-defined]  # noqa: SLF001
        moto.core.models.CallbackResponse = cache(CallbackResponse)  # type: ignore[assignment,attr-defined]
        ResponseSerializer._serialize_structure_member = _present(ResponseSerializer._serialize_structure_member)  # type: ignore[method-assign]  # noqa: SLF001
        rsa.generate_private_key = cache(rsa.generate_private_key)
        LimitedSizeDict.__setitem__ = _set_item(LimitedSizeDict.__setitem__)  # type: ignore[method-assign]
        DynamoType.size = _without_copies(DynamoType.size)  # type: ignore[method-assign,assignment]
        DynamoType.__deepcopy__ = _copy_of_value  # type: ignore[method-assign,assignment]
        of_host = DomainDispatcherApplication.get_backend_for_host
        DomainDispatcherApplication.get_backend_for_host = cache(of_host)  # type: ignore[method-assign]


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


def _copied(_trie: Any, node: dict[str, Any]) -> dict[str, Any]:
    """Return the structure of the handlers with its own lists: each client has a copy of those of its session."""
    copied: dict[str, Any] = {}
    for key, value in node.items():
        if type(value) is NodeList:
            copied[key] = NodeList(*(handlers[:] for handlers in value))
        else:
            copied[key] = _copied(_trie, value) if type(value) is dict else value
    return copied


def _no_proxies(_url: str) -> dict[str, str]:
    """Return the proxies of the environment. All endpoints of the tests are moto's or on this host."""
    return {}


def _once_per_service(create: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Create the methods of the clients of a service and model once. They hold nothing of the session."""
    created: dict[tuple[str, int], dict[str, Any]] = {}

    def methods(creator: Any, service_model: Any) -> dict[str, Any]:
        key = service_model.service_name, len(service_model.operation_names)
        if key not in created:
            created[key] = create(creator, service_model)
        return dict(created[key])

    return methods


def _present(serialize: Callable[..., None]) -> Callable[..., None]:
    """Serialize the one member that an attribute value has. moto looks for the other nine under all their aliases."""

    def member(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
        if type(value) is not dict or shape.parent.name != "AttributeValue" or key in value:
            serialize(serializer, serialized, value, shape, key)

    return member


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


def _without_copies(size: Callable[[DynamoType], int]) -> Callable[[DynamoType], int]:
    """Measure a map without a copy of each of its values, which moto makes at every depth."""

    def measured(value: DynamoType) -> int:
        if not value.is_map():
            return size(value)
        return sum(
            bytesize(key) + (each if type(each) is DynamoType else DynamoType(each)).size()
            for key, each in value.value.items()
        )

    return measured


def _copy_of_value(value: DynamoType, _memo: object) -> DynamoType:
    """Return a deep copy of an attribute value: a tree, so no list of what was copied is needed."""
    return _tree(value)


def _tree(value: DynamoType) -> DynamoType:
    copied = DynamoType.__new__(DynamoType)
    copied.type, content = value.type, value.value
    if type(content) is dict:
        copied.value = {key: _branch(each) for key, each in content.items()}
    elif type(content) is list:
        copied.value = [_branch(each) for each in content]
    else:
        copied.value = content
    return copied


def _branch(value: Any) -> Any:
    return _tree(value) if type(value) is DynamoType else deepcopy(value)


def _size(key: str, value: Any) -> int:
    size: int = bytesize(key) + (value.size() if type(value) is DynamoType else bytesize(str(value)))
    return size
