"""The writes of a sync, one transaction per step: run records, orders with observations, lines, catalogue, stock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from reconcile.store.database import Cursor, aware, naive
from reconcile.store.queries import load
from reconcile.store.rows import as_table, registered

CLOCK_GRACE = timedelta(minutes=1)  # times this much ahead of the vendor's clock prove nothing [D]

Row = Mapping[str, Any]


class Missing(NamedTuple):
    """An order whose lines we do not hold for its newest state."""

    order_number: str
    updated_at: datetime | None
    is_bundle_child: bool


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


def put_orders(
    cursor: Cursor, rows: Sequence[Row], *, vendor_now: datetime | None = None
) -> tuple[int, int, list[Missing]]:
    """Store orders as seen; gives how many were new, how many had changed, and which of them want their lines read.

    A row older than the one we hold (a replica that lags) changes nothing, unless the one we hold lies ahead of the
    vendor's present time: then its clock was put back.
    """
    if not rows:
        return 0, 0, []
    orders = as_table(
        cursor, "cm_order", rows, extra=("check_marks", "recipient_day", "recipient_sealed")
    )
    clock = {"vendor_now": naive(vendor_now and vendor_now + CLOCK_GRACE)}
    with registered(cursor, incoming=orders):
        counts = cursor.execute(load("apply")["count_new_and_changed"], clock).fetchone()
        run(cursor, "put_observations", **clock)
        run(cursor, "put_orders", **clock)
        missing = cursor.execute(load("apply")["incoming_without_lines"]).fetchall()
    assert counts is not None
    return int(counts[0]), int(counts[1]), _missing(missing)


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


def orders_without_lines(cursor: Cursor, account: str) -> list[Missing]:
    """Every order of the account whose lines we do not hold for its newest state, by order number."""
    rows = cursor.execute(load("apply")["orders_without_lines"], {"account": account}).fetchall()
    return _missing(rows)


def stored_windows(
    cursor: Cursor, account: str
) -> dict[tuple[datetime, datetime], datetime | None]:
    """Windows (from, to) that an unfinished read has stored to their end, each with the newest updated_at in it."""
    rows = cursor.execute(load("apply")["stored_windows"], {"account": account}).fetchall()
    return {(at.replace(tzinfo=UTC), to.replace(tzinfo=UTC)): aware(new) for at, to, new in rows}


def has_unknown_phase(cursor: Cursor, account: str, run_id: str) -> bool:
    """Whether an order seen in this run stands in a phase that our list of phases does not have."""
    values = {"account": account, "run_id": run_id}
    return cursor.execute(load("apply")["unknown_phase"], values).fetchone() is not None


def past_calls(cursor: Cursor, account: str) -> dict[str, int]:
    """Per endpoint: the calls of the last complete run that used it."""
    return dict(cursor.execute(load("apply")["past_calls"], {"account": account}).fetchall())


def _missing(rows: Sequence[tuple[str, datetime | None, bool]]) -> list[Missing]:
    return [Missing(number, aware(updated_at), child) for number, updated_at, child in rows]
