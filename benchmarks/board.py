"""The board at full size: a million orders, three million looks, a million shipment lines; against pandas and datacompy.

Run: python benchmarks/board.py [ORDERS] [--memory MB]. The store is built by set-based statements, about one order in
twenty in trouble. Peers do the same join and three of the checks (missing, not written back, tracking differs) from frames
already in memory. datacompy is optional (it asks for pandas < 3.1: an environment of its own); without it that row is missing.
Limits: all rules 3 s once the cases are committed (a first run is the exception), one screen action 300 ms, memory 2 GB.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reconcile import cases
from reconcile.examining import DAYS
from reconcile.model import OrderBoard, OrderFilter, Paging
from reconcile.rules import RuleLimits, run
from reconcile.rules.session import Session
from reconcile.store import desk
from reconcile.store.database import Database
from reconcile.store.folding import CONFIG
from reconcile.triage_acts import AgeingLimits

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)
RULES_S, ACTION_S, MEMORY_MB = 3.0, 0.3, 2048
ACCOUNT = (
    "INSERT INTO account (account, company_code, base_url, shop_ids, collect_phase, shipped_phase, created_at)"
    " VALUES ('shop', '7301', 'http://127.0.0.1', '[]', '発送待機', 'QXPRESS発送済み', $now)"
)
ORDERS = """
INSERT INTO cm_order (account, order_number, order_code, order_code_key, shop_code, shop_name, ordered_at, phase_name,
    cancel_flag, delivery_number, delivery_number_key, lines_state, lines_for, created_at, updated_at, first_seen_at, seen_at,
    run_id)
SELECT 'shop', printf('%08d', i), 'M-' || i, 'M-' || i, CAST(i % 4 + 1 AS VARCHAR), '店舗', made_at,
    CASE WHEN i % 200 = 0 THEN '確認待ち' WHEN i % 100 = 1 THEN '発送待機' WHEN i % 200 = 2 THEN '送り状印刷済み'
        WHEN i % 2 = 0 THEN 'QXPRESS発送済み' ELSE '完了' END,
    CASE WHEN i % 50 = 7 THEN 2 ELSE 0 END, printf('4%011d', i), printf('4%011d', i), 'held', made_at + INTERVAL '9 hours',
    made_at, made_at + INTERVAL '9 hours', made_at, $now, 'r1'
FROM (SELECT i, $now - INTERVAL '10 hours' - (i * 28.0 * 86400 / $count)::BIGINT * INTERVAL '1 second' AS made_at
    FROM range($count) r(i))
"""
LINES = """
INSERT INTO cm_order_line (account, order_number, line_no, item_code, attribute1_name, attribute2_name, amount, is_set, seen_at)
SELECT account, order_number, 1, 'ITEM-' || (rowid % 5000), '白', 'S', 1, FALSE, seen_at FROM cm_order
"""
LOOKS = """
INSERT INTO cm_observation
SELECT account, order_number, created_at + step * INTERVAL '3 hours', created_at + (step + 1) * INTERVAL '3 hours',
    CASE step WHEN 0 THEN '確認待ち' WHEN 1 THEN '発送待機' ELSE phase_name END, cancel_flag, NULL, NULL, NULL,
    created_at + step * INTERVAL '3 hours', 'r1', 'r1'
FROM cm_order CROSS JOIN range(3) s(step)
"""
SHIPMENTS = """
INSERT INTO ss_shipment_line (account, line_key, packing_no, site_order_no, site_order_key, shop_id, registered_by,
    site_product_no, sku_no, qty, status, tracking_no, tracking_key, registered_at, shipped_at, first_snapshot_at, snapshot_at,
    import_id, row_no)
SELECT 'shop', 'L' || i, printf('QSP%09d', i), 'M-' || i, 'M-' || i, CAST(i % 4 + 1 AS VARCHAR), 'API', 'ITEM-' || (i % 5000),
    'S-' || (i % 5000), 1, CASE WHEN i % 40 = 5 THEN 'INSTRUCTED' WHEN i % 300 = 11 THEN 'ERROR' ELSE 'SHIPPED' END,
    printf('4%011d', i + CASE WHEN i % 500 = 9 THEN 1 ELSE 0 END), printf('4%011d', i + CASE WHEN i % 500 = 9 THEN 1 ELSE 0 END),
    made_at + INTERVAL '5 hours', CASE WHEN i % 40 = 5 OR i % 300 = 11 THEN NULL ELSE made_at + INTERVAL '8 hours' END,
    made_at + INTERVAL '6 hours', $now, 'i1', i
FROM (SELECT i, $now - INTERVAL '10 hours' - (i * 28.0 * 86400 / $count)::BIGINT * INTERVAL '1 second' AS made_at
    FROM range($count) r(i)) WHERE i % 100 <> 3
"""
FILES = """
INSERT INTO ss_import SELECT 'shop', 'i' || h, 'orders.csv', CAST(h AS VARCHAR), 'orders', 'utf-8', $now - h * INTERVAL '1 hour',
    $now - (h + 720) * INTERVAL '1 hour', $now - h * INTERVAL '1 hour', 'stated', FALSE, 1, 1, 0, '{}', $now
FROM range(700) r(h)
"""
FEED = "INSERT INTO sync_cursor (account, feed, complete_at) VALUES ('shop', 'orders', $now)"


def fill(con: duckdb.DuckDBPyConnection, count: int) -> None:
    """One account and that many orders, three looks and about one shipment line each."""
    for statement in (ACCOUNT, ORDERS, LINES, LOOKS, SHIPMENTS, FILES, FEED):
        given = {"now": NAIVE, "count": count}
        con.execute(statement, {name: given[name] for name in given if f"${name}" in statement})


def timed(work: Callable[[], object]) -> float:
    """Seconds one call took."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def evaluation(db: Database, now: datetime) -> dict[str, float]:
    """Seconds of the three parts of a rules run, in one transaction."""
    limits = RuleLimits().parameters()
    with db.write() as cursor:
        session = Session(cursor, {"account": "shop", "now": now.replace(tzinfo=None), **limits})
        return {
            "join and cases": timed(lambda: run.join(session)),
            "all rules": timed(lambda: run.judge_rules(session)),
            "findings and states": timed(lambda: run.write(session)),
        }


def actions(db: Database) -> dict[str, float]:
    """Seconds of what a person does on the orders screen, the slower of two times: all that the list asks of the store in one
    rerun, as the program asks it (rows, counts of every filter, counts by phase, shops, numbers, ages).
    """
    first = Paging(size=50, sort="state")
    asked: dict[str, tuple[OrderFilter, Paging]] = {
        "open the list": (OrderFilter(account="shop"), first),
        "page 1,000": (OrderFilter(account="shop"), replace(first, page=1000)),
        "sort by waiting time": (
            OrderFilter(account="shop"),
            replace(first, sort="waiting_h", descending=True),
        ),
        "orders to act on": (OrderFilter(account="shop", states=("act_now",)), first),
        "one cause": (OrderFilter(account="shop", rules=("F05",)), first),
        "nobody has decided": (OrderFilter(account="shop", desk="open"), first),
        "waiting too long": (OrderFilter(account="shop", overdue=True), first),
        "search a number": (OrderFilter(account="shop", numbers=("M-777",)), first),
    }
    return {
        name: max(timed(lambda c=c, p=p: listed(db, c, p)) for _ in range(2))
        for name, (c, p) in asked.items()
    }


def listed(db: Database, chosen: OrderFilter, paging: Paging) -> OrderBoard:
    """The board of the orders screen for a filter."""
    limits = AgeingLimits().parameters()
    asked = desk.parameters(chosen, now=NOW, flow_since=NOW - timedelta(days=DAYS), limits=limits)
    return cases.order_board(db, chosen, paging, asked)


def by_pandas(order: pd.DataFrame, line: pd.DataFrame) -> tuple[int, int, int]:
    """The same join and three of the checks, written plainly: missing, not written back, tracking differs."""
    both = order.merge(
        line,
        how="left",
        left_on=["shop_code", "order_code_key"],
        right_on=["shop_id", "site_order_key"],
    )
    normal = both[both["cancel_flag"] != 2]
    overdue = normal["updated_at"] < NAIVE - timedelta(minutes=130)
    missing = normal[normal["line_key"].isna() & overdue & (normal["phase_name"] == "発送待機")]
    late = normal["shipped_at"] < NAIVE - timedelta(minutes=120)
    unwritten = normal[late & normal["phase_name"].isin(["発送待機", "確認待ち"])]
    known = normal.dropna(subset=["tracking_key"])
    differs = known[known["tracking_key"] != known["delivery_number_key"]]
    return len(missing), len(unwritten), len(differs)


def by_datacompy(order: pd.DataFrame, line: pd.DataFrame) -> int:
    """Orders whose tracking number differs, by a datacompy report; -1 where it is not installed."""
    if importlib.util.find_spec("datacompy") is None:
        return -1
    datacompy = importlib.import_module("datacompy")  # and its own libraries, polars among them
    names = {
        "site_order_key": "order_code_key",
        "shop_id": "shop_code",
        "tracking_key": "delivery_number_key",
    }
    kept = ["shop_code", "order_code_key", "delivery_number_key"]
    kind = getattr(datacompy, "Compare", None) or datacompy.PandasCompare
    compare = kind(order[kept], line.rename(columns=names)[kept], join_columns=kept[:2])
    return len(compare.all_mismatch())


def peers(con: duckdb.DuckDBPyConnection) -> None:
    """Print what the peers need, from frames already read."""
    order = con.execute("SELECT * FROM cm_order").df()
    line = con.execute("SELECT * FROM ss_shipment_line").df()
    start = time.perf_counter()
    found = by_pandas(order, line)
    print(f"pandas, join and 3 checks: {time.perf_counter() - start:.2f} s; found {found}")
    start = time.perf_counter()
    mismatched = by_datacompy(order, line)
    if mismatched < 0:
        print("datacompy: not installed, skipped (pip install datacompy)")
    else:
        print(f"datacompy, 1 check: {time.perf_counter() - start:.2f} s; found {mismatched}")


def main(count: int, memory: int, *, with_peers: bool) -> int:
    """0 = every limit kept, 1 = one was not."""
    with tempfile.TemporaryDirectory() as folder:
        CONFIG.update({"threads": 2, "memory_limit": f"{memory}MB"})
        db = Database(Path(folder) / "board.duckdb", idle_s=3600.0)
        with db.write() as cursor:
            built = timed(lambda: fill(cursor, count))
        print(
            f"built {count:,} orders in {built:.1f} s; load of the machine {os.getloadavg()[0]:.1f}"
        )
        slowest = 0.0
        for attempt, now in (
            ("first", NOW),
            ("again", NOW),
            ("an hour later", NOW + timedelta(hours=1)),
        ):
            spent = time.process_time()
            taken = evaluation(db, now)
            if attempt != "first":
                slowest = max(slowest, taken["all rules"])
            parts = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in taken.items())
            print(f"{attempt}: {parts} (processor {time.process_time() - spent:.1f} s)")
        db.checkpoint()
        act = actions(db)
        print(", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in act.items()))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"memory {peak:.0f} MB before the peers")
        if with_peers:
            with db.read() as cursor:
                peers(cursor)
        db.close()
    missed = [slowest > RULES_S, max(act.values()) > ACTION_S, peak > MEMORY_MB]
    print(
        f"limits: rules {RULES_S} s, action {ACTION_S * 1000:.0f} ms, memory {MEMORY_MB} MB; missed {sum(missed)}"
    )
    return int(any(missed))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("orders", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--memory", type=int, default=1200, help="DuckDB's share in MB")
    parser.add_argument("--no-peers", action="store_true")
    given = parser.parse_args()
    sys.exit(main(given.orders, given.memory, with_peers=not given.no_peers))
