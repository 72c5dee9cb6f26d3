"""Which requests a sync needs: decided from what is stored and the clock, without any input or output."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crossmall.types import OrderQuery
from reconcile.settings import Settings
from reconcile.text import JST


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    """The order queries of one sync: kind first | increment | full, and how far back the stretch reaches."""

    kind: str
    queries: tuple[OrderQuery, ...]
    window_from: datetime
    reaches_back_to: datetime


def plan_orders(
    *,
    cursor_at: datetime | None,
    reaches_back_to: datetime | None,
    now: datetime,
    settings: Settings,
    since: date | None,
    full: bool,
    collect_phase: str,
) -> OrderPlan:
    """Day windows over 更新日時 for a first or full read, else one open window behind the cursor.

    A first read asks for the collect phase without dates too, so that an order which has been waiting
    for longer than the stretch is not missed. The last window has no end: the vendor's clock may be
    ahead of ours.
    """
    start = (
        _start_of_day(since)
        if since
        else _start_of_day((now - timedelta(days=settings.first_days)).astimezone(JST).date())
    )
    first = cursor_at is None or reaches_back_to is None
    if first or full or (since is not None and reaches_back_to and start < reaches_back_to):
        return OrderPlan(
            kind="first" if first else "full",
            queries=(*_days(start, now), OrderQuery(phase_name=collect_phase)),
            window_from=start,
            reaches_back_to=min(start, reaches_back_to or start),
        )
    assert cursor_at is not None
    assert reaches_back_to is not None
    window_from = min(cursor_at, now) - timedelta(minutes=settings.overlap_min)
    return OrderPlan(
        kind="increment",
        queries=(OrderQuery(updated_from=window_from),),
        window_from=window_from,
        reaches_back_to=reaches_back_to,
    )


def is_due(complete_at: datetime | None, now: datetime, max_age: timedelta) -> bool:
    """Whether data last read in full at `complete_at` should be read again."""
    return complete_at is None or now - complete_at >= max_age


def _days(start: datetime, now: datetime) -> tuple[OrderQuery, ...]:
    windows = []
    begin = start
    while begin < now - timedelta(days=1):
        end = begin + timedelta(days=1)
        windows.append(OrderQuery(updated_from=begin, updated_to=end))
        begin = end
    return (*windows, OrderQuery(updated_from=begin))


def _start_of_day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JST)
