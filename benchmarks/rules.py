"""How long one rules run takes on many orders; the limit is 5 s for 20,000 orders on two cores.

Run: python benchmarks/rules.py [ORDERS]. The orders are generated, about one in twelve in trouble.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reconcile.rules import evaluate
from reconcile.store import queries

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
LIMIT_S = 5.0
PHASES = ("確認待ち", "発送待機", "送り状印刷済み", "QXPRESS発送済み", "QXPRESS発送済み", "完了")


def orders(count: int) -> pd.DataFrame:
    """The CROSS MALL side: orders of the last 28 days in four shops."""
    number = pd.Series(range(count))
    at = pd.Series([NOW.replace(tzinfo=None)] * count) - pd.to_timedelta(number % 40320, unit="min")
    phase = number.map(lambda n: PHASES[n % len(PHASES)])
    return pd.DataFrame(
        {
            "account": "shop",
            "order_number": number.map("{:08d}".format),
            "order_code": number.map("M-{}".format),
            "order_code_key": number.map("M-{}".format),
            "shop_code": (number % 4 + 1).astype("str"),
            "phase_name": phase,
            "cancel_flag": (number % 50 == 0).astype("int32") * 2,
            "delivery_number": number.map("4{:011d}".format),
            "delivery_number_key": number.map("4{:011d}".format),
            "lines_state": "held",
            "lines_for": at,
            "created_at": at,
            "updated_at": at,
            "first_seen_at": at,
            "seen_at": NOW.replace(tzinfo=None),
            "run_id": "r1",
        }
    )


def shipments(order: pd.DataFrame) -> pd.DataFrame:
    """The Smartship side: nine of ten orders arrived, some of them twice, most of them shipped."""
    arrived = order[order.index % 10 != 3]
    lines = pd.concat([arrived, arrived[arrived.index % 100 == 1]], ignore_index=True)
    serial = pd.Series(range(len(lines)))
    return pd.DataFrame(
        {
            "account": "shop",
            "line_key": serial.map("L{}".format),
            "packing_no": serial.map("QSP{:09d}".format),
            "site_order_no": lines["order_code"],
            "site_order_key": lines["order_code_key"],
            "shop_id": lines["shop_code"],
            "registered_by": "API",
            "qty": 1,
            "status": serial.map(lambda n: "SHIPPED" if n % 3 else "INSTRUCTED"),
            "tracking_no": lines["delivery_number"],
            "tracking_key": lines["delivery_number_key"],
            "registered_at": lines["created_at"] + timedelta(minutes=40),
            "shipped_at": lines["created_at"] + timedelta(hours=6),
            "first_snapshot_at": lines["created_at"] + timedelta(hours=1),
            "snapshot_at": NOW.replace(tzinfo=None),
            "import_id": "i1",
            "row_no": serial,
        }
    )


def fill(con: duckdb.DuckDBPyConnection, count: int) -> None:
    """A migrated store with one account, its orders, lines, looks and shipments."""
    for _, _, statements in queries.migrations():
        con.execute(statements)
    naive = NOW.replace(tzinfo=None)
    con.execute(
        "INSERT INTO account (account, company_code, base_url, shop_ids, collect_phase, shipped_phase, created_at)"
        " VALUES ('shop', '7301', 'http://127.0.0.1', '[]', '発送待機', 'QXPRESS発送済み', $now)",
        {"now": naive},
    )
    made = orders(count)
    con.register("made_order", made)
    con.register("made_shipment", shipments(made))
    con.execute("INSERT INTO cm_order BY NAME SELECT * FROM made_order")
    con.execute("INSERT INTO ss_shipment_line BY NAME SELECT * FROM made_shipment")
    con.execute(
        "INSERT INTO cm_order_line (account, order_number, line_no, amount, is_set, seen_at)"
        " SELECT account, order_number, 1, 1, FALSE, seen_at FROM cm_order"
    )
    con.execute(
        "INSERT INTO cm_observation SELECT account, order_number, first_seen_at, seen_at, phase_name, cancel_flag,"
        " NULL, NULL, NULL, updated_at, 'r1', 'r1' FROM cm_order"
    )
    con.execute(
        "INSERT INTO ss_import SELECT 'shop', 'i' || h, 'orders.csv', h, 'orders', 'utf-8', $now - h * INTERVAL '1 hour',"
        " $now - (h + 720) * INTERVAL '1 hour', $now - h * INTERVAL '1 hour', 'stated', FALSE, 1, 1, 0, '{}', $now"
        " FROM (SELECT unnest(range(2000)) AS h)",
        {"now": naive},
    )


def main(count: int) -> int:
    """0 = the slower of two runs kept the limit, 1 = it did not."""
    con = duckdb.connect()
    fill(con, count)
    slowest = 0.0
    for attempt in ("first", "again"):
        con.execute("BEGIN TRANSACTION")
        start = time.perf_counter()
        result = evaluate(con, "shop", NOW)
        taken = time.perf_counter() - start
        con.execute("COMMIT")
        slowest = max(slowest, taken)
        print(
            f"{attempt}: {taken:.2f} s for {count:,} orders; {result.findings} {result.cannot_tell} {result.states}"
        )
    limit = LIMIT_S * max(1.0, count / 20_000)
    print(f"slowest {slowest:.2f} s, limit {limit:.1f} s")
    return int(slowest > limit)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
