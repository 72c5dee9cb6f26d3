"""What docs/tour.md tells of the demo is what the demo shows, whenever it was set up."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from reconcile import MappingFilter, OrderFilter, Workspace

MISSED = OrderFilter(account="demo", rules=("F07",))
WAITING = OrderFilter(account="demo", rules=("F02",))
LEFT_BEHIND = OrderFilter(account="demo", rules=("F03",))
COMMA = "cm|AP-0001|ブラック|Mサイズ"


def numbers(desk: Workspace, chosen: OrderFilter) -> list[str]:
    return [str(number) for number in desk.orders(chosen).table.rows["order_number"]]


def test_the_overview_of_the_demo_is_as_the_tour_says(demo_home: Path) -> None:
    desk = Workspace.open(demo_home)
    board = desk.overview("demo")
    found = dict(zip(board.causes["rule"], board.causes["findings"], strict=True))
    assert (found["F07"], found["F06"]) == (3, 1)
    assert 25 <= board.by_state["act_now"] <= 45
    assert 3 <= board.by_state["at_risk"] <= 10
    assert 1 <= board.by_state["cannot_tell"] <= 12
    assert 560 <= board.by_state["in_step"] <= 620
    assert 640 <= sum(board.by_state.values()) <= 660, "the shop lives on"
    assert len(desk.orders().shops) == 4
    assert {one.name for one in desk.phases("demo")} >= {"QXPRESS発送済み", "QXPRESS発送済"}
    assert desk.changes("demo").untold, "yesterday cannot be known on the first day"


def test_the_orders_of_the_tour_were_missed_and_what_moved_them_is_not_known(
    demo_home: Path,
) -> None:
    desk = Workspace.open(demo_home)
    rows = desk.orders(MISSED).table.rows
    assert Counter(rows["phase_name"]) == {"完了": 1, "送り状印刷済み": 2}
    assert rows["ss_status"].isna().all()
    verdicts = {desk.order("demo", number).verdict["cause"] for number in rows["order_number"]}
    assert verdicts == {"cannot_tell"}
    left = [desk.order("demo", number).verdict for number in numbers(desk, LEFT_BEHIND)]
    assert {verdict["cause"] for verdict in left} == {"overflow"}


def test_the_check_of_the_tour_clears_a_missed_order_until_its_sheet_was_made(
    demo_copy: Path,
) -> None:
    desk = Workspace.open(demo_copy)
    missed, waiting = numbers(desk, MISSED)[0], numbers(desk, WAITING)[0]
    assert desk.shipment_check("demo", [missed])[0].verdict == "clear"
    assert desk.shipment_check("demo", [waiting])[0].verdict == "warn"
    sheet = desk.recovery_sheet("demo", [missed])
    assert sheet.rows
    assert sheet.to_type
    assert desk.shipment_check("demo", [missed])[0].verdict == "warn"


def test_the_product_of_the_tour_differs_by_its_comma_and_the_decision_can_be_undone(
    demo_copy: Path,
) -> None:
    desk = Workspace.open(demo_copy)
    searched = MappingFilter(search="7100013")
    desk.mapping("demo", searched)
    assert [one.case_key for one in desk.mapping_queue("demo", searched)] == [COMMA]
    case = desk.mapping_case("demo", COMMA)
    assert (case.option_text, case.ss_option_text) == ("ブラック,Mサイズ", "ブラック，Mサイズ")
    assert (case.item_name, tuple(case.causes)) == (case.ss_product_name, ("comma",))
    desk.mapping_decide("demo", [COMMA], "accept", sku_no="7100013", by="佐藤")
    assert not desk.mapping_queue("demo", searched)
    desk.mapping_undo(desk.mapping_acts("demo", limit=1)[0].sequence, by="佐藤")
    assert desk.mapping_case("demo", COMMA).decision == "open"


def test_the_gap_of_the_tour_is_a_wrong_link_and_its_parts_add_up(demo_home: Path) -> None:
    desk = Workspace.open(demo_home)
    rows = desk.stock("demo", causes=("mapping_wrong",)).table.rows
    assert ("AP-0001", "ホワイト", "Sサイズ") in set(
        zip(rows["item_code"], rows["attribute1"], rows["attribute2"], strict=True)
    )
    row = desk.stock_case("demo", "AP-0001", "ホワイト", "Sサイズ").rows[0]
    assert row["parts"]["mapping_wrong"]
    assert sum(row["parts"].values()) == row["gap"] == row["crossmall"] - row["smartship"]
