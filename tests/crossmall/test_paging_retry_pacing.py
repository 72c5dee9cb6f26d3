"""Rules of paging, repeating and pacing, with clocks that only move when told."""

import random
import threading
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from crossmall import errors
from crossmall.endpoints import GET_ORDER
from crossmall.pacing import TokenBucket, shared_bucket
from crossmall.paging import next_item, next_order, only_matching, walk
from crossmall.retry import RetryPolicy, is_retryable_status, retry_after_s
from crossmall.types import Item, Order, Page

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def orders(first: int, count: int, raw_count: int | None = None) -> Page[Order]:
    rows = tuple(Order(order_number=f"{n:08d}") for n in range(first, first + count))
    return Page(
        rows=rows,
        raw_count=count if raw_count is None else raw_count,
        last_key=rows[-1].order_number if rows else None,
    )


def test_fewer_than_a_hundred_rows_end_the_paging() -> None:
    assert next_order(orders(1, 99), None) is None
    assert next_order(orders(1, 0), "00000100") is None


def test_exactly_a_hundred_rows_mean_ask_again() -> None:
    assert next_order(orders(1, 100), None) == "00000100"


def test_skipped_rows_count_for_the_page_size_and_for_the_cursor() -> None:
    page = Page(rows=orders(1, 98).rows, raw_count=100, last_key="00000100")
    assert next_order(page, None) == "00000100"


def test_a_page_that_does_not_move_is_unreadable_instead_of_endless() -> None:
    with pytest.raises(errors.UnreadableResponse, match="does not move"):
        next_order(orders(1, 100), "00000100")
    with pytest.raises(errors.UnreadableResponse, match="does not move"):
        next_order(orders(1, 100), "100")


def test_cursors_are_compared_as_numbers() -> None:
    assert next_order(orders(99_999_950, 100), "99999949") == "100000049"


def test_a_full_page_without_any_readable_key_is_unreadable() -> None:
    with pytest.raises(errors.UnreadableResponse, match="readable key"):
        next_order(Page(rows=(), raw_count=100), None)


def test_a_full_page_in_descending_order_is_unreadable() -> None:
    page = orders(1, 100)
    turned = Page(rows=page.rows[::-1], raw_count=100, last_key="00000001")
    with pytest.raises(errors.UnreadableResponse, match="ascending"):
        next_order(turned, None)


def test_items_page_by_code_without_assuming_an_order() -> None:
    page = Page(rows=(Item(item_code="a"),), raw_count=100, last_key="a")
    assert next_item(page, "z") == "a"
    with pytest.raises(errors.UnreadableResponse):
        next_item(page, "a")


def test_pages_that_go_round_in_a_circle_are_noticed() -> None:
    after = {None: "a", "a": "b", "b": "a"}
    asked: list[str | None] = []

    def fetch(cursor: str | None) -> Page[Item]:
        asked.append(cursor)
        return Page(rows=(), raw_count=100, last_key=after[cursor])

    with pytest.raises(errors.UnreadableResponse, match="circle"):
        list(walk(fetch, next_item, GET_ORDER))
    assert asked == [None, "a", "b"]


def test_walking_asks_only_as_far_as_it_is_consumed() -> None:
    asked: list[str | None] = []

    def fetch(cursor: str | None) -> Page[Order]:
        asked.append(cursor)
        return orders(int(cursor or 0) + 1, 100)

    pages = walk(fetch, next_order, GET_ORDER)
    next(pages)
    assert asked == [None]
    next(pages)
    assert asked == [None, "00000100"]


def test_rows_of_other_orders_are_moved_to_skipped() -> None:
    page = orders(1, 3)
    kept = only_matching(page, order_number="2")
    assert [row.order_number for row in kept.rows] == ["00000002"]
    assert [row.key for row in kept.skipped] == ["00000001", "00000003"]
    assert kept.raw_count == 3
    assert only_matching(page) is page


def test_waits_double_from_two_seconds_and_stop_at_the_cap() -> None:
    policy = RetryPolicy(retries=9, jitter=lambda: 1.0)
    error = errors.TransportError("x", retryable=True)
    waits = [policy.delay(attempt, error) for attempt in range(1, 11)]
    assert waits == [2, 4, 8, 16, 30, 30, 30, 30, 30, None]


def test_jitter_takes_off_up_to_half() -> None:
    error = errors.TransportError("x", retryable=True)
    assert RetryPolicy(jitter=lambda: 0.0).delay(1, error) == 1.0
    source = random.Random(7)
    waits = [RetryPolicy(jitter=source.random).delay(1, error) for _ in range(200)]
    assert all(wait is not None and 1.0 <= wait < 2.0 for wait in waits)
    assert len(set(waits)) > 150


@pytest.mark.parametrize(
    "error",
    [
        errors.OutcomeUnknown("x", retryable=True),
        errors.AuthError("x", retryable=True),
        errors.TransportError("x"),
        errors.NotFound("x"),
        errors.ConfigurationError("x"),
        errors.UnreadableResponse("x"),
    ],
)
def test_what_repeating_cannot_help_is_not_repeated(error: errors.CrossmallError) -> None:
    assert RetryPolicy(retries=99).delay(1, error) is None


def test_no_retries_means_one_try() -> None:
    assert RetryPolicy(retries=0).delay(1, errors.TransportError("x", retryable=True)) is None


@pytest.mark.parametrize(
    ("hint", "wait"), [(None, 2.0), (0.0, 2.0), (1.0, 2.0), (45.0, 45.0), (86_400.0, 120.0)]
)
def test_the_servers_hint_is_obeyed_up_to_a_cap(hint: float | None, wait: float) -> None:
    error = errors.TransportError("x", retryable=True, retry_after_s=hint)
    assert RetryPolicy(jitter=lambda: 1.0).delay(1, error) == wait


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30.0),
        (" 0 ", 0.0),
        ("Mon, 23 Nov 2026 09:01:30 GMT", 90.0),
        ("Mon, 23 Nov 2026 08:00:00 GMT", 0.0),
        ("9" * 400, 9_999_999_999.0),
        (None, None),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("1e3", None),
        ("Mon, 99 Nov 2026 09:01:30 GMT", None),
        ("٣", None),
    ],
)
def test_both_forms_of_the_hint_are_read_and_nonsense_is_none(
    header: str | None, seconds: float | None
) -> None:
    assert retry_after_s(header, NOW) == seconds


def test_statuses_that_may_pass_are_known() -> None:
    may_pass = {status for status in range(100, 600) if is_retryable_status(status)}
    assert {408, 429, 500, 502, 503, 504} <= may_pass
    assert not {200, 301, 400, 401, 403, 404, 409, 501} & may_pass


class Clock:
    """Seconds that pass only in sleep()."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_slots_are_spaced_by_the_rate() -> None:
    clock = Clock()
    bucket = TokenBucket(8, clock=clock, sleep=clock.sleep)
    moments = []
    for _ in range(17):
        bucket.acquire()
        moments.append(clock.now)
    assert moments[0] == 100.0
    assert moments[-1] == pytest.approx(102.0)
    assert all(b - a >= 0.125 - 1e-9 for a, b in pairwise(moments))


def test_idle_time_is_not_saved_up_beyond_the_burst() -> None:
    clock = Clock()
    bucket = TokenBucket(2, burst=3, clock=clock, sleep=clock.sleep)
    clock.now += 1000
    assert [bucket.acquire() for _ in range(4)] == pytest.approx([0, 0, 0, 0.5])


def test_no_rate_means_no_waiting() -> None:
    clock = Clock()
    bucket = TokenBucket(None, clock=clock, sleep=clock.sleep)
    assert [bucket.acquire() for _ in range(100)] == [0.0] * 100
    assert bucket.rate_per_s is None


def test_a_pause_holds_everybody_and_a_shorter_one_does_not_end_it() -> None:
    clock = Clock()
    bucket = TokenBucket(10, clock=clock, sleep=clock.sleep)
    bucket.pause(30)
    bucket.pause(1)
    assert bucket.acquire() == pytest.approx(30)
    assert bucket.acquire() == pytest.approx(0.1)


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (float("nan"), 1), (1, 0)])
def test_a_rate_that_makes_no_sense_is_refused(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="rate_per_s"):
        TokenBucket(rate, burst=burst)


def test_threads_get_different_slots() -> None:
    waits: list[float] = []
    bucket = TokenBucket(1000, clock=lambda: 5.0, sleep=waits.append)
    threads = [threading.Thread(target=bucket.acquire) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(waits) == pytest.approx([n / 1000 for n in range(1, 50)])


def test_one_account_has_one_bucket_and_the_newest_rate_holds() -> None:
    first = shared_bucket("https://x.example/webapi2", "ill", 8)
    assert shared_bucket("https://x.example/webapi2", "ill", 2) is first
    assert first.rate_per_s == 2
    assert shared_bucket("https://x.example/webapi2", "other", 8) is not first
