"""The order steps of a sync: headers with their observations, then the lines of what is new or changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from crossmall.errors import ApiError
from crossmall.types import Order, OrderQuery
from reconcile.store import sync_writes
from reconcile.store.database import naive
from reconcile.sync.plan import OrderPlan, plan_orders
from reconcile.sync.records import component_row, line_row, order_row
from reconcile.sync.session import Session

HEADER_BATCH = 500  # order headers that go into one transaction
BATCH = 200  # orders whose lines go into one transaction
FUTURE_LIMIT = timedelta(days=1)  # a 更新日時 further ahead of our clock never moves the cursor [D]

Row = dict[str, Any]


def sync_orders(
    session: Session,
    cursor_row: Mapping[str, datetime | None],
    started_at: datetime,
    *,
    since: date | None,
    full: bool,
) -> None:
    """Read the order headers that the plan asks for; the cursor moves once all of them are stored."""
    plan = plan_orders(
        cursor_at=cursor_row.get("cursor_at"),
        reaches_back_to=cursor_row.get("reaches_back_to"),
        now=started_at,
        settings=session.settings,
        since=since,
        full=full,
        collect_phase=session.account.collect_phase,
    )
    session.kind = plan.kind
    newest = _read_all(session, plan, started_at) or cursor_row.get("cursor_at") or plan.window_from
    session.cursor_after = max(newest, cursor_row.get("cursor_at") or newest)
    with session.db.write() as cursor:
        sync_writes.run(
            cursor,
            "put_cursor",
            account=session.account.name,
            feed="orders",
            cursor_at=naive(session.cursor_after),
            complete_at=naive(started_at),
            reaches_back_to=naive(plan.reaches_back_to),
        )


def _read_all(session: Session, plan: OrderPlan, started_at: datetime) -> datetime | None:
    """Store what every query of the plan gives; the newest credible 更新日時 among it."""
    newest: datetime | None = None
    batch: list[Row] = []
    for rows, skipped in session.parallel(
        "orders", "windows", plan.queries, lambda query: _read(session, query)
    ):
        session.rows_skipped += skipped
        newest = max(
            (at for at in (newest, *_credible(rows, started_at)) if at is not None), default=None
        )
        batch += rows
        if len(batch) >= HEADER_BATCH:
            _store_orders(session, batch)
            batch = []
    _store_orders(session, batch)
    return newest


def _store_orders(session: Session, rows: Sequence[Row]) -> None:
    if rows:
        with session.db.write() as cursor:
            new, changed = sync_writes.put_orders(cursor, _newest_per_order(rows))
        session.orders_new += new
        session.orders_changed += changed


def sync_lines(session: Session) -> None:
    """Read the lines of every order whose newest state has none yet: also what a killed sync left behind."""
    with session.db.read() as cursor:
        missing = sync_writes.orders_without_lines(cursor, session.account.name)
    callable_orders = [(number, at) for number, at, is_child in missing if not is_child]
    children = [(number, at) for number, at, is_child in missing if is_child]
    batch = [_Fetched(number, at, "refused", [], []) for number, at in children]
    for fetched in session.parallel(
        "lines", "orders", callable_orders, lambda task: _read_lines(session, *task)
    ):
        batch.append(fetched)
        if len(batch) >= BATCH:
            _store_lines(session, batch)
            batch = []
    if batch:
        _store_lines(session, batch)


class _Fetched:
    """The lines of one order as read for one state of it."""

    __slots__ = ("components", "lines", "number", "state", "updated_at")

    def __init__(
        self,
        number: str,
        updated_at: datetime | None,
        state: str,
        lines: list[Row],
        components: list[Row],
    ) -> None:
        self.number = number
        self.updated_at = updated_at
        self.state = state
        self.lines = lines
        self.components = components


def _read(session: Session, query: OrderQuery) -> tuple[list[Row], int]:
    rows: list[Row] = []
    skipped = 0
    for page in session.client.orders(query):
        seen_at = session.clock()
        rows += [_row(session, order, seen_at) for order in page.rows]
        skipped += len(page.skipped)
        session.raise_if_cancelled()
    return rows, skipped


def _row(session: Session, order: Order, seen_at: datetime) -> Row:
    return order_row(session.account.name, order, seen_at, session.run_id)


def _newest_per_order(rows: Sequence[Row]) -> list[Row]:
    """One row per order: rows may come twice when they move between pages while we page."""
    newest: dict[str, Row] = {}
    for row in rows:
        held = newest.get(row["order_number"])
        if held is None or not _is_older(row, held):
            newest[row["order_number"]] = row
    return list(newest.values())


def _is_older(row: Row, held: Row) -> bool:
    return bool(row["updated_at"] and held["updated_at"] and row["updated_at"] < held["updated_at"])


def _credible(rows: Sequence[Row], now: datetime) -> list[datetime]:
    return [
        row["updated_at"]
        for row in rows
        if row["updated_at"] is not None and row["updated_at"] <= now + FUTURE_LIMIT
    ]


def _read_lines(session: Session, number: str, updated_at: datetime | None) -> _Fetched:
    account = session.account.name
    try:
        page = session.client.order_lines(number)
        parts = [
            component_row(account, ordinal, part, session.clock())
            for line in page.rows
            if line.component_flag
            for ordinal, part in enumerate(
                session.client.order_components(number, line.line_no).rows, start=1
            )
        ]
    except ApiError as error:
        if error.help_key == "crossmall.error.auth":
            raise
        return _Fetched(number, updated_at, "failed", [], [])
    lines = [line_row(account, line, session.clock()) for line in page.rows]
    return _Fetched(number, updated_at, "held" if not page.skipped else "failed", lines, parts)


def _store_lines(session: Session, batch: Sequence[_Fetched]) -> None:
    with session.db.write() as cursor:
        sync_writes.put_lines(
            cursor,
            session.account.name,
            fetched=[
                {
                    "order_number": fetched.number,
                    "updated_at": fetched.updated_at,
                    "lines_state": fetched.state,
                }
                for fetched in batch
            ],
            lines=[line for fetched in batch for line in fetched.lines],
            components=[part for fetched in batch for part in fetched.components],
        )
