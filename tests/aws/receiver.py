"""An HTTPS endpoint that subscribes to a topic, as a pager does: it confirms, and keeps what it is sent."""

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from pathlib import Path
from queue import SimpleQueue
from typing import Any
from urllib.request import urlopen

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Receiver:
    """Where it listens, the certificate that senders must trust, and the notifications, as they arrive."""

    url: str
    certificate: Path
    received: "SimpleQueue[dict[str, Any]]" = field(default_factory=SimpleQueue)


@contextmanager
def receiver(folder: Path) -> Iterator[Receiver]:
    """Listen on a free port, with a self-signed certificate that is written into the folder."""
    certificate, key = self_signed(folder)
    received: SimpleQueue[dict[str, Any]] = SimpleQueue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            if posted["Type"] == "SubscriptionConfirmation":
                urlopen(posted["SubscribeURL"], timeout=10).close()
            else:
                received.put(posted)

        def log_message(self, *_arguments: object) -> None:
            """Print nothing."""

    with listening(Handler, certificate, key) as url:
        yield Receiver(url, certificate, received)


@contextmanager
def listening(handler: type[BaseHTTPRequestHandler], certificate: Path, key: Path) -> Iterator[str]:
    """Serve HTTPS on a free port of this host, whose address is returned."""
    server = ThreadingHTTPServer((HOST, 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=partial(server.serve_forever, 0.01), daemon=True)
    thread.start()
    try:
        yield f"https://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def self_signed(folder: Path) -> tuple[Path, Path]:
    """A certificate of this host for an hour, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address(HOST))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = folder / "key.pem"
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return pem, secret
