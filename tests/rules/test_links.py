"""Which Smartship line belongs to which order, by which key, and when that is only a guess."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.world import World, ago


def links(world: World) -> list[tuple[Any, ...]]:
    world.judge()
    return world.con.execute(
        "SELECT order_number, matched_by, strength, is_weak FROM order_link ORDER BY order_number, line_key"
    ).fetchall()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"site_order_no": "M-00000001"}, ("site_order_no", 1)),
        ({"site_order_no": "00000001"}, ("site_order_no", 1)),
        ({"site_order_no": " Ｍ－00000001 "}, ("site_order_no", 1)),
        ({"site_order_no": "M-00000001", "shop_id": None}, ("site_order_no_any_shop", 2)),
        ({"site_order_no": "M-00000001", "shop_id": "  "}, ("site_order_no_any_shop", 2)),
        ({"reference_no": "M-00000001"}, ("reference_no", 3)),
        ({"reference_no": "00000001", "shop_id": None}, ("reference_no", 3)),
        ({"site_cart_no": "M-00000001"}, ("site_cart_no", 4)),
        ({"tracking_no": "4001-2345-6789", "shop_id": "9"}, ("tracking_no", 5)),
        (
            {
                "site_order_no": "M-00000001",
                "reference_no": "00000001",
                "tracking_no": "400123456789",
            },
            ("site_order_no", 1),
        ),
    ],
)
def test_a_line_is_linked_by_its_strongest_key(
    line: dict[str, Any], expected: tuple[str, int]
) -> None:
    world = World()
    world.order(delivery_number="4001 2345 6789")
    world.shipment(**line)
    assert links(world) == [("00000001", *expected, False)]


@pytest.mark.parametrize("key", ["site_order_no", "reference_no", "site_cart_no"])
def test_a_line_of_another_shop_is_never_linked_by_a_number(key: str) -> None:
    world = World()
    world.order()
    world.shipment(**{key: "M-00000001", "shop_id": "2"})
    assert links(world) == []


def test_two_shops_with_one_number_are_told_apart_by_the_shop() -> None:
    world = World()
    world.order("00000001", order_code="SAME", shop_code="1")
    world.order("00000002", order_code="SAME", shop_code="2")
    world.shipment(site_order_no="SAME", shop_id="2")
    assert links(world) == [("00000002", "site_order_no", 1, False)]


@pytest.mark.parametrize("key", ["site_order_no", "reference_no", "site_cart_no"])
def test_two_shops_with_one_number_and_no_shop_in_the_file_are_a_guess(key: str) -> None:
    world = World()
    world.order("00000001", order_code="SAME", shop_code="1")
    world.order("00000002", order_code="SAME", shop_code="2")
    world.shipment(**{key: "SAME", "shop_id": None})
    found = links(world)
    assert [row[0] for row in found] == ["00000001", "00000002"]
    assert all(row[3] for row in found)


def test_slips_split_from_one_order_share_its_line_only_as_a_guess() -> None:
    world = World()
    world.order("00000001", order_code="SAME")
    world.order("00000002", order_code="SAME")
    world.shipment(site_order_no="SAME")
    assert [row[3] for row in links(world)] == [True, True]


def test_a_strong_line_settles_an_order_that_also_has_a_guess() -> None:
    world = World()
    world.order("00000001", order_code="SAME", shop_code="1")
    world.order("00000002", order_code="SAME", shop_code="2")
    world.shipment(site_order_no="SAME", shop_id=None, status="SHIPPED")
    world.shipment(site_order_no="00000001", status="CONFIRMED")
    world.judge()
    strong, weak = world.case("00000001"), world.case("00000002")
    assert (strong["ss_is_weak"], strong["ss_status"]) == (False, "CONFIRMED")
    assert (weak["ss_is_weak"], weak["ss_status"]) == (True, "SHIPPED")


def test_links_follow_the_files_when_a_number_is_corrected() -> None:
    world = World()
    world.order("00000001")
    world.order("00000002")
    world.shipment(site_order_no="M-00000001")
    assert [row[0] for row in links(world)] == ["00000001"]
    world.con.execute("UPDATE ss_shipment_line SET site_order_key = 'M-00000002'")
    assert [row[0] for row in links(world)] == ["00000002"]


def test_blank_keys_link_nothing() -> None:
    world = World()
    world.order(order_code=None, delivery_number="")
    world.shipment(site_order_no="", tracking_no=" - ")
    assert links(world) == []


def test_a_case_shows_the_most_advanced_active_line_and_all_numbers() -> None:
    world = World()
    world.order()
    world.lines("00000001", 2, 3)
    world.shipment(site_order_no="M-00000001", qty=2, status="HOLD", packing_no="QSP2")
    world.shipment(
        site_order_no="M-00000001",
        qty=3,
        status="IN_TRANSIT",
        packing_no="QSP1",
        shipped_at=ago(30),
        tracking_no="T1",
    )
    world.shipment(site_order_no="M-00000001", qty=9, status="CANCELLED", packing_no="QSP3")
    world.file()
    world.judge()
    case = world.case()
    assert case["ss_packings"] == "QSP1 QSP2 QSP3"
    assert (case["ss_packing_count"], case["ss_active_packing_count"]) == (3, 2)
    assert (case["ss_status"], case["ss_qty"], case["ordered_qty"]) == ("IN_TRANSIT", 5, 5)
    assert (case["ss_shipped_at"], case["ss_tracking"]) == (ago(30), "T1")
    assert (case["covered_until"], case["ss_matched_by"]) == (ago(), "site_order_no")


def test_an_order_without_active_lines_shows_what_became_of_them() -> None:
    world = World()
    world.order()
    world.shipment(site_order_no="M-00000001", status="DELETED")
    world.judge()
    case = world.case()
    assert (case["ss_status"], case["ss_active_packing_count"], case["ss_qty"]) == (
        "DELETED",
        0,
        None,
    )


def test_set_lines_count_their_pieces_but_never_fewer_than_sets() -> None:
    world = World()
    world.order()
    world.lines("00000001", 2, 4)
    world.con.execute("UPDATE cm_order_line SET is_set = TRUE")
    parts = {"account": "shop", "order_number": "00000001", "line_no": 1, "seen_at": ago()}
    world.put("cm_component", ordinal=1, component_count=2, **parts)
    world.put("cm_component", ordinal=2, component_count=1, **parts)
    world.judge()
    assert world.case()["ordered_qty"] == 2 * 3 + 4


def test_a_complete_run_proves_orders_it_did_not_return_unchanged() -> None:
    world = World()
    world.order(seen_at=ago(300))
    world.put("sync_cursor", account="shop", feed="orders", complete_at=ago(7))
    world.put("sync_cursor", account="shop", feed="stock", complete_at=ago(1))
    world.judge()
    assert world.case()["seen_at"] == ago(7)


def test_the_newest_covering_file_counts_even_when_a_newer_one_starts_too_late() -> None:
    world = World()
    world.order(created_at=ago(hours=5))
    world.file(ago(60), covers_from=ago(days=3))
    world.file(ago(30), covers_from=ago(hours=5))
    world.file(ago(10), covers_from=ago(hours=4))
    world.file(ago(5), covers_from=ago(days=9), kind="stock")
    world.judge()
    assert world.case()["covered_until"] == ago(30)


def test_orders_that_left_the_store_leave_the_board() -> None:
    world = World()
    world.order("00000001")
    world.order("00000002")
    world.judge()
    world.con.execute("DELETE FROM cm_order WHERE order_number = '00000002'")
    assert sum(world.judge().states.values()) == 1
