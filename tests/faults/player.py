"""The recorded calls of one run, given back, except those that a fault hits: these go through all of botocore.

botocore serializes, retries, parses and classifies them as it does with AWS, so a fault is what AWS would send.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.handlers import json_decode_policies
from botocore.model import OperationModel
from botocore.retries import quota, standard
from botocore.session import Session
from moto.core.models import botocore_stubber

from readiness.aws import calling
from readiness.aws.client import Aws, Caller
from tests.answers.replay import Key, Tape, copied, key_of
from tests.faults.faults import TOKEN, Fault, pagination, recorded

Json = dict[str, Any]

MOST_CALLS = 40
"""The limit of calls of a fact here: no recorded fact comes near it, and endless pages end soon."""


class Call(threading.local):
    """The call of this thread: its key if the fault hits it, its attempts so far, and the token of its request."""

    hit: Key | None = None
    attempts = 0
    token = ""


@dataclass
class FaultyTape(Tape):
    """A tape whose calls can fail. `hit` says which do."""

    fault: Fault | None = None
    hit: Callable[[Key], bool] = lambda _key: False
    hits: int = 0
    call: Call = field(default_factory=Call)

    def player(self, of: Aws) -> Aws:
        """The same account, whose calls are answered from the tape."""
        session = Session()
        events = session.get_component("event_emitter")
        events.unregister("before-send", botocore_stubber)
        session.unregister("after-call.iam", cast("Any", json_decode_policies))  # those on the tape are decoded
        caller = Caller(session, of.region)
        for event, handler in (
            ("before-parameter-build", self._asked),
            ("before-call", self._called),
            ("before-send", self._sent),
            ("after-call", self._answered),
        ):
            events.register(event, handler)
        return Aws(of.account, of.region, of.partition, of.who, caller)

    @contextmanager
    def failing(self, fault: Fault, hit: Callable[[Key], bool]) -> Iterator[None]:
        """Let the calls that `hit` accepts fail so."""
        self.fault, self.hit, self.hits = fault, hit, 0
        try:
            yield
        finally:
            self.fault = None

    def _asked(self, params: Json, model: OperationModel, **_event: object) -> None:
        """Take out a token of ours: the request is then the recorded one."""
        name = pagination(model).get("input_token", "") if self.fault and self.fault.page else ""
        self.call.token = params.pop(name) if str(params.get(name, "")).startswith(TOKEN) else ""

    def _called(self, model: OperationModel, params: Json, **_event: object) -> tuple[AWSResponse, Json] | None:
        key = key_of(model, params)
        if self.asking is not None:
            self.asked.setdefault(key, set()).add(self.asking)
        self.call.hit = None
        if key not in self.answers:
            return None
        status, parsed = self.instead.get(key) or self.answers[key]
        if self.fault and self.hit(key):
            self.hits += 1
            if self.fault.send:
                self.call.hit, self.call.attempts = key, 0
                return None
            assert self.fault.page
            parsed = self.fault.page(model, parsed, self.call.token) or parsed
        return AWSResponse("", status, HTTPHeaders(), None), copied(parsed)

    def _sent(self, event_name: str, request: Any, **event: object) -> AWSResponse | None:
        """Ask moto for a response that was not recorded."""
        if self.call.hit is None:
            asked: AWSResponse | None = botocore_stubber(event_name, request, **event)
            return asked
        assert self.fault
        assert self.fault.send
        model, attempt = self.models[self.call.hit], self.call.attempts
        self.call.attempts += 1
        return self.fault.send(model, attempt) or recorded(model, *self.answers[self.call.hit])

    def _answered(self, http_response: AWSResponse, parsed: Json, **_event: object) -> None:
        """Put the recorded answer in the place of the success that a retry had."""
        if self.call.hit and self.fault and not self.fault.reasons and http_response.status_code < 300:
            parsed.clear()
            parsed.update(copied(self.answers[self.call.hit][1]))


@contextmanager
def without_waiting() -> Iterator[None]:
    """Let botocore retry at once and as often as it may, and a fact make few calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(standard.ExponentialBackoff, "delay_amount", lambda *_: 0)
        patch.setattr(quota.RetryQuota, "acquire", lambda *_: True)
        patch.setattr(calling, "MOST_CALLS", MOST_CALLS)
        yield
