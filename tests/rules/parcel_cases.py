"""Samples and near misses of the rules about what is in the parcels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.rules.collection_cases import Case, case
from tests.rules.order_cases import packings, twin
from tests.rules.world import SHIPPED, World, ago


def mapping(world: World, row_no: int, **given: Any) -> None:
    """One row of the SKU mapping: item TEE, colour white, linked to SKU S-1."""
    values: dict[str, Any] = {
        "account": "shop",
        "row_no": row_no,
        "item_code": "TEE",
        "attribute1_name": "白",
        "attribute2_name": "",
        "mapping_class": "linked",
        "item_name": "シャツ",
        "option_text": "白",
        "ss_product_no": "TEE",
        "ss_product_name": "シャツ",
        "ss_option_text": "白",
        "sku_no": "S-1",
        "causes": "[]",
        "waiting_orders": 0,
        "basis": "mappings",
        "smartship_seen_at": ago(60),
    }
    world.put("mapping_case", **(values | given))


def item(world: World, code: str = "TEE", colour: str = "白", **given: Any) -> None:
    """The first line of the first order is this item."""
    world.lines("00000001", 1, **given)
    world.con.execute(
        "UPDATE cm_order_line SET item_code = $code, attribute1_name = $colour",
        {"code": code, "colour": colour},
    )


def wrong(sku: str | None = "S-2", *, lines_for: Any = None, **given: Any) -> Any:
    """An order of SKU S-1 whose Smartship line has another one."""
    row: dict[str, Any] = given.pop("mapping", {})

    def build(world: World) -> None:
        world.order()
        item(world, lines_for=lines_for)
        mapping(world, 1, **row)
        world.shipment(**({"site_order_no": "M-00000001", "sku_no": sku} | given))
        world.file()

    return build


def variant(*, sister: str = "linked", order: dict[str, Any] | None = None, **given: Any) -> Any:
    """White is nearly linked, black is linked; one order of white."""

    def build(world: World) -> None:
        world.order(**(order or {}))
        item(world)
        near = {"mapping_class": "near_miss", "ss_option_text": "白 ", "causes": '["space_count"]'}
        mapping(world, 1, **(near | given))
        mapping(world, 2, attribute1_name="黒", option_text="黒", mapping_class=sister)

    return build


def together(*, ours: tuple[str | None, ...] = (None, None), **given: Any) -> Any:
    """Two orders in one packing, with these tracking numbers in CROSS MALL."""
    other: dict[str, Any] = given.pop("other", {})

    def build(world: World) -> None:
        for place, number in enumerate(ours, start=1):
            world.order(f"0000000{place}", delivery_number=number)
            line = {"site_order_no": f"M-0000000{place}", "packing_no": "QSP1"} | given
            world.shipment(**(line | (other if place > 1 else {})))
        world.file()

    return build


def edited(
    *, looked: float = 100, changed: float = 60, amounts: tuple[int, ...] = (3,), **given: Any
) -> Any:
    """Collected 240 minutes ago, lines read `looked` minutes ago; other lines since `changed` minutes ago."""

    def build(world: World) -> None:
        world.order()
        item(world)
        world.con.execute("UPDATE cm_order_line SET seen_at = $at", {"at": ago(looked)})
        world.shipment(**({"site_order_no": "M-00000001"} | given))
        world.file()
        world.judge()
        world.con.execute("DELETE FROM cm_order_line")
        world.con.execute("UPDATE cm_order SET updated_at = $at", {"at": ago(changed)})
        world.lines("00000001", *amounts)
        world.con.execute(
            "UPDATE cm_order_line SET item_code = 'TEE', attribute1_name = '白'",
        )

    return build


def unlinked_skus(build: Callable[[World], None]) -> Callable[[World], None]:
    def together_(world: World) -> None:
        build(world)
        world.con.execute("DELETE FROM mapping_case")

    return together_


SET = {"second": {"snapshot_at": ago(60)}}
TRACKED = {"status": "SHIPPED", "tracking_no": "4001"}
CASES: tuple[Case, ...] = (
    case("F09", "sample", wrong(), "finding", expected_skus="S-1", found_skus="S-2"),
    case("F09", "already_shipped", wrong(status="SHIPPED"), "finding", already_shipped=True),
    case("F09", "the_right_one", wrong("S-1"), "nothing"),
    case("F09", "no_sku_in_the_file", wrong(None), "nothing"),
    case("F09", "no_link_to_compare_with", unlinked_skus(wrong()), "nothing"),
    case("F09", "only_nearly_linked", wrong(mapping={"mapping_class": "near_miss"}), "nothing"),
    case("F09", "it_is_delivered", wrong(status="DELIVERED"), "nothing"),
    case("F09", "lines_out_of_date", wrong(lines_for=ago(hours=6)), "order_lines"),
    case("F09", "weakly_linked", twin(wrong()), "weak_link"),
    case(
        "F10",
        "sample",
        variant(),
        "finding",
        waiting_orders=1,
        linked_variants=1,
        causes=["space_count"],
    ),
    case("F10", "no_sister_is_linked", variant(sister="missing"), "nothing"),
    case("F10", "the_name_differs_too", variant(ss_product_name="シャツ "), "nothing"),
    case("F10", "it_is_linked", variant(mapping_class="linked", ss_option_text="白"), "nothing"),
    case("F10", "nobody_waits", variant(order={"phase_name": SHIPPED}), "nothing"),
    case("F20", "sample", packings(1, 1), "finding", packing_count=2, ss_qty=2),
    case("F20", "one_packing", packings(2), "nothing"),
    case("F20", "a_piece_short", packings(1, 1, ordered=3), "nothing"),
    case("F20", "lines_out_of_date", packings(1, 1, lines_for=ago(hours=6)), "nothing"),
    case("F20", "weakly_linked", twin(packings(1, 1)), "nothing"),
    case("F21", "sample", together(), "finding", order_count=2, without_tracking=2),
    case(
        "F21",
        "one_lacks_its_number",
        together(ours=("4001", None), **TRACKED),
        "finding",
        without_tracking=1,
        tracking_no="4001",
    ),
    case("F21", "two_packings", together(other={"packing_no": "QSP2"}), "nothing"),
    case("F21", "the_other_is_cancelled", together(other={"status": "CANCELLED"}), "nothing"),
    case("F22", "sample", packings(1), "finding", ordered_qty=2, ss_qty=1),
    case("F22", "one_piece_more_in_one_packing", packings(3), "finding"),
    case("F22", "a_piece_short_in_two_packings", packings(1, 1, ordered=3), "finding"),
    case("F22", "the_same", packings(2), "nothing"),
    case("F22", "more_in_two_packings_is_f19", packings(2, 2), "nothing"),
    case("F22", "quantity_not_in_the_file", packings(2, second={}, qty=None), "nothing"),
    case("F22", "lines_out_of_date", packings(1, lines_for=ago(hours=6)), "order_lines"),
    case(
        "F22",
        "a_line_left_the_file",
        packings(1, 1, ordered=3, second={"snapshot_at": ago(60)}),
        "smartship_line_gone",
    ),
    case("F22", "weakly_linked", twin(packings(1)), "weak_link"),
    case(
        "F42",
        "sample",
        edited(),
        "finding",
        pieces_before=1,
        pieces_now=3,
        edited_by=ago(60),
    ),
    case("F42", "looked_exactly_as_it_arrived", edited(looked=240), "finding"),
    case("F42", "looked_a_second_before", edited(looked=240 + 1 / 60), "edit_time"),
    case("F42", "edited_before_it_arrived", edited(looked=290, changed=240), "nothing"),
    case("F42", "touched_without_new_lines", edited(amounts=(1,)), "nothing"),
    case("F42", "it_shipped", edited(status="SHIPPED"), "nothing"),
    case("F42", "weakly_linked", twin(edited()), "weak_link"),
)
