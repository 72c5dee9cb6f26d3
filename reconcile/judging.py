"""Runs all verdicts of an account in one transaction: order rules, forensics of the pulls, SKU mapping, stock."""

from __future__ import annotations

from datetime import datetime

from reconcile import examining
from reconcile.mapping.compare import evaluate_mapping, renew_fates
from reconcile.model import Account
from reconcile.rules.limits import RuleLimits
from reconcile.rules.run import evaluate
from reconcile.settings import Settings
from reconcile.stock.compare import evaluate_stock
from reconcile.store import boards
from reconcile.store.database import Database

Counts = tuple[dict[str, int], dict[str, int]]


def judge(db: Database, account: Account, now: datetime, settings: Settings) -> Counts:
    """Renew every verdict of the account; gives open findings by rule and open "cannot tell" by rule."""
    with db.write() as cursor:
        evaluate(cursor, account.name, now, RuleLimits())
        examining.renew(cursor, account, now)
        evaluate_mapping(cursor, account.name, now)
        renew_fates(cursor, account.name)
        evaluate_stock(
            cursor,
            account.name,
            now,
            snapshot_gap_max_min=settings.snapshot_gap_max_min,
            auto_stock=account.options["auto_stock"],
        )
        return boards.rule_counts(cursor, account.name)
