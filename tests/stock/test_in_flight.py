"""Orders that CROSS MALL has deducted and Smartship does not hold: which count, whose pieces, and when that is a guess."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mapping.mirror import NOW, Mirror
from tests.stock.sides import SKU, both, figures, only, parts


def test_pieces_in_orders_that_smartship_does_not_hold_lower_the_expectation(
    mirror: Mirror,
) -> None:
    both(mirror, 12, 15)
    mirror.order("1", (*SKU, 2))
    mirror.order("2", (*SKU, 1), phase_role="before")
    row = only(mirror)
    assert figures(row) == (12, 15, 12, -3, "in_flight")
    assert (row["in_flight"], parts(row)) == (3, {"in_flight": -3})


@pytest.mark.parametrize(
    "case",
    [
        {"is_cancelled": True},
        {"phase_role": "shipped"},
        {"phase_role": "after"},
        {"is_bundle_child": True},
    ],
)
def test_orders_that_take_no_stock_any_more_are_not_in_flight(
    mirror: Mirror, case: dict[str, Any]
) -> None:
    both(mirror, 15, 15)
    mirror.order("1", (*SKU, 2), **case)
    assert only(mirror)["in_flight"] == 0


def test_an_order_that_smartship_holds_is_not_in_flight_but_a_weak_pair_settles_nothing(
    mirror: Mirror,
) -> None:
    both(mirror, 15, 15)
    for number, is_weak in (("1", False), ("2", True)):
        mirror.order(number, (*SKU, 2))
        mirror.put(
            "order_link",
            order_number=number,
            line_key=f"line-{number}",
            matched_by="site_order_no",
            strength=1,
            is_weak=is_weak,
        )
    row = only(mirror)
    assert (row["in_flight"], row["expected"], row["exposure"]) == (2, 13, 2)


def test_a_set_in_flight_takes_its_components(mirror: Mirror) -> None:
    both(mirror, 9, 15)
    mirror.order("1", ordered_qty=6)
    mirror.line("1", 1, "set-1", "", "", amount=2, is_set=True)
    mirror.component("1", 1, *SKU, pieces=3)
    row = only(mirror)
    assert (row["in_flight"], row["cause"]) == (6, "in_flight")


def test_an_order_of_another_variant_changes_nothing(mirror: Mirror) -> None:
    both(mirror, 15, 15)
    mirror.order("1", ("tw-1", "黒", "S", 2))
    assert only(mirror)["in_flight"] == 0


@pytest.mark.parametrize(
    ("case", "weak"),
    [
        ({"covered_until": None}, True),
        ({"covered_until": None, "phase_role": "before"}, False),
        ({"covered_until": NOW}, False),
    ],
)
def test_an_order_that_no_file_proves_absent_makes_the_row_weak(
    mirror: Mirror, case: dict[str, Any], weak: bool
) -> None:
    both(mirror, 13, 15)
    mirror.order("1", (*SKU, 2), **case)
    row = only(mirror)
    assert (row["in_flight"], row["weak"]) == (2, weak)


def test_an_open_order_whose_lines_were_not_read_makes_every_row_weak(mirror: Mirror) -> None:
    both(mirror, 15, 15)
    mirror.order("1")
    assert only(mirror)["weak"] is True


def test_a_line_without_an_amount_leaves_the_pieces_in_flight_unknown(mirror: Mirror) -> None:
    both(mirror, 15, 15)
    mirror.order("1", (*SKU, 1))
    mirror.con.execute("UPDATE cm_order_line SET amount = NULL")
    row = only(mirror)
    assert (row["in_flight"], row["expected"], row["gap"]) == (None, None, None)
    assert row["cause"] == "not_evaluated"
