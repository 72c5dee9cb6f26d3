"""Clients written for the real service work unchanged but for the base URL."""

import hashlib
import urllib.request
from urllib.parse import quote

import pytest

KEY = "mXCTpnoA"


def md5(text):
    return hashlib.md5(text.encode("utf-8")).hexdigest()


@pytest.fixture(scope="module")
def sandbox(start):
    return start("--clock", "frozen", "--epoch", "2026-05-20T12:00:00+09:00", "--orders", "300")


@pytest.fixture(scope="module")
def expected(sandbox):
    rows = sandbox.all_orders(order_date_fr="2026-05-01", order_date_to="2026-05-02")
    numbers = [r["order_number"] for r in rows if r["creating_source_type"] == "99"]
    assert numbers
    return numbers


def test_plain_urllib_with_literal_brackets(sandbox, envelope, expected):
    base = sandbox.url
    query = (
        "account=ill&condition=1&creating_source_type[]=99"
        "&order_date_fr=2026-05-01&order_date_to=2026-05-02"
    )
    url = f"{base}/get_order?{query}&signing={md5(query + KEY)}"
    with urllib.request.urlopen(url) as reply:
        assert reply.headers["Content-Type"] == "text/xml; charset=UTF-8"
        found = envelope(reply.read())
    assert [row["order_number"] for row in found.rows] == expected


def test_requests_signing_percent_encoded_brackets(sandbox, envelope, expected):
    requests = pytest.importorskip("requests")
    base = sandbox.url
    query = (
        "account=ill&creating_source_type%5B%5D=99"
        "&order_date_fr=2026-05-01&order_date_to=2026-05-02"
    )
    reply = requests.get(f"{base}/get_order?{query}&signing={md5(query + KEY)}", timeout=10)
    assert [row["order_number"] for row in envelope(reply.content).rows] == expected


def test_httpx_with_a_ready_made_url(sandbox, envelope):
    httpx = pytest.importorskip("httpx")
    base = sandbox.url
    query = (
        f"account=ill&updated_at_fr=2026-05-19+00:00:00&updated_at_to=2026-05-20+12:00:00"
        f"&phase_name={quote('発送待機')}"
    )
    with httpx.Client() as client:
        reply = client.get(f"{base}/get_order?{query}&signing={md5(query + KEY)}")
    rows = envelope(reply.content).rows
    assert rows
    assert {row["phase_name"] for row in rows} == {"発送待機"}


def test_requests_with_params_and_sorted_keys_fails_once_the_orders_differ(sandbox, envelope):
    requests = pytest.importorskip("requests")
    base = sandbox.url
    params = {"account": "ill", "order_date_fr": "2026-05-01", "condition": "1"}
    text = "&".join(f"{name}={params[name]}" for name in sorted(params))
    query = {**params, "signing": md5(text + KEY)}
    reply = requests.get(f"{base}/get_order", params=query, timeout=10)
    assert "認証エラー" in envelope(reply.content).message


def test_a_client_that_pages_without_condition_still_reaches_the_end(sandbox):
    seen, query = set(), {}
    for _ in range(9):
        page = sandbox.rows("get_order", **query)
        seen |= {row["order_number"] for row in page}
        if len(page) < 100:
            break
        query = {"order_number": page[-1]["order_number"]}
    assert len(seen) == 300
    flags = [f for r in sandbox.get("requests")["requests"] for f in r["flags"]]
    assert "order_number_without_condition" in flags
