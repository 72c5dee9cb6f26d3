"""Which requests a sync needs, from state and clock alone."""

from datetime import UTC, date, datetime, timedelta

from reconcile.settings import Settings
from reconcile.sync.plan import MOST_WINDOWS, calls_of_query, is_due, plan_orders, settled_until

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
    days = [*reversed(first.earlier), first.latest]
    (waiting,) = first.others
    assert first.kind == "first"
    assert first.windows == len(first.queries) == 32
    assert first.reaches_back_to == datetime(2026, 10, 23, 15, 0, tzinfo=UTC)
    assert [day.updated_from for day in days[1:]] == [day.updated_to for day in days[:-1]]
    assert days[0].updated_from == first.reaches_back_to
    assert days[-1].updated_to is None, "the vendor's clock may be ahead of ours"
    assert first.queries[0] is first.latest, "the newest is what a person waits for"
    assert waiting.phase_name == "発送待機"
    assert waiting.updated_from is None


def test_a_long_stretch_is_split_into_few_windows_whose_edges_stay_from_day_to_day():
    today, later = (plan(since=date(2024, 1, 1), now=NOW + timedelta(days=days)) for days in (0, 3))
    assert today.windows <= MOST_WINDOWS + 3
    assert today.reaches_back_to == datetime(2023, 12, 31, 15, 0, tzinfo=UTC)
    edges = {(query.updated_from, query.updated_to) for query in today.earlier}
    assert edges <= {(query.updated_from, query.updated_to) for query in later.earlier}


def test_a_window_stored_by_an_unfinished_read_is_left_out_unless_all_is_asked_for():
    days = plan().earlier
    stored = {(day.updated_from, day.updated_to): None for day in days[5:25]}
    resumed = plan(stored=stored)
    assert resumed.earlier == days[:5] + days[25:]
    assert set(resumed.held) == set(stored)
    assert resumed.reaches_back_to == plan().reaches_back_to
    assert plan(stored=stored, full=True).earlier == days


def test_a_window_is_settled_only_once_the_vendors_clock_has_passed_its_end():
    overlap = timedelta(minutes=SETTINGS.overlap_min)
    hour = timedelta(hours=1)
    assert settled_until(NOW - hour, NOW, SETTINGS) == NOW - hour - overlap
    assert settled_until(None, NOW, SETTINGS) == NOW - 24 * hour - overlap, "clocks may differ"
    assert settled_until(NOW + hour, NOW, SETTINGS) == NOW - 24 * hour - overlap, "no witness"


def test_a_query_costs_one_call_more_when_its_last_page_is_full():
    assert [calls_of_query(rows) for rows in (0, 1, 99, 100, 101, 200)] == [1, 1, 1, 2, 2, 3]


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


def test_data_of_a_future_that_has_not_come_are_due():
    assert is_due(NOW + timedelta(days=1), NOW, timedelta(hours=1))


def test_a_cursor_that_no_vendor_can_have_shown_is_replaced_by_the_last_complete_read():
    held = NOW - timedelta(days=30)
    bad = {"cursor_at": datetime(2999, 1, 1, tzinfo=UTC), "reaches_back_to": held}
    read = plan(**bad, complete_at=NOW - timedelta(days=3))
    assert read.kind == "increment"
    assert read.queries[0].updated_from < NOW - timedelta(days=3)
    assert plan(**bad).queries[0].updated_from < held
    assert plan(**bad, complete_at=NOW + timedelta(days=400)).queries[0].updated_from < held


def test_a_stretch_that_begins_in_our_future_is_read_anew():
    step = plan(cursor_at=NOW, reaches_back_to=NOW + timedelta(days=2))
    assert step.kind == "first"
    assert step.reaches_back_to < NOW
