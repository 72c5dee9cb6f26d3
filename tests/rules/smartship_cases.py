"""Samples and near misses of the rules about orders that stand still at Smartship."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.rules.collection_cases import SECOND, Case, case
from tests.rules.order_cases import twin
from tests.rules.world import SHIPPED, World, ago

PRINTED = "送り状印刷済み"


def stands(status: str = "INSTRUCTED", **given: Any) -> Callable[[World], None]:
    """An order whose only line has this status in the newest file (`file`); `line_at`: the file that last held it."""
    order: dict[str, Any] = given.pop("order", {})
    file: Any = given.pop("file", ago())
    line_at: Any = given.pop("line_at", file)
    was: tuple[float, ...] = given.pop("was", ())

    def build(world: World) -> None:
        world.order(**order)
        line = {"site_order_no": "M-00000001", "status": status, "snapshot_at": line_at}
        key = world.shipment(**(line | given))
        for minutes in was:
            world.was(key, ago(minutes), status)
        world.file(file)

    return build


def beside(build: Callable[[World], None], **line: Any) -> Callable[[World], None]:
    """The same, and another order's line in the same file."""

    def together(world: World) -> None:
        build(world)
        world.shipment(**({"site_order_no": "elsewhere"} | line))

    return together


def gone(minutes: float = 60, **given: Any) -> Callable[[World], None]:
    return stands(**({"line_at": ago(minutes)} | given))


def early(minutes: float = 60, **given: Any) -> Callable[[World], None]:
    """In the shipped phase since so many minutes, still in work at Smartship."""
    order = {"phase_name": SHIPPED, "updated_at": ago(minutes)} | given.pop("order", {})
    return stands(order=order, **given)


def away(minutes: float = 60, **given: Any) -> Callable[[World], None]:
    return early(minutes, order={"phase_name": PRINTED} | given.pop("order", {}), **given)


def held(minutes: float = 60, **given: Any) -> Callable[[World], None]:
    order = {"cancel_flag": 1, "updated_at": ago(minutes)} | given.pop("order", {})
    return stands(order=order, **given)


def bundled(minutes: float = 60, **given: Any) -> Callable[[World], None]:
    parts = {"is_bundle_child": True, "bundle_ahead_number": "00000009"}
    order = parts | {"updated_at": ago(minutes)} | given.pop("order", {})
    return stands(order=order, **given)


ASSIGNING = "WAYBILL_ASSIGNING"
MONEY = "resultCode -101"
CASES: tuple[Case, ...] = (
    case(
        "F08", "sample", stands("ERROR", hold_raw="オプション不一致"), "finding", stuck_by="error"
    ),
    case(
        "F08",
        "out_of_stock",
        stands("ERROR", hold_raw="品切れ"),
        "finding",
        stuck_by="out_of_stock",
    ),
    case("F08", "sku_blank", beside(stands(), sku_no="S-1"), "finding", stuck_by="sku_blank"),
    case("F08", "the_file_has_no_sku_column", beside(stands()), "nothing"),
    case("F08", "it_has_its_seller_code", beside(stands(seller_code="A"), sku_no="S-1"), "nothing"),
    case("F08", "it_left_the_file", stands("ERROR", line_at=ago(60)), "nothing"),
    case("F08", "it_is_cancelled", stands("ERROR", order={"cancel_flag": 2}), "nothing"),
    case("F08", "balance_is_f35", stands("ERROR", hold_raw=MONEY), "nothing"),
    case("F08", "no_courier_is_f24", stands("ERROR", hold_raw="CNSAB"), "nothing"),
    case("F08", "weakly_linked", twin(stands("ERROR")), "weak_link"),
    case("F18", "sample", gone(), "finding", vanished_how="gone", past_deadline=False),
    case("F18", "a_second_newer_file", gone(line_at=ago() - SECOND), "finding"),
    case("F18", "still_in_the_newest_file", gone(0), "nothing"),
    case("F18", "shown_as_deleted", stands("DELETED"), "finding", vanished_how="cancelled"),
    case("F18", "it_moved_on", gone(order={"phase_name": PRINTED}), "nothing"),
    case("F18", "it_had_shipped", gone(status="SHIPPED"), "nothing"),
    case("F18", "it_is_cancelled", gone(order={"cancel_flag": 2}), "nothing"),
    case(
        "F18",
        "exactly_at_the_deadline",
        gone(registered_at=ago(days=14), order={"created_at": ago(days=15)}),
        "finding",
        past_deadline=False,
    ),
    case(
        "F18",
        "a_second_past_the_deadline",
        gone(registered_at=ago(days=14) - SECOND, order={"created_at": ago(days=15)}),
        "finding",
        past_deadline=True,
    ),
    case("F18", "weakly_linked", twin(gone()), "weak_link"),
    case("F23", "sample", stands("HOLD", hold_raw="住所確認"), "finding", hold_raw="住所確認"),
    case("F23", "it_is_released", stands(), "nothing"),
    case("F23", "it_left_the_file", stands("HOLD", line_at=ago(60)), "nothing"),
    case("F23", "balance_is_f35", stands("HOLD", hold_raw="TX Money 不足"), "nothing"),
    case("F23", "weakly_linked", twin(stands("HOLD")), "weak_link"),
    case("F24", "sample", stands("ERROR", hold_raw="ASCF"), "finding"),
    case("F24", "exactly_at_the_grace", stands(ASSIGNING, was=(5,)), "finding"),
    case("F24", "a_second_before_the_grace", stands(ASSIGNING, was=(5 - 1 / 60,)), "nothing"),
    case("F24", "just_begun", stands(ASSIGNING), "nothing"),
    case(
        "F24",
        "begun_in_an_old_file",
        stands(ASSIGNING, file=ago(30)),
        "smartship_file_newer_than",
        needed_at=ago(25),
    ),
    case("F24", "it_has_its_number", stands(ASSIGNING, was=(30,), tracking_no="4001"), "nothing"),
    case("F24", "weakly_linked", twin(stands(ASSIGNING, was=(30,))), "weak_link"),
    case("F28", "sample", early(), "finding", changed_at=ago(60)),
    case("F28", "file_exactly_past_grace", early(10), "finding"),
    case("F28", "file_a_second_before_grace", early(10 - 1 / 60), "nothing"),
    case("F28", "older_file_within_a_day", early(1439, file=ago(1440)), "nothing"),
    case("F28", "older_file_for_a_day", early(1440, file=ago(1500)), "smartship_file_newer_than"),
    case("F28", "it_shipped", early(status="SHIPPED"), "nothing"),
    case("F28", "it_left_the_file", early(line_at=ago(30)), "nothing"),
    case("F28", "another_phase", away(), "nothing"),
    case("F28", "weakly_linked", twin(early()), "weak_link"),
    case("F38", "sample", away(), "finding", ss_status="INSTRUCTED"),
    case("F38", "into_an_unknown_phase", away(order={"phase_name": "倉庫連携"}), "finding"),
    case("F38", "file_exactly_past_grace", away(10), "finding"),
    case("F38", "file_a_second_before_grace", away(10 - 1 / 60), "nothing"),
    case("F38", "older_file_for_a_day", away(1440, file=ago(1500)), "smartship_file_newer_than"),
    case("F38", "it_shipped", away(status="SHIPPED"), "nothing"),
    case("F38", "still_waiting", stands(), "nothing"),
    case("F38", "it_is_held", away(order={"cancel_flag": 1}), "nothing"),
    case("F38", "weakly_linked", twin(away()), "weak_link"),
    case("F29", "sample", stands("DELIVERY_FAILED", hold_raw="通関保留"), "finding"),
    case("F29", "returned", stands("RETURNED"), "finding", ss_status="RETURNED"),
    case("F29", "delivered", stands("DELIVERED"), "nothing"),
    case(
        "F29",
        "a_cancelled_order_comes_back",
        stands("RETURNED", order={"cancel_flag": 2}),
        "nothing",
    ),
    case("F29", "weakly_linked", twin(stands("DELIVERY_FAILED")), "weak_link"),
    case("F35", "sample", stands("ERROR", hold_raw=MONEY), "finding", hold_raw=MONEY),
    case("F35", "another_code", stands("ERROR", hold_raw="resultCode -1010"), "nothing"),
    case("F35", "a_number_with_101", stands("ERROR", hold_raw="A-1-1013"), "nothing"),
    case("F35", "it_left_the_file", stands("ERROR", hold_raw=MONEY, line_at=ago(60)), "nothing"),
    case("F35", "weakly_linked", twin(stands("ERROR", hold_raw=MONEY)), "weak_link"),
    case("F43", "sample", bundled(), "finding", parent_number="00000009"),
    case("F43", "file_exactly_at_the_change", bundled(0), "finding"),
    case(
        "F43", "file_a_second_early", bundled(0, file=ago() - SECOND), "smartship_file_newer_than"
    ),
    case("F43", "no_child", stands(), "nothing"),
    case("F43", "cancelled_at_smartship", bundled(status="CANCELLED"), "nothing"),
    case("F43", "it_shipped", bundled(status="SHIPPED"), "nothing"),
    case("F43", "weakly_linked", twin(bundled()), "weak_link"),
    case("F44", "sample", held(), "finding", changed_at=ago(60)),
    case("F44", "file_exactly_at_the_change", held(0), "finding"),
    case("F44", "file_a_second_early", held(0, file=ago() - SECOND), "smartship_file_newer_than"),
    case("F44", "not_held", stands(), "nothing"),
    case("F44", "cancelled_at_smartship", held(status="CANCELLED"), "nothing"),
    case("F44", "it_shipped", held(status="SHIPPED"), "nothing"),
    case("F44", "weakly_linked", twin(held()), "weak_link"),
)
