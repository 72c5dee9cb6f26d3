"""Which items a sync reads: what changed first, then by age, within its calls, and nothing older than promised."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from reconcile.errors import UsageError
from reconcile.settings import resolve
from reconcile.sync.sweep import SMALL_CATALOGUE, ItemState, Limits, interval_of, plan_sweep

NOW = datetime(2026, 11, 23, 4, tzinfo=UTC)
HOUR = timedelta(hours=1)
LIMITS = Limits(sweep_age=HOUR, check_age=HOUR, interval=timedelta(minutes=10))


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def item(code: str, age_min: float | None, **marks: bool) -> ItemState:
    read_at = None if age_min is None else NOW - minutes(age_min)
    return ItemState(item_code=code, read_at=read_at, **marks)


def planned(items: list[ItemState], **changes: object) -> list[tuple[str, str]]:
    plan = plan_sweep(items, NOW, replace(LIMITS, **changes))
    return [(one.item_code, one.reason) for one in plan]


def test_what_changed_comes_first_and_the_oldest_of_the_rest_next() -> None:
    items = [
        item("oldest", 400),
        item("old", 61),
        item("waited-for", 55, waiting=True),
        item("gap", 70, gap=True),
        item("blind", 20, blind=True),
        item("moved", 5, moved=True),
        item("named", 5, named=True),
        item("new", None),
        item("fresh", 20),
        item("fresh with a gap", 20, gap=True),
        item("fresh and waited for", 20, waiting=True),
    ]
    assert planned(items) == [
        ("new", "new"),
        ("named", "named"),
        ("moved", "moved"),
        ("blind", "blind"),
        ("gap", "gap"),
        ("waited-for", "due"),
        ("oldest", "due"),
        ("old", "due"),
    ]


def test_what_could_not_be_read_is_asked_again_but_holds_up_nothing_that_is_due() -> None:
    items = [item(f"refused {n}", 5, unread=True) for n in range(3)] + [item("old", 61)]
    assert planned(items)[0] == ("old", "due")
    assert [reason for _, reason in planned(items)[1:]] == ["unread"] * 3
    assert planned(items, calls=1) == [("old", "due")]


def test_nothing_is_read_while_every_figure_is_young() -> None:
    assert planned([item(f"i{n}", n) for n in range(49)]) == []


def test_a_figure_that_would_be_too_old_at_the_next_sync_is_read_now() -> None:
    assert planned([item("a", 49.9), item("b", 50)]) == [("b", "due")]


def test_a_schedule_slower_than_the_limit_still_reads_only_what_is_half_as_old() -> None:
    items = [item("a", 29), item("b", 31)]
    assert planned(items, interval=timedelta(hours=3)) == [("b", "due")]


def test_a_fixed_number_of_calls_is_kept_and_spent_on_what_matters_most() -> None:
    items = [item(f"old{n}", 100 + n) for n in range(9)] + [item("named", 1, named=True)]
    assert planned(items, calls=3) == [("named", "named"), ("old8", "due"), ("old7", "due")]


def test_no_calls_at_all_still_complete_the_first_load() -> None:
    items = [item("old", 100), *(item(f"new{n}", None) for n in range(700))]
    assert Counter(reason for _, reason in planned(items, calls=0)) == {"new": 700}


def test_the_rate_bounds_the_calls_of_one_sync() -> None:
    items = [item(f"i{n}", 90) for n in range(6000)]
    assert len(planned(items, rate_per_s=8.0)) == 4800
    assert len(planned(items, rate_per_s=None)) == 6000


def test_everything_means_everything_whatever_its_age_and_the_calls() -> None:
    items = [item(f"i{n}", 1) for n in range(40)]
    assert len(planned(items, everything=True, calls=5, rate_per_s=0.001)) == 40


@pytest.mark.parametrize(("extra", "ahead"), [(0, 0), (1, (SMALL_CATALOGUE + 6) // 6)])
def test_only_a_large_catalogue_is_read_ahead_of_its_time_in_even_shares(
    extra: int, ahead: int
) -> None:
    items = [item(f"i{n:04d}", 30) for n in range(SMALL_CATALOGUE + extra)]
    assert planned(items) == [(f"i{n:04d}", "ahead") for n in range(ahead)]


def test_a_figure_from_a_clock_that_was_ahead_is_read_again() -> None:
    assert planned([item("a", -30)]) == [("a", "due")]


def test_the_order_does_not_depend_on_the_order_of_the_items() -> None:
    items = [item(f"i{n}", 60 + n % 7, waiting=n % 3 == 0, named=n % 5 == 0) for n in range(50)]
    assert planned(items) == planned(items[::-1])


@pytest.mark.parametrize(
    ("ages_min", "expected_min"),
    [
        ([0], 10),
        ([0, 15], 15),
        ([0, 480, 490], 10),  # a night's pause
        ([0, 0.1, 15], 10),  # somebody pressed the button
        ([0, 30, 60], 30),
        ([0, 600, 1200], 60),  # never longer than the limit
    ],
)
def test_the_step_of_the_schedule_is_read_off_the_last_starts(
    ages_min: list[float], expected_min: float
) -> None:
    starts = [NOW - minutes(age) for age in ages_min]
    assert interval_of(starts, minutes(10), HOUR) == minutes(expected_min)


@pytest.mark.parametrize("sweep_h", [1, 24])
def test_in_a_day_of_syncs_no_figure_gets_older_than_promised_and_few_are_read_too_early(
    sweep_h: int,
) -> None:
    """600 items, read within 40 minutes by the first load, then a sync every ten minutes for a day or two."""
    count, step = 600, minutes(10)
    limits = replace(LIMITS, sweep_age=sweep_h * HOUR, rate_per_s=8.0)
    read_at = {f"i{n:04d}": NOW - minutes(40 - n / 15) for n in range(count)}
    calls, oldest, syncs = [], timedelta(0), 6 * max(24, 2 * sweep_h)
    for turn in range(1, syncs + 1):
        now = NOW + turn * step
        plan = plan_sweep(
            [ItemState(item_code=code, read_at=at) for code, at in read_at.items()], now, limits
        )
        read_at |= {one.item_code: now for one in plan}
        calls.append(len(plan))
        oldest = max(oldest, now - min(read_at.values()))
    assert oldest <= sweep_h * HOUR
    assert max(calls) <= 4800
    ideal = count * (syncs * step) / (sweep_h * HOUR)
    assert sum(calls) <= 1.25 * ideal


def test_the_settings_of_a_sweep_take_only_what_can_be_right() -> None:
    settings = resolve({}, {"TOTSUGO_STOCK_CALLS_PER_SYNC": "25"}, 'diff_feeds = "off"\n')
    assert (settings.stock_calls_per_sync, settings.diff_feeds) == (25, "off")
    assert resolve({}, {}, None).stock_calls_per_sync is None
    for wrong in ('diff_feeds = "perhaps"', "diff_feeds = true", "stock_calls_per_sync = 2.5"):
        with pytest.raises(UsageError):
            resolve({}, {}, wrong)
