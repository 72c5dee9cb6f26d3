"""Facts seen at the real service ([S] of the API notes, sections 3 to 8) that no other test proves; see facts.toml."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from crossmall import endpoints, errors, goods, wire
from crossmall.approval import AllowWrites
from crossmall.client import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, Client
from crossmall.pacing import DEFAULT_RATE_PER_S
from crossmall.retry import RetryPolicy
from crossmall.types import Credentials, OrderQuery, Secret

Envelope = Callable[..., bytes]


@pytest.fixture(scope="module")
def shop(start_shop: Callable[..., Any]) -> Any:
    return start_shop("--orders", "330", "--epoch", "2026-05-20T12:00:00+09:00")


@pytest.fixture(scope="module")
def small(start_shop: Callable[..., Any]) -> Any:
    return start_shop("--orders", "90", "--epoch", "2026-05-20T12:00:00+09:00")


@pytest.fixture(scope="module")
def orders(shop: Any) -> Any:
    with shop.client() as client:
        return [order for page in client.orders(OrderQuery()) for order in page.rows]


def test_all_eighteen_endpoints_are_known_by_name() -> None:
    """3: endpoint names."""
    known = endpoints.ENDPOINTS.keys() | endpoints.NOT_IMPLEMENTED.keys()
    assert len(known) == 18
    assert not endpoints.ENDPOINTS.keys() & endpoints.NOT_IMPLEMENTED.keys()


def test_a_page_has_a_hundred_rows_where_the_notes_say_so() -> None:
    """3: rows per call."""
    paged = {name for name, row in endpoints.ENDPOINTS.items() if row.page_size == 100}
    assert paged == {"get_order", "get_item", "get_diff_stock", "get_diff_item_sku"}
    others = [row.page_size for name, row in endpoints.ENDPOINTS.items() if name not in paged]
    assert others == [None] * len(others)


def test_no_change_can_cancel_an_order_or_touch_its_address_or_amounts() -> None:
    """3, 4.3: what the API does not offer."""
    offered = {
        name for row in endpoints.ENDPOINTS.values() if row.is_update for name in row.parameters
    }
    assert not [n for n in offered if n.startswith(("cancel", "ship_", "client_")) or "price" in n]


def test_only_the_account_is_needed_to_read_orders_and_the_first_page_ascends(
    desk: Any, envelope: Envelope, shop: Any
) -> None:
    """3.1, 2: all parameters are optional; rows come in ascending 管理番号."""
    desk.answers = [httpx.Response(200, content=envelope())]
    with desk.client() as client:
        client.order_page(OrderQuery())
    assert set(desk.requests[0].url.params) == {"account", "signing"}
    with shop.client() as client:
        numbers = [int(order.order_number) for order in client.order_page(OrderQuery()).rows]
    assert len(numbers) == 100
    assert numbers == sorted(set(numbers))


def test_equals_and_strictly_greater_are_told_apart(shop: Any, orders: Any) -> None:
    """3.1: condition."""
    number = orders[5].order_number
    with shop.client() as client:
        equal = client.order_page(OrderQuery(order_number=number, condition=0))
        greater = client.order_page(OrderQuery(order_number=number, condition=1))
    assert [order.order_number for order in equal.rows] == [number]
    assert greater.rows[0].order_number == orders[6].order_number


def test_the_same_day_twice_means_that_day(shop: Any, orders: Any) -> None:
    """3.1: 注文日 is inclusive at both ends."""
    day = (orders[50].ordered_at + timedelta(hours=9)).date()
    with shop.client() as client:
        query = OrderQuery(order_date_from=day, order_date_to=day)
        found = [o.order_number for page in client.orders(query) for o in page.rows]
    assert found == [
        o.order_number for o in orders if (o.ordered_at + timedelta(hours=9)).date() == day
    ]


def test_filters_are_joined_by_and_and_held_or_cancelled_orders_come_unasked(
    shop: Any, orders: Any
) -> None:
    """3.1, 4.3: filters; cancel_flag 0 通常, 1 保留, 2 キャンセル."""
    assert {order.cancel_flag for order in orders} == {0, 1, 2}
    with shop.client() as client:
        for flag in (0, 1, 2):
            phase = next(o.phase_name for o in orders if o.cancel_flag == flag)
            query = OrderQuery(cancel_flag=flag, phase_name=phase)
            found = [o.order_number for page in client.orders(query) for o in page.rows]
            assert found == [
                o.order_number for o in orders if (o.cancel_flag, o.phase_name) == (flag, phase)
            ]


def test_marks_two_and_three_filter_orders_and_are_written_one_by_one(
    shop: Any, orders: Any
) -> None:
    """3.1, 3.5, 4.5: check marks."""
    leave = AllowWrites(approved_by="a", plan_id="p", journal=lambda _: None)
    with shop.client(allow_writes=leave) as client:
        for mark, order in ((2, orders[7]), (3, orders[8])):
            assert client.update_check_mark(order.order_number, mark, 1).state == "applied"
            query = OrderQuery(**{f"check_mark{mark}": 1})
            found = [o.order_number for page in client.orders(query) for o in page.rows]
            assert found == [order.order_number]
            result = client.update_check_mark(order.order_number, mark, 0)
            assert (result.state, result.reason) == ("applied", "confirmed")


def test_lines_are_counted_by_amount_and_priced_per_piece(shop: Any, orders: Any) -> None:
    """3.2: amount, unit_price, amount_price, component_flag and jan_cd of lines."""
    seen, several, sets = 0, 0, 0
    with shop.client() as client:
        for order in [o for o in orders if not o.is_bundled_child][:50]:
            lines = client.order_lines(order.order_number).rows
            assert [line.line_no for line in lines] == list(range(1, len(lines) + 1))
            for line in lines:
                assert line.unit_price is not None
                assert line.amount_price == line.unit_price * line.amount
                assert not (line.component_flag and line.jan_code)
                sets += line.component_flag
                several += line.amount > 1
                seen += 1
    assert seen > 50
    assert several
    assert sets


def test_a_bundled_childs_lines_and_parts_are_refused_and_its_parents_are_not(
    shop: Any, orders: Any
) -> None:
    """3.2, 3.3, 4.4: 同梱子."""
    child = next(order for order in orders if order.is_bundled_child)
    with shop.client() as client:
        with pytest.raises(errors.ApiError):
            client.order_lines(child.order_number)
        with pytest.raises(errors.ApiError):
            client.order_components(child.order_number, 1)
        assert client.order_lines(child.bundle_ahead_number).rows


def test_the_parts_of_a_set_come_under_their_own_names(envelope: Envelope) -> None:
    """3.3: fields of get_order_component."""
    row = {
        "order_number": "00000001",
        "line_no": "2",
        "set_item_code": "set-1",
        "item_code": "part-1",
        "item_name": "部品",
        "attribute1_code": "WH",
        "attribute1_name": "ホワイト",
        "attribute2_code": "",
        "attribute2_name": "",
        "component_count": "3",
        "jan_cd": "4900000000000",
    }
    page = wire.read_order_components(envelope(row))
    assert not page.unknown_fields
    (part,) = page.rows
    assert (part.set_item_code, part.item_code, part.component_count) == ("set-1", "part-1", 3)
    assert part.jan_code == "4900000000000"


def test_a_phase_move_may_go_anywhere_and_to_where_the_order_is(shop: Any, orders: Any) -> None:
    """3.4: after_phase_name may equal the present phase; only shipping data are written then."""
    order = next(o for o in orders if o.cancel_flag == 0 and not o.bundle_flag)
    leave = AllowWrites(approved_by="a", plan_id="p", journal=lambda _: None)
    with shop.client(allow_writes=leave) as client:
        phases = [phase.name for phase in client.phases()]
        for goal in (phases[-1], phases[0], phases[-2]):
            assert client.update_order_phase(order.order_number, goal).state == "applied"
        day = date(2026, 5, 19)
        result = client.update_order_phase(
            order.order_number, phases[-2], delivery_date=day, delivery_number="400000000001"
        )
        assert (result.state, result.reason) == ("applied", "confirmed")
        assert result.after.delivery_date == day
        assert result.after.phase_name == phases[-2]
        unknown = client.update_order_phase(order.order_number, "存在しない工程")
    assert (unknown.state, unknown.reason) == ("not_applied", "refused")


def test_a_phase_named_cancelled_does_not_cancel(shop: Any, orders: Any) -> None:
    """3.4, 4.3: cancel_flag is apart from the phase."""
    order = next(o for o in orders if o.cancel_flag == 0 and not o.bundle_flag)
    leave = AllowWrites(approved_by="a", plan_id="p", journal=lambda _: None)
    with shop.client(allow_writes=leave) as client:
        names = [phase.name for phase in client.phases()]
        goal = next((name for name in names if "キャンセル" in name), names[-1])
        result = client.update_order_phase(order.order_number, goal)
    assert result.state == "applied"
    assert result.after.cancel_flag == 0


def test_a_time_slot_without_a_namesake_is_refused_or_unset_as_asked(
    shop: Any, orders: Any
) -> None:
    """3.4, 8: delivery_time_convert_error."""
    order = next(
        o
        for o in orders
        if o.other.get("delivery_time_name") == "18:00～20:00" and not o.bundle_flag
    )
    number, phase = order.order_number, order.phase_name
    leave = AllowWrites(approved_by="a", plan_id="p", journal=lambda _: None)
    with shop.client(allow_writes=leave) as client:
        refused = client.update_order_phase(number, phase, delivery_name="日本郵便")
        assert (refused.state, refused.after) == ("not_applied", refused.before)
        done = client.update_order_phase(
            number, phase, delivery_name="日本郵便", delivery_time_convert_error=1
        )
    assert done.state == "applied"
    assert "delivery_time_name" not in done.after.other


def test_the_accounts_phases_are_read_whole(shop: Any, orders: Any) -> None:
    """3.6: get_phase returns all phase names."""
    with shop.client() as client:
        names = [phase.name for phase in client.phases()]
    assert {order.phase_name for order in orders} <= set(names)


def test_stock_is_found_by_each_key_and_needs_one(shop: Any) -> None:
    """3.7: keys of get_stock; attribute names narrow to a SKU; no item name in the reply."""
    with shop.client() as client:
        item = next(
            one.item_code
            for page in client.items()
            for one in page.rows
            if len(client.item_skus(one.item_code).rows) > 1
        )
        skus = client.item_skus(item).rows
        whole = client.stock(item_code=item)
        assert len(whole.rows) == len(skus)
        one = skus[0]
        by_code = client.stock(sku_code=one.sku_code)
        by_name = client.stock(
            item_code=item,
            attribute1_name=one.attribute1_name,
            attribute2_name=one.attribute2_name,
        )
        assert by_code.rows == by_name.rows
        assert by_code.rows[0] in whole.rows
        if one.jan_code:
            assert by_code.rows[0] in client.stock(jan_code=one.jan_code).rows
        with pytest.raises(errors.ConfigurationError):
            client.stock()
    assert not whole.unknown_fields


def test_a_diff_feed_takes_a_full_moment_and_goes_on_strictly_after_it(shop: Any) -> None:
    """3.8: updated_at_fr, condition=1, a hundred rows per call."""
    since = datetime(2026, 5, 1, tzinfo=UTC)
    with shop.client() as client:
        pages = list(client.stock_changes(since))
        changes = [row for page in pages for row in page.rows]
        assert len({row.sku for row in changes}) == len(changes) > 0
        assert [row.updated_at for row in changes] == sorted(row.updated_at for row in changes)
        skus = {row.sku[0] for page in client.sku_changes(since) for row in page.rows}
        latest = changes[-1]
        again = [row for page in client.stock_changes(latest.updated_at) for row in page.rows]
    assert latest in again
    assert len(again) < len(changes) or len({row.updated_at for row in changes}) == 1
    assert all(skus)


def test_stock_is_overwritten_added_to_and_deleted_and_may_go_below_zero(shop: Any) -> None:
    """3.9, 5: modes u, a, d; negative values are normal."""
    leave = AllowWrites(approved_by="a", plan_id="p", journal=lambda _: None)
    with shop.client(allow_writes=leave) as client:
        key = {"sku_code": "LF-0001"}
        done = [
            client.update_stock("u", 7, **key),
            client.update_stock("a", -9, **key),
            client.update_stock("d", **key),
        ]
        assert [one.state for one in done] == ["applied"] * 3
        assert done[1].after is not None
        assert done[1].after.stock == -2
        several = client.item_page().rows[0].item_code
        if len(client.stock(item_code=several).rows) > 1:
            with pytest.raises(errors.ConfigurationError):
                client.update_stock("u", 1, item_code=several)


def test_items_begin_without_a_code_and_go_on_after_the_last(desk: Any, envelope: Envelope) -> None:
    """3.10: condition=1 without item_code, then with the last one; group labels are not values."""
    first = [{"item_code": f"a-{n:03}"} for n in range(100)]
    last = {"item_code": "b", "attribute1_name": "カラー", "attribute2_name": "サイズ"}
    desk.answers = [
        httpx.Response(200, content=envelope(*first)),
        httpx.Response(200, content=envelope(last)),
    ]
    with desk.client() as client:
        pages = list(client.items())
    asked = [dict(request.url.params) for request in desk.requests]
    assert [(one.get("item_code"), one["condition"]) for one in asked] == [
        (None, "1"),
        ("a-099", "1"),
    ]
    assert pages[1].rows[0].attribute1_group == "カラー"


def test_an_items_attribute_values_are_read_by_attribute(shop: Any) -> None:
    """3.11: item_code, attribute_type 1 or 2, field attribute_name."""
    with shop.client() as client:
        found = 0
        for item in client.item_page().rows[:15]:
            names = {row.attribute1_name for row in client.item_skus(item.item_code).rows}
            values = client.item_attributes(item.item_code, 1)
            assert {row.name for row in values.rows} == {name for name in names if name}
            assert not values.unknown_fields
            found += len(values.rows)
    assert found


def test_services_are_told_by_kind_and_state_and_cannot_be_stopped(shop: Any) -> None:
    """3.13, 3.14: 1 受信, 2 送信; 0 停止, 3 開始; what is out of scope stays out."""
    assert (goods.SERVICE_STOPPED, goods.SERVICE_STARTED) == ("0", "3")
    with shop.client() as client:
        rows = client.service_statuses().rows
    assert {row.service_type: row.is_started for row in rows} == {"1": True, "2": True}
    assert set(endpoints.NOT_IMPLEMENTED) == {
        "upd_item",
        "upd_item_attribute",
        "upd_item_sku",
        "upd_service_status",
    }


def test_the_same_thing_under_two_names_is_one_thing(envelope: Envelope) -> None:
    """3.15, 3.7: name traps."""
    (stock,) = wire.read_stock(envelope({"item_cd": "a", "stock": "1"})).rows
    (sku,) = wire.read_item_skus(
        envelope({"item_code": "a", "item_sku_code": "a-1", "jan_code": "49"})
    ).rows
    line = {"order_number": "1", "line_no": "1", "amount": "1", "item_code": "a", "jan_cd": "49"}
    (row,) = wire.read_order_lines(envelope(line)).rows
    assert stock.item_code == sku.item_code == row.item_code == "a"
    assert sku.jan_code == row.jan_code == "49"
    assert sku.sku_code == "a-1"
    assert "sku_code" in endpoints.GET_STOCK.parameters
    assert "jan_code" in endpoints.GET_STOCK.parameters
    order = {
        "order_number": "1",
        "delivery_number": "4",
        "delivery_name": "b",
        "delivery_type_name": "c",
    }
    (header,) = wire.read_orders(envelope(order)).rows
    assert (header.delivery_number, header.delivery_name, header.delivery_type_name) == (
        "4",
        "b",
        "c",
    )
    assert "delivery_no" in endpoints.UPD_ORDER_PHASE.parameters
    for wrong in ({"item_code": "a", "stock": "1"}, {"item_cd": "a", "stock": ""}):
        assert wire.read_stock(envelope(wrong)).rows == ()


def test_an_order_is_found_by_the_shops_number(shop: Any, orders: Any) -> None:
    """4.1: order_number and order_code."""
    order = orders[20]
    with shop.client() as client:
        found = client.order_page(OrderQuery(order_code=order.order_code)).rows
    assert order.order_number in {one.order_number for one in found}
    assert {one.order_code for one in found} == {order.order_code}


def test_an_import_deducts_stock_at_once(small: Any) -> None:
    """4.2, 5: a new slip takes its pieces from the free figure."""
    with small.client() as client:
        known = {o.order_number for page in client.orders(OrderQuery()) for o in page.rows}
        small.control("clock", advance_s=6 * 3600)
        new = [
            order.order_number
            for page in client.orders(OrderQuery())
            for order in page.rows
            if order.order_number not in known and order.cancel_flag != 2
        ]
        lines = [line for number in new[:12] for line in client.order_lines(number).rows]
        codes = sorted({line.item_code for line in lines if not line.component_flag})[:12]

        def figures() -> dict[tuple[str | None, ...], int]:
            rows = [row for code in codes for row in client.stock(item_code=code).rows]
            return {
                (row.item_code, row.attribute1_code, row.attribute2_code): row.stock for row in rows
            }

        after = figures()
        small.control("clock", advance_s=-6 * 3600)
        before = figures()
    assert after.keys() == before.keys()
    assert any(after[key] < before[key] for key in before)


def test_pacing_time_outs_and_repeats_lie_within_what_people_use() -> None:
    """7: pauses, time-outs, retries."""
    assert 0.03 <= 1 / DEFAULT_RATE_PER_S <= 1
    assert CONNECT_TIMEOUT_S == 10
    assert READ_TIMEOUT_S in (15, 30, 60)
    policy = RetryPolicy(jitter=lambda: 1.0)
    failed = errors.TransportError("x", retryable=True)
    assert [policy.delay(n, failed) for n in (1, 2, 3)] == [2, 4, 8]
    assert policy.delay(1, errors.ApiError("x")) is None


def test_every_update_is_made_once_and_reads_are_repeated(desk: Any, envelope: Envelope) -> None:
    """7: retries are for network errors and 5xx of reads."""
    row = {"order_number": "00000001", "check_mark1": "0"}
    good = httpx.Response(200, content=envelope(row))
    desk.answers = [httpx.Response(500), good, httpx.Response(500), good]
    leave = AllowWrites(approved_by="a", plan_id="p", journal=lambda _: None)
    with desk.client(allow_writes=leave) as client:
        client.update_check_mark("1", 1, 1)
    names = [request.url.path.rpartition("/")[2] for request in desk.requests]
    assert names.count("upd_order_check_mark") == 1
    assert names[:3] == ["get_order", "get_order", "upd_order_check_mark"]


def test_an_empty_search_is_success_and_an_unknown_item_is_not(shop: Any) -> None:
    """8: the two ways of finding nothing."""
    with shop.client() as client:
        assert client.order_page(OrderQuery(order_code="no-such-order")).rows == ()
        with pytest.raises(errors.NotFound) as caught:
            client.stock(item_code="no-such-item")
    assert caught.value.vendor_text == "商品コードが見つかりません。"


def test_a_wrong_signature_is_told_by_a_fragment(shop: Any) -> None:
    """8: 認証エラー."""
    credentials = Credentials(company_code="ill", key=Secret("wrong"), base_url=shop.url)
    with Client(credentials, retries=0) as client, pytest.raises(errors.AuthError) as caught:
        client.phases()
    assert "認証エラー" in (caught.value.vendor_text or "")
