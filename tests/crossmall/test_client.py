"""The client as its callers see it: what it sends and what it gives back."""

from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

import httpx
import pytest

from crossmall import errors
from crossmall.client import Client
from crossmall.types import Credentials, OrderQuery, Secret

Envelope = Callable[..., bytes]


def page_of(envelope: Envelope, first: int, count: int) -> httpx.Response:
    rows = [{"order_number": f"{n:08d}", "order_code": "A-1"} for n in range(first, first + count)]
    return httpx.Response(200, content=envelope(*rows))


def test_the_signed_text_arrives_byte_for_byte(tape: Any, envelope: Envelope) -> None:
    tape.reply = envelope()
    key = Secret("mXCTpnoA")
    credentials = Credentials(company_code="ill", key=key, base_url=tape.base_url)
    moment = datetime(2024, 5, 29, 4, 0, tzinfo=UTC)
    with Client(credentials, retries=0) as client:
        client.order_page(OrderQuery(updated_from=moment, phase_name="引当 待ち~*'()![]%/?"))
    (line,) = tape.lines
    query, _, signing = line.split(b"?", 1)[1].removesuffix(b" HTTP/1.1").partition(b"&signing=")
    assert query == (
        b"account=ill&updated_at_fr=2024-05-29+13:00:00&phase_name="
        b"%E5%BC%95%E5%BD%93+%E5%BE%85%E3%81%A1~%2A%27%28%29%21%5B%5D%25%2F%3F"
    )
    assert signing.decode() == md5(query + b"mXCTpnoA").hexdigest()


def test_a_request_is_a_plain_get_without_cookies(tape: Any, envelope: Envelope) -> None:
    tape.reply = envelope()
    credentials = Credentials(company_code="ill", key=Secret("k"), base_url=tape.base_url)
    with Client(credentials) as client:
        client.phases()
        client.phases()
    assert all(
        line.startswith(b"GET /webapi2/get_phase?account=ill&signing=") for line in tape.lines
    )
    assert all(line.endswith(b" HTTP/1.1") for line in tape.lines)
    assert len(tape.lines) == 2
    assert b"cookie" not in b"".join(tape.heads).lower()


def test_proxies_of_the_environment_are_ignored(
    tape: Any, envelope: Envelope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    tape.reply = envelope({"phase_name": "完了"})
    credentials = Credentials(company_code="ill", key=Secret("k"), base_url=tape.base_url)
    with Client(credentials, retries=0) as client:
        assert [phase.name for phase in client.phases()] == ["完了"]


def test_orders_are_paged_by_number_until_a_short_page(desk: Any, envelope: Envelope) -> None:
    desk.answers = [
        page_of(envelope, 1, 100),
        page_of(envelope, 101, 100),
        page_of(envelope, 201, 0),
    ]
    with desk.client() as client:
        pages = list(client.orders(OrderQuery(cancel_flag=0)))
    assert [page.raw_count for page in pages] == [100, 100, 0]
    asked = [request.url.params for request in desk.requests]
    assert [one.get("order_number") for one in asked] == [None, "00000100", "00000200"]
    assert [one.get("condition") for one in asked] == [None, "1", "1"]
    assert all(one["cancel_flag"] == "0" for one in asked)


def test_a_single_order_costs_one_call(desk: Any, envelope: Envelope) -> None:
    desk.answers = [page_of(envelope, 7, 1)]
    with desk.client() as client:
        (page,) = client.orders(OrderQuery(order_number="7"))
    assert page.rows[0].order_number == "00000007"
    assert len(desk.requests) == 1


def test_an_order_with_another_code_than_asked_for_is_set_aside(
    desk: Any, envelope: Envelope
) -> None:
    rows = [{"order_number": "1", "order_code": code} for code in ("A-1", "A-10")]
    desk.answers = [httpx.Response(200, content=envelope(*rows))]
    with desk.client() as client:
        page = client.order_page(OrderQuery(order_code="A-1"))
    assert [row.order_code for row in page.rows] == ["A-1"]
    assert [row.reason for row in page.skipped] == ["order_code: not the one asked for"]


def test_lines_of_another_order_are_set_aside(desk: Any, envelope: Envelope) -> None:
    rows = [{"order_number": n, "line_no": "1", "amount": "1"} for n in ("00000001", "00000002")]
    desk.answers = [httpx.Response(200, content=envelope(*rows))]
    with desk.client() as client:
        page = client.order_lines("1")
    assert [row.order_number for row in page.rows] == ["00000001"]
    assert len(page.skipped) == 1


def test_items_are_paged_by_code(desk: Any, envelope: Envelope) -> None:
    rows = [{"item_code": f"i-{n:03}"} for n in range(100)]
    desk.answers = [
        httpx.Response(200, content=envelope(*rows)),
        httpx.Response(200, content=envelope({"item_code": "i-100"})),
    ]
    with desk.client() as client:
        assert sum(len(page.rows) for page in client.items()) == 101
    assert [request.url.params.get("item_code") for request in desk.requests] == [None, "i-099"]


def test_phases_that_cannot_be_read_raise_instead_of_vanishing(
    desk: Any, envelope: Envelope
) -> None:
    desk.answers = [httpx.Response(200, content=envelope({"name": "完了"}))]
    with desk.client() as client, pytest.raises(errors.UnreadableResponse, match="phase_name"):
        client.phases()


def test_an_unknown_item_is_not_found(desk: Any, envelope: Envelope) -> None:
    body = envelope(status="error", message="商品コードが見つかりません。")
    desk.answers = [httpx.Response(200, content=body)]
    with desk.client() as client, pytest.raises(errors.NotFound) as caught:
        client.stock(item_code="nothing")
    assert caught.value.endpoint == "get_stock"
    assert caught.value.vendor_text == "商品コードが見つかりません。"
    assert len(desk.requests) == 1


def test_a_refused_login_is_told_once_and_never_repeated(desk: Any, envelope: Envelope) -> None:
    body = envelope(status="error", message="認証エラー")
    desk.answers = [httpx.Response(503, content=body)]
    with desk.client() as client, pytest.raises(errors.AuthError) as caught:
        client.phases()
    assert len(desk.requests) == 1
    assert caught.value.http_status == 503
    assert desk.slept == []


@pytest.mark.parametrize("status", [200, 400, 404, 500])
def test_an_envelope_is_read_whatever_the_status(
    desk: Any, envelope: Envelope, status: int
) -> None:
    desk.answers = [httpx.Response(status, content=envelope({"phase_name": "完了"}))]
    with desk.client(retries=0) as client:
        assert client.phases()[0].name == "完了"


@pytest.mark.parametrize("message", ["見つかりません", "構成品はありません"])
def test_no_components_of_a_plain_line_may_be_an_error_or_an_empty_list(
    desk: Any, envelope: Envelope, message: str
) -> None:
    desk.answers = [
        httpx.Response(200, content=envelope(status="error", message=message)),
        httpx.Response(200, content=envelope()),
        httpx.Response(200, content=envelope(status="error", message=message)),
        httpx.Response(200, content=envelope(status="error", message="認証エラー")),
    ]
    with desk.client() as client:
        assert client.order_components("1", 2, set_line=False).rows == ()
        assert client.order_components("1", 2).rows == ()
        with pytest.raises(errors.ApiError):
            client.order_components("1", 2)
        with pytest.raises(errors.AuthError):
            client.order_components("1", 2, set_line=False)


@pytest.mark.parametrize("number", ["", "12a", "１２", "1 or 1"])
def test_a_number_that_is_none_is_refused_before_sending(desk: Any, number: str) -> None:
    with desk.client() as client:
        with pytest.raises(errors.ConfigurationError):
            client.order_lines(number)
        with pytest.raises(errors.ConfigurationError):
            client.order_components(number, 1)
        with pytest.raises(errors.ConfigurationError):
            client.item_skus("")
    assert desk.requests == []
