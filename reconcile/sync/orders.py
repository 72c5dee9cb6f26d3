"""The order steps of a sync: headers with their observations, and the lines of what is new or changed.

Headers go first; the lines of an order are asked for as soon as its header is stored. One crew fetches all of it, and
only the thread that runs the sync writes, while the crew goes on.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import partial

from crossmall.errors import CrossmallError
from crossmall.types import OrderQuery
from reconcile.errors import SyncCancelled
from reconcile.store import sync_writes
from reconcile.store.database import Cursor, naive
from reconcile.sync.lines import LineBook
from reconcile.sync.pieces import HEADERS, Headers, Lines, Piece, Row, Span, read_page
from reconcile.sync.plan import OrderPlan, Window, is_credible, plan_orders, settled_until
from reconcile.sync.session import SKEW_LIMIT_S, Crew, Session

HEADER_BATCH = 500  # order headers that go into one transaction, unless threads wait for work
KEEP_S = 1.0  # headers wait no longer than this to be stored
UNREAD_KEEP = timedelta(days=2)  # so long the cursor waits for a row that cannot be read [D]


def sync_orders(
    session: Session,
    cursor_row: Mapping[str, datetime | None],
    started_at: datetime,
    *,
    since: date | None,
    full: bool,
) -> None:
    """Read the headers that the plan asks for, and the lines of every order whose newest state has none yet.

    The cursor moves once all headers are stored. Raises SyncCancelled and what the client raises; what had been
    fetched by then is stored.
    """
    with session.db.read() as cursor:
        stored = sync_writes.stored_windows(cursor, session.account.name)
    cursor_at = cursor_row.get("cursor_at")
    plan = plan_orders(
        cursor_at=cursor_at,
        reaches_back_to=cursor_row.get("reaches_back_to"),
        complete_at=cursor_row.get("complete_at"),
        now=started_at,
        settings=session.settings,
        since=since,
        full=full,
        collect_phase=session.account.collect_phase,
        stored=stored,
    )
    session.kind = plan.kind
    known = [cursor_at] if cursor_at and is_credible(cursor_at, started_at) else []
    known += [at for at in (stored[window] for window in plan.held) if at]
    with Crew[Piece](session.settings.concurrency) as crew:
        reading = _Reading(session, crew, plan, started_at, cursor_row.get("complete_at"))
        reading.note_skew(cursor_at, started_at)
        try:
            reading.run(max(known, default=None))
        except (SyncCancelled, CrossmallError):
            reading.keep(crew.close())
            raise


class _Reading:
    """One run over the orders: what was asked, what has come, what is stored."""

    def __init__(
        self,
        session: Session,
        crew: Crew[Piece],
        plan: OrderPlan,
        started_at: datetime,
        complete_at: datetime | None,
    ) -> None:
        self._session = session
        self._crew = crew
        self._plan = plan
        self._started_at = started_at
        self._complete_at = complete_at
        self._begun = self._stored_at = time.monotonic()
        self._lines = LineBook(session, crew)
        self._newest_at: datetime | None = None
        self._windows = self._left = plan.windows
        self._pages = 0
        self._unread = 0
        self._rows: list[Row] = []
        self._whole: list[Span] = []

    def run(self, known_at: datetime | None) -> None:
        """Read and store everything; the newest window shows its first page before others are asked.

        known_at: the greatest credible 更新日時 of what earlier reads have stored.
        """
        self._ask(self._plan.latest, None)
        while not self._pages and self._left == self._plan.windows:
            self._look()
        self._note_clock()
        settled = settled_until(self._newest_at, self._session.clock(), self._session.settings)
        for query in self._plan.queries[1:]:
            self._ask(query, _window(query, settled))
        while self._left:
            self._look()
            waited_s = time.monotonic() - self._stored_at
            if len(self._rows) >= HEADER_BATCH or waited_s >= KEEP_S or self._crew.idle:
                self._store_headers()
        newest = [at for at in (self._newest_at, known_at) if at is not None]
        self._store_headers(cursor_at=self._reached(max(newest, default=self._plan.window_from)))
        with self._session.db.read() as cursor:
            self._lines.want(
                sync_writes.orders_without_lines(cursor, self._session.account.name)
            )  # also what a killed sync left behind
        while self._lines.open:
            self._look()
        self._lines.store()
        self._tell()

    def keep(self, pieces: Sequence[Piece]) -> None:
        """Store what had been fetched when the sync was stopped."""
        for piece in pieces:
            self._take(piece)
        self._store_headers()
        self._lines.store()

    def note_skew(self, vendor_at: datetime | None, our_at: datetime) -> None:
        """Remember how far a vendor's instant lies ahead of our clock, if that is too much."""
        if vendor_at is not None:
            self._note_ahead(max(0.0, (vendor_at - our_at).total_seconds()))

    def _note_ahead(self, ahead_s: float) -> None:
        if abs(ahead_s) > max(SKEW_LIMIT_S, abs(self._session.clock_skew_s or 0.0)):
            self._session.clock_skew_s = ahead_s

    def _note_clock(self) -> None:
        """After the first reply: remember the skew, and ask for what a clock put back has hidden from the increment."""
        ahead_s = self._session.calls.ahead_s
        if ahead_s is None:
            return
        self._note_ahead(ahead_s)
        if self._plan.kind == "increment" and self._complete_at is not None:
            overlap = timedelta(minutes=self._session.settings.overlap_min)
            begin = self._complete_at + timedelta(seconds=ahead_s) - overlap
            if begin + timedelta(seconds=SKEW_LIMIT_S) < self._plan.window_from:
                self._windows, self._left = self._windows + 1, self._left + 1
                hidden = OrderQuery(updated_from=begin, updated_to=self._plan.window_from)
                self._ask(hidden, None)

    def _vendor_now(self) -> datetime | None:
        ahead_s = self._session.calls.ahead_s
        return None if ahead_s is None else self._session.clock() + timedelta(seconds=ahead_s)

    def _reached(self, newest_at: datetime) -> datetime:
        """Where the next increment begins, but for its overlap: not past a row that could not be read, for some time."""
        if not self._unread:
            return newest_at
        begun = self._plan.window_from
        passing = self._plan.kind != "increment" or newest_at - begun <= UNREAD_KEEP
        overlap = timedelta(minutes=self._session.settings.overlap_min)
        return min(newest_at, begun + overlap) if passing else newest_at

    def _ask(self, query: OrderQuery, settled: Window | None) -> None:
        span = Span(self._session.client.orders(query), settled)
        self._crew.ask(HEADERS, partial(read_page, self._session, self._crew, span))

    def _look(self) -> None:
        """Take what has come, store lines once there are enough of them, and tell how far we are."""
        self._session.raise_if_cancelled()
        for piece in self._crew.take():
            self._take(piece)
        self._lines.store_some()
        self._tell()

    def _take(self, piece: Piece) -> None:
        if isinstance(piece, Headers):
            self._take_headers(piece)
        elif isinstance(piece, Lines):
            self._lines.take_lines(piece)
        else:
            self._lines.take_parts(piece)

    def _take_headers(self, piece: Headers) -> None:
        span = piece.span
        if piece.rows is None:
            span.ended = True
        else:
            span.taken += 1
            self._pages += 1
            self._rows += piece.rows
            self._session.rows_skipped += piece.skipped
            self._unread += piece.skipped
            if piece.skipped:
                span.settled = None
            for row in piece.rows:
                self._note_time(span, row["updated_at"], row["seen_at"])
        if span.is_whole:
            self._left -= 1
            self._whole.append(span)

    def _note_time(self, span: Span, updated_at: datetime | None, seen_at: datetime) -> None:
        self.note_skew(updated_at, seen_at)
        if updated_at is not None and is_credible(updated_at, self._started_at):
            span.newest_at = max(span.newest_at or updated_at, updated_at)
            self._newest_at = max(self._newest_at or updated_at, updated_at)

    def _store_headers(self, cursor_at: datetime | None = None) -> None:
        """Orders with their observations, in batches; with the last of them the windows they fill, and the cursor at the end."""
        self._stored_at = time.monotonic()
        if not (self._rows or self._whole or cursor_at):
            return
        session = self._session
        rows, self._rows = _newest_per_order(self._rows), []
        whole, self._whole = self._whole, []
        while len(rows) > HEADER_BATCH:
            with session.db.write() as cursor:
                self._put_orders(cursor, rows[:HEADER_BATCH])
            rows = rows[HEADER_BATCH:]
        with session.db.write() as cursor:
            self._put_orders(cursor, rows)
            for span in whole:
                self._put_window(cursor, span)
            if cursor_at is not None:
                self._put_cursor(cursor, cursor_at)

    def _put_orders(self, cursor: Cursor, rows: Sequence[Row]) -> None:
        new, changed, missing = sync_writes.put_orders(cursor, rows, vendor_now=self._vendor_now())
        self._session.orders_new += new
        self._session.orders_changed += changed
        self._lines.want(missing)

    def _put_window(self, cursor: Cursor, span: Span) -> None:
        if span.settled is not None:
            sync_writes.run(
                cursor,
                "put_window",
                account=self._session.account.name,
                window_from=naive(span.settled[0]),
                window_to=naive(span.settled[1]),
                newest_at=naive(span.newest_at),
                stored_at=naive(self._session.clock()),
            )

    def _put_cursor(self, cursor: Cursor, newest_at: datetime) -> None:
        """Move the cursor; back by what the headers took longer to read than increments overlap."""
        overlap = timedelta(minutes=self._session.settings.overlap_min)
        took = timedelta(seconds=time.monotonic() - self._begun)
        self._session.cursor_after = newest_at - max(took - overlap, timedelta(0))
        account = self._session.account.name
        sync_writes.run(
            cursor,
            "put_cursor",
            account=account,
            feed="orders",
            cursor_at=naive(self._session.cursor_after),
            complete_at=naive(self._started_at),
            reaches_back_to=naive(self._plan.reaches_back_to),
        )
        if self._plan.kind != "increment":
            sync_writes.run(cursor, "forget_windows", account=account)

    def _tell(self) -> None:
        """Windows while headers are read, then orders; unread windows are taken to be like those read."""
        windows, lines = self._windows, self._lines
        done = windows - self._left
        pages_left = self._left * max(1.0, self._pages / max(1, done)) if self._left else 0.0
        more_orders = pages_left * (lines.asked + len(self._rows)) / max(1, self._pages)
        sets_per_order = lines.sets_asked / max(1, lines.asked - lines.open)
        orders_left = lines.open + len(self._rows) + more_orders
        calls_left = pages_left + orders_left * (1 + sets_per_order) + lines.sets_open
        tell = partial(self._session.tell, calls_left=round(calls_left))
        if self._left:
            tell("orders", "windows", done, total=windows)
        else:
            tell("lines", "orders", lines.asked - lines.open, total=lines.asked)


def _window(query: OrderQuery, settled: datetime) -> Window | None:
    """The query's window if it can gain no more rows."""
    if query.updated_from is None or query.updated_to is None or query.updated_to > settled:
        return None
    return query.updated_from, query.updated_to


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
