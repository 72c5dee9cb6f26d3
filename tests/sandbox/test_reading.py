"""Reads: envelope, paging, filters, lines, components, goods, bundles, field sets."""

import re
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET

import pytest

EPOCH = "2026-05-20T12:00:00+09:00"


@pytest.fixture(scope="module")
def sandbox(start):
    return start("--clock", "frozen", "--epoch", EPOCH)


@pytest.fixture(scope="module")
def orders(sandbox):
    return sandbox.all_orders()


def test_the_wire_form_is_the_vendors(sandbox, sign):
    text = sandbox.raw("get_order", sign("account=ill")).decode()
    assert text.startswith("<?xml version='1.0' encoding='UTF-8'?>\n<GetOrder version='1.0'>")
    assert '"' not in re.sub(r">[^<]*<", "><", text)
    assert re.findall(r"<Result No='(\d+)'>", text) == [str(n) for n in range(1, 101)]
    root = ET.fromstring(text)
    assert [child.tag for child in root[0]][:2] == ["ResultStatus", "Result"]
    assert [child.tag for child in root[0][0]] == ["GetStatus", "Message"]
    assert "<Message/>" in text
    assert "<terminal_type/>" in text


def test_update_replies_carry_their_own_status_word(sandbox, sign, envelope):
    body = sandbox.raw("upd_item", sign("account=ill"))
    assert b"<UpdItem version='1.0'>" in body
    assert b"<UpdStatus>error</UpdStatus>" in body
    for endpoint in ("upd_item_sku", "upd_item_attribute", "upd_service_status"):
        reply = envelope(sandbox.raw(endpoint, sign("account=ill")))
        assert "未実装" in reply.message
        assert "[sandbox]" in reply.message


@pytest.mark.parametrize("count", [100, 200])
def test_exactly_full_pages_are_followed_by_an_empty_one(start, count):
    sandbox = start("--clock", "frozen", "--scenario", "quiet", "--orders", str(count))
    after, sizes = {}, []
    for _ in range(5):
        page = sandbox.rows("get_order", condition=1, **after)
        sizes.append(len(page))
        if len(page) < 100:
            break
        after = {"order_number": page[-1]["order_number"]}
    assert sizes == [100] * (count // 100) + [0]


def test_rows_come_once_each_in_ascending_order_with_eight_digits(orders):
    numbers = [order["order_number"] for order in orders]
    assert len(numbers) == 640
    assert numbers == sorted(set(numbers))
    assert all(re.fullmatch(r"\d{8}", number) for number in numbers)


def test_condition_decides_what_an_order_number_means(sandbox, orders):
    middle = orders[50]["order_number"]
    later = [order["order_number"] for order in orders[51:151]]

    def numbers(**query):
        return [row["order_number"] for row in sandbox.rows("get_order", **query)]

    assert numbers(order_number=middle, condition=0) == [middle]
    assert numbers(order_number=middle, condition=1) == later
    assert numbers(order_number=middle.lstrip("0"), condition=1) == later
    assert numbers(order_number=middle) == [middle, *later[:99]]
    assert numbers(order_number="99999999", condition=1) == []
    assert sandbox.call("get_order", order_number=middle, condition=2).status == "error"


def test_an_empty_search_is_a_success(sandbox, sign):
    body = sandbox.raw("get_order", sign("account=ill&order_code=none"))
    assert b"TotalResult='0'" in body
    assert b"<GetStatus>success</GetStatus>" in body
    assert b"<Result " not in body


def test_filters_join_by_and_and_dates_are_inclusive_days(sandbox, orders):
    found = sandbox.all_orders(
        order_date_fr="2026-05-10", order_date_to="2026-05-11", cancel_flag=0, shop_code=1
    )
    expected = [
        o for o in orders
        if o["order_date"][:10] in ("2026/05/10", "2026/05/11")
        and o["cancel_flag"] == "0" and o["shop_code"] == "1"
    ]  # fmt: skip
    assert found == expected != []


def test_updated_at_windows_are_inclusive_and_take_dates_or_times(sandbox, orders):
    moment = orders[-30]["updated_at"].replace("/", "-")
    found = sandbox.all_orders(updated_at_fr=moment, updated_at_to=moment)
    assert orders[-30] in found
    day = sandbox.all_orders(updated_at_fr="2026-05-18", updated_at_to="2026-05-18")
    assert day == [o for o in orders if o["updated_at"].startswith("2026/05/18")] != []


@pytest.mark.parametrize(
    "query",
    [
        {"order_date_fr": "2026/05/10"},
        {"updated_at_fr": "2026-02-30"},
        {"updated_at_fr": "2026-05-10T00:00:00"},
        {"delivery_date": "x"},
        {"cancel_flag": "3"},
        {"order_number": "12a"},
        {"order_number": "9" * 5000},
    ],
)
def test_malformed_values_get_an_error_envelope(sandbox, query):
    reply = sandbox.call("get_order", **query)
    assert (reply.status, reply.rows) == ("error", [])
    assert reply.message.endswith("[sandbox]")


def test_every_flag_and_trap_occurs(orders):
    assert {order["cancel_flag"] for order in orders} == {"0", "1", "2"}
    assert {order["bundle_flag"] for order in orders} == {"0", "1"}
    assert any("\n" in order["order_memo"] for order in orders)
    assert any("&" in o["order_memo"] and "<" in o["order_memo"] for o in orders)
    assert {order["shop_code"] for order in orders} == {"1", "2", "3", "4"}
    cancelled = {order["phase_name"] for order in orders if order["cancel_flag"] == "2"}
    assert len(cancelled) >= 3


def test_buyers_are_obviously_invented(orders):
    assert all(order["client_mail"].endswith("@example.jp") for order in orders)
    assert {order["client_zip"] for order in orders} == {"000-0000"}
    assert all(order["client_tel"].startswith("000-") for order in orders)


def test_details_add_up_and_set_lines_have_components(sandbox, orders):
    sets = 0
    for order in [o for o in orders if not o["bundle_ahead_number"]][:60]:
        lines = sandbox.rows("get_order_detail", order_number=order["order_number"])
        assert [line["line_no"] for line in lines] == [str(n + 1) for n in range(len(lines))]
        for line in lines:
            assert int(line["amount"]) * int(line["unit_price"]) == int(line["amount_price"])
            parts = sandbox.rows(
                "get_order_component", order_number=order["order_number"], line_no=line["line_no"]
            )
            assert bool(parts) == (line["component_flag"] == "1")
            sets += bool(parts)
            assert all(part["set_item_code"] == line["item_code"] for part in parts)
    assert sets


def test_bundled_children_are_refused_and_travel_with_their_parent(sandbox, orders):
    children = [order for order in orders if order["bundle_ahead_number"]]
    assert children
    for child in children:
        number, ahead = child["order_number"], child["bundle_ahead_number"]
        for endpoint, extra in (("get_order_detail", {}), ("get_order_component", {"line_no": 1})):
            reply = sandbox.call(endpoint, order_number=number, **extra)
            assert (reply.status, reply.rows) == ("error", [])
            assert "同梱" in reply.message
        parent = sandbox.rows("get_order", order_number=ahead, condition=0)[0]
        lines = sandbox.rows("get_order_detail", order_number=ahead)
        total = sum(int(line["amount_price"]) for line in lines)
        both = int(parent["subtotal_price"]) + int(child["subtotal_price"])
        assert parent["bundle_flag"] == "1"
        assert total == both


def test_unknown_things_are_errors_with_the_right_text(sandbox):
    assert sandbox.call("get_stock", item_code="none").message == "商品コードが見つかりません。"
    for call in (
        sandbox.call("get_stock", sku_code="none"),
        sandbox.call("get_stock", jan_code="none"),
        sandbox.call("get_stock"),
        sandbox.call("get_order_detail", order_number="1"),
        sandbox.call("get_order_component", order_number="1", line_no="1"),
    ):
        assert call.status == "error"
        assert call.message.endswith("[sandbox]")


def test_goods_have_the_promised_variety(sandbox):
    items = sandbox.rows("get_item", condition=1, sort_type=0)
    codes = [item["item_code"] for item in items]
    assert codes == sorted(codes)
    assert len(items) >= 60
    skus = [s for code in codes for s in sandbox.rows("get_item_sku", item_code=code)]
    assert len(skus) >= 150
    groups = {(bool(i["attribute1_name"]), bool(i["attribute2_name"])) for i in items}
    assert groups == {(True, True), (True, False), (False, False)}
    jans = [sku["jan_code"] for sku in skus if sku["jan_code"]]
    assert len(jans) < len(skus)
    again = [sku for sku in skus if sku["item_code"].startswith("TK-") and sku["jan_code"]]
    assert len(set(jans)) == len(jans) - len(again) - 1
    for jan in jans:
        figures = [int(figure) for figure in jan]
        assert sum(figures[::2]) % 10 == (-3 * sum(figures[1::2])) % 10


def test_items_page_by_code(sandbox):
    items = sandbox.rows("get_item", condition=1)
    code = items[20]["item_code"]
    assert sandbox.rows("get_item", condition=1, item_code=code) == items[21:]
    assert sandbox.rows("get_item", item_code=code) == [items[20]]
    kinds = sandbox.rows("get_item_attribute", item_code="AP-0001", attribute_type=2)
    assert [kind["attribute_name"] for kind in kinds] == ["Sサイズ", "Mサイズ", "Lサイズ"]


def test_stock_is_found_by_three_keys_and_narrowed_by_attribute_names(sandbox):
    sku = sandbox.rows("get_item_sku", item_code="AP-0002")[4]
    by_code = sandbox.rows("get_stock", sku_code=sku["item_sku_code"])
    narrowed = sandbox.rows(
        "get_stock", item_code="AP-0002",
        attribute1_name=sku["attribute1_name"], attribute2_name=sku["attribute2_name"],
    )  # fmt: skip
    assert by_code == narrowed
    assert len(by_code) == 1
    assert "item_code" not in by_code[0]
    if sku["jan_code"]:
        assert by_code[0] in sandbox.rows("get_stock", jan_code=sku["jan_code"])
    assert len(sandbox.rows("get_stock", item_code="AP-0002")) == 9


def test_some_stock_is_negative(sandbox):
    codes = [item["item_code"] for item in sandbox.rows("get_item", condition=1)]
    levels = [int(r["stock"]) for c in codes for r in sandbox.rows("get_stock", item_code=c)]
    assert min(levels) < 0 < max(levels)


def test_the_diff_feeds_page_by_time(sandbox):
    for endpoint in ("get_diff_stock", "get_diff_item_sku"):
        first = sandbox.rows(endpoint, updated_at_fr="2020-01-01")
        times = [row["updated_at"] for row in first]
        assert len(first) == 100
        assert times == sorted(times)
        last = times[-1].replace("/", "-")
        rest = sandbox.rows(endpoint, updated_at_fr=last, condition=1)
        assert all(row["updated_at"] > times[-1] for row in rest)
        assert sandbox.call(endpoint).status == "error"
        assert sandbox.rows(endpoint, updated_at_fr="2099-01-01") == []


def test_the_old_field_set_ends_where_older_accounts_end(start, sandbox):
    old = start("--field-set", "old", "--clock", "frozen", "--epoch", EPOCH)
    before, now = old.rows("get_order")[0], sandbox.rows("get_order")[0]
    names = list(before)
    assert names[-1] == "updated_at"
    assert "order_option6" in names
    assert "order_option7" not in names
    assert [name for name in now if name in before] == names
    assert {name: now[name] for name in names} == before
    number = before["order_number"]
    lines = old.rows("get_order_detail", order_number=number)
    assert list(lines[0])[-1] == "lead_time_text"


def test_only_get_is_answered_and_only_known_endpoints(sandbox, sign):
    for method, path, status in (
        ("POST", "get_order", 405), ("PUT", "get_order", 405), ("HEAD", "get_order", 405),
        ("GET", "get_orders", 404), ("GET", "", 404),
    ):  # fmt: skip
        url = f"{sandbox.url}/{path}?{sign('account=ill')}"
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(url, method=method))
        assert refused.value.code == status
        refused.value.close()
