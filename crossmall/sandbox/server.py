"""The HTTP side: API and control routes, the transport for faults of the wire, start and stop."""

import asyncio
import contextlib
import functools
import signal
import socket
import ssl
from collections.abc import Callable, Iterator, MutableMapping
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from crossmall.sandbox.control import control_routes
from crossmall.sandbox.desk import ENDPOINTS, Desk, answer
from crossmall.sandbox.wire import TRANSPORT, Reply

HOST = "127.0.0.1"
BASE_PATH = "/webapi2"
TICK_S = 0.01
GRACE_S = 1
KEEP_ALIVE_S = 75


class Connection(H11Protocol):
    """The library's connection, which also hands its transport to the application."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Called once per connection."""
        super().connection_made(transport)
        self.app = functools.partial(_with_transport, self.app, transport)


async def _with_transport(
    app: ASGIApp,
    transport: asyncio.Transport,
    scope: MutableMapping[str, Any],
    receive: Receive,
    send: Send,
) -> None:
    scope[TRANSPORT] = transport
    await app(scope, receive, send)


class Front:
    """Answers the API; everything else goes to the control paths."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        route = Route(f"{BASE_PATH}/{{endpoint}}", self._wrong_call)
        route.methods = {"GET"}  # no HEAD: the API knows GET alone
        self._rest = Starlette(routes=[route, *control_routes(desk)])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The ASGI side."""
        place, _, endpoint = scope["path"].rpartition("/")
        if place != BASE_PATH or endpoint not in ENDPOINTS or scope["method"] != "GET":
            await self._rest(scope, receive, send)
            return
        if self._desk.latency_s:
            await asyncio.sleep(self._desk.latency_s)
        caller = scope["client"][0] if scope["client"] else ""
        found = answer(self._desk, endpoint, scope["query_string"], caller)
        await Reply(found.outgoing, found.way, self._desk.clock.now)(scope, receive, send)

    async def _wrong_call(self, _: Request) -> Response:
        return PlainTextResponse("Not Found", status_code=404)


class QuietServer(uvicorn.Server):
    """A server that leaves signals to ``serve`` below, so that stopping ends with exit code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures nothing."""
        yield


def serve(
    desk: Desk,
    port: int,
    ready: Callable[[str], None],
    watch: Callable[[Callable[[], None]], None],
    *,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serves on the loopback address until told to stop.

    ready gets the base URL once the port answers; watch gets the function that stops the server
    (from any thread). Raises OSError when the port is taken.
    """
    # with the protocol named, asyncio sends small packets at once; without it each reply waits 40 ms
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with listening:
        listening.bind((HOST, port))
        config = uvicorn.Config(
            Front(desk), access_log=False, log_level="critical", proxy_headers=False,
            server_header=False, date_header=False, timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=KEEP_ALIVE_S, lifespan="off", http=Connection, loop="asyncio",
            ws="none", ssl_context_factory=None if tls is None else lambda *_: tls,
        )  # fmt: skip
        server = QuietServer(config)

        def stop(*_: object) -> None:
            server.should_exit = True

        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, stop)
        watch(stop)
        scheme = "http" if tls is None else "https"
        url = f"{scheme}://{HOST}:{listening.getsockname()[1]}{BASE_PATH}"
        asyncio.run(_run(server, listening, lambda: ready(url)))


async def _run(server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None]) -> None:
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    while not server.started and not running.done():
        await asyncio.sleep(TICK_S)
    if server.started:
        ready()
    await running
