"""Which Smartship figure belongs to a SKU: by mapping rows, by seller code, or none; never a foreign one."""

from __future__ import annotations

import pytest

from reconcile.stock import StockLimits
from tests.mapping.mirror import NOW, Mirror, minutes
from tests.stock.sides import NAME, both, figures, judged, only, ours, theirs


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


def test_a_chosen_warehouse_that_knows_seller_codes_only_is_found_by_them(mirror: Mirror) -> None:
    both(mirror, 7, 5, seller_code="my-1")
    mirror.con.execute("UPDATE ss_stock SET warehouse = 'TYO'")
    theirs(mirror, 7, "my-1", warehouse="OSA")
    assert only(mirror)["smartship"] == 5
    row = only(mirror, limits=StockLimits(warehouses=("OSA",)))
    assert (row["smartship"], row["warehouses"], row["cause"]) == (7, "OSA", "in_step")
