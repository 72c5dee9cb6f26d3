"""Each fact seen at the real service ([S] of the API notes) has a test; facts.toml says which one.

Here are the facts of sections 1 and 2 that no other test proves, in the module beside it those of 3 to 8.
The numbers in each docstring are the sections of the notes.
"""

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossmall import errors, fields, wire
from crossmall.approval import AllowWrites
from crossmall.signing import sign
from crossmall.types import DEFAULT_BASE_URL, Credentials, OrderQuery, Secret

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
FACTS: list[dict[str, Any]] = tomllib.loads((HERE / "facts.toml").read_text("utf-8"))["fact"]
SECTIONS = """1 1.1 1.2 2 2.1 2.2 2.3 2.4 3 3.1 3.2 3.3 3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14
3.15 4.1 4.2 4.3 4.4 4.5 5 7 8"""
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


def cited() -> list[str]:
    return [test for fact in FACTS for test in fact["tests"]]


def test_every_section_of_the_notes_has_its_facts() -> None:
    wanted = SECTIONS.split()
    assert sorted({fact["section"] for fact in FACTS}, key=wanted.index) == wanted


def test_every_fact_names_tests_that_exist() -> None:
    known: dict[str, set[str]] = {}
    missing = []
    for one in cited():
        path, _, name = one.partition("::")
        if path not in known:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            known[path] = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
        if name not in known[path]:
            missing.append(one)
    assert missing == []


def test_every_fact_says_something_once_with_its_mark() -> None:
    assert [text for text, count in Counter(f["says"] for f in FACTS).items() if count > 1] == []
    for fact in FACTS:
        assert fact["mark"] in {"S", "S2", "S3"}
        assert fact["tests"]
        assert len(fact["says"]) > 10


@pytest.mark.parametrize("module", ["test_known_facts", "test_known_facts_of_endpoints"])
def test_every_fact_proved_here_is_in_the_table_with_its_section(module: str) -> None:
    tree = ast.parse((HERE / f"{module}.py").read_text(encoding="utf-8"))
    mine = {
        node.name: ast.get_docstring(node) or ""
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert all(text or name.startswith("test_every_") for name, text in mine.items())
    for name in [one for one, text in mine.items() if text]:
        places = [f for f in FACTS if f"tests/crossmall/{module}.py::{name}" in f["tests"]]
        assert places, f"{name} is not in facts.toml"
        for fact in places:
            assert fact["section"] in mine[name].partition(":")[0].split(", "), name


def test_the_service_lives_at_one_address_over_https() -> None:
    """1: base URL."""
    assert DEFAULT_BASE_URL == "https://crossmall.jp/webapi2"
    Credentials(company_code="1", key=Secret("k"), base_url="https://www.crossmall.jp/webapi2")


def test_reads_and_updates_are_get_without_body_or_headers_of_ours(
    desk: Any, envelope: Envelope
) -> None:
    """1: GET for everything, input in the query only, no custom headers."""
    row = {"order_number": "00000001", "phase_name": "x", "check_mark1": "0"}
    desk.answers = [httpx.Response(200, content=envelope(row))]
    leave = AllowWrites(approved_by="a", plan_id="p", journal=lambda _: None)
    with desk.client(allow_writes=leave) as client:
        client.update_check_mark("1", 1, 0)
    assert [request.url.path.rpartition("/")[2] for request in desk.requests] == [
        "get_order",
        "upd_order_check_mark",
        "get_order",
    ]
    for request in desk.requests:
        assert request.method == "GET"
        assert request.content == b""
        ordinary = {"host", "accept", "accept-encoding", "connection", "user-agent"}
        assert set(request.headers) <= ordinary


def test_an_error_in_the_envelope_comes_with_status_200(shop: Any) -> None:
    """1: HTTP status of application errors."""
    with shop.client() as client, pytest.raises(errors.NotFound) as caught:
        client.stock(item_code="no-such-item")
    assert caught.value.http_status == 200


@pytest.mark.parametrize("root", ["GetOrder version='1.0'", "GetOrder", "Anything", "UpdStock"])
@pytest.mark.parametrize("quote", ["'", '"'])
@pytest.mark.parametrize("message", ["<Message/>", "<Message></Message>", ""])
def test_a_reply_is_known_by_its_structure_and_not_by_its_root_or_quotes(
    root: str, quote: str, message: str
) -> None:
    """1.1: root, version, quoting, Message present-empty or absent."""
    body = (
        f"<{root}><ResultSet TotalResult={quote}7{quote}><ResultStatus><GetStatus>success</GetStatus>"
        f"{message}</ResultStatus><Result No={quote}1{quote}><order_number>1</order_number></Result>"
        f"</ResultSet></{root.split(' ')[0]}>"
    )
    page = wire.read_orders(body.encode())
    assert (len(page.rows), page.raw_count) == (1, 1)


def test_the_documented_roots_are_sent_with_their_version(shop: Any) -> None:
    """1.1: confirmed roots."""
    seen: dict[str, bytes] = {}

    def keep(request: httpx.Request) -> httpx.Response:
        reply = httpx.get(str(request.url))
        seen[request.url.path.rpartition("/")[2]] = reply.content
        return httpx.Response(reply.status_code, content=reply.content)

    with shop.client(transport=httpx.MockTransport(keep)) as client:
        order = client.order_page(OrderQuery()).rows[0]
        client.order_lines(order.order_number)
        item = client.item_page().rows[0]
        client.stock(item_code=item.item_code)
    for name, root in (
        ("get_order", b"GetOrder"),
        ("get_order_detail", b"GetOrderDetail"),
        ("get_stock", b"GetStock"),
        ("get_item", b"GetItem"),
    ):
        assert b"<" + root + b" version='1.0'>" in seen[name]


@pytest.mark.parametrize(("status", "kind"), [("GetStatus", "get"), ("UpdStatus", "upd")])
def test_success_and_error_are_words_of_the_status_element(status: str, kind: str) -> None:
    """1.1: GetStatus and UpdStatus, children of ResultStatus; Message is filled on error."""

    def body(word: str, message: str) -> bytes:
        return (
            f"<U><ResultSet TotalResult='0'><ResultStatus><{status}>{word}</{status}>{message}"
            "</ResultStatus></ResultSet></U>"
        ).encode()

    read: Callable[[bytes], Any] = wire.read_update if kind == "upd" else wire.read_orders
    assert read(body("success", "<Message/>")).rows == ()
    with pytest.raises(errors.ApiError) as caught:
        read(body("error", "<Message>更新できません</Message>"))
    assert caught.value.vendor_text == "更新できません"


@pytest.mark.parametrize("total", ["0", "100", "999999", ""])
def test_what_total_result_says_never_decides_about_paging(desk: Any, total: str) -> None:
    """1.1: TotalResult."""

    def page(first: int, count: int) -> httpx.Response:
        rows = "".join(
            f"<Result No='{n}'><order_number>{first + n}</order_number></Result>"
            for n in range(1, count + 1)
        )
        return httpx.Response(
            200,
            content=(
                f"<G><ResultSet TotalResult='{total}'><ResultStatus><GetStatus>success</GetStatus>"
                f"<Message/></ResultStatus>{rows}</ResultSet></G>"
            ).encode(),
        )

    desk.answers = [page(0, 100), page(100, 100), page(200, 1)]
    with desk.client() as client:
        read = [order for one in client.orders(OrderQuery()) for order in one.rows]
    assert len(read) == 201


def test_one_row_is_read_like_many(envelope: Envelope) -> None:
    """1.1: nothing marks a list."""
    for count in (1, 2, 100):
        rows = [{"item_cd": str(n), "stock": "1"} for n in range(count)]
        assert len(wire.read_stock(envelope(*rows)).rows) == count


def test_absent_and_empty_fields_are_the_same(envelope: Envelope) -> None:
    """1.2: missing values."""
    lean = wire.read_orders(envelope({"order_number": "1"})).rows[0]
    empty = dict.fromkeys(fields.ORDER_FIELDS | fields.ORDER_OTHER, "")
    full = wire.read_orders(envelope(empty | {"order_number": "1"})).rows[0]
    assert lean == full
    assert full.phase_name is full.updated_at is full.total_price is None


def test_blanks_around_numbers_and_dates_are_trimmed(envelope: Envelope) -> None:
    """1.2: whitespace; text is left as sent, because links are made on raw text."""
    row = {
        "order_number": " 00000007 ",
        "order_date": "\n2026/11/20 09:00:00\n",
        "delivery_date": " 2026-11-21 ",
        "cancel_flag": " 1 ",
        "phase_name": " 発送待機 ",
    }
    (order,) = wire.read_orders(envelope(row)).rows
    assert (order.order_number, order.cancel_flag) == ("00000007", 1)
    assert order.ordered_at == datetime(2026, 11, 20, 0, 0, tzinfo=UTC)
    assert order.delivery_date == date(2026, 11, 21)
    assert order.phase_name == " 発送待機 "


@pytest.mark.parametrize(("text", "yen"), [("1200", 1200), ("-100", -100), ("1200.00", 1200)])
def test_money_is_whole_yen_also_when_it_is_written_with_decimals(
    envelope: Envelope, text: str, yen: int
) -> None:
    """1.2: money and quantities."""
    (order,) = wire.read_orders(envelope({"order_number": "1", "total_price": text})).rows
    assert order.total_price == yen


def test_order_times_have_one_strict_form(envelope: Envelope) -> None:
    """1.2: order date-time."""
    for text, good in (("2026/11/20 09:00:00", True), ("20/11/2026 09:00", False), ("x", False)):
        page = wire.read_orders(envelope({"order_number": "1", "order_date": text}))
        assert (len(page.rows), len(page.skipped)) == ((1, 0) if good else (0, 1))


def test_order_numbers_keep_their_zeros_and_count_as_numbers(shop: Any, orders: Any) -> None:
    """1.2: 管理番号 is eight digits of text; an unpadded cursor is accepted."""
    assert {len(order.order_number) for order in orders} == {8}
    number = orders[10].order_number
    with shop.client() as client:
        padded = client.order_page(OrderQuery(), after=number)
        bare = client.order_page(OrderQuery(), after=str(int(number)))
    assert padded == bare


def test_the_key_itself_is_never_sent(desk: Any, envelope: Envelope) -> None:
    """2: 認証鍵 goes into the signature only."""
    desk.answers = [httpx.Response(200, content=envelope())]
    with desk.client() as client:
        client.phases()
    (request,) = desk.requests
    assert request.url.params["account"] == "ill"
    assert b"mXCTpnoA" not in request.url.raw_path
    assert b"mXCTpnoA" not in repr(request.headers.raw).encode()


def test_the_signature_is_lower_case_hex_over_text_and_key_and_comes_last(
    desk: Any, envelope: Envelope
) -> None:
    """2.1: signing."""
    desk.answers = [httpx.Response(200, content=envelope())]
    with desk.client() as client:
        client.order_page(OrderQuery(phase_name="引当待ち"))
    query = desk.requests[0].url.query.decode()
    text, _, signing = query.partition("&signing=")
    assert re.fullmatch(r"[0-9a-f]{32}", signing)
    assert text == "account=ill&phase_name=%E5%BC%95%E5%BD%93%E5%BE%85%E3%81%A1"
    assert signing == sign(text, Secret("mXCTpnoA"))


def test_the_sandbox_checks_the_text_as_it_was_sent(shop: Any) -> None:
    """2.2: every spelling holds when it is the one signed, and none when it is not."""
    texts = [
        "account=ill&updated_at_fr=2026-05-19+00:00:00",
        "account=ill&updated_at_fr=2026-05-19+00%3A00%3A00",
        "account=ill&updated_at_fr=2026-05-19%2000:00:00",
    ]
    for signed in texts:
        for sent in texts:
            url = f"{shop.url}/get_order?{sent}&signing={sign(signed, Secret(shop.key))}"
            refused = "認証エラー" in httpx.get(url).text
            assert refused is (sent != signed)


@pytest.mark.parametrize(
    ("addresses", "allowed"),
    [(["0.0.0.0"], False), ([""], True), (["127.0.0.1"], True), (["192.0.2.1"], False)],
)
def test_the_address_list_has_three_meanings(
    small: Any, addresses: list[str], allowed: bool
) -> None:
    """2.4: IP allow-list."""
    small.control("settings", allow_ip=addresses)
    try:
        with small.client() as client:
            assert client.phases()
            assert allowed
    except errors.AuthError:
        assert not allowed
    finally:
        small.control("settings", allow_ip=[""])
