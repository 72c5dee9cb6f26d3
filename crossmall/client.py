"""The caller: signs a query, sends that text byte for byte, reads the reply, waits and counts.

The only home of the HTTP library. Reads only; there is no method that changes anything.
"""

import logging
import socket
import ssl
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx

from crossmall import pacing
from crossmall.bodies import MAX_BODY_BYTES, refused_status
from crossmall.endpoints import Endpoint
from crossmall.errors import ApiError, AuthError, ConfigurationError, CrossmallError, TransportError
from crossmall.queries import ParameterValue, build_query
from crossmall.reads import Reads
from crossmall.redact import Redactor, guard_http_loggers
from crossmall.retry import RetryPolicy, is_retryable_status, retry_after_s
from crossmall.signing import sign, signed_query
from crossmall.types import CallRecord, Credentials, Page

T = TypeVar("T")

CONNECT_TIMEOUT_S: Final = 10.0  # [S] one of the values people use
READ_TIMEOUT_S: Final = 60.0  # [S] likewise; between two pieces of a reply
SHORTEST_SECRET: Final = 4  # company codes shorter than this are hidden in queries only [D]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One request, the same for every attempt; never logged. sent is the signed query text."""

    endpoint: Endpoint
    call_id: str
    names: tuple[str, ...]
    sent: str
    values: tuple[str, ...]


@dataclass(slots=True)
class _Reply:
    """What one attempt has seen so far."""

    status: int | None = None
    body: bytes = b""
    hint_s: float | None = None
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    ms: float = 0.0


def _transport_error(failure: httpx.HTTPError) -> TransportError:
    """Our error for the HTTP library's, without its text, which may hold the URL."""
    causes: list[BaseException] = []
    cause: BaseException | None = failure
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    for kind, reason, message in (
        (httpx.TimeoutException, "timeout", "no answer in time"),
        (ssl.SSLError, "tls", "the secure connection was not accepted"),
        (socket.gaierror, "dns", "the server's name was not found"),
        (ConnectionRefusedError, "refused", "nothing listens at the server's address"),
        (httpx.ConnectError, "connection", "the server cannot be reached"),
    ):
        if any(isinstance(one, kind) for one in causes):
            return TransportError(message, reason=reason, retryable=reason != "tls")
    return TransportError("the connection broke", reason="connection", retryable=True)


def _http_client(
    concurrency: int, timeout_s: float, transport: httpx.BaseTransport | None
) -> httpx.Client:
    """No redirects, no proxies of the environment, no cookies, HTTP/1.1."""
    return httpx.Client(
        http1=True,
        http2=False,
        follow_redirects=False,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        headers={"Accept-Encoding": "gzip"},
        timeout=httpx.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s), pool=None),
        limits=httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency),
        transport=transport,
    )


def _bucket(
    credentials: Credentials, rate_per_s: float | None, sleep: pacing.Sleep
) -> pacing.TokenBucket:
    """The account's shared bucket, or one of its own when the caller brings its own sleep."""
    default = None if credentials.is_local else pacing.DEFAULT_RATE_PER_S
    rate = default if rate_per_s is None else rate_per_s
    if sleep is time.sleep:
        return pacing.shared_bucket(credentials.base_url, credentials.company_code, rate)
    return pacing.TokenBucket(rate, sleep=sleep)


class Client(Reads):
    """Reads one CROSS MALL account; safe to share between threads; close it or use ``with``.

    concurrency: requests under way at once. rate_per_s: calls per second of this account in this
    process; None means 8 against a real host and no limit against this machine. on_call: gets a
    CallRecord after every attempt, in the thread that made it. keep_personal: keep names, addresses
    and notes. retries: repeats after a first failed try. timeout_s: longest silence; a whole reply
    may take twice as long. transport, sleep: for tests.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        concurrency: int = 4,
        rate_per_s: float | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        keep_personal: bool = False,
        transport: httpx.BaseTransport | None = None,
        retries: int = 3,
        timeout_s: float = READ_TIMEOUT_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if concurrency < 1 or retries < 0 or timeout_s <= 0:
            raise ConfigurationError("concurrency, retries or timeout_s is out of range")
        if rate_per_s is not None and not rate_per_s > 0:
            raise ConfigurationError("rate_per_s must be above 0")
        self._credentials = credentials
        self._on_call = on_call
        self._keep_personal = keep_personal
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._policy = RetryPolicy(retries=retries)
        self._slots = threading.BoundedSemaphore(concurrency)
        self._bucket = _bucket(credentials, rate_per_s, sleep)
        code = credentials.company_code
        self._redact = Redactor(
            [credentials.key.reveal(), *([code] if len(code) >= SHORTEST_SECRET else [])]
        )
        guard_http_loggers(self._redact)
        self._http = _http_client(concurrency, timeout_s, transport)

    def __repr__(self) -> str:
        return f"Client(base_url={self._credentials.base_url!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; later calls raise ConfigurationError."""
        self._http.close()

    def _call(
        self,
        endpoint: Endpoint,
        parameters: Mapping[str, ParameterValue],
        read: Callable[[bytes], Page[T]],
    ) -> Page[T]:
        call = self._prepared(endpoint, parameters)
        attempt = 0
        while True:
            attempt += 1
            outcome = self._attempt(call, read, attempt)
            if isinstance(outcome, Page):
                return outcome
            delay_s = self._policy.delay(attempt, outcome)
            if delay_s is None:
                raise outcome
            if outcome.reason == "throttled" or outcome.retry_after_s:
                self._bucket.pause(delay_s)  # holds every thread of the account, this one included
            else:
                self._sleep(delay_s)

    def _prepared(self, endpoint: Endpoint, parameters: Mapping[str, ParameterValue]) -> _Call:
        if self._http.is_closed:
            raise ConfigurationError("the client is closed", endpoint=endpoint.name)
        code, key = self._credentials.company_code, self._credentials.key
        query = build_query(endpoint, code, parameters)
        values = [code, sign(query, key)]
        for value in parameters.values():
            values += [value] if isinstance(value, str) else value
        return _Call(
            endpoint=endpoint,
            call_id=uuid.uuid4().hex[:8],
            names=tuple(pair.partition("=")[0] for pair in query.split("&")),
            sent=signed_query(query, key),
            values=tuple(values),
        )

    def _attempt(
        self, call: _Call, read: Callable[[bytes], Page[T]], attempt: int
    ) -> Page[T] | CrossmallError:
        reply = _Reply()
        outcome: Page[T] | CrossmallError
        try:
            with self._slots:
                self._bucket.acquire()
                reply.started_at, started = datetime.now(UTC), time.monotonic()
                try:
                    self._exchange(call, reply)
                finally:
                    reply.ms = (time.monotonic() - started) * 1000
            outcome = read(reply.body)
        except CrossmallError as error:
            outcome = self._told(error, call, reply)
        record = CallRecord(
            endpoint=call.endpoint.name,
            parameter_names=call.names,
            status=reply.status,
            rows=outcome.raw_count if isinstance(outcome, Page) else 0,
            bytes=len(reply.body),
            ms=reply.ms,
            error_class=None if isinstance(outcome, Page) else type(outcome).__name__,
            started_at=reply.started_at,
            attempt=attempt,
            call_id=call.call_id,
        )
        _log_record(record)
        if self._on_call is not None:
            self._on_call(record)
        return outcome

    def _exchange(self, call: _Call, reply: _Reply) -> None:
        """Send the signed text as it is and fill in the reply, or raise TransportError."""
        path = f"/{call.endpoint.name}?{call.sent}"
        request = self._http.build_request("GET", self._credentials.base_url + path)
        if not request.url.raw_path.endswith(path.encode("ascii")):
            raise ConfigurationError("the request cannot be sent as signed")
        give_up_at = time.monotonic() + 2 * self._timeout_s
        error: TransportError
        try:
            with closing(self._http.send(request, stream=True)) as response:
                reply.status = response.status_code
                reply.hint_s = retry_after_s(response.headers.get("retry-after"), datetime.now(UTC))
                reply.body = _body(response, give_up_at)
                return
        except httpx.HTTPError as failure:
            error = _transport_error(failure)
        raise error

    def _told(self, error: CrossmallError, call: _Call, reply: _Reply) -> CrossmallError:
        """The error with what is known about its call, and with nothing secret in it."""
        status = reply.status
        if status is not None and status != 200 and not isinstance(error, ApiError):
            error = refused_status(status, reply.body)
        elif isinstance(error, ApiError) and not isinstance(error, AuthError):
            error.retryable = status is not None and is_retryable_status(status)
        error.endpoint, error.call_id, error.http_status = call.endpoint.name, call.call_id, status
        error.retry_after_s = reply.hint_s
        if error.vendor_text is not None:
            error.vendor_text = self._redact(error.vendor_text, call.values)
        return error


def _body(response: httpx.Response, give_up_at: float) -> bytes:
    """The whole body, unpacked; raises TransportError when it is too large or takes too long."""
    pieces = bytearray()
    for piece in response.iter_bytes():
        pieces += piece
        if len(pieces) > MAX_BODY_BYTES:
            raise TransportError("the reply is too large", reason="too_large")
        if time.monotonic() > give_up_at:
            raise TransportError("the reply took too long", reason="timeout", retryable=True)
    return bytes(pieces)


def _log_record(record: CallRecord) -> None:
    _log.debug(
        "endpoint=%s call=%s attempt=%d status=%s rows=%d bytes=%d ms=%.0f error=%s",
        record.endpoint,
        record.call_id,
        record.attempt,
        record.status,
        record.rows,
        record.bytes,
        record.ms,
        record.error_class,
    )
