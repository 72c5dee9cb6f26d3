"""How the stock figure of every CROSS MALL SKU stands against what Smartship's figure and its sync rule let expect."""

from __future__ import annotations

from datetime import datetime, timedelta

from reconcile.mapping.subjects import Connection, as_stored, find_links, run

SNAPSHOT_GAP_MAX_MIN = 60  # figures further apart in age are not compared [I]
SITE_RULE_FOLLOW_PCT = (
    100  # type S takes the rule of the connection, which we cannot see: read as following 1:1 [I]
)
STOCK_CAUSES = (
    "in_step",
    "oversell_risk",
    "shows_less",
    "not_comparable",
    "not_linked",
    "no_smartship_stock",
    "no_crossmall_stock",
    "no_smartship_file",
    "sync_off",
    "not_evaluated",
    "set_product",
)


def evaluate_stock(
    con: Connection,
    account: str,
    now: datetime,
    *,
    snapshot_gap_max_min: float = SNAPSHOT_GAP_MAX_MIN,
    auto_stock: str,
) -> dict[str, int]:
    """How many rows of each cause; rebuilds stock_case of the account inside the caller's transaction.

    One row per CROSS MALL SKU and linked SKU number, figures in pieces: gap = crossmall - expected, and expected = what the
    sync type makes of Smartship's available stock, less the pieces in orders Smartship does not hold. NULL is "not
    known". A gap across too different ages is still shown, with the cause `not_comparable`; so is a time in the future.
    weak: on hand stands in for available, or pieces in flight are not certain (an order that no Smartship file proves
    absent, or whose lines were not read). auto_stock: the account's option on | off | unknown; off means no row syncs.
    """
    run(con, "stock", "drop_cases", account=account)
    basis = find_links(con, account, fallback=("stock",))
    run(con, "stock", "drop_link", "find_links", basis=basis)
    run(
        con,
        "stock",
        "drop_in_flight",
        "find_in_flight",
        "drop_figure",
        "find_figures",
        account=account,
    )
    run(
        con,
        "stock",
        "write_cases",
        account=account,
        auto_stock=auto_stock,
        follow_pct=SITE_RULE_FOLLOW_PCT,
        latest=as_stored(now) + timedelta(minutes=snapshot_gap_max_min),
        gap_max_s=round(snapshot_gap_max_min * 60),
    )
    counted = run(con, "stock", "counts", account=account).fetchall()
    return {cause: int(rows) for cause, rows in counted}
