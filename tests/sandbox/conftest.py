"""The sandbox as a real process, and a small client of its own that signs what it sends."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_plus

import pytest

ROOT = Path(__file__).parents[2]
KEY = "mXCTpnoA"
READY = "CROSS MALL sandbox ready: "


@dataclass(frozen=True)
class Envelope:
    """A parsed reply: status word, message and rows as dicts."""

    status: str
    message: str
    rows: list
    body: bytes


def read_envelope(body):
    root = ET.fromstring(body)
    result = root.find("ResultSet/ResultStatus")
    rows = [
        {cell.tag: cell.text or "" for cell in row} for row in root.iterfind("ResultSet/Result")
    ]
    return Envelope(result[0].text, result.find("Message").text or "", rows, body)


def signed(query, key=KEY):
    return f"{query}&signing={hashlib.md5((query + key).encode()).hexdigest()}"


@dataclass
class Sandbox:
    """One running sandbox process."""

    process: subprocess.Popen
    url: str
    control: str = field(init=False)

    def __post_init__(self):
        self.control = self.url.removesuffix("/webapi2") + "/_sandbox"

    def raw(self, endpoint, query, timeout=10):
        request = urllib.request.Request(f"{self.url}/{endpoint}?{query}")
        with urllib.request.urlopen(request, timeout=timeout) as reply:
            return reply.read()

    def call(self, endpoint, *pairs, **parameters):
        named = [*pairs, *parameters.items()]
        query = "&".join(
            ["account=ill", *(f"{n}={quote_plus(str(v), safe=':')}" for n, v in named)]
        )
        return read_envelope(self.raw(endpoint, signed(query)))

    def rows(self, endpoint, *pairs, **parameters):
        reply = self.call(endpoint, *pairs, **parameters)
        assert reply.status == "success", reply.message
        return reply.rows

    def all_orders(self, **filters):
        found, after = [], {}
        while True:
            page = self.rows("get_order", **filters, **after)
            found += page
            if len(page) < 100:
                return found
            after = {"condition": 1, "order_number": page[-1]["order_number"]}

    def get(self, path):
        with urllib.request.urlopen(f"{self.control}/{path}", timeout=20) as reply:
            return json.load(reply)

    def post(self, path, **body):
        data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.control}/{path}", data=data, method="POST")
        with urllib.request.urlopen(request, timeout=10) as reply:
            return json.load(reply)

    def file(self, kind, encoding="utf-8-sig", **query):
        extra = "".join(f"&{n}={quote_plus(v)}" for n, v in query.items())
        url = f"{self.control}/smartship/{kind}?encoding={encoding}{extra}"
        with urllib.request.urlopen(url, timeout=20) as reply:
            text = reply.read().decode(encoding)
            headers = reply.headers
        return list(csv.DictReader(io.StringIO(text))), headers

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()


def launch(*arguments):
    command = [sys.executable, "-m", "crossmall.sandbox", "--exit-with-stdin", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        encoding="utf-8",
    )  # fmt: skip


def start_sandbox(*arguments):
    process = launch(*arguments)
    line = process.stdout.readline()
    if not line.startswith(READY):
        process.stdin.close()
        raise AssertionError(f"not ready: {line!r} {process.stderr.read()}")
    return Sandbox(process, line.removeprefix(READY).strip())


@pytest.fixture(scope="module")
def start():
    """Starts sandboxes with the given options; all are stopped after the module."""
    running = []

    def begin(*arguments):
        running.append(start_sandbox(*arguments))
        return running[-1]

    yield begin
    for sandbox in running:
        if sandbox.process.poll() is None:
            sandbox.stop()


@pytest.fixture(scope="session")
def sign():
    return signed


@pytest.fixture(scope="session")
def envelope():
    return read_envelope


@pytest.fixture(scope="session")
def launcher():
    return launch
