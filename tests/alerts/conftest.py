"""A desk with findings, a clock that a test sets, and servers that take its messages."""

import json
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconcile import Workspace

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)  # 12:00 in Japan
HOOK = "T0CANARY/hook-secret-canary"
PERSON = "山田花子カナリア"
SIGNED = (
    "https://crossmall.jp/webapi2/get_order?account=ill&signing=0123456789abcdef0123456789abcdef"
)


@pytest.fixture(autouse=True)
def keys_in_a_file(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("TOTSUGO_KEYRING", "off")
    monkeypatch.setenv("TOTSUGO_KEY_FOLDER", str(tmp_path_factory.getbasetemp() / "keys"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Receiver:
    """The servers; `taken()` gives every message so far."""

    def __init__(self, folder):
        self.folder = folder
        self.mail_port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.alerts.receiver", str(folder), str(self.mail_port)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        self.url = f"http://127.0.0.1:{self.process.stdout.readline().strip()}"

    def taken(self):
        file = self.folder / "taken.jsonl"
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]

    def bodies(self):
        return [json.loads(one["body"]) for one in self.taken() if one["kind"] == "web"]

    def forget(self):
        (self.folder / "taken.jsonl").unlink(missing_ok=True)

    def is_down(self, down):
        mark = self.folder / "down"
        mark.touch() if down else mark.unlink(missing_ok=True)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()


@pytest.fixture(scope="session")
def servers(tmp_path_factory):
    running = Receiver(tmp_path_factory.mktemp("receiver"))
    yield running
    running.stop()


@pytest.fixture
def receiver(servers):
    servers.forget()
    servers.is_down(False)
    return servers


class Desk:
    """A workspace whose clock stands where a test puts it."""

    def __init__(self, folder, receiver):
        self.at = NOON
        self.receiver = receiver
        self.workspace = Workspace.open(folder, clock=lambda: self.at)
        self.workspace.add_account(
            "shop", company_code="ill", key="mXCTpnoA", base_url="http://127.0.0.1:9/webapi2"
        )
        self.synced()

    def channel(self, name="ops", path="ok", **given):
        given = {"kind": "webhook", "allow_private": True, "lang": "en", **given}
        return self.workspace.set_alert_channel(
            name, secret=f"{self.receiver.url}/{path}?{HOOK}", **given
        )

    def passes(self, **length):
        """Time passes, with a good sync at its end."""
        self.at += timedelta(**length)
        self.synced()

    def do(self, statement, *values):
        with self.workspace._db.write() as cursor:
            return cursor.execute(statement, values).fetchall()

    def synced(self):
        self.do("DELETE FROM sync_run")
        self.do(
            "INSERT INTO sync_run (run_id, account, kind, parts, started_at, finished_at, state)"
            " VALUES ('r', 'shop', 'increment', 'orders', ?, ?, 'complete')",
            *[self.at.replace(tzinfo=None)] * 2,
        )

    def finds(self, *numbers, rule="F05", severity="high", kind="finding"):
        for number in numbers:
            self.do(
                "INSERT INTO finding (account, finding_key, rule, kind, severity, subject_kind, subject, order_number,"
                " order_code, because, state, opened_at, refreshed_at)"
                " VALUES ('shop', ?, ?, ?, ?, 'order', ?, ?, ?, ?, 'open', ?, ?)",
                *(f"{rule}|order|{number}", rule, kind, severity, number, number, SIGNED),
                *(json.dumps({"name": PERSON, "url": SIGNED}), *[self.at.replace(tzinfo=None)] * 2),
            )  # fmt: skip

    def resolves(self, number, rule="F05"):
        self.do(
            "DELETE FROM finding WHERE finding_key = ?", f"{rule}|order|{number}"
        )  # as after a resolution long ago

    def check(self):
        return self.workspace.check_alerts()


@pytest.fixture
def desk(tmp_path, receiver):
    return Desk(tmp_path / "data", receiver)
