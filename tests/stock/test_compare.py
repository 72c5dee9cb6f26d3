"""Both figures of one SKU and what the sync type makes of them; what is not known is never zero."""

from __future__ import annotations

from typing import Any

import pytest

from reconcile.stock import STOCK_CAUSES, evaluate_stock
from tests.mapping.mirror import ACCOUNT, NOW, Mirror
from tests.stock.sides import NAME, SKU, both, figures, judged, only, ours, parts


@pytest.mark.parametrize(
    ("crossmall", "smartship", "gap", "cause"),
    [
        (12, 12, 0, "in_step"),
        (0, 0, 0, "in_step"),
        (13, 12, 1, "unexplained"),
        (11, 12, -1, "unexplained"),
        (-3, -3, 0, "in_step"),
        (0, -2, 2, "unexplained"),
        (-2, 0, -2, "negative"),
    ],
)
def test_the_gap_is_ours_less_theirs_and_negative_stock_stays(
    mirror: Mirror, crossmall: int, smartship: int, gap: int, cause: str
) -> None:
    both(mirror, crossmall, smartship)
    row = only(mirror)
    assert figures(row) == (crossmall, smartship, smartship, gap, cause)
    assert (row["in_flight"], row["weak"], row["sku_no"]) == (0, False, "S1")


@pytest.mark.parametrize(
    ("link", "available", "expected"),
    [
        ({"sync_type": "S"}, 15, 15),
        ({"sync_type": None}, 15, 15),
        ({"sync_type": "P", "ratio": 80.0}, 15, 12),
        ({"sync_type": "P", "ratio": 29.0}, 100, 29),
        ({"sync_type": "P", "ratio": 0.29}, 100, 29),
        ({"sync_type": "P", "ratio": 50.0}, 5, 2),
        ({"sync_type": "P", "ratio": 50.0}, -5, -3),
        ({"sync_type": "P", "ratio": 0.0}, 15, 0),
        ({"sync_type": "B", "safety_qty": 4}, 15, 11),
        ({"sync_type": "B", "safety_qty": 15}, 15, 0),
        ({"sync_type": "B", "safety_qty": 20}, 15, 0),
        ({"sync_type": "Z", "safety_qty": 5}, 15, 15),
        ({"sync_type": "Z", "safety_qty": 5}, 5, 0),
        ({"sync_type": "Z", "min_qty": 5}, 6, 6),
    ],
)
def test_the_sync_type_says_what_to_expect(
    mirror: Mirror, link: dict[str, Any], available: int, expected: int
) -> None:
    both(mirror, expected, available, **link)
    row, gap = only(mirror), expected - available
    cause = "rule" if gap else "in_step"
    assert figures(row) == (expected, available, expected, gap, cause)
    assert (parts(row), row["exposure"]) == ({"rule": gap} if gap else {}, 0)


@pytest.mark.parametrize(
    "link",
    [
        {"sync_type": "L", "min_qty": 3},
        {"sync_type": "P"},
        {"sync_type": "B"},
        {"sync_type": "Z"},
    ],
)
def test_a_rule_whose_meaning_or_value_is_not_known_is_not_evaluated(
    mirror: Mirror, link: dict[str, Any]
) -> None:
    both(mirror, 12, 15, **link)
    assert figures(only(mirror)) == (12, 15, None, None, "not_evaluated")


@pytest.mark.parametrize(
    ("link", "options"),
    [
        ({"sync_type": "N"}, {}),
        ({"sync_enabled": "False"}, {}),
        ({"sync_enabled": " OFF "}, {}),
        ({"sync_enabled": "使用しない"}, {}),
        ({}, {"auto_stock": "off"}),
    ],
)
def test_a_row_that_does_not_sync_has_nothing_to_expect(
    mirror: Mirror, link: dict[str, Any], options: dict[str, Any]
) -> None:
    both(mirror, 12, 15, **link)
    row = only(mirror, **options)
    assert figures(row) == (12, 15, None, -3, "sync_off")
    assert (parts(row), row["sync_state"]) == ({"sync_off": -3}, "off")


@pytest.mark.parametrize("enabled", ["True", "Y", None, ""])
@pytest.mark.parametrize("auto_stock", ["on", "unknown"])
def test_a_switch_that_is_on_or_not_known_counts_as_syncing(
    mirror: Mirror, enabled: str | None, auto_stock: str
) -> None:
    both(mirror, 12, 12, sync_enabled=enabled)
    assert only(mirror, auto_stock=auto_stock)["cause"] == "in_step"


def test_a_set_has_no_stock_of_its_own(mirror: Mirror) -> None:
    both(mirror, 12, 15)
    mirror.order("1", ordered_qty=1, phase_role="shipped")
    mirror.line("1", 1, *SKU, amount=1, is_set=True)
    assert figures(only(mirror)) == (12, 15, None, None, "set_product")


def test_a_stock_row_without_any_figure_is_not_zero(mirror: Mirror) -> None:
    both(mirror, 12, None)
    assert figures(only(mirror)) == (12, None, None, None, "no_smartship_stock")


def test_a_sku_whose_stock_we_have_not_read_is_not_zero(mirror: Mirror) -> None:
    both(mirror, 12, 15)
    mirror.con.execute("DELETE FROM cm_stock")
    row = only(mirror)
    assert figures(row) == (None, 15, 15, None, "no_crossmall_stock")
    assert row["crossmall_seen_at"] is None


def test_without_a_stock_file_every_row_says_so(mirror: Mirror) -> None:
    ours(mirror, 12)
    ours(mirror, 3, "tw-2")
    mirror.link("S1", "tw-1", NAME, "白,S")
    assert [figures(row) for row in judged(mirror)] == [
        (12, None, None, None, "no_smartship_file"),
        (3, None, None, None, "no_smartship_file"),
    ]


def test_on_hand_stands_in_for_available_as_a_weak_figure(mirror: Mirror) -> None:
    both(mirror, 12, None)
    mirror.con.execute("UPDATE ss_stock SET on_hand = 12")
    row = only(mirror)
    assert (*figures(row), row["weak"]) == (12, 12, 12, 0, "in_step", True)


def test_a_second_run_replaces_the_rows_of_its_account_only(mirror: Mirror) -> None:
    both(mirror, 12, 12)
    mirror.put("stock_case", account="別の店", row_no=1, cause="in_step", weak=False)
    assert len(judged(mirror)) == len(judged(mirror)) == 2


def test_counts_add_up_to_the_rows_and_name_known_causes_only(mirror: Mirror) -> None:
    both(mirror, 12, 12)
    ours(mirror, 3, "tw-2")
    counts = evaluate_stock(mirror.con, ACCOUNT, NOW, auto_stock="on")
    assert counts == {"in_step": 1, "mapping_none": 1}
    assert set(counts) <= set(STOCK_CAUSES)


def test_an_account_without_anything_has_no_rows(mirror: Mirror) -> None:
    assert evaluate_stock(mirror.con, ACCOUNT, NOW, auto_stock="unknown") == {}
