"""The catalogue and stock steps of a sync: what changed first, a sweep of the rest behind it, every figure with its age.

What an item said is stored with the time it was asked; a sync that was killed or cancelled goes on from those times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crossmall.errors import ApiError, AuthError, NotFound
from crossmall.pacing import DEFAULT_RATE_PER_S
from reconcile.store import catalogue_writes, sync_writes
from reconcile.store.database import Cursor, naive
from reconcile.sync import hints
from reconcile.sync.plan import is_due
from reconcile.sync.records import item_row, sku_row, stock_row
from reconcile.sync.session import Session
from reconcile.sync.sweep import USUAL_INTERVAL, ItemState, Limits, interval_of, plan_sweep

BATCH_ITEMS = 200  # items whose answers go into one transaction
BATCH_S = 1.0  # answers wait no longer than this to be stored
LATE = "late"  # state of an answer from a clock that runs behind: not stored, so the item stays due

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came for one item: its rows, and the state of the answer (see reconcile.store.catalogue_writes)."""

    item_code: str
    asked_at: datetime
    state: str
    rows: tuple[Row, ...] = ()
    skipped: int = 0


def sync_catalogue(session: Session, started_at: datetime) -> None:
    """Read the list of items when it is due, then the SKUs of items that are new, named by the diff feed, or old.

    An item that is gone is dropped once a list was read to its end without it; a SKU, once its item was.
    """
    told = hints.Hints(credible=False)
    if hints.are_on(session, "catalogue"):
        told = hints.take(session, "catalogue", started_at)
    if told.unlisted or _list_is_due(session, started_at):
        _list_items(session, started_at)
    day = timedelta(hours=session.settings.catalogue_max_age_h)
    _sweep(session, "catalogue", _skus_of(session), started_at, _limits(session, day, day, None))


def sync_stock(session: Session, started_at: datetime) -> None:
    """Read the stock of items that may have changed, and of those whose figure is due; negative figures stay negative.

    With a diff feed that is credible, the rest is swept once in `stock_sweep_h`, without one in `stock_max_age_min`.
    """
    settings = session.settings
    told = hints.Hints(credible=False)
    if hints.are_on(session, "stock"):
        told = hints.take(session, "stock", started_at)
    check = timedelta(minutes=settings.stock_max_age_min)
    sweep = max(check, timedelta(hours=settings.stock_sweep_h)) if told.credible else check
    limits = _limits(session, sweep, check, settings.stock_calls_per_sync)
    _sweep(session, "stock", _stock_of(session), started_at, limits)


def _list_is_due(session: Session, started_at: datetime) -> bool:
    with session.db.read() as cursor:
        listed_at = _listed_at(sync_writes.cursors(cursor, session.account.name))
    limit = timedelta(hours=session.settings.catalogue_max_age_h)
    return session.kind == "full" or is_due(listed_at, started_at, limit)


def _listed_at(cursors: dict[str, dict[str, datetime | None]]) -> datetime | None:
    return cursors.get("items", {}).get("complete_at")


def _list_items(session: Session, started_at: datetime) -> None:
    """Read the whole list; an empty one, or one with rows that cannot be read, proves nothing gone."""
    account = session.account.name
    listed = skipped = 0
    for page in (page.whole() for page in session.client.items()):
        skipped += len(page.skipped)
        rows = {item.item_code: item_row(account, item, session.clock()) for item in page.rows}
        listed += len(rows)
        with session.db.write() as cursor:
            catalogue_writes.put_items(cursor, list(rows.values()))
        session.raise_if_cancelled()
    session.rows_skipped += skipped
    with session.db.write() as cursor:
        if listed and not skipped:
            catalogue_writes.drop_gone_items(cursor, account, started_at)
        _put_complete(session, cursor, "items", started_at)


def _limits(
    session: Session, sweep_age: timedelta, check_age: timedelta, calls: int | None
) -> Limits:
    usual = timedelta(minutes=session.account.sync_every_min) or USUAL_INTERVAL
    rate = session.settings.rate_per_s
    if rate is None and not hints.is_local(session.account.base_url):
        rate = DEFAULT_RATE_PER_S
    with session.db.read() as cursor:
        starts = catalogue_writes.recent_starts(cursor, session.account.name)
    return Limits(
        sweep_age=sweep_age,
        check_age=check_age,
        interval=interval_of(starts, usual, max(usual, check_age)),
        calls=calls,
        rate_per_s=rate,
        everything=session.kind == "full",
    )


def _sweep(
    session: Session,
    feed: str,
    read: Callable[[str], _Answer],
    started_at: datetime,
    limits: Limits,
) -> None:
    """Read the planned items and store their answers; what was read stays, however this ends."""
    gap = timedelta(minutes=session.settings.snapshot_gap_max_min)
    with session.db.read() as cursor:
        states = catalogue_writes.item_states(
            cursor,
            session.account.name,
            feed,
            now=started_at,
            comparable_from=started_at - gap,
        )
    plan = plan_sweep([ItemState(**state) for state in states], started_at, limits)
    waiting: list[_Answer] = []
    stored_at = time.monotonic()
    try:
        for answer in session.parallel(feed, "items", [one.item_code for one in plan], read):
            if answer.state == LATE:
                session.rows_skipped += answer.skipped
                continue
            waiting.append(answer)
            if len(waiting) >= BATCH_ITEMS or time.monotonic() - stored_at >= BATCH_S:
                batch, waiting = waiting, []
                _store(session, feed, batch)
                stored_at = time.monotonic()
    finally:
        _store(session, feed, waiting)
    _finish(session, feed, started_at)


def _store(session: Session, feed: str, answers: Sequence[_Answer]) -> None:
    if not answers:
        return
    session.rows_skipped += sum(answer.skipped for answer in answers)
    with session.db.write() as cursor:
        catalogue_writes.put_answers(
            cursor,
            session.account.name,
            feed,
            asked=[
                {"item_code": one.item_code, "asked_at": one.asked_at, "state": one.state}
                for one in answers
            ],
            rows=[row for one in answers for row in one.rows],
        )


def _finish(session: Session, feed: str, started_at: datetime) -> None:
    """Note how far the sweep is: complete as of its oldest answer, once every item of a complete list has one."""
    account = session.account.name
    with session.db.write() as cursor:
        listed_at = _listed_at(sync_writes.cursors(cursor, account))
        unread, oldest = catalogue_writes.sweep_state(cursor, account, feed)
        if listed_at is None or unread:
            return
        complete_at = min(oldest or started_at, started_at)
        if feed == "catalogue":
            complete_at = min(complete_at, listed_at)
        _put_complete(session, cursor, feed, complete_at)


def _put_complete(session: Session, cursor: Cursor, feed: str, at: datetime) -> None:
    sync_writes.run(
        cursor,
        "put_cursor",
        account=session.account.name,
        feed=feed,
        cursor_at=None,
        complete_at=naive(at),
        reaches_back_to=None,
    )


def _skus_of(session: Session) -> Callable[[str], _Answer]:
    account = session.account.name

    def read(item_code: str) -> _Answer:
        asked_at = session.clock()
        try:
            page = session.client.item_skus(item_code).whole()
        except AuthError:
            raise
        except ApiError as error:
            return _refusal(item_code, asked_at, error)
        if session.calls.is_late():
            return _Answer(item_code, asked_at, LATE, skipped=1)
        rows = tuple(sku_row(account, sku, session.clock()) for sku in page.rows)
        return _answer(item_code, asked_at, rows, len(page.skipped))

    return read


def _stock_of(session: Session) -> Callable[[str], _Answer]:
    account = session.account.name

    def read(item_code: str) -> _Answer:
        asked_at = session.clock()
        try:
            page = session.client.stock(item_code=item_code).whole()
        except AuthError:
            raise
        except ApiError as error:
            return _refusal(item_code, asked_at, error)
        if session.calls.is_late():
            return _Answer(item_code, asked_at, LATE, skipped=1)
        rows = tuple(stock_row(account, stock, session.clock()) for stock in page.rows)
        return _answer(item_code, asked_at, rows, len(page.skipped))

    return read


def _answer(item_code: str, asked_at: datetime, rows: tuple[Row, ...], skipped: int) -> _Answer:
    state = "partial" if skipped else "held" if rows else "none"
    return _Answer(item_code, asked_at, state, rows, skipped)


def _refusal(item_code: str, asked_at: datetime, error: ApiError) -> _Answer:
    state = "unknown" if isinstance(error, NotFound) else "refused"
    return _Answer(item_code, asked_at, state, (), 1)
