"""moto behind TLS, as every endpoint of AWS is."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import botocore
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

HERE = "127.0.0.1"


class Front(ThreadedWSGIServer):
    """The endpoint. `bundle` is a file of authorities that trusts it, beside all that botocore trusts."""

    daemon_threads = True

    def __init__(self, folder: Path, address: str) -> None:
        self.bundle = folder / "bundle.pem"
        self.connections = 0
        file = str(certificate(folder, address))
        application = DomainDispatcherApplication(create_backend_app)
        super().__init__(HERE, 0, application, _Quiet, ssl_context=(file, file))
        self.endpoint = f"https://{HERE}:{self.server_port}"

    def get_request(self) -> tuple[Any, Any]:
        self.connections += 1
        return super().get_request()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept, as AWS keeps them

    def log(self, *_message: object) -> None:
        """Say nothing."""


@contextmanager
def behind_tls(folder: Path, address: str = HERE) -> Iterator[Front]:
    """moto behind TLS, with a certificate for that address. The files of the certificate are written to the folder."""
    with Front(folder, address) as front:
        threading.Thread(target=front.serve_forever, args=(0.01,), daemon=True).start()
        yield front
        front.shutdown()


def certificate(folder: Path, address: str = HERE) -> Path:
    """Write a certificate with its key, and the bundle that trusts it; return the file of the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "certificate.pem"
    file.write_bytes(private + signed)
    authorities = Path(botocore.__file__).with_name("cacert.pem").read_bytes()
    (folder / "bundle.pem").write_bytes(authorities + b"\n" + signed)
    return file
