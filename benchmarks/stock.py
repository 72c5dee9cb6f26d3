"""Stock of 200,000 SKUs in two warehouses with 90 days of history: comparison and attribution in at most 2 s on two cores.

Run: python benchmarks/stock.py [SKUS] [--write]. Peers in the same run, on the same figures: a plain pandas merge and
datacompy (benchmarks/requirements-peers.txt), which say where two figures differ, not why; --write puts the table into
docs/stock.md. The figures are generated; one SKU in ten has a gap, one in fifty waiting orders.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reconcile.model import STOCK_PARTS
from reconcile.stock import evaluate_stock
from reconcile.store import queries
from tests.stock.attribution import score

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC).replace(tzinfo=None)
LIMIT_S = 2.0
DAYS = 90
TARGET = Path(__file__).resolve().parents[1] / "docs" / "stock.md"
LINKS = ("mapping_none", "mapping_wrong", "mapping_duplicate")
SEEDS = (11, 12, 13)  # the engine was shaped on 1 to 3
FILL = """
INSERT INTO cm_item BY NAME SELECT 'shop' AS account, 'i' || n AS item_code, '商品' || n AS item_name, $now AS seen_at
FROM range($skus) AS r (n);
INSERT INTO cm_sku BY NAME SELECT 'shop' AS account, 'i' || n AS item_code, '' AS attribute1_name, '' AS attribute2_name,
    'c' || n AS item_sku_code, '49' || n AS jan_code, 0 AS keep_stock, $now AS seen_at FROM range($skus) AS r (n);
INSERT INTO cm_stock BY NAME SELECT 'shop' AS account, 'i' || n AS item_code, '' AS attribute1_name, '' AS attribute2_name,
    n % 97 + CASE WHEN n % 10 = 0 THEN n % 7 - 3 ELSE 0 END - CASE WHEN n % 50 = 1 THEN 1 ELSE 0 END AS stock,
    $now - to_minutes(CAST(n % 45 AS INTEGER)) AS seen_at FROM range($skus) AS r (n);
INSERT INTO ss_sku BY NAME SELECT 'shop' AS account, 'S' || n AS sku_no, 'c' || n AS seller_code, '49' || n AS barcode,
    $now AS snapshot_at, 'f' AS import_id FROM range($skus) AS r (n);
INSERT INTO ss_stock BY NAME SELECT 'shop' AS account, w AS warehouse, 'S' || n AS sku_no, 'c' || n AS seller_code,
    CASE w WHEN 'TYO' THEN n % 97 - n % 13 ELSE n % 13 END AS available, 0 AS inbound,
    CASE WHEN n % 30 = 0 AND w = 'TYO' THEN 2 ELSE 0 END AS damaged, $now - INTERVAL '20 minutes' AS snapshot_at,
    'f' AS import_id, $now - INTERVAL '20 minutes' AS available_since
FROM range($skus) AS r (n) CROSS JOIN (VALUES ('TYO'), ('OSA')) AS h (w);
INSERT INTO ss_sku_mapping BY NAME SELECT 'shop' AS account, 'k' || n AS mapping_key, 'S' || n AS sku_no, 'c' || n AS seller_code,
    'CROSS MALL' AS sales_site, 'i' || n AS site_product_no, '商品' || n AS site_product_name, '' AS site_option_text,
    CASE WHEN n % 40 = 3 THEN 'B' WHEN n % 60 = 5 THEN 'N' ELSE 'S' END AS sync_type, 0 AS safety_qty,
    n % 97 AS last_sync_qty, $now - INTERVAL '50 minutes' AS last_sync_at, 'OK' AS last_sync_result, TRUE AS last_sync_ok,
    $now AS snapshot_at, 'f' AS import_id FROM range($skus) AS r (n);
INSERT INTO ss_sync_event BY NAME SELECT 'shop' AS account, 'e' || n AS event_key, $now - INTERVAL '50 minutes' AS event_at,
    'S' || n AS sku_no, n % 97 AS sent_qty, CASE WHEN n % 100 = 7 THEN 'NG' ELSE 'OK' END AS result, 'f' AS import_id
FROM range($skus) AS r (n);
INSERT INTO order_case BY NAME SELECT 'shop' AS account, 'o' || n AS order_number,
    $now - to_minutes(CAST(120 + n % 129600 AS INTEGER)) AS created_at, CASE WHEN n % 20 = 0 THEN 'collect' ELSE 'shipped' END
    AS phase_role, FALSE AS is_cancelled, FALSE AS is_bundle_child, 1 AS ordered_qty, 0 AS ss_packing_count,
    0 AS ss_active_packing_count, $now AS covered_until, 'in_step' AS state, $now AS evaluated_at
FROM range($skus // 2) AS r (n);
INSERT INTO cm_order_line BY NAME SELECT 'shop' AS account, 'o' || n AS order_number, 1 AS line_no,
    'i' || CASE WHEN n % 20 = 0 THEN (n // 20) * 50 + 1 ELSE n % $skus END AS item_code, 1 AS amount, FALSE AS is_set,
    $now AS seen_at
FROM range($skus // 2) AS r (n)
"""
HISTORY = """
INSERT INTO cm_stock_history BY NAME SELECT 'shop' AS account, 'i' || n AS item_code, '' AS attribute1_name,
    '' AS attribute2_name,
    $now - to_days(CAST(day AS INTEGER)) AS first_seen_at, (n + day) % 97 AS stock
FROM range(CAST($day AS INTEGER), CAST($day AS INTEGER) + 1) AS d (day) CROSS JOIN range($skus) AS r (n) WHERE (n + day) % 6 = 0;
INSERT INTO ss_stock_history BY NAME SELECT 'shop' AS account, w AS warehouse, 'S' || n AS sku_no,
    $now - to_days(CAST(day AS INTEGER)) AS snapshot_at, (n + day) % 97 AS available
FROM range(CAST($day AS INTEGER), CAST($day AS INTEGER) + 1) AS d (day) CROSS JOIN range($skus) AS r (n)
CROSS JOIN (VALUES ('TYO'), ('OSA')) AS h (w) WHERE (n + day) % 3 = 0
"""


def run(con: duckdb.DuckDBPyConnection, statements: str, **values: object) -> None:
    """Several statements, each with the values it names."""
    for statement in statements.split(";\n"):
        con.execute(statement, {k: v for k, v in values.items() if f"${k}" in statement})


def store(skus: int) -> duckdb.DuckDBPyConnection:
    """A migrated store with both sides' figures and their history."""
    con = duckdb.connect(config={"threads": 2})
    for _, _, statements in queries.migrations():
        con.execute(statements)
    run(con, FILL, now=NOW, skus=skus)
    for day in range(1, DAYS + 1):
        run(con, HISTORY, now=NOW, skus=skus, day=day)
    return con


def engine(con: duckdb.DuckDBPyConnection) -> int:
    """Rows that Totsugo compared, each with the parts of its gap."""
    con.execute("BEGIN TRANSACTION")
    counts = evaluate_stock(con, "shop", NOW, auto_stock="on")
    con.execute("COMMIT")
    wrong = con.execute(
        "SELECT count(*) FROM stock_case WHERE gap <> p_timing + p_mapping_none + p_mapping_wrong + p_mapping_duplicate"
        " + p_sync_off + p_sync_failing + p_rule + p_set_product + p_negative + p_held + p_in_flight + p_overwritten"
        " + p_damaged + p_inbound + p_unexplained"
    ).fetchall()
    assert wrong == [(0,)], "parts add up"
    return sum(counts.values())


def timed(work: Callable[[], int], times: int = 3) -> tuple[float, int]:
    """Median seconds of some runs, and what the last one gave."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - start)
    return sorted(taken)[len(taken) // 2], result


def figures(con: duckdb.DuckDBPyConnection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both sides as somebody with two files has them: code and figure, code, warehouse and figure."""
    ours = con.execute(
        "SELECT k.item_sku_code AS code, t.stock AS pieces FROM cm_stock t JOIN cm_sku k USING (account, item_code)"
    ).df()
    theirs = con.execute(
        "SELECT seller_code AS code, warehouse, available AS pieces FROM ss_stock"
    ).df()
    return ours, theirs


def pandas_merge(ours: pd.DataFrame, theirs: pd.DataFrame) -> int:
    """SKUs whose two figures differ, by a plain merge."""
    there = theirs.groupby("code", as_index=False)["pieces"].sum()
    both = ours.merge(there, on="code", how="outer", suffixes=("_ours", "_theirs"))
    both["gap"] = both["pieces_ours"] - both["pieces_theirs"]
    return int((both["gap"] != 0).sum())


def datacompy_compare(ours: pd.DataFrame, theirs: pd.DataFrame) -> int:
    """The same by datacompy's comparison of frames. Raises ImportError where it is not installed."""
    import datacompy

    there = theirs.groupby("code", as_index=False)["pieces"].sum()
    compare = getattr(datacompy, "PandasCompare", None) or datacompy.Compare
    found = compare(ours, there, join_columns="code")
    return len(found.all_mismatch())


def rows(skus: int) -> tuple[list[str], float]:
    """The lines of the table, and Totsugo's seconds."""
    con = store(skus)
    history = sum(
        con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
        for name in ("cm_stock_history", "ss_stock_history")
    )
    engine(con)
    cpu = time.process_time()
    wall, judged = timed(lambda: engine(con))
    cpu = (time.process_time() - cpu) / 3
    apart = con.execute("SELECT count(*) FROM stock_case WHERE gap <> 0").fetchall()[0][0]
    causes = con.execute("SELECT count(DISTINCT cause) FROM stock_case").fetchall()[0][0]
    lines = [
        f"{judged:,} SKUs, 2 warehouses, {history:,} figures of {DAYS} days before; load of the machine {os.getloadavg()[0]:.1f}",
        "",
        "| tool | seconds | CPU seconds | SKUs that differ | causes named |",
        "|---|---|---|---|---|",
        f"| Totsugo: comparison and attribution, written | {wall:.2f} | {cpu:.2f} | {apart:,} | {causes} |",
    ]
    pair = figures(con)
    for name, peer in (("plain pandas merge", pandas_merge), ("datacompy", datacompy_compare)):
        try:
            start = time.process_time()
            seconds, differ = timed(lambda peer=peer: peer(*pair))
            used = (time.process_time() - start) / 3
            lines.append(f"| {name} | {seconds:.2f} | {used:.2f} | {differ:,} | 0 |")
        except ImportError:
            lines.append(f"| {name} | not installed | | | |")
    return lines, wall


def scores() -> list[str]:
    """The table of classes: pieces planted in simulated shops, and how many landed in their class."""
    found = score(*SEEDS)
    lines = [
        f"{len(SEEDS)} shops of 1,000 SKUs x 30 days, seeds {', '.join(map(str, SEEDS))}",
        "",
        "| class | pieces planted | found there | pieces given | rightly |",
        "|---|--:|--:|--:|--:|",
    ]
    for cause in STOCK_PARTS:
        lines.append(
            f"| `{cause}` | {found.planted[cause]:,} | {found.recall(cause):.1%} | {found.given[cause]:,} |"
            f" {found.precision(cause):.1%} |"
        )
    for name, part in (("all but links", found.without(*LINKS)), ("all", found)):
        lines.append(
            f"| **{name}** | {part.planted.total():,} | **{part.recall():.1%}** | {part.given.total():,} |"
            f" **{part.precision():.1%}** |"
        )
    return lines


def written(document: str, name: str, lines: list[str]) -> str:
    """The document with these lines between the marks of that name."""
    begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
    before, _, rest = document.partition(begin)
    return before + "\n".join((begin, "", *lines, "", end)) + rest.partition(end)[2]


def main(arguments: list[str]) -> int:
    """0 = within the limit, 1 = slower."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("skus", nargs="?", type=int, default=200_000)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/stock.md")
    asked = parser.parse_args(arguments)
    tables = {"score": scores()}
    tables["benchmark"], seconds = rows(asked.skus)
    print("\n\n".join("\n".join(lines) for lines in tables.values()))
    if asked.write:
        document = TARGET.read_text(encoding="utf-8")
        for name, lines in tables.items():
            document = written(document, name, lines)
        TARGET.write_text(document, encoding="utf-8")
    limit = LIMIT_S * max(1.0, asked.skus / 200_000)
    print(f"{seconds:.2f} s, limit {limit:.1f} s")
    return int(seconds > limit)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
