"""Lambda's Runtime API, as far as AWS's own runtime client speaks it: one invocation at a time, over HTTP.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import queue
import threading
import time
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

ARN = "arn:aws:lambda:us-east-1:123456789012:function:monitor"


@dataclass(frozen=True)
class Invocation:
    """What the client is handed: an event, as bytes of JSON, and the instant by which it must have answered."""

    body: bytes
    deadline_ms: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class Outcome:
    """What the client answered: a payload, or the error that the handler or its import ended in."""

    payload: Any = None
    error: dict[str, Any] | None = None


class RuntimeApi:
    """The server, on a free port of this machine, for as long as the `with` block lasts."""

    def __init__(self) -> None:
        self.waiting: queue.Queue[Invocation] = queue.Queue()
        self.answered: queue.Queue[Outcome] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        """What AWS_LAMBDA_RUNTIME_API has to be."""
        return f"127.0.0.1:{self._server.server_port}"

    def hand(self, event: object, deadline_ms: int) -> None:
        """Queue an event for the client, to be answered within so many milliseconds."""
        self.waiting.put(Invocation(json.dumps(event).encode(), int(time.time() * 1000) + deadline_ms))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(api: RuntimeApi) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """`/invocation/next`: blocks until there is one."""
            invocation = api.waiting.get()
            self._reply(
                200,
                invocation.body,
                {
                    "Lambda-Runtime-Aws-Request-Id": invocation.id,
                    "Lambda-Runtime-Deadline-Ms": str(invocation.deadline_ms),
                    "Lambda-Runtime-Invoked-Function-Arn": ARN,
                },
            )

        def do_POST(self) -> None:
            """`/invocation/<id>/response`, `/invocation/<id>/error` and `/init/error`."""
            document = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.answered.put(Outcome(payload=document) if self.path.endswith("/response") else Outcome(error=document))
            self._reply(202, b"{}", {})

        def _reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            # Without a type the runtime client dies of signal 11.
            ours = {"Content-Type": "application/json", "Content-Length": str(len(body))}
            for name, value in {**ours, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing: the function's own log is what a test reads."""

    return Handler
