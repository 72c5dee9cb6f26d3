"""Whatever arrives, only our errors leave the reader; whatever is asked, the query says just that."""

import time
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossmall import wire
from crossmall.endpoints import ENDPOINTS, GET_ORDER, Endpoint
from crossmall.errors import CrossmallError
from crossmall.fields import is_personal
from crossmall.paging import next_order
from crossmall.queries import build_query, order_parameters
from crossmall.redact import Redactor, hide_shapes
from crossmall.signing import sign
from crossmall.types import Order, OrderQuery, Page, Secret
from crossmall.values import JST

READERS = [
    wire.read_phases,
    wire.read_orders,
    wire.read_order_lines,
    wire.read_order_components,
    wire.read_items,
    wire.read_item_skus,
    wire.read_stock,
]
FIELDS = [
    "order_number",
    "order_date",
    "phase_name",
    "cancel_flag",
    "total_price",
    "updated_at",
    "line_no",
    "amount",
    "item_code",
    "item_cd",
    "stock",
    "component_count",
    "component_flag",
    "delivery_date",
    "client_name",
    "order_memo",
    "item_option1",
    "item_option1_label",
    "gift",
]
TEXT = st.text(
    alphabet=st.characters(blacklist_categories=("Cs",), blacklist_characters="\ufffe\uffff"),
    max_size=12,
).map(lambda text: "".join(c for c in text if c.isprintable() or c in "\u3000\u200b\u202e"))
VALUE = st.one_of(
    TEXT,
    st.integers(-(10**20), 10**20).map(str),
    st.sampled_from(
        ["2026/11/20 10:00:00", "2026-11-20", "0000-00-00", "1200.00", "1", "2", " 3 "]
    ),
)
ROW = st.lists(st.tuples(st.sampled_from(FIELDS), VALUE), max_size=12)


def body_of(rows: list[list[tuple[str, str]]], status: str = "success") -> bytes:
    results = "".join(
        "<Result>" + "".join(f"<{n}>{escape(v)}</{n}>" for n, v in row) + "</Result>"
        for row in rows
    )
    return (
        f"<X><ResultSet><ResultStatus><GetStatus>{status}</GetStatus><Message/></ResultStatus>"
        f"{results}</ResultSet></X>"
    ).encode()


def read_all(body: bytes) -> list[Page[object]]:
    pages: list[Page[object]] = []
    for read in READERS:
        try:
            pages.append(read(body))
        except CrossmallError as error:
            assert len(str(error)) < 2_000
    return pages


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_give_a_page_or_one_of_our_errors(body: bytes) -> None:
    read_all(body)


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(ROW, max_size=3),
    changes=st.lists(
        st.tuples(st.integers(0, 2_000), st.binary(max_size=6), st.integers(0, 40)), max_size=4
    ),
)
def test_any_damage_to_a_reply_gives_a_page_or_one_of_our_errors(
    rows: list[list[tuple[str, str]]], changes: list[tuple[int, bytes, int]]
) -> None:
    body = bytearray(body_of(rows))
    for at, new, length in changes:
        place = at % (len(body) + 1)
        body[place : place + length] = new
    read_all(bytes(body))


@settings(max_examples=300, deadline=None)
@given(st.lists(ROW, max_size=5))
def test_every_row_is_either_read_or_reported(rows: list[list[tuple[str, str]]]) -> None:
    pages = read_all(body_of(rows))
    assert len(pages) == len(READERS)
    for page in pages:
        assert page.raw_count == len(rows) == len(page.rows) + len(page.skipped)
        assert not page.repaired


@settings(max_examples=200, deadline=None)
@given(st.lists(ROW, max_size=3))
def test_personal_fields_never_reach_a_value_by_default(rows: list[list[tuple[str, str]]]) -> None:
    marked = [
        [(name, f"CANARY{value}" if is_personal(name) else value) for name, value in row]
        for row in rows
    ]
    for page in read_all(body_of(marked)):
        assert "CANARY" not in repr(page)
        for row in page.rows:
            assert not getattr(row, "personal", {})
            assert not any(is_personal(name) for name in getattr(row, "other", {}))


@settings(max_examples=200, deadline=None)
@given(TEXT)
@example("　発送待機")
@example("か\u3099")
def test_text_arrives_untouched(text: str) -> None:
    (row,) = wire.read_orders(body_of([[("order_number", "1"), ("phase_name", text)]])).rows
    assert row.phase_name == (text or None)


@settings(max_examples=200, deadline=None)
@given(
    endpoint=st.sampled_from(sorted(ENDPOINTS.values(), key=lambda row: row.name)),
    account=st.from_regex(r"[A-Za-z0-9-]{1,12}", fullmatch=True),
    data=st.data(),
)
def test_a_query_says_exactly_what_was_asked_in_the_tables_order(
    endpoint: Endpoint, account: str, data: st.DataObject
) -> None:
    names = data.draw(st.permutations(endpoint.parameters))
    texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=10)
    asked = {name: data.draw(texts) for name in names}
    query = build_query(endpoint, account, asked)
    expected = [("account", account)]
    expected += [(name, asked[name]) for name in endpoint.parameters if asked[name]]
    assert query.isascii()
    assert parse_qsl(query, keep_blank_values=True, strict_parsing=True) == expected
    assert query == build_query(endpoint, account, dict(sorted(asked.items())))


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=30))
@example("2024-05-29 13:00:00")
@example("a[]%3A+b c~*'()!$,;@/?:&=#")
def test_the_http_library_keeps_every_query_byte_for_byte(value: str) -> None:
    query = build_query(GET_ORDER, "ill", {"phase_name": value, "creating_source_type[]": "99"})
    request = httpx.Request("GET", f"https://crossmall.jp/webapi2/get_order?{query}")
    assert request.url.raw_path == f"/webapi2/get_order?{query}".encode()


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_a_window_sent_never_loses_an_instant(moment: datetime, offset_min: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    sent = order_parameters(OrderQuery(updated_from=aware, updated_to=aware))
    start, end = (
        datetime.strptime(sent[name], "%Y-%m-%d %H:%M:%S").replace(tzinfo=JST).astimezone(UTC)
        for name in ("updated_at_fr", "updated_at_to")
    )
    assert start <= aware <= end
    assert end - start <= timedelta(seconds=1)


@given(st.integers(1, 10**8), st.integers(0, 99))
def test_a_short_page_always_ends_the_paging(first: int, count: int) -> None:
    rows = tuple(Order(order_number=str(n)) for n in range(first, first + count))
    assert next_order(Page(rows=rows, raw_count=count), None) is None


@given(st.text(max_size=60))
def test_hiding_twice_is_hiding_once(text: str) -> None:
    once = hide_shapes(text)
    assert hide_shapes(once) == once


@settings(max_examples=100, deadline=None)
@given(
    secret=st.text(
        st.characters(min_codepoint=33, blacklist_categories=("Cs",)), min_size=8, max_size=20
    ),
    before=st.text(max_size=10),
    after=st.text(max_size=10),
)
def test_a_known_secret_never_comes_through(secret: str, before: str, after: str) -> None:
    assert secret not in Redactor([secret])(before + secret + after).replace("***", "")


@pytest.mark.parametrize(
    "pattern",
    ["a", "?", "?a=", "signing", "signing ]", "https%3A", "https%25", "A" * 30 + " ", "=&", "%25"],
)
def test_redaction_does_not_slow_down_on_repetitive_text(pattern: str) -> None:
    text = pattern * (100_000 // len(pattern))
    start = time.perf_counter()
    hide_shapes(text)
    Redactor(["a secret", "aaaaaaaaaaaaaaab"])(text)
    assert time.perf_counter() - start < 2


@given(st.text(max_size=20), st.text(min_size=1, max_size=10))
def test_one_more_character_in_the_query_changes_the_signature(query: str, more: str) -> None:
    key = Secret("mXCTpnoA")
    try:
        query.encode()
        more.encode()
    except UnicodeEncodeError:
        return
    assert sign(query, key) != sign(query + more, key)
