"""How the stock figure of every CROSS MALL SKU stands against Smartship's, and what the gap between the two is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconcile.mapping.subjects import Connection, as_stored, find_links, run
from reconcile.stock.causes import SWITCHED_OFF

BLOCKS = {  # temporary table -> the block that fills it, in order
    "right": "find_right",
    "figure": "find_figures",
    "row": "find_rows",
    "push": "find_pushes",
    "order": "find_orders",
    "piece": "find_pieces",
    "sale": "find_sales",
    "side": "find_sides",
    "set": "find_sets",
    "judged": "find_judged",
    "split": "find_splits",
    "before": "keep_before",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLimits:
    """What stock is judged by. Marks: [I] inferred, [D] our decision.

    tolerance: pieces by which a gap still counts as in step. warehouses: those that count; () = all.
    """

    snapshot_gap_max_min: float = 60  # figures further apart in age are not compared [I]
    stale_min: int = (
        180  # a push older than that, while the warehouse moved, is no longer timing [I]
    )
    push_every_min: int = 60  # how often Smartship pushes stock; never seen [I]
    sales_days: int = 7  # the days whose orders give the pace of sales [D]
    tolerance: int = 0
    warehouses: tuple[str, ...] = ()


def evaluate_stock(
    con: Connection,
    account: str,
    now: datetime,
    *,
    auto_stock: str,
    limits: StockLimits | None = None,
) -> dict[str, int]:
    """How many rows of each cause; rebuilds stock_case of the account inside the caller's transaction.

    One row per CROSS MALL SKU and linked SKU number, figures in pieces: gap = crossmall - smartship, and the p_ columns
    add up to it. expected = what the sync type makes of Smartship's figure, less the pieces in orders Smartship does not
    hold, plus what moved between two figures of different age. NULL is "not known". Figures too far apart, or of a time
    in the future, have no gap: `not_comparable` and the reason. weak: the check rests on a guess (on hand for available,
    orders no file proves absent or whose lines were not read, a link by code). auto_stock: on | off | unknown.
    """
    limits = limits or StockLimits()
    basis = find_links(con, account, fallback=("stock",))
    run(con, "stock", "drop_link", "find_links", basis=basis, account=account)
    values = {
        "account": account,
        "auto_stock": auto_stock,
        "off_words": list(SWITCHED_OFF),
        "now": as_stored(now),
        "latest": as_stored(now) + timedelta(minutes=limits.snapshot_gap_max_min),
        "gap_max_s": round(limits.snapshot_gap_max_min * 60),
        "stale_min": limits.stale_min,
        "push_every_min": limits.push_every_min,
        "sales_days": limits.sales_days,
        "tolerance": limits.tolerance,
        "warehouses": list(limits.warehouses),
    }
    for table, block in BLOCKS.items():
        run(con, "stock", f"drop_{table}", block, **values)
    run(con, "stock", "drop_cases", "write_cases", "remember_gaps", **values)
    forget(con, ("link", *reversed(BLOCKS)))
    counted = run(con, "stock", "counts", account=account).fetchall()
    return {cause: int(rows) for cause, rows in counted}


def forget(con: Connection, tables: Sequence[str]) -> None:
    """Drop the temporary tables: each column holds a quarter of a megabyte however few its rows."""
    for table in tables:
        run(con, "stock", f"drop_{table}")
