"""The HTTP side: API and control routes, faults that need the wire, start and stop."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from crossmall.sandbox import faults as fault_menu
from crossmall.sandbox.control import control_routes
from crossmall.sandbox.desk import ENDPOINTS, STATUS, Answer, Desk, answer

HOST = "127.0.0.1"
BASE_PATH = "/webapi2"
CONTENT_TYPE = "text/xml; charset=UTF-8"  # [D]
TICK_S = 0.01
GRACE_S = 1


class BrokenResponse(Response):
    """Announces the whole body, sends half of it and lets the connection drop."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """The ASGI side; returning before the body is complete makes the server hang up."""
        start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
        await send(start)
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def make_app(desk: Desk) -> Starlette:
    """The ASGI application of one sandbox."""

    async def api(request: Request) -> Response:
        endpoint = request.path_params["endpoint"]
        if endpoint not in ENDPOINTS:
            return PlainTextResponse("Not Found", status_code=404)
        if desk.latency_s:
            await asyncio.sleep(desk.latency_s)
        caller = request.client.host if request.client else ""
        found = answer(desk, endpoint, request.scope["query_string"], caller)
        return await _response(found)

    route = Route(f"{BASE_PATH}/{{endpoint}}", api, methods=["GET"])
    route.methods = {"GET"}  # no HEAD: the API knows GET alone
    return Starlette(routes=[route, *control_routes(desk)])


async def _response(found: Answer) -> Response:
    fault = found.fault
    if fault == "delay":
        await asyncio.sleep(fault_menu.DELAY_S)
    if fault in ("timeout", "timeout_after_commit"):
        await asyncio.sleep(fault_menu.HANG_S)
    if fault in STATUS:
        wait = {"Retry-After": str(fault_menu.RETRY_AFTER_S)} if fault == "http_429" else {}
        return PlainTextResponse("[sandbox]", status_code=STATUS[fault], headers=wait)
    if fault == "html":
        return Response(fault_menu.MAINTENANCE_PAGE, media_type="text/html")
    if not found.body:
        return PlainTextResponse("", status_code=504)
    body = fault_menu.spoiled(fault, found.body, found.number)
    kind = BrokenResponse if fault == "reset" else Response
    return kind(body, headers={"Content-Type": CONTENT_TYPE})


class QuietServer(uvicorn.Server):
    """A server that leaves signals to ``serve`` below, so that stopping ends with exit code 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures nothing."""
        yield


def serve(
    desk: Desk, port: int, ready: Callable[[str], None], watch: Callable[[Callable[[], None]], None]
) -> None:
    """Serves on the loopback address until told to stop.

    ready gets the base URL once the port answers; watch gets the function that stops the server
    (from any thread). Raises OSError when the port is taken.
    """
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with listening:
        listening.bind((HOST, port))
        config = uvicorn.Config(
            make_app(desk), access_log=False, log_level="critical", proxy_headers=False,
            server_header=False, timeout_graceful_shutdown=GRACE_S, lifespan="off", http="h11",
            loop="asyncio", ws="none",
        )  # fmt: skip
        server = QuietServer(config)

        def stop(*_: object) -> None:
            server.should_exit = True

        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, stop)
        watch(stop)
        url = f"http://{HOST}:{listening.getsockname()[1]}{BASE_PATH}"
        asyncio.run(_run(server, listening, lambda: ready(url)))


async def _run(server: uvicorn.Server, listening: socket.socket, ready: Callable[[], None]) -> None:
    running = asyncio.ensure_future(server.serve(sockets=[listening]))
    while not server.started and not running.done():
        await asyncio.sleep(TICK_S)
    if server.started:
        ready()
    await running
