"""An account behind a server that answers repeated reads from memory: `python -m bench.replay FUNCTIONS|peers`.

moto needs several milliseconds for an answer, which would be most of what is measured. Reads are passed to moto once,
and its answers are kept; all else, and reads of items, always go to moto. It speaks TLS, as AWS does. Prints its
endpoint and a file of certificates that trusts it, and ends when its input does.

`/-/calls` is the number of requests by service and operation since `/-/reset`, `/-/distinct` that of different ones,
and `/-/delay/50` lets each request wait 50 ms.
"""

import asyncio
import json
import logging
import re
import ssl
import sys
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs

from tests.aws.tls import certificate

READS = re.compile(r"(Get|List|Describe|Lookup|BatchGet)(?!Item)")
NEVER_KEPT = {"GetItem", "BatchGetItem", "GetParameter", "GetParameters"}

TIMES = re.compile(
    rb"\xc1\xfb.{8}|\xc1\x1a.{4}|\d{4}-\d\d-\d\dT[0-9:.%A-F]+Z?|(?<!\d)1[6-9]\d{8}(\.\d+)?(?!\d)", re.DOTALL
)
"""Instants in CBOR, ISO 8601 and epoch seconds: a request for the last hour is the same a minute later."""

SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/")

Headers = dict[str, str]


class Replay:
    """The server before moto's."""

    def __init__(self, moto_port: int) -> None:
        """Keep answers from now on."""
        self.moto_port = moto_port
        self.calls: Counter[str] = Counter()
        self.distinct: set[Any] = set()
        self.kept: dict[Any, bytes] = {}
        self.delay = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                line, *lines = head.decode("latin-1").split("\r\n")
                headers = {name.lower(): value for name, _, value in (each.partition(": ") for each in lines if each)}
                body = await _body(reader, writer, headers)
                method, path, _ = line.split(" ")
                writer.write(await self._answer(method, path, headers, body))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _answer(self, method: str, path: str, headers: Headers, body: bytes) -> bytes:
        if path.startswith("/-/"):
            return _response(200, [], self._controlled(path))
        scope = SCOPE.search(headers.get("authorization", ""))
        region, service = scope.groups() if scope else ("", "")
        operation = _operation(method, path, headers, body)
        self.calls[f"{service}:{operation}"] += 1
        key = (region, service, operation, path, TIMES.sub(b"", body))
        self.distinct.add(key)
        if self.delay:
            await asyncio.sleep(self.delay)
        if operation in NEVER_KEPT or not (READS.match(operation) or method == "GET"):
            return await asyncio.to_thread(self._passed, method, path, headers, body)
        if key not in self.kept:
            self.kept[key] = await asyncio.to_thread(self._passed, method, path, headers, body)
        return self.kept[key]

    def _controlled(self, path: str) -> bytes:
        match path.split("/")[2:]:
            case ["distinct"]:
                return json.dumps(len(self.distinct)).encode()
            case ["reset"]:
                self.calls.clear()
                self.distinct.clear()
            case ["delay", milliseconds]:
                self.delay = float(milliseconds) / 1000
            case _:
                pass
        return json.dumps(self.calls).encode()

    def _passed(self, method: str, path: str, headers: Headers, body: bytes) -> bytes:
        connection = HTTPConnection("127.0.0.1", self.moto_port, timeout=60)
        passed = {name: value for name, value in headers.items() if name not in {"connection", "expect"}}
        connection.request(method, path, body, passed)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return _response(answer.status, answer.getheaders(), content)


async def _body(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, headers: Headers) -> bytes:
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    return await reader.readexactly(int(headers.get("content-length", 0)))


def _operation(method: str, path: str, headers: Headers, body: bytes) -> str:
    """Return the operation of a request in any of AWS's protocols; method and path if they alone tell it."""
    if target := headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if "/operation/" in path:
        return path.rpartition("/")[2]
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode("latin-1")).get("Action", [""])[0]
    return f"{method} {path.partition('?')[0]}"


def _response(status: int, headers: list[tuple[str, str]], content: bytes) -> bytes:
    left_out = {"content-length", "connection", "transfer-encoding", "server", "date"}
    lines = [f"{name}: {value}" for name, value in headers if name.lower() not in left_out]
    head = "\r\n".join([f"HTTP/1.1 {status} OK", *lines, f"Content-Length: {len(content)}", "", ""])
    return head.encode("latin-1") + content


async def _serve(moto_port: int, folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(folder))
    server = await asyncio.start_server(Replay(moto_port).serve, "127.0.0.1", 0, limit=2**24, ssl=context)
    print(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]} {folder / 'bundle.pem'}", flush=True)
    await asyncio.to_thread(sys.stdin.read)


def main(seed: str) -> None:
    """Furnish an account and serve it."""
    from moto import mock_aws
    from moto.server import ThreadedMotoServer

    from tests.aws.completed import complete

    complete()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    with mock_aws(), TemporaryDirectory() as folder:
        _furnish(seed)
        server.start()
        asyncio.run(_serve(server.get_host_and_port()[1], Path(folder)))
        server.stop()


def _furnish(seed: str) -> None:
    if seed == "peers":
        from bench.peers import account as faulty

        faulty.furnish()
    else:
        from bench import account

        account.furnish(int(seed))


if __name__ == "__main__":
    main(*sys.argv[1:])
