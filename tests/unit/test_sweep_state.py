"""What the mirror says about each item before a sweep, and what answers change in it: nothing lost, nothing made up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from reconcile.settings import Settings
from reconcile.store import ages, catalogue_writes
from tests.mapping.mirror import ACCOUNT, Mirror
from tests.mapping.mirror import NOW as NAIVE_NOW

NOW = NAIVE_NOW.replace(tzinfo=UTC)


def before(count: float) -> datetime:
    return NOW - timedelta(minutes=count)


@pytest.fixture
def mirror() -> Mirror:
    made = Mirror()
    for code in ("cup", "plate", "spoon", "gift", "other"):
        made.item(code, code)
    answer(made, *("cup", "plate", "spoon", "gift", "other"), at=before(30), stock=7)
    return made


def answer(
    mirror: Mirror,
    *codes: str,
    at: datetime = NOW,
    state: str = "held",
    stock: int | None = None,
    feed: str = "stock",
    attributes: tuple[str, ...] = ("",),
) -> None:
    rows = [
        {"account": ACCOUNT, "item_code": code, "attribute1_name": one, "attribute2_name": ""}
        | ({"stock": stock} if feed == "stock" else {})
        | {"seen_at": at}
        for code in codes
        for one in (attributes if state in ("held", "partial") else ())
    ]
    asked = [{"item_code": code, "asked_at": at, "state": state} for code in codes]
    catalogue_writes.put_answers(mirror.con, ACCOUNT, feed, asked=asked, rows=rows)


def marked(mirror: Mirror, mark: str, feed: str = "stock") -> set[str]:
    states = catalogue_writes.item_states(
        mirror.con, ACCOUNT, feed, now=NOW, comparable_from=before(60)
    )
    return {state["item_code"] for state in states if state[mark]}


def figures(mirror: Mirror) -> dict[tuple[str, str], int]:
    rows = mirror.con.execute("SELECT item_code, attribute1_name, stock FROM cm_stock").fetchall()
    return {(code, one): stock for code, one, stock in rows}


def seen(mirror: Mirror, number: str, at: datetime, **facts: Any) -> None:
    """The order as observed at that moment."""
    usual = {"last_confirmed_at": at, "first_run_id": "r", "last_run_id": "r", "cancel_flag": 0}
    usual |= {"phase_name": "発送待機", "check_marks": "000", "updated_at": NAIVE_NOW}
    row = {"order_number": number, "first_seen_at": at.replace(tzinfo=None)} | usual | facts
    row["last_confirmed_at"] = row["first_seen_at"]
    mirror.put("cm_observation", **row)


def line(mirror: Mirror, number: str, code: str, *parts: str) -> None:
    mirror.put("cm_order_line", order_number=number, line_no=1, item_code=code, is_set=bool(parts))
    for ordinal, part in enumerate(parts, start=1):
        row = {"order_number": number, "line_no": 1, "ordinal": ordinal, "item_code": part}
        mirror.put("cm_component", **row)


@pytest.fixture
def gift(mirror: Mirror) -> Mirror:
    """An old order shows that the gift is a set of a cup and a plate."""
    line(mirror, "00000001", "gift", "cup", "plate")
    seen(mirror, "00000001", before(500))
    return mirror


def test_an_order_that_came_after_the_reading_moves_its_item(mirror: Mirror) -> None:
    line(mirror, "00000002", "spoon")
    seen(mirror, "00000002", before(20))
    assert marked(mirror, "moved") == {"spoon"}
    answer(mirror, "spoon", at=before(10), stock=6)
    assert marked(mirror, "moved") == set()


def test_an_order_for_a_part_moves_every_set_that_contains_it(gift: Mirror) -> None:
    line(gift, "00000002", "cup")
    seen(gift, "00000002", before(20))
    assert marked(gift, "moved") == {"cup", "gift"}


def test_an_order_for_a_set_moves_its_parts(gift: Mirror) -> None:
    seen(gift, "00000001", before(20), cancel_flag=2)
    assert marked(gift, "moved") == {"cup", "plate", "gift"}


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        ({"phase_name": "送り状印刷済み", "updated_at": NAIVE_NOW + timedelta(minutes=1)}, False),
        ({"delivery_number": "4011", "updated_at": NAIVE_NOW + timedelta(minutes=1)}, False),
        ({"check_marks": "100", "updated_at": NAIVE_NOW + timedelta(minutes=1)}, False),
        ({"cancel_flag": 2, "updated_at": NAIVE_NOW + timedelta(minutes=1)}, True),
        ({"updated_at": NAIVE_NOW + timedelta(minutes=1)}, True),  # somebody edited it
    ],
)
def test_only_what_can_touch_stock_counts_as_a_movement(
    mirror: Mirror, change: dict[str, Any], moves: bool
) -> None:
    line(mirror, "00000002", "spoon")
    seen(mirror, "00000002", before(100))
    seen(mirror, "00000002", before(20), **change)
    assert marked(mirror, "moved") == ({"spoon"} if moves else set())


def test_a_movement_before_the_reading_is_not_counted_because_a_later_phase_was_seen(
    mirror: Mirror,
) -> None:
    line(mirror, "00000002", "spoon")
    seen(mirror, "00000002", before(40))
    seen(mirror, "00000002", before(20), phase_name="QXPRESS発送済み")
    assert marked(mirror, "moved") == set()


def test_an_item_without_figures_is_left_to_the_sweep(mirror: Mirror) -> None:
    line(mirror, "00000002", "spoon")
    seen(mirror, "00000002", before(5))
    answer(mirror, "spoon", at=before(10), state="none")
    assert marked(mirror, "moved") == set()


def name(
    mirror: Mirror, changes: dict[str, datetime], at: datetime, since: datetime | None = None
) -> int:
    return catalogue_writes.name_items(
        mirror.con, ACCOUNT, "stock", changes, since=since or before(9), now=at
    )


def test_a_feed_names_an_item_once_and_every_set_that_contains_it(gift: Mirror) -> None:
    change = {"cup": before(3), "never listed": before(2)}
    assert name(gift, change, before(1)) == 1
    assert marked(gift, "named") == {"cup", "gift"}
    answer(gift, "cup", "gift", stock=5)
    assert marked(gift, "named") == set()
    assert name(gift, change, NOW, since=before(2)) == 0
    assert marked(gift, "named") == set(), "the same change is no news"
    name(gift, {"cup": before(1)}, NOW + timedelta(minutes=1), since=before(2))
    assert marked(gift, "named") == {"cup", "gift"}
    assert marked(gift, "named", feed="catalogue") == set()


def test_a_gap_and_a_figure_too_old_to_compare_are_told_apart(mirror: Mirror) -> None:
    usual = {"weak": False, "item_name": "x", "crossmall_seen_at": before(100).replace(tzinfo=None)}
    young, old = before(10).replace(tzinfo=None), before(70).replace(tzinfo=None)
    cases = [
        ("cup", "overwritten", young),
        ("plate", "not_comparable", young),
        ("spoon", "not_comparable", old),  # a new reading would not be comparable either
        ("gift", "held", young),
        ("other", "in_step", young),
    ]
    for place, (code, cause, theirs) in enumerate(cases):
        off_by = {"overwritten": 2, "held": -1, "in_step": 0}.get(cause)
        row = usual | {"row_no": place, "item_code": code, "cause": cause, "off_by": off_by}
        mirror.put("stock_case", **row, smartship_seen_at=theirs)
    assert marked(mirror, "gap") == {"cup", "gift"}
    assert marked(mirror, "blind") == {"plate"}


def test_what_an_item_read_as_a_whole_no_longer_has_is_dropped(mirror: Mirror) -> None:
    answer(mirror, "cup", stock=3, attributes=("red", "blue"))
    assert {key for key in figures(mirror) if key[0] == "cup"} == {("cup", "red"), ("cup", "blue")}
    answer(mirror, "cup", stock=3, attributes=("blue",))
    assert {key for key in figures(mirror) if key[0] == "cup"} == {("cup", "blue")}


@pytest.mark.parametrize(
    ("state", "kept"), [("refused", True), ("partial", True), ("unknown", False), ("none", False)]
)
def test_figures_stay_with_their_age_unless_the_vendor_says_there_are_none(
    mirror: Mirror, state: str, kept: bool
) -> None:
    answer(mirror, "cup", state=state, attributes=())
    row = mirror.con.execute("SELECT stock, seen_at FROM cm_stock WHERE item_code = 'cup'")
    assert row.fetchall() == ([(7, before(30).replace(tzinfo=None))] if kept else [])
    (cup,) = ages.items_without_figure(mirror.con, ACCOUNT, "stock")
    assert (cup.item_code, cup.why, cup.asked_at) == ("cup", state, NOW)


def test_a_negative_figure_stays_and_its_changes_become_history(mirror: Mirror) -> None:
    for at, stock in ((before(9), -3), (before(8), -3), (before(7), 2)):
        answer(mirror, "cup", at=at, stock=stock)
    history = mirror.con.execute(
        "SELECT stock FROM cm_stock_history WHERE item_code = 'cup' ORDER BY first_seen_at"
    ).fetchall()
    assert history == [(7,), (-3,), (2,)]


def test_a_new_sku_makes_its_item_due_for_stock(mirror: Mirror) -> None:
    answer(mirror, "cup", "plate", feed="catalogue", at=before(5))
    assert marked(mirror, "named") == set()
    answer(mirror, "cup", feed="catalogue", attributes=("", "red"), at=before(4))
    assert marked(mirror, "named") == {"cup"}


def test_an_item_gone_from_the_list_takes_its_skus_and_figures_along(mirror: Mirror) -> None:
    mirror.con.execute("UPDATE cm_item SET seen_at = $at", {"at": before(90).replace(tzinfo=None)})
    listed = [{"account": ACCOUNT, "item_code": code, "seen_at": NOW} for code in ("cup", "plate")]
    catalogue_writes.put_items(mirror.con, listed)
    catalogue_writes.drop_gone_items(mirror.con, ACCOUNT, before(1))
    for table in ("cm_item", "cm_sku", "cm_stock", "cm_reading"):
        left = mirror.con.execute(f"SELECT DISTINCT item_code FROM {table} ORDER BY 1").fetchall()
        assert left == [("cup",), ("plate",)], table


def test_ages_tell_the_oldest_figure_and_what_has_none(mirror: Mirror) -> None:
    columns = ("company_code", "base_url", "shop_ids", "collect_phase", "shipped_phase")
    made = dict.fromkeys(columns, "x") | {"created_at": NAIVE_NOW}
    mirror.put("account", **made)
    mirror.item("brand new", "brand new")
    answer(mirror, "cup", at=before(90), stock=1)
    answer(mirror, "plate", at=before(2), stock=1)
    answer(mirror, "spoon", at=before(2), state="unknown")
    skus, stock = ages.figure_ages(mirror.con, ACCOUNT, NOW, Settings())
    assert (stock.figures, stock.older, stock.items) == (4, 1, 6)
    assert (stock.oldest_at, stock.newest_at) == (before(90), before(2))
    assert stock.without == {"never": 1, "unknown": 1}
    assert stock.limit_at == before(60)
    assert (skus.feed, skus.figures, skus.older, skus.without) == ("catalogue", 6, 0, {"never": 6})


def test_a_sweep_is_through_as_of_its_oldest_answer_and_a_refusal_does_not_hold_it_up(
    mirror: Mirror,
) -> None:
    mirror.item("brand new", "brand new")
    assert catalogue_writes.sweep_state(mirror.con, ACCOUNT, "stock") == (1, before(30))
    answer(mirror, "brand new", "plate", "spoon", "gift", "other", stock=1)
    assert catalogue_writes.sweep_state(mirror.con, ACCOUNT, "stock") == (0, before(30))
    answer(mirror, "cup", at=before(25), state="refused")
    assert catalogue_writes.sweep_state(mirror.con, ACCOUNT, "stock") == (0, NOW)
