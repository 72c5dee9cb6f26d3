"""Shapes of clients that people published for the real service, rebuilt from their descriptions, against the sandbox.

None of them shares code with our client or with the sandbox; sources: crossmall-webapi 2.2, 3.1, 3.7, 7.
"""

import http.client
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import md5
from typing import Any
from urllib.parse import quote, quote_plus, unquote, urlencode, urlsplit

import pytest

KEY = "mXCTpnoA"
ORDERS = 420
PAGE = 100


@pytest.fixture(scope="module")
def base_url(start_shop: Callable[..., Any]) -> str:
    url: str = start_shop("--orders", str(ORDERS), "--epoch", "2026-05-20T12:00:00+09:00").url
    return url


def signature(text: str) -> str:
    return md5((text + KEY).encode()).hexdigest()


def raw_get(base_url: str, endpoint: str, query: str) -> str:
    """The reply to a request line sent exactly as given; nothing rewrites the query on its way."""
    place = urlsplit(base_url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=30)
    try:
        connection.putrequest("GET", f"{place.path}/{endpoint}?{query}", skip_accept_encoding=True)
        connection.endheaders()
        return connection.getresponse().read().decode("utf-8")
    finally:
        connection.close()


def get(base_url: str, endpoint: str, query: str) -> str:
    return raw_get(base_url, endpoint, f"{query}&signing={signature(query)}")


def field(row: str, name: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", row, re.S)
    return found[1] if found else ""


def regex_rows(body: str) -> list[str]:
    """The production parser that knows single quotes only."""
    return re.findall(r"<Result No='\d+'>(.*?)</Result>", body, re.S)


def numbers(body: str) -> list[str]:
    return [field(row, "order_number") for row in regex_rows(body)]


def java_batch(base_url: str, start: str, end: str) -> list[str]:
    """A polling batch: date-times with a literal plus and bare colons, signed and sent as they are."""
    found: list[str] = []
    cursor = ""
    while True:
        query = f"account=ill&updated_at_fr={start}&updated_at_to={end}&condition=1{cursor}"
        page = numbers(get(base_url, "get_order", query))
        found += page
        if len(page) < PAGE:
            return found
        cursor = f"&order_number={page[-1]}"


def test_a_java_batch_polls_with_a_literal_plus_and_bare_colons(base_url: str) -> None:
    found = java_batch(base_url, "2026-05-13+12:00:00", "2026-05-20+12:00:00")
    assert len(found) > PAGE
    assert found == sorted(set(found), key=int)
    earlier = java_batch(base_url, "2026-05-13+12:00:00", "2026-05-18+11:59:59")
    later = java_batch(base_url, "2026-05-18+12:00:00", "2026-05-20+12:00:00")
    assert set(earlier).isdisjoint(later)
    assert set(earlier) | set(later) == set(found)


def test_a_java_batch_that_signs_another_spelling_than_it_sends_is_refused(base_url: str) -> None:
    signed_text = "account=ill&updated_at_fr=2026-05-13+12:00:00"
    for sent in (signed_text.replace(":", "%3A"), signed_text.replace("+", "%20")):
        body = raw_get(base_url, "get_order", f"{sent}&signing={signature(signed_text)}")
        assert "<GetStatus>error</GetStatus>" in body
        assert "認証エラー" in body
        assert "<GetStatus>success</GetStatus>" in get(base_url, "get_order", sent)


def node_client(base_url: str, parameters: dict[str, str]) -> str:
    """Sorts the keys for the signature but sends them in the order they were put in."""
    ordered = "&".join(f"{name}={quote(parameters[name], safe='')}" for name in sorted(parameters))
    sent = "&".join(f"{name}={quote(value, safe='')}" for name, value in parameters.items())
    return raw_get(base_url, "get_order", f"{sent}&signing={signature(ordered)}")


def test_a_node_client_works_until_condition_breaks_its_order(base_url: str) -> None:
    works = {"account": "ill", "order_date_fr": "2026-05-19", "order_date_to": "2026-05-19"}
    body = node_client(base_url, works)
    assert "<GetStatus>success</GetStatus>" in body
    assert numbers(body)
    fails = node_client(base_url, works | {"condition": "1"})
    assert "認証エラー" in fails
    assert numbers(fails) == []
    first = {"account": "ill", "condition": "1", **works}
    assert numbers(node_client(base_url, first)) == numbers(body)


def test_a_regex_parser_for_single_quotes_reads_rows_and_their_count(base_url: str) -> None:
    body = get(base_url, "get_order", "account=ill")
    rows = regex_rows(body)
    assert len(rows) == PAGE
    total = re.search(r"TotalResult=[\"'](\d+)[\"']", body)
    assert total is not None
    assert [int(n) for n in re.findall(r"<Result No='(\d+)'>", body)] == list(range(1, PAGE + 1))
    assert body.startswith("<?xml version='1.0' encoding='UTF-8'?>")
    assert re.search(r"<GetStatus>(.*?)</GetStatus>\s*<Message\s*/>", body)
    for row in rows:
        assert re.fullmatch(r"\d{8}", field(row, "order_number"))
        assert re.fullmatch(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d", field(row, "order_date"))
    assert "<bundle_ahead_number/>" in rows[0] or "<bundle_ahead_number>" in rows[0]


def paged(base_url: str, filters: str, first: str) -> tuple[list[str], int]:
    found: list[str] = []
    calls, cursor = 0, first
    while True:
        page = numbers(get(base_url, "get_order", f"account=ill{filters}{cursor}"))
        calls += 1
        found += page
        if len(page) < PAGE:
            return found, calls
        cursor = f"&condition=1&order_number={page[-1]}"


@pytest.mark.parametrize("first", ["", "&condition=1", "&order_number=0&condition=1"])
def test_a_loop_that_stops_below_a_hundred_rows_reads_every_order_once(
    base_url: str, first: str
) -> None:
    found, calls = paged(base_url, "", first)
    assert len(found) >= ORDERS
    assert found == sorted(set(found), key=int)
    assert calls == len(found) // PAGE + 1


def test_a_client_that_never_pages_silently_sees_a_hundred_orders(base_url: str) -> None:
    dates = "&order_date_fr=2026-05-01&order_date_to=2026-05-20"
    assert len(numbers(get(base_url, "get_order", f"account=ill{dates}"))) == PAGE
    assert len(paged(base_url, dates, "")[0]) > PAGE


def test_a_loop_that_drops_its_filters_on_the_second_page_reads_too_much(base_url: str) -> None:
    only = "&phase_name=" + quote("QXPRESS発送済み")
    kept = paged(base_url, only, "")[0]
    first = numbers(get(base_url, "get_order", f"account=ill{only}"))
    last = first[-1]
    careless = numbers(get(base_url, "get_order", f"account=ill&condition=1&order_number={last}"))
    assert set(first) <= set(kept)
    assert set(careless) - set(kept)


def item_codes(base_url: str) -> list[str]:
    found: list[str] = []
    cursor = ""
    while True:
        query = f"account=ill&condition=1&sort_type=0{cursor}"
        page = [field(row, "item_code") for row in regex_rows(get(base_url, "get_item", query))]
        found += page
        if len(page) < PAGE:
            return found
        cursor = f"&item_code={quote_plus(page[-1])}"


def test_a_daily_job_reads_stock_one_sku_after_the_other(base_url: str) -> None:
    compared = 0
    for code in item_codes(base_url)[:12]:
        named = urlencode({"account": "ill", "item_code": code})
        skus = regex_rows(get(base_url, "get_item_sku", named))
        whole = {
            (field(row, "attribute1_code"), field(row, "attribute2_code")): field(row, "stock")
            for row in regex_rows(get(base_url, "get_stock", named))
        }
        assert len(whole) == len(skus)
        for sku in skus:
            key = urlencode({"account": "ill", "sku_code": field(sku, "item_sku_code")})
            (one,) = regex_rows(get(base_url, "get_stock", key))
            assert field(one, "item_cd") == code
            assert field(one, "item_code") == ""
            attributes = (field(one, "attribute1_code"), field(one, "attribute2_code"))
            assert re.fullmatch(r"-?\d+", field(one, "stock"))
            assert whole[attributes] == field(one, "stock")
            compared += 1
    assert compared > 12


def test_a_stock_job_tells_an_unknown_item_from_an_empty_one_by_the_text(base_url: str) -> None:
    body = get(base_url, "get_stock", "account=ill&item_code=no-such-item")
    assert field(body, "GetStatus") == "error"
    assert field(body, "Message") == "商品コードが見つかりません。"
    assert regex_rows(body) == []


def test_fifteen_detail_calls_at_once_answer_each_for_its_own_order(base_url: str) -> None:
    first = regex_rows(get(base_url, "get_order", "account=ill"))
    mine = [field(row, "order_number") for row in first if not field(row, "bundle_ahead_number")]

    def detail(number: str) -> tuple[str, list[str]]:
        return number, regex_rows(
            get(base_url, "get_order_detail", f"account=ill&order_number={number}")
        )

    start = time.monotonic()
    with ThreadPoolExecutor(15) as pool:
        answers = list(pool.map(detail, mine[:60]))
    assert time.monotonic() - start < 30
    assert len(answers) == 60
    for number, lines in answers:
        assert lines
        assert {field(line, "order_number") for line in lines} == {number}
        assert [field(line, "line_no") for line in lines] == [
            str(n) for n in range(1, len(lines) + 1)
        ]


def test_a_cursor_without_its_zeros_is_the_same_cursor(base_url: str) -> None:
    page = numbers(get(base_url, "get_order", "account=ill"))
    padded = get(base_url, "get_order", f"account=ill&condition=1&order_number={page[-1]}")
    bare = get(base_url, "get_order", f"account=ill&condition=1&order_number={int(page[-1])}")
    assert numbers(padded) == numbers(bare) != []


def test_a_forgotten_ampersand_still_signs_and_asks_something_else(base_url: str) -> None:
    asked = "account=ill&order_date_fr=2026-05-19&order_date_to=2026-05-19"
    slipped = "account=ill&order_date_fr=2026-05-19order_date_to=2026-05-19"
    assert "認証" not in get(base_url, "get_order", slipped)
    assert numbers(get(base_url, "get_order", slipped)) != numbers(
        get(base_url, "get_order", asked)
    )


def test_percent_encoded_and_bare_names_both_hold_when_signed_as_sent(base_url: str) -> None:
    for text in ("creating_source_type[]=99", "creating_source_type%5B%5D=99"):
        found = numbers(get(base_url, "get_order", f"account=ill&{text}"))
        assert found
        assert unquote(text) == "creating_source_type[]=99"
