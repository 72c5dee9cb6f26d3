"""A data folder for benchmarks/ui.py: orders as in benchmarks/board.py, products as people name them, stock on both sides.

Another one holds the stock of benchmarks/stock.py: SKUs in two warehouses with 90 days of history.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from benchmarks.board import FEED, FILES, LOOKS, ORDERS, SHIPMENTS
from benchmarks.noise import noisy_pair, shop
from benchmarks.stock import DAYS, FILL, HISTORY, run
from reconcile import Workspace
from reconcile.stock import evaluate_stock

EQUAL = 0.9  # share of links that are written alike on both sides
SEED = 41
LINES = """
INSERT INTO cm_order_line (account, order_number, line_no, item_code, attribute1_name, attribute2_name, amount, is_set, seen_at)
SELECT o.account, o.order_number, 1, s.item_code, s.attribute1_name, s.attribute2_name, 1, FALSE, o.seen_at
FROM (SELECT *, row_number() OVER () - 1 AS n FROM cm_order) o
JOIN (SELECT *, row_number() OVER () - 1 AS n FROM cm_sku) s ON s.n = o.n % $skus
"""
ITEMS = """
INSERT INTO cm_item (account, item_code, item_name, seen_at)
SELECT DISTINCT 'shop', item_code, name, $now::TIMESTAMP FROM ours
"""
SKUS = """
INSERT INTO cm_sku (account, item_code, attribute1_name, attribute2_name, item_sku_code, seen_at)
SELECT 'shop', item_code, attr1, attr2, id, $now FROM ours
"""
LINKS = """
INSERT INTO ss_sku_mapping (account, mapping_key, sku_no, seller_code, sales_site, shop_id, site_product_no, site_product_name,
    site_option_text, sync_type, snapshot_at, import_id)
SELECT 'shop', id, id, id, 'CROSS MALL', '1', item_code, name, option, 'S', $now, 'i0' FROM theirs
"""
OUR_STOCK = """
INSERT INTO cm_stock BY NAME
SELECT account, item_code, attribute1_name, attribute2_name, $now AS seen_at,
    hash(item_sku_code) % 97 - CASE WHEN hash(item_sku_code) % 10 = 0 THEN 3 ELSE 0 END AS stock FROM cm_sku
"""
THEIR_STOCK = """
INSERT INTO ss_stock BY NAME
SELECT 'shop' AS account, 'TYO' AS warehouse, id AS sku_no, id AS seller_code, hash(ours) % 97 AS available, 0 AS inbound,
    0 AS damaged, $now AS snapshot_at, 'i0' AS import_id, $now AS available_since FROM theirs
"""
SENT = """
UPDATE ss_shipment_line l SET site_product_no = o.item_code, sku_no = t.id
FROM cm_order_line o JOIN cm_sku s USING (account, item_code, attribute1_name, attribute2_name)
LEFT JOIN theirs t ON t.ours = s.item_sku_code WHERE o.order_number = printf('%08d', CAST(l.line_key[2:] AS BIGINT))
"""
CATALOGUE = "INSERT INTO sync_cursor (account, feed, complete_at) VALUES ('shop', 'catalogue', $now), ('shop', 'stock', $now)"
RUN = """
INSERT INTO sync_run (run_id, account, kind, parts, state, started_at, finished_at)
VALUES ('r1', 'shop', 'increment', 'orders,catalogue,stock', 'complete', $now, $now)
"""
STATEMENTS = (
    *(RUN, FEED, CATALOGUE, FILES, ITEMS, SKUS, LINKS, OUR_STOCK, THEIR_STOCK),
    *(ORDERS, LINES, LOOKS, SHIPMENTS, SENT),
)


def products(count: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both sides of the shop: CROSS MALL's products with their item, Smartship's with the product they stand for ("" = none)."""
    dice = random.Random(SEED)
    pairing = noisy_pair(dice, shop(dice, count), exact_share=EQUAL)
    items = {product.name: product.id for product in reversed(pairing.left)}
    ours = pd.DataFrame(
        [(*product, items[product.name]) for product in pairing.left],
        columns=["id", "name", "attr1", "attr2", "item_code"],
    )
    back = {right: left for left, right in pairing.truth.items()}
    item_of = dict(zip(ours["id"], ours["item_code"], strict=True))
    theirs = pd.DataFrame(
        [
            (one.id, one.name, one.option, back.get(one.id, ""), item_of.get(back.get(one.id), ""))
            for one in pairing.right
        ],
        columns=["id", "name", "option", "ours", "item_code"],
    )
    return ours, theirs


def fill(workspace: Workspace, orders: int, skus: int) -> None:
    """One account "shop" with that many orders and products, judged once."""
    workspace.add_account(
        "shop", company_code="7301", key="benchmark1", base_url="http://127.0.0.1:9/"
    )
    ours, theirs = products(skus)
    values = {
        "now": datetime.now(UTC).replace(tzinfo=None, microsecond=0),
        "count": orders,
        "skus": skus,
    }
    with workspace._db.write() as cursor:
        cursor.register("ours", ours)
        cursor.register("theirs", theirs)
        for statement in STATEMENTS:
            cursor.execute(
                statement, {name: values[name] for name in values if f"${name}" in statement}
            )
    workspace._judge(workspace.accounts()[0])
    workspace.mapping("shop")
    workspace.stock("shop")


def made(folder: Path, orders: int, skus: int) -> Path:
    """A data folder with such a shop, closed again."""
    workspace = Workspace.open(folder)
    fill(workspace, orders, skus)
    workspace._db.close()
    return folder


def made_of_stock(folder: Path, skus: int) -> Path:
    """A data folder with the account "shop", that many SKUs in two warehouses and their history, compared once."""
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text("judge_max_age_s = 86400\n", encoding="utf-8")
    workspace = Workspace.open(folder)
    workspace.add_account(
        "shop", company_code="7301", key="benchmark1", base_url="http://127.0.0.1:9/"
    )
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    with workspace._db.write() as cursor:
        cursor.execute(RUN, {"now": now})
        cursor.execute(CATALOGUE, {"now": now})
        run(cursor, FILES, now=now)
        run(cursor, FILL, now=now, skus=skus)
        for day in range(1, DAYS + 1):
            run(cursor, HISTORY, now=now, skus=skus, day=day)
        evaluate_stock(cursor, "shop", now, auto_stock="on")
    workspace.stock("shop")
    workspace._db.close()
    return folder
