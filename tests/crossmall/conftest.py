"""Fixtures for the client's tests: fictional credentials, envelopes, and a real socket server."""

import json
import os
import socketserver
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossmall.client import Client
from crossmall.types import CallRecord, Credentials, Secret

ROOT = Path(__file__).parents[2]
KEY = "mXCTpnoA"
READY = "CROSS MALL sandbox ready: "


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


class Shop:
    """A running sandbox process with a frozen clock, and its control paths."""

    key = KEY

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "crossmall.sandbox", "--port", "0", "--account", "ill"]
        command += ["--clock", "frozen", "--exit-with-stdin", *arguments]
        self.process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, "CROSSMALL_SANDBOX_KEY": KEY, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.startswith(READY):
            self.stop()
            raise RuntimeError(f"the sandbox did not start: {line!r}")
        self.url = line.removeprefix(READY).strip()

    def control(self, path: str, **body: object) -> Any:
        address = self.url.removesuffix("/webapi2") + f"/_sandbox/{path}"
        data = json.dumps(body).encode() if body else None
        with urllib.request.urlopen(address, data=data, timeout=30) as reply:
            return json.load(reply)

    def client(self, **options: Any) -> Client:
        credentials = Credentials(company_code="ill", key=Secret(KEY), base_url=self.url)
        return Client(credentials, **({"retries": 0} | options))

    def stop(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()


@pytest.fixture(scope="module")
def start_shop() -> Iterator[Callable[..., Shop]]:
    """Starts sandboxes with further options; all are stopped after the module."""
    running: list[Shop] = []

    def start(*arguments: str) -> Shop:
        running.append(Shop(*arguments))
        return running[-1]

    yield start
    for shop in running:
        shop.stop()
