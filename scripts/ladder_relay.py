"""A relay before the stand-in that has another clock, sends callers elsewhere, or shows a certificate of its own."""

from __future__ import annotations

import contextlib
import ssl
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


@contextlib.contextmanager
def between(
    upstream: str,
    folder: Path,
    *,
    ahead: timedelta = timedelta(),
    moved: str = "",
    certificate: tuple[str, timedelta] | None = None,
) -> Iterator[str]:
    """The base URL of a relay before the stand-in: another clock, a redirect, or a certificate of that name and life."""

    class Relay(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = (302, b"") if moved else _fetched(upstream, self.path)
            self.send_response_only(status)
            self.send_header("Date", format_datetime(datetime.now(UTC) + ahead, usegmt=True))
            self.send_header("Content-Type", "text/xml; charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            if moved:
                self.send_header("Location", moved)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """A client that does not like the certificate hangs up; that is the case under test."""

    with Server(("127.0.0.1", 0), Relay) as server:
        scheme = "http"
        if certificate:
            server.socket = _secured(server.socket, folder, *certificate)
            scheme = "https"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"{scheme}://127.0.0.1:{server.server_address[1]}/webapi2"
        server.shutdown()
        thread.join()


def _fetched(upstream: str, path: str) -> tuple[int, bytes]:
    address = upstream.removesuffix("/webapi2") + path
    try:
        with urllib.request.urlopen(address, timeout=20) as reply:
            return int(reply.status), bytes(reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def _secured(plain: Any, folder: Path, name: str, life: timedelta) -> ssl.SSLSocket:
    """The listening socket with a self-signed certificate of that name."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + life)
        .sign(key, hashes.SHA256())
    )
    file = folder / "relay.pem"
    kind = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    file.write_bytes(
        key.private_bytes(pem, kind, serialization.NoEncryption()) + built.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
