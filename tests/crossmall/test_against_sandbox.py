"""Client and sandbox share no code; here they have to agree over a real connection."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from crossmall import errors
from crossmall.client import Client
from crossmall.types import CallRecord, Credentials, Order, OrderQuery, Secret

ROOT = Path(__file__).parents[2]
READY = "CROSS MALL sandbox ready: "
KEY = "sandbox-key-7"
ORDERS = 230


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    command = [sys.executable, "-m", "crossmall.sandbox", "--port", "0", "--account", "ill"]
    command += ["--seed", "7", "--orders", str(ORDERS), "--clock", "frozen", "--exit-with-stdin"]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "CROSSMALL_SANDBOX_KEY": KEY, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process:
        line = process.stdout.readline()
        assert line.startswith(READY), line
        yield line.removeprefix(READY).strip()
        process.stdin.close()
        process.wait(timeout=10)


@pytest.fixture
def records() -> list[CallRecord]:
    return []


@pytest.fixture
def client(base_url: str, records: list[CallRecord]) -> Iterator[Client]:
    credentials = Credentials(company_code="ill", key=Secret(KEY), base_url=base_url)
    with Client(credentials, retries=0, on_call=records.append) as one:
        yield one


def all_orders(client: Client) -> list[Order]:
    return [order for page in client.orders(OrderQuery()) for order in page.rows]


def test_every_order_is_read_once_and_in_order(client: Client, records: list[CallRecord]) -> None:
    pages = list(client.orders(OrderQuery()))
    numbers = [int(order.order_number) for page in pages for order in page.rows]
    assert len(numbers) >= ORDERS
    assert numbers == sorted(set(numbers))
    assert all(not page.skipped and not page.unknown_fields for page in pages)
    assert len(records) == len(numbers) // 100 + 1
    assert {record.status for record in records} == {200}


def test_the_phases_of_all_orders_are_among_the_accounts_phases(client: Client) -> None:
    names = {phase.name for phase in client.phases()}
    assert {order.phase_name for order in all_orders(client)} <= names


def test_a_filter_by_phase_gives_just_those_orders(client: Client) -> None:
    every = all_orders(client)
    phase = every[0].phase_name
    assert phase is not None
    found = [o for page in client.orders(OrderQuery(phase_name=phase)) for o in page.rows]
    assert {o.order_number for o in found} == {
        o.order_number for o in every if o.phase_name == phase
    }


def test_a_window_of_changes_finds_the_order_changed_at_its_edge(client: Client) -> None:
    order = max(all_orders(client), key=lambda one: one.updated_at or one.order_number)
    assert order.updated_at is not None
    query = OrderQuery(updated_from=order.updated_at, updated_to=order.updated_at)
    found = [o.order_number for page in client.orders(query) for o in page.rows]
    assert order.order_number in found


def test_one_order_is_found_by_number_and_by_code(client: Client) -> None:
    order = all_orders(client)[3]
    (page,) = client.orders(OrderQuery(order_number=order.order_number))
    assert page.rows == (order,)
    by_code = client.order_page(OrderQuery(order_code=order.order_code))
    assert order in by_code.rows


def test_lines_and_components_of_orders_are_read_whole(client: Client) -> None:
    orders = [o for o in all_orders(client) if not o.is_bundled_child]
    sets = 0
    for order in orders[:60]:
        page = client.order_lines(order.order_number)
        assert page.rows
        assert not page.skipped
        assert not page.unknown_fields
        for line in page.rows:
            if line.component_flag:
                sets += 1
                parts = client.order_components(order.order_number, line.line_no)
                assert parts.rows
                assert {part.set_item_code for part in parts.rows} == {line.item_code}
    assert sets > 0


def test_the_catalogue_is_read_down_to_the_stock_of_a_sku(client: Client) -> None:
    items = [item for page in client.items() for item in page.rows]
    assert items
    assert len({item.item_code for item in items}) == len(items)
    seen = 0
    for item in items[:5]:
        skus = client.item_skus(item.item_code)
        assert not skus.skipped
        assert not skus.unknown_fields
        seen += len(client.stock(item_code=item.item_code).rows)
    assert seen > 0


def test_an_unknown_item_is_not_found_there_either(client: Client) -> None:
    with pytest.raises(errors.NotFound) as caught:
        client.stock(item_code="no-such-item")
    assert caught.value.vendor_text == "商品コードが見つかりません。"


def test_a_wrong_key_is_refused_as_a_login(base_url: str) -> None:
    credentials = Credentials(company_code="ill", key=Secret("wrong-key"), base_url=base_url)
    with Client(credentials) as client, pytest.raises(errors.AuthError):
        client.phases()


def test_no_personal_field_leaves_the_client(client: Client) -> None:
    for order in all_orders(client):
        assert order.personal == {}


def test_personal_fields_are_there_when_asked_for(base_url: str) -> None:
    credentials = Credentials(company_code="ill", key=Secret(KEY), base_url=base_url)
    with Client(credentials, keep_personal=True) as client:
        order = client.order_page(OrderQuery()).rows[0]
    assert order.personal["ship_name"]
    assert order.personal["ship_name"] not in repr(order)
