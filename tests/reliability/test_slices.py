"""R7: read in slices, twice, from a cursor out of its mind, or by several at once: always the same mirror."""

import json
import os
import random
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from reconcile import Workspace
from reconcile.errors import SyncBusy
from tests.integration.conftest import ROOT
from tests.reliability import checker
from tests.reliability.checker import Checker
from tests.reliability.desk import open_desk

TABLES = {
    "cm_order": (*checker.ORDER_COLUMNS, "lines_for", "lines_state"),
    "cm_order_line": checker.LINE_COLUMNS,
    "cm_component": checker.PART_COLUMNS,
    "cm_item": checker.ITEM_COLUMNS,
    "cm_sku": checker.SKU_COLUMNS,
    "cm_stock": checker.STOCK_COLUMNS,
}
HISTORY = ("order_number", "first_seen_at", *checker.STATE_COLUMNS)


def mirror(desk):
    return {table: checker.rows(desk, table, columns) for table, columns in TABLES.items()}


def cuts(dice, first, last, count):
    """Moments of a life, some a second or nothing apart, in their order."""
    moments = sorted(first + (last - first) * dice.random() for _ in range(count))
    for place in range(1, count):
        if dice.random() < 0.2:
            moments[place] = moments[place - 1] + timedelta(seconds=dice.choice((0, 1, 59)))
    return sorted(moment.replace(microsecond=0) for moment in moments)


def live(shop, desk, dice, count):
    """Sync at random moments of a shop's life; what is wrong with the mirror at its end."""
    epoch, truth = shop.now(), Checker(shop.reader)
    for moment in cuts(dice, epoch - timedelta(days=28), epoch + timedelta(days=6), count):
        shop.set_to(moment)
        truth.look()
        desk.sync("shop", parts=("orders",))
    desk.sync("shop")
    return truth.everything(desk)


@pytest.mark.soak
@pytest.mark.minutes(7)
def test_a_life_read_in_slices_equals_one_read_at_its_end(begin, tmp_path, sized, tally):
    wanted, per_life, wrong = sized(6, 1_000), sized(6, 25), 0
    for life in range(-(-wanted // per_life)):
        shop = begin(seed=100 + life)
        dice = random.Random(f"slices:{life}")
        slices = open_desk(tmp_path / f"slices{life}", shop)
        said = live(shop, slices, dice, per_life)
        whole = open_desk(tmp_path / f"whole{life}", shop, kind=Workspace)
        assert whole.sync("shop").kind == "first"
        said += [
            f"{name}: slices and whole differ"
            for name, rows in mirror(whole).items()
            if rows != mirror(slices)[name]
        ]
        wrong += len(said)
        assert said == [], f"life {life}"
        shop.stop()
    tally("R7", cut_points=per_life * -(-wanted // per_life), differences=wrong)


@pytest.mark.soak
def test_reading_twice_changes_no_row(begin, tmp_path):
    shop = begin()
    desk = open_desk(tmp_path / "data", shop)
    desk.sync("shop")
    shop.advance(26 * 3600)
    desk.sync("shop")
    before, history = mirror(desk), checker.rows(desk, "cm_observation", HISTORY)
    for full in (False, True, False):
        report = desk.sync("shop", full=full)
        assert (report.orders_new, report.orders_changed, report.rows_skipped) == (0, 0, 0)
    assert mirror(desk) == before
    assert checker.rows(desk, "cm_observation", HISTORY) == history


def test_a_cursor_in_the_year_2999_reads_nothing_says_so_and_loses_nothing(begin, tmp_path):
    shop = begin()
    desk = open_desk(tmp_path / "data", shop, kind=Workspace)
    truth = Checker(shop.reader)
    truth.look()
    plain = flags(desk, desk.sync("shop", parts=("orders",)))
    shop.advance(1)
    with desk._db.write() as cursor:
        cursor.execute(
            "UPDATE sync_cursor SET cursor_at = TIMESTAMP '2999-01-01' WHERE feed = 'orders'"
        )
    report = desk.sync("shop", parts=("orders",))
    assert (report.orders_new, report.orders_changed) == (0, 0)
    assert flags(desk, report) != plain, "nobody is told that the cursor lies in the future"
    for _ in range(3):
        shop.advance(2400)
        truth.look()
        desk.sync("shop", parts=("orders",))
    assert truth.orders(desk) == []


def flags(desk, report):
    """Every warning a person is shown: by the report, by the health of the account, by the doctor."""
    said = {(check.id, check.state) for check in desk.doctor() if check.state != "ok"}
    said |= {(health.state, health.phase_warning) for health in desk.overview().health}
    said.add(("report", report.clock_skew_s is not None))
    return said


def test_eight_threads_that_sync_one_account_at_once_leave_one_mirror(begin, tmp_path, tally):
    shop = begin("--latency-ms", "5")
    open_desk(tmp_path / "data", shop)
    truth, outcomes = Checker(shop.reader), []
    truth.look()
    gate = threading.Barrier(8)

    def run():
        desk = open_desk(tmp_path / "data", shop, add=False)
        gate.wait()
        try:
            outcomes.append(desk.sync("shop").complete)
        except SyncBusy as busy:
            outcomes.append(busy.help_key.partition("_")[0])

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(outcomes) <= {True, "error.sync.busy"}
    assert len(outcomes) == 8
    assert True in outcomes
    desk = open_desk(tmp_path / "data", shop, add=False)
    assert truth.everything(desk) == []
    details = shop.get("requests")["counts"]["get_order_detail"]
    orders = len(truth.look())
    children = sum(1 for lines in shop.reader.read_orders().lines.values() if lines is None)
    assert details - orders == orders - children, (
        "lines were fetched twice"
    )  # the checker asks for each once
    tally("R7", rivals=8, completed=outcomes.count(True), refused=8 - outcomes.count(True))


@pytest.mark.soak
def test_processes_that_sync_one_account_at_once_take_turns_or_say_so(begin, tmp_path):
    shop = begin("--latency-ms", "10")
    desk, truth = open_desk(tmp_path / "data", shop), Checker(shop.reader)
    desk._db.close()
    truth.look()
    command = [sys.executable, "-m", "reconcile", "--data", str(desk.data), "sync", "--json"]
    environment = os.environ | {"TOTSUGO_FIRST_DAYS": "60"}
    rivals = [
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )
        for _ in range(3)
    ]  # fmt: skip
    ends = [(*rival.communicate(timeout=120), rival.returncode) for rival in rivals]
    done = [json.loads(out) for out, _, code in ends if code in (0, 1)]
    refused = [err for _, err, code in ends if code == 3]
    assert len(done) + len(refused) == 3, ends
    assert all(answer["complete"] for answer in done)
    assert all("Traceback" not in err for err in refused)
    assert sum(answer["orders_new"] for answer in done) == len(truth.shown), "an order came twice"
    assert truth.everything(desk) == []
