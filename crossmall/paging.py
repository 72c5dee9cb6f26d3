"""Where the next page starts, or that there is none; nothing here sends anything.

Stop at fewer than a full page of raw rows [S3]. TotalResult is never asked: what it counts is not
known.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final, TypeVar

from crossmall.endpoints import GET_ITEM, GET_ORDER, Endpoint
from crossmall.errors import UnreadableResponse
from crossmall.types import Item, Order, Page, SkippedRow, SkuChange, StockChange

T = TypeVar("T")
Change = TypeVar("Change", StockChange, SkuChange)
STEP_BACK: Final = timedelta(seconds=5)  # a diff feed is read again this far behind its cursor [D]
ONE_SECOND: Final = timedelta(seconds=1)  # the vendor's times are whole seconds [S2]
OTHER_NUMBER = "order_number: belongs to another order"
OTHER_CODE = "order_code: not the one asked for"
Advance = Callable[[Page[T], str | None], str | None]


def _stuck(endpoint: Endpoint, message: str) -> UnreadableResponse:
    return UnreadableResponse(message, endpoint=endpoint.name, reason="paging")


def is_full(page: Page[T], endpoint: Endpoint) -> bool:
    """True when another page may follow: exactly a full page means "ask again" [S3]."""
    return endpoint.page_size is not None and page.raw_count >= endpoint.page_size


def _last_key(page: Page[T], endpoint: Endpoint) -> str:
    if page.last_key is None:
        raise _stuck(endpoint, "no row of a full page has a readable key, so paging cannot go on")
    return page.last_key


def next_order(page: Page[Order], after: str | None) -> str | None:
    """管理番号 to continue after, or None at the end.

    Raises UnreadableResponse when rows of a full page do not ascend or the page does not move past
    ``after``: going on would lose orders or never end.
    """
    if not is_full(page, GET_ORDER):
        return None
    last = _last_key(page, GET_ORDER)
    if any(int(a.order_number) > int(b.order_number) for a, b in pairwise(page.rows)):
        raise _stuck(GET_ORDER, "rows of a full page are not in ascending order")
    if after is not None and int(last) <= int(after):
        raise _stuck(GET_ORDER, "the page does not move past its cursor")
    return last


def next_item(page: Page[Item], after: str | None) -> str | None:
    """item_code to continue after, or None at the end; the vendor's text order is not assumed.

    Raises UnreadableResponse when the page ends where it began.
    """
    if not is_full(page, GET_ITEM):
        return None
    last = _last_key(page, GET_ITEM)
    if last == after:
        raise _stuck(GET_ITEM, "the page does not move past its cursor")
    return last


def only_matching(
    page: Page[T], *, order_number: str | None = None, order_code: str | None = None
) -> Page[T]:
    """The page with rows of other orders moved to ``skipped``; None means any.

    Numbers are compared as integers, codes exactly; position is 0, since it is no longer known.
    """
    good: list[T] = []
    strays: list[SkippedRow] = []
    for row in page.rows:
        number: str = getattr(row, "order_number", "0")
        if order_number is not None and int(number) != int(order_number):
            strays.append(SkippedRow(position=0, reason=OTHER_NUMBER, key=number))
        elif order_code is not None and getattr(row, "order_code", None) != order_code:
            strays.append(SkippedRow(position=0, reason=OTHER_CODE, key=number))
        else:
            good.append(row)
    return replace(page, rows=tuple(good), skipped=page.skipped + tuple(strays)) if strays else page


def walk(
    fetch: Callable[[str | None], Page[T]],
    advance: Advance[T],
    endpoint: Endpoint,
    after: str | None = None,
) -> Iterator[Page[T]]:
    """Pages from ``after`` on, one fetch each, until ``advance`` says there is no next one.

    Raises UnreadableResponse when a cursor comes up twice.
    """
    seen = {after}
    while True:
        page = fetch(after)
        yield page
        after = advance(page, after)
        if after is None:
            return
        if after in seen:
            raise _stuck(endpoint, "the pages go round in a circle")
        seen.add(after)


def walk_changes(
    fetch: Callable[[datetime], Page[Change]], since: datetime, endpoint: Endpoint
) -> Iterator[Page[Change]]:
    """Pages of a diff feed from a moment on, oldest change first, each change once.

    fetch: the page strictly after a moment. Each page starts a few seconds behind the greatest
    updated_at before it, so rows that share a second are not lost at a page break; a SKU comes
    again only when it changed again. raw_count still counts what the vendor sent. Raises
    UnreadableResponse when a full page is not in ascending order or has no readable time, and when
    one second fills a whole page: what else that second holds cannot be asked for.
    """
    after, newest, close = since - STEP_BACK, datetime.min.replace(tzinfo=UTC), False
    seen: dict[tuple[str | None, ...], Change] = {}
    while True:
        page = fetch(after)
        fresh = tuple(row for row in page.rows if seen.get(row.sku) != row)
        seen |= {row.sku: row for row in page.rows}
        yield replace(page, rows=fresh)
        if not is_full(page, endpoint):
            return
        last = _newest(page, endpoint)
        if last > newest:
            newest, close = last, False
        elif close:
            raise _stuck(endpoint, "more changes carry the same second than fit on one page")
        else:
            close = True
        after = newest - (ONE_SECOND if close else STEP_BACK)


def _newest(page: Page[Change], endpoint: Endpoint) -> datetime:
    if not page.rows:
        raise _stuck(endpoint, "no row of a full page can be read, so paging cannot go on")
    if any(a.updated_at > b.updated_at for a, b in pairwise(page.rows)):
        raise _stuck(endpoint, "rows of a full page are not in ascending order")
    return page.rows[-1].updated_at
