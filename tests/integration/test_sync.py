"""Sync against the sandbox process: complete, incremental, resumable, and polite when the vendor refuses."""

import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

import pyarrow.parquet as pq
import pytest

from reconcile import LANGUAGES, ReconcileError, SyncCancelled, SyncFailed, Text, Workspace
from reconcile.errors import SyncBusy

STATE = {
    "orders": "SELECT order_number, order_code, shop_code, phase_name, cancel_flag, delivery_number, updated_at,"
    " lines_for, lines_state FROM cm_order ORDER BY order_number",
    "lines": "SELECT order_number, line_no, item_code, item_name, amount, is_set FROM cm_order_line ORDER BY 1, 2",
    "parts": "SELECT order_number, line_no, ordinal, item_code, component_count FROM cm_component ORDER BY 1, 2, 3",
    "seen": "SELECT order_number, phase_name, cancel_flag, delivery_number, updated_at FROM cm_observation ORDER BY 1",
    "skus": "SELECT item_code, attribute1_name, attribute2_name, jan_code FROM cm_sku ORDER BY 1, 2, 3",
    "stock": "SELECT item_code, attribute1_name, attribute2_name, stock FROM cm_stock ORDER BY 1, 2, 3",
    "cursor": "SELECT feed, cursor_at FROM sync_cursor ORDER BY 1",
}


def state(workspace, look):
    return {name: look(workspace, statement) for name, statement in STATE.items()}


def test_a_first_sync_mirrors_every_order_of_the_shop_as_it_is(workspace, sandbox, look):
    report = workspace.sync("shop")
    truth = {
        order["order_number"]: order["phases"][-1]["phase"]
        for order in sandbox.get("oracle")["orders"]
    }
    mirrored = dict(look(workspace, "SELECT order_number, phase_name FROM cm_order"))
    assert report.complete
    assert report.kind == "first"
    assert report.orders_new == len(mirrored) >= 90
    assert mirrored == truth
    assert look(workspace, "SELECT count(*) FROM cm_order WHERE lines_state IS NULL") == [(0,)]
    assert look(workspace, "SELECT count(*) FROM cm_stock WHERE stock < 0")[0][0] > 0


def test_a_second_sync_with_nothing_changed_asks_once_for_orders_and_once_per_feed_and_adds_nothing(
    workspace, sandbox, look
):
    workspace.sync("shop")
    before = state(workspace, look)
    sandbox.post("requests/reset")
    report = workspace.sync("shop")
    assert (report.kind, report.orders_new, report.orders_changed) == ("increment", 0, 0)
    asked = [one["endpoint"] for one in sandbox.get("requests")["requests"]]
    assert [name for name in asked if "order" in name or name == "get_phase"] == ["get_order"]
    assert asked.count("get_diff_stock") == asked.count("get_diff_item_sku") == 1
    assert "get_stock" not in asked
    assert state(workspace, look) == before


def test_changed_orders_cost_one_detail_call_each_and_leave_a_history(workspace, sandbox, look):
    workspace.sync("shop")
    sandbox.post("clock", advance_s=26 * 3600)
    sandbox.post("requests/reset")
    report = workspace.sync("shop", parts=("orders",))
    touched = report.orders_new + report.orders_changed
    assert touched > 0
    details = look(
        workspace,
        f"SELECT count(*) FROM api_call WHERE run_id = '{report.run_id}' AND endpoint = 'get_order_detail'",
    )[0][0]
    assert 0 < details <= touched
    seen_twice = look(
        workspace, "SELECT order_number FROM cm_observation GROUP BY 1 HAVING count(*) = 2"
    )
    assert len(seen_twice) == report.orders_changed


def test_a_cancelled_sync_goes_on_where_it_stood(workspace, look, tmp_path, sandbox):
    reached = set()

    with pytest.raises(SyncCancelled):
        workspace.sync(
            "shop",
            on_progress=lambda progress: reached.add(progress.stage),
            cancelled=lambda: "lines" in reached,
        )
    assert look(workspace, "SELECT state FROM sync_run") == [("cancelled",)]
    assert look(workspace, "SELECT count(*) FROM sync_cursor WHERE feed = 'stock'") == [(0,)]
    workspace.sync("shop")
    assert state(workspace, look) == _undisturbed(tmp_path, sandbox, look)


def _undisturbed(tmp_path, sandbox, look):
    other = Workspace.open(tmp_path / "undisturbed")
    other.add_account("shop", company_code="ill", key="mXCTpnoA", base_url=sandbox.url)
    other.sync("shop")
    return state(other, look)


def test_a_sync_killed_anywhere_and_run_again_equals_an_undisturbed_one(
    slow_sandbox, look, tmp_path, sized
):
    workspace, kills = Workspace.open(tmp_path / "data"), sized(4, 20)
    workspace.add_account("shop", company_code="ill", key="mXCTpnoA", base_url=slow_sandbox.url)
    workspace._db.close()
    command = [sys.executable, "-m", "reconcile", "--data", str(workspace.data), "sync", "--json"]
    dice = random.Random(20261123)
    for _ in range(kills):
        child = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, encoding="utf-8"
        )
        child.stderr.readline()  # the first progress line: the sync is under way
        time.sleep(dice.uniform(0.0, 1.5))
        child.kill()
        child.communicate()
    workspace.sync("shop")
    assert state(workspace, look) == _undisturbed(tmp_path, slow_sandbox, look)
    ended = Counter(one for (one,) in look(workspace, "SELECT state FROM sync_run"))
    assert ended.keys() == {"failed", "complete"}
    assert ended.total() == kills + 1
    assert ended["failed"] >= kills // 2, "the kills came after the work was done and prove nothing"


def test_two_syncs_of_one_account_never_run_at_once(workspace):
    refused = []

    def sync_again(progress):
        if progress.stage in ("orders", "lines"):
            with pytest.raises(SyncBusy) as caught:
                Workspace.open(workspace.data).sync("shop")
            refused.append(caught.value)

    assert workspace.sync("shop", on_progress=sync_again).complete
    assert refused


TROUBLES = {
    "wrong key": ("settings", {"key": "another"}, "crossmall.error.auth"),
    "wrong IP": ("settings", {"allow_ip": ["203.0.113.9"]}, None),
    "HTML page": ("faults", {"html": 1}, None),
    "empty reply": ("faults", {"empty": 1}, "crossmall.error.transport"),
    "server error": ("faults", {"http_503": 1}, "crossmall.error.transport"),
    "cut-off XML": ("faults", {"cut_xml": 1}, None),
    "DOCTYPE": ("faults", {"doctype": 1}, None),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_refusal_is_one_message_and_loses_nothing(trouble, workspace, sandbox, look):
    workspace.sync("shop", parts=("orders",))
    workspace = Workspace.open(workspace.data, retries=0)
    before = state(workspace, look)
    path, body, key = TROUBLES[trouble]
    sandbox.post(path, **body)
    with pytest.raises(SyncFailed) as caught:
        workspace.sync("shop", parts=("orders",))
    error = caught.value
    assert key in (None, error.help_key)
    assert error.exit_code == 3
    for lang in LANGUAGES:
        text = Text(lang)
        message = text(error.help_key, **error.values) + text(
            f"{error.help_key}.cure", **error.values
        )
        assert "signing" not in message
        assert "mXCTpnoA" not in message
    assert state(workspace, look) == before
    assert look(workspace, "SELECT state FROM sync_run ORDER BY started_at")[-1] == ("failed",)
    assert workspace.overview().health[0].state == "failed"


def test_a_server_that_is_down_is_one_message(workspace, sandbox):
    sandbox.process.terminate()
    sandbox.process.wait(10)
    workspace = Workspace.open(workspace.data, retries=1)
    with pytest.raises(ReconcileError) as caught:
        workspace.sync("shop")
    assert caught.value.help_key == "crossmall.error.transport"
    assert caught.value.values["reason"] == "refused"


def test_phases_that_only_look_right_are_named_by_their_characters(workspace, sandbox):
    sandbox.post("settings", phases=["注文確認", "発送待機", "QXPRESS発送済"])
    workspace.sync("shop", parts=("orders",))
    by_name = {phase.name: phase for phase in workspace.phases("shop")}
    assert by_name["QXPRESS発送済"].lookalike_of == "QXPRESS発送済み"
    assert by_name["QXPRESS発送済"].difference[0]["expected"] == "み"
    assert by_name["QXPRESS発送済み"].present is False
    ladder = workspace.test_account("shop")
    assert not ladder.ok
    assert {step.id: step.state for step in ladder.steps}["shipped_phase"] == "failed"


def test_a_fresh_account_is_never_shown_as_fine(workspace):
    health = workspace.overview().health[0]
    assert (health.state, health.last_sync_at) == ("never", None)


def test_an_account_without_a_recent_sync_is_stale(workspace):
    workspace.sync("shop", parts=("orders",))
    later = Workspace.open(workspace.data, clock=lambda: datetime.now(UTC) + timedelta(hours=5))
    assert later.overview().health[0].state == "stale"


def test_what_a_sync_saw_before_it_failed_is_in_the_copy_of_the_history(workspace, sandbox, look):
    sandbox.post("faults", http_500={"rate": 1, "endpoints": ["get_item"]})
    hasty = Workspace.open(workspace.data, retries=0)
    with pytest.raises(SyncFailed):
        hasty.sync("shop")
    ((seen,),) = look(workspace, "SELECT count(*) FROM cm_observation")
    assert (
        pq.read_metadata(workspace.data / "history" / "observations.parquet").num_rows == seen > 0
    )
