"""The oracle and the past: events, pulls, stock movements, and what the API showed at an instant."""

import urllib.error
from collections import defaultdict

import pytest

from crossmall.sandbox import fields
from crossmall.sandbox.clock import dashed_stamp, instant, iso
from crossmall.sandbox.oracle import Question, heading, sections, truth
from crossmall.sandbox.query import Query
from crossmall.sandbox.rows import order_row
from crossmall.sandbox.scenario import load_scenario
from crossmall.sandbox.selection import matching_orders
from crossmall.sandbox.snapshot import PERSONAL
from crossmall.sandbox.world import Plan, World

EPOCH = instant("2026-05-20T12:00:00+09:00")
HOUR_S = 3600


@pytest.fixture(scope="module")
def shop(start):
    return start("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00", "--orders", "250")


def make(scenario="demo", orders=300):
    return World(Plan(seed=4, scenario=load_scenario(scenario), epoch=EPOCH, orders=orders))


def slashed(text):
    return text[:19].replace("-", "/").replace("T", " ")


def test_the_events_of_every_order_lead_to_what_get_order_shows(shop):
    told = {order["order_number"]: order for order in shop.get("oracle")["orders"]}
    shown = shop.all_orders()
    assert {row["order_number"] for row in shown} == set(told)
    for row in shown:
        order = told[row["order_number"]]
        last = {event["what"]: event["to"] for event in order["events"]}
        assert row["phase_name"] == last.get("phase_name", "注文確認")
        assert row["cancel_flag"] == str(last.get("cancel_flag", 0))
        assert row["delivery_number"] == last.get("delivery_number", "")
        assert row["updated_at"] == slashed(order["updated_at"])
        assert slashed(order["events"][-1]["at"]) == row["updated_at"]
        assert [event["at"] for event in order["events"]] == sorted(
            e["at"] for e in order["events"]
        )


def test_every_pull_tells_which_orders_it_took(shop):
    oracle = shop.get("oracle")
    by_order = {order["order_number"]: order["pull"] for order in oracle["orders"] if order["pull"]}
    by_pull = {n: pull["at"] for pull in oracle["pulls"] for n in pull["collected"]}
    assert by_order == by_pull != {}
    times = [pull["at"] for pull in oracle["pulls"]]
    assert len(times) == 30 * 24
    assert {time[14:16] for time in times} == {"40"}
    for order in oracle["orders"]:
        if order["pull"]:
            assert order["pull"] <= order["pulled_at"]


def test_stock_movements_add_up_to_what_get_stock_shows(shop):
    movements = shop.get("oracle")["stock_movements"]
    last = {}
    for move in movements:
        assert move["because"].split(" ")[0] in ("order", "receipt", "planted", "upd_stock")
        last[move["sku_code"]] = move["stock"]
    for row in shop.get("state/stock")["rows"]:
        if row["item_sku_code"] in last:
            assert int(row["stock"]) == last[row["item_sku_code"]]


def test_a_stock_write_counts_once_and_is_told(start):
    shop = start("--clock", "frozen", "--scenario", "quiet", "--orders", "60")
    before = int(shop.rows("get_stock", sku_code="LF-0002")[0]["stock"])
    fresh = start("--clock", "frozen", "--scenario", "quiet", "--orders", "60")
    fresh.rows("upd_stock", sku_code="LF-0002", update_type="a", stock=5)
    assert int(fresh.rows("get_stock", sku_code="LF-0002")[0]["stock"]) == before + 5
    writes = [m for m in fresh.get("oracle")["stock_movements"] if m["because"] == "upd_stock"]
    assert [(m["sku_code"], m["quantity"]) for m in writes] == [("LF-0002", 5)]


def test_the_oracle_can_be_asked_for_some_orders_and_for_news_only(shop):
    everything = shop.get("oracle")
    wanted = [everything["orders"][3], everything["orders"][70]]
    numbers = [order["order_number"] for order in wanted]
    asked = shop.get("oracle?" + "&".join(f"order_number={n}" for n in numbers))
    assert asked["orders"] == wanted
    because = {move["because"] for move in asked["stock_movements"]}
    assert because == {f"order {n}" for n in numbers}
    news = shop.get("oracle?since=2026-05-20T09:00:00%2B09:00")
    late = [
        o for o in everything["orders"]
        if any(e["at"] >= "2026-05-20T09" for e in o["events"])
        or any(s[0] >= "2026-05-20T09" for p in o["packings"] for s in p["steps"])
    ]  # fmt: skip
    assert news["orders"] == late
    assert 0 < len(late) < len(everything["orders"])
    assert [pull["at"][11:16] for pull in news["pulls"]] == ["09:40", "10:40", "11:40"]
    for query in ("oracle?since=soon", "oracle?order_number=x", "state?at=soon"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            shop.get(query)
        assert refused.value.code == 400
        refused.value.close()


def test_the_streamed_oracle_is_the_whole_one():
    world = make()
    question = Question(EPOCH)
    parts = heading(world, question) | {k: list(v) for k, v in sections(world, question)}
    assert parts == truth(world, EPOCH)


def test_state_now_is_what_the_api_shows_without_personal_data(shop):
    def bare(rows):
        return [{k: v for k, v in row.items() if k not in PERSONAL} for row in rows]

    state = shop.get("state")
    assert (state["at"], state["kind"]) == ("2026-05-20T12:00:00+09:00", "orders")
    shown = shop.all_orders()
    assert state["rows"] == bare(shown)
    assert not {name for row in state["rows"] for name in row} & PERSONAL
    assert "client_name" in PERSONAL
    assert shop.get("state/orders")["rows"] == state["rows"]

    lines, components = defaultdict(list), defaultdict(list)
    for row in shop.get("state/lines")["rows"]:
        lines[row["order_number"]].append(row)
    for row in shop.get("state/components")["rows"]:
        components[row["order_number"], row["line_no"]].append(row)
    callable_orders = [row for row in shown if not row["bundle_ahead_number"]]
    assert set(lines) == {row["order_number"] for row in callable_orders}
    for row in callable_orders[::3]:
        number = row["order_number"]
        assert lines[number] == shop.rows("get_order_detail", order_number=number)
        for line in lines[number]:
            key = {"order_number": number, "line_no": line["line_no"]}
            if line["component_flag"] == "1":
                assert components[tuple(key.values())] == shop.rows("get_order_component", **key)
    assert shop.get("state/skus")["rows"][:3] == shop.rows("get_item_sku", item_code="AP-0001")[:3]
    assert len(shop.get("state/stock")["rows"]) == len(shop.get("state/skus")["rows"])


def test_state_of_the_past_is_what_the_api_showed_then(start):
    shop = start("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00", "--orders", "250")
    kinds = ("orders", "lines", "components", "stock")
    then = [shop.get(f"state/{kind}")["rows"] for kind in kinds]
    number = shop.rows("get_order")[9]["order_number"]
    shop.post("clock", advance_s=30 * HOUR_S)
    shop.rows("upd_order_phase", order_number=number, after_phase_name="完了")
    shop.rows("upd_stock", sku_code="LF-0001", update_type="u", stock=3)
    at = "at=2026-05-20T12:00:00%2B09:00"
    assert [shop.get(f"state/{kind}?{at}")["rows"] for kind in kinds] == then
    assert shop.get("state")["rows"] != then[0]
    assert shop.get("state?at=2099-01-01")["at"] == "2026-05-21T18:00:00+09:00"
    with pytest.raises(urllib.error.HTTPError) as refused:
        shop.get("state/people")
    assert refused.value.code == 404
    refused.value.close()


def test_a_month_watched_hour_by_hour_is_the_month_the_oracle_tells(sized):
    """Polls `updated_at` each hour for 30 days and compares with the truth, at the world's level."""
    world = make(orders=sized(150, 1500))
    seen, content, clash = defaultdict(list), {}, []
    last = EPOCH - 1
    for hour in range(30 * 24 + 1):
        at = EPOCH + hour * HOUR_S
        world.look(at)
        for row in poll(world, last + 1, at):
            key = (row[0], row[world_field("updated_at")])
            if content.setdefault(key, row) != row:
                clash.append(key)
            phase = row[world_field("phase_name")]
            if seen[row[0]][-1:] != [phase]:
                seen[row[0]].append(phase)
        last = at
    assert clash == []
    told = truth(world, last)["orders"]
    assert len([o for o in told if o["created_at"] > iso(EPOCH)]) >= 0.9 * world.plan.orders
    for order in told:
        lasting = lasting_phases(order, EPOCH, last)
        shown = seen[order["order_number"]]
        if order["updated_at"] >= iso(EPOCH):
            assert shown[-1] == order["phases"][-1]["phase"]
        rest = iter(shown)
        assert all(phase in rest for phase in lasting), (order, shown)


def world_field(name):
    return fields.ORDER.index(name)


def poll(world, first, at):
    """All rows of an `updated_at` window, page by page, as a client reads them."""
    window = {"updated_at_fr": [dashed_stamp(first)], "updated_at_to": [dashed_stamp(at)]}
    cursor = {}
    while True:
        page = matching_orders(world, Query({**window, **cursor}), at, 100)
        yield from (order_row(world, order, world.state(order.index)) for order in page)
        if len(page) < 100:
            return
        cursor = {"condition": ["1"], "order_number": [page[-1].number]}


def lasting_phases(order, start, end):
    """Phases entered after the start that an hourly look cannot have missed."""
    kept = []
    for span in order["phases"]:
        entered = instant(span["from"])
        left = instant(span["to"]) if span["to"] else end + 1
        first_look = start - (start - entered) // HOUR_S * HOUR_S
        if entered > start and first_look <= end and left > first_look:
            kept.append(span["phase"])
    return kept
