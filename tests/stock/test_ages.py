"""Figures of different age, and those of several warehouses: what can be compared, and how old a sum is."""

from __future__ import annotations

import pytest

from reconcile.stock import StockLimits
from tests.mapping.mirror import NOW, Mirror, minutes
from tests.stock.sides import both, figures, limits, only, theirs


@pytest.mark.parametrize(("apart", "cause"), [(60, "unexplained"), (60.1, "not_comparable")])
def test_figures_too_far_apart_in_time_are_shown_without_a_gap(
    mirror: Mirror, apart: float, cause: str
) -> None:
    both(mirror, 20, 15)
    mirror.con.execute("UPDATE ss_stock SET snapshot_at = $at", {"at": NOW - minutes(apart)})
    row, is_told = only(mirror), cause == "unexplained"
    assert figures(row) == (20, 15, 15, 5 if is_told else None, cause)
    assert row["reason"] == (None if is_told else "age")


def test_the_limit_between_snapshots_is_a_setting(mirror: Mirror) -> None:
    both(mirror, 20, 15)
    mirror.con.execute("UPDATE ss_stock SET snapshot_at = $at", {"at": NOW - minutes(90)})
    assert only(mirror, **limits(snapshot_gap_max_min=90))["cause"] == "unexplained"
    assert only(mirror, **limits(snapshot_gap_max_min=89.5))["cause"] == "not_comparable"


def test_a_file_that_does_not_say_when_it_was_made_is_not_comparable(mirror: Mirror) -> None:
    both(mirror, 20, 15)
    mirror.put(
        "ss_import",
        import_id="file-1",
        file_name="stock.csv",
        fingerprint="f",
        kind="stock",
        encoding="utf-8",
        snapshot_at=None,
        coverage_basis="unknown",
        rows_read=1,
        rows_accepted=1,
        rows_rejected=0,
        report="{}",
        imported_at=NOW,
    )
    row = only(mirror)
    assert (row["cause"], row["smartship_seen_at"], row["gap"]) == ("not_comparable", None, None)
    assert row["reason"] == "age_unknown"


def test_a_figure_from_the_future_is_not_comparable(mirror: Mirror) -> None:
    both(mirror, 15, 15)
    mirror.con.execute("UPDATE ss_stock SET snapshot_at = $at", {"at": NOW + minutes(61)})
    mirror.con.execute("UPDATE cm_stock SET seen_at = $at", {"at": NOW + minutes(61)})
    row = only(mirror)
    assert (row["cause"], row["reason"]) == ("not_comparable", "future")


def test_warehouses_add_up_and_the_oldest_one_gives_the_age(mirror: Mirror) -> None:
    both(mirror, 12, 10)
    mirror.con.execute("UPDATE ss_stock SET warehouse = 'TYO'")
    theirs(mirror, 2, warehouse="OSA", snapshot_at=NOW - minutes(40))
    row = only(mirror)
    assert figures(row) == (12, 12, 12, 0, "in_step")
    assert (row["warehouses"], row["smartship_seen_at"]) == ("OSA TYO", NOW - minutes(40))


def test_one_warehouse_without_a_figure_leaves_the_sum_unknown(mirror: Mirror) -> None:
    both(mirror, 12, 10)
    theirs(mirror, None, warehouse="OSA")
    assert figures(only(mirror))[1:3] == (None, None)


def test_only_chosen_warehouses_count_and_a_missing_one_makes_it_weak(mirror: Mirror) -> None:
    both(mirror, 12, 10)
    mirror.con.execute("UPDATE ss_stock SET warehouse = 'TYO'")
    theirs(mirror, 2, warehouse="OSA")
    row = only(mirror, limits=StockLimits(warehouses=("TYO",)))
    assert (row["smartship"], row["warehouses"], row["weak"]) == (10, "TYO", False)
    row = only(mirror, limits=StockLimits(warehouses=("TYO", "FUK")))
    assert (row["smartship"], row["weak"]) == (10, True)
