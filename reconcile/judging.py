"""Runs all verdicts of an account: SKU mapping, stock and rules in one transaction, then forensics of the pulls."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from reconcile import examining
from reconcile.errors import StoreConflict
from reconcile.mapping.compare import evaluate_mapping, renew_desk
from reconcile.model import Account
from reconcile.rules.limits import RuleLimits
from reconcile.rules.run import evaluate
from reconcile.settings import Settings
from reconcile.stock.compare import StockLimits, evaluate_stock
from reconcile.store import boards
from reconcile.store.database import Cursor, Database

Counts = tuple[dict[str, int], dict[str, int]]
T = TypeVar("T")
TRIES, PAUSE_S = 4, 0.05  # [D]
log = logging.getLogger(__name__)


def judge(
    db: Database, account: Account, now: datetime, settings: Settings, *, is_new: bool = True
) -> Counts:
    """Renew every verdict of the account; gives open findings by rule and open "cannot tell" by rule.

    is_new False: nothing came in since. Orders ripen with time, product links do not, and 100,000 of them take seconds.
    The forensics rest on the cases, and no finding rests on them, so they have a transaction of their own: by then the
    rules' tables are gone, of which each column holds a quarter of a megabyte however few its rows.
    """
    limits = StockLimits(
        snapshot_gap_max_min=settings.snapshot_gap_max_min,
        tolerance=account.stock_tolerance,
        warehouses=account.stock_warehouses,
    )

    def verdicts(cursor: Cursor) -> Counts:
        evaluate(cursor, account.name, now, RuleLimits(), compare_goods=partial(goods, cursor))
        return boards.rule_counts(cursor, account.name)

    def goods(cursor: Cursor) -> None:
        if is_new or not boards.rows_of(cursor, "any_mapping", account=account.name):
            evaluate_mapping(cursor, account.name, now)
            renew_desk(cursor, account.name)
        evaluate_stock(
            cursor, account.name, now, auto_stock=account.options["auto_stock"], limits=limits
        )

    with db.freeing.at_once():
        counts = anew(db, verdicts)
        anew(db, lambda cursor: examining.renew(cursor, account, now))
    return counts


def anew(db: Database, work: Callable[[Cursor], T]) -> T:
    """What `work` gives in a transaction, begun anew where it met another one: only for what rests on the store alone."""
    for _ in range(TRIES - 1):
        try:
            with db.write() as cursor:
                return work(cursor)
        except StoreConflict as error:
            log.warning("verdicts begun anew: %s", error.__cause__)
        time.sleep(PAUSE_S)
    with db.write() as cursor:
        return work(cursor)
