"""The calls of one run, recorded once and given back as often as wanted, each answer as it was or altered."""

import copy
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.handlers import json_decode_policies
from botocore.model import OperationModel
from botocore.session import Session

from readiness.aws.client import Aws, Caller
from readiness.engine.collect import Collection, Past, needed
from readiness.engine.fact import source_of, standing
from readiness.engine.rule import Check
from readiness.engine.snapshot import InputUnavailable, Snapshot
from readiness.model import Given, Gone, Unreadable
from tests.aws.account import Account

Json = dict[str, Any]

Key = tuple[str, str, str]
"""A call: service, operation, and all that it asks for."""


@dataclass
class Tape:
    """What each call answered, and its operation. `instead` are altered answers, `asked` which fact made which call."""

    answers: dict[Key, tuple[int, Json]] = field(default_factory=dict)
    models: dict[Key, OperationModel] = field(default_factory=dict)
    instead: dict[Key, tuple[int, Json]] = field(default_factory=dict)
    asked: dict[Key, set[type]] = field(default_factory=dict)
    asking: type | None = None

    def record(self, account: Account) -> None:
        """Listen to all clients of the account, those too that are yet to be made."""
        emitters = [account.session.get_component("event_emitter")]
        caller = account.aws.caller
        emitters += [each.meta.events for each in (caller._clients if caller else {}).values()]  # noqa: SLF001  all
        for emitter in emitters:
            emitter.register("before-call", self._begin)
            emitter.register("after-call", self._end)

    def _begin(self, model: OperationModel, params: Json, context: Json, **_event: object) -> None:
        context["tape"] = key_of(model, params)
        self.models[context["tape"]] = model

    def _end(self, http_response: Any, parsed: Json, context: Json, **_event: object) -> None:
        self.answers[context["tape"]] = http_response.status_code, copy.deepcopy(parsed)

    def player(self, of: Aws) -> Aws:
        """The same account, whose calls are answered from the tape; what is not on it is asked for real."""
        session = Session()
        session.get_component("event_emitter").register("before-call", self._play)
        session.unregister("after-call.iam", cast("Any", json_decode_policies))  # those on the tape are decoded
        return Aws(of.account, of.region, of.partition, of.who, Caller(session, of.region))

    def _play(self, model: OperationModel, params: Json, **_event: object) -> tuple[AWSResponse, Json] | None:
        key = key_of(model, params)
        if self.asking is not None:
            self.asked.setdefault(key, set()).add(self.asking)
        found = self.instead.get(key) or self.answers.get(key)
        if found is None:
            return None
        status, parsed = found
        return AWSResponse("", status, HTTPHeaders(), None), copied(parsed)

    @contextmanager
    def altered(self, key: Key, parsed: Json, status: int = 200) -> Iterator[None]:
        """Answer that call so."""
        self.instead = {key: (status, parsed)}
        try:
            yield
        finally:
            self.instead = {}


def copied(answer: Json) -> Json:
    """Return a copy of an answer on the tape. It takes a fifth of the time of `copy.deepcopy`."""
    copy_of_it: Json = pickle.loads(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))  # noqa: S301  our own bytes
    return copy_of_it


def key_of(model: OperationModel, params: Json) -> Key:
    """Times are those of the run's one instant, so a call asks for the same each time; of each Region by itself."""
    asked = repr((params["context"]["client_region"], params["url_path"], params["query_string"], params["body"]))
    return model.service_model.service_name, model.name, asked


class Rerun(Collection):
    """Collect some facts anew, and all that stands on them; the others are as they were."""

    def __init__(self, checks: Iterable[Check], past: Past, before: Snapshot, anew: set[type], defect: Any) -> None:
        super().__init__(needed(checks), past, float("inf"), defect)
        self._before = before
        self._anew = anew

    def _begin(self, identity: type) -> None:
        if identity in self._anew:
            super()._begin(identity)
            return
        self.snapshot.answers[identity] = self._before.answers[identity]
        self._sorter.done(identity)


def standing_on(graph: Mapping[type, set[type]], identities: set[type]) -> set[type]:
    """Those types and all that are made of them."""
    found = set(identities)
    while more := {each for each, before in graph.items() if each not in found and before & found}:
        found |= more
    return found


def attributed(tape: Tape, snapshot: Snapshot) -> None:
    """Ask each source once more by itself, so that the tape knows which fact made which call."""
    for identity in snapshot.answers:
        if issubclass(identity, Given) or not (source := source_of(identity)).actions:
            continue
        tape.asking = identity
        for place in snapshot.places(standing(source.needs)):
            shown = snapshot.shown(source.needs, place) if isinstance(place, frozenset) else None
            if shown is not None and not isinstance(shown, InputUnavailable):
                _quietly(source.function, shown)
    tape.asking = None


def _quietly(function: Callable[..., Any], shown: Mapping[str, Any]) -> None:
    try:
        function(**shown)
    except (ClientError, Gone, Unreadable):
        return
