"""A real sandbox process with a frozen clock, and workspaces that talk to it."""

import json
import os
import subprocess
import sys
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconcile import Workspace

ROOT = Path(__file__).parents[2]
KEY = "mXCTpnoA"
READY = "CROSS MALL sandbox ready: "


class SandboxProcess:
    """A running sandbox with its control interface."""

    def __init__(self, *arguments, key=KEY):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "crossmall.sandbox", "--exit-with-stdin", *arguments],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"CROSSMALL_SANDBOX_KEY": key},
            encoding="utf-8",
        )
        line = self.process.stdout.readline()
        if not line.startswith(READY):
            raise RuntimeError(f"sandbox did not start: {self.process.communicate()[1]}")
        self.url = line.removeprefix(READY).strip()

    def _control(self, path):
        return self.url.removesuffix("/webapi2") + f"/_sandbox/{path}"

    def get(self, path):
        with urllib.request.urlopen(self._control(path), timeout=20) as reply:
            return json.load(reply)

    def post(self, path, **body):
        request = urllib.request.Request(
            self._control(path), data=json.dumps(body).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=20) as reply:
            return json.load(reply)

    def file(self, kind, **query):
        tail = "&".join(f"{name}={value}" for name, value in query.items())
        with urllib.request.urlopen(self._control(f"smartship/{kind}?{tail}"), timeout=20) as reply:
            return reply.read(), reply.headers

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()
        self.process.stderr.close()


@pytest.fixture(autouse=True)
def keys_in_a_file(monkeypatch, tmp_path_factory):
    """Keys of tests never reach the machine's own keyring."""
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path_factory.getbasetemp() / "keys"))


def last_noon():
    """The last 13:00 JST that is over: the same hour of the shop's day whenever the tests run."""
    now = datetime.now(UTC)
    noon = now.replace(hour=4, minute=0, second=0, microsecond=0)
    return noon if noon < now else noon - timedelta(days=1)


def frozen_shop(*arguments):
    """A shop of 90 orders whose clock stands still at 13:00 JST."""
    return SandboxProcess(
        *("--orders", "90", "--seed", "7", "--clock", "frozen", "--epoch", last_noon().isoformat()),
        *arguments,
    )


@pytest.fixture
def sandbox():
    """A shop that answers at once."""
    running = frozen_shop()
    yield running
    running.stop()


@pytest.fixture
def slow_sandbox():
    """The same shop behind a slow line: a first sync takes several seconds."""
    running = frozen_shop("--latency-ms", "50")
    yield running
    running.stop()


@pytest.fixture
def workspace(tmp_path, sandbox):
    """A workspace with one account on the sandbox, never synced."""
    made = Workspace.open(tmp_path / "data")
    made.add_account("shop", company_code="ill", key=KEY, base_url=sandbox.url)
    return made


def rows(workspace, statement):
    """What the mirror holds, as a list of tuples (tests look under the hood to compare with the truth)."""
    with workspace._db.read() as cursor:
        return cursor.execute(statement).fetchall()


@pytest.fixture
def look():
    """`look(workspace, sql)`: rows of the mirror."""
    return rows
