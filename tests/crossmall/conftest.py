"""Fixtures for the client's tests: fictional credentials, envelopes, and a real socket server."""

import socketserver
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import httpx
import pytest

from crossmall.client import Client
from crossmall.types import CallRecord, Credentials, Secret

KEY = "mXCTpnoA"


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(company_code="ill", key=Secret(KEY), base_url="http://127.0.0.1:9/webapi2")


@pytest.fixture
def envelope() -> Callable[..., bytes]:
    def build(*rows: dict[str, str], status: str = "success", message: str = "") -> bytes:
        results = "".join(
            f"<Result No='{number}'>"
            + "".join(f"<{name}>{value}</{name}>" for name, value in row.items())
            + "</Result>"
            for number, row in enumerate(rows, start=1)
        )
        return (
            "<?xml version='1.0' encoding='UTF-8'?><GetOrder version='1.0'>"
            f"<ResultSet TotalResult='{len(rows)}'><ResultStatus><GetStatus>{status}</GetStatus>"
            f"<Message>{message}</Message></ResultStatus>{results}</ResultSet></GetOrder>"
        ).encode()

    return build


@dataclass
class Desk:
    """A client whose server is a function, with everything it did on record."""

    credentials: Credentials
    answers: list[httpx.Response | Exception] = field(default_factory=list)
    requests: list[httpx.Request] = field(default_factory=list)
    records: list[CallRecord] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)

    def client(self, **options: object) -> Client:
        def answer(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            step = self.answers[min(len(self.requests), len(self.answers)) - 1]
            if isinstance(step, Exception):
                raise step
            return httpx.Response(step.status_code, headers=step.headers, content=step.content)

        settings: dict[str, object] = {
            "transport": httpx.MockTransport(answer),
            "on_call": self.records.append,
            "sleep": self.slept.append,
        }
        return Client(self.credentials, **(settings | options))  # type: ignore[arg-type]


@pytest.fixture
def desk(credentials: Credentials) -> Desk:
    return Desk(credentials)


class _Tape(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Recorder)
        self.lines: list[bytes] = []
        self.heads: list[bytes] = []
        self.reply = b""
        self.raw = False

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/webapi2"


class _Recorder(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        tape = self.server
        assert isinstance(tape, _Tape)
        while line := self.rfile.readline():
            head = b""
            while (more := self.rfile.readline()) not in (b"\r\n", b""):
                head += more
            tape.lines.append(line.rstrip(b"\r\n"))
            tape.heads.append(head)
            if tape.raw:
                self.wfile.write(tape.reply)
                return
            self.wfile.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nSet-Cookie: a=b\r\n"
                + f"Content-Length: {len(tape.reply)}\r\n\r\n".encode()
                + tape.reply
            )


@pytest.fixture
def tape() -> Iterator[_Tape]:
    """A server on a real socket that notes each request line as bytes."""
    with _Tape() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
