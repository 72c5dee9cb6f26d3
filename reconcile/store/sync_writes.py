"""The writes of a sync, one transaction per step: run records, orders with observations, lines, catalogue, stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from reconcile.store.database import Cursor, aware
from reconcile.store.queries import load
from reconcile.store.rows import as_table, registered

Row = Mapping[str, Any]


def run(cursor: Cursor, name: str, **values: Any) -> None:
    """Run the named block of apply.sql, each of its statements with the values it names."""
    for statement in load("apply")[name].split(";"):
        used = {key: value for key, value in values.items() if f"${key}" in statement}
        cursor.execute(statement, used)


def cursors(cursor: Cursor, account: str) -> dict[str, dict[str, datetime | None]]:
    """Per feed: how far it was read (`cursor_at`, vendor clock), when in full (`complete_at`), and from where."""
    rows = cursor.execute(load("apply")["cursors"], {"account": account}).fetchall()
    return {
        feed: {"cursor_at": aware(at), "complete_at": aware(done), "reaches_back_to": aware(back)}
        for feed, at, done, back in rows
    }


def put_orders(cursor: Cursor, rows: Sequence[Row]) -> tuple[int, int]:
    """Store orders as seen; gives how many were new and how many had changed since we last looked.

    A row older than the one we hold (a replica that lags) changes nothing.
    """
    orders = as_table(cursor, "cm_order", rows, extra=("check_marks",))
    with registered(cursor, incoming=orders):
        counts = cursor.execute(load("apply")["count_new_and_changed"]).fetchone()
        run(cursor, "put_observations")
        run(cursor, "put_orders")
    return (int(counts[0]), int(counts[1])) if counts else (0, 0)


def put_table(cursor: Cursor, block: str, like: str, rows: Sequence[Row], **values: Any) -> None:
    """Store rows of one table by its block of apply.sql."""
    extra = ("role",) if like == "cm_phase" else ()
    with registered(cursor, incoming=as_table(cursor, like, rows, extra=extra)):
        run(cursor, block, **values)


def put_lines(
    cursor: Cursor,
    account: str,
    *,
    fetched: Sequence[Row],
    lines: Sequence[Row],
    components: Sequence[Row],
) -> None:
    """Replace the lines of the fetched orders; `fetched` rows: order_number, updated_at they were read for, lines_state."""
    with registered(
        cursor,
        fetched=as_table(cursor, "cm_order", fetched),
        incoming=as_table(cursor, "cm_order_line", lines),
        components=as_table(cursor, "cm_component", components),
    ):
        run(cursor, "put_lines", account=account)


def orders_without_lines(cursor: Cursor, account: str) -> list[tuple[str, datetime | None, bool]]:
    """Orders whose lines we do not hold for their newest state: (order_number, updated_at, is_bundle_child)."""
    rows = cursor.execute(load("apply")["orders_without_lines"], {"account": account}).fetchall()
    return [(number, aware(updated_at), child) for number, updated_at, _, child in rows]


def item_codes(cursor: Cursor, account: str) -> list[str]:
    """Every item code of the account's catalogue, ascending."""
    return [
        row[0]
        for row in cursor.execute(load("apply")["item_codes"], {"account": account}).fetchall()
    ]
