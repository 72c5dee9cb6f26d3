"""How the client behaves around its calls: records, pacing, threads, closing."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from crossmall import errors
from crossmall.client import Client
from crossmall.types import CallRecord, Credentials, OrderQuery, Secret

Envelope = Callable[..., bytes]


def test_a_call_record_has_names_and_counts_and_no_values(desk: Any, envelope: Envelope) -> None:
    rows = [{"order_number": str(n)} for n in (1, 2, 3)]
    desk.answers = [httpx.Response(200, content=envelope(*rows))]
    before = datetime.now(UTC)
    with desk.client() as client:
        client.order_page(OrderQuery(phase_name="発送待機", cancel_flag=0))
    (record,) = desk.records
    assert isinstance(record, CallRecord)
    assert record.endpoint == "get_order"
    assert record.parameter_names == ("account", "phase_name", "cancel_flag")
    assert (record.status, record.rows, record.attempt) == (200, 3, 1)
    assert record.bytes == len(desk.answers[0].content)
    assert record.ms >= 0
    assert before <= record.started_at <= datetime.now(UTC)
    assert "発送待機" not in repr(record)


def test_a_real_host_is_paced_and_this_machine_is_not(envelope: Envelope) -> None:
    slept: list[float] = []
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=envelope()))
    for base_url, waits in (("https://crossmall.jp/webapi2", 4), ("http://localhost/webapi2", 0)):
        slept.clear()
        credentials = Credentials(company_code="ill", key=Secret("k"), base_url=base_url)
        with Client(credentials, transport=transport, sleep=slept.append) as client:
            for _ in range(5):
                client.phases()
        assert len(slept) == waits
        assert all(0 < wait <= 0.5 for wait in slept)


def test_threads_share_one_client_and_each_gets_its_own_answer(
    credentials: Credentials, envelope: Envelope
) -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.002)
        number = request.url.params["order_number"]
        with lock:
            under_way -= 1
        row = {"order_number": number, "line_no": "1", "amount": number}
        return httpx.Response(200, content=envelope(row))

    records: list[CallRecord] = []
    with (
        Client(
            credentials,
            transport=httpx.MockTransport(answer),
            on_call=records.append,
            concurrency=3,
        ) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        pages = list(pool.map(lambda n: client.order_lines(str(n)), range(1, 201)))
    assert [page.rows[0].amount for page in pages] == list(range(1, 201))
    assert len(records) == 200
    assert len({record.call_id for record in records}) == 200
    assert 1 < most <= 3


def test_a_closed_client_says_so(desk: Any) -> None:
    client = desk.client()
    client.close()
    with pytest.raises(errors.ConfigurationError, match="closed"):
        client.phases()


def test_a_client_shows_its_address_and_nothing_else(desk: Any) -> None:
    with desk.client() as client:
        assert repr(client) == "Client(base_url='http://127.0.0.1:9/webapi2')"


@pytest.mark.parametrize(
    "bad", [{"concurrency": 0}, {"retries": -1}, {"timeout_s": 0}, {"rate_per_s": 0}]
)
def test_a_setting_that_makes_no_sense_is_refused(desk: Any, bad: dict[str, object]) -> None:
    with pytest.raises(errors.ConfigurationError):
        desk.client(**bad)


CHANGING = {"update_check_mark", "update_order_phase", "update_stock"}


def test_the_client_has_three_methods_that_change_something_and_no_other() -> None:
    public = {name for name in dir(Client) if not name.startswith("_")}
    assert public == CHANGING | {
        "close",
        "is_confirmed",
        "item_attributes",
        "item_page",
        "item_skus",
        "items",
        "order_components",
        "order_lines",
        "order_page",
        "orders",
        "phases",
        "service_statuses",
        "sku_changes",
        "stock",
        "stock_changes",
        "tried",
    }


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.update_order_phase("1", "完了"),
        lambda client: client.update_check_mark("1", 1, 1),
        lambda client: client.update_stock("u", 1, sku_code="a"),
    ],
)
def test_without_leave_to_write_nothing_is_asked_and_nothing_changed(
    desk: Any, ask: Callable[[Client], object]
) -> None:
    with desk.client() as client, pytest.raises(errors.ConfigurationError) as caught:
        ask(client)
    assert caught.value.reason == "writes"
    assert desk.requests == []
