"""Which requests a sync needs: decided from what is stored and the clock, without any input or output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crossmall.types import OrderQuery
from reconcile.settings import Settings
from reconcile.text import JST

PAGE_ROWS = 100  # orders on a full page of get_order [S3]
MOST_WINDOWS = 62  # a longer stretch is split into windows of 2, 4, 8 ... days [D]
CLOCK_LIMIT = timedelta(days=1)  # a 更新日時 further ahead of our clock is no witness of time [D]
DAY = timedelta(days=1)

Window = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlan:
    """The order queries of one sync: kind first | increment | full, and how far back the stretch reaches.

    latest: the one without an end, to be read first. earlier: closed windows, newest first. others:
    queries without dates. held: windows of the stretch that need no second read.
    """

    kind: str
    latest: OrderQuery
    earlier: tuple[OrderQuery, ...] = ()
    others: tuple[OrderQuery, ...] = ()
    held: tuple[Window, ...] = ()
    window_from: datetime
    reaches_back_to: datetime

    @property
    def queries(self) -> tuple[OrderQuery, ...]:
        """All queries in the order in which they are asked."""
        return (self.latest, *self.earlier, *self.others)

    @property
    def windows(self) -> int:
        """Into how many queries the stretch is split; each but the first costs at most one call more."""
        return len(self.queries)


def plan_orders(
    *,
    cursor_at: datetime | None,
    reaches_back_to: datetime | None,
    now: datetime,
    settings: Settings,
    since: date | None,
    full: bool,
    collect_phase: str,
    complete_at: datetime | None = None,
    stored: Mapping[Window, datetime | None] | None = None,
) -> OrderPlan:
    """Windows over 更新日時 for a first or full read, else one open window behind the cursor.

    A first read asks for the collect phase without dates too, so that an order which has been waiting
    for longer than the stretch is not missed. The last window has no end: the vendor's clock may be
    ahead of ours. stored: windows that an unfinished read has stored to their end; they are left out,
    unless everything is asked for again. A stretch that begins in our future is read anew: our clock
    was wrong when it was read.
    """
    start = (
        _start_of_day(since)
        if since
        else _start_of_day((now - timedelta(days=settings.first_days)).astimezone(JST).date())
    )
    first = cursor_at is None or reaches_back_to is None or reaches_back_to > now
    if first or full or (since is not None and reaches_back_to and start < reaches_back_to):
        back = start if first or reaches_back_to is None else min(start, reaches_back_to)
        return _stretch(
            start,
            now,
            kind="first" if first else "full",
            collect_phase=collect_phase,
            stored={} if full else stored or {},
            reaches_back_to=back,
        )
    assert cursor_at is not None
    assert reaches_back_to is not None
    behind = _behind(cursor_at, complete_at, reaches_back_to, now=now)
    window_from = behind - timedelta(minutes=settings.overlap_min)
    return OrderPlan(
        kind="increment",
        latest=OrderQuery(updated_from=window_from),
        window_from=window_from,
        reaches_back_to=reaches_back_to,
    )


def _stretch(
    start: datetime,
    now: datetime,
    *,
    kind: str,
    collect_phase: str,
    stored: Mapping[Window, datetime | None],
    reaches_back_to: datetime,
) -> OrderPlan:
    """The plan that reads everything from the start on, but for windows already stored."""
    closed, last = _windows(start, now)
    return OrderPlan(
        kind=kind,
        latest=OrderQuery(updated_from=last),
        earlier=tuple(
            OrderQuery(updated_from=window[0], updated_to=window[1])
            for window in reversed(closed)
            if window not in stored
        ),
        others=(OrderQuery(phase_name=collect_phase),),
        held=tuple(window for window in closed if window in stored),
        window_from=start,
        reaches_back_to=reaches_back_to,
    )


def calls_of_query(rows: int) -> int:
    """Calls that a query of so many rows costs: exactly a full page means "ask again" [S3]."""
    return rows // PAGE_ROWS + 1


def is_due(complete_at: datetime | None, now: datetime, max_age: timedelta) -> bool:
    """Whether data last read in full at `complete_at` should be read again."""
    return complete_at is None or complete_at > now or now - complete_at >= max_age


def is_credible(at: datetime, now: datetime) -> bool:
    """Whether an instant of the vendor can be the present of its clock or its past."""
    return at <= now + CLOCK_LIMIT


def settled_until(newest_at: datetime | None, now: datetime, settings: Settings) -> datetime:
    """Up to where the vendor's clock had certainly passed, given the newest 更新日時 seen before now.

    A window that ended earlier can gain no more rows: an order that changes moves to a later one.
    """
    certain = now - CLOCK_LIMIT
    if newest_at is not None and newest_at <= now:
        certain = max(certain, newest_at)
    return certain - timedelta(minutes=settings.overlap_min)


def _behind(
    cursor_at: datetime, complete_at: datetime | None, reaches_back_to: datetime, *, now: datetime
) -> datetime:
    """Where an increment starts; for a cursor that no vendor can have shown, at the last complete read."""
    if is_credible(cursor_at, now):
        return min(cursor_at, now)
    if complete_at is None or complete_at > now:
        return reaches_back_to
    return max(reaches_back_to, complete_at - CLOCK_LIMIT)


def _windows(start: datetime, now: datetime) -> tuple[list[Window], datetime]:
    """Closed windows from the start on, and where the open one begins; edges do not move from day to day."""
    step = DAY
    while (now - start) / step > MOST_WINDOWS:
        step *= 2
    closed = []
    begin = start
    while (end := _next_edge(begin, step)) < now:
        closed.append((begin, end))
        begin = end
    return closed, begin


def _next_edge(begin: datetime, step: timedelta) -> datetime:
    local = begin.astimezone(JST)
    day = local.date().toordinal()
    return _start_of_day(date.fromordinal(day - day % step.days + step.days))


def _start_of_day(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=JST)
