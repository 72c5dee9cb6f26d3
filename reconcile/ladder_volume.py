"""The rungs about size: whether a page is as long as we believe, and how long a first load will take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from crossmall.endpoints import PAGE_SIZE
from crossmall.errors import CrossmallError
from crossmall.pacing import DEFAULT_RATE_PER_S
from crossmall.types import OrderQuery
from crossmall.values import JST
from reconcile.ladder_reading import LOOK_BACK, Reading

SAMPLED_DAYS_AGO = (1, 8, 15)  # the same weekday three times would tell less; a call each [D]
CALLS_PER_ITEM = 2  # get_item_sku and get_stock


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLoad:
    """What a first load costs at most. is_least: a full page hid how much more there is."""

    orders_a_day: float
    orders: int
    items: int
    calls: int
    seconds: float
    is_least: bool


def check_page_size(reading: Reading) -> None:
    """Whether a page ends at 100 rows: a shorter one must have nothing behind it, or orders would be lost."""
    first, rungs = reading.first, reading.rungs
    if first is None:
        return
    values = {"rows": first.raw_count, "size": PAGE_SIZE}
    if first.raw_count == PAGE_SIZE:
        rungs.ok("page_size", "ladder.page_size.full", **values)
    elif first.raw_count > PAGE_SIZE:
        rungs.warning("page_size", "ladder.page_size.longer", **values)
    elif first.last_key is None:
        rungs.skipped("page_size", "ladder.unknown.page_size", **values)
    else:
        _behind(reading, first.last_key, values)


def _behind(reading: Reading, last_key: str, values: dict[str, int]) -> None:
    query = OrderQuery(updated_from=reading.now - LOOK_BACK)
    try:
        rest = reading.timed(lambda: reading.client.order_page(query, after=last_key))
    except CrossmallError as error:
        reading.rungs.refused("page_size", error)
        return
    if rest.raw_count:
        reading.rungs.warning("page_size", "ladder.page_size.shorter", **values)
    else:
        reading.rungs.ok("page_size", "ladder.page_size.all", **values)


def check_volume(
    reading: Reading, *, concurrency: int, rate_per_s: float | None, first_days: int, is_local: bool
) -> None:
    """Orders of three sampled days, and from them the calls and minutes of a first load."""
    today = reading.now.astimezone(JST).date()
    try:
        counts = [_orders_on(reading, today - timedelta(days=ago)) for ago in SAMPLED_DAYS_AGO]
    except CrossmallError as error:
        reading.rungs.refused("volume", error)
        return
    rate = rate_per_s if rate_per_s is not None or is_local else DEFAULT_RATE_PER_S
    items = len(reading.items.rows) if reading.items else 0
    load = first_load(
        counts,
        items=items,
        first_days=first_days,
        concurrency=concurrency,
        rate_per_s=rate,
        call_s=_median(reading.took_s),
    )
    values = {
        "per_day": round(load.orders_a_day, 1),
        "sampled": len(counts),
        "days": first_days,
        "orders": load.orders,
        "items": load.items,
        "calls": load.calls,
        "minutes": max(1, math.ceil(load.seconds / 60)),
        "rate": rate or 0.0,
        "concurrency": concurrency,
    }
    limited = "paced" if rate else "free"
    key = "least" if load.is_least else "about"
    reading.rungs.ok("volume", f"ladder.volume.{key}.{limited}", **values)


def first_load(
    counts: Sequence[int],
    *,
    items: int,
    first_days: int,
    concurrency: int,
    rate_per_s: float | None,
    call_s: float,
) -> FirstLoad:
    """The cost of reading `first_days` days when these days had so many orders.

    One page per 100 orders and at least one per day, one detail per order, and two calls per item; lines that
    are sets cost one call more each and are not counted. call_s: what one call takes.
    """
    a_day = sum(counts) / len(counts)
    orders = round(a_day * first_days)
    pages = max(first_days, math.ceil(orders / PAGE_SIZE))
    calls = pages + orders + max(1, math.ceil(items / PAGE_SIZE)) + CALLS_PER_ITEM * items
    by_line = calls * call_s / concurrency
    by_rate = calls / rate_per_s if rate_per_s else 0.0
    return FirstLoad(
        orders_a_day=a_day,
        orders=orders,
        items=items,
        calls=calls,
        seconds=max(by_line, by_rate),
        is_least=max(counts) >= PAGE_SIZE or items >= PAGE_SIZE,
    )


def _orders_on(reading: Reading, day: date) -> int:
    query = OrderQuery(order_date_from=day, order_date_to=day)
    return reading.timed(lambda: reading.client.order_page(query)).raw_count


def _median(times: Sequence[float]) -> float:
    ordered = sorted(times)
    return ordered[len(ordered) // 2] if ordered else 0.0
