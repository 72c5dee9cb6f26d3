"""The fidelity checklist of the API notes (section 10), point by point; DEEPER names what goes further."""

import re
import urllib.error
import urllib.request
from pathlib import Path

import pytest

HERE = Path(__file__).parent
EPOCH = "2026-05-20T12:00:00+09:00"
DEEPER = {
    1: "test_only_get_is_answered_and_only_known_endpoints",
    2: "test_a_signature_that_does_not_fit_the_raw_query_is_refused",
    3: "test_a_refused_address_stays_refused_whatever_headers_say",
    4: "test_the_wire_form_is_the_vendors",
    5: "test_filters_join_by_and_and_dates_are_inclusive_days",
    6: "test_unknown_things_are_errors_with_the_right_text",
    7: "test_condition_decides_what_an_order_number_means",
    8: "test_stock_is_opening_plus_receipts_minus_imported_orders",
    9: "test_bundled_children_are_refused_and_travel_with_their_parent",
    10: "test_a_time_slot_follows_by_name_or_is_refused_or_unset",
    11: "test_every_fault_strikes_and_leaves_the_shop_able_to_answer",
    12: "test_the_old_field_set_ends_where_older_accounts_end",
    13: "test_risky_calls_are_flagged_in_the_log",
}


@pytest.fixture(scope="module")
def shop(start):
    return start("--clock", "frozen", "--epoch", EPOCH, "--orders", "260")


@pytest.fixture(scope="module")
def orders(shop):
    return shop.all_orders()


def one(shop, number):
    return shop.rows("get_order", order_number=number, condition=0)[0]


def test_every_point_names_a_test_that_goes_further_and_exists():
    tests = "\n".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    assert sorted(DEEPER) == list(range(1, 14))
    for name in DEEPER.values():
        assert re.search(rf"^def {name}\(", tests, re.MULTILINE), name


def test_point_1_get_only_and_405_for_other_methods(shop, sign):
    for method in ("POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"):
        request = urllib.request.Request(
            f"{shop.url}/get_phase?{sign('account=ill')}", method=method
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request)
        assert refused.value.code == 405
        refused.value.close()


def test_point_2_the_signature_is_over_the_raw_query_in_its_order_and_lower_case(
    shop, sign, envelope
):
    good = sign("account=ill&cancel_flag=0&shop_code=1")
    signing = good.rpartition("=")[2]
    assert signing == signing.lower()
    assert envelope(shop.raw("get_order", good)).status == "success"
    for bad in (
        f"account=ill&shop_code=1&cancel_flag=0&signing={signing}",
        good.replace(signing, signing.upper()),
        good.replace("shop_code=1", "shop_code=%31"),
    ):
        assert "認証エラー" in envelope(shop.raw("get_order", bad)).message


def test_point_3_the_address_list_has_three_meanings_and_at_most_24_entries(shop):
    for allowed, answered in (
        ([], True), (["0.0.0.0"], False), (["192.0.2.1"], False), (["127.0.0.1"], True),
        ([f"192.0.2.{n}" for n in range(23)] + ["127.0.0.1"], True),
    ):  # fmt: skip
        shop.post("settings", allow_ip=allowed)
        assert (shop.call("get_phase").status == "success") == answered
    with pytest.raises(urllib.error.HTTPError) as refused:
        shop.post("settings", allow_ip=[f"192.0.2.{n}" for n in range(25)])
    refused.value.close()
    shop.post("settings", allow_ip=[])


def test_point_4_every_reply_has_the_vendors_form(shop, sign):
    number = shop.rows("get_order")[0]["order_number"]
    for endpoint, query in (
        ("get_order", ""), ("get_order_detail", f"&order_number={number}"), ("get_phase", ""),
        ("get_order_component", f"&order_number={number}&line_no=1"),
        ("get_stock", "&item_code=AP-0001"), ("get_item", "&condition=1"),
        ("get_item_sku", "&item_code=AP-0001"), ("get_service_status", ""),
        ("get_item_attribute", "&item_code=AP-0001&attribute_type=1"),
        ("get_diff_stock", "&updated_at_fr=2020-01-01"),
        ("get_diff_item_sku", "&updated_at_fr=2020-01-01"),
    ):  # fmt: skip
        text = shop.raw(endpoint, sign(f"account=ill{query}")).decode()
        root = "".join(part.capitalize() for part in endpoint.split("_"))
        start = f"<?xml version='1.0' encoding='UTF-8'?>\n<{root} version='1.0'>\n  <ResultSet TotalResult='"
        assert text.startswith(start)
        assert text.index("<ResultStatus>") < text.find("<Result No=") % (len(text) + 1)
        assert "<GetStatus>success</GetStatus>\n      <Message/>" in text
        assert not re.search(r"<(\w+)></\1>", text)
        rows = re.findall(r"<Result No='\d+'>(.*?)</Result>", text, re.DOTALL)
        names = {tuple(re.findall(r"^      <(\w+)", row, re.MULTILINE)) for row in rows}
        assert len(names) <= 1


def test_point_5_pages_of_100_ascend_and_filters_join(shop, orders):
    assert len(shop.rows("get_order")) == 100
    numbers = [int(order["order_number"]) for order in orders]
    assert numbers == sorted(numbers)
    codes = [item["item_code"] for item in shop.rows("get_item", condition=1)]
    assert codes == sorted(codes)
    both = shop.all_orders(order_date_fr="2026-05-18", order_date_to="2026-05-18", shop_code=1)
    assert both == [
        o for o in orders if o["order_date"].startswith("2026/05/18") and o["shop_code"] == "1"
    ]
    assert both


def test_point_6_an_empty_search_succeeds_and_an_unknown_item_has_its_exact_text(shop):
    empty = shop.call("get_order", order_code="none")
    assert (empty.status, empty.rows) == ("success", [])
    unknown = shop.call("get_stock", item_code="none")
    assert (unknown.status, unknown.message) == ("error", "商品コードが見つかりません。")


def test_point_7_numbers_have_eight_digits_and_cursors_compare_as_numbers(shop, orders):
    assert all(re.fullmatch(r"\d{8}", order["order_number"]) for order in orders)
    number = orders[10]["order_number"]
    for written in (number, number.lstrip("0"), f"0000{number}"):
        assert shop.rows("get_order", order_number=written, condition=1)[0] == orders[11]


def test_point_8_stock_may_be_negative_and_sets_follow_their_components(start):
    shop = start("--clock", "frozen", "--scenario", "quiet", "--orders", "60")
    skus = {row["item_sku_code"]: row for row in shop.get("state/skus")["rows"]}

    def level(code):
        return int(shop.rows("get_stock", sku_code=code)[0]["stock"])

    parts = {"LF-0004": 1, "LF-0005": 1}  # ST-0001 holds one of each
    shop.rows("upd_stock", sku_code="LF-0004", update_type="u", stock=7)
    shop.rows("upd_stock", sku_code="LF-0005", update_type="u", stock=50)
    keep = {code: int(skus[code]["keep_stock"]) for code in (*parts, "ST-0001")}
    sets = min((level(code) - keep[code]) // count for code, count in parts.items())
    assert level("ST-0001") == sets - keep["ST-0001"]
    shop.rows("upd_stock", sku_code="LF-0004", update_type="u", stock=-3)
    assert level("LF-0004") == -3
    assert level("ST-0001") == -3 - keep["LF-0004"] - keep["ST-0001"]


def test_point_9_detail_and_component_calls_refuse_bundled_children(start):
    shop = start("--scenario", "example", "--clock", "frozen", "--epoch", EPOCH)
    children = [row for row in shop.all_orders() if row["bundle_ahead_number"]]
    assert children
    for endpoint, extra in (("get_order_detail", {}), ("get_order_component", {"line_no": 1})):
        reply = shop.call(endpoint, order_number=children[0]["order_number"], **extra)
        assert (reply.status, reply.rows) == ("error", [])


def test_point_10_any_phase_may_follow_any_and_the_update_time_moves(shop):
    phases = [row["phase_name"] for row in shop.rows("get_phase")]
    number = shop.rows("get_order", phase_name="完了")[0]["order_number"]
    for phase in (phases[0], phases[-1], phases[0], phases[0]):
        shop.post("clock", advance_s=1)
        shop.rows("upd_order_phase", order_number=number, after_phase_name=phase)
        order = one(shop, number)
        now = shop.get("clock")["now"][:19].replace("-", "/").replace("T", " ")
        assert (order["phase_name"], order["updated_at"]) == (phase, now)
    refused = shop.call("upd_order_phase", order_number=number, after_phase_name="無い")
    assert refused.status == "error"


def test_point_11_faults_can_be_switched_on_and_off(shop, sign):
    shop.post("faults", auth_error=1)
    assert "認証エラー" in shop.call("get_phase").message
    shop.post("faults", auth_error=0, html=1)
    assert b"<html" in shop.raw("get_phase", sign("account=ill"))
    shop.post("faults", html=0)
    assert shop.call("get_phase").status == "success"


def test_point_12_the_old_field_set_is_a_subset_in_the_same_order(start, shop):
    old = start("--field-set", "old", "--clock", "frozen", "--epoch", EPOCH, "--orders", "260")
    newer = list(shop.rows("get_order")[0])
    older = list(old.rows("get_order")[0])
    assert older == [name for name in newer if name in older]
    assert older[-1] == "updated_at"
    assert set(newer) - set(older)


def test_point_13_the_log_masks_signatures_and_flags_risky_calls(shop, sign):
    shop.post("requests/reset")
    query = sign("account=ill&order_number=10300")
    shop.raw("get_order", query)
    shop.rows("get_order", condition=1, order_number="10300")
    report = shop.get("requests")
    assert query.rpartition("=")[2] not in str(report)
    assert [entry["flags"] for entry in report["requests"]] == [
        ["order_number_without_condition"], [],
    ]  # fmt: skip


def test_the_diff_feeds_page_by_time_strictly_and_order_by_update(start):
    shop = start("--clock", "frozen", "--epoch", EPOCH, "--orders", "500")
    for endpoint in ("get_diff_stock", "get_diff_item_sku"):
        found, after = [], {"updated_at_fr": "2020-01-01"}
        while page := shop.rows(endpoint, **after):
            assert len(page) <= 100
            found += page
            after = {"updated_at_fr": page[-1]["updated_at"].replace("/", "-"), "condition": 1}
        times = [row["updated_at"] for row in found]
        assert times == sorted(times)
        exact = times[7].replace("/", "-")
        loose = shop.rows(endpoint, updated_at_fr=exact)
        strict = shop.rows(endpoint, updated_at_fr=exact, condition=1)
        assert loose[0]["updated_at"] == times[7]
        assert all(row["updated_at"] > times[7] for row in strict)
        window = shop.rows(endpoint, updated_at_fr=exact, updated_at_to=exact)
        assert [row["updated_at"] for row in window] == [times[7]] * times.count(times[7])

    def news():
        rows = shop.rows("get_diff_stock", updated_at_fr="2026-05-20 12:00:00")
        return {row["item_cd"]: row["stock"] for row in rows}

    before = news()
    assert "LF-0010" not in before
    shop.rows("upd_stock", sku_code="LF-0010", update_type="u", stock=1)
    assert news() == before | {"LF-0010": "1"}


def test_attributes_and_services_are_told_completely(shop):
    kinds = {}
    for item in ("AP-0001", "GD-0001", "LF-0001"):
        kinds[item] = [
            len(shop.rows("get_item_attribute", item_code=item, attribute_type=n)) for n in (1, 2)
        ]
    assert kinds == {"AP-0001": [4, 3], "GD-0001": [4, 0], "LF-0001": [0, 0]}
    colours = shop.rows("get_item_attribute", item_code="AP-0001", attribute_type=1)
    assert colours[0] == {
        "item_code": "AP-0001", "attribute_type": "1", "attribute_code": "WH",
        "attribute_name": "ホワイト",
    }  # fmt: skip
    for query in ({"item_code": "none", "attribute_type": 1}, {"item_code": "AP-0001"}):
        assert shop.call("get_item_attribute", **query).status == "error"
    assert shop.call("get_item_attribute", item_code="AP-0001", attribute_type=3).status == "error"
    assert shop.rows("get_service_status") == [
        {"service_type": "1", "service_status": "3"}, {"service_type": "2", "service_status": "3"},
    ]  # fmt: skip
    assert len(shop.rows("get_service_status", service_type=2)) == 1
    assert shop.call("get_service_status", service_type=5).status == "error"
