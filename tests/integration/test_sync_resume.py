"""A sync that was stopped in the middle: it answers at once, keeps what it had, and asks for none of that again."""

import subprocess
import sys
import time
from urllib.parse import parse_qs

import pytest

from reconcile import SyncCancelled, Workspace
from tests.integration.conftest import KEY

HELD = "SELECT order_number FROM cm_order WHERE lines_state IS NOT NULL"
WINDOWS = "SELECT window_from, window_to FROM sync_window"


@pytest.fixture
def desk(tmp_path, slow_sandbox):
    made = Workspace.open(tmp_path / "data", concurrency=2)
    made.add_account("shop", company_code="ill", key=KEY, base_url=slow_sandbox.url)
    return made


def asked(shop):
    """The requests since the last reset: (endpoint, parameters)."""
    log = shop.get("requests")["requests"]
    return [(one["endpoint"], parse_qs(one["query"])) for one in log]


def spans(requests):
    """First pages of closed windows, as (from, to)."""
    return {
        (given["updated_at_fr"][0], given["updated_at_to"][0])
        for name, given in requests
        if name == "get_order" and "updated_at_to" in given and "order_number" not in given
    }


def details(requests):
    return {given["order_number"][0] for name, given in requests if name == "get_order_detail"}


def cancel_in(workspace, stage, done):
    """Stop a sync once that stage has come that far; gives the seconds it took to answer."""
    stopped_at = []

    def watch(progress):
        if progress.stage == stage and progress.done >= done and not stopped_at:
            stopped_at.append(time.monotonic())

    with pytest.raises(SyncCancelled):
        workspace.sync(
            "shop", parts=("orders",), on_progress=watch, cancelled=lambda: bool(stopped_at)
        )
    return time.monotonic() - stopped_at[0]


@pytest.mark.soak
def test_what_was_held_when_a_sync_was_cancelled_is_not_asked_for_again(desk, slow_sandbox, look):
    cancel_in(desk, "lines", 20)
    held = {number for (number,) in look(desk, HELD)}
    before = asked(slow_sandbox)
    assert len(held) >= 20
    assert details(before) <= held, "what had been fetched was stored"
    slow_sandbox.post("requests/reset")
    report = desk.sync("shop", parts=("orders",))
    after = asked(slow_sandbox)
    assert not details(after) & held
    assert not spans(after) & spans(before)
    assert report.kind == "increment", "the headers were all stored and the cursor had moved"
    assert look(desk, "SELECT count(*) FROM cm_order WHERE lines_state IS NULL") == [(0,)]


def test_windows_stored_before_a_cancel_are_not_read_again(desk, slow_sandbox, look):
    cancel_in(desk, "orders", 8)
    stored = look(desk, WINDOWS)
    before = asked(slow_sandbox)
    slow_sandbox.post("requests/reset")
    report = desk.sync("shop", parts=("orders",))
    again = spans(before) & spans(asked(slow_sandbox))
    assert 4 <= len(stored) <= len(spans(before))
    assert len(again) <= len(spans(before)) - len(stored)
    assert report.kind == "first"
    assert look(desk, WINDOWS) == []
    truth = {
        one["order_number"]: one["phases"][-1]["phase"]
        for one in slow_sandbox.get("oracle")["orders"]
    }
    assert dict(look(desk, "SELECT order_number, phase_name FROM cm_order")) == truth


@pytest.mark.parametrize(("stage", "done"), [("orders", 3), ("lines", 10)])
def test_a_cancelled_sync_answers_within_a_second_and_the_running_calls(desk, stage, done):
    assert cancel_in(desk, stage, done) < 4.0  # 1 s, the calls of 50 ms, and a busy machine


def test_a_killed_first_load_does_not_read_its_stored_windows_again(
    desk, slow_sandbox, look, tmp_path
):
    desk._db.close()
    child = subprocess.Popen(
        [sys.executable, "-m", "reconcile", "--data", str(desk.data), "sync", "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while len(details(asked(slow_sandbox))) < 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert child.poll() is None
    child.kill()
    child.wait()
    stored = look(desk, WINDOWS)
    held = {number for (number,) in look(desk, HELD)}
    cursors = look(desk, "SELECT count(*) FROM sync_cursor WHERE feed = 'orders'")
    before = spans(asked(slow_sandbox))
    slow_sandbox.post("requests/reset")
    desk.sync("shop", parts=("orders",))
    after = asked(slow_sandbox)
    assert len(before & spans(after)) <= (0 if cursors == [(1,)] else len(before) - len(stored))
    assert not details(after) & held
    assert look(desk, "SELECT count(*) FROM cm_order WHERE lines_state IS NULL") == [(0,)]


@pytest.mark.soak
def test_progress_never_goes_back_and_ends_with_nothing_left(desk):
    told = []
    desk.sync("shop", parts=("orders",), on_progress=told.append)
    stages = [one.stage for one in told]
    assert list(dict.fromkeys(stages)) == ["phases", "orders", "lines", "rules"]
    assert stages == sorted(stages, key=["phases", "orders", "lines", "rules"].index)
    for stage in ("orders", "lines"):
        counts = [one.done for one in told if one.stage == stage]
        assert counts == sorted(counts)
    last = [one for one in told if one.stage == "lines"][-1]
    assert last.done == last.total
    assert last.left_s == 0
    assert any(one.rate_per_s and one.left_s for one in told)
