"""Samples and near misses of the rules about stock, on rows as the comparison leaves them."""

from __future__ import annotations

from typing import Any

from tests.rules.collection_cases import Case, case
from tests.rules.world import World, ago


def sku(tolerance: int = 0, **given: Any) -> Any:
    """One compared SKU: both sides show 10 and nothing is wrong, but for what is given."""

    def build(world: World) -> None:
        world.con.execute("UPDATE account SET stock_tolerance = $t", {"t": tolerance})
        usual: dict[str, Any] = {
            "account": "shop",
            "row_no": world.next(),
            "case_key": "cm|tw-1||",
            "item_code": "tw-1",
            "item_name": "タオル",
            "attribute1": "",
            "attribute2": "",
            "sku_no": "S1",
            "crossmall": 10,
            "smartship": 10,
            "expected": 10,
            "gap": 0,
            "off_by": 0,
            "cause": "in_step",
            "weak": False,
            "exposure": 0,
            "exposure_soon": 0,
            "in_flight": 0,
            "sync_state": "on",
            "crossmall_seen_at": ago(5),
            "smartship_seen_at": ago(10),
        }
        world.put("stock_case", **(usual | given))

    return build


apart = {"cause": "not_comparable", "gap": None, "exposure": None, "exposure_soon": None}
CASES: tuple[Case, ...] = (
    case("F11", "sample", sku(crossmall=13, exposure=3), "finding", exposure=3, exposed="now"),
    case("F11", "soon", sku(exposure_soon=1), "finding", exposed="soon", exposure=0),
    case("F11", "within_tolerance", sku(3, crossmall=13, exposure=3), "nothing"),
    case("F11", "shows_less", sku(crossmall=7, gap=-3), "nothing"),
    case(
        "F11",
        "no_file",
        sku(**(apart | {"cause": "no_smartship_file"})),
        "smartship_stock_file",
        skus=1,
    ),
    case("F11", "too_far_apart", sku(**apart), "stock_figures_apart", skus=1),
    case("F11", "nothing_to_compare", sku(**apart, crossmall=None), "nothing"),
    case(
        "F12",
        "sample",
        sku(sync_state="frozen", p_sync_failing=4, gap=4),
        "finding",
        stopped="frozen",
        gap=4,
    ),
    case(
        "F12",
        "off_and_apart",
        sku(sync_state="off", p_sync_off=-2, gap=-2),
        "finding",
        stopped="off",
    ),
    case("F12", "off_and_equal", sku(sync_state="off"), "nothing"),
    case("F12", "on_and_apart", sku(gap=2, p_unexplained=2), "nothing"),
    case(
        "F13",
        "sample",
        sku(sync_state="failing", failed_at=ago(30), failed_message="E01"),
        "finding",
        failed_at=ago(30),
        failed_message="E01",
    ),
    case("F13", "it_works", sku(pushed_at=ago(30)), "nothing"),
    case("F13", "switched_off_since", sku(sync_state="off", failed_at=ago(30)), "nothing"),
    case(
        "F14",
        "sample",
        sku(cause="rule", sync_type="B", sync_value=3, p_rule=-3, gap=-3),
        "finding",
        sync_type="B",
    ),
    case(
        "F14", "something_else_too", sku(cause="held", sync_type="B", p_rule=-3, gap=-3), "nothing"
    ),
    case("F14", "no_rule", sku(sync_type="S"), "nothing"),
    case("F15", "sample", sku(damaged=4, p_damaged=3, gap=3), "finding", damaged=4, damaged_gap=3),
    case("F15", "announced", sku(inbound=9, p_inbound=9, gap=9), "finding", inbound_gap=9),
    case("F15", "damaged_and_told", sku(damaged=4), "nothing"),
    case("F15", "announced_and_not_booked", sku(inbound=9), "nothing"),
    case(
        "F36", "sample", sku(set_of=2, set_figure=8, gap=0), "finding", set_figure=8, crossmall=10
    ),
    case("F36", "it_fits", sku(set_of=2, set_figure=10), "nothing"),
    case("F36", "not_compared", sku(set_of=2, set_figure=8, gap=None), "nothing"),
    case("F47", "sample", sku(p_held=-3, gap=-3, crossmall=7), "finding", held=3),
    case("F47", "kept_back_of_a_set", sku(p_held=-3, gap=-3, set_of=2, set_figure=10), "nothing"),
    case("F47", "nothing_held", sku(gap=-3, p_in_flight=-3), "nothing"),
)
