"""The caller: signs a query, sends that text byte for byte, reads the reply, waits and counts.

The only home of the HTTP library. Reads unless it was given leave to write (``crossmall.writes``).
"""

import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache, partial
from types import TracebackType
from typing import Final, Self, TypeVar

import httpx

from crossmall import calls, endpoints, pacing
from crossmall.approval import AllowWrites
from crossmall.bodies import MAX_BODY_BYTES
from crossmall.breaker import CircuitBreaker, breaker_of, circuit_open
from crossmall.calls import Call, Reply
from crossmall.endpoints import Endpoint
from crossmall.errors import ConfigurationError, CrossmallError, TransportError
from crossmall.provisional import Names
from crossmall.queries import ParameterValue
from crossmall.redact import Redactor, guard_http_loggers
from crossmall.retry import RetryPolicy, http_date, retry_after_s
from crossmall.types import CallRecord, Credentials, KeepPersonal, Page
from crossmall.wire import read_update
from crossmall.writes import Writes

T = TypeVar("T")

CONNECT_TIMEOUT_S: Final = 10.0  # [S] one of the values people use
READ_TIMEOUT_S: Final = 60.0  # [S] likewise; between two pieces of a reply
SHORTEST_SECRET: Final = 4  # company codes shorter than this are hidden in queries only [D]

TOO_MUCH: Final = frozenset({429, 503})  # statuses that halve the account's rate [D]
_trusted = cache(partial(httpx.create_ssl_context, trust_env=False))  # 40 ms, once in a process
_HEADERS: Final = {  # what the library sends by itself, compressed replies by gzip alone
    "Accept": "*/*",
    "Accept-Encoding": "gzip",
    "User-Agent": f"python-httpx/{httpx.__version__}",
}
_NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


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


class _Connections:
    """Connections of the HTTP library, each taken by one call at a time, the warmest first.

    Requests go straight to its transport: nothing on the way follows redirects, keeps cookies, asks the environment
    for a proxy or logs an address. One connection a transport: a pool looks at all of its own under a lock in every
    call. kept: False for changes: a connection that has died meanwhile would look like a lost change.
    """

    def __init__(self, timeout_s: float, given: httpx.BaseTransport | None, *, kept: bool) -> None:
        timeout = httpx.Timeout(timeout_s, connect=min(CONNECT_TIMEOUT_S, timeout_s), pool=None)
        self._extensions = {"timeout": timeout.as_dict()}
        self._headers = _HEADERS | {"Connection": "keep-alive" if kept else "close"}
        self._given = given
        self._limits = httpx.Limits(max_connections=1, max_keepalive_connections=int(kept))
        self._idle: deque[httpx.BaseTransport] = deque()
        self.is_closed = False

    @contextmanager
    def send(self, url: str, path: str) -> Iterator[httpx.Response]:
        """The reply to a GET of this address, body unread, for the time of the block; path: how the address ends."""
        request = httpx.Request("GET", url, headers=self._headers, extensions=self._extensions)
        if not request.url.raw_path.endswith(path.encode("ascii")):
            raise ConfigurationError("the request cannot be sent as signed")
        try:
            transport = self._idle.pop()
        except IndexError:
            transport = self._given or self._new()
        try:
            with closing(transport.handle_request(request)) as response:
                yield response
        finally:
            self._idle.append(transport)
            if self.is_closed:
                self.close()

    def close(self) -> None:
        """Close what is idle now, and what is under way as soon as it ends."""
        self.is_closed = True
        while self._idle:
            with suppress(IndexError):  # another thread closes too
                self._idle.pop().close()

    def _new(self) -> httpx.HTTPTransport:
        return httpx.HTTPTransport(verify=_trusted(), trust_env=False, limits=self._limits)


class Client(Writes):
    """Reads one CROSS MALL account; safe to share between threads; close it or use ``with``.

    concurrency: requests under way at once. rate_per_s: calls per second of this account in this
    process; None means 8 against a real host and no limit against this machine. on_call: gets a
    CallRecord after every attempt, in the thread that made it. keep_personal: keep names, addresses
    and notes, or what a function makes of those of an order. retries: repeats after a first failed
    try. timeout_s: longest silence; a whole reply may take twice as long. names: true spellings of
    guessed names. confirmed: calls that may be made to a real host although their names are guessed.
    allow_writes: leave to change things. transport, sleep, breaker: for tests.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        concurrency: int = 4,
        rate_per_s: float | None = None,
        on_call: Callable[[CallRecord], None] | None = None,
        keep_personal: KeepPersonal = False,
        transport: httpx.BaseTransport | None = None,
        retries: int = 3,
        timeout_s: float = READ_TIMEOUT_S,
        sleep: Callable[[float], None] = time.sleep,
        names: Names | None = None,
        confirmed: Collection[str] = (),
        allow_writes: AllowWrites | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        if concurrency < 1 or retries < 0 or timeout_s <= 0:
            raise ConfigurationError("concurrency, retries or timeout_s is out of range")
        self._credentials = credentials
        self._on_call = on_call
        self._keep_personal = keep_personal
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._policy = RetryPolicy(retries=retries)
        self._slots = threading.BoundedSemaphore(concurrency)
        self._bucket = pacing.bucket_of(credentials, rate_per_s, sleep)
        self._breaker = breaker or breaker_of(credentials, sleep)
        self._names = names or Names()
        self._confirmed = frozenset(endpoints.endpoint(name).name for name in confirmed)
        self._allow_writes = allow_writes
        code = credentials.company_code
        self._redact = Redactor(
            [credentials.key.reveal(), *([code] if len(code) >= SHORTEST_SECRET else [])]
        )
        guard_http_loggers(self._redact)
        self._http = _Connections(timeout_s, transport, kept=True)
        self._http_once = _Connections(timeout_s, transport, kept=False) if allow_writes else None

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
        if self._http_once:
            self._http_once.close()

    @property
    def _is_local(self) -> bool:
        return self._credentials.is_local

    def _wait(self, seconds: float) -> None:
        self._sleep(seconds)

    def _call(
        self,
        endpoint: Endpoint,
        parameters: Mapping[str, ParameterValue],
        read: Callable[[bytes], Page[T]],
    ) -> Page[T]:
        if endpoint.is_update:
            raise ConfigurationError("an update is never repeated", endpoint=endpoint.name)
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

    def _send_once(
        self, endpoint: Endpoint, parameters: Mapping[str, str]
    ) -> tuple[str, CrossmallError | None]:
        call = self._prepared(endpoint, parameters)
        try:
            outcome = self._attempt(call, read_update, 1)
        except TransportError as refused:  # the circuit is open: nothing was sent
            return call.call_id, refused
        return call.call_id, None if isinstance(outcome, Page) else outcome

    def _prepared(self, endpoint: Endpoint, parameters: Mapping[str, ParameterValue]) -> Call:
        if self._http.is_closed:
            raise ConfigurationError("the client is closed", endpoint=endpoint.name)
        spelt = self._names.parameters(endpoint.name)
        return calls.prepared(endpoint, parameters, self._credentials, spelt)

    def _attempt(
        self, call: Call, read: Callable[[bytes], Page[T]], attempt: int
    ) -> Page[T] | CrossmallError:
        """The page or the error of one request; raises TransportError when it may not be sent now."""
        reply = Reply()
        outcome: Page[T] | CrossmallError
        with self._slots:
            wait_s = self._breaker.wait_s()
            if wait_s is not None:
                raise circuit_open(call.endpoint.name, wait_s)
            self._bucket.acquire()
            try:
                self._exchange(call, reply)
                outcome = read(reply.body)
            except CrossmallError as error:
                outcome = calls.told(error, call, reply, self._redact)
            self._breaker.note(None if isinstance(outcome, Page) else outcome)
            if reply.status in TOO_MUCH:
                self._bucket.slow_down()
        record = calls.record(call, reply, outcome, attempt)
        if self._on_call is not None:
            self._on_call(record)
        return outcome

    def _exchange(self, call: Call, reply: Reply) -> None:
        """Send the signed text as it is and fill in the reply, or raise TransportError."""
        http = (self._http_once if call.endpoint.is_update else None) or self._http
        path = f"/{call.endpoint.name}?{call.sent}"
        started = time.monotonic()
        reply.started_at = datetime.now(UTC)
        error: TransportError
        try:
            with http.send(self._credentials.base_url + path, path) as response:
                reply.status = response.status_code
                reply.hint_s = retry_after_s(response.headers.get("retry-after"), datetime.now(UTC))
                reply.vendor_time = http_date(response.headers.get("date"))
                reply.body = _body(response, started + 2 * self._timeout_s)
                return
        except httpx.HTTPError as failure:
            reply.never_left = isinstance(failure, _NEVER_LEFT)
            error = _transport_error(failure)
        finally:
            reply.ms = (time.monotonic() - started) * 1000
        raise error


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
