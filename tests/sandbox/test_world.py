"""The shop as a function of seed, scenario, epoch and time; its stock; its two halves."""

import json
from collections import defaultdict

import pytest

from crossmall.sandbox.clock import Clock, instant, iso, jst_midnight
from crossmall.sandbox.exports import ENCODINGS, export, shelf_counts
from crossmall.sandbox.oracle import truth
from crossmall.sandbox.scenario import (
    FOLDER,
    ScenarioError,
    load_scenario,
    read_scenario,
    scenario_names,
)
from crossmall.sandbox.stock import order_pieces
from crossmall.sandbox.world import OutOfRangeError, Plan, World

EPOCH = instant("2026-05-20T12:00:00+09:00")
HOUR_S = 3600


def make(scenario="demo", seed=1, epoch=EPOCH, orders=640):
    return World(Plan(seed=seed, scenario=load_scenario(scenario), epoch=epoch, orders=orders))


def test_the_same_arguments_and_a_later_clock_tell_the_same_story():
    later = EPOCH + 100 * HOUR_S
    straight, stepped = make(), make()
    for hours in range(0, 100, 7):
        stepped.look(EPOCH + hours * HOUR_S)
        stepped.stock(EPOCH + hours * HOUR_S)
    assert truth(straight, later) == truth(stepped, later)
    for sku in straight.catalogue.skus:
        assert straight.stock(later).level(sku, later) == stepped.stock(later).level(sku, later)


def test_the_clock_can_go_back_to_the_same_past():
    world = make()
    then = json.dumps(truth(world, EPOCH))
    truth(world, EPOCH + 50 * HOUR_S)
    assert json.dumps(truth(world, EPOCH)) == then


def test_another_seed_is_another_shop():
    assert truth(make(seed=1), EPOCH)["orders"] != truth(make(seed=2), EPOCH)["orders"]


def test_a_restarted_process_continues_where_the_first_one_would_be(start):
    options = ("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00", "--seed", "3")
    first = start(*options)
    first.post("clock", advance_s=30 * HOUR_S)
    second = start(*options, "--start", "2026-05-21T18:00:00+09:00")
    assert first.get("clock")["now"] == second.get("clock")["now"]
    assert first.all_orders() == second.all_orders()
    assert first.file("stock")[0] == second.file("stock")[0]


def test_the_shop_lives_on_after_the_epoch():
    world = make()
    before, after = world.look(EPOCH), world.look(EPOCH + 72 * HOUR_S)
    assert 30 < after - before < 100
    last = world.orders[after - 1]
    assert last.created_at > EPOCH + 60 * HOUR_S
    moved = {world.state(index).phase_name for index in range(before, after)}
    assert {"発送待機", "QXPRESS発送済み"} <= moved


@pytest.mark.parametrize("orders", [1, 60, 640, 5000])
def test_the_history_has_as_many_orders_as_asked_but_room_for_the_planted_ones(orders):
    world = make(orders=orders)
    made = world.look(EPOCH)
    planted = sum(1 for order in world.orders[:made] if order.planted)
    assert planted == 30 + 3 + 3 + 2
    assert made == max(orders, planted + 3 + 3)  # companions of F03, orders on hold


def test_numbers_and_import_times_ascend_together():
    world = make(orders=3000)
    world.look(EPOCH + 48 * HOUR_S)
    pairs = [(int(order.number), order.created_at) for order in world.orders]
    assert pairs == sorted(pairs)
    assert len({order.code for order in world.orders}) == len(pairs) - 1  # one shared code
    assert len({p.number for o in world.orders for p in o.packings}) == sum(
        len(o.packings) for o in world.orders
    )


def test_stock_is_opening_plus_receipts_minus_imported_orders():
    world = make("quiet", orders=900)
    at = EPOCH + 30 * HOUR_S
    count = world.look(at)
    taken = defaultdict(int)
    for order in world.orders[:count]:
        if world.state(order.index).cancel_flag != 2:
            for sku, pieces in order_pieces(world.catalogue, order):
                taken[sku] += pieces
    book, weeks = world.stock(at), 0
    for sku in world.catalogue.skus:
        if sku.components:
            sellable = min(
                (book.level(world.catalogue.skus[i], at) - world.catalogue.skus[i].keep_stock) // n
                for i, n in sku.components
            )
            assert book.level(sku, at) == sellable - sku.keep_stock
            continue
        rest = book.level(sku, at) - (sku.opening - taken[sku.index])
        assert rest == 0 if not sku.receipt else rest % sku.receipt == 0
        weeks += rest > 0
    assert weeks


def test_both_stock_figures_differ_only_by_what_the_warehouse_has_not_seen():
    world = make("quiet", orders=900)
    count = world.look(EPOCH)
    waiting = defaultdict(int)
    for order in world.orders[:count]:
        live = world.state(order.index).cancel_flag != 2
        root = world.orders[order.parent] if order.parent is not None else order
        pulled = any(p.registered_at <= EPOCH for p in root.packings)
        for sku, pieces in order_pieces(world.catalogue, order):
            waiting[sku] += pieces * (live - pulled)
    shelves = shelf_counts(world, EPOCH)
    assert any(waiting.values())
    for sku in world.catalogue.skus:
        if not sku.components:
            level = world.stock(EPOCH).level(sku, EPOCH)
            shelf = shelves[sku.index]
            assert level == shelf.on_hand - shelf.reserved - waiting[sku.index]
            assert shelf.available == max(shelf.on_hand - shelf.reserved, 0)


def test_planted_stock_gaps_are_visible_from_both_sides():
    world, plain = make(), make("f01")
    assert sorted({gap.kind for gap in world.gaps}) == [
        "damaged", "failing", "keep_minimum", "late_receipt", "no_figure", "not_received", "not_synced", "orphaned",
        "overwritten", "pushed_over", "safety", "second_house", "switched_off", "unlimited", "wrong_link",
    ]  # fmt: skip
    assert plain.gaps == ()
    shelves = shelf_counts(world, EPOCH)
    for gap in world.gaps:
        assert shelves[gap.sku].damaged == gap.damaged
        assert shelves[gap.sku].inbound == gap.inbound


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_file_can_be_written_in_both_encodings(encoding):
    world = make()
    for kind in ("orders", "skus", "mappings", "stock", "stock-second", "sync-log"):
        body = export(world, kind, EPOCH, encoding).body
        assert body.decode(encoding).encode(encoding) == body
        assert body.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")


def test_a_file_of_the_past_shows_the_past():
    world = make()
    past = export(world, "orders", EPOCH - 24 * HOUR_S, "utf-8-sig")
    assert past.snapshot_at == iso(EPOCH - 24 * HOUR_S) == past.coverage_to
    fresh = World(world.plan)
    assert past == export(fresh, "orders", EPOCH - 24 * HOUR_S, "utf-8-sig")
    assert len(past.body) < len(export(world, "orders", EPOCH, "utf-8-sig").body)


def test_links_carry_each_planted_near_miss(start):
    sandbox = start("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00")
    goods, jans = {}, {}
    for item in sandbox.rows("get_item", condition=1):
        for sku in sandbox.rows("get_item_sku", item_code=item["item_code"]):
            names = [n for n in (sku["attribute1_name"], sku["attribute2_name"]) if n]
            jans[sku["item_sku_code"]] = sku["jan_code"]
            goods[sku["item_sku_code"]] = (item["item_code"], item["item_name"], ",".join(names))
    rows, _ = sandbox.file("mappings")
    linked = defaultdict(set)
    for row in rows:
        text = (row["商品番号"], row["商品名"], row["オプション値"])
        linked[row["販売者コード"]].add(text)
    planted = defaultdict(list)
    for link in sandbox.get("oracle")["links"]:
        planted[link["kind"]].append(link["sku_no"])
    skus = {row["SKU番号"]: row["販売者コード"] for row in sandbox.file("skus")[0]}
    wanted = dict.fromkeys(planted, 2) | {"ambiguous": 4}
    assert {kind: len(numbers) for kind, numbers in planted.items()} == wanted
    assert len(planted) == 25
    listed = set(skus.values())
    differing = {code for code, text in goods.items() if linked[code] != {text}}
    kinds = set(planted) - {"duplicate", "stale", "unlisted"}
    codes = {skus[number].removesuffix("-2") for kind in kinds for number in planted[kind]}
    assert differing & listed == codes
    again = {code for code, text in goods.items() if text[0].startswith("TK-")}
    assert len(differing - listed - again) == 2
    assert len(again) == 2
    assert not set(planted["unlisted"]) & set(skus)
    for number in planted["twice"]:  # wanted by two products, held by the text of neither
        barcodes = [code for code in goods if jans[code] == jans[skus[number]]]
        assert len(barcodes) == 2
        assert not linked[skus[number]] & {goods[code] for code in barcodes}
    for number in planted["missing"]:
        assert not linked[skus[number]]
    for number in planted["ambiguous"]:
        assert linked[skus[number]] == linked[skus[number].removesuffix("-2")]
    for number in planted["stale"]:
        assert all(text[0].startswith("OLD-") for text in linked[skus[number]])
    for number in planted["duplicate"]:
        assert linked[skus[number]] == {goods[skus[number].removesuffix("-2")]}


def test_scenario_files_are_all_readable_and_wrong_ones_say_why():
    assert {"demo", "quiet", "f01", "f06", "f27"} <= set(scenario_names())
    for name in scenario_names():
        assert load_scenario(name).title
    for table in (
        {"plants": {"F99": 1}}, {"plants": {"F01": -1}}, {"plants": {"F04": 1}}, {"x": 1},
        {"phases": []}, {"phases": ["a", "a"]}, {"disconnected": [{"shop": "4"}]},
        {"disconnected": [{"shop": "9", "days_before": 3}]}, {"plants": {"F01": 51}},
    ):  # fmt: skip
        with pytest.raises(ScenarioError):
            read_scenario("test", table)
    with pytest.raises(ScenarioError, match="unknown scenario"):
        load_scenario("../demo")


def test_a_scenario_file_of_ones_own_is_taken_by_path(tmp_path, start):
    path = tmp_path / "mine.toml"
    path.write_text('title = "own"\n[plants]\nF05 = 7\n', encoding="utf-8")
    sandbox = start("--scenario", str(path))
    assert len(sandbox.get("oracle")["planted"]["F05"]) == 7


def test_a_shop_too_far_from_its_epoch_is_refused():
    with pytest.raises(OutOfRangeError):
        make().look(EPOCH + 500 * 24 * HOUR_S)


def test_the_clock_freezes_runs_fast_and_jumps():
    clock = Clock(EPOCH, frozen=True)
    assert clock.now() == EPOCH
    clock.advance(60)
    assert clock.now() == EPOCH + 60
    clock.set_to(EPOCH)
    clock.run_at(1_000_000)
    assert clock.now() == EPOCH
    clock.freeze(False)
    first = clock.now()
    while clock.now() == first:
        pass
    assert clock.now() > first
    with pytest.raises(ValueError, match="above 0"):
        clock.run_at(0)
    assert iso(jst_midnight(EPOCH)) == "2026-05-20T00:00:00+09:00"


def test_the_sandbox_says_where_it_may_differ():
    text = (FOLDER.parent / "DIFFERENCES.md").read_text(encoding="utf-8")
    for mark in ("[S]", "[I]", "[D]"):
        assert mark in text


def test_a_renamed_product_had_its_former_name_in_older_orders(start):
    sandbox = start("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00")
    codes = [x["item_code"] for x in sandbox.get("oracle")["links"] if x["kind"] == "renamed"]
    present = {code: sandbox.rows("get_item", item_code=code)[0]["item_name"] for code in codes}
    names = defaultdict(set)
    for order in sandbox.all_orders():
        if not order["bundle_ahead_number"]:
            for line in sandbox.rows("get_order_detail", order_number=order["order_number"]):
                is_old = order["order_date"] < "2026/05/18 12:00:00"
                names[line["item_code"], is_old].add(line["item_name"])
    linked = {row["商品番号"]: row["商品名"] for row in sandbox.file("mappings")[0]}
    for code in codes:
        former = f"新発売 {present[code]}"
        assert linked[code] == former
        assert names[code, True] <= {former}
        assert names[code, False] <= {present[code]}
    assert any(names[code, True] for code in codes)
