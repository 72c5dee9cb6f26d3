"""What the threads of an order read bring: a page of headers, the lines of one order, the parts of one set line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from crossmall.errors import ApiError
from crossmall.types import Order, Page
from reconcile.sync.plan import Window
from reconcile.sync.records import component_row, line_row, order_row
from reconcile.sync.session import Crew, Session

MORE_HEADERS, HEADERS, PARTS, LINES = range(4)  # urgency: headers first, what is begun is ended

Row = dict[str, Any]


@dataclass(slots=True)
class Span:
    """One query under way. settled: its window, if that can gain no more rows. Its end may be told before its pages."""

    pages: Iterator[Page[Order]]
    settled: Window | None
    fetched: int = 0
    taken: int = 0
    ended: bool = False
    newest_at: datetime | None = None

    @property
    def is_whole(self) -> bool:
        """Whether its end and every page have been taken."""
        return self.ended and self.taken == self.fetched


@dataclass(frozen=True, slots=True)
class Headers:
    """One page of a query, or its end (rows None)."""

    span: Span
    rows: list[Row] | None
    skipped: int = 0


@dataclass(slots=True)
class Lines:
    """The lines of one order as read for one state of it; `sets`: lines whose parts are still awaited.

    state: held | unsure (a line or part came without its item code, which also happens in truth) | failed | refused.
    """

    number: str
    updated_at: datetime | None
    state: str
    lines: list[Row] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)
    sets: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one set line; rows None: the vendor did not give them."""

    order: Lines
    line_no: int
    rows: list[Row] | None


Piece = Headers | Lines | Parts


def read_page(session: Session, crew: Crew[Piece], span: Span) -> Headers:
    """The next page of a query; the one after it is asked for before this one is stored."""
    page = next(span.pages, None)
    if page is None:
        return Headers(span, None)
    span.fetched += 1
    crew.ask(MORE_HEADERS, partial(read_page, session, crew, span))
    seen_at = session.clock()
    account, run_id = session.account.name, session.run_id
    page = page.whole()
    rows = [order_row(account, order, seen_at, run_id) for order in page.rows if has_times(order)]
    return Headers(span, rows, len(page.skipped) + len(page.rows) - len(rows))


def has_times(order: Order) -> bool:
    """Whether a header has the three times that every order has [I]; without them it is damaged, like an unread row."""
    return None not in (order.ordered_at, order.created_at, order.updated_at)


def read_lines(session: Session, number: str, updated_at: datetime | None) -> Lines:
    """The lines of one order, without the parts of its sets; raises what the client raises but a refused order.

    A line that comes twice counts once; two lines of one number that differ are not believed.
    """
    try:
        page = session.client.order_lines(number).whole()
    except ApiError as error:
        if error.help_key == "crossmall.error.auth":
            raise
        return Lines(number, updated_at, "failed")
    seen_at = session.clock()
    lines = {line.line_no: line for line in page.rows}
    is_sound = not page.skipped and all(lines[line.line_no] == line for line in page.rows)
    has_codes = all(line.item_code for line in page.rows)
    return Lines(
        number,
        updated_at,
        ("held" if has_codes else "unsure") if is_sound else "failed",
        lines=[line_row(session.account.name, line, seen_at) for line in lines.values()],
        sets=[line.line_no for line in lines.values() if line.component_flag],
    )


def read_parts(session: Session, order: Lines, line_no: int) -> Parts:
    """The parts of one set line; raises what the client raises but a refused line."""
    try:
        page = session.client.order_components(order.number, line_no).whole()
    except ApiError as error:
        if error.help_key == "crossmall.error.auth":
            raise
        return Parts(order, line_no, None)
    if page.skipped:
        return Parts(order, line_no, None)
    seen_at = session.clock()
    rows = [
        component_row(session.account.name, ordinal, part, seen_at)
        for ordinal, part in enumerate(dict.fromkeys(page.rows), start=1)
    ]
    return Parts(order, line_no, rows)
