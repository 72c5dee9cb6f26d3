"""Sends a message by HTTP: to the configured address only, never after a redirect, never into a network unless allowed."""

from __future__ import annotations

import ssl
import threading

import httpx

from crossmall.redact import Redactor, guard_http_loggers
from crossmall.types import Secret
from reconcile.alerts.hosts import address_of
from reconcile.alerts.outcomes import NotSent

TIMEOUT_S = 15.0  # [D] for each step of the call
LONGEST_S = 60.0  # [D] for the whole of it: an answer may come byte by byte
SILENT_STATUS = 503  # of the 5xx the one that says that nothing was taken
_PORTS = {"https": 443, "http": 80}


def host_of(address: Secret, *, allow_private: bool) -> str:
    """The host of an address, all of it that is ever shown. Raises NotSent for what is no address, or not encrypted."""
    return _parsed(address, allow_private=allow_private).host


def post(address: Secret, body: bytes, *, message_id: str, allow_private: bool) -> None:
    """Send; returns when the other side has taken it. Raises NotSent."""
    url = _parsed(address, allow_private=allow_private)
    ip = address_of(url.host, url.port or _PORTS[url.scheme], allow_private=allow_private)
    hidden = Redactor((address.reveal(), url.path))  # kept while the library may log
    guard_http_loggers(hidden)
    headers = {
        "Host": url.netloc.decode("ascii"),
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Totsugo",
        "Idempotency-Key": message_id,
    }
    client = httpx.Client(trust_env=False, timeout=TIMEOUT_S)
    limit = threading.Timer(LONGEST_S, client.close)
    limit.daemon = True
    limit.start()
    try:
        with (
            client,
            client.stream(
                "POST",
                url.copy_with(host=ip),
                content=body,
                headers=headers,
                extensions={"sni_hostname": url.host},
            ) as reply,
        ):
            status = reply.status_code
    except httpx.HTTPError as error:
        raise _not_sent(error) from None
    finally:
        limit.cancel()
    _judge(status)


def _parsed(address: Secret, *, allow_private: bool) -> httpx.URL:
    try:
        url = httpx.URL(address.reveal())
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise NotSent("address") from None
    is_open = url.scheme == "http" and not allow_private
    if url.scheme not in _PORTS or is_open or not url.host or url.userinfo:
        raise NotSent("address")
    return url


def _not_sent(error: httpx.HTTPError) -> NotSent:
    causes = []
    cause: BaseException | None = error
    while cause is not None:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return NotSent("tls")
    if isinstance(error, httpx.ConnectTimeout):
        return NotSent("timeout")
    if isinstance(error, httpx.ConnectError):
        return NotSent("unreachable")
    return NotSent("lost", is_unknown=True)


def _judge(status: int) -> None:
    if 300 <= status < 400:
        raise NotSent("redirect", status=status)
    if status >= 500:
        raise NotSent("status", status=status, is_unknown=status != SILENT_STATUS)
    if not 200 <= status < 300:
        raise NotSent("status", status=status)
