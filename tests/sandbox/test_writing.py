"""Writes: phases with shipping data, marks, stock; and how the 3PL takes them up."""

import pytest

EPOCH = "2026-05-20T12:00:00+09:00"


@pytest.fixture
def sandbox(start):
    return start("--clock", "frozen", "--epoch", EPOCH)


def one(sandbox, number):
    return sandbox.rows("get_order", order_number=number, condition=0)[0]


def test_a_phase_move_changes_the_phase_and_the_update_time_only(sandbox):
    number = sandbox.get("oracle")["planted"]["F01"][0]
    before = one(sandbox, number)
    sandbox.rows("upd_order_phase", order_number=number, after_phase_name="引当待ち")
    after = one(sandbox, number)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"phase_name", "updated_at"}
    assert after["updated_at"] == "2026/05/20 12:00:00"


def test_an_order_moved_to_the_ready_phase_is_pulled_shipped_and_written_back(sandbox):
    number = sandbox.get("oracle")["planted"]["F01"][0]
    sandbox.rows("upd_order_phase", order_number=number, after_phase_name="発送待機")
    assert number not in str(sandbox.file("orders")[0])
    sandbox.post("clock", advance_s=3600)
    mine = [r for r in sandbox.file("orders")[0] if number in (r["参照番号"], r["サイト注文番号"])]
    assert {row["登録方式"] for row in mine} == {"API"}
    sandbox.post("clock", advance_s=27 * 3600)
    order = one(sandbox, number)
    assert order["phase_name"] == "QXPRESS発送済み"
    assert order["delivery_number"]


def test_an_order_moved_on_before_the_pull_never_reaches_the_warehouse(sandbox):
    number = sandbox.get("oracle")["planted"]["F02"][0]
    sandbox.rows("upd_order_phase", order_number=number, after_phase_name="送り状印刷済み")
    sandbox.post("clock", advance_s=48 * 3600)
    assert number not in str(sandbox.file("orders")[0])
    assert one(sandbox, number)["phase_name"] == "送り状印刷済み"


def test_shipping_data_are_written_and_omitted_ones_stay(sandbox):
    number = sandbox.get("oracle")["planted"]["F05"][0]
    sandbox.rows(
        "upd_order_phase", order_number=number, after_phase_name="QXPRESS発送済み",
        delivery_date="2026-05-19", delivery_date_update=1, delivery_no="400000000001",
    )  # fmt: skip
    order = one(sandbox, number)
    assert order["phase_name"] == "QXPRESS発送済み"
    assert (order["delivery_number"], order["delivery_date"]) == ("400000000001", "2026-05-19")
    sandbox.rows("upd_order_phase", order_number=number, after_phase_name="QXPRESS発送済み")
    again = one(sandbox, number)
    assert again["delivery_number"] == "400000000001"
    move = {"order_number": number, "after_phase_name": "QXPRESS発送済み"}
    sandbox.rows("upd_order_phase", **move, delivery_date="2026-05-01")
    assert one(sandbox, number)["delivery_date"] == "2026-05-19"
    sandbox.rows("upd_order_phase", **move, delivery_date="2026-05-01", delivery_date_update=1)
    assert one(sandbox, number)["delivery_date"] == "2026-05-01"


def test_a_time_slot_follows_by_name_or_is_refused_or_unset(sandbox):
    orders = sandbox.all_orders()
    noon = next(o for o in orders if o["delivery_time_name"] == "午前中")
    lost = next(o for o in orders if o["delivery_time_name"] == "18:00～20:00")

    def move(order, **extra):
        return sandbox.call(
            "upd_order_phase", order_number=order["order_number"],
            after_phase_name=order["phase_name"], **extra,
        )  # fmt: skip

    other = "日本郵便" if noon["delivery_name"] != "日本郵便" else "佐川急便"
    assert move(noon, delivery_name=other).status == "success"
    after = one(sandbox, noon["order_number"])
    assert after["delivery_time_name"] == "午前中"
    assert after["delivery_time_code"] != noon["delivery_time_code"]
    refused = move(lost, delivery_name="日本郵便", delivery_time_convert_error=0)
    assert refused.status == "error"
    assert one(sandbox, lost["order_number"]) == lost
    assert move(lost, delivery_name="日本郵便", delivery_time_convert_error=1).status == "success"
    unset = one(sandbox, lost["order_number"])
    assert (unset["delivery_time_name"], unset["delivery_name"]) == ("", "日本郵便")


def test_unknown_targets_are_refused_and_change_nothing(sandbox):
    order = sandbox.rows("get_order")[0]
    number = order["order_number"]
    for query in (
        {"order_number": number, "after_phase_name": "発送待機 "},
        {"order_number": number, "after_phase_name": "完了", "delivery_name": "未知便"},
        {"order_number": number, "after_phase_name": "完了", "delivery_date": "2026/05/01"},
        {"order_number": "1", "after_phase_name": "完了"},
        {"order_number": number},
    ):
        reply = sandbox.call("upd_order_phase", **query)
        assert reply.status == "error"
        assert reply.message.endswith("[sandbox]")
    assert one(sandbox, number) == order


def test_marks_can_be_set_cleared_and_filtered_by(sandbox):
    number = sandbox.rows("get_order")[3]["order_number"]
    sandbox.rows("upd_order_check_mark", order_number=number, check_mark_type=2, check_mark_value=1)
    assert [o["order_number"] for o in sandbox.rows("get_order", check_mark2=1)] == [number]
    assert sandbox.rows("get_order", check_mark3=1) == []
    sandbox.rows("upd_order_check_mark", order_number=number, check_mark_type=2, check_mark_value=0)
    assert sandbox.rows("get_order", check_mark2=1) == []
    bad = sandbox.call(
        "upd_order_check_mark", order_number=number, check_mark_type=4, check_mark_value=1
    )
    assert bad.status == "error"


def test_stock_can_be_overwritten_added_to_and_go_negative(sandbox):
    key = {"sku_code": "LF-0001"}

    def level():
        return int(sandbox.rows("get_stock", **key)[0]["stock"])

    sandbox.rows("upd_stock", **key, update_type="u", stock=7)
    assert level() == 7
    sandbox.rows("upd_stock", **key, update_type="a", stock=-9)
    assert level() == -2
    sandbox.rows("upd_stock", **key, update_type="d")
    assert level() == 0
    for query in (
        {**key, "update_type": "x", "stock": 1},
        {**key, "update_type": "u", "stock": "1.5"},
        {**key, "update_type": "u"},
        {"item_code": "AP-0001", "update_type": "u", "stock": 1},
        {"item_code": "ST-0001", "update_type": "u", "stock": 1},
    ):
        assert sandbox.call("upd_stock", **query).status == "error"
    assert level() == 0


def test_risky_calls_are_flagged_in_the_log(sandbox):
    sandbox.post("requests/reset")
    sandbox.rows("get_order", order_number="10300")
    sandbox.rows("get_order", nonsense="1")
    for _ in range(2):
        sandbox.rows("upd_stock", sku_code="LF-0001", update_type="a", stock=1)
    report = sandbox.get("requests")
    assert [entry["flags"] for entry in report["requests"]] == [
        ["order_number_without_condition"],
        ["unknown_parameter"],
        ["upd_stock_mode_a"],
        ["upd_stock_mode_a", "repeated_identical_update"],
    ]
    assert report["counts"] == {"get_order": 2, "upd_stock": 2}
    assert report["received"] == 4
