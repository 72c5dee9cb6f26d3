"""Sends a query text exactly as it was built, which the ordinary client does not allow, and keeps the raw reply.

For the read-only probe alone: no redirects, no proxies of the environment, no logging, no repeats.
"""

import http.client
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from crossmall.credentials import Credentials
from crossmall.signing import signed_query

TIMEOUT_S: Final = 30.0  # [S] one of the values people use
PAUSE_S: Final = 0.5  # between calls to a real host [S] one of the values people use
MOST_BYTES: Final = 20_000_000  # [D]
NOTED_HEADERS: Final = (
    "content-type", "content-encoding", "transfer-encoding", "content-length", "connection",
    "keep-alive", "date", "server", "via", "retry-after", "cache-control",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RawReply:
    """One reply as it came; status None when none did, then reason says why: timeout, tls, network, broken."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    ms: float = 0.0
    reason: str | None = None


Send = Callable[[str, str], RawReply]


def sender(
    credentials: Credentials,
    *,
    timeout_s: float = TIMEOUT_S,
    context: ssl.SSLContext | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Send:
    """`send(endpoint, raw_query)`: signs that text, sends that text. Raises nothing for what networks do."""
    parts = urlsplit(credentials.base_url)
    host, port = parts.hostname or "", parts.port

    def connection() -> http.client.HTTPConnection:
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, port, timeout=timeout_s)
        return http.client.HTTPSConnection(
            host, port, timeout=timeout_s, context=context or ssl.create_default_context()
        )

    def send(endpoint: str, raw_query: str) -> RawReply:
        if not credentials.is_local:
            sleep(PAUSE_S)
        path = f"{parts.path}/{endpoint}?{signed_query(raw_query, credentials.key)}"
        started = time.monotonic()
        try:
            with closing(connection()) as line:
                line.request("GET", path, headers={"Accept-Encoding": "identity"})
                reply = line.getresponse()
                body = reply.read(MOST_BYTES)
        except (OSError, http.client.HTTPException) as failure:
            return RawReply(reason=_reason(failure), ms=(time.monotonic() - started) * 1000)
        noted = {name: reply.headers[name] for name in NOTED_HEADERS if name in reply.headers}
        return RawReply(
            status=reply.status,
            headers=noted,
            body=body,
            ms=(time.monotonic() - started) * 1000,
        )

    return send


def _reason(failure: Exception) -> str:
    if isinstance(failure, TimeoutError):
        return "timeout"
    if isinstance(failure, ssl.SSLError):
        return "tls"
    return "network" if isinstance(failure, OSError) else "broken"
