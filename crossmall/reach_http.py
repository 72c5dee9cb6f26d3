"""What answers at the service's address to one request without account, key or signature, and what time it has there.

Standard library only; only the shape of the answer is kept, none of its text.
"""

import http.client
import socket
import ssl
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

from crossmall.reach import Target, network_reason
from crossmall.retry import http_date

ANSWER_TIMEOUT_S: Final = 20.0  # [D] the test should not wait as long as a sync does
HEAD_BYTES: Final = 4096
ASKED_PATH: Final = (
    "/get_phase"  # an endpoint [S], asked without parameters, so it can give nothing
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an unsigned request got. kind: xml | html | empty | other; no text of the body is kept.

    reason: None for XML with a status that carries data, else not_found, proxy_login, forbidden, redirect,
    throttled, unavailable (503), server_error, http_status, html, empty, not_xml, closed, timeout, or a
    connection's. skew_s: their clock minus ours, None without a Date header. location: host of a redirect.
    """

    status: int | None = None
    kind: str | None = None
    location: str | None = None
    via: bool = False
    skew_s: float | None = None
    reason: str | None = None


def ask(
    to: Target,
    address: str,
    *,
    timeout_s: float = ANSWER_TIMEOUT_S,
    context: ssl.SSLContext | None = None,
) -> Answer:
    """What answers there to one request without account, key or signature; redirects are not followed."""
    before = datetime.now(UTC)
    try:
        with closing(_opened(to, address, timeout_s, context)) as stream:
            stream.sendall(_request(to))
            reply = http.client.HTTPResponse(stream, method="GET")
            reply.begin()
            head = reply.read(HEAD_BYTES)
    except http.client.HTTPException:
        return Answer(reason="closed")
    except ssl.SSLError:
        return Answer(reason="tls_certificate")
    except OSError as failure:
        reason = network_reason(failure)
        return Answer(reason="closed" if reason == "connection" else reason)
    kind = _kind(head)
    return Answer(
        status=reply.status,
        kind=kind,
        location=_host_of(reply.headers.get("Location")),
        via=bool(reply.headers.get("Via") or reply.headers.get("Proxy-Authenticate")),
        skew_s=_skew_s(reply.headers.get("Date"), before),
        reason=_answer_reason(reply.status, kind),
    )


def _opened(
    to: Target, address: str, timeout_s: float, context: ssl.SSLContext | None
) -> socket.socket:
    plain = socket.create_connection((address, to.port), timeout=timeout_s)
    if not to.is_tls:
        return plain
    try:
        context = context or ssl.create_default_context()
        return context.wrap_socket(plain, server_hostname=to.host)
    except OSError:
        plain.close()
        raise


def _request(to: Target) -> bytes:
    host = f"[{to.host}]" if ":" in to.host else to.host
    lines = (
        f"GET {to.path}{ASKED_PATH} HTTP/1.1",
        f"Host: {host}:{to.port}",
        "Connection: close",
        "Accept-Encoding: identity",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


def _kind(head: bytes) -> str:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:512].lower()
    if not start:
        return "empty"
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    return "xml" if start.startswith(b"<") else "other"


def _answer_reason(status: int, kind: str) -> str | None:
    known = {
        404: "not_found",
        407: "proxy_login",
        403: "forbidden",
        429: "throttled",
        503: "unavailable",
    }
    if status != 200 and kind == "xml":
        return None  # an envelope counts whatever the status [I]
    if status in known:
        return known[status]
    if 300 <= status < 400:
        return "redirect"
    if status >= 500:
        return "server_error"
    if status != 200:
        return "http_status"
    return {"html": "html", "empty": "empty", "other": "not_xml"}.get(kind)


def _host_of(location: str | None) -> str | None:
    """Scheme and host of a redirect's target; its path and query stay unseen."""
    if not location:
        return None
    try:
        parts = urlsplit(location)
        return f"{parts.scheme}://{parts.hostname}" if parts.hostname else "/"
    except ValueError:
        return None


def _skew_s(date: str | None, before: datetime) -> float | None:
    """Seconds their clock is ahead of ours; 0 while their second lies within the time the request took."""
    theirs = http_date(date)
    if theirs is None:
        return None
    after = datetime.now(UTC)
    if theirs > after:
        return (theirs - after).total_seconds()
    behind = (before - theirs).total_seconds() - 1.0
    return -behind if behind > 0 else 0.0
