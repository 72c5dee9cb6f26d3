"""Both stock figures per SKU: each cause with a sample and a near miss, and figures that are never made up."""

from __future__ import annotations

from typing import Any

import pytest

from reconcile.model import STOCK_PARTS
from reconcile.stock import STOCK_CAUSES, StockLimits, evaluate_stock
from tests.mapping.mirror import ACCOUNT, NOW, Mirror, minutes

NAME = "タオル"
SKU = ("tw-1", "白", "S")


@pytest.fixture
def mirror() -> Mirror:
    return Mirror()


def ours(mirror: Mirror, stock: int | None, code: str = "tw-1", **extra: Any) -> None:
    mirror.item(code, NAME, ("白", "S"))
    if stock is not None:
        row = {"item_code": code, "attribute1_name": "白", "attribute2_name": "S", "stock": stock}
        mirror.put("cm_stock", **(row | extra))


def theirs(mirror: Mirror, available: int | None, sku_no: str = "S1", **extra: Any) -> None:
    mirror.put("ss_stock", **({"warehouse": "", "sku_no": sku_no, "available": available} | extra))


def both(mirror: Mirror, crossmall: int, smartship: int | None, **link: Any) -> None:
    """One SKU with both figures, linked exactly."""
    ours(mirror, crossmall)
    mirror.link("S1", "tw-1", NAME, "白,S", **link)
    theirs(mirror, smartship)


def judged(mirror: Mirror, **options: Any) -> list[dict[str, Any]]:
    evaluate_stock(mirror.con, ACCOUNT, NOW, **({"auto_stock": "on"} | options))
    return mirror.cases("stock_case")


def only(mirror: Mirror, **options: Any) -> dict[str, Any]:
    (row,) = judged(mirror, **options)
    return row


def limits(**given: Any) -> dict[str, StockLimits]:
    return {"limits": StockLimits(**given)}


def parts(row: dict[str, Any]) -> dict[str, int]:
    return {cause: row[f"p_{cause}"] for cause in STOCK_PARTS if row[f"p_{cause}"]}


def figures(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("crossmall", "smartship", "expected", "gap", "cause"))


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


def test_a_set_has_no_stock_of_its_own(mirror: Mirror) -> None:
    both(mirror, 12, 15)
    mirror.order("1", ordered_qty=1, phase_role="shipped")
    mirror.line("1", 1, *SKU, amount=1, is_set=True)
    assert figures(only(mirror)) == (12, 15, None, None, "set_product")


def test_a_sku_without_an_exact_row_or_a_near_one_gets_no_foreign_figure(
    mirror: Mirror,
) -> None:
    ours(mirror, 12)
    mirror.link("S1", "tw-1", "ﾀｵﾙ", "白,S")
    theirs(mirror, 15)
    row = only(mirror)
    assert figures(row) == (12, None, None, None, "mapping_none")
    assert row["smartship_seen_at"] is None


def test_a_linked_sku_that_the_stock_file_does_not_hold_has_no_figure(mirror: Mirror) -> None:
    both(mirror, 12, 15)
    mirror.con.execute("UPDATE ss_stock SET sku_no = 'S9'")
    assert figures(only(mirror)) == (12, None, None, None, "no_smartship_stock")


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


def test_on_hand_stands_in_for_available_as_a_weak_figure(mirror: Mirror) -> None:
    both(mirror, 12, None)
    mirror.con.execute("UPDATE ss_stock SET on_hand = 12")
    row = only(mirror)
    assert (*figures(row), row["weak"]) == (12, 12, 12, 0, "in_step", True)


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


def test_every_linked_sku_number_has_its_own_row(mirror: Mirror) -> None:
    both(mirror, 12, 12)
    mirror.link("S2", "tw-1", NAME, "白,S")
    theirs(mirror, 5, "S2")
    assert [(row["sku_no"], row["gap"]) for row in judged(mirror)] == [("S1", 0), ("S2", 7)]


def test_the_same_link_under_two_shops_is_one_row_with_the_newest_settings(mirror: Mirror) -> None:
    both(mirror, 12, 15, sync_type="N", snapshot_at=NOW - minutes(5), shop_id="1")
    mirror.link("S1", "tw-1", NAME, "白,S", sync_type="B", safety_qty=3, shop_id="2")
    assert figures(only(mirror)) == (12, 15, 12, -3, "rule")


@pytest.mark.parametrize(
    ("seller_code", "option", "sku_code", "variants", "is_linked"),
    [
        ("my-1", None, "my-1", 1, True),
        ("my-1", "別", "my-1", 2, True),
        ("tw-1", "白,S", None, 2, True),
        ("tw-1", None, None, 1, True),
        ("tw-1", None, None, 2, False),
        ("tw-9", "白,S", None, 1, False),
    ],
)
@pytest.mark.parametrize("source", ["ss_sku", "ss_stock"])
def test_without_mapping_rows_the_seller_code_links(
    mirror: Mirror,
    source: str,
    seller_code: str,
    option: str | None,
    sku_code: str | None,
    variants: int,
    is_linked: bool,
) -> None:
    mirror.put("cm_item", item_code="tw-1", item_name=NAME)
    for attribute, code in (("白", sku_code), ("黒", None))[:variants]:
        row = {"item_code": "tw-1", "attribute1_name": attribute, "attribute2_name": "S"}
        mirror.put("cm_sku", **row, item_sku_code=code)
        mirror.put("cm_stock", **row, stock=7)
    named = {"seller_code": seller_code, "option_name": option}
    theirs(mirror, 7, **(named if source == "ss_stock" else {}))
    if source == "ss_sku":
        mirror.put("ss_sku", sku_no="S1", **named)
    white = next(row for row in judged(mirror) if row["attribute1"] == "白")
    assert white["cause"] == ("in_step" if is_linked else "mapping_none")


def test_a_stock_file_that_knows_seller_codes_only_is_found_by_them(mirror: Mirror) -> None:
    ours(mirror, 7)
    mirror.link("S1", "tw-1", NAME, "白,S", seller_code="my-1")
    theirs(mirror, 7, "my-1")
    row = only(mirror)
    assert (row["sku_no"], row["smartship"], row["cause"]) == ("S1", 7, "in_step")


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
