"""The mapping desk at full size: 100,000 CROSS MALL SKUs, 5,000 of them not linked, every step as a person takes it, and 500
Smartship rows whose SKU CROSS MALL has not.

Run: python benchmarks/mapping_desk.py [SKUS] [OPEN]. Nine link rows in ten are equal to the letter; the rest differs in width,
blanks, case, comma, name or figure, has two counterparts, or none. Each step is repeated; the table has the median and the
95th percentile of process CPU and of wall time, and the limit. Peer: the same exact links by pandas.merge on the raw texts
in memory, nothing else judged.
Limits: judging 100,000 SKUs 5 s, a board or queue step 100 ms, a decision 100 ms. Taking back a reject that was judged
since judges again: its limit is that of judging.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from reconcile.mapping.compare import evaluate_mapping
from reconcile.mapping.decisions import MappingFilter, QueueRow
from reconcile.model import Paging
from reconcile.store.database import naive
from reconcile.workspace import Workspace

NOW = datetime(2026, 11, 20, 6, tzinfo=UTC)
JUDGE_S, STEP_S = 5.0, 0.1
ITEMS = """
INSERT INTO cm_item (account, item_code, item_name, seen_at)
SELECT 'shop', printf('IT-%06d', i), printf('ステンレスボトル 真空断熱 %d型 保冷', i), $now FROM range($skus // 5) r(i)
"""
SKUS = """
INSERT INTO cm_sku (account, item_code, attribute1_name, attribute2_name, item_sku_code, seen_at)
SELECT 'shop', printf('IT-%06d', i // 5), ['ホワイト', 'ブラック', 'ネイビー', 'グレー', 'ベージュ'][i % 5 + 1], 'Lサイズ',
    printf('IT-%06d-%d', i // 5, i % 5), $now
FROM range($skus) r(i)
"""
LINKS = """
INSERT INTO ss_sku_mapping (account, mapping_key, sku_no, sales_site, shop_id, site_product_no, site_product_name,
    site_option_text, snapshot_at, import_id)
WITH sku AS (
    SELECT s.*, i.item_name, row_number() OVER (ORDER BY s.item_code, s.attribute1_name) - 1 AS n
    FROM cm_sku s JOIN cm_item i ON i.account = s.account AND i.item_code = s.item_code
),
told AS (
    SELECT *, CASE WHEN n % ($skus // $open) = 3 THEN (n // ($skus // $open)) % 8 ELSE -1 END AS kind FROM sku
)
SELECT 'shop', 'k' || n || '-' || copy, 'S' || (n * 10 + copy), 'CROSSMALL', '1', item_code,
    CASE kind WHEN 0 THEN replace(item_name, ' ', '　') WHEN 1 THEN replace(item_name, 'ボトル', 'ﾎﾞﾄﾙ')
        WHEN 2 THEN item_name || ' 新品' WHEN 3 THEN replace(item_name, '型', '1型') ELSE item_name END,
    CASE kind WHEN 4 THEN attribute1_name || '，' || attribute2_name WHEN 5 THEN attribute2_name || ',' || attribute1_name
        WHEN 6 THEN attribute1_name || ', ' || attribute2_name ELSE attribute1_name || ',' || attribute2_name END,
    $now, 'f1'
FROM told CROSS JOIN range(2) c(copy) WHERE (copy = 0 AND kind <> 7) OR (copy = 1 AND kind = 6)
"""
GONE = """
INSERT INTO ss_sku_mapping (account, mapping_key, sku_no, sales_site, shop_id, site_product_no, site_product_name,
    site_option_text, snapshot_at, import_id)
SELECT 'shop', 'g' || i, 'G' || i, 'CROSSMALL', '1', CASE i % 2 WHEN 0 THEN printf('IT-%06d', i) ELSE printf('OLD-%06d', i) END,
    printf('ステンレスボトル 旧型 %d', i), 'ゴールド,Lサイズ', $now, 'f1'
FROM range($open // 10) r(i)
"""
ORDERS = """
INSERT INTO order_case (account, order_number, shop_code, phase_role, is_cancelled, is_bundle_child,
    ss_packing_count, ss_active_packing_count, state, evaluated_at)
SELECT 'shop', printf('%08d', i), CAST(i % 4 + 1 AS VARCHAR), 'collect', FALSE, FALSE, 0, 0, 'in_step', $now
FROM range(20000) r(i)
"""
LINES = """
INSERT INTO cm_order_line (account, order_number, line_no, item_code, attribute1_name, attribute2_name, amount, is_set, seen_at)
SELECT 'shop', printf('%08d', o), 1, printf('IT-%06d', (o * 37) % ($skus // 5)),
    ['ホワイト', 'ブラック', 'ネイビー', 'グレー', 'ベージュ'][o % 5 + 1], 'Lサイズ', 1, FALSE, $now FROM range(20000) r(o)
"""
FEED = "INSERT INTO sync_cursor (account, feed, complete_at) VALUES ('shop', 'catalogue', $now)"


def built(folder: Path, skus: int, open_cases: int) -> Workspace:
    """A workspace whose mirror holds the two sides, not judged yet."""
    workspace = Workspace.open(folder, clock=lambda: NOW)
    workspace.add_account(
        "shop", company_code="7301", key="benchmark1", base_url="http://127.0.0.1"
    )
    values = {"now": naive(NOW), "skus": skus, "open": open_cases}
    with workspace._db.write() as cursor:
        for statement in (FEED, ITEMS, SKUS, LINKS, GONE, ORDERS, LINES):
            cursor.execute(statement, {k: v for k, v in values.items() if f"${k}" in statement})
    return workspace


def timed(name: str, limit: float, step: Callable[[int], object], times: int) -> None:
    """Print how long a step takes over several goes."""
    cpu, wall = [], []
    for number in range(times):
        began, clock = time.process_time(), time.perf_counter()
        step(number)
        cpu.append(time.process_time() - began)
        wall.append(time.perf_counter() - clock)
    late = [sorted(one)[max(0, round(0.95 * times) - 1)] for one in (cpu, wall)]
    print(
        f"{name:<34} cpu {1000 * statistics.median(cpu):8.1f} ms (p95 {1000 * late[0]:8.1f})"
        f"   wall {1000 * statistics.median(wall):8.1f} ms (p95 {1000 * late[1]:8.1f})   limit {1000 * limit:6.0f} ms"
    )


def exact_by_pandas(workspace: Workspace) -> int:
    """The peer: raw texts of both sides merged in memory."""
    with workspace._db.read() as cursor:
        ours = cursor.execute(
            "SELECT s.item_code, i.item_name, s.attribute1_name || ',' || s.attribute2_name AS option_text FROM cm_sku s"
            " JOIN cm_item i ON i.item_code = s.item_code"
        ).df()
        theirs = cursor.execute(
            "SELECT site_product_no AS item_code, site_product_name AS item_name, site_option_text AS option_text, sku_no"
            " FROM ss_sku_mapping"
        ).df()
    return len(pd.merge(ours, theirs, on=["item_code", "item_name", "option_text"]))


def main(skus: int, open_cases: int) -> None:
    """Build, judge, and take every step of the desk."""
    os.environ["TOTSUGO_KEYRING"] = "off"
    with tempfile.TemporaryDirectory() as name:
        os.environ["TOTSUGO_KEY_FOLDER"] = name
        workspace = built(Path(name) / "data", skus, open_cases)
        account = workspace.accounts()[0]

        def judge(_: int) -> None:
            with workspace._db.write() as cursor:
                print("   ", evaluate_mapping(cursor, "shop", NOW))

        timed(f"judging {skus:,} SKUs", JUDGE_S, judge, 3)
        timed("peer: pandas.merge, exact only", JUDGE_S, lambda _: exact_by_pandas(workspace), 3)
        timed("judging again, nothing new", JUDGE_S, lambda _: workspace._judge(account), 3)
        board = workspace.mapping("shop")
        print(f"    left {board.left}, {board.by_class}")
        steps(workspace)


def steps(workspace: Workspace) -> None:
    """What a person does at the desk, one after the other."""
    queue = workspace.mapping_queue("shop", size=400)
    single = [row for row in queue if row.sku_no and row.state == "near_miss"]
    timed(
        "board, first page", STEP_S, lambda _: workspace.mapping("shop", paging=Paging(size=50)), 15
    )
    chosen = MappingFilter(classes=["width_kana"], search="IT-01")
    timed("board, filtered", STEP_S, lambda _: workspace.mapping("shop", chosen), 15)
    timed("queue, first 50", STEP_S, lambda _: workspace.mapping_queue("shop"), 15)
    after = lambda n: workspace.mapping_queue("shop", after=queue[n * 9].case_key, size=2)  # noqa: E731
    timed("queue, the next one", STEP_S, after, 30)
    timed("progress", STEP_S, lambda _: workspace.mapping_progress("shop"), 15)
    timed("making candidates ready", JUDGE_S, lambda _: workspace._make_ready("shop"), 1)
    timed(
        "a case, candidates ready",
        STEP_S,
        lambda n: workspace.mapping_case("shop", queue[n].case_key),
        30,
    )

    for place, decision in enumerate(("accept", "reject")):
        rows = single[place * 20 : place * 20 + 20]
        decide(workspace, decision, rows)
        acts = [act.sequence for act in workspace.mapping_acts("shop", len(rows))]
        timed(
            f"undo of {decision}", STEP_S, lambda n, acts=acts: workspace.mapping_undo(acts[n]), 20
        )
        timed(
            f"redo of {decision}", STEP_S, lambda n, acts=acts: workspace.mapping_redo(acts[n]), 20
        )
    workspace._judge(workspace.accounts()[0])
    timed("undo of reject, judged since", JUDGE_S, lambda n: workspace.mapping_undo(acts[n]), 1)
    bulk(workspace)
    left = workspace.mapping_queue("shop", MappingFilter(states=["name_only", "missing"]), size=20)
    decide(workspace, "later", left)


def decide(workspace: Workspace, decision: str, rows: Sequence[QueueRow]) -> None:
    """One case after the other."""

    def one(n: int) -> None:
        workspace.mapping_decide(
            "shop", [rows[n].case_key], decision, expected_version=rows[n].version
        )

    timed(f"{decision}, one case", STEP_S, one, len(rows))


def bulk(workspace: Workspace) -> None:
    """Everything that can be decided in one act, and what comes after."""
    frozen = workspace.mapping_preview("shop", MappingFilter(queue_only=True))
    print(f"    bulk: {frozen.count} chosen, {len(frozen.left_out)} left out")
    timed(
        "bulk accept of the whole list",
        5.0,
        lambda _: workspace.mapping_decide_list(frozen.id, "accept"),
        1,
    )
    act = workspace.mapping_acts("shop")[0].sequence
    timed("undo of the bulk", 5.0, lambda _: workspace.mapping_undo(act), 1)
    timed("redo of the bulk", 5.0, lambda _: workspace.mapping_redo(act), 1)
    timed("board after the bulk", STEP_S, lambda _: workspace.mapping("shop"), 15)
    timed(
        "fixes for Smartship, changes only",
        1.0,
        lambda _: workspace.mapping_fixes("shop", "smartship", changes_only=True),
        3,
    )


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:3]]
    main(*(given or [100_000]), *([] if len(given) > 1 else [5_000]))
