"""The client as its callers see it: what it sends, what it gives back, how it fails."""

import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import md5
from typing import Any

import httpx
import pytest

from crossmall import errors
from crossmall.client import Client
from crossmall.types import CallRecord, Credentials, OrderQuery, Secret

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


HTML = b"<!DOCTYPE html><html><body>canary@example.invalid</body></html>"
FAILURES: dict[str, tuple[httpx.Response | Exception, type[errors.CrossmallError], str, int]] = {
    "server down": (httpx.ConnectError("x"), errors.TransportError, "connection", 4),
    "slow": (httpx.ReadTimeout("x"), errors.TransportError, "timeout", 4),
    "slow to connect": (httpx.ConnectTimeout("x"), errors.TransportError, "timeout", 4),
    "broken off": (httpx.RemoteProtocolError("x"), errors.TransportError, "connection", 4),
    "web page": (httpx.Response(200, content=HTML), errors.TransportError, "html", 4),
    "empty": (httpx.Response(200, content=b""), errors.TransportError, "empty", 4),
    "cut": (httpx.Response(200, content=b"<G><Res"), errors.UnreadableResponse, "malformed", 4),
    "document type": (
        httpx.Response(200, content=b"<!DOCTYPE G><G/>"),
        errors.UnreadableResponse,
        "doctype",
        1,
    ),
    "500 page": (httpx.Response(500, content=HTML), errors.TransportError, "http_status", 4),
    "500 empty": (httpx.Response(500), errors.TransportError, "http_status", 4),
    "502 cut": (httpx.Response(502, content=b"<G><R"), errors.TransportError, "http_status", 4),
    "429": (httpx.Response(429, content=b"slow"), errors.TransportError, "throttled", 4),
    "404 page": (httpx.Response(404, content=HTML), errors.TransportError, "http_status", 1),
    "403 empty": (httpx.Response(403), errors.TransportError, "http_status", 1),
    "redirect": (
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        errors.TransportError,
        "redirect",
        1,
    ),
    "bad packing": (
        httpx.Response(200, headers={"content-encoding": "gzip"}, content=b""),
        errors.TransportError,
        "empty",
        4,
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_each_way_to_fail_is_one_clear_error(desk: Any, name: str) -> None:
    answer, kind, reason, tries = FAILURES[name]
    desk.answers = [answer]
    with desk.client() as client, pytest.raises(errors.CrossmallError) as caught:
        client.phases()
    error = caught.value
    assert type(error) is kind
    assert error.reason == reason
    assert error.endpoint == "get_phase"
    assert error.http_status == (answer.status_code if isinstance(answer, httpx.Response) else None)
    assert len(desk.requests) == len(desk.records) == tries
    assert len(desk.slept) == tries - 1
    assert [record.attempt for record in desk.records] == list(range(1, tries + 1))
    assert {record.error_class for record in desk.records} == {kind.__name__}
    assert {record.call_id for record in desk.records} == {error.call_id}
    assert "canary" not in repr(error)
    assert "signing" not in repr(error)


@pytest.mark.parametrize(
    ("cause", "reason", "retryable"),
    [
        (ssl.SSLCertVerificationError("bad certificate"), "tls", False),
        (socket.gaierror("no such name"), "dns", True),
        (ConnectionRefusedError("refused"), "refused", True),
    ],
)
def test_the_cause_of_a_failed_connection_is_told_apart(
    desk: Any, cause: Exception, reason: str, retryable: bool
) -> None:
    failure = httpx.ConnectError("x")
    failure.__cause__ = cause
    desk.answers = [failure]
    with desk.client() as client, pytest.raises(errors.TransportError) as caught:
        client.phases()
    assert caught.value.reason == reason
    assert len(desk.requests) == (4 if retryable else 1)


def test_a_name_that_does_not_exist_and_a_closed_port_are_told_apart_for_real() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for base_url, reason in (
        (f"http://127.0.0.1:{port}/webapi2", "refused"),
        (f"https://127.0.0.1:{port}/webapi2", "refused"),
    ):
        credentials = Credentials(company_code="ill", key=Secret("k"), base_url=base_url)
        with Client(credentials, retries=0) as client:
            with pytest.raises(errors.TransportError) as caught:
                client.phases()
            assert caught.value.reason == reason


def test_a_plain_server_behind_an_https_address_is_a_tls_error() -> None:
    def answer_in_plain_text(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        served = pool.submit(answer_in_plain_text, listener)
        base_url = f"https://127.0.0.1:{listener.getsockname()[1]}/webapi2"
        credentials = Credentials(company_code="ill", key=Secret("k"), base_url=base_url)
        with (
            Client(credentials, timeout_s=5) as client,
            pytest.raises(errors.TransportError) as caught,
        ):
            client.phases()
        served.result(timeout=5)
    assert caught.value.reason == "tls"
    assert not caught.value.retryable


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n<GetPhase>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_a_server_that_breaks_off_or_talks_nonsense_is_a_broken_connection(
    tape: Any, reply: bytes
) -> None:
    tape.raw, tape.reply = True, reply
    credentials = Credentials(company_code="ill", key=Secret("k"), base_url=tape.base_url)
    with Client(credentials, retries=0) as client, pytest.raises(errors.TransportError) as caught:
        client.phases()
    assert caught.value.reason == "connection"
    assert caught.value.retryable


def test_silence_is_a_timeout() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/webapi2"
        credentials = Credentials(company_code="ill", key=Secret("k"), base_url=base_url)
        with Client(credentials, retries=0, timeout_s=0.1) as client:
            with pytest.raises(errors.TransportError) as caught:
                client.phases()
            assert caught.value.reason == "timeout"


class Drip(httpx.SyncByteStream):
    def __init__(self, piece: bytes, count: int, wait: float = 0.0) -> None:
        self.piece, self.count, self.wait = piece, count, wait
        self.given = 0

    def __iter__(self) -> Any:
        for _ in range(self.count):
            threading.Event().wait(self.wait)
            self.given += 1
            yield self.piece


def test_an_endless_reply_is_cut_off_at_the_cap(credentials: Credentials) -> None:
    stream = Drip(b"x" * 1_000_000, 1_000)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=stream))
    with (
        Client(credentials, transport=transport) as client,
        pytest.raises(errors.TransportError) as caught,
    ):
        client.phases()
    assert caught.value.reason == "too_large"
    assert stream.given <= 22


def test_a_reply_that_drips_for_ever_is_given_up(credentials: Credentials) -> None:
    stream = Drip(b"x", 10_000, wait=0.01)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=stream))
    with (
        Client(credentials, transport=transport, timeout_s=0.1, retries=0) as client,
        pytest.raises(errors.TransportError) as caught,
    ):
        client.phases()
    assert caught.value.reason == "timeout"
    assert stream.given < 100


def test_a_passing_failure_is_survived(desk: Any, envelope: Envelope) -> None:
    desk.answers = [
        httpx.Response(503),
        httpx.ReadTimeout("x"),
        httpx.Response(200, content=envelope({"phase_name": "完了"})),
    ]
    with desk.client() as client:
        assert client.phases()[0].name == "完了"
    assert [record.status for record in desk.records] == [503, None, 200]
    assert [record.error_class for record in desk.records] == [
        "TransportError",
        "TransportError",
        None,
    ]


def test_the_same_signed_text_is_sent_again(desk: Any, envelope: Envelope) -> None:
    desk.answers = [httpx.Response(503), httpx.Response(200, content=envelope())]
    with desk.client() as client:
        client.order_page(OrderQuery(phase_name="発送待機"))
    first, second = (request.url.raw_path for request in desk.requests)
    assert first == second


@pytest.mark.parametrize(("hint", "least", "most"), [("45", 45, 45), ("999999", 120, 120)])
def test_retry_after_holds_back_the_whole_account_up_to_a_cap(
    desk: Any, envelope: Envelope, hint: str, least: float, most: float
) -> None:
    desk.answers = [
        httpx.Response(429, headers={"retry-after": hint}),
        httpx.Response(200, content=envelope()),
    ]
    with desk.client() as client:
        client.phases()
    assert len(desk.slept) == 1
    assert least - 1 <= desk.slept[0] <= most


def test_retry_after_comes_with_the_error_when_all_tries_are_spent(desk: Any) -> None:
    desk.answers = [httpx.Response(429, headers={"retry-after": "7"})]
    with desk.client(retries=0) as client, pytest.raises(errors.TransportError) as caught:
        client.phases()
    assert caught.value.retry_after_s == 7.0
    assert caught.value.retryable


def test_a_call_record_has_names_and_counts_and_no_values(desk: Any, envelope: Envelope) -> None:
    desk.answers = [page_of(envelope, 1, 3)]
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


def test_the_client_has_no_method_that_changes_anything() -> None:
    public = {name for name in dir(Client) if not name.startswith("_")}
    assert public == {
        "close",
        "item_page",
        "item_skus",
        "items",
        "order_components",
        "order_lines",
        "order_page",
        "orders",
        "phases",
        "stock",
    }
