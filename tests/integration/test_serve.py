"""`serve` as processes on one data folder: one leads, one takes over, nobody corrupts or blocks the others for long."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import duckdb
import pytest

from reconcile import Text

ROOT = Path(__file__).parents[2]
EN = Text("en")
TAKE_OVER_S = 15.0
ENDS_S = 2.0
POSIX = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM for another process")


class Serve:
    """A running `serve --json` whose lines can be waited for."""

    def __init__(self, data, *options):
        command = [
            sys.executable,
            "-m",
            "reconcile",
            "--data",
            str(data),
            "--lang",
            "en",
            "serve",
            "--json",
        ]
        self.process = subprocess.Popen(
            [*command, *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        self.out, self.err = [], []
        self._news = queue.Queue()
        for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err)):
            threading.Thread(target=self._read, args=(stream, lines), daemon=True).start()

    def _read(self, stream, lines):
        for line in stream:
            lines.append(line.rstrip("\n"))
            self._news.put(line)

    def says(self, words, seconds=60.0):
        end = time.monotonic() + seconds
        while not any(words in line for line in self.err):
            assert self.process.poll() is None, self.err
            assert time.monotonic() < end, (words, self.err)
            time.sleep(0.05)

    def runs(self, count, seconds=60.0):
        end = time.monotonic() + seconds
        while len(self.out) < count:
            assert self.process.poll() is None, self.err
            assert time.monotonic() < end, (self.out, self.err)
            time.sleep(0.05)
        return [json.loads(line) for line in self.out]

    def end(self, number=None):
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(number or signal.SIGTERM)
        code = self.process.wait(20)
        return code, time.monotonic() - begun


@pytest.fixture
def serve(workspace):
    """`serve("--every", "2s")`: a process on the workspace's folder, killed after the test."""
    workspace._db.close()
    started = []

    def start(*options):
        started.append(Serve(workspace.data, *options))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait(10)
        one.process.stdout.close()
        one.process.stderr.close()


def command(workspace, *words):
    return subprocess.run(
        [sys.executable, "-m", "reconcile", "--data", str(workspace.data), "--lang", "en", *words],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )


def test_of_two_one_leads_and_the_other_takes_over_when_it_is_killed(serve, workspace, look):
    first = serve("--every", "2s")
    first.runs(1)
    second = serve("--every", "2s")
    second.says(EN("cli.serve.stands_by"))
    first.runs(2)
    assert second.out == []
    first.process.kill()
    killed_at = time.monotonic()
    second.says(EN("cli.serve.leads"), TAKE_OVER_S)
    (run,) = second.runs(1, TAKE_OVER_S + 30)[:1]
    assert time.monotonic() - killed_at < TAKE_OVER_S + 30
    assert (run["account"], run["state"], run["error"]) == ("shop", "complete", None)
    assert run.keys() == {"account", "at", "state", "error", "next_at", "report"}
    assert look(workspace, "SELECT count(*) FROM sync_run WHERE state = 'running'")[0][0] <= 1


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
@pytest.mark.soak
def test_it_ends_at_once_in_the_middle_of_a_sync(
    number, code, serve, workspace, slow_sandbox, look
):
    workspace.change_account("shop", base_url=slow_sandbox.url)
    workspace._db.close()
    running = serve("--every", "1s")
    running.says(EN("cli.serve.leads"))
    end = time.monotonic() + 90
    while not look(workspace, "SELECT 1 FROM sync_run WHERE state = 'running'"):
        assert time.monotonic() < end
        time.sleep(0.1)
    workspace._db.close()
    ended, seconds = running.end(number)
    assert ended == code
    assert seconds < ENDS_S
    assert "Traceback" not in "".join(running.err)
    assert workspace.sync("shop").complete


@POSIX
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_request_to_end_is_obeyed_in_time_whatever_hangs(number, code):
    hangs = (
        "import time; from reconcile.commands.serving import _signals\n"
        "with _signals(lambda: None): print('ready', flush=True); time.sleep(30); time.sleep(30)"
    )
    with subprocess.Popen([sys.executable, "-c", hangs], cwd=ROOT, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline().strip() == b"ready"
        begun = time.monotonic()
        child.send_signal(number)
        assert child.wait(20) == code
        assert time.monotonic() - begun < ENDS_S


@POSIX
@pytest.mark.soak
def test_it_ends_in_time_although_another_process_keeps_the_store(serve, workspace):
    running = serve("--every", "4s")
    running.runs(1)
    path = workspace.data / "store.duckdb"
    held = None
    end = time.monotonic() + 30
    while held is None:
        assert time.monotonic() < end
        try:
            held = duckdb.connect(str(path))
        except duckdb.IOException:
            time.sleep(0.02)
    time.sleep(4.5)  # a run is due by now, and waits
    code, seconds = running.end()
    held.close()
    assert (code, seconds < ENDS_S) == (0, True), seconds


@pytest.mark.soak
def test_a_sync_beside_it_is_told_or_waits(serve, workspace, slow_sandbox):
    workspace.change_account("shop", base_url=slow_sandbox.url)
    workspace._db.close()
    running = serve("--every", "1s")
    note = workspace.locks / "sync-shop.json"
    end = time.monotonic() + 90
    while not note.exists():
        assert time.monotonic() < end
        time.sleep(0.05)
    told = command(workspace, "sync", "--json")
    assert told.returncode == 3
    assert json.loads(told.stdout)["error"]["code"] == "error.sync.busy_since"
    assert str(running.process.pid) in told.stderr
    waited = command(workspace, "sync", "--wait", "60", "--json")
    assert waited.returncode == 1, waited.stderr
    assert json.loads(waited.stdout)["complete"]


def test_serve_without_an_account_says_so(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "reconcile", "--data", str(tmp_path), "--lang", "en", "serve"],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert EN("error.account.none") in done.stderr


@pytest.mark.soak
@pytest.mark.minutes(10)
def test_three_processes_on_one_folder_never_meet_a_store_that_cannot_be_used(
    serve, workspace, sized, tally, look
):
    seconds = sized(20, 600)
    leads, stands_by = serve("--every", "2s"), serve("--every", "2s")
    until = time.monotonic() + seconds
    reads = syncs = 0
    cron = None
    while time.monotonic() < until:
        assert workspace.overview().health, "a screen could not be read"
        reads += 1
        if cron is None or cron.poll() is not None:
            if cron is not None:
                assert cron.returncode in (1, 3), cron.stderr.read()
                assert "error.store" not in cron.stdout.read()
                cron.stdout.close()
                cron.stderr.close()
                syncs += 1
            words = [
                sys.executable,
                "-m",
                "reconcile",
                "--data",
                str(workspace.data),
                "sync",
                "--json",
            ]
            cron = subprocess.Popen(
                words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
            )
        time.sleep(0.2)
    cron.communicate(timeout=120)
    ran = [json.loads(line) for line in (*leads.out, *stands_by.out)]
    tally("store", seconds=seconds, reads=reads, syncs=syncs, scheduled=len(ran))
    assert len(ran) >= 2
    assert {one["state"] for one in ran} <= {"complete", "busy"}, ran
    assert reads > 10
    doubled = look(
        workspace,
        "SELECT count(*) FROM sync_run a, sync_run b WHERE a.run_id < b.run_id"
        " AND a.started_at < b.finished_at AND b.started_at < a.finished_at",
    )
    assert doubled == [(0,)], "two syncs of one account at once"
