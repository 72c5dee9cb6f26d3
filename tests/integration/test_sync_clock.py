"""Clocks that differ: no order is lost whichever runs ahead, and the difference is reported."""

from datetime import datetime, timedelta

import pytest

from reconcile import Workspace
from tests.integration.conftest import KEY, last_noon


def desk(folder, shop, clock):
    made = Workspace.open(folder, clock=clock, concurrency=8)
    made.add_account("shop", company_code="ill", key=KEY, base_url=shop.url)
    return made


def phases_of(shop):
    orders = shop.get("oracle")["orders"]
    return {one["order_number"]: one["phases"][-1]["phase"] for one in orders}


MIRRORED = "SELECT order_number, phase_name FROM cm_order"


@pytest.mark.parametrize("ours_ahead_h", [-72, 24])
def test_no_change_is_lost_whichever_clock_runs_ahead(tmp_path, sandbox, look, ours_ahead_h):
    now = [last_noon() + timedelta(hours=ours_ahead_h)]
    workspace = desk(tmp_path / "data", sandbox, lambda: now[0])
    first = workspace.sync("shop", parts=("orders",))
    assert set(look(workspace, MIRRORED)) <= set(phases_of(sandbox).items())
    for hours in (1, 20):
        now[0] += timedelta(hours=hours)
        sandbox.post("clock", advance_s=hours * 3600)
        workspace.sync("shop", parts=("orders",))
        truth = phases_of(sandbox)
        mirrored = dict(look(workspace, MIRRORED))
        assert mirrored == {number: truth[number] for number in mirrored}
        assert len(truth) - len(mirrored) <= (4 if ours_ahead_h > 0 else 0), "before the stretch"
    if ours_ahead_h:
        assert first.clock_skew_s == pytest.approx(-ours_ahead_h * 3600, abs=5)
    else:
        assert first.clock_skew_s is None
    kept = look(workspace, "SELECT clock_skew_s FROM sync_run ORDER BY started_at")[0][0]
    assert kept == first.clock_skew_s


def test_a_state_of_the_year_2999_gives_no_rows_and_a_warning_and_blocks_nothing(
    tmp_path, sandbox, look
):
    now = [last_noon()]
    workspace = desk(tmp_path / "data", sandbox, lambda: now[0])
    workspace.sync("shop", parts=("orders",))
    with workspace._db.write() as cursor:
        cursor.execute(
            "UPDATE sync_cursor SET cursor_at = TIMESTAMP '2999-01-01' WHERE feed = 'orders'"
        )
    now[0] += timedelta(seconds=5)
    report = workspace.sync("shop", parts=("orders",))
    assert (report.orders_new, report.orders_changed) == (0, 0)
    assert report.clock_skew_s > 900 * 365 * 86400
    ((cursor_at,),) = look(workspace, "SELECT cursor_at FROM sync_cursor WHERE feed = 'orders'")
    assert cursor_at <= datetime(2998, 1, 1)  # noqa: DTZ001 (the store holds UTC without offset)
    now[0] += timedelta(hours=30)
    sandbox.post("clock", advance_s=30 * 3600)
    later = workspace.sync("shop", parts=("orders",))
    assert later.orders_new + later.orders_changed > 0
    assert later.clock_skew_s is None
    assert dict(look(workspace, MIRRORED)) == phases_of(sandbox)
