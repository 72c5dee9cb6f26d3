"""Whether an order may be shipped by hand: every risk over real rows, and for each the near miss that is none."""

from __future__ import annotations

import string
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconcile.mapping import compare
from reconcile.recovery_risks import LEVELS, Limits, ShipmentCheck, shipment_checks
from reconcile.recovery_sheet import fill, risk_words
from reconcile.store import recovery as store
from reconcile.text import LANGUAGES, Text, catalogue
from tests.rules.world import COLLECT, NOW, SHIPPED, World, ago

LIMITS = Limits(
    grace=timedelta(minutes=10), pull_interval=timedelta(minutes=60), stale_after=timedelta(hours=3)
)
DONE = "完了"


def shop(**account: Any) -> World:
    """A shop with one missed order, behind 発送待機 since three hours, and an orders file of just now."""
    world = World(**account)
    world.file()
    missed(world)
    return world


def missed(world: World, number: str = "00000001", **given: Any) -> str:
    return world.order(number, **{"phase_name": DONE, "updated_at": ago(hours=3)} | given)


def all_checked(world: World, numbers: list[str], sheets: Any = None) -> tuple[ShipmentCheck, ...]:
    world.judge()
    facts = store.facts(world.con, "shop", numbers, days=3)
    return shipment_checks("shop", facts, sheets or {}, now=NOW, limits=LIMITS)


def checked(world: World, number: str = "00000001", *, sheets: Any = None) -> ShipmentCheck:
    (check,) = all_checked(world, [number], sheets)
    return check


def codes(world: World, number: str = "00000001") -> set[str]:
    return {risk.code for risk in checked(world, number).risks}


def item(world: World, number: str, code: str, amount: int, **given: Any) -> None:
    place = world.next()
    world.put(
        "cm_order_line",
        **{
            "account": "shop",
            "order_number": number,
            "line_no": place,
            "item_code": code,
            "item_name": f"品 {code}",
            "attribute1_name": "白",
            "attribute2_name": "",
            "amount": amount,
            "is_set": False,
            "seen_at": ago(),
        }
        | given,
    )
    world.con.execute(
        "UPDATE cm_order SET lines_state = 'held', lines_for = updated_at WHERE order_number = $n",
        {"n": number},
    )


def linked(world: World, code: str, sku: str, mapping_class: str = "linked") -> None:
    world.put(
        "mapping_case",
        account="shop",
        row_no=world.next(),
        item_code=code,
        attribute1_name="白",
        attribute2_name="",
        mapping_class=mapping_class,
        sku_no=sku,
        causes="[]",
        waiting_orders=0,
        basis="mappings",
    )


def test_a_missed_order_is_clear_as_of_the_file_that_covers_it() -> None:
    check = checked(shop())
    assert (check.verdict, check.risks) == ("clear", ())
    assert check.clear_as_of == NOW


def test_nothing_is_clear_without_a_file_that_covers_the_order() -> None:
    world = World()
    missed(world)
    check = checked(world)
    assert (check.verdict, check.clear_as_of) == ("cannot_tell", None)
    assert [risk.code for risk in check.risks] == ["no_file"]
    world.file(ago(hours=4))
    (risk,) = checked(world).risks
    assert risk.code == "file_too_old"
    assert risk.because["needed_at"] == NOW - timedelta(hours=3) + LIMITS.grace
    assert risk.because["needed_from"] == NOW - timedelta(hours=5)
    world.file(filtered=True)
    assert codes(world) == {"not_covered"}
    world.file(ago(hours=2))
    assert checked(world).verdict == "clear"


def test_a_file_that_begins_after_the_order_proves_nothing() -> None:
    world = World()
    missed(world)
    world.file(covers_from=ago(hours=4))
    assert codes(world) == {"not_covered"}


STANDING: list[tuple[dict[str, Any], set[str]]] = [
    ({"site_order_no": "M-{n}"}, {"at_smartship"}),
    ({"site_order_no": "{n}", "shop_id": None}, {"at_smartship"}),
    ({"reference_no": "M-{n}"}, {"other_number"}),
    ({"site_cart_no": "{n}"}, {"other_number"}),
    ({"site_order_no": "M-{n}", "registered_by": "EXCEL"}, {"at_smartship", "manual_row"}),
    ({"site_order_no": "M-{n}", "status": "CANCELLED"}, {"ended_at_smartship"}),
    ({"site_order_no": "M-{n}", "snapshot_at": ago(hours=2)}, {"gone_from_smartship"}),
    (
        {"site_order_no": "M-{n}", "snapshot_at": ago(hours=2), "status": "SHIPPED"},
        {"at_smartship"},
    ),
    ({"site_order_no": "M-{n}", "shop_id": "2"}, {"other_shop"}),
    ({"site_order_no": "M-{n}", "shop_id": "2", "status": "DELETED"}, set()),
    ({"site_order_no": "M-nobody"}, set()),
]


def test_a_row_at_smartship_is_told_by_the_key_and_state_it_stands_under() -> None:
    world = World()
    world.file()
    for place, (given, _) in enumerate(STANDING):
        number = missed(world, f"{place:08d}")
        texts = {
            name: value.format(n=number) for name, value in given.items() if isinstance(value, str)
        }
        world.shipment(**(given | texts))
    found = all_checked(world, [f"{place:08d}" for place in range(len(STANDING))])
    assert [{risk.code for risk in one.risks} for one in found] == [codes for _, codes in STANDING]


def test_a_tracking_number_of_the_order_at_smartship_is_another_number() -> None:
    world = World()
    world.file()
    missed(world, delivery_number="4000-1111-2222")
    world.shipment(tracking_no="400011112222")
    assert codes(world) == {"other_number"}


def test_a_row_of_another_shop_that_belongs_to_that_shops_own_order_is_no_risk() -> None:
    world = shop()
    missed(world, "00000002", order_code="M-00000001", shop_code="2", shop_name="二号店")
    world.shipment(site_order_no="M-00000001", shop_id="2")
    assert codes(world) == set()
    assert codes(world, "00000002") == {"at_smartship"}


def test_an_order_pulled_after_we_found_it_missing_says_so() -> None:
    world = World()
    missed(world)
    world.file(ago(hours=1))
    world.judge(NOW - timedelta(hours=1))
    world.shipment(site_order_no="M-00000001", first_snapshot_at=ago(minutes=5))
    world.file()
    assert codes(world) == {"pulled_after_all"}


def test_a_row_that_a_person_entered_and_one_that_was_collected_are_a_double() -> None:
    world = shop()
    world.shipment(site_order_no="M-00000001", registered_by="MANUAL", packing_no="QSP900000001")
    world.shipment(site_order_no="M-00000001", registered_by="API", packing_no="QSP900000002")
    check = checked(world)
    (risk,) = [risk for risk in check.risks if risk.code == "manual_and_api"]
    assert risk.because == {"by_hand": "QSP900000001", "collected": "QSP900000002"}


def test_a_combined_packing_names_its_other_orders() -> None:
    world = shop()
    missed(world, "00000002")
    for number in ("00000001", "00000002"):
        world.shipment(site_order_no=f"M-{number}", packing_no="QSP900000001")
    (risk,) = checked(world).risks
    assert risk.because["shared_with"] == "00000002"


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({}, True),
        ({"qty": 3}, False),
        ({"sku_no": "S2"}, False),
        ({"registered_at": ago(days=4)}, False),
        ({"shop_id": "2"}, False),
        ({"status": "CANCELLED"}, False),
        ({"site_order_no": "M-00000002"}, False),
    ],
)
def test_the_same_skus_and_quantities_in_a_free_packing_are_a_possible_pair(
    row: dict[str, Any], found: bool
) -> None:
    world = shop()
    missed(world, "00000002")
    linked(world, "tee", "S1")
    item(world, "00000001", "tee", 2)
    world.shipment(**{"site_order_no": "HAND-1", "sku_no": "S1", "qty": 2} | row)
    assert ("possible_pair" in codes(world)) == found


@pytest.mark.parametrize(
    ("ours", "theirs", "told"),
    [
        ("k1:aa", "k1:aa", "same"),
        ("k1:aa", "k1:bb", "other"),
        ("k1:aa", "k2:aa", "unknown"),  # a key that was lost
        ("k1:aa", None, "unknown"),
        (None, "k1:aa", "unknown"),
        (None, None, "unknown"),
    ],
)
def test_a_pair_tells_whether_it_goes_to_the_same_recipient(
    ours: str | None, theirs: str | None, told: str
) -> None:
    world = shop()
    world.con.execute("UPDATE cm_order SET recipient_hash = $given", {"given": ours})
    linked(world, "tee", "S1")
    item(world, "00000001", "tee", 2)
    world.shipment(site_order_no="HAND-1", sku_no="S1", qty=2, recipient_hash=theirs)
    (risk,) = checked(world).risks
    assert (risk.code, risk.level, risk.because["recipient"]) == ("possible_pair", "warn", told)
    for lang in LANGUAGES:
        assert Text(lang)(f"recovery.recipient.{told}") in risk_words(
            risk.code, risk.because, Text(lang)
        )


def test_a_packing_of_two_recipients_is_not_known() -> None:
    world = shop()
    world.con.execute("UPDATE cm_order SET recipient_hash = 'k1:aa'")
    for code, sku, given in (("tee", "S1", "k1:aa"), ("cap", "S2", "k1:bb")):
        linked(world, code, sku)
        item(world, "00000001", code, 1)
        world.shipment(
            site_order_no="HAND-1", sku_no=sku, packing_no="QSP900000001", recipient_hash=given
        )
    (risk,) = checked(world).risks
    assert risk.because["recipient"] == "unknown"


def test_part_of_the_items_is_no_pair() -> None:
    world = shop()
    for code, sku in (("tee", "S1"), ("cap", "S2")):
        linked(world, code, sku)
        item(world, "00000001", code, 1)
    world.shipment(site_order_no="HAND-1", sku_no="S1", packing_no="QSP900000001")
    assert codes(world) == set()
    world.shipment(site_order_no="HAND-1", sku_no="S2", packing_no="QSP900000001")
    assert codes(world) == {"possible_pair"}


def test_a_bundled_child_is_blocked_once_its_parent_is_at_smartship() -> None:
    world = shop()
    missed(world, "00000002", is_bundle_child=True, bundle_ahead_number="00000001")
    assert codes(world, "00000002") == {"merged_child"}
    world.shipment(site_order_no="M-00000001")
    check = checked(world, "00000002")
    assert (check.verdict, {risk.code for risk in check.risks}) == ("blocked", {"merged_there"})


def test_a_parent_whose_child_was_collected_alone_is_warned_about() -> None:
    world = shop()
    missed(world, "00000002", is_bundle_child=True, bundle_ahead_number="00000001")
    assert codes(world) == set()
    world.shipment(site_order_no="M-00000002")
    assert codes(world) == {"merged_child_there"}


@pytest.mark.parametrize(
    ("other", "amount", "expected"),
    [
        ({}, 2, {"imported_twice"}),
        ({}, 1, set()),
        ({"cancel_flag": 2}, 2, set()),
        ({"shop_code": "2"}, 2, set()),
        ({"order_code": "M-00000009"}, 2, set()),
    ],
)
def test_the_same_order_taken_in_twice_is_told_from_a_split_slip(
    other: dict[str, Any], amount: int, expected: set[str]
) -> None:
    world = shop()
    missed(world, "00000002", **{"order_code": "M-00000001"} | other)
    item(world, "00000001", "tee", 2)
    item(world, "00000002", "tee", amount)
    assert codes(world) == expected


def test_the_other_of_two_equal_orders_at_smartship_blocks_this_one() -> None:
    world = shop()
    missed(world, "00000002", order_code="M-00000001")
    for number in ("00000001", "00000002"):
        item(world, number, "tee", 2)
    world.shipment(site_order_no="00000002")
    assert codes(world) == {"imported_twice_there"}


OWN_STATES: list[tuple[dict[str, Any], str, set[str]]] = [
    ({"cancel_flag": 2}, "blocked", {"cancelled"}),
    ({"cancel_flag": 1}, "blocked", {"held"}),
    ({"phase_name": COLLECT}, "warn", {"waiting_for_pull"}),
    ({"phase_name": "確認待ち"}, "warn", {"before_pull"}),
    ({"phase_name": SHIPPED}, "warn", {"marked_shipped"}),
    ({"phase_name": "謎"}, "cannot_tell", {"phase_unknown"}),
    ({"seen_at": ago(hours=4)}, "cannot_tell", {"crossmall_old"}),
    ({"seen_at": ago(hours=2)}, "clear", set()),
]


def test_the_orders_own_state_in_cross_mall_counts() -> None:
    world = World()
    world.file()
    numbers = [
        missed(world, f"{place:08d}", **OWN_STATES[place][0]) for place in range(len(OWN_STATES))
    ]
    found = [
        (one.verdict, {risk.code for risk in one.risks}) for one in all_checked(world, numbers)
    ]
    assert found == [(verdict, codes) for _, verdict, codes in OWN_STATES]


def test_a_waiting_order_needs_a_file_of_the_last_pull() -> None:
    world = World()
    missed(world, phase_name=COLLECT)
    world.file(ago(minutes=90))
    check = checked(world)
    assert check.verdict == "cannot_tell"
    assert {risk.code for risk in check.risks} == {"waiting_for_pull", "file_too_old"}


def test_a_sheet_made_before_is_a_warning() -> None:
    made = {"00000001": {"made_at": datetime(2026, 11, 19, tzinfo=UTC), "made_by": "sato"}}
    world = shop()
    check = checked(world, sheets=made)
    assert (check.verdict, check.risks[0].code) == ("warn", "sheet_made")
    assert checked(world, sheets={"00000002": made["00000001"]}).verdict == "clear"


def test_many_orders_are_answered_together_in_their_order() -> None:
    world = shop()
    for number in ("00000003", "00000002"):
        missed(world, number)
    world.shipment(site_order_no="M-00000002")
    found = all_checked(world, ["00000003", "00000001", "00000002"])
    assert [one.order_number for one in found] == ["00000001", "00000002", "00000003"]
    assert [one.verdict for one in found] == ["clear", "blocked", "clear"]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("code", LEVELS)
def test_every_risk_has_its_words_even_without_values(lang: str, code: str) -> None:
    words = catalogue(lang)[f"recovery.risk.{code}"]
    names = {name for _, name, _, _ in string.Formatter().parse(words) if name}
    assert names
    assert "None" not in risk_words(code, dict.fromkeys(names), Text(lang))


def test_the_number_that_smartship_knows_is_learned_from_its_shop() -> None:
    world = shop()
    missed(world, "00000002", shop_code="2", shop_name="二号店")
    missed(world, "00000003", shop_code="2", shop_name="二号店")
    world.shipment(site_order_no="00000003", shop_id="2")
    world.judge()
    numbers = ["00000001", "00000002"]
    orders, lines, use = (
        store.rows(world.con, block, account="shop", numbers=numbers)
        for block in ("sheet_orders", "sheet_lines", "number_use")
    )
    filled = fill(sorted(orders, key=lambda row: row["order_number"]), lines, use, "")
    assert [row.cells["O34"] for row in filled.rows] == ["M-00000001", "00000002"]
    assert [row.cells["O04"] for row in filled.rows] == ["M-00000001", "00000002"]


def test_only_a_single_exact_link_fills_the_sku_and_the_rest_is_marked() -> None:
    world = shop()
    for code, mapping_class, skus in (
        ("one", "linked", ("S1",)),
        ("two", "linked", ("S2", "S3")),
        ("near", "near_miss", ("S4",)),
        ("code", "linked", ("CODE-5",)),
    ):
        item(world, "00000001", code, 1)
        for sku in skus:
            linked(world, code, sku, mapping_class)
    assert compare.MAPPING_CLASSES[0] == "linked"
    base = {"account": "shop", "snapshot_at": ago(), "import_id": "i1"}
    for sku, seller in (("S1", "SELL-1"), ("S2", None), ("S3", None), ("S4", None)):
        world.put("ss_sku", sku_no=sku, seller_code=seller, **base)
    world.put("ss_sku_mapping", mapping_key="k", sku_no=None, seller_code="CODE-5", **base)
    for warehouse, sku in (("JP01", "S1"), ("JP01", "CODE-5"), ("JP02", "CODE-5")):
        world.put("ss_stock", warehouse=warehouse, sku_no=sku, **base)
    values = {"account": "shop", "numbers": ["00000001"]}
    orders, lines, use = (
        store.rows(world.con, block, **values)
        for block in ("sheet_orders", "sheet_lines", "number_use")
    )
    rows = fill(orders, lines, use, "").rows
    assert [row.cells.get("O30", "") for row in rows] == ["S1", "", "", ""]
    assert [row.cells.get("O25", "") for row in rows] == ["SELL-1", "", "", "CODE-5"]
    assert [row.cells["O29"] for row in rows] == ["JP01", "", "", ""]
    assert ["O30" in row.to_type for row in rows] == [False, True, True, False]
    assert ["O29" in row.to_type for row in rows] == [False, True, True, True]
    assert all({"O08", "O09", "O10", "O12", "O19"} <= set(row.to_type) for row in rows)
    assert [row.cells["O29"] for row in fill(orders, lines, use, "KR09").rows] == ["KR09"] * 4


def test_an_order_without_lines_gets_one_row_to_complete() -> None:
    world = shop()
    orders = store.rows(world.con, "sheet_orders", account="shop", numbers=["00000001"])
    filled = fill(orders, [], [], "")
    (row,) = filled.rows
    assert row.cells["O34"] == "M-00000001"
    assert {"O05", "O06", "O30", "O35"} <= set(row.to_type)
    assert "lines_unknown" in {one.reason for one in filled.to_type}
