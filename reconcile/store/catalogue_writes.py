"""What a sync of items, SKUs and stock reads from the mirror to decide, and writes into it, one transaction per step.

State of an answer: held (read as a whole), partial (a row of it could not be read), none (an answer without rows: no
figure), unknown (the vendor does not know the item: no figure), refused (an error: what was held before stays, with its age).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reconcile.store.database import Cursor, aware, naive
from reconcile.store.queries import load
from reconcile.store.rows import as_table, registered

Row = Mapping[str, Any]
TABLES = {"catalogue": ("put_skus", "cm_sku"), "stock": ("put_stock", "cm_stock")}
STATES = {"catalogue": "catalogue_state", "stock": "stock_state"}


def put_items(cursor: Cursor, rows: Sequence[Row]) -> None:
    """Store items of the list; rows as of table cm_item, each item once."""
    with registered(cursor, incoming=as_table(cursor, "cm_item", rows)):
        _run(cursor, "put_items")


def drop_gone_items(cursor: Cursor, account: str, started_at: datetime) -> None:
    """Forget items that a list read to its end, begun at `started_at`, did not show, with their SKUs and figures."""
    _run(cursor, "drop_gone_items", account=account, started_at=naive(started_at))


def put_answers(
    cursor: Cursor, account: str, feed: str, *, asked: Sequence[Row], rows: Sequence[Row]
) -> None:
    """Store what came for some items: feed catalogue (rows of cm_sku) or stock (rows of cm_stock).

    asked: rows of cm_reading (item_code, asked_at, state), one per item. What an item read as a whole no longer has
    is dropped; a stock figure that changed is added to the history.
    """
    block, table = TABLES[feed]
    keyed = {
        (row["item_code"], row["attribute1_name"], row["attribute2_name"]): row for row in rows
    }
    answers = [{"account": account, "feed": feed, **row} for row in asked]
    now = max((row["asked_at"] for row in asked), default=None)
    with registered(
        cursor,
        incoming=as_table(cursor, table, list(keyed.values())),
        asked=as_table(cursor, "cm_reading", answers),
    ):
        _run(cursor, block, account=account, now=naive(now))
        _run(cursor, "put_readings")


def name_items(
    cursor: Cursor,
    account: str,
    feed: str,
    changes: Mapping[str, datetime],
    *,
    since: datetime,
    now: datetime,
) -> int:
    """Note which items a diff feed named: item code -> vendor's time of its newest change.

    What was shown with the same time before is no news. With an item of feed stock every set that contains it
    becomes due too. Gives how many items that changed after `since` are not in our list.
    """
    named = [{"item_code": code, "changed_at": at} for code, at in changes.items()]
    with registered(cursor, named=as_table(cursor, "cm_reading", named)):
        _run(cursor, "name_items", account=account, feed=feed, now=naive(now))
        row = cursor.execute(
            load("catalogue")["unlisted_items"], {"account": account, "since": naive(since)}
        ).fetchone()
    return int(row[0]) if row else 0


def has_named(cursor: Cursor, account: str, feed: str) -> bool:
    """Whether the diff feed has ever named an item of our list."""
    values = {"account": account, "feed": feed}
    return cursor.execute(load("catalogue")["any_named"], values).fetchone() is not None


def item_states(
    cursor: Cursor, account: str, feed: str, *, now: datetime, comparable_from: datetime
) -> list[dict[str, Any]]:
    """Every item with the fields of reconcile.sync.sweep.ItemState, by item code.

    comparable_from: a Smartship figure older than that cannot be compared with one read now.
    """
    values = {"account": account, "now": naive(now), "comparable_from": naive(comparable_from)}
    sql = load("catalogue")[STATES[feed]]
    result = cursor.execute(sql, {key: at for key, at in values.items() if f"${key}" in sql})
    names = [column[0] for column in result.description or ()]
    rows = (dict(zip(names, row, strict=True)) for row in result.fetchall())
    return [row | {"read_at": aware(row["read_at"])} for row in rows]


def sweep_state(cursor: Cursor, account: str, feed: str) -> tuple[int, datetime | None]:
    """How many items were never asked for, and the oldest answer among the others."""
    row = cursor.execute(
        load("catalogue")["progress_of_sweep"], {"account": account, "feed": feed}
    ).fetchone()
    return (int(row[0]), aware(row[1])) if row else (0, None)


def count_items(cursor: Cursor, account: str) -> int:
    """How many items are held."""
    row = cursor.execute(load("catalogue")["count_items"], {"account": account}).fetchone()
    return int(row[0]) if row else 0


def recent_starts(cursor: Cursor, account: str) -> list[datetime]:
    """When the latest syncs began, newest first, the present one included."""
    rows = cursor.execute(load("catalogue")["recent_starts"], {"account": account}).fetchall()
    return [at for row in rows if (at := aware(row[0])) is not None]


def _run(cursor: Cursor, name: str, **values: Any) -> None:
    """Run the named block of catalogue.sql, each of its statements with the values it names."""
    for statement in load("catalogue")[name].split(";"):
        used = {key: value for key, value in values.items() if f"${key}" in statement}
        cursor.execute(statement, used)
