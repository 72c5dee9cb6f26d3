"""The catalogue and stock steps of a sync: items, their SKUs, and one stock call per item."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from crossmall.errors import ApiError
from reconcile.store import sync_writes
from reconcile.store.database import naive
from reconcile.sync.records import item_row, sku_row, stock_row
from reconcile.sync.session import Session

BATCH = 500  # rows in one transaction

Row = dict[str, Any]


def sync_catalogue(session: Session, started_at: datetime) -> None:
    """Read every item and its SKUs; what the vendor no longer has is dropped once all were read."""
    account = session.account.name
    for page in session.client.items():
        session.rows_skipped += len(page.skipped)
        rows = {item.item_code: item_row(account, item, session.clock()) for item in page.rows}
        with session.db.write() as cursor:
            sync_writes.put_table(cursor, "put_items", "cm_item", list(rows.values()))
        session.raise_if_cancelled()
    with session.db.write() as cursor:
        sync_writes.run(cursor, "drop_gone_items", account=account, started_at=naive(started_at))
    _per_item(session, "catalogue", _skus_of(session), "put_skus", "cm_sku")
    _finish(session, "catalogue", "drop_gone_skus", started_at)


def sync_stock(session: Session, started_at: datetime) -> None:
    """Read the stock of every item of the catalogue; negative figures stay negative."""
    _per_item(session, "stock", _stock_of(session), "put_stock", "cm_stock")
    _finish(session, "stock", "drop_gone_stock", started_at)


def _skus_of(session: Session) -> Callable[[str], tuple[list[Row], int]]:
    def read(item_code: str) -> tuple[list[Row], int]:
        page = session.client.item_skus(item_code)
        rows = [sku_row(session.account.name, sku, session.clock()) for sku in page.rows]
        return rows, len(page.skipped)

    return read


def _stock_of(session: Session) -> Callable[[str], tuple[list[Row], int]]:
    def read(item_code: str) -> tuple[list[Row], int]:
        try:
            page = session.client.stock(item_code=item_code)
        except ApiError as error:
            if error.help_key == "crossmall.error.auth":
                raise
            return [], 1
        rows = [stock_row(session.account.name, stock, session.clock()) for stock in page.rows]
        return rows, len(page.skipped)

    return read


def _per_item(
    session: Session,
    stage: str,
    read: Callable[[str], tuple[list[Row], int]],
    block: str,
    table: str,
) -> None:
    with session.db.read() as cursor:
        codes = sync_writes.item_codes(cursor, session.account.name)
    batch: list[Row] = []
    for rows, skipped in session.parallel(stage, "items", codes, read):
        session.rows_skipped += skipped
        batch += rows
        if len(batch) >= BATCH:
            _store(session, block, table, batch)
            batch = []
    _store(session, block, table, batch)


def _store(session: Session, block: str, table: str, rows: Sequence[Row]) -> None:
    keyed = {
        (row["item_code"], row["attribute1_name"], row["attribute2_name"]): row for row in rows
    }
    with session.db.write() as cursor:
        sync_writes.put_table(cursor, block, table, list(keyed.values()))


def _finish(session: Session, feed: str, drop: str, started_at: datetime) -> None:
    with session.db.write() as cursor:
        account = session.account.name
        sync_writes.run(cursor, drop, account=account, started_at=naive(started_at))
        sync_writes.run(
            cursor,
            "put_cursor",
            account=account,
            feed=feed,
            cursor_at=None,
            complete_at=naive(started_at),
            reaches_back_to=None,
        )
