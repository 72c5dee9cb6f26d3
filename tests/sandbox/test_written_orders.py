"""Scenario files a person writes: orders one by one, borders of time, and one-line complaints."""

from collections import Counter

import pytest

from crossmall.sandbox.clock import instant
from crossmall.sandbox.scenario import (
    FOLDER,
    ORDER_PLANTS,
    ScenarioError,
    check_epoch,
    load_scenario,
    read_scenario,
)
from crossmall.sandbox.written import EVENT_KEYS, ORDER_KEYS

EPOCH = "2026-05-20T12:00:00+09:00"
ORDER = {"shop": "1", "items": ["LF-0001"], "arrived": "-5h"}


@pytest.fixture(scope="module")
def example(start):
    return start(
        "--scenario", "example", "--clock", "frozen", "--epoch", EPOCH, "--orders", "300"
    )  # fmt: skip


@pytest.fixture(scope="module")
def written(example):
    """The six orders of the example by what they are, as the oracle tells them."""
    oracle = example.get("oracle")
    orders = {order["order_number"]: order for order in oracle["orders"]}
    told = [orders[number] for number in oracle["near_misses"]["written"]]
    by_arrival = {order["created_at"][5:16]: order for order in told}
    names = {
        "collected": "05-19T06:00", "bundled": "05-19T06:30", "cancelled too late": "05-19T16:00",
        "changed while on hold": "05-20T03:00", "missed": "05-20T07:00",
        "printed early": "05-20T08:00",
    }  # fmt: skip
    assert len(told) == 6
    return {name: by_arrival[arrival] for name, arrival in names.items()}


def one(shop, order):
    return shop.rows("get_order", order_number=order["order_number"], condition=0)[0]


def test_the_example_lives_as_its_comments_say(example, written):
    assert one(example, written["collected"])["phase_name"] == "QXPRESS発送済み"
    assert written["collected"]["pull"] == "2026-05-19T08:40:00+09:00"
    missed = one(example, written["missed"])
    assert (missed["phase_name"], written["missed"]["packings"]) == ("発送待機", [])
    early = one(example, written["printed early"])
    assert (early["phase_name"], written["printed early"]["packings"]) == ("送り状印刷済み", [])
    cancelled = written["cancelled too late"]
    assert one(example, cancelled)["cancel_flag"] == "2"
    assert cancelled["packings"][0]["steps"][-1] == ["2026-05-20T11:00:00+09:00", "出荷完了"]


def test_written_lines_are_the_lines_and_may_change_later(example, written):
    number = written["collected"]["order_number"]
    lines = example.rows("get_order_detail", order_number=number)
    goods = [(line["item_code"], line["attribute2_name"], line["amount"]) for line in lines]
    assert goods == [("AP-0001", "Sサイズ", "2"), ("LF-0001", "", "1"), ("LF-0004", "", "1")]
    number = written["printed early"]["order_number"]
    [line] = example.rows("get_order_detail", order_number=number)
    assert (line["unit_price"], line["amount"], line["item_option1"]) == ("2500", "3", "内祝")
    changed = written["changed while on hold"]["order_number"]
    for at, amount in (("2026-05-20T04:30:00", "3"), ("2026-05-20T11:00:00", "2")):
        rows = example.get(f"state/lines?at={at}%2B09:00")["rows"]
        assert [r["amount"] for r in rows if r["order_number"] == changed] == [amount]
    moves = example.get(f"oracle?order_number={changed}")["stock_movements"]
    assert sum(move["quantity"] for move in moves) == -2
    order = one(example, written["changed while on hold"])
    assert order["subtotal_price"] == str(5980 * 2)


def test_a_bundled_order_travels_with_its_parent(example, written):
    child = one(example, written["bundled"])
    assert child["bundle_ahead_number"] == written["collected"]["order_number"]
    assert child["phase_name"] == "QXPRESS発送済み"
    number = child["order_number"]
    assert example.call("get_order_detail", order_number=number).status == "error"


def test_the_hold_ends_after_the_epoch_and_the_order_is_collected(start):
    shop = start("--scenario", "example", "--clock", "frozen", "--epoch", EPOCH)
    numbers = shop.get("oracle")["near_misses"]["written"]
    held = [
        n for n in numbers if shop.rows("get_order", order_number=n, condition=0, cancel_flag=1)
    ]
    assert len(held) == 1
    shop.post("clock", advance_s=3 * 3600)
    after = shop.get(f"oracle?order_number={held[0]}")["orders"][0]
    assert after["pull"] == "2026-05-20T14:40:00+09:00"


def test_a_burst_changes_more_than_a_page_in_one_second(example):
    oracle = example.get("oracle")
    times = Counter(order["updated_at"] for order in oracle["orders"])
    assert times["2026-05-20T10:30:00+09:00"] == 120
    moment = {"updated_at_fr": "2026-05-20 10:30:00", "updated_at_to": "2026-05-20 10:30:00"}
    assert len(example.rows("get_order", **moment)) == 100
    found = [row["order_number"] for row in example.all_orders(**moment)]
    assert sorted(oracle["near_misses"]["burst"]) == found


def test_days_end_and_start_in_the_second_they_say(example):
    near = example.get("oracle")["near_misses"]
    for kind, time in (("day_end", "2026-05-19 23:59:59"), ("day_start", "2026-05-20 00:00:00")):
        found = example.rows("get_order", updated_at_fr=time, updated_at_to=time)
        assert [row["order_number"] for row in found] == sorted(near[kind])
        assert len(found) == 3
    day = example.all_orders(updated_at_fr="2026-05-19", updated_at_to="2026-05-19")
    assert set(near["day_end"]) <= {row["order_number"] for row in day}
    assert not set(near["day_start"]) & {row["order_number"] for row in day}


def test_an_order_may_arrive_after_the_epoch_and_a_second_process_tells_the_same(start, tmp_path):
    path = tmp_path / "later.toml"
    path.write_text(
        '[[order]]\nshop = "2"\nitems = ["LF-0001 x4"]\narrived = "+1d2h"\n'
        '[[order]]\nshop = "2"\nitems = ["LF-0001 x4"]\narrived = 2026-05-20T11:59:59+09:00\n',
        encoding="utf-8",
    )
    options = ("--scenario", str(path), "--clock", "frozen", "--epoch", EPOCH)
    first = start(*options)
    assert len(first.get("oracle")["near_misses"]["written"]) == 1
    first.post("clock", advance_s=27 * 3600)
    numbers = first.get("oracle")["near_misses"]["written"]
    assert len(numbers) == 2
    assert one(first, {"order_number": numbers[1]})["created_at"] == "2026/05/21 14:00:00"
    second = start(*options, "--start", "2026-05-21T15:00:00+09:00")
    assert second.all_orders() == first.all_orders()


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"shop": "9"}, "order[1].shop"),
        ({"items": []}, "order[1].items"),
        ({"items": ["XX-1"]}, "order[1].items[1]"),
        ({"items": ["AP-0001 / 赤,Sサイズ"]}, "order[1].items[1]"),
        ({"items": ["AP-0001"]}, "order[1].items[1]"),
        ({"items": [{"sku": "nope"}]}, "order[1].items[1].sku"),
        ({"items": [{"item": "LF-0001", "amount": 0}]}, "order[1].items[1].amount"),
        ({"items": [{"item": "LF-0001", "colour": "x"}]}, "order[1].items[1].colour"),
        ({"items": [7]}, "order[1].items[1]"),
        ({"arrived": "yesterday"}, "order[1].arrived"),
        ({"arrived": "-31d"}, "order[1].arrived"),
        ({"arrived": None}, "order[1].arrived"),
        ({"arived": "-1h"}, "order[1].arived"),
        ({"smartship": "ships"}, "order[1].smartship"),
        ({"smartship": "ships at noon"}, "order[1].smartship"),
        ({"bundled_into": "nobody"}, "order[1].bundled_into"),
        ({"event": [{"at": "-1h"}]}, "order[1].event[1]"),
        ({"event": [{"phase": "完了"}]}, "order[1].event[1].at"),
        ({"event": [{"at": "-1h", "phase": ""}]}, "order[1].event[1].phase"),
        ({"event": [{"at": "-1h", "hold": "yes"}]}, "order[1].event[1].hold"),
        ({"event": [{"at": "-1h", "phase": 1}]}, "order[1].event[1].phase"),
        ({"event": {"at": "-1h"}}, "order[1].event"),
    ],
)
def test_a_mistake_is_one_line_with_file_key_and_what_is_allowed(change, key):
    with pytest.raises(ScenarioError) as refused:
        read_scenario("mine", {"order": [{**ORDER, **change}]})
    text = str(refused.value)
    assert text.startswith(f"scenario 'mine': {key}: ")
    assert "must be" in text or "allowed:" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    ("orders", "key"),
    [
        ([{**ORDER, "arrived": "2020-01-01"}], "order[1].arrived"),
        ([{**ORDER, "event": [{"at": "-6h", "phase": "完了"}]}], "order[1].event[1].at"),
        ([{**ORDER, "smartship": "ships at -5h"}], "order[1].smartship"),
    ],
)
def test_dates_that_do_not_fit_the_epoch_are_told_before_the_start(orders, key):
    scenario = read_scenario("mine", {"order": orders})
    with pytest.raises(
        ScenarioError, match=rf"^scenario 'mine': {key.replace('[', chr(92) + '[')}"
    ):
        check_epoch(scenario, instant(EPOCH))


def test_bundles_that_cannot_be_are_refused():
    parent = {**ORDER, "name": "a"}
    for child in (
        {**ORDER, "shop": "2", "arrived": "-4h", "bundled_into": "a"},
        {**ORDER, "arrived": "-6h", "bundled_into": "a"},
        {**ORDER, "arrived": "+1h", "bundled_into": "a"},
        {**ORDER, "arrived": "-4h", "bundled_into": "a", "smartship": "misses"},
        {**ORDER, "arrived": "-4h", "name": "a"},
    ):
        with pytest.raises(ScenarioError, match=r"order\[2\]|order\[1\]\.name"):
            read_scenario("mine", {"order": [parent, child]})
    good = {**ORDER, "arrived": "-4h", "bundled_into": "a"}
    assert len(read_scenario("mine", {"order": [parent, good]}).orders) == 2


def test_a_broken_scenario_ends_the_start_with_one_line(launcher, tmp_path):
    path = tmp_path / "wrong.toml"
    path.write_text('[[order]]\nshop = "1"\nitems = ["LF-0001"]\narrived = "x"\n', encoding="utf-8")
    out, complaints = launcher("--scenario", str(path)).communicate(timeout=20)
    assert out == ""
    assert complaints.startswith("crossmall.sandbox: scenario 'wrong': order[1].arrived: must be")
    assert len(complaints.splitlines()) == 1


def test_every_key_and_plant_is_explained():
    text = (FOLDER.parent / "SCENARIOS.md").read_text(encoding="utf-8")
    for key in (*ORDER_KEYS, *EVENT_KEYS, "burst", "day_end", "day_start"):
        assert f"`{key}`" in text or f"[[order.{key}]]" in text, key
    demo = (FOLDER / "demo.toml").read_text(encoding="utf-8")
    assert all(plant in demo + text for plant in ORDER_PLANTS)
    assert len(load_scenario("example").orders) == 6
