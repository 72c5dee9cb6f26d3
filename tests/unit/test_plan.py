"""Which requests a sync needs, from state and clock alone."""

from datetime import UTC, date, datetime, timedelta

from reconcile.settings import Settings
from reconcile.sync.plan import is_due, plan_orders

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)  # 12:00 JST
SETTINGS = Settings()


def plan(**given):
    usual = {
        "cursor_at": None,
        "reaches_back_to": None,
        "now": NOW,
        "settings": SETTINGS,
        "since": None,
        "full": False,
        "collect_phase": "発送待機",
    }
    return plan_orders(**usual | given)


def test_a_first_read_covers_30_days_without_a_gap_and_every_waiting_order_of_any_age():
    first = plan()
    *days, waiting = first.queries
    assert first.kind == "first"
    assert first.reaches_back_to == datetime(2026, 10, 23, 15, 0, tzinfo=UTC)
    assert [day.updated_from for day in days[1:]] == [day.updated_to for day in days[:-1]]
    assert days[0].updated_from == first.reaches_back_to
    assert days[-1].updated_to is None, "the vendor's clock may be ahead of ours"
    assert waiting.phase_name == "発送待機"
    assert waiting.updated_from is None


def test_an_increment_is_one_open_window_that_overlaps_its_cursor():
    cursor = NOW - timedelta(minutes=4)
    step = plan(cursor_at=cursor, reaches_back_to=NOW - timedelta(days=30))
    assert step.kind == "increment"
    (window,) = step.queries
    assert window.updated_from == cursor - timedelta(minutes=SETTINGS.overlap_min)
    assert window.updated_to is None


def test_a_cursor_in_the_future_never_makes_the_next_window_skip_the_present():
    step = plan(cursor_at=NOW + timedelta(hours=20), reaches_back_to=NOW - timedelta(days=30))
    assert step.queries[0].updated_from < NOW


def test_asking_for_an_older_day_reads_the_whole_stretch_again():
    held = NOW - timedelta(days=10)
    older = plan(cursor_at=NOW, reaches_back_to=held, since=date(2026, 11, 1))
    newer = plan(cursor_at=NOW, reaches_back_to=held, since=date(2026, 11, 20))
    assert older.kind == "full"
    assert older.reaches_back_to < held
    assert newer.kind == "increment"


def test_a_full_read_never_shrinks_the_stretch_we_hold():
    held = NOW - timedelta(days=300)
    assert plan(cursor_at=NOW, reaches_back_to=held, full=True).reaches_back_to == held


def test_data_is_due_at_its_age_limit_and_when_never_read():
    assert is_due(None, NOW, timedelta(hours=1))
    assert is_due(NOW - timedelta(hours=1), NOW, timedelta(hours=1))
    assert not is_due(NOW - timedelta(minutes=59), NOW, timedelta(hours=1))
