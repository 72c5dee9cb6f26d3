"""What the threads of an order read bring: a page of headers, the lines of one order, the parts of one set line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from crossmall.errors import ApiError
from crossmall.types import Order, OrderComponent, Page
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

    state: held | unsure (what may be a slip of one reply or true: see ``read_lines``, ``is_certain``) | failed | refused.
    """

    number: str
    updated_at: datetime | None
    state: str
    lines: list[Row] = field(default_factory=list)
    parts: list[Row] = field(default_factory=list)
    sets: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one set line; rows None: the vendor did not give them. certain: see ``is_certain``."""

    order: Lines
    line_no: int
    rows: list[Row] | None
    certain: bool = True


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

    A line that comes twice counts once; two lines of one number that differ are not believed. A line without its item
    code may be true (no item is registered): it is unsure.
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
        for ordinal, part in enumerate(sorted(set(page.rows), key=by_goods), start=1)
    ]
    codes = {line["line_no"]: line["item_code"] for line in order.lines}  # none where a set failed
    return Parts(order, line_no, rows, is_certain(page.rows, codes.get(line_no)))


def by_goods(part: OrderComponent) -> tuple[object, ...]:
    """Where a part stands among its set's: by what it is, for replies need not keep one order."""
    attributes = part.attribute1_name or "", part.attribute2_name or ""
    return part.item_code or "", *attributes, part.item_name or "", part.component_count


def is_certain(parts: Sequence[OrderComponent], set_code: str | None) -> bool:
    """Whether these look like the parts of that set: some, each with its code, each of a set of that code [I].

    A reply that lags behind tells the parts of what stood there before, as when a bundle was made [D].
    """
    return bool(parts) and all(
        part.item_code and part.set_item_code in (None, set_code) for part in parts
    )
