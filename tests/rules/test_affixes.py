"""Additions around order numbers: learned from other keys, used once a person confirmed them. Possible pairs settle nothing."""

from __future__ import annotations

from typing import Any

import pytest

from reconcile.rules import affix_values, affixes, apply_affix_decision, propose_affixes
from tests.rules.world import NOW, World, ago


def taught(count: int = 3, *, ours: str = "100{n}", theirs: str = "R-100{n}") -> World:
    """So many orders joined by their reference, whose site order numbers show the addition; and one that has only that."""
    world = World()
    for n in range(count + 1):
        world.order(f"0000000{n}", order_code=ours.format(n=n))
        given: dict[str, Any] = {"site_order_no": theirs.format(n=n)}
        if n < count:
            given["reference_no"] = f"0000000{n}"
        world.shipment(**given)
    world.file()
    world.judge()
    return world


def links(world: World) -> dict[str, tuple[str, int, bool]]:
    world.judge()
    rows = world.con.execute(
        "SELECT order_number, matched_by, strength, is_weak FROM order_link"
    ).fetchall()
    return {row[0]: row[1:] for row in rows}


def decide(world: World, state: str) -> None:
    (affix,) = affixes(world.con, "shop")
    apply_affix_decision(world.con, "shop", affix_values(affix, state), NOW)


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("100{n}", "R-100{n}", ("smartship", "R-", "")),
        ("100{n}", "100{n}-1", ("smartship", "", "-1")),
        ("#100{n}", "100{n}", ("crossmall", "#", "")),
        ("100{n}", "R-100{n}-1", ("smartship", "R-", "-1")),
    ],
)
def test_three_pairs_with_the_same_addition_propose_it(
    ours: str, theirs: str, expected: tuple[str, str, str]
) -> None:
    world = taught(ours=ours, theirs=theirs)
    (affix,) = affixes(world.con, "shop")
    assert (affix.longer, affix.prefix, affix.suffix) == expected
    assert (affix.shop_code, affix.support, affix.state) == ("1", 3, "proposed")
    assert propose_affixes(world.con, "shop", NOW) == 1
    assert "00000003" not in links(world)
    decide(world, "confirmed")
    assert links(world)["00000003"] == ("number_with_affix", 4, False)


def test_two_pairs_propose_nothing() -> None:
    assert affixes(taught(2).con, "shop") == ()


def test_a_rejected_addition_is_not_used_and_not_proposed_again() -> None:
    world = taught()
    decide(world, "rejected")
    assert "00000003" not in links(world)
    assert [one.state for one in affixes(world.con, "shop")] == ["rejected"]


def test_a_confirmed_addition_never_joins_another_shop() -> None:
    world = taught()
    decide(world, "confirmed")
    world.order("00000009", order_code="2009", shop_code="2")
    world.shipment(site_order_no="R-2009", shop_id="2")
    assert "00000009" not in links(world)


def test_a_decision_can_be_replayed_into_a_store_that_has_not_learned_yet() -> None:
    world = taught(1)
    values = {
        "shop_code": "1",
        "longer": "smartship",
        "prefix": "R-",
        "suffix": "",
        "state": "confirmed",
    }
    for _ in range(2):
        apply_affix_decision(world.con, "shop", values, NOW)
    assert links(world)["00000001"] == ("number_with_affix", 4, False)


def test_a_state_that_does_not_exist_is_refused() -> None:
    (affix,) = affixes(taught().con, "shop")
    with pytest.raises(ValueError, match="no state"):
        affix_values(affix, "maybe")


def possible(world: World) -> list[tuple[Any, ...]]:
    return world.con.execute(
        "SELECT order_number, line_key, matched_by, strength FROM order_possible_link"
    ).fetchall()


def pair(**line: Any) -> World:
    world = World()
    world.order(ordered_at=ago(hours=5))
    world.lines("00000001", 2)
    world.con.execute("UPDATE cm_order_line SET item_code = 'TEE'")
    values = {
        "site_order_no": "X-77",
        "site_product_no": "TEE",
        "qty": 2,
        "ordered_at": ago(hours=5),
    }
    world.shipment(**(values | line))
    world.file()
    world.judge()
    return world


def test_the_same_item_quantity_and_day_is_possible_and_changes_no_verdict() -> None:
    world = pair()
    assert possible(world) == [("00000001", "L1", "sku_quantity_day", 6)]
    assert links(world) == {}
    assert (world.case()["primary_rule"], world.case()["state"]) == ("F03", "act_now")


@pytest.mark.parametrize(
    "line",
    [
        {"qty": 1},
        {"site_product_no": "MUG"},
        {"ordered_at": ago(hours=29)},
        {"shop_id": "2"},
        {"site_order_no": "M-00000001"},
    ],
)
def test_anything_else_is_no_possible_pair(line: dict[str, Any]) -> None:
    assert possible(pair(**line)) == []


def test_more_than_three_rivals_say_nothing() -> None:
    world = pair()
    for _ in range(3):
        world.shipment(site_product_no="TEE", qty=2, ordered_at=ago(hours=5))
    world.judge()
    assert possible(world) == []
