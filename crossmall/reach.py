"""How far the way to the service goes: its name, a connection, the certificate.

Standard library only. Nothing here knows a key, a company code or a signature, and a failure that is to be
expected on a network is a value with a reason, never an exception.
"""

import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from crossmall.credentials import is_loopback

CONNECT_TIMEOUT_S: Final = 10.0  # [S] one of the values people use
TRIED_ADDRESSES: Final = 4  # [D]

# X509_V_ERR_* of OpenSSL -> reason
_VERIFY_REASONS: Final = {
    9: "tls_not_yet_valid",
    10: "tls_expired",
    18: "tls_self_signed",
    19: "tls_unknown_issuer",
    20: "tls_unknown_issuer",
    21: "tls_unknown_issuer",
    62: "tls_wrong_name",
    64: "tls_wrong_name",
}
_PROTOCOL_SIGNS: Final = ("PROTOCOL", "VERSION", "CIPHER", "HANDSHAKE_FAILURE", "INTERNAL_ERROR")
_NO_TLS_SIGNS: Final = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH", "RECORD_LAYER")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the service lives, taken from a base URL."""

    host: str
    port: int
    path: str
    is_tls: bool

    @property
    def is_local(self) -> bool:
        """True when the host is this machine."""
        return is_loopback(self.host)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The addresses behind a name, nearest first. reason: None | dns_unknown | dns_unavailable."""

    addresses: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One opened and closed connection. reason: None | refused | timeout | unreachable | connection.

    local_address: what this machine calls itself on that way; behind NAT it is not what the service sees.
    """

    address: str | None = None
    local_address: str | None = None
    ms: float = 0.0
    reason: str | None = None

    @property
    def local_is_public(self) -> bool:
        """True when the local address is one of the internet's own, so the service sees it as it is."""
        try:
            return (
                self.local_address is not None
                and ipaddress.ip_address(self.local_address).is_global
            )
        except ValueError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """The certificate's verdict. reason: None, one of ``tls_*``, or a reason of a connection.

    reasons: tls_expired, tls_not_yet_valid, tls_self_signed, tls_unknown_issuer, tls_wrong_name,
    tls_protocol, tls_none (no TLS is spoken there), tls_certificate (anything else about it).
    """

    protocol: str | None = None
    expires_at: datetime | None = None
    reason: str | None = None


def target(base_url: str) -> Target:
    """The parts of a base URL that Credentials accepted. Raises ValueError for any other."""
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("base_url must be http(s)://host[:port]/path")
    is_tls = parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    return Target(host=parts.hostname, port=port, path=parts.path.rstrip("/"), is_tls=is_tls)


def resolve(to: Target) -> Resolution:
    """The addresses of the host's name."""
    try:
        found = socket.getaddrinfo(to.host, to.port, type=socket.SOCK_STREAM)
    except socket.gaierror as failure:
        passing = failure.errno in {socket.EAI_AGAIN, getattr(socket, "WSATRY_AGAIN", None)}
        return Resolution(reason="dns_unavailable" if passing else "dns_unknown")
    except (UnicodeError, OSError):
        return Resolution(reason="dns_unknown")
    return Resolution(addresses=tuple(dict.fromkeys(str(one[4][0]) for one in found)))


def connect(
    to: Target, addresses: tuple[str, ...], *, timeout_s: float = CONNECT_TIMEOUT_S
) -> Connection:
    """A connection to the first of the addresses that answers; the last one's reason if none does."""
    found = Connection(reason="unreachable")
    for address in addresses[:TRIED_ADDRESSES]:
        started = time.monotonic()
        try:
            with socket.create_connection((address, to.port), timeout=timeout_s) as opened:
                return Connection(
                    address=address,
                    local_address=str(opened.getsockname()[0]),
                    ms=(time.monotonic() - started) * 1000,
                )
        except OSError as failure:
            found = Connection(address=address, reason=network_reason(failure))
    return found


def handshake(
    to: Target,
    address: str,
    *,
    timeout_s: float = CONNECT_TIMEOUT_S,
    context: ssl.SSLContext | None = None,
) -> Handshake:
    """What the certificate at that address is worth; context: None for this machine's own list of issuers."""
    context = context or ssl.create_default_context()
    try:
        with (
            socket.create_connection((address, to.port), timeout=timeout_s) as plain,
            context.wrap_socket(plain, server_hostname=to.host) as secured,
        ):
            certificate = secured.getpeercert() or {}
            ends = certificate.get("notAfter")
            expires_at = (
                datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
                if isinstance(ends, str)
                else None
            )
            return Handshake(protocol=secured.version(), expires_at=expires_at)
    except ssl.SSLCertVerificationError as failure:
        reason = _VERIFY_REASONS.get(failure.verify_code, "tls_certificate")
        return Handshake(reason=reason)
    except ssl.SSLError as failure:
        return Handshake(reason=_tls_reason(failure))
    except OSError as failure:
        reason = network_reason(failure)
        return Handshake(reason="tls_none" if reason == "connection" else reason)


def network_reason(failure: OSError) -> str:
    """The reason word for a failed connection: timeout, refused, connection or unreachable."""
    if isinstance(failure, TimeoutError):
        return "timeout"
    if isinstance(failure, ConnectionRefusedError):
        return "refused"
    if isinstance(failure, ConnectionError):
        return "connection"
    return "unreachable"


def _tls_reason(failure: ssl.SSLError) -> str:
    name = (failure.reason or "").upper()
    if isinstance(failure, ssl.SSLEOFError) or any(sign in name for sign in _NO_TLS_SIGNS):
        return "tls_none"
    return "tls_protocol" if any(sign in name for sign in _PROTOCOL_SIGNS) else "tls_certificate"
